"""The document registry follows the files: one row for each controlled document, in a native list.

The truth of a number is its allocation in SQL; the row in SharePoint is what staff read. It is
written only when it would say something else than it does.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sharepoint_schema.naming import guess_name
from sync.errors import Missing, Rejected, Unavailable
from sync.state import items, lists
from sync.state.registry import RegistryRow, get_registry_row
from sync.tenant import rows

if TYPE_CHECKING:
    from sync.acting import Acted
    from sync.model import Document
    from sync.places import Place
    from sync.service import Service
    from sync.state.lists import ListRow

AREA = "registry"
COPIED = (
    "VersionLabel",
    "DocumentType",
    "DateAdopted",
    "ReviewDate",
    "ApprovedBy",
    "TargetAudience",
    "DocumentStatus",
    "ControlStatus",
    "ControlReason",
)
"""Columns the registry shows as the document's own columns say them."""
DATES = ("DateAdopted", "ReviewDate")
_EMPTIED = dict.fromkeys(COPIED)


async def follow(service: Service, place: Place, acted: Acted) -> RegistryRow | None:
    """Bring the document's registry row in step. Returns what was written, None when nothing was.

    2 resource units when something is written. Raises what writing a list row raises.
    """
    if not (place.area.controlled and acted.number and acted.moved_from is None):
        return None
    async with service.state.read() as tx:
        home = await lists.find_area(tx, place.row.site_id, AREA)
        known = await get_registry_row(tx, acted.document.document_id)
    if home is None:
        return None
    wanted = columns_of(acted.document, acted.number)
    if known is not None and known.columns == wanted:
        return None
    item_id = await _write(service, home, known, wanted)
    return RegistryRow(
        document_id=acted.document.document_id,
        number=acted.number,
        list_id=home.id,
        list_item_id=item_id,
        columns=wanted,
        etag=None,
        written_at=service.now(),
    )


async def withdraw(service: Service, place: Place, item_id: str, says: str) -> RegistryRow | None:
    """Let the row of a document say that its file is not there; its title and link go with it.

    Returns what was written, None for a document without a row.
    """
    async with service.state.read() as tx:
        item = await items.get_item(tx, place.row.id, item_id)
        known = await get_registry_row(tx, item.document_id) if item else None
        home = await lists.find_area(tx, place.row.site_id, AREA)
    if item is None or known is None or home is None:
        return None
    number = known.columns["DocumentNumber"]
    wanted = {
        "Title": number,
        "DocumentNumber": number,
        "DocumentKey": item.document_id,
        "DocumentLink": "",
        "ControlStatus": "Needs you",
        "ControlReason": says,
    }
    if known.columns == wanted:
        return None
    list_item_id = await _write(service, home, known, wanted)
    return replace(known, columns=wanted, list_item_id=list_item_id, written_at=service.now())


def columns_of(document: Document, number: str) -> dict[str, Any]:
    """Return a document's registry row by internal name, JSON-able; dates in ISO form."""
    block = document.block
    row: dict[str, Any] = {
        "Title": (block.name if block else "") or _title(document, number),
        "DocumentNumber": number,
        "DocumentLink": document.web_url,
        "DocumentKey": document.document_id,
    }
    for name in COPIED:
        value = document.fields.get(name)
        if value not in (None, ""):
            day = document.date_column(name) if name in DATES else None
            row[name] = day.isoformat() if day else value
    return row


def _title(document: Document, number: str) -> str:
    """Return the title a name shows, for a document without a control block."""
    series = number.partition("-")[0]
    return guess_name(document.name, {series}).title or document.name


async def _write(
    service: Service, home: ListRow, known: RegistryRow | None, wanted: dict[str, Any]
) -> str:
    """Create or update the row; a number whose row exists already (a dead worker's) is updated."""
    if known is not None and known.list_item_id is not None:
        try:
            await rows.update(service.tenant, home, known.list_item_id, _EMPTIED | wanted)
        except Missing:  # staff removed the row; the document still is, so its row is made anew
            pass
        else:
            return known.list_item_id
    try:
        return await rows.create(service.tenant, home, wanted)
    except (Rejected, Unavailable) as error:
        if isinstance(error, Unavailable) and not error.maybe_done:
            raise
        item_id = await rows.find(service.tenant, home, "DocumentNumber", wanted["DocumentNumber"])
        if item_id is None:
            raise
        await rows.update(service.tenant, home, item_id, wanted)
        return item_id
