"""A commercially sensitive document does not lie where everyone can open it.

A document is sensitive when it carries a protective marking on a line of its own or in its name,
when the Sensitivity column says so, when its content type or a folder above it is one for sensitive
documents, or when its text uses several of the words of a procurement.
Its open audience is taken away at once; then it moves to the restricted library of the same site.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sharepoint_schema.wording import says as mentions
from sync.model import Contain, Finding, Keep, Move, Recipient, SetColumns, Severity, Status, Tell
from sync.policies._truth import column_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sharepoint_schema.standard import Marking
    from sync.model import Context, Document

NEEDS = frozenset({"name", "content", "columns", "access"})
WITHOUT_CONTENT = True
PERMISSIONS = ("Sites.Selected: fullcontrol",)
PARAMETERS = frozenset({"sensitivity"})
VERSION = "4"
CONTENT_TYPE, COLUMN = "ContentType", "Sensitivity"
LONGEST_LINE = 160
"""Characters: a marking stands on a short line; a longer one is running text about markings."""

_LABELLED = re.compile(r"(?:protective |security )?(?:marking|classification|sensitivity)\s*:\s*")
_BETWEEN = re.compile(r"[|\t\u2013\u2014]| - ")
_PAGE = re.compile(
    r"\A\W*page \d+(?: (?:of|/) \d+)?\b|\bpage \d+(?: (?:of|/) \d+)?\W*\Z", re.IGNORECASE
)
_EDGES = " *[](){}.:-_#"


def check(document: Document, context: Context) -> Iterator[Finding]:
    """Yield one finding when a file in an open area shows that it is commercially sensitive."""
    if not context.area.is_open:
        return
    rules = context.standard.sensitivity
    sign = _sign(document, context)
    if sign:
        hint = any(mentions(_words(document.name), word) for word in rules.title_words)
        named = any(mentions(_words(document.name), marking) for marking in rules.markings)
        labels = _labels(document, context)
        yield _finding(sign, context.area.restricted, labels, stub=not (hint or named))


def _sign(document: Document, context: Context) -> str:
    """Return what shows it, as the start of a sentence; "" when nothing does.

    A Sensitivity column that a new upload came without still counts.
    """
    rules = context.standard.sensitivity
    column = flat(column_of(document, context, COLUMN))
    if any(flat(marking) in column for marking in rules.markings):
        return "The Sensitivity column says that this file is sensitive"
    if any(mentions(_words(document.name), marking) for marking in rules.markings):
        return "The file's name carries a protective marking"
    if flat(document.column(CONTENT_TYPE)) in map(flat, rules.content_types):
        return "The file is of a kind that is always sensitive"
    folders = [flat(_words(part)) for part in document.folder.split("/")]
    if any(flat(folder) in folders for folder in rules.folders):
        return "The file lies in a folder for sensitive documents"
    properties = document.reading.properties if document.reading else ""
    if marked(f"{document.text}\n{properties}", rules.markings):
        return "The file carries a protective marking"
    whole = f"{_words(document.name)}\n{document.text}"
    used = sum(mentions(whole, phrase) for phrase in rules.phrases)
    return "The text is that of a procurement" if used >= rules.phrases_needed else ""


def marking_of(document: Document, context: Context) -> Marking | None:
    """Return the weightiest marking of the text or the file's properties."""
    properties = document.reading.properties if document.reading else ""
    text = f"{document.text}\n{properties}"
    kinds = context.standard.sensitivity.columns
    return next((kind for kind in kinds if marked(text, kind.markings)), None)


def _labels(document: Document, context: Context) -> tuple[SetColumns, ...]:
    """Fill an empty Sensitivity column from the marking, while the file is still where it was."""
    inside = marking_of(document, context)
    if inside is None or column_of(document, context, COLUMN):
        return ()
    return (SetColumns({COLUMN: inside.column}),)


def marked(text: str, markings: tuple[str, ...]) -> bool:
    """Tell whether one of the markings stands in a text, alone on a short line."""
    wanted = {flat(marking) for marking in markings}
    lines = (line for line in text.splitlines() if line and len(line) <= LONGEST_LINE)
    bare = (_PAGE.sub("", line) for line in lines)
    return any(flat(piece) in wanted for line in bare for piece in (line, *_BETWEEN.split(line)))


def flat(text: str) -> str:
    """Reduce a line to its words, so that OFFICIAL-SENSITIVE : Commercial is the same marking."""
    bare = _LABELLED.sub("", text.strip(_EDGES).lower(), count=1)
    return " ".join(re.findall(r"\w+", bare))


def _words(name: str) -> str:
    return name.replace("_", " ")


def _finding(sign: str, restricted: str, labels: tuple[SetColumns, ...], *, stub: bool) -> Finding:
    return Finding(
        says=f"{sign}, and it lay where every member can open it.",
        expected="Commercially sensitive files are kept in the restricted library.",
        how="Nothing to do if that is right: it is closed and goes to the restricted library."
        " If it is not sensitive, ask the site's owners to move it back.",
        severity=Severity.STOP,
        status=Status.CORRECTED,
        remedies=(Contain(Keep.CIRCLE), *labels, Move(restricted, stub), Tell(Recipient.UPLOADER)),
    )
