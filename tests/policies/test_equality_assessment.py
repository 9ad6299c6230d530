"""A policy or procedure has an equality impact assessment, made anew at each review."""

from dataclasses import replace
from datetime import date

import pytest

from sync.model import Amendment, Decision, Impact, Publication, Severity, Status
from sync.policies.equality_assessment import check
from tests.policies.kit import BLOCK, IN_ORDER, context, document, reading

POLICY = IN_ORDER | {"DocumentType": "Policy"}
HISTORY = (
    Amendment("V0.1", "12/01/2025"),
    Amendment("V1", "02/03/2025"),
    Amendment("V2", "02/03/2026"),
)


def policy(label="V2", version="2.0", fields=POLICY):
    block = replace(BLOCK, version=label, history=HISTORY)
    return document(fields=fields, read_as=reading(block=block), version=version)


def test_a_complete_assessment_since_the_last_adoption_is_in_order():
    assert list(check(policy(), context(impact=Impact(date(2026, 2, 1))))) == []


@pytest.mark.parametrize(
    ("impact", "says"),
    [
        (None, "There is no equality impact assessment of this document."),
        (Impact(date(2026, 2, 1), ("age", "race")), "lacks: age, race."),
        (Impact(date(2025, 3, 1)), "of 01/03/2025 is older than the adoption of 02/03/2025."),
        (Impact(None, ("the day of the assessment",)), "lacks: the day of the assessment."),
    ],
)
def test_a_lack_stops_a_published_document(impact, says):
    (finding,) = check(policy(), context(impact=impact))
    assert says in finding.says
    assert (finding.severity, finding.status) == (Severity.STOP, Status.NEEDS_YOU)
    assert "Fill in a row for Gov-11" in finding.how


def test_an_assessment_on_the_day_of_the_last_adoption_is_new_enough():
    assert list(check(policy(), context(impact=Impact(date(2025, 3, 2))))) == []


@pytest.mark.parametrize(("label", "stops"), [("V1", True), ("V2", False)])
def test_the_last_adoption_is_the_one_on_record_where_the_table_leaves_its_day_out(label, stops):
    undated = replace(BLOCK, version="V2", history=(Amendment("V1", ""), Amendment("V2", "")))
    subject = document(fields=POLICY, read_as=reading(block=undated), version="1.1")
    made = Publication(label, "before", date(2026, 3, 2))
    around = context(impact=Impact(date(2020, 1, 1)), publications=(made,))
    assert [one.severity for one in check(subject, around)] == [Severity.STOP] * stops


def test_a_draft_has_the_lack_noted_only():
    (finding,) = check(policy("V1.1", "1.1"), context())
    assert not finding.counts


@pytest.mark.parametrize(
    "around",
    [
        {"decisions": (Decision("recommended", "NOB", date(2026, 11, 1)),)},
        {"fields": POLICY | {"DocumentStatus": "Awaiting approval"}},
        {"label": "V2", "version": "1.4"},
    ],
    ids=["decided on", "awaiting approval", "awaiting publication"],
)
def test_a_draft_on_its_way_to_publication_is_stopped(around):
    decisions = around.pop("decisions", ())
    subject = policy(**{"label": "V1.1", "version": "1.1"} | around)
    (finding,) = check(subject, context(decisions=decisions))
    assert finding.severity is Severity.STOP


def test_other_types_need_none():
    assert list(check(document(), context())) == []
