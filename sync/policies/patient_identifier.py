"""No shared file holds a patient's NHS number.

Ten digits are an NHS number when their check digit is right *and* something beside them shows it:
they are grouped 943 xxx xxxx, or "NHS", a date of birth or a name stands near. Such a file goes to
quarantine, where only the information governance officers can open it. Ten digits that only happen
to pass the check are reported to you, nothing else. The number itself is never repeated.
"""

from __future__ import annotations

import re
from collections import Counter
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING

from stdnum.gb import nhs

from sync.model import Contain, Finding, Keep, Move, Recipient, Severity, Status, Tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sharepoint_schema.standard import Patient
    from sync.model import Context, Document

NEEDS = frozenset({"name", "content", "columns", "access"})
WITHOUT_CONTENT = True
PERMISSIONS = ("Sites.Selected: fullcontrol",)

_NUMBER = re.compile(
    r"(?<![\w.£$€#+-])(?:"
    r"(?P<plain>\d{10})(?!\w|\.\d|-\d)"
    r"|(?<!\d[ \u00a0])(?P<grouped>\d{3}(?P<gap>[ \u00a0\u2009-])\d{3}(?P=gap)\d{4})"
    r"(?!\w|[ \u00a0\u2009-]\d))"
)
_OTHER = re.compile(
    r"\b(?:ISBN(?:-10)?|tel|telephone|phone|mobile|mob|fax|ext|bleep|order|invoice|PO|account|acct"
    r"|sort code|company|charity|VAT|serial|asset|barcode|DOI|PMID|GMC|HCPC|NMC|grant"
    r"|contract|meeting ID|dial in|passcode|licence)\b[\s.:#]*(?:(?:no|number|num|id|code)\b"
    r"[\s.:#]*)?$",
    re.IGNORECASE,
)
_BEFORE = 30
"""Characters before a number in which its own label ("ISBN", "Tel. no:") would stand."""


class Sure(Enum):
    """How sure it is that ten digits are a patient's number."""

    YES = "valid, and its surroundings show it"
    PERHAPS = "valid, but nothing beside it shows it"


def check(document: Document, context: Context) -> Iterator[Finding]:
    """Yield one finding: quarantine when a number is sure, else a question to the author."""
    if context.area.kind == "quarantine":
        return
    rules = context.standard.patient
    name = set(signs(document.name.replace("_", " "), rules))
    found = Counter(sure for text in _texts(document) for sure in signs(text, rules))
    if Sure.YES in name or found[Sure.YES]:
        place = "name" if Sure.YES in name else "content"
        yield _quarantined(place, context.area.quarantine)
    elif name or found:
        yield _asked()


def signs(text: str, rules: Patient) -> Iterator[Sure]:
    """Yield how sure each valid number of a text is; what is labelled as another number is none.

    One in eleven of any ten-digit numbers passes the check (modulus 11), hence the context.
    """
    for match in _NUMBER.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if not nhs.is_valid(digits) or len(set(digits)) == 1:
            continue
        if _OTHER.search(text[max(0, match.start() - _BEFORE) : match.start()]):
            continue
        near = f"{_before(text, match.start(), rules)} {_after(text, match.end(), rules)}"
        shown = (rules.grouping and match["grouped"]) or _shows(rules).search(near)
        yield Sure.YES if shown else Sure.PERHAPS


def _texts(document: Document) -> Iterator[str]:
    yield document.text
    yield document.reading.properties if document.reading else ""
    yield document.column("Title")


def _before(text: str, start: int, rules: Patient) -> str:
    return text[max(0, start - rules.window) : start]


def _after(text: str, end: int, rules: Patient) -> str:
    return text[end : end + rules.window]


@cache
def _words(words: tuple[str, ...]) -> re.Pattern[str]:
    ordered = sorted(words, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, ordered))})(?!\w)", re.IGNORECASE)


def _shows(rules: Patient) -> re.Pattern[str]:
    return _words((*rules.words, *rules.birth_words, *rules.name_words))


def _quarantined(place: str, quarantine: str) -> Finding:
    return Finding(
        says=f"The file's {place} holds an NHS number.",
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


def _asked() -> Finding:
    return Finding(
        says="The file holds ten digits that could be an NHS number.",
        expected="Shared files hold no patient identifiers.",
        how="If it is an NHS number, remove it and upload the file again. If not, nothing to do.",
        remedies=(Tell(Recipient.UPLOADER),),
    )
