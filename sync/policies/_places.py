"""Where in a file words can stand that are nobody else's business, and how such a place is called.

The rules about patients and about staff look in the same places.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sync.model import Document

COLUMNS = {
    "Title": "Title",
    "DocumentNumber": "Document number",
    "ApprovedBy": "Approved by",
    "TargetAudience": "Target audience",
}
"""The columns that staff type text into, by internal name, as staff know them."""
_NUMBERED = re.compile(r" \d{1,3}(?=\.\w+$)")
"""What SharePoint puts behind a name that is taken where a file is moved to (gk)."""


def texts(document: Document) -> Iterator[tuple[str, str]]:
    """Yield each place of a file that can hold words, with what stands there."""
    yield "name", _NUMBERED.sub("", document.name.replace("_", " "))
    yield "text", document.text
    yield "properties", document.reading.properties if document.reading else ""
    for name, title in COLUMNS.items():
        yield f"the column {title}", document.column(name)


def called(place: str) -> str:
    """Return how staff call a place: "its name", "the column Title"."""
    return place if place.startswith("the ") else f"its {place}"


@cache
def any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    """Match any of these words or phrases as a whole, in either case; none of none."""
    if not words:
        return re.compile(r"(?!)")
    ordered = sorted(words, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, ordered))})(?!\w)", re.IGNORECASE)
