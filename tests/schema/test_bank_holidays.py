"""England's bank holidays year by year, and the working days that are counted between them.

The table says what gov.uk/bank-holidays says of the years it has named, and what the rules of the
Banking and Financial Dealings Act 1971 make of those after. The rules are written out here a second
time, so that the product's own source of them is held against something else.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharepoint_schema.working_days import (
    add_working_days,
    is_working_day,
    next_working_day,
    working_days_between,
)

DAY = timedelta(days=1)
TABLE = {
    2019: "01-01 04-19 04-22 05-06 05-27 08-26 12-25 12-26",
    2020: "01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28",  # May Day on the 75th VE day
    2021: "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28",
    2022: "01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27",  # jubilee, funeral
    2023: "01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26",  # coronation
    2024: "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26",
    2025: "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26",
    2026: "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28",
    2027: "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28",
    2028: "01-03 04-14 04-17 05-01 05-29 08-28 12-25 12-26",
    2029: "01-01 03-30 04-02 05-07 05-28 08-27 12-25 12-26",
    2030: "01-01 04-19 04-22 05-06 05-27 08-26 12-25 12-26",
    2031: "01-01 04-11 04-14 05-05 05-26 08-25 12-25 12-26",
}
LONGEST = 60
"""Years after the table's for which the rules are held against the product."""
ADDED = {date(2020, 5, 8), date(2022, 6, 2), date(2022, 6, 3), date(2022, 9, 19), date(2023, 5, 8)}
TAKEN = {date(2020, 5, 4), date(2022, 5, 30)}
"""By proclamation, each for its year alone."""


def listed(year: int) -> set[date]:
    return {date.fromisoformat(f"{year}-{day}") for day in TABLE[year].split()}


def closed(year: int) -> set[date]:
    """Return the Mondays to Fridays of a year on which, the product says, nobody works."""
    days = (date(year, 1, 1) + n * DAY for n in range(366))
    return {d for d in days if d.year == year and d.weekday() < 5 and not is_working_day(d)}


def by_rule(year: int) -> set[date]:
    """Return a year's bank holidays as the Act's schedule and its substitutes give them."""
    easter = easter_sunday(year)
    found = {easter - 2 * DAY, easter + DAY}
    found |= {monday_from(year, 5, 1), monday_from(year, 5, 25), monday_from(year, 8, 25)}
    for fixed in (date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)):
        day = fixed
        while day.weekday() > 4 or day in found:
            day += DAY
        found.add(day)
    return found


def monday_from(year: int, month: int, day: int) -> date:
    first = date(year, month, day)
    return first + -first.weekday() % 7 * DAY


