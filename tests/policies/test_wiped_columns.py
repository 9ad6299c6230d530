"""What staff filled in beside a document outlives a new upload of its file."""

from dataclasses import replace
from datetime import date

import pytest

from sync.model import Past, SetColumns
from sync.policies import judge
from sync.policies.wiped_columns import check
from tests.policies.kit import BLOCK, IN_ORDER, context, document, reading

PLAIN = replace(BLOCK, target_audience="", approved_by="", date_adopted="", review_date="")


def uploaded(*without, block=PLAIN):
    fields = {name: value for name, value in IN_ORDER.items() if name not in without}
    return document(fields=fields, read_as=reading(block=block))


def after(**emptied):
    return context(past=Past(emptied=emptied))


@pytest.mark.parametrize(
    ("column", "before", "restored"),
    [
        ("TargetAudience", "all radiographers", "all radiographers"),
        ("Sensitivity", "Official-Sensitive: Personal", "Official-Sensitive: Personal"),
        ("DateAdopted", "2026-03-02", date(2026, 3, 2)),
        ("ReviewDate", "2027-03-02", date(2027, 3, 2)),
        ("DocumentType", "Policy", "Policy"),
        ("ApprovedBy", "Network Executive Board", "Network Executive Board"),
    ],
)
def test_a_column_the_new_file_came_without_says_again_what_it_said(column, before, restored):
    (finding,) = check(uploaded(column), after(**{column: before}))
    assert finding.remedies == (SetColumns({column: restored}),)
    assert not finding.counts


def test_what_the_control_block_says_is_left_to_the_control_block():
    subject = uploaded("TargetAudience", "ApprovedBy", block=BLOCK)
    assert list(check(subject, after(TargetAudience="old", ApprovedBy="old"))) == []


def test_the_review_date_of_the_column_outlives_that_of_the_block():
    around = after(ReviewDate="2027-02-01")
    found = judge(uploaded("ReviewDate", block=BLOCK), around)
    written = [one.values["ReviewDate"] for f in found for one in f.remedies
               if isinstance(one, SetColumns) and "ReviewDate" in one.values]  # fmt: skip
    assert set(written) == {date(2027, 2, 1)}


def test_a_column_that_says_something_is_left_alone():
    assert list(check(uploaded(), after(TargetAudience="old"))) == []


def test_a_date_that_never_was_one_is_not_put_back():
    assert list(check(uploaded("DateAdopted"), after(DateAdopted="soon"))) == []


def test_a_document_that_holds_anothers_content_gets_no_columns_of_either():
    around = context(number="Gov-04", past=Past(emptied={"Sensitivity": "Official"}))
    assert list(check(uploaded("Sensitivity"), around)) == []
