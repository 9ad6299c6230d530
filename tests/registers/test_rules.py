"""Ladders, computed columns and rhythms by themselves: pure, in tables and by property."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharepoint_schema.months import add_months
from sharepoint_schema.registers import Clock, Register, Rhythm, Rung
from sharepoint_schema.site import load_template
from sharepoint_schema.standard import load_standard
from sharepoint_schema.working_days import (
    add_working_days,
    is_working_day,
    working_days_between,
)
from sync.clocks import following, reached
from sync.model import Item
from sync.model.rows import RowContext
from sync.policies.rows import row_computed
from sync.policies.rows.register_kept import check_all, last_period
from sync.service import Service

DUE = date(2027, 3, 1)
LADDER = Clock(
    key="review",
    column="Due",
    what="the review",
    to=("owner",),
    ladder=tuple(Rung(days=days) for days in (90, 30, 7, 0, -14)),
)


@pytest.mark.parametrize(
    ("left", "rung", "next_in"),
    [
        (91, None, 90),
        (90, 90, 30),
        (31, 90, 30),
        (7, 7, 0),
        (0, 0, -1),
        (-1, 0, -14),
        (-14, -14, None),
    ],
)
def test_a_ladder_is_climbed_rung_by_rung(left, rung, next_in):
    today = DUE - timedelta(days=left)
    there = reached(LADDER, DUE, today)
    assert (there.days if there else None) == rung
    comes = following(LADDER, DUE, today)
    assert comes == (None if next_in is None else DUE - timedelta(days=next_in))


@given(st.integers(-400, 400))
def test_walking_from_look_to_look_meets_every_rung_ahead_once(start):
    day, met = DUE - timedelta(days=start), []
    while day is not None:
        rung = reached(LADDER, DUE, day)
        if rung and (not met or met[-1] != rung.days):
            met.append(rung.days)
        day = following(LADDER, DUE, day)
    ahead = [rung.days for rung in LADDER.ladder if rung.days < start]
    assert met[-len(ahead) :] == ahead if ahead else True


@pytest.mark.parametrize(
    ("received", "due"),
    [  # gov.uk/bank-holidays, England and Wales
        ("2026-03-16", "2026-04-15"),  # Good Friday 3 April, Easter Monday 6 April 2026
        ("2026-05-01", "2026-06-02"),  # 4 and 25 May
        ("2026-08-17", "2026-09-15"),  # 31 August
        ("2026-12-07", "2027-01-07"),  # 25 and 28 December, 1 January
        ("2027-12-10", "2028-01-12"),  # 27 and 28 December, 3 January
        ("2028-02-01", "2028-02-29"),  # a leap day is a day like any other
        ("2026-10-23", "2026-11-20"),  # over the end of summer time
    ],
)
def test_twenty_working_days_follow_the_bank_holidays(received, due):
    assert add_working_days(date.fromisoformat(received), 20) == date.fromisoformat(due)


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(1, 60))
def test_working_days_counted_on_are_counted_back(day, count):
    there = add_working_days(day, count)
    assert is_working_day(there)
    assert working_days_between(day, there) == count
    assert add_working_days(there, -count) <= day or is_working_day(day)


@pytest.mark.parametrize(
    ("start", "months", "there"),
    [
        ("2024-02-29", 12, "2025-03-01"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2026-08-31", 6, "2027-03-01"),
        ("2026-11-06", 12, "2027-11-06"),
        ("2026-01-31", -2, "2025-12-01"),
        ("2027-08-31", 6, "2028-03-01"),  # a leap year's February is short for it, too
        ("2027-08-29", 6, "2028-02-29"),
        ("2028-02-29", 12, "2029-03-01"),
        ("2028-02-28", 12, "2029-02-28"),
        ("2026-03-31", 1, "2026-05-01"),
        ("2026-12-31", 2, "2027-03-01"),
        ("2026-10-31", 24, "2028-10-31"),
        ("2096-02-29", 48, "2100-03-01"),  # 2100 is no leap year
        ("2026-07-15", 0, "2026-07-15"),
    ],
)
def test_months_are_counted_over_leap_days_and_short_months(start, months, there):
    assert add_months(date.fromisoformat(start), months) == date.fromisoformat(there)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 60))
def test_months_never_come_early(start, months):
    there = add_months(start, months)
    assert (there.year - start.year) * 12 + there.month - start.month - months in {0, 1}


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 90), st.integers(0, 60))
def test_months_keep_the_order_of_days_and_a_day_every_month_has(start, later, months):
    there = add_months(start, months)
    assert add_months(start + timedelta(days=later), months) >= there
    assert add_months(start, months + 1) > there
    if start.day <= 28:
        assert there.day == start.day
        assert add_months(there, -months) == start


@pytest.mark.parametrize(
    ("received", "asked", "answered", "due"),
    [
        ("2027-02-01", None, None, "2027-03-01"),
        ("2027-02-01", "2027-02-03", None, "2027-03-01"),  # it still waits; nothing is due yet
        ("2027-02-01", "2027-02-03", "2027-02-10", "2027-03-08"),
        ("2027-02-01", "2027-02-05", "2027-02-07", "2027-03-01"),  # over a weekend
        ("2027-03-15", "2027-03-25", "2027-03-30", "2027-04-15"),  # over Easter: one worked day
        ("2027-12-13", "2027-12-24", "2028-01-04", "2028-01-19"),  # over Christmas: four
        ("2027-02-01", "2027-02-10", "2027-02-03", "2027-03-01"),  # typed the wrong way round
        ("2027-02-01", "2027-01-25", "2027-02-03", "2027-03-03"),  # no pause before it came
        ("2027-02-01", "2027-03-01", "2027-03-04", "2027-03-04"),  # asked on the last day
        ("2027-02-01", "2027-03-02", "2027-03-09", "2027-03-01"),  # asked when it was late already
        ("2028-02-14", "2028-02-28", "2028-03-01", "2028-03-15"),  # over a leap day
    ],
)
def test_a_pause_moves_the_answer_by_its_own_working_days(received, asked, answered, due):
    assert _due(received, asked, answered) == date.fromisoformat(due)


@given(st.dates(date(2026, 1, 1), date(2031, 1, 1)), st.integers(0, 50), st.integers(0, 60))
def test_the_days_of_a_pause_are_added_exactly_and_none_besides(received, later, days):
    plain, asked = _due(received), received + timedelta(days=later)
    answered = asked + timedelta(days=days)
    due = _due(received, asked, answered)
    added = working_days_between(asked, answered) if asked <= plain else 0
    assert is_working_day(due)
    assert working_days_between(plain, due) == added
    assert working_days_between(received, due) == 20 + added


REQUESTS = next(
    one for one in load_template("core_team").lists if one.key == "information_requests"
)


def _due(received, asked=None, answered=None) -> date:
    """Return what the register of requests says an answer is due by."""
    days = {
        "FoiReceived": received,
        "ClarificationAsked": asked,
        "ClarificationReceived": answered,
    }
    told = {name: str(day) for name, day in days.items() if day}
    row = Item(site="s", list_id="l", item_id="1", fields=told)
    context = RowContext(
        today=None, standard=load_standard(), area=REQUESTS.key, register=REQUESTS.entries
    )
    (found,) = row_computed.check(row, context)
    return found.remedies[0].values["FoiDue"]


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-03-28T23:59:59", "2026-03-28"),  # the night before summer time: Greenwich
        ("2026-03-29T22:59:59", "2026-03-29"),
        ("2026-03-29T23:00:00", "2026-03-30"),  # midnight of the first day of summer time
        ("2026-06-30T23:00:00", "2026-07-01"),
        ("2026-10-24T23:00:00", "2026-10-25"),  # the last midnight of summer time
        ("2026-10-25T23:59:59", "2026-10-25"),
        ("2026-10-26T00:00:00", "2026-10-26"),
        ("2028-02-28T23:59:59", "2028-02-28"),
        ("2028-02-29T23:59:59", "2028-02-29"),
        ("2026-12-31T23:59:59", "2026-12-31"),
    ],
)
def test_a_day_begins_at_midnight_in_england(moment, day):
    now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert Service.today(SimpleNamespace(now=lambda: now)) == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("months", "today", "first", "last"),
    [
        (1, "2026-07-03", "2026-06-01", "2026-06-30"),
        (1, "2026-01-03", "2025-12-01", "2025-12-31"),
        (3, "2026-05-20", "2026-01-01", "2026-03-31"),
        (12, "2026-05-20", "2025-01-01", "2025-12-31"),
    ],
)
def test_the_last_whole_period(months, today, first, last):
    found = last_period(months, date.fromisoformat(today))
    assert found == (date.fromisoformat(first), date.fromisoformat(last))


def _context(today: str, **more) -> RowContext:
    rhythm = Rhythm(column="ReportDate", what="The highlight report", to=("owner",))
    register = Register(source="Gov-04", rhythm=rhythm, **more)
    day = date.fromisoformat(today)
    return RowContext(today=day, standard=load_standard(), area="reports", register=register)


def _report(day: str) -> Item:
    return Item(site="s", list_id="l", item_id="1", fields={"ReportDate": day})


@pytest.mark.parametrize(
    ("today", "reports", "missing"),
    [
        ("2026-07-07", [], []),
        ("2026-07-08", [], ["The highlight report for June 2026 has not come."]),
        ("2026-07-08", ["2026-06-20"], []),
        ("2026-07-08", ["2026-07-02"], []),
        ("2026-07-08", ["2026-05-31"], ["The highlight report for June 2026 has not come."]),
        # the first days still belong to May
        ("2026-07-08", ["2026-06-07"], ["The highlight report for June 2026 has not come."]),
        ("2026-07-08", ["2026-06-08"], []),
    ],
)
def test_a_rhythm_is_missed_once_its_days_are_over(today, reports, missing):
    found = check_all([_report(day) for day in reports], _context(today))
    assert [one.says for one in found] == missing


def test_a_register_that_must_not_be_empty_says_so_each_month_once():
    context = _context("2026-07-01", never_empty="open work in the work programme")
    (found,) = check_all([], context)
    assert found.says == "There is no open work in the work programme."
    assert found.remedies[0].once == "empty:2026-07"
