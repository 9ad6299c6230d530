"""Days on which nobody is there to act are passed over, by England's own bank holidays."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharepoint_schema.working_days import is_working_day, next_working_day


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2026, 11, 24), date(2026, 11, 24)),  # a Tuesday
        (date(2026, 11, 28), date(2026, 11, 30)),  # a Saturday; St Andrew's is Scotland's
        (date(2026, 12, 25), date(2026, 12, 29)),  # Christmas; Boxing Day moves to Monday the 28th
        (date(2027, 1, 1), date(2027, 1, 4)),
        (date(2027, 3, 26), date(2027, 3, 30)),  # Good Friday to Easter Monday
        (date(2027, 5, 3), date(2027, 5, 4)),  # early May
        (date(2027, 8, 30), date(2027, 8, 31)),  # summer
        (date(2026, 7, 13), date(2026, 7, 13)),  # the Battle of the Boyne is Northern Ireland's
    ],
)
def test_the_next_working_day_in_england(day, worked):
    assert next_working_day(day) == worked


@given(st.dates(date(2020, 1, 1), date(2035, 1, 1)))
def test_it_is_worked_is_not_earlier_and_passes_over_no_working_day(day):
    found = next_working_day(day)

    assert is_working_day(found)
    assert found >= day
    assert not any(is_working_day(day + timedelta(n)) for n in range((found - day).days))
