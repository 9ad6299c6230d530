"""Every controlled document carries a control block, and the columns beside it say the same."""

from dataclasses import replace
from datetime import date

import pytest

from sync.model import SetColumns, Severity, Status
from sync.policies.control_block import check
from tests.policies.kit import BLOCK, IN_ORDER, context, document, holder, reading


def with_block(fields=None, **changes):
    block = replace(BLOCK, **changes)
    return document(fields=fields, read_as=reading(block=block))


def test_block_and_columns_that_agree_are_left_alone():
    assert list(check(document(), context())) == []


def test_a_missing_block_needs_its_author_and_stops_publication():
    (finding,) = check(document(read_as=reading(block=None)), context())
    assert (finding.severity, finding.status) == (Severity.STOP, Status.NEEDS_YOU)


def test_empty_columns_are_filled_in_as_a_note():
    (finding,) = check(document(fields={}), context())
    assert finding.remedies == (
        SetColumns(
            {
                "Title": "Document Control Strategy",
                "DocumentNumber": "Gov-11",
                "DateAdopted": date(2026, 3, 2),
                "ReviewDate": date(2027, 3, 2),
                "ApprovedBy": BLOCK.approved_by,
                "TargetAudience": BLOCK.target_audience,
                "DocumentType": "Strategy",
            }
        ),
    )
    assert not finding.counts


@pytest.mark.parametrize(
    ("column", "wrong", "right"),
    [
        ("Title", "Document control, draft", "Document Control Strategy"),
        ("DocumentNumber", "Gov-10", "Gov-11"),
        ("DateAdopted", "2026-03-03T00:00:00Z", date(2026, 3, 2)),
        ("ApprovedBy", "Core team", BLOCK.approved_by),
        ("TargetAudience", "nobody", BLOCK.target_audience),
    ],
)
def test_a_column_that_differs_is_corrected_from_the_block(column, wrong, right):
    (finding,) = check(document(fields=IN_ORDER | {column: wrong}), context())
    assert finding.remedies[0] == SetColumns({column: right})
    assert finding.status is Status.CORRECTED


def test_the_review_date_column_counts_and_the_block_goes_to_the_author():
    (finding,) = check(document(fields=IN_ORDER | {"ReviewDate": "2027-02-01"}), context())
    assert finding.status is Status.NEEDS_YOU
    assert "01/02/2027" in finding.says
    assert not any(isinstance(remedy, SetColumns) for remedy in finding.remedies)


def test_a_date_that_a_review_on_record_gave_leaves_the_text_as_it_was_approved():
    given = context(agreed_reviews=frozenset({date(2028, 2, 1)}))
    assert list(check(document(fields=IN_ORDER | {"ReviewDate": "2028-02-01"}), given)) == []


def test_the_type_that_staff_chose_is_kept():
    assert list(check(document(fields=IN_ORDER | {"DocumentType": "Policy"}), context())) == []


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"name": ""}, "Name is empty"),
        ({"version": "final"}, "Version Number is not understood (final)"),
        ({"document_number": "Governance 11"}, "Document Number is not understood"),
        ({"document_number": "Xx-01"}, "Document Number is not understood (Xx-01)"),
        ({"date_adopted": ""}, "Date Adopted is empty"),
        ({"date_adopted": "31/02/2026"}, "Date Adopted is not understood"),
        ({"review_date": "next spring"}, "Review Date is not understood"),
    ],
)
def test_a_row_that_is_empty_or_not_understood_is_asked_for(changes, says):
    found = list(check(with_block(fields=IN_ORDER, **changes), context()))
    assert says in found[0].says
    assert found[0].status is Status.NEEDS_YOU


def test_a_draft_has_no_date_of_adoption_yet():
    block = replace(BLOCK, version="V0.2", date_adopted="", review_date="")
    subject = document(read_as=reading(block=block), version="0.2")
    assert list(check(subject, context())) == []


def test_a_new_version_that_names_another_number_is_held_and_changes_no_column():
    subject = with_block(fields=IN_ORDER | {"DocumentNumber": ""}, document_number="Gov-12")
    (finding,) = check(subject, context(number="Gov-11"))
    assert finding.status is Status.HELD
    assert "now says Gov-12" in finding.says
    assert not any(isinstance(remedy, SetColumns) for remedy in finding.remedies)


def test_another_documents_number_fills_no_column():
    around = context(holders={"Gov-11": holder("Gov-11")})
    assert list(check(document(fields={}), around)) == []


def test_long_text_is_cut_to_what_a_column_holds_and_then_left_alone():
    subject = with_block(fields={}, target_audience="a " * 200)
    (finding,) = check(subject, context())
    right = replace(subject, fields=finding.remedies[0].values)
    assert len(right.column("TargetAudience")) <= 255
    assert list(check(right, context())) == []
