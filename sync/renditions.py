"""A PDF beside each published document, for reading: drawn by Microsoft 365, later if need be.

It lies among the *Published PDFs* of the document's site under number and title alone, so that a
link to it goes on showing what is in force. Nothing waits for it (decision 31). It is open to all
who read the library, so it goes with its document: to the recycle bin as soon as that is contained,
moved away, deleted, put away or its publication undone. What comes back has it drawn anew.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sharepoint_schema.naming import guess_name
from sync.errors import Missing, Rejected, Transient, VergerError
from sync.in_force import published_bytes
from sync.policies.publication import PUT_AWAY
from sync.state import decisions, items, lists
from sync.tenant import documents, publishing, rows

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import Any

    from sync.acting import Acted
    from sync.cases import Case
    from sync.service import Service
    from sync.state.decisions import PublicationRow
    from sync.state.items import ItemRow
    from sync.state.lists import ListRow

AREA = "published"
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=2), timedelta(hours=6)
TRIES = 20
"""About four days of trying; then the last trouble stands beside the publication."""
CHANGED = "the document was changed before its PDF had been drawn"
DRAWING = "being drawn"
BYTES = "application/octet-stream"

log = logging.getLogger("verger.renditions")


@dataclass(frozen=True, slots=True)
class Source:
    """A published document, where it lies, and where its PDF goes."""

    item: ItemRow
    home: ListRow
    target: ListRow


async def draw_waiting(service: Service) -> int:
    """Draw the PDFs that are due, take away what a dead worker left. Returns how many were put."""
    now = service.now()
    async with service.state.read() as tx:
        due = await decisions.renditions_due(tx, now)
    return sum([await _attend(service, row) for row in due])


async def _attend(service: Service, row: PublicationRow) -> bool:
    """Draw one PDF; trouble that may pass puts it off, any other is written down.

    What was withdrawn while it was being drawn is taken away again.
    """
    if row.pdf == decisions.WITHDRAWN:
        await _clear(service, row)
        return False
    async with service.state.begin() as tx:
        if not await decisions.begin_rendition(tx, row):
            return False
    try:
        said = await _tried(service, row)
    except Transient as error:
        said = _put_off(service, row, str(error))
    async with service.state.begin() as tx:
        noted = await decisions.note_rendition(tx, row, **said)
        if not noted:
            await decisions.note_overtaken(tx, row)
    if not noted:
        await _clear(service, row)
    return noted and bool(said["pdf"] == decisions.MADE)


async def _clear(service: Service, row: PublicationRow) -> None:
    """Take away what is withdrawn; what can't be is tried again with the next drawing."""
    try:
        await _take_back(service, row)
    except VergerError as error:
        log.warning(
            "the PDF of %s %s is withdrawn and still there: %s", row.number, row.label, error
        )


async def _tried(service: Service, row: PublicationRow) -> Mapping[str, Any]:
    """Draw a PDF; where that takes a second try, or can't be, no earlier version's stays."""
    if row.pdf_tries:
        await _take_back(service, row)
    try:
        said = await _draw(service, row)
    except (Rejected, Missing) as error:
        said = {"pdf": decisions.IMPOSSIBLE, "pdf_says": str(error)}
    if said["pdf"] == decisions.IMPOSSIBLE:
        await _take_back(service, row)
    return said


def _put_off(service: Service, row: PublicationRow, says: str) -> Mapping[str, Any]:
    if row.pdf_tries + 1 >= TRIES:
        return {"pdf": decisions.IMPOSSIBLE, "pdf_says": says}
    wait = min(FIRST_WAIT * 2**row.pdf_tries, LONGEST_WAIT)
    at = service.now() + wait
    return {"pdf": decisions.WAITING, "pdf_says": says, "pdf_not_before": at}


async def _draw(service: Service, row: PublicationRow) -> Mapping[str, Any]:
    source = await _source(service, row)
    name = name_of(service, row, source.item)
    if source.item.content_id == row.content_id:
        data = await _of_the_file(service, source)
    else:
        data = await _of_its_history(service, row, source)
    if data is None:
        return {"pdf": decisions.IMPOSSIBLE, "pdf_says": CHANGED}
    await publishing.put_file(service.tenant, source.target, name, data)
    await _recycle(service, source.target, {row.number}, but=name)
    return {"pdf": decisions.MADE, "pdf_says": None}


async def _source(service: Service, row: PublicationRow) -> Source:
    """Return where a publication's document lies. Raises Missing where there is nothing to do."""
    async with service.state.read() as tx:
        item = await items.item_of(tx, row.document_id)
        home = await lists.get_list(tx, item.list_id) if item else None
        target = await lists.find_area(tx, home.site_id, AREA) if home else None
    if item is None or home is None or item.deleted_at:
        raise Missing("the document was deleted before its PDF had been drawn")
    if target is None:
        raise Missing(f"the site {home.site_url} has no place for published PDFs")
    return Source(item, home, target)


