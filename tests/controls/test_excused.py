"""What an excused finding comes to: shown with its excuse, never acted on, never mailed about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from sync.model import (
    Contain,
    Document,
    Excuse,
    ExcuseKind,
    Finding,
    Rename,
    SetColumns,
    Severity,
    Status,
    Tell,
)
from sync.remedies import Rules, settle
from sync.waiving import end_of

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
DOCUMENT = Document(site="s", list_id="l", item_id="1", name="wrong.docx", etag="g,1")
WRONG = Finding(
    policy="file_name",
    says="It is called wrong.docx.",
    status=Status.CORRECTED,
    remedies=(Rename("right.docx"), Tell()),
)
LATE = Finding(policy="review_date", says="Its review is late.", remedies=(Tell(),))
WAIVED = Excuse(ExcuseKind.WAIVED, "Helen Ward", "It is printed", end_of(date(2027, 3, 31)))
MODES = {"file_name": "enforce", "review_date": "enforce", "patient_identifier": "enforce"}


def settled(*findings, mode="enforce", closing=(), **excused):
    rules = Rules(dict.fromkeys(MODES, mode), 14, closing=frozenset(closing), excused=excused)
    return settle(DOCUMENT, findings, rules, NOW)


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        (ExcuseKind.WAIVED, "Waived until 31/03/2027"),
        (ExcuseKind.UNDONE, "Needs you"),
        (ExcuseKind.BROKEN, "Held"),
        (ExcuseKind.FALSE_POSITIVE, "In order"),
    ],
)
@pytest.mark.parametrize("mode", ["enforce", "warn"])
def test_an_excused_finding_is_shown_and_left_alone(kind, shown, mode):
    found = settled(WRONG, mode=mode, file_name=replace(WAIVED, kind=kind))
    assert found.shown == shown
    assert "It is called wrong.docx." in found.reason
    assert "It is printed" in found.reason
    [columns] = found.remedies
    assert isinstance(columns, SetColumns)
    assert columns.values["ControlStatus"] == shown
    assert (found.tell, found.standing, found.due) == ((), (), {})
    assert found.acting == frozenset()


def test_what_is_not_excused_is_told_and_acted_on_beside_it():
    found = settled(WRONG, LATE, review_date=WAIVED)
    assert [type(one) for one in found.remedies] == [Rename, SetColumns]
    assert found.standing == (WRONG,)
    assert found.shown == "Waived until 31/03/2027"
    assert found.acting == {"file_name"}


def test_a_finding_nobody_excused_outweighs_a_waiver():
    assert settled(WRONG, LATE, file_name=WAIVED).shown == "Needs you"


def test_of_two_waivers_the_column_names_the_first_day_on_which_one_ends():
    sooner = replace(WAIVED, until=end_of(date(2027, 1, 15)))
    assert settled(WRONG, LATE, file_name=WAIVED, review_date=sooner).shown == (
        "Waived until 15/01/2027"
    )


def test_the_file_is_looked_at_again_when_a_waiver_ends():
    found = settled(WRONG, file_name=WAIVED)
    assert list(found.looks.values()) == [WAIVED.until]
    longer = replace(WAIVED, until=end_of(date(2027, 4, 30)))
    assert settled(WRONG, file_name=longer).looks.keys().isdisjoint(found.looks)


@pytest.mark.parametrize("kind", ExcuseKind)
def test_a_waiver_lifts_no_stop_and_no_containment(kind):
    stop = replace(WRONG, severity=Severity.STOP)
    closing = Finding(policy="patient_identifier", says="A number.", remedies=(Contain(),))
    excuse = replace(WAIVED, kind=kind)
    acts = kind is ExcuseKind.WAIVED
    assert bool(settled(stop, file_name=excuse).acting) is acts
    found = settled(closing, closing=["patient_identifier"], patient_identifier=excuse)
    assert (bool(found.acting), found.closed) == (acts, acts)


def test_a_waivers_day_is_its_last_whole_day_in_the_network():
    assert WAIVED.last_day == date(2027, 3, 31)
    assert WAIVED.until == datetime(2027, 3, 31, 23, 0, tzinfo=UTC)  # summer time has begun
    winter = end_of(date(2026, 12, 31))
    assert winter == datetime(2027, 1, 1, 0, 0, tzinfo=UTC)


def test_an_excuse_without_a_finding_says_nothing():
    found = settled(file_name=WAIVED)
    assert (found.shown, found.reason, found.looks) == ("In order", "", {})


@pytest.mark.parametrize(
    ("excuse", "says"),
    [
        (
            Excuse(ExcuseKind.WAIVED, "Helen Ward", "Printed.", NOW, date(2026, 11, 1)),
            "Waived by Helen Ward on 01/11/2026 (Printed); stands until 24/11/2026.",
        ),
        (
            Excuse(ExcuseKind.UNDONE, "an administrator", "", None, date(2026, 11, 1)),
            "Undone by an administrator on 01/11/2026; stands until the content changes.",
        ),
        (
            Excuse(ExcuseKind.FALSE_POSITIVE, "Ingrid Gray", "A phone number"),
            "Judged a false alarm by Ingrid Gray (A phone number); stands until",
        ),
        (Excuse(ExcuseKind.BROKEN, "Verger", "It was corrected six times"), "It was corrected"),
    ],
)
def test_an_excuse_says_who_why_and_how_long(excuse, says):
    assert excuse.says.startswith(says)


def test_its_end_is_a_moment_and_not_a_day_more():
    assert settled(WRONG, file_name=replace(WAIVED, until=NOW + timedelta(hours=1))).looks