def easter_sunday(year: int) -> date:
    """Return Easter by the anonymous Gregorian rule (Meeus, Astronomical Algorithms, chapter 8)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    month, day = divmod(h + m - 7 * ((a + 11 * h + 22 * m) // 451) + 114, 31)
    return date(year, month, day + 1)


@pytest.mark.parametrize("year", TABLE)
def test_each_year_has_exactly_the_bank_holidays_of_the_table(year):
    assert closed(year) == listed(year)


@pytest.mark.parametrize("year", TABLE)
def test_the_table_is_the_rule_and_what_was_proclaimed(year):
    own = {day for day in ADDED | TAKEN if day.year == year}
    assert listed(year) == (by_rule(year) - TAKEN) | (own & ADDED)


def test_the_rules_go_on_after_the_table_so_no_later_year_is_without_its_holidays():
    for year in range(max(TABLE) + 1, max(TABLE) + LONGEST):
        assert closed(year) == by_rule(year), year


@pytest.mark.parametrize(
    "other",
    [
        date(2026, 1, 2),  # Scotland's second of January
        date(2026, 3, 17),  # Northern Ireland's St Patrick's day
        date(2026, 8, 3),  # Scotland's summer bank holiday
        date(2026, 11, 30),  # Scotland's St Andrew's day
        date(2022, 5, 30),  # moved to the jubilee
        date(2020, 5, 4),  # moved to VE day
    ],
)
def test_what_is_a_holiday_elsewhere_or_was_moved_is_worked(other):
    assert is_working_day(other)


@pytest.mark.parametrize(
    ("start", "count", "there"),
    [
        ("2019-04-18", 1, "2019-04-23"),  # Easter
        ("2019-12-24", 3, "2019-12-31"),
        ("2020-04-09", 20, "2020-05-12"),  # Easter, and VE day on a Friday
        ("2020-05-01", 5, "2020-05-11"),  # Monday the 4th is worked, Friday the 8th is not
        ("2020-12-24", 2, "2020-12-30"),  # Boxing Day on Saturday, its substitute on Monday
        ("2021-12-24", 1, "2021-12-29"),  # both substitutes
        ("2021-12-24", 20, "2022-01-26"),
        ("2022-05-27", 4, "2022-06-06"),  # Monday the 30th is worked, the jubilee's days are not
        ("2022-09-01", 20, "2022-09-30"),  # the funeral on 19 September
        ("2022-12-23", 2, "2022-12-29"),
        ("2023-04-06", 20, "2023-05-10"),  # Easter, May Day, the coronation
        ("2024-02-01", 20, "2024-02-29"),  # a leap day is worked
        ("2026-12-23", 5, "2027-01-04"),
        ("2027-12-24", 5, "2028-01-05"),  # three substitutes in ten days
        ("2028-02-28", 1, "2028-02-29"),
        ("2030-04-18", 10, "2030-05-07"),
        ("2031-04-10", 20, "2031-05-13"),
        ("2026-04-07", -3, "2026-03-31"),  # back over Easter
        ("2027-01-04", -2, "2026-12-30"),
        ("2027-05-05", -5, "2027-04-27"),
        ("2026-11-28", 1, "2026-11-30"),  # from a Saturday
        ("2026-11-28", 0, "2026-11-28"),  # no day at all is no move
        ("2026-11-29", -1, "2026-11-27"),
    ],
)
def test_working_days_are_counted_over_every_kind_of_holiday(start, count, there):
    assert add_working_days(date.fromisoformat(start), count) == date.fromisoformat(there)


DAYS = st.dates(date(2019, 1, 1), date(2031, 12, 1))
COUNTS = st.integers(1, 80)


@given(DAYS, COUNTS)
def test_the_day_found_is_worked_and_has_that_many_worked_days_up_to_it(start, count):
    there = add_working_days(start, count)
    between = [start + n * DAY for n in range(1, (there - start).days + 1)]
    worked = [one for one in between if one.weekday() < 5 and one not in by_table(one)]
    assert worked[-1] == there
    assert len(worked) == count == working_days_between(start, there)


def by_table(day: date) -> set[date]:
    return listed(day.year) if day.year in TABLE else by_rule(day.year)


@given(DAYS, st.integers(0, 40), COUNTS)
def test_a_later_start_or_a_longer_time_never_ends_earlier(start, later, count):
    there = add_working_days(start, count)
    assert add_working_days(start + later * DAY, count) >= there
    assert add_working_days(start, count + 1) > there


@given(DAYS, COUNTS, COUNTS)
def test_counting_in_two_parts_is_counting_at_once(start, first, second):
    at_once = add_working_days(start, first + second)
    assert add_working_days(add_working_days(start, first), second) == at_once


@given(DAYS, COUNTS)
def test_counted_back_from_a_worked_day_it_ends_at_the_same_day(start, count):
    worked = next_working_day(start)
    assert add_working_days(add_working_days(worked, count), -count) == worked


@given(st.lists(DAYS, min_size=3, max_size=3).map(sorted))
def test_what_lies_between_adds_up(days):
    whole = working_days_between(days[0], days[-1])
    assert whole == sum(working_days_between(first, last) for first, last in pairwise(days))
    assert working_days_between(days[-1], days[0]) == (0 if days[0] != days[-1] else whole)


@given(DAYS)
def test_englands_days_never_end_later_than_the_acts(start):
    """FOIA 2000, section 10(6), passes over bank holidays of any part of the kingdom, too."""
    parts = [holidays.country_holidays("GB", subdiv=one) for one in ("ENG", "SCT", "NIR", "WLS")]
    day, left = start, 20
    while left:
        day += DAY
        left -= day.weekday() < 5 and not any(day in one for one in parts)
    assert add_working_days(start, 20) <= day