async def _of_the_file(service: Service, source: Source) -> bytes | None:
    """Draw the file as it is (3 units); None if it was changed meanwhile."""
    where, item_id = source.home, source.item.item_id
    before = await documents.file_facts(service.tenant, where, item_id)
    data = await publishing.rendition(service.tenant, where, item_id, _limit(service))
    after = await documents.file_facts(service.tenant, where, item_id)
    same = before is not None and after is not None and before.ctag == after.ctag
    return data if same else None


async def _of_its_history(service: Service, row: PublicationRow, source: Source) -> bytes | None:
    """Draw what is in force while something newer is at work on, or a later version was undone.

    Microsoft 365 draws only files, no version of one: for the drawing a copy lies where its PDF
    goes (10 units), which is open to the same people. A worker that dies leaves it under the
    number, by which the next try removes it.
    """
    data = await published_bytes(service, source.home, source.item, row)
    if data is None:
        return None
    name = f"{row.number} {row.label} {DRAWING}.{source.item.name.rpartition('.')[2]}"
    await publishing.put_file(service.tenant, source.target, name, data, BYTES)
    try:
        return await publishing.rendition_at(service.tenant, source.target, name, _limit(service))
    finally:
        await _recycle(service, source.target, {f"{row.number} {row.label} {DRAWING}"})


def _limit(service: Service) -> int:
    return service.standard.limits.bytes


async def follow(case: Case, acted: Acted, *, closed: bool) -> None:
    """See to a document's PDF in the look at the document, before the look is recorded.

    `closed` says that the document must not be named anywhere. One lookup where nothing is due.
    """
    document = acted.document
    area = (await case.service.place(document.list_id)).area
    put_away = document.column("DocumentStatus") in PUT_AWAY
    if closed or put_away or not (area.is_open and area.controlled):
        await withdraw(case.service, case.place.row.site_id, document.document_id)
    elif acted.number:
        await _bring_back(case.service, document.document_id)


async def left(case: Case) -> None:
    """Withdraw the PDF of a document that is gone from where the case saw it."""
    async with case.service.state.read() as tx:
        known = await items.get_item(tx, case.row.list_id, case.row.item_id)
    if known is not None:
        await withdraw(case.service, case.place.row.site_id, known.document_id)


async def withdraw(service: Service, site_id: str, document_id: str, label: str = "") -> None:
    """Put a document's PDF into the recycle bin, however far its drawing is; repeatable.

    With `label`, only if that version's may lie there. Costs nothing at Microsoft 365 where none
    can. Raises what Microsoft 365 raises, Locked while somebody has the PDF checked out.
    """
    async with service.state.read() as tx:
        published = await decisions.publications_of(tx, document_id)
        target = await lists.find_area(tx, site_id, AREA) if published else None
    if not any(_concerns(row, label) for row in published):
        return
    async with service.state.begin() as tx:
        found = await decisions.withhold_renditions(tx, document_id)
    if target is not None and found:
        await _recycle(service, target, {row.number for row in found})
    async with service.state.begin() as tx:
        await decisions.note_renditions_away(tx, document_id)


def _concerns(row: PublicationRow, label: str) -> bool:
    """Whether a publication's PDF lies there or, where no label is asked for, is still to come."""
    if label:
        return row.label == label and row.pdf_tries > 0
    return row.pdf != decisions.WITHDRAWN or row.pdf_tries > 0


async def _recycle(
    service: Service, target: ListRow, numbers: Collection[str], but: str = ""
) -> None:
    """Recycle what bears one of the numbers, `but` one name: PDFs keep the title of their time."""
    found = [
        row.id
        async for row in rows.every(service.tenant, target)
        if row.name != but and any(_bears(row.name, one) for one in numbers)
    ]
    for item_id in found:
        await rows.remove(service.tenant, target, item_id)


def _bears(name: str, number: str) -> bool:
    return name.startswith((f"{number}.", f"{number} "))


async def _take_back(service: Service, row: PublicationRow) -> None:
    """Recycle what lies there under a publication's number, of whichever version."""
    async with service.state.read() as tx:
        item = await items.item_of(tx, row.document_id)
        home = await lists.get_list(tx, item.list_id) if item else None
        target = await lists.find_area(tx, home.site_id, AREA) if home else None
    if target is not None:
        await _recycle(service, target, {row.number})
    async with service.state.begin() as tx:
        await decisions.note_renditions_away(tx, row.document_id)


async def _bring_back(service: Service, document_id: str) -> None:
    """Have the PDF of a document that is open and in force drawn anew, if it was withdrawn."""
    async with service.state.read() as tx:
        published = await decisions.publications_of(tx, document_id)
    if published and published[-1].pdf == decisions.WITHDRAWN:
        async with service.state.begin() as tx:
            await decisions.want_rendition(tx, published[-1])


def name_of(service: Service, row: PublicationRow, item: ItemRow) -> str:
    """Return the PDF's name: number and title, the same for every version."""
    title = guess_name(item.name, service.standard.series_codes).title
    return f"{row.number} {title}.pdf" if title else f"{row.number}.pdf"
