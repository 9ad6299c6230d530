"""What a formula reckons with: numbers, text, TRUE and FALSE, blanks (None), and how they turn.

A date is a number: days since 30 December 1899, its time the fraction (which is why a blank date
shows as that day, in SharePoint as here).
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

type Scalar = float | str | bool | None

EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
_LAST = 2_958_466  # the day after 31 December 9999
_DIGITS = 15  # of a number that count, as in Excel
_DATES = ("%d/%m/%Y", "%Y-%m-%d", "%d %B %Y", "%d %b %Y")


class FormulaError(Exception):
    """A formula's result is an error: #VALUE!, #DIV/0!, #NAME?, #NUM! or #N/A."""

    def __init__(self, code: str = "#VALUE!") -> None:
        super().__init__(code)
        self.code = code


def to_serial(moment: datetime) -> float:
    """Return a moment as days since 30 December 1899."""
    return (moment - EPOCH) / timedelta(days=1)


def from_serial(serial: float) -> datetime:
    """Return the moment (UTC, to the second) of a serial; #NUM! outside the years 1899 to 9999."""
    if not 0 <= serial < _LAST:
        raise FormulaError("#NUM!")
    return EPOCH + timedelta(seconds=round(serial * 86_400))


def number(value: Scalar) -> float:
    """Read a number as Excel's operators do; blank is 0, text must look like a number or a date."""
    if value is None:
        return 0.0
    if isinstance(value, bool | int | float):
        return float(value)
    return read_number(value)


def read_number(text: str) -> float:
    """Read what a person would type: 1,234.5, 12% or a date."""
    plain = text.strip().replace(",", "")
    percent = plain.endswith("%")
    try:
        read = float(plain.removesuffix("%"))
    except ValueError:
        return read_date(text)
    if not math.isfinite(read):
        raise FormulaError
    return read / 100 if percent else read


def read_date(text: str) -> float:
    """Read a date as day/month/year, ISO, or with the month in words; #VALUE! otherwise."""
    for form in _DATES:
        try:
            return to_serial(datetime.strptime(text.strip(), form).replace(tzinfo=UTC))
        except ValueError:
            continue  # the next form
    raise FormulaError


def text(value: Scalar) -> str:
    """Return a value as `&` joins it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return value
    whole = float(value).is_integer() and abs(value) < 10**_DIGITS
    return f"{value:.0f}" if whole else f"{value:.{_DIGITS}g}"


def boolean(value: Scalar) -> bool:
    """Read a condition: numbers are true unless 0, of text only TRUE and FALSE will do."""
    if isinstance(value, str):
        word = value.strip().upper()
        if word not in {"TRUE", "FALSE"}:
            raise FormulaError
        return word == "TRUE"
    return bool(value)


def finite(value: float) -> float:
    """Return a result, #NUM! where it is no number that can be kept."""
    if isinstance(value, complex) or not math.isfinite(value):
        raise FormulaError("#NUM!")
    return value


def rank(value: Scalar) -> tuple[int, float | str | bool]:
    """Return what orders values of any type: numbers, then text without case, then FALSE, TRUE.

    Numbers are compared by fifteen digits, so that 0.1+0.2 is 0.3 as in Excel.
    """
    if isinstance(value, bool):
        return 2, value
    if isinstance(value, str):
        return 1, value.casefold()
    return 0, 0.0 if value is None else float(f"{value:.{_DIGITS}g}")


def alike(left: Scalar, right: Scalar) -> tuple[Scalar, Scalar]:
    """Give a blank the type of what it is compared with: 0, "" or FALSE."""
    return _like(left, right), _like(right, left)


def _like(value: Scalar, other: Scalar) -> Scalar:
    if value is not None:
        return value
    if isinstance(other, bool):
        return False
    return "" if isinstance(other, str) else 0.0


def power(base: float, exponent: float) -> float:
    """Raise to a power; #NUM! where there is no real result, #DIV/0! for 0 to less than nothing."""
    if base == 0 and exponent <= 0:
        raise FormulaError("#DIV/0!" if exponent else "#NUM!")
    try:
        return finite(base**exponent)
    except OverflowError as error:
        raise FormulaError("#NUM!") from error
