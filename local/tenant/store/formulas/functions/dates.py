"""Dates, which are numbers of days: their parts, their making, and the distance between two."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from local.tenant.store.formulas.functions.function import Function
from local.tenant.store.formulas.values import (
    EPOCH,
    FormulaError,
    Scalar,
    from_serial,
    number,
    read_date,
    text,
    to_serial,
)

if TYPE_CHECKING:
    from collections.abc import Callable

_MONTHS = 12
_CENTURY = 1900


def _date(given: list[Scalar]) -> Scalar:
    """DATE(year, month, day): months and days over the end run on into the next."""
    year, month, day = (int(number(value)) for value in given)
    year = year + _CENTURY if 0 <= year < _CENTURY else year
    months = year * _MONTHS + month - 1
    try:
        first = datetime(months // _MONTHS, months % _MONTHS + 1, 1, tzinfo=UTC)
        found = first + timedelta(days=day - 1)
    except (ValueError, OverflowError) as error:
        raise FormulaError("#NUM!") from error
    if found < EPOCH:
        raise FormulaError("#NUM!")
    return to_serial(found)


def _time(given: list[Scalar]) -> Scalar:
    hours, minutes, seconds = (int(number(value)) for value in given)
    total = hours * 3600 + minutes * 60 + seconds
    if total < 0:
        raise FormulaError("#NUM!")
    return total % 86_400 / 86_400


def _weekday(given: list[Scalar]) -> Scalar:
    """WEEKDAY: Sunday is 1; with 2 Monday is 1, with 3 Monday is 0."""
    day = from_serial(number(given[0])).weekday()
    kind = int(number(given[1])) if len(given) > 1 else 1
    if kind not in {1, 2, 3}:
        raise FormulaError("#NUM!")
    return float({1: (day + 1) % 7 + 1, 2: day + 1, 3: day}[kind])


def _distance(given: list[Scalar]) -> Scalar:
    """DATEDIF: whole days, months or years, or what is left of them; #NUM! backwards."""
    begin, end = (from_serial(number(value)).date() for value in given[:2])
    unit = text(given[2]).upper()
    if begin > end or unit not in _UNITS:
        raise FormulaError("#NUM!")
    return float(_UNITS[unit](begin, end))


def _months(begin: date, end: date) -> int:
    return (end.year - begin.year) * _MONTHS + end.month - begin.month - (end.day < begin.day)


def _days_past_month(begin: date, end: date) -> int:
    """Return the days since the last day of the month like the first date's."""
    passed = begin.year * _MONTHS + begin.month - 1 + _months(begin, end)
    anchor = date(passed // _MONTHS, passed % _MONTHS + 1, 1) + timedelta(days=begin.day - 1)
    return (end - anchor).days


def _days_past_year(begin: date, end: date) -> int:
    years = _months(begin, end) // _MONTHS
    anchor = date(begin.year + years, begin.month, 1) + timedelta(days=begin.day - 1)
    return (end - anchor).days


_UNITS: dict[str, Callable[[date, date], int]] = {
    "D": lambda begin, end: (end - begin).days,
    "M": _months,
    "Y": lambda begin, end: _months(begin, end) // _MONTHS,
    "YM": lambda begin, end: _months(begin, end) % _MONTHS,
    "MD": _days_past_month,
    "YD": _days_past_year,
}


def _part(read: Callable[[datetime], int]) -> Function:
    return Function((1, 1), lambda given: float(read(from_serial(number(given[0])))))


FUNCTIONS = {
    "DATE": Function((3, 3), _date),
    "TIME": Function((3, 3), _time),
    "DATEVALUE": Function((1, 1), lambda given: read_date(text(given[0]))),
    "DATEDIF": Function((3, 3), _distance),
    "WEEKDAY": Function((1, 2), _weekday),
    "YEAR": _part(lambda moment: moment.year),
    "MONTH": _part(lambda moment: moment.month),
    "DAY": _part(lambda moment: moment.day),
    "HOUR": _part(lambda moment: moment.hour),
    "MINUTE": _part(lambda moment: moment.minute),
    "SECOND": _part(lambda moment: moment.second),
}
