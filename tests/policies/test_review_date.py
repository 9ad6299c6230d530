"""Every published document has a review date, and it has not passed."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from sync.policies.review_date import check
from tests.policies.kit import BLOCK, TODAY, context, document, holder, reading


def reviewed(block="", column="", adopted="02/03/2026", title=BLOCK.name, label="V1"):
    inside = replace(BLOCK, review_date=block, date_adopted=adopted, name=title, version=label)
    version = "1.0" if label == "V1" else "0.1"
    return document(
        fields={"ReviewDate": column} if column else {},
        read_as=reading(block=inside),
        version=version,
    )


@pytest.mark.parametrize(
    ("subject", "says"),
    [
        (reviewed("06/11/2024", adopted="06/11/2023"), "The review was due on 06/11/2024."),
        (reviewed("23/11/2026"), "The review was due on 23/11/2026."),
        (reviewed(), "The document has no review date."),
        (reviewed("some day"), "The document has no review date."),
        (reviewed("02/03/2029", column="2026-10-01"), "The review was due on 01/10/2026."),
        (reviewed("03/03/2029"), "more than 36 months after adoption"),
        (reviewed("03/03/2028", title="Booking Procedure"), "more than 12 months"),
        (reviewed("01/12/2026", adopted="01/12/2026"), "is not after 01/12/2026"),
    ],
)
def test_a_missing_passed_or_impossible_review_date_is_one_finding(subject, says):
    (finding,) = check(subject, context())
    assert says in finding.says
    assert finding.counts


@pytest.mark.parametrize(
    "subject",
    [
        reviewed("24/11/2026"),
        reviewed("02/03/2029"),
        reviewed("06/11/2024", column="2027-11-06T00:00:00Z"),
        reviewed("01/03/2025", adopted="29/02/2024", column="2027-02-28"),
        reviewed("06/11/2024", label="V0.3"),
        reviewed(label="V0.3"),
    ],
)
def test_a_date_to_come_and_a_draft_are_left_alone(subject):
    assert list(check(subject, context())) == []


def test_a_leap_day_is_counted_to_the_first_of_march():
    on_time = reviewed("01/03/2027", adopted="29/02/2024")
    assert list(check(on_time, context())) == []


def test_the_verdict_turns_on_the_day_after():
    subject = reviewed(f"{TODAY:%d/%m/%Y}")
    tomorrow = replace(context(), today=TODAY + timedelta(days=1))
    assert list(check(subject, context())) == []
    assert len(list(check(subject, tomorrow))) == 1


def test_a_date_that_a_review_on_record_gave_counts_from_the_review():
    subject = reviewed("02/03/2027", column="2028-02-20", title="Booking Procedure")
    given = context(agreed_reviews=frozenset({date(2028, 2, 20)}))
    assert [one.says for one in check(subject, given)] == []
    assert "more than 12 months" in next(check(subject, context())).says


def test_a_claim_is_not_judged():
    around = context(holders={"Gov-11": holder("Gov-11")})
    assert list(check(reviewed("06/11/2024"), around)) == []
    assert date(2024, 11, 6) < TODAY
