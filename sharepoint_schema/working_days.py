"""Working days in England: weekends and bank holidays are none (the `holidays` package's table).

What staff are asked to do falls due on a day on which somebody is there to do it.
"""

from datetime import date, timedelta
from functools import cache

import holidays

SATURDAY = 5
"""`date.weekday()` of the first day that is not worked."""


def is_working_day(day: date) -> bool:
    """Whether the network's offices are open: Monday to Friday and no bank holiday in England."""
    return day.weekday() < SATURDAY and day not in _england()


def next_working_day(day: date) -> date:
    """Return the day itself if it is worked, else the first worked day after it."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


@cache
def _england() -> holidays.HolidayBase:
    return holidays.country_holidays("GB", subdiv="ENG")
