"""Shared files hold no private data of staff: only their roles and how to reach them at work.

National Insurance numbers, bank details, dates of birth, home addresses, private phone numbers and
mail addresses, and payroll numbers belong in the personnel system. You are told what kind of data
stands where, never the data itself. A name, a role, a work phone or a work mail address is fine.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stdnum import iban

from sync.model import Finding, Recipient, Severity, Tell
from sync.policies._places import any_of, called, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sharepoint_schema.personal import Sign, Staff
    from sync.model import Context, Document

NEEDS = frozenset({"name", "content", "columns"})
WITHOUT_CONTENT = True
PERMISSIONS = ("Sites.Selected: read",)
PARAMETERS = frozenset({"staff"})
VERSION = "2"

MOST_PLACES = 3
"""Lines of the text named for each kind; whoever puts these right finds the others."""
AFTER_LABEL = 24
"""Characters after a label ("Payroll no.") within which its value begins."""
PRIVATE_MAIL = "a private mail address"
CHECKS: Mapping[str, Callable[[str], bool]] = {"iban": iban.is_valid}
"""What a sign's `check` asks of the digits."""

_MAIL = re.compile(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)")


def check(document: Document, context: Context) -> Iterator[Finding]:
    """Yield one finding for all kinds of private data in the file; places, never values."""
    if not context.area.is_open:
        return
    found: dict[str, dict[str, list[int]]] = {}
    for place, text in texts(document):
        for kind, at in signs(text, context.standard.staff):
            line = text.count("\n", 0, at) + 1
            found.setdefault(kind, {}).setdefault(place, []).append(line)
    if found:
        yield _finding(found)


def signs(text: str, rules: Staff) -> Iterator[tuple[str, int]]:
    """Yield each sign of private data: its kind in words, and where in the text it begins."""
    for sign in rules.signs:
        find = _after_label if sign.words and sign.where == "label" else _matches
        for at in find(text, sign, rules):
            yield sign.kind, at
    for match in _MAIL.finditer(text):
        if match[1].lower() in rules.personal_mail:
            yield PRIVATE_MAIL, match.start()


def _matches(text: str, sign: Sign, rules: Staff) -> Iterator[int]:
    """Yield where a pattern stands, after one of its words where it has any."""
    for pattern in sign.patterns:
        for match in re.finditer(pattern, text):
            right = sign.check is None or CHECKS[sign.check](match[0])
            before = _before(text, match.start(), sign, rules)
            if right and (not sign.words or any_of(sign.words).search(before)):
                yield match.start()


def _after_label(text: str, sign: Sign, rules: Staff) -> Iterator[int]:
    """Yield where a label with its value stands: the same digits may be a meeting's date."""
    for label in any_of(sign.words).finditer(text):
        value = text[label.end() : label.end() + AFTER_LABEL].partition("\n\n")[0]
        around = text[max(0, label.start() - rules.window) : label.end() + rules.window]
        shown = any(re.search(pattern, value) for pattern in sign.patterns)
        if shown and not any_of(rules.patient_words).search(around):
            yield label.start()


def _before(text: str, start: int, sign: Sign, rules: Staff) -> str:
    """Return what stands before a value within the window: all, or its line and the one above."""
    near = text[max(0, start - rules.window) : start]
    return near if sign.where == "near" else "\n".join(near.split("\n")[-2:])


def _finding(found: dict[str, dict[str, list[int]]]) -> Finding:
    told = "; ".join(f"{kind} ({_where(places)})" for kind, places in found.items())
    return Finding(
        says=f"The file holds private data of staff: {told}.",
        expected="Of staff, shared files hold roles and work contact details only.",
        how="Take it out and upload the file again. Where it is only an example, write xxx in its"
        " place.",
        severity=Severity.STOP,
        remedies=(Tell(Recipient.UPLOADER),),
    )


def _where(places: dict[str, list[int]]) -> str:
    """Say where a kind stands: "lines 3, 4 of its text, in its name"."""
    return ", ".join(
        _lines(lines) if place == "text" else f"in {called(place)}"
        for place, lines in places.items()
    )


def _lines(lines: list[int]) -> str:
    shown = sorted(set(lines))
    numbers = ", ".join(str(line) for line in shown[:MOST_PLACES])
    more = f" and {len(shown) - MOST_PLACES} more" if len(shown) > MOST_PLACES else ""
    return f"line{'s' if len(shown) > 1 else ''} {numbers}{more} of its text"
