"""Which document an item is, and what else the network knows that bears on it (decisions 3, 4, 7).

A document has an id of ours, bound to its item; a rename or a move keeps it. Its number belongs to
whoever held it first: allocation before control block, column and name.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from sharepoint_schema.naming import guess_name
from sync.model import Context, Holder, parse_number
from sync.state import items, lists, numbers, writes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sharepoint_schema.numbers import Number
    from sync.model import Document
    from sync.places import Place
    from sync.service import Service
    from sync.state.items import ItemRow


async def identify(
    tx: AsyncConnection, key: tuple[str, str], unique_id: str, name: str, now: datetime
) -> ItemRow:
    """Return the shadow row of an item, opening one for an item never seen.

    An item whose listItemUniqueId is known elsewhere is the same document, moved or restored.
    """
    known = await items.get_item(tx, *key)
    if known is None and unique_id:
        for other in await items.find_by_unique_id(tx, unique_id):
            await writes.rebind(tx, (other.list_id, other.item_id), key)
        known = await items.get_item(tx, *key)
    if known is None:
        known = items.ItemRow(
            list_id=key[0],
            item_id=key[1],
            document_id=str(uuid.uuid4()),
            unique_id=unique_id,
            name=name,
            seen_at=now,
        )
        await items.put_item(tx, known)
    return known


async def context(
    service: Service, place: Place, document: Document, taken: frozenset[str]
) -> Context:
    """Return all a policy may know besides the document: names, numbers, copies, today."""
    wanted = candidates(service, document)
    async with service.state.begin() as tx:
        number = await _number(tx, service, place, document, wanted)
        holders = await _holders(tx, [*wanted, *([number] if number else [])])
        copies = await _copies(tx, document)
        names = await items.names_in_folder(tx, document.list_id, document.folder)
    others = {key for key, item_id in names.items() if item_id != document.item_id}
    return Context(
        today=service.today(),
        standard=service.standard,
        area=place.area,
        number=str(number or ""),
        taken=frozenset(others | taken),
        holders=holders,
        copies=copies,
    )


def candidates(service: Service, document: Document) -> list[Number]:
    """Return the numbers a document names, the weightiest source first: block, column, name."""
    block = document.block.number if document.block else None
    column = parse_number(document.column("DocumentNumber"))
    name = guess_name(document.name, service.standard.series_codes).number
    return list(dict.fromkeys(number for number in (block, column, name) if number is not None))


async def _number(
    tx: AsyncConnection,
    service: Service,
    place: Place,
    document: Document,
    wanted: Sequence[Number],
) -> Number | None:
    """Return the document's number; in a controlled place a free one becomes its own."""
    given = await numbers.numbers_of(tx, document.document_id)
    own = [row for row in given if row.state == "issued"]
    if own:
        return own[0].number
    for number in wanted[:1] if place.area.controlled else ():
        row = await numbers.claim_existing(tx, number, document.document_id, service.now())
        if row.document_id == document.document_id:
            return number
    return None


async def _holders(tx: AsyncConnection, wanted: Sequence[Number]) -> dict[str, Holder]:
    found = {}
    for number in wanted:
        taken = await numbers.get_number(tx, number)
        row = await items.item_of(tx, taken.document_id) if taken and taken.document_id else None
        if row is not None:
            found[str(number)] = await _holder(tx, row, str(number))
    return found


async def _copies(tx: AsyncConnection, document: Document) -> tuple[Holder, ...]:
    """Return the numbered documents elsewhere that hold the same content."""
    if not document.content_id:
        return ()
    rows = await items.find_by_content(tx, document.content_id)
    same = [row for row in rows if row.number and row.document_id != document.document_id]
    return tuple([await _holder(tx, row, row.number or "") for row in same])


async def _holder(tx: AsyncConnection, row: ItemRow, number: str) -> Holder:
    place = await lists.get_list(tx, row.list_id)
    return Holder(
        document_id=row.document_id,
        number=number,
        content_id=row.content_id or "",
        name=row.name,
        site=place.site_url if place else "",
        area=place.area if place else "",
    )
