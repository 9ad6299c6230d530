"""No shared file holds a patient's NHS number.

Ten digits are an NHS number when their check digit is right *and* something beside them shows it:
they are grouped 943 xxx xxxx, or "NHS", a date of birth or a name stands near. Such a file goes to
quarantine, where only the information governance officers can open it. Ten digits that only happen
to pass the check are reported to you, nothing else. The number itself is never repeated.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING

from sync.model import Contain, Finding, Keep, Move, Recipient, Severity, Status, Tell
from sync.model.identifiers import valid_numbers
from sync.policies._places import any_of, called, texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sharepoint_schema.standard import Patient
    from sync.model import Context, Document

NEEDS = frozenset({"name", "content", "columns", "access"})
WITHOUT_CONTENT = True
PERMISSIONS = ("Sites.Selected: fullcontrol",)
PARAMETERS = frozenset({"patient"})
VERSION = "3"

_BEFORE = 30
"""Characters before a number in which its own label ("ISBN", "Tel. no:") would stand."""
_BESIDE = r"(?:[^\S\r\n]|[.:#])*"
_LINE = re.compile(r"[^\s][^\n]*\n")
_LINES = 3
"""How many lines of a text are told as places; more are counted."""


class Sure(Enum):
    """How sure it is that ten digits are a patient's number."""

    YES = "valid, and its surroundings show it"
    PERHAPS = "valid, but nothing beside it shows it"


def check(document: Document, context: Context) -> Iterator[Finding]:
    """Yield one finding: quarantine when a number is sure, else a question to the author."""
    if context.area.kind == "quarantine":
        return
    rules = context.standard.patient
    found = {place: list(_hits(text, rules)) for place, text in texts(document)}
    sure = {place: [line for line, one in hits if one is Sure.YES] for place, hits in found.items()}
    in_name = bool(found["name"])
    if in_name and sure["name"]:
        yield _quarantined("name", sure, context.area.quarantine)
    elif any(sure.values()):
        yield _quarantined("content", sure, context.area.quarantine)
    elif any(found.values()):
        yield _asked()


def signs(text: str, rules: Patient) -> Iterator[Sure]:
    """Yield how sure each valid number of a text is; what is labelled as another number is none.

    One in eleven of any ten-digit numbers passes the check (modulus 11), hence the context.
    """
    return (sure for _, sure in _hits(text, rules))


def _hits(text: str, rules: Patient) -> Iterator[tuple[int, Sure]]:
    """Yield the line (from 1, empty ones not counted) and the weight of each number in a text."""
    line, read = 1, 0
    for match in valid_numbers(text):
        before = text[max(0, match.start() - _BEFORE) : match.start()]
        if _labelled(rules.other_words).search(before):
            continue
        near = f"{_before(text, match.start(), rules)} {_after(text, match.end(), rules)}"
        shown = (rules.grouping and match["grouped"]) or _shows(rules).search(near)
        line += len(_LINE.findall(text, read, match.start()))
        read = match.start()
        yield line, Sure.YES if shown else Sure.PERHAPS


def _before(text: str, start: int, rules: Patient) -> str:
    return text[max(0, start - rules.window) : start]


def _after(text: str, end: int, rules: Patient) -> str:
    return text[end : end + rules.window]


@cache
def _labelled(words: tuple[str, ...]) -> re.Pattern[str]:
    """Match the label of another number ("Tel. no: ") at the end of what stands before it.

    On the number's own line: the last heading of a table says nothing of the next row's first cell.
    """
    ordered = sorted(words, key=len, reverse=True)
    named = rf"\b(?:{'|'.join(map(re.escape, ordered))})\b{_BESIDE}"
    return re.compile(rf"{named}(?:(?:no|number|num|id|code)\b{_BESIDE})?\Z", re.IGNORECASE)


def _shows(rules: Patient) -> re.Pattern[str]:
    return any_of((*rules.words, *rules.birth_words, *rules.name_words))


def _quarantined(place: str, sure: dict[str, list[int]], quarantine: str) -> Finding:
    return Finding(
        says=f"The file's {place} holds an NHS number ({_where(sure)}).",
        expected="Shared files hold no patient identifiers.",
        how="Remove the number from your own copy and upload that copy as a new file. Only the"
        " information governance officers can open this one now.",
        severity=Severity.STOP,
        status=Status.HELD,
        remedies=(
            Contain(Keep.IG_OFFICERS),
            Move(quarantine, place != "name", Keep.IG_OFFICERS),
            Tell(Recipient.UPLOADER),
            Tell(Recipient.IG_OFFICERS),
        ),
    )


def _where(sure: dict[str, list[int]]) -> str:
    """Say where numbers stand, never what they are: "in its text, line 3; in its properties"."""
    said = []
    for place, lines in sure.items():
        if not lines:
            continue
        said.append(f"in {called(place)}{_at(lines) if place == 'text' else ''}")
    return "; ".join(said)


def _at(lines: Sequence[int]) -> str:
    each = list(dict.fromkeys(lines))
    word = "line" if len(each) == 1 else "lines"
    more = f" and {len(each) - _LINES} more" if len(each) > _LINES else ""
    return f", {word} {', '.join(map(str, each[:_LINES]))}{more}"


def _asked() -> Finding:
    return Finding(
        says="The file holds ten digits that could be an NHS number.",
        expected="Shared files hold no patient identifiers.",
        how="If it is an NHS number, remove it and upload the file again. If not, nothing to do.",
        remedies=(Tell(Recipient.UPLOADER),),
    )
