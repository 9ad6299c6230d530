"""Ladders, computed columns and rhythms by themselves: pure, in tables and by property."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

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
from sync.model import Item, Severity
from sync.model.rows import RowContext
from sync.policies.rows import row_computed, row_news
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


@given(
    st.dates(date(2026, 1, 1), date(2031, 1, 1)),
    st.permutations([(3, 6), (7, 20), (21, 22)]),
    st.integers(0, 20),
)
def test_several_questions_about_one_request_stop_its_clock_each_for_its_own_days(
    received, pauses, overlap
):
    """In whichever columns they stand, and without a day of an overlap counted twice."""
    days = [(received + timedelta(a), received + timedelta(b)) for a, b in pauses]
    added = sum(working_days_between(a, b) for a, b in days)
    due = _due(received, *(day for pair in days for day in pair))
    assert working_days_between(received, due) == 20 + added
    inside = (received + timedelta(7), received + timedelta(7 + min(overlap, 13)))
    once = _due(received, received + timedelta(7), received + timedelta(20), *inside)
    assert once == _due(received, received + timedelta(7), received + timedelta(20))


def _due(received, *clarified) -> date:
    """Return what the register of requests says an answer is due by."""
    names = ["ClarificationAsked", "ClarificationReceived"]
    columns = ("FoiReceived", *names, *(f"{name}{n}" for n in (2, 3) for name in names))
    days = dict(zip(columns, (received, *clarified), strict=False))
    told = {name: str(day) for name, day in days.items() if day}
    row = Item(site="s", list_id="l", item_id="1", fields=told)
    context = RowContext(
        today=None, standard=load_standard(), area=REQUESTS.key, register=REQUESTS.entries
    )
    found = next(row_computed.check(row, context))
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


def _context(today: str, remind=(), **more) -> RowContext:
    told = {"column": "ReportDate", "what": "The highlight report", "to": ("owner",)}
    rhythm = Rhythm(**told, remind=remind)
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


@pytest.mark.parametrize(
    ("today", "opened", "missing"),
    [
        ("2026-07-08", None, True),
        ("2026-07-08", "2026-06-01", True),
        ("2026-07-08", "2026-06-30", True),
        ("2026-07-08", "2026-07-01", False),
        ("2026-08-07", "2026-07-01", False),
        ("2026-08-08", "2026-07-01", True),
    ],
)
def test_a_rhythm_begins_with_the_period_in_which_a_register_was_opened(today, opened, missing):
    since = date.fromisoformat(opened) if opened else None
    found = list(check_all([], replace(_context(today), opened=since)))
    assert bool(found) is missing


@pytest.mark.parametrize(
    ("today", "reports", "told"),
    [
        ("2026-06-30", [], []),
        ("2026-07-01", [], ["rhythm:2026-06-01:6"]),
        ("2026-07-04", [], ["rhythm:2026-06-01:6"]),
        ("2026-07-05", [], ["rhythm:2026-06-01:2"]),
        ("2026-07-07", [], ["rhythm:2026-06-01:2"]),
        ("2026-07-08", [], ["rhythm:2026-06-01:late"]),
        ("2026-07-05", ["2026-06-29"], []),
        ("2026-07-05", ["2026-07-02"], []),
    ],
)
def test_whoever_reports_is_reminded_before_the_last_day_and_asked_after_it(today, reports, told):
    reports = [_report(day) for day in ["2026-06-03", *reports]]  # the first one is May's
    found = list(check_all(reports, _context(today, remind=(6, 2))))
    assert [one.remedies[0].once for one in found] == told
    late = [one for one in found if one.severity is not Severity.NOTE]
    assert bool(late) is (today == "2026-07-08")


@pytest.mark.parametrize("remind", [(2, 6), (6, 6), (7,)])
def test_reminders_before_a_period_is_over_are_refused(remind):
    with pytest.raises(ValidationError, match=r"go down|before it is over"):
        Rhythm(column="ReportDate", what="The report", to=("owner",), remind=remind)


@pytest.mark.parametrize(
    ("body", "papers", "minutes"),
    [("NEB", "2026-07-08", "2026-08-05"), ("NOB", "2026-07-10", "2026-07-31"), ("", *[""] * 2)],
)
def test_each_body_has_its_own_days_for_papers_and_minutes(body, papers, minutes):
    entries = next(one.entries for one in load_template("neb").lists if one.key == "meetings")
    standard = load_standard()
    bodies = [
        one.model_copy(update={"days": {"papers": -7, "minutes": 13}}) if one.code == "NEB" else one
        for one in standard.bodies
    ]
    context = RowContext(
        today=date(2026, 7, 1),
        standard=standard.model_copy(update={"bodies": tuple(bodies)}),
        area="meetings",
        register=entries,
        body=body,
    )
    row = Item(site="s", list_id="l", item_id="1", fields={"MeetingDate": "2026-07-17"})
    found = row_computed.check(row, context)
    filled = {name: str(day) for one in found for name, day in one.remedies[0].values.items()}
    assert (filled["PapersDue"], filled["MinutesDue"]) == (
        papers or "2026-07-10",
        minutes or "2026-07-31",
    )


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"CgForum": "Network Operational Board"}, ["nob_secretaries"]),
        ({"CgForum": "Network Executive Board"}, ["neb_secretaries"]),
        ({"CgForum": "Clinical Directors' Forum"}, ["cdf_secretaries"]),
        ({"CgForum": ""}, []),
        ({"CgForum": "Network Operational Board", "CgEscalated": ""}, []),
        ({"CgForum": "Network Operational Board", "CgStatus": "Open"}, []),
        ({"CgForum": "Network Operational Board", "CgStatus": "Closed"}, []),
    ],
)
def test_an_escalated_matter_is_told_to_the_forum_it_goes_to(fields, told):
    entries = next(
        one.entries for one in load_template("core_team").lists if one.key == "clinical_governance"
    )
    context = RowContext(
        today=date(2026, 7, 1), standard=load_standard(), area="cg", register=entries
    )
    said = {"CgStatus": "Escalated", "CgEscalated": "2026-06-30", **fields}
    row = Item(site="s", list_id="l", item_id="1", fields=said)
    found = list(row_news.check(row, context))
    assert [to for one in found for to in one.remedies[0].to] == told
    assert [one.remedies[0].once.endswith(":2026-06-30") for one in found] == [True] * len(told)


def test_every_forum_that_a_matter_can_be_escalated_to_is_a_body():
    area = next(one for one in load_template("core_team").lists if one.key == "clinical_governance")
    forums = next(one.choices for one in area.columns if one.name == "CgForum")
    assert all(load_standard().body_in(one) for one in forums)


def test_a_register_that_must_not_be_empty_says_so_each_month_once():
    days = ("2026-07-01", "2026-07-02", "2026-07-31", "2026-08-01")
    contexts = [_context(day, never_empty="open work in the work programme") for day in days]
    found = [one for each in contexts for one in check_all([], each) if "open work" in one.says]
    assert {one.says for one in found} == {"There is no open work in the work programme."}
    told = [one.remedies[0].once for one in found]
    assert told == ["empty:2026-07"] * 3 + ["empty:2026-08"]


def test_a_register_is_empty_when_all_that_stands_there_is_over():
    context = _context("2026-07-01", never_empty="open work", closed={"State": ("Done",)})
    rows = {
        state: Item(site="s", list_id="l", item_id="2", fields={"State": state})
        for state in ("Done", "Open")
    }
    says = {state: [one.says for one in check_all([row], context)] for state, row in rows.items()}
    assert says == {"Done": ["There is no open work."], "Open": []}
