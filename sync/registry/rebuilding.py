"""The registry's rows made from the files, the allocations and what was decided: the same rows.

Every document of a controlled library is read as at an upload (1 resource unit each, and 2 for a
page of 200 files or rows), so that the list can be made again after a mishap, and compared with
what it should be. Nothing else than the columns that Verger keeps is ever written.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sync.facts import document_of, reading_of
from sync.pausing import require_running
from sync.registry import home_of, write
from sync.registry.columns import (
    NUMBER,
    OWNED,
    OWNED_UNBOUND,
    TITLE,
    columns_of,
    differing,
    unbound,
    without_file,
)
from sync.registry.reserving import LAPSES
from sync.state import due, items, lists, numbers
from sync.state.registry import RegistryRow, find_registry_number, put_registry_row
from sync.tenant import rows
from sync.tenant.shapes import DriveItem, FileFacts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sync.model import Document
    from sync.places import Place
    from sync.service import Service
    from sync.state.lists import ListRow
    from sync.tenant.shapes import ChangedItem

AT_ONCE = 4
"""Files read at a time: enough to hide the waiting, few enough to be no burden."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One number's row as it should be. `document` is the file; None where there is none."""

    number: str
    document_id: str
    columns: Mapping[str, Any]
    state: str
    document: Document | None = None

    @property
    def owned(self) -> tuple[str, ...]:
        return OWNED if self.state == "issued" else OWNED_UNBOUND


@dataclass(frozen=True, slots=True)
class Change:
    """What a rebuild writes: a row to add (`item_id` ""), or columns that say something else."""

    wanted: Wanted
    item_id: str
    columns: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Survey:
    """One registry beside what it should say: `loose` are the controlled files without a number."""

    home: ListRow
    wanted: tuple[Wanted, ...]
    found: Mapping[str, ChangedItem]
    strays: tuple[ChangedItem, ...]
    loose: tuple[Document, ...]

    def changes(self) -> list[Change]:
        """Return what must be written so that every row says what it should, by number."""
        told = []
        for one in self.wanted:
            row = self.found.get(one.number)
            if row is None:
                told.append(Change(one, "", one.columns))
            elif wrong := differing(one.columns, row.fields, one.owned):
                told.append(Change(one, row.id, wrong))
        return told


async def survey(service: Service) -> list[Survey]:
    """Read every registry and every document it should list."""
    async with service.state.read() as tx:
        every = await lists.all_lists(tx)
        homes = {row.id: await home_of(tx, row.site_id) for row in every}
    documents: dict[str, list[Document]] = {}
    for row in every:
        home, place = homes[row.id], await service.place(row.id)
        if home is not None and place.area.controlled:
            documents.setdefault(home.id, []).extend(await _documents(service, place))
    registers = [row for row in every if homes[row.id] is not None and row == homes[row.id]]
    only = registers[0].id if len(registers) == 1 else ""
    return [await _survey(service, row, documents.get(row.id, []), only) for row in registers]


async def rebuild(service: Service, found: Survey) -> list[Change]:
    """Write what differs, and remember every row as the number's own. Returns what was written.

    Raises OutOfTurn when the site is paused, also half-way: what is written then stays.
    """
    changes = {one.wanted.number: one for one in found.changes()}
    for wanted in found.wanted:
        await require_running(service, list_id=found.home.id)
        row, change = found.found.get(wanted.number), changes.get(wanted.number)
        item_id = row.id if row is not None else ""
        if change is not None and row is not None:
            await rows.update(service.tenant, found.home, row.id, change.columns)
        elif change is not None:
            item_id = await write(service, found.home, None, wanted.columns)
        kept = RegistryRow(
            document_id=wanted.document_id,
            number=wanted.number,
            list_id=found.home.id,
            list_item_id=item_id,
            columns=_kept(wanted, row),
            etag=None,
            written_at=service.now(),
        )
        async with service.state.begin() as tx:
            await put_registry_row(tx, kept)
    return list(changes.values())


def _kept(wanted: Wanted, row: ChangedItem | None) -> dict[str, Any]:
    """Return what is remembered of a row; of a number without a document, staff's words as well."""
    if wanted.state == "issued" or row is None:
        return dict(wanted.columns)
    theirs = {name: row.fields[name] for name in wanted.columns if name in row.fields}
    return {**wanted.columns, **{n: v for n, v in theirs.items() if n not in OWNED_UNBOUND}}


