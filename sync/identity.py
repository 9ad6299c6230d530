"""Which document an item is, and what else the network knows that bears on it (decisions 3, 4, 7).

A document has an id of ours, bound to its item; a rename or a move keeps it. Its number belongs to
whoever held it first: allocation before control block, column and name.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

from sharepoint_schema.numbers import Number
from sync import checkouts, numbering, ties
from sync.model import Alike, Context, Holder, Impact, Unclaimed, parse_label
from sync.past import fate_of, fates, past_of
from sync.policies import dead_reference
from sync.state import assessments, decisions, items, lists, numbers, similar, writes
from sync.state.register_rows import reviewed_on

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sync.model import Decision, Document, Publication
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
    """Return all a policy may know besides the document: names, numbers, copies, today.

    How the document sees others is kept with it, so that it is judged anew when they change.
    """
    wanted = numbering.candidates(service, document)
    async with service.state.begin() as tx:
        told = await numbering.number_of(tx, service, place, document, wanted)
        number = told if isinstance(told, Number) else None
        bearers = list(dict.fromkeys([*wanted, *([number] if number else [])]))
        known = Context(
            today=service.today(),
            standard=service.standard,
            area=place.area,
            number=str(number or ""),
            unclaimed=told if isinstance(told, Unclaimed) else None,
            taken=taken | await _names(tx, document, bearers),
            holders=await _holders(tx, service, place, bearers),
            copies=await _copies(tx, place, document),
            decisions=await _decisions(tx, document),
            publications=await _publications(tx, document),
            past=await past_of(tx, document, number),
            impact=await _impact(tx, [number] if number else wanted[:1]),
            alike=await alike(tx, service, place, document),
            strays=await strays(tx, service, document),
            agreed_reviews=await reviewed_on(tx, str(number or "")),
            checked_out_since=await checkouts.day_of(tx, document),
            cited=await fates(tx, _cited(service, place, document), service.standard),
        )
        await ties.keep(tx, document, known, bearers)
        return known


def _cited(service: Service, place: Place, document: Document) -> list[Number]:
    """Return the numbers a text cites, where a rule of the place asks for them."""
    asked = dead_reference.__name__.rpartition(".")[2] in place.area.policies
    return dead_reference.cited(document, service.standard) if asked else []


async def _impact(tx: AsyncConnection, borne: Sequence[Number]) -> Impact | None:
    """Return the last equality impact assessment of a number; a complete one goes first."""
    found = await assessments.latest(tx, str(borne[0])) if borne else None
    return Impact(found.assessed_on, tuple(found.missing)) if found else None


async def _decisions(tx: AsyncConnection, document: Document) -> tuple[Decision, ...]:
    return tuple(row.decision for row in await decisions.decisions_of(tx, document.document_id))


async def _publications(tx: AsyncConnection, document: Document) -> tuple[Publication, ...]:
    found = await decisions.publications_of(tx, document.document_id)
    return tuple(row.publication for row in found)


async def _names(
    tx: AsyncConnection, document: Document, bearers: Sequence[Number]
) -> frozenset[str]:
    """Return the other names of the folder that an agreed name of this document could meet."""
    found: dict[str, str] = {}
    for number in bearers:
        found |= await items.names_in_folder(tx, document.list_id, document.folder, f"{number} ")
    return frozenset(key for key, item_id in found.items() if item_id != document.item_id)


async def _holders(
    tx: AsyncConnection, service: Service, place: Place, wanted: Sequence[Number]
) -> dict[str, Holder]:
    found = {}
    for number in wanted:
        taken = await numbers.get_number(tx, number)
        row = await items.item_of(tx, taken.document_id) if taken and taken.document_id else None
        if row is not None:
            fate = await fate_of(tx, number, service.standard)
            found[str(number)] = replace(await _holder(tx, place, row, str(number)), fate=fate)
    return found


async def _copies(tx: AsyncConnection, place: Place, document: Document) -> tuple[Holder, ...]:
    """Return the numbered documents elsewhere that hold the same content."""
    if not document.content_id:
        return ()
    rows = await items.find_by_content(tx, document.content_id)
    same = [row for row in rows if row.number and row.document_id != document.document_id]
    return tuple([await _holder(tx, place, row, row.number or "") for row in same])


async def alike(
    tx: AsyncConnection, service: Service, place: Place, document: Document
) -> Alike | None:
    """Return the numbered document elsewhere that says most of the same; short texts say none."""
    reading = document.reading
    if reading is None or reading.words < service.standard.copies.words:
        return None
    own = document.document_id
    found = await similar.alike(tx, own, reading.text_id, reading.likeness)
    row = await items.item_of(tx, found.document_id) if found else None
    if found is None or row is None or row.deleted_at is not None or not row.number:
        return None
    before = await similar.signature_of(tx, own)
    least = service.standard.copies.likeness
    strays = before is not None and similar.share(before, reading.likeness) < least
    holder = await _holder(tx, place, row, row.number)
    return Alike(holder, found.share, instead=found.share >= least and strays)


async def strays(tx: AsyncConnection, service: Service, document: Document) -> bool:
    """Whether a text is mostly another one than the document's last; short texts never are."""
    reading, copies = document.reading, service.standard.copies
    if reading is None or reading.words < copies.words:
        return False
    before = await similar.signature_of(tx, document.document_id)
    return before is not None and similar.share(before, reading.likeness) < copies.carried


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
        label=parse_label(row.label or ""),
    )
