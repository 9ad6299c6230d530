"""Office files that nobody here wrote get a verdict, or a sentence why they cannot be read.

`make corpus` fetches them: the samples inside source archives of python-docx, pypdf, oletools …
"""

import time
from collections import Counter
from pathlib import Path

import pytest

from sharepoint_schema.standard import load_standard
from sync.policies import READING, judge
from sync.reading.limits import Limits
from sync.reading.pool import Pool
from tests.policies.kit import context, document

FILES = Path(__file__).parents[2] / ".verger-tools" / "corpus" / "files"
SAMPLES = sorted(FILES.iterdir()) if FILES.is_dir() else []
KINDS = ("docx", "xlsx", "pptx", "pdf", "odt", "ods", "msg", "eml", "zip", "doc", "xls", "ppt")
SAID = load_standard().limits
LIMITS = Limits(
    size=SAID.bytes,
    unzipped=SAID.unzipped_bytes,
    ratio=SAID.unzipped_ratio,
    characters=SAID.characters,
    pages=SAID.pages,
    seconds=SAID.seconds,
)
KILLED_WITHIN = 5.0  # seconds: sending the bytes and ending a process, on two shared cores
READERS_OWN = 2**27  # bytes a reader has before it opens a file

pytestmark = [
    pytest.mark.skipif(not SAMPLES, reason="no corpus here: make corpus fetches it"),
    pytest.mark.xdist_group("corpus"),  # one reader has the machine to itself
]


READ = {}
"""What this process has read, by file name; each file is read once."""


@pytest.fixture(scope="module")
def pool():
    readers = Pool(1)
    readers.read(b"words", "a.txt", LIMITS)  # its start is no part of the first sample's time
    yield readers
    readers.close()


def read(pool, sample):
    if sample.name not in READ:
        READ[sample.name] = pool.read(sample.read_bytes(), sample.name, LIMITS)
    return READ[sample.name]


def most_memory(pid):
    """The most bytes that were resident at once in a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(row.split()[1]) * 1024 for row in status.splitlines() if "VmHWM" in row)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name[-60:])
def test_a_strangers_file_gets_a_verdict_or_a_reason_within_the_limits(pool, sample):
    begun = time.monotonic()
    reading = read(pool, sample)
    assert time.monotonic() - begun < LIMITS.seconds + KILLED_WITHIN
    assert all(most_memory(pid) < LIMITS.memory + READERS_OWN for pid in pool.idle)
    assert reading.raw_hash
    if not reading.readable:
        assert reading.why.endswith(".")
        assert "broke the program" not in reading.why
    around = context("working")
    found = judge(document(sample.name, fields={}, read_as=reading), around)
    assert all(one.says.endswith(".") and one.how for one in found if one.policy != READING)
    assert any(one.policy == READING for one in found) is not reading.readable


def test_the_corpus_holds_every_kind_that_is_read_or_refused_by_name():
    found = Counter(sample.suffix.removeprefix(".") for sample in SAMPLES)
    assert len(SAMPLES) >= 40
    assert set(KINDS) <= set(found)


def test_most_of_what_should_be_readable_is_read(pool):
    least = {"docx": 50, "pptx": 65, "odt": 15, "xlsx": 25, "pdf": 50, "eml": 14, "msg": 2}
    readable = Counter(
        sample.suffix.removeprefix(".") for sample in SAMPLES if read(pool, sample).readable
    )
    assert {ending: count for ending, count in least.items() if readable[ending] < count} == {}
