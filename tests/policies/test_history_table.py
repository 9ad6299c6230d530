"""The version history in the document tells how it came to be what it is."""

from dataclasses import replace

import pytest

from sync.model import Amendment, Past
from sync.policies.history_table import check
from tests.policies.kit import BLOCK, context, document, holder, reading


def with_rows(*rows, version="1.0", label="V1"):
    block = replace(BLOCK, version=label, history=tuple(Amendment(*row) for row in rows))
    return document(read_as=reading(block=block), version=version)


V01, V1 = ("V0.1", "12/01/2026"), ("V1", "02/03/2026")


def test_a_table_that_ends_with_the_published_version_is_left_alone():
    assert list(check(with_rows(V01, V1), context())) == []


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ((), "the last row is not V1"),
        ((V01,), "the last row is not V1"),
        ((V1, V01), "V0.1 stands after V1"),
        ((V01, ("V1", "02/03/2025")), "V1 is dated before V0.1"),
        ((V01, ("V1", "in spring")), "the date in spring is not one"),
        ((("first", "12/01/2026"), V1), "the version first is not understood"),
        ((V01, V1, V1), "V1 stands after V1"),
    ],
)
def test_what_is_wrong_with_the_table_is_named(rows, says):
    (finding,) = check(with_rows(*rows), context())
    assert says in finding.says


def test_a_version_that_was_published_is_not_left_out_of_the_table():
    around = context(past=Past(published={"V1": "c0"}))
    subject = with_rows(V01, ("V2", "02/10/2026"), version="2.0", label="V2")
    (finding,) = check(subject, around)
    assert finding.says == "In the version history V1 is missing."


def test_a_draft_may_have_its_row_to_come():
    assert list(check(with_rows(V01, version="0.2", label="V0.2"), context())) == []


def test_a_row_without_a_date_is_no_fault_of_order():
    assert list(check(with_rows(("V0.1", ""), V1), context())) == []


def test_without_a_block_or_a_number_of_its_own_there_is_no_table_to_judge():
    assert list(check(document(read_as=reading(block=None)), context())) == []
    around = context(holders={"Gov-11": holder("Gov-11")})
    assert list(check(with_rows(), around)) == []
