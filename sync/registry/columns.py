"""What a row of the document registry says, and whether it says so already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sharepoint_schema.dates import show_date
from sharepoint_schema.naming import guess_name
from sync.model import SITE_TIME, as_date
from sync.model.identifiers import all_masked, names_one

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sync.model import Document

AREA = "registry"
NUMBER, TITLE, TYPE, KEY = "DocumentNumber", "Title", "DocumentType", "DocumentKey"
NUMBER_STATUS, SERIES, NOTE = "NumberStatus", "NumberSeries", "RegistryNote"
STATUS, REASON, REVIEW = "ControlStatus", "ControlReason", "ReviewDate"
COPIED = (
    "VersionLabel",
    TYPE,
    "DateAdopted",
    REVIEW,
    "ApprovedBy",
    "TargetAudience",
    "DocumentStatus",
    STATUS,
    REASON,
)
"""Columns the registry shows as the document's own columns say them."""
DATES = ("DateAdopted", REVIEW)
LASTING = (TYPE, "DateAdopted")
"""What outlives the file: how long a document is kept hangs on them, and so does its disposal."""
OWNED = (TITLE, NUMBER, KEY, "DocumentLink", NUMBER_STATUS, *COPIED)
"""Columns of a document's row that Verger keeps; all others are the staff's own."""
OWNED_UNBOUND = (NUMBER, KEY, "DocumentLink", NUMBER_STATUS)
"""The same of a number without a document; its title and type are what the staff expect of it."""
ISSUED = "Issued"
GONE = "The file is no longer in the library of controlled documents."
"""What the row says of a document whose file is not where it should be."""


def columns_of(document: Document, number: str, title: str = "") -> dict[str, Any]:
    """Return a document's registry row by internal name, JSON-able; dates in ISO form.

    A control block of another number is another document's, and so is its title (decision 3);
    `title` is the document's own where all its content is another's. An NHS number is not carried
    over to where more people read.
    """
    block = document.block
    if block and block.number and str(block.number) != number:
        block = None
    row: dict[str, Any] = {
        TITLE: title or (block.name if block else "") or _title(document, number),
        NUMBER: number,
        "DocumentLink": document.web_url,
        KEY: document.document_id,
        NUMBER_STATUS: ISSUED,
    }
    for name in COPIED:
        value = document.fields.get(name)
        if value not in (None, ""):
            day = document.date_column(name) if name in DATES else None
            row[name] = day.isoformat() if day else value
    if names_one(document.web_url):
        row["DocumentLink"] = ""
    masked: dict[str, Any] = all_masked(row)
    return masked


def without_file(number: str, document_id: str, known: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row of a document whose file is not there; its title and link go with it.

    `known` is what its row said, of which type and date of adoption stay.
    """
    lasting = {name: plain(name, known[name]) for name in LASTING if known.get(name)}
    return {
        **lasting,
        TITLE: number,
        NUMBER: number,
        KEY: document_id,
        "DocumentLink": "",
        NUMBER_STATUS: ISSUED,
        STATUS: "Needs you",
        REASON: GONE,
    }


def unbound(number: str, state: str, until: datetime | None = None) -> dict[str, Any]:
    """Return the owned columns of a number without a document: reserved, lapsed or void.

    `until` is when a reservation lapses (aware).
    """
    told = state.capitalize()
    if state == "reserved" and until is not None:
        told = f"Reserved until {show_date(until.astimezone(SITE_TIME).date())}"
    return {NUMBER: number, NUMBER_STATUS: told}


def differing(
    wanted: Mapping[str, Any], found: Mapping[str, Any], names: Iterable[str]
) -> dict[str, Any]:
    """Return what must be written so that `found` says what is wanted; None empties a column."""
    return {
        name: wanted.get(name)
        for name in names
        if plain(name, wanted.get(name)) != plain(name, found.get(name))
    }


def plain(name: str, value: Any) -> str:
    """Return a column's value as it compares: a date in ISO form, text without outer space."""
    if value is None:
        return ""
    day = as_date(value) if name in DATES else None
    return day.isoformat() if day else str(value).replace("\r\n", "\n").strip()


def _title(document: Document, number: str) -> str:
    """Return the title a name shows, for a document without a control block."""
    series = number.partition("-")[0]
    return guess_name(document.name, {series}).title or document.name
