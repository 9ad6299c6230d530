"""Changes of the shadow other than a look: our own writes, moves, deletions, corrections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import case, delete, select, update

from sync.state.due import due
from sync.state.facts import facts
from sync.state.items import at, items
from sync.state.work import work

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

type Key = tuple[str, str]


async def note_own_write(tx: AsyncConnection, list_id: str, item_id: str, etag: str) -> bool:
    """Keep the eTag our write left behind; False when the shadow does not know the item."""
    noted = await tx.execute(update(items).where(at(list_id, item_id)).values(own_etag=etag))
    return noted.rowcount == 1


async def is_echo(tx: AsyncConnection, list_id: str, item_id: str, etag: str) -> bool:
    """Tell whether a change in the feed is only our own last write coming back."""
    return await tx.scalar(select(items.c.own_etag).where(at(list_id, item_id))) == etag


async def echoes(tx: AsyncConnection, list_id: str, etags: dict[str, str]) -> frozenset[str]:
    """Name the items of a feed page (item id → eTag) whose change is our own last write."""
    query = select(items.c.item_id, items.c.own_etag).where(
        items.c.list_id == list_id, items.c.item_id.in_(etags)
    )
    rows = await tx.execute(query)
    return frozenset(item_id for item_id, own in rows if own == etags[item_id])


async def touch(
    tx: AsyncConnection, list_id: str, item_ids: Collection[str], now: datetime
) -> None:
    """Mark items as met by an enumeration that had no reason to look closer."""
    here = (items.c.list_id == list_id) & items.c.item_id.in_(item_ids)
    await tx.execute(update(items).where(here).values(seen_at=now))


async def mark_deleted(tx: AsyncConnection, list_id: str, item_id: str, now: datetime) -> bool:
    """Record that an item is gone; its document, facts and number stay. False when unknown."""
    gone = update(items).where(at(list_id, item_id), items.c.deleted_at.is_(None))
    return (await tx.execute(gone.values(deleted_at=now))).rowcount == 1


async def count_correction(tx: AsyncConnection, list_id: str, item_id: str, day: date) -> int:
    """Count one correction of the item on `day`; returns the day's count, 0 for an unknown item."""
    same = items.c.corrections_day == day
    counted = await tx.scalar(
        update(items)
        .where(at(list_id, item_id))
        .values(corrections_day=day, corrections=case((same, items.c.corrections + 1), else_=1))
        .returning(items.c.corrections)
    )
    return counted or 0


async def rebind(tx: AsyncConnection, old: Key, new: Key) -> bool:
    """Carry a document to the item it became (a move between libraries, a restore).

    If a drain has met the new item first, the document it opened there becomes this one. Dates
    already promised go along; open work of the old item ends. False when `old` is unknown.
    """
    document = await tx.scalar(select(items.c.document_id).where(at(*old)))
    if document is None or old == new:
        return document is not None
    newcomer = await tx.scalar(select(items.c.document_id).where(at(*new)))
    if newcomer is not None:
        await tx.execute(
            update(facts).where(facts.c.document_id == newcomer).values(document_id=document)
        )
        await tx.execute(delete(items).where(at(*new)))
    place = {"list_id": new[0], "item_id": new[1]}
    await tx.execute(update(items).where(at(*old)).values(**place, own_etag=None, deleted_at=None))
    await _carry_promises(tx, old, new)
    await tx.execute(delete(work).where(work.c.list_id == old[0], work.c.item_id == old[1]))
    return True


async def _carry_promises(tx: AsyncConnection, old: Key, new: Key) -> None:
    await tx.execute(delete(due).where(due.c.list_id == new[0], due.c.item_id == new[1]))
    await tx.execute(
        update(due)
        .where(due.c.list_id == old[0], due.c.item_id == old[1])
        .values(list_id=new[0], item_id=new[1])
    )
