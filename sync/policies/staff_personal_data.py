"""Shared files hold no private data of staff: only their roles and how to reach them at work.

National Insurance numbers, bank details, dates of birth, home addresses, private phone numbers and
mail addresses, and payroll numbers belong in the personnel system. You are told what kind of data
stands where, never the data itself. A name, a role, a work phone or a work mail address is fine.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from stdnum import iban

from sync.model import Finding, Recipient, Severity, Tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sharepoint_schema.standard import Staff
    from sync.model import Context, Document

NEEDS = frozenset({"name", "content", "columns"})
PERMISSIONS = ("Sites.Selected: read",)
PARAMETERS = frozenset({"staff"})

MOST_PLACES = 3
"""Places named for each kind; whoever puts these right finds the others."""
AFTER_LABEL = 24
"""Characters after a label ("Payroll no.") within which its value begins."""

_INSURANCE = re.compile(
    r"\b(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b"
)
"""HMRC's rules for a National Insurance number (its manual, NIM39110)."""
_MOBILE = re.compile(r"(?<![\w+])(?:\+44 ?(?:\(0\) ?)?|0)7\d{3}[ -]?\d{3}[ -]?\d{3}(?!\d)")
_LANDLINE = re.compile(r"(?<![\w+])(?:\+44 ?(?:\(0\) ?)?|0)[12]\d{2,3}[ -]?\d{3}[ -]?\d{3,4}(?!\d)")
_MAIL = re.compile(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)")
_POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2}\b")
_DAY = re.compile(
    r"\b(?:\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d{2}"
    r"|\d{1,2}(?:st|nd|rd|th)? (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\w*"
    r" (?:19|20)\d{2})\b",
    re.IGNORECASE,
)
_SORT_CODE = re.compile(r"(?<![\d-])\d{2}([ -])\d{2}\1\d{2}(?![\d-])")
_ACCOUNT = re.compile(r"(?<![\d-])\d{8}(?![\d-])")
_IBAN = re.compile(r"\bGB\d{2} ?[A-Z]{4}(?: ?\d){14}\b")
_DIGITS = re.compile(r"(?<!\w)[A-Z]{0,3}\d{5,10}(?:-\d{1,2})?(?!\w)")


def check(document: Document, context: Context) -> Iterator[Finding]:
    """Yield one finding for all kinds of private data in the text; places, never values."""
    if not context.area.is_open:
        return
    places: dict[str, list[int]] = {}
    for kind, at in signs(document.text, context.standard.staff):
        line = document.text.count("\n", 0, at) + 1
        places.setdefault(kind, []).append(line)
    if places:
        yield _finding(places)


def signs(text: str, rules: Staff) -> Iterator[tuple[str, int]]:
    """Yield each sign of private data: its kind in words, and where in the text it begins."""
    for match in _INSURANCE.finditer(text):
        yield "a National Insurance number", match.start()
    for match in _MAIL.finditer(text):
        if match[1].lower() in rules.personal_mail:
            yield "a private mail address", match.start()
    yield from _labelled(text, rules)
    yield from _bank(text, rules)


def _labelled(text: str, rules: Staff) -> Iterator[tuple[str, int]]:
    """Yield what only its label shows: the same digits may be a work phone or a meeting's date."""
    for kind, pattern, words in (
        ("a private phone number", _MOBILE, rules.private_words),
        ("a private phone number", _LANDLINE, rules.private_words),
        ("a home address", _POSTCODE, rules.home_words),
    ):
        for match in pattern.finditer(text):
            if _words(words).search(_line_before(text, match.start(), rules.window)):
                yield kind, match.start()
    for kind, pattern, words in (
        ("a date of birth", _DAY, rules.birth_words),
        ("a payroll or staff number", _DIGITS, rules.payroll_words),
    ):
        for label in _words(words).finditer(text):
            value = text[label.end() : label.end() + AFTER_LABEL].partition("\n\n")[0]
            around = text[max(0, label.start() - rules.window) : label.end() + rules.window]
            if pattern.search(value) and not _words(rules.patient_words).search(around):
                yield kind, label.start()


def _bank(text: str, rules: Staff) -> Iterator[tuple[str, int]]:
    for pattern in (_SORT_CODE, _ACCOUNT):
        for match in pattern.finditer(text):
            if _words(rules.bank_words).search(
                text, max(0, match.start() - rules.window), match.start()
            ):
                yield "bank details", match.start()
    for match in _IBAN.finditer(text):
        if iban.is_valid(match[0]):
            yield "bank details", match.start()


def _line_before(text: str, start: int, window: int) -> str:
    """Return what stands before a value, its own line and the one above, within the window."""
    return "\n".join(text[max(0, start - window) : start].split("\n")[-2:])


@cache
def _words(words: tuple[str, ...]) -> re.Pattern[str]:
    ordered = sorted(words, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, ordered))})(?!\w)", re.IGNORECASE)


def _finding(places: dict[str, list[int]]) -> Finding:
    told = "; ".join(f"{kind} ({_lines(lines)})" for kind, lines in places.items())
    return Finding(
        says=f"The file holds private data of staff: {told}.",
        expected="Of staff, shared files hold roles and work contact details only.",
        how="Take it out and upload the file again. Where it is only an example, write xxx in its"
        " place.",
        severity=Severity.STOP,
        remedies=(Tell(Recipient.UPLOADER),),
    )


def _lines(lines: list[int]) -> str:
    shown = sorted(set(lines))
    numbers = ", ".join(str(line) for line in shown[:MOST_PLACES])
    more = f" and {len(shown) - MOST_PLACES} more" if len(shown) > MOST_PLACES else ""
    return f"line{'s' if len(shown) > 1 else ''} {numbers}{more} of its text"
