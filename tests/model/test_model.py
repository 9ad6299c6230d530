"""The values that policies judge: dates, order of remedies, standing of a file."""

from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.model import (
    ORDER,
    Contain,
    Document,
    Enter,
    Finding,
    Keep,
    Move,
    Notify,
    Rename,
    Revoke,
    SetColumns,
    Severity,
    Status,
    Tell,
    Unpublish,
    as_date,
    in_order,
    standing,
)


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2023-11-06T00:00:00Z", date(2023, 11, 6)),
        ("2024-06-05T23:00:00Z", date(2024, 6, 6)),
        ("2023-11-06", date(2023, 11, 6)),
        ("06/11/2023", date(2023, 11, 6)),
        ("31/10/23", date(2023, 10, 31)),
        (date(2023, 11, 6), date(2023, 11, 6)),
        (datetime(2024, 6, 5, 23, tzinfo=UTC), date(2024, 6, 6)),
        ("", None),
        (None, None),
        ("soon", None),
        ("31/02/2024", None),
    ],
)
def test_a_date_is_the_day_in_the_sites_time_zone(value, day):
    assert as_date(value) == day


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)))
def test_a_day_that_sharepoint_tells_as_midnight_in_britain_is_that_day(day):
    told = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo("Europe/London"))
    assert as_date(told.astimezone(UTC).isoformat()) == day


def test_remedies_are_ordered_and_each_runs_once():
    columns = SetColumns({"VersionLabel": "V1"})
    entry, note = Enter("letters", "k", {}), Notify(("owner",), "once")
    mixed = [Tell(), Move("restricted"), columns, Rename("a"), SetColumns({"VersionLabel": "V1"}),
             Unpublish(), entry, note,
             Revoke(("L1",)), Contain(), Tell()]  # fmt: skip
    gone = Revoke(("L1",))
    right = (Contain(), gone, Unpublish(), Rename("a"), columns, Move("restricted"), Tell())
    assert in_order(mixed) == (*right, note, entry)
    assert [type(remedy) for remedy in in_order(mixed)] == list(ORDER)


@pytest.mark.parametrize("turn", [1, -1])
def test_a_file_is_contained_once_and_goes_to_the_tightest_place(turn):
    tender = [Contain(), Move("restricted", stub=False)]
    patient = [Contain(Keep.IG_OFFICERS), Move("quarantine", keep=Keep.IG_OFFICERS)]
    assert in_order([*tender, *patient][::turn]) == (
        Contain(Keep.IG_OFFICERS),
        Move("quarantine", stub=False, keep=Keep.IG_OFFICERS),
    )


@pytest.mark.parametrize(
    ("findings", "status"),
    [
        ([], Status.IN_ORDER),
        ([Finding(says="", severity=Severity.NOTE)], Status.IN_ORDER),
        ([Finding(says="", status=Status.CORRECTED)], Status.CORRECTED),
        ([Finding(says="", status=Status.CORRECTED), Finding(says="")], Status.NEEDS_YOU),
        ([Finding(says="", status=Status.HELD), Finding(says="")], Status.HELD),
        (
            [Finding(says="", status=Status.NOT_CHECKED), Finding(says="")],
            Status.NOT_CHECKED,
        ),
    ],
)
def test_the_heaviest_finding_that_counts_is_told(findings, status):
    assert standing(findings) is status


def test_values_cannot_be_changed():
    document = Document(site="core", list_id="l", item_id="1", name="a.docx")
    with pytest.raises(FrozenInstanceError):
        document.name = "b.docx"
    values = {"VersionLabel": "V1"}
    remedy = SetColumns(values)
    values["VersionLabel"] = "V2"
    assert remedy.values == {"VersionLabel": "V1"}


def test_a_column_is_told_as_text_and_an_empty_one_as_nothing():
    fields = {"Title": " a ", "ReviewDate": date(2027, 1, 2), "Empty": None}
    document = Document(site="core", list_id="l", item_id="1", name="a", fields=fields)
    assert [document.column(name) for name in (*fields, "Gone")] == ["a", "2027-01-02", "", ""]
    assert document.date_column("ReviewDate") == date(2027, 1, 2)
