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
        bearers = list(dict.fromkeys([*wanted, *([number] if number else [])]))
        return Context(
            today=service.today(),
            standard=service.standard,
            area=place.area,
            number=str(number or ""),
            taken=taken | await _names(tx, document, bearers),
            holders=await _holders(tx, place, bearers),
            copies=await _copies(tx, place, document),
        )


async def _names(
    tx: AsyncConnection, document: Document, bearers: Sequence[Number]
) -> frozenset[str]:
    """Return the other names of the folder that an agreed name of this document could meet."""
    found: dict[str, str] = {}
    for number in bearers:
        found |= await items.names_in_folder(tx, document.list_id, document.folder, f"{number} ")
    return frozenset(key for key, item_id in found.items() if item_id != document.item_id)


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
        if row.document_id == document.document_id or await _came_back(tx, row, document):
            return number
    return None


async def _came_back(tx: AsyncConnection, row: numbers.NumberRow, document: Document) -> bool:
    """Pass a number on to a file that its deleted document was uploaded again as.

    Again means: the same content, or the same name. Anything else under a dead document's number
    is for the registry to decide.
    """
    dead = await items.item_of(tx, row.document_id) if row.document_id else None
    if dead is None or dead.deleted_at is None:
        return False
    same_name = items.name_key(dead.name) == items.name_key(document.name)
    if not (same_name or (dead.content_id and dead.content_id == document.content_id)):
        return False
    await numbers.pass_on(tx, row.number, document.document_id)
    return True


async def _holders(
    tx: AsyncConnection, place: Place, wanted: Sequence[Number]
) -> dict[str, Holder]:
    found = {}
    for number in wanted:
        taken = await numbers.get_number(tx, number)
        row = await items.item_of(tx, taken.document_id) if taken and taken.document_id else None
        if row is not None:
            found[str(number)] = await _holder(tx, place, row, str(number))
    return found


async def _copies(tx: AsyncConnection, place: Place, document: Document) -> tuple[Holder, ...]:
    """Return the numbered documents elsewhere that hold the same content."""
    if not document.content_id:
        return ()
    rows = await items.find_by_content(tx, document.content_id)
    same = [row for row in rows if row.number and row.document_id != document.document_id]
    return tuple([await _holder(tx, place, row, row.number or "") for row in same])


async def _holder(tx: AsyncConnection, place: Place, row: ItemRow, number: str) -> Holder:
    """Return a number's bearer; one in a closed place keeps its name to itself."""
    home = await lists.get_list(tx, row.list_id)
    area = home.area if home else ""
    closed = area in {place.area.restricted, place.area.quarantine}
    return Holder(
        document_id=row.document_id,
        number=number,
        content_id=row.content_id or "",
        name="" if closed else row.name,
        site=home.site_url if home else "",
        area=area,
    )
