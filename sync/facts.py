"""From a work row to the document: its columns from the feed, its content where a rule asks.

The feed's own page says all about a file but its content, so a changed file costs one download.
Text never leaves this process. A file that is still growing is left for later.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from sync import checkouts
from sync.errors import Missing, NotReady, Rejected
from sync.folders import folder_of
from sync.identity import identify
from sync.model import Document, Reading, ReadState, Value, as_date
from sync.policies import policies
from sync.reading.limits import Limits
from sync.reading.pool import read_within
from sync.state import items
from sync.tenant import documents
from sync.tenant.shapes import ChangedItem, DriveItem, FileFacts, Parent, count

if TYPE_CHECKING:
    from sync.places import Place
    from sync.service import Service
    from sync.state.work import Work

GROWING = timedelta(seconds=90)
"""How long a file of 0 bytes may still be on its way up before it is judged as what it is."""
LOOK_AGAIN = 10.0
"""Seconds until a growing file is looked at again; its next change comes sooner."""


@dataclass(frozen=True, slots=True)
class Gone:
    """The item is no longer there."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """A folder, or a file that is no document (decision 11)."""


async def look(service: Service, place: Place, row: Work) -> Document | Gone | Ignored:
    """Return what the row's item is now.

    Raises NotReady for a file still growing, and whatever reading it from Microsoft 365 raises.
    """
    try:
        file = await _file(service, place, row)
        if not isinstance(file, FileFacts):
            return file
        if service.standard.ignores(file.name):
            return Ignored()
        reading = await reading_of(service, place, row.item_id, file)
        holder = await checkouts.holder(service, place, row.item_id, file)
    except Missing:
        return Gone()
    key = (row.list_id, row.item_id)
    async with service.state.begin() as tx:
        known = await identify(tx, key, file.unique_id, file.name, service.now())
    document = document_of(place, row.item_id, known.document_id, file, reading)
    return replace(document, checked_out_by=holder)


def document_of(
    place: Place, item_id: str, document_id: str, file: FileFacts, reading: Reading | None
) -> Document:
    """Put what the tenant tells of a file into the words of the model; dates become dates."""
    dates = place.dates
    return Document(
        site=place.row.site_url,
        list_id=place.row.id,
        item_id=item_id,
        document_id=document_id,
        unique_id=file.unique_id,
        fields={name: _value(value, name in dates) for name, value in file.fields.items()},
        etag=file.etag,
        web_url=file.web_url,
        created_by=file.created_by,
        modified_by=file.modified_by,
        modified_at=file.modified_at,
        name=file.name,
        area=place.area.key,
        folder=file.folder,
        size=file.size,
        ctag=file.ctag,
        drive_item_id=file.drive_item_id,
        sharepoint_version=str(file.fields.get("_UIVersionString") or ""),
        reading=reading,
    )


async def _file(service: Service, place: Place, row: Work) -> FileFacts | Gone | Ignored:
    """Return the feed's item, or the file read anew where the feed told nothing or it is old news.

    Old is what an earlier look already had (it waited, or died and may have written), and what the
    feed told while our own writes were under way.
    """
    told = (row.change or {}).get("item")
    item = None if told is None or row.attempts > 1 else msgspec.convert(told, ChangedItem)
    if item is None or await _is_old(service, row, item):
        return await documents.file_facts(service.tenant, place.row, row.item_id) or Ignored()
    if item.deleted:
        return Gone()
    return Ignored() if item.is_folder else _from_feed(place, item)


async def _is_old(service: Service, row: Work, item: ChangedItem) -> bool:
    async with service.state.read() as tx:
        known = await items.get_item(tx, row.list_id, row.item_id)
    return known is not None and 0 < count(item.etag) < count(known.etag or "")


def _from_feed(place: Place, item: ChangedItem) -> FileFacts:
    """Return a feed item as file facts; the feed knows no size and no drive item."""
    parent = Parent(path=f"root:/{folder_of(place, item)}")
    return FileFacts.of(item, DriveItem(id="", name=item.name, parent_reference=parent))


async def reading_of(
    service: Service, place: Place, item_id: str, file: FileFacts, *, wanted: bool = False
) -> Reading | None:
    """Fetch and read the file; None when neither `wanted` nor a rule of the place asks for it."""
    if not wanted and not any("content" in policies()[name].needs for name in place.area.policies):
        return None
    limits = limits_of(service)
    try:
        data, etag = await documents.content(service.tenant, place.row, item_id, limits.size)
        fetched_at = service.now().timestamp()
    except Rejected as error:
        if error.code != "tooLarge":
            raise
        why = f"The file is larger than {limits.size // 2**20} MiB."
        return Reading(ReadState.TOO_LARGE, why)
    if not data and service.now() - file.modified_at < GROWING:
        says = "it has 0 bytes and may still be uploading"
        raise NotReady(says, retry_after=LOOK_AGAIN)
    reading = await asyncio.to_thread(read_within, data, file.name, limits)
    return replace(reading, etag=etag, fetched_at=fetched_at)


def limits_of(service: Service) -> Limits:
    """Return within what the standard has a file read."""
    said = service.standard.limits
    return Limits(
        size=said.bytes,
        unzipped=said.unzipped_bytes,
        ratio=said.unzipped_ratio,
        characters=said.characters,
        pages=said.pages,
        seconds=said.seconds,
    )


def _value(value: object, is_date: bool) -> Value:  # noqa: FBT001 - the column's kind, told apart
    if value is None:
        return None
    text = value if isinstance(value, str) else str(value)
    return as_date(text) if is_date else text
