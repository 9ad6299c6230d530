"""Parsers meet files that nobody thought of: each reading ends in a verdict, and never in an error.

Hypothesis changes good files and the hostile ones. `make fuzz` gives it longer and puts a file that
broke something into `seeds`, to be named by what it is ("torn-table.pdf"): it is read first from
then on.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from local.demo.writing import to_pdf
from sync.model import ReadState
from sync.reading.limits import Limits
from sync.reading.read import read
from tests.hostile import kit, others, packages, pdfs
from tests.reading.kit import CONTROL, docx

SEEDS_IN = Path(__file__).parent / "seeds"
SEEDS = sorted(path for path in SEEDS_IN.iterdir() if path.suffix != ".md")
KEPT = "FUZZ_EXAMPLES" in os.environ
TRIES = int(os.environ.get("FUZZ_EXAMPLES", "25"))
"""Files that each kind is tried with; `make fuzz` sets many more."""
LIMITS = Limits(size=kit.MIB, unzipped=2 * kit.MIB, characters=200_000, pages=20, parts=500)
"""Small, so that a changed file costs little; the bounds of uploads are proved in test_hostile."""
SMALL = 100_000


def _small(corpus):
    made = ((one.name, one.make()) for one in corpus.FILES if one.make.__name__ not in HEAVY)
    return [(name, data) for name, data in made if len(data) < SMALL]


HEAVY = frozenset(
    {"one_part_of_zeros", "a_directory_that_understates", "many_files_each_just_small_enough",
     "twenty_thousand_and_one_parts", "contents_that_unpack_a_thousandfold",
     "contents_that_unpack_a_millionfold", "tables_a_thousand_deep", "a_row_beyond_all_sheets",
     "content_controls_a_hundred_thousand_deep", "elements_a_hundred_thousand_deep",
     "a_page_tree_that_doubles_forty_times", "many_rows_whose_only_cell_is_the_last"}
)  # fmt: skip
"""Files that take their time by nature: changed a little they would do so a thousand times."""
GOOD = {
    "package": [("a.docx", docx("Some words.")), *_small(packages)],
    "pdf": [("a.pdf", to_pdf("A Strategy", ["Some words."], CONTROL)), *_small(pdfs)],
    "other": _small(others),
}


@st.composite
def changed(draw, kind):
    """A file of a kind with some bytes changed, cut out, doubled or put in."""
    name, data = draw(st.sampled_from(GOOD[kind]))
    data = bytearray(data)
    for _ in range(draw(st.integers(1, 8))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        piece = draw(st.binary(min_size=1, max_size=16))
        end = at + draw(st.sampled_from([0, 1, len(piece), 100]))
        data[at:end] = draw(st.sampled_from([piece, b"", bytes(data[at:end]) * 2]))
    return bytes(data), name


def keep(data, name):
    """Put a file that broke something, at last the smallest of its kind, among the seeds."""
    if KEPT:
        (SEEDS_IN / f"found.{name.rpartition('.')[2]}").write_bytes(data)


def ends_well(data, name):
    with ExitStack() as stack:
        stack.callback(keep, data, name)
        _ends_well(data, name)
        stack.pop_all()  # nothing to keep


def _ends_well(data, name):
    reading = read(data, name, LIMITS)
    assert reading.readable or reading.why.strip() or reading.state is ReadState.EMPTY
    assert reading.raw_hash
    told = repr(msgspec.to_builtins(reading))
    assert "\\x00" not in told, "PostgreSQL would refuse it"
    assert msgspec.msgpack.encode(reading), "the pipe would refuse it"


@pytest.mark.parametrize("seed", SEEDS, ids=lambda path: path.name)
def test_what_once_broke_a_parser_does_so_no_more(seed):
    ends_well(seed.read_bytes(), seed.name)


@pytest.mark.parametrize("kind", sorted(GOOD))
def test_a_changed_file_ends_in_a_verdict(kind):
    @settings(max_examples=TRIES, suppress_health_check=list(HealthCheck))
    @given(changed(kind))
    def always(made):
        ends_well(*made)

    always()


@settings(max_examples=TRIES)
@given(st.binary(max_size=2000), st.sampled_from(["pdf", "docx", "xlsx", "msg", "eml", "csv", "x"]))
@example(b"%PDF-", "pdf")
@example(b"PK\x03\x04", "docx")
@example(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "msg")
def test_bytes_of_no_kind_end_in_a_verdict(data, ending):
    ends_well(data, f"a.{ending}")
