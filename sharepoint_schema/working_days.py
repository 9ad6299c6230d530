"""Working days in England: weekends and bank holidays are none (the `holidays` package's table).

What staff are asked to do falls due on a day on which somebody is there to do it.

Days proclaimed once (a jubilee, a funeral) are known as far as the package's release knows them;
every other year follows the rules of the Banking and Financial Dealings Act 1971, however far
ahead.
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


def add_working_days(day: date, count: int) -> date:
    """Return the `count`-th working day after a day (before it, for a negative count).

    The day does not count itself.

    So the Freedom of Information Act counts: "not later than the twentieth working day following
    the date of receipt" (FOIA 2000, section 10(1)). The Act passes over the bank holidays of every
    part of the kingdom (section 10(6)); with England's alone no answer is due later than it says.
    """
    step = 1 if count > 0 else -1
    while count:
        day += timedelta(days=step)
        count -= step * is_working_day(day)
    return day


def working_days_between(first: date, last: date) -> int:
    """Count the working days after `first` up to and with `last`; 0 when it is not later."""
    days = (first + timedelta(days=n + 1) for n in range((last - first).days))
    return sum(is_working_day(day) for day in days)


@cache
def _england() -> holidays.HolidayBase:
    return holidays.country_holidays("GB", subdiv="ENG")
