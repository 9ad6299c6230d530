"""Whatever a file was made to do, it ends within its limits in a verdict or a clear "not checked".

Each file goes to a real reader process, as uploads do, and the process is asked how much memory it
took. Nothing of this machine comes back with the text, and nothing is written anywhere.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sync.model import ReadState
from sync.reading.limits import Limits
from sync.reading.pool import PASSED_ON, Reader, Request
from tests.hostile import kit, others, packages, pdfs

FILES = (*packages.FILES, *pdfs.FILES, *others.FILES)
LIMITS = Limits(memory=768 * kit.MIB, unzipped=100 * kit.MIB)
"""Tighter than those of uploads, so that a file which goes to its limits is there sooner."""
CPU_S = 8.0
"""Seconds of a processor that any file of the corpus takes at most; uploads may take 20."""
TICKS = os.sysconf("SC_CLK_TCK")


class Bench:
    """One reader process after the other; a new one when a file was too much for the last."""

    def __init__(self) -> None:
        self.reader = Reader.start()

    def read(self, name, data):
        """Return the reading (None: the process was stopped), its seconds of CPU and MiB."""
        if not self.reader.alive:
            self.renew()
        about = Path(f"/proc/{self.reader.pid}")
        (about / "clear_refs").write_text("5")  # forget the peak so far
        begun = _cpu(about)
        reading = self.reader.ask(data, Request(name, LIMITS))
        seconds, peak = (_cpu(about) - begun, _peak(about)) if self.reader.alive else (0, 0)
        if reading is None:  # the pool would take a new one after every refusal
            self.renew()
        return reading, seconds, peak

    def renew(self):
        self.reader.close()
        self.reader = Reader.start()


def _cpu(about):
    """Return the seconds a process has worked: the 14th and 15th word of its stat (proc(5))."""
    return sum(map(int, (about / "stat").read_text().rpartition(")")[2].split()[11:13])) / TICKS


def _peak(about):
    lines = dict(line.split(":", 1) for line in (about / "status").read_text().splitlines())
    return int(lines["VmHWM"].split()[0]) // 1024


@pytest.fixture(scope="module")
def bench():
    bench = Bench()
    yield bench
    bench.reader.close()


def test_every_kind_of_attack_is_in_the_corpus():
    assert len({str(one) for one in FILES}) == len(FILES) >= 80


@pytest.mark.parametrize("file", FILES, ids=str)
def test_a_hostile_file_ends_within_its_limits_in_a_verdict_or_a_reason(file, bench):
    data = file.make()
    assert len(data) <= 8 * kit.MIB, "the corpus is small"

    reading, seconds, peak = bench.read(file.name, data)

    assert seconds < CPU_S
    assert peak < LIMITS.memory // kit.MIB
    if reading is None:
        assert ReadState.TOO_LARGE in file.states, "it lasted too long, or broke the parser"
        return
    assert reading.state in file.states, reading.why
    assert file.why in reading.why
    assert bool(reading.why.strip()) is not reading.readable
    assert "root:" not in reading.text


@pytest.mark.parametrize(
    "make",
    [packages.a_document_whose_text_is_elsewhere, packages.two_documents_of_one_name],
    ids=str,
)
def test_text_that_only_another_program_would_show_is_read_or_the_file_is_not_checked(make, bench):
    reading, _, _ = bench.read(make.name, make.make())

    assert "943 476 5919" in reading.text or not reading.readable


def test_a_reader_process_knows_no_secret_and_cannot_write_a_file(monkeypatch):
    secrets = {"VERGER_WEBHOOK_KEYS": "k1:ab", "VERGER_CERTIFICATE_PEM": "-----BEGIN",
               "AzureWebJobsStorage": "AccountKey=x", "IDENTITY_HEADER": "h"}  # fmt: skip
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    reader = Reader.start()
    about = Path(f"/proc/{reader.pid}")
    told = (about / "environ").read_bytes().split(b"\0")
    bounds = {line[:25].strip(): line[25:].split()[:2]
              for line in (about / "limits").read_text().splitlines()}  # fmt: skip
    reader.close()
    names = {one.partition(b"=")[0].decode() for one in told if one}
    assert names <= {*PASSED_ON, "PYTHONPATH"}
    assert bounds["Max core file size"] == bounds["Max file size"] == ["0", "0"]
    assert bounds["Max open files"] == ["64", "64"]
