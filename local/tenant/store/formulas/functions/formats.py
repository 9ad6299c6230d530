"""TEXT's formats: `0.00`, `#,##0`, `0%` for numbers, `dd/mm/yyyy`, `mmm`, `hh:mm` for dates.

Names of months and days are English. A format of neither kind is refused with #VALUE!.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from local.tenant.store.formulas.values import FormulaError, Scalar, from_serial, number

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

_NUMBER = re.compile(
    r"(?P<lead>[^#0.,%]*)(?P<whole>[#0,]*)(?P<part>\.[0#]*)?(?P<percent>%?)(?P<tail>[^#0.,%]*)"
)
_DATE = re.compile(r'"[^"]*"|am/pm|y+|m+|d+|h+|s+|.', re.IGNORECASE | re.DOTALL)
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
           "October", "November", "December")  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NOON = 12


def shown(value: Scalar, form: str) -> str:
    """Return a number or date as TEXT writes it; text that is no number stays as it is."""
    try:
        amount = number(value)
    except FormulaError:
        return str(value)
    if re.search("[ymdhs]", re.sub(r'"[^"]*"', "", form), re.IGNORECASE):
        return _date(from_serial(amount), form)
    return _number(amount, form)


def _number(amount: float, form: str) -> str:
    hit = _NUMBER.fullmatch(form.replace('"', ""))
    if hit is None:
        raise FormulaError
    part, whole = hit["part"] or "", hit["whole"]
    scaled = Decimal(repr(amount)) * (100 if hit["percent"] else 1)
    most, least = max(0, len(part) - 1), part.count("0")
    rounded = abs(scaled).quantize(Decimal(1).scaleb(-most), ROUND_HALF_UP)
    digits = f"{rounded:{',' if ',' in whole else ''}f}"
    before, _, after = digits.partition(".")
    after = after[:least] + after[least:].rstrip("0")
    before = before.lstrip("0").rjust(whole.count("0"), "0")
    minus = "-" if scaled < 0 and rounded else ""
    dot = "." if after or least else ""
    return f"{minus}{hit['lead']}{before}{dot}{after}{hit['percent']}{hit['tail']}"


def _date(moment: datetime, form: str) -> str:
    parts = _DATE.findall(form)
    half = any(part.lower() == "am/pm" for part in parts)
    written, before = [], ""
    for part in parts:
        key = part.lower()
        if key.startswith("m") and before.startswith("h"):  # minutes stand after hours
            written.append(f"{moment.minute:0{len(key)}}")
        else:
            written.append(
                _piece(moment, key, half=half) if _PIECES.get(key[0]) else part.strip('"')
            )
        before = key if key[0].isalpha() else before
    return "".join(written)


def _piece(moment: datetime, key: str, *, half: bool) -> str:
    if key == "am/pm":
        return "AM" if moment.hour < _NOON else "PM"
    if key.startswith("h") and half:
        return f"{moment.hour % _NOON or _NOON:0{len(key)}}"
    return _PIECES[key[0]](moment, len(key))


def _worded(number_: int, width: int, names: tuple[str, ...], place: int) -> str:
    if width <= 2:  # noqa: PLR2004 -- m and mm are digits, mmm and mmmm words
        return f"{number_:0{width}}"
    return names[place][:3] if width == 3 else names[place]  # noqa: PLR2004 -- the short name


_PIECES: dict[str, Callable[[datetime, int], str]] = {
    "y": lambda moment, width: f"{moment.year % 100:02}" if width <= 2 else f"{moment.year:04}",  # noqa: PLR2004 -- yy and yyyy
    "m": lambda moment, width: _worded(moment.month, width, _MONTHS, moment.month - 1),
    "d": lambda moment, width: _worded(moment.day, width, _DAYS, moment.weekday()),
    "h": lambda moment, width: f"{moment.hour:0{width}}",
    "s": lambda moment, width: f"{moment.second:0{width}}",
    "a": lambda moment, _width: "AM" if moment.hour < _NOON else "PM",
}
