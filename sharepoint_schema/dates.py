"""Dates as the network writes them: British, day first."""

import re
from collections.abc import Iterator
from datetime import date

_EXACT = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})")
_NUMERIC = re.compile(
    r"(?<![0-9/.-])([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})(?![0-9/-])"
)
_ISO = re.compile(r"(?<![0-9-])([0-9]{4})-([0-9]{2})-([0-9]{2})(?![0-9-])")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_MONTH = "|".join(f"{name[:3]}(?:{name[3:]})?" for name in _MONTHS)
_WORDED = re.compile(
    rf"(?<![0-9])([0-9]{{1,2}})(?:st|nd|rd|th)?\s+({_MONTH})\.?,?\s+([0-9]{{4}})(?![0-9])",
    re.IGNORECASE,
)


def parse_date(text: str) -> date:
    """Read a date written exactly as agreed ("06/11/2023"); ValueError quotes any other."""
    found = _EXACT.fullmatch(text)
    when = _real(int(found[3]), int(found[2]), int(found[1])) if found else None
    if when is None:
        raise ValueError(f"{text!r} is not a date such as 06/11/2023 (day/month/year)")
    return when


def show_date(when: date) -> str:
    """Write a date as the network does: day/month/year, "06/11/2023"."""
    return f"{when.day:02d}/{when.month:02d}/{when.year:04d}"


def find_dates(text: str) -> Iterator[date]:
    """Yield every date that a text holds, in the order of the text, as people type them.

    Understood are 06/11/2023, 6.11.2023, 31/10/23 (this century), 2023-11-06 and 6 November 2023.
    """
    hits: list[tuple[int, date | None]] = []
    hits += [
        (m.start(), _real(_century(m[4]), int(m[3]), int(m[1]))) for m in _NUMERIC.finditer(text)
    ]
    hits += [(m.start(), _real(int(m[1]), int(m[2]), int(m[3]))) for m in _ISO.finditer(text)]
    hits += [(m.start(), _real(int(m[3]), _month(m[2]), int(m[1]))) for m in _WORDED.finditer(text)]
    yield from (when for _, when in sorted(hits, key=lambda hit: hit[0]) if when is not None)


def read_date(text: str) -> date | None:
    """Read the one date of a cell as people type it; None when there is none or more than one."""
    found = list(find_dates(text))
    return found[0] if len(found) == 1 else None


def _century(digits: str) -> int:
    return int(digits) if len(digits) > 2 else 2000 + int(digits)  # noqa: PLR2004 - "23" is 2023


def _month(word: str) -> int:
    return next(n for n, name in enumerate(_MONTHS, 1) if name.startswith(word.lower()[:3]))


def _real(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:  # 31/02/2024: it looks like a date and is none
        return None