async def _documents(service: Service, place: Place) -> list[Document]:
    gate = asyncio.Semaphore(AT_ONCE)

    async def read(item: ChangedItem) -> Document | None:
        async with gate:
            return await _document(service, place, item)

    listed = [item async for item in rows.every(service.tenant, place.row)]
    found = await asyncio.gather(*(read(item) for item in listed))
    return [one for one in found if one is not None]


async def _document(service: Service, place: Place, item: ChangedItem) -> Document | None:
    """Read one file as at an upload; None for a folder and for what is no document."""
    if item.is_folder or service.standard.ignores(item.name):
        return None
    file = FileFacts.of(item, DriveItem(id="", name=item.name))
    async with service.state.read() as tx:
        known = await items.get_item(tx, place.row.id, item.id)
    reading = await reading_of(service, place, item.id, file)
    return document_of(place, item.id, known.document_id if known else "", file, reading)


async def _survey(
    service: Service, home: ListRow, documents: Sequence[Document], only: str
) -> Survey:
    here = {one.document_id: one for one in documents if one.document_id}
    listed = [row async for row in rows.every(service.tenant, home)]
    by_number = {str(row.fields.get(NUMBER)): row for row in listed if row.fields.get(NUMBER)}
    wanted = []
    async with service.state.read() as tx:
        given = await numbers.all_numbers(tx)
    for row in given:
        document, told = here.get(row.document_id or ""), by_number.get(str(row.number))
        one = await _wanted(service, home, row, document, told)
        if one is not None and (
            one.document is not None or home.id == only or await _lists(service, home, one)
        ):
            wanted.append(one)
    numbered = {one.document_id for one in wanted}
    known = {one.number for one in wanted}
    return Survey(
        home=home,
        wanted=tuple(wanted),
        found={number: row for number, row in by_number.items() if number in known},
        strays=tuple(row for number, row in by_number.items() if number not in known),
        loose=tuple(one for one in documents if one.document_id not in numbered),
    )


async def _lists(service: Service, home: ListRow, one: Wanted) -> bool:
    """Whether this registry, of several, is the one that lists a number without a file."""
    async with service.state.read() as tx:
        row = await find_registry_number(tx, one.number)
    return row is not None and row.list_id == home.id


async def _wanted(
    service: Service,
    home: ListRow,
    row: numbers.NumberRow,
    document: Document | None,
    listed: ChangedItem | None,
) -> Wanted | None:
    number = str(row.number)
    if row.state != "issued":
        columns = await _unbound(service, home, row)
        return Wanted(number, number, columns, row.state)
    if row.document_id is None:
        return None
    if document is None:
        columns = without_file(number, row.document_id, await _said(service, number, listed))
        return Wanted(number, row.document_id, columns, row.state)
    columns = columns_of(document, number, await _own_title(service, number, document))
    return Wanted(number, row.document_id, columns, row.state, document)


async def _own_title(service: Service, number: str, document: Document) -> str:
    """Return the title on record of a document in whose place another's content lies, else ""."""
    async with service.state.read() as tx:
        item = await items.item_of(tx, document.document_id)
        known = await find_registry_number(tx, number)
    foreign = item and item.content_id and document.content_id not in {"", item.content_id}
    return str(known.columns[TITLE]) if known and foreign else ""


async def _said(service: Service, number: str, listed: ChangedItem | None) -> Mapping[str, Any]:
    """Return what a number's row said by our own state, by the list where state lost it."""
    async with service.state.read() as tx:
        known = await find_registry_number(tx, number)
    return known.columns if known else listed.fields if listed else {}


async def _unbound(service: Service, home: ListRow, row: numbers.NumberRow) -> dict[str, Any]:
    number = str(row.number)
    until = row.issued_at + timedelta(days=service.standard.numbering.reserved_days)
    async with service.state.read() as tx:
        known = await find_registry_number(tx, number)
        promised = await due.promises(tx, home.id, (known.list_item_id if known else None) or "")
    title = known.columns.get(TITLE) if known else None
    if title is None and row.state == "reserved":
        title = row.note
    told = unbound(number, row.state, promised.get(LAPSES, until))
    return {TITLE: title or number, **told}
