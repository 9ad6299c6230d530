"""Changes of the shadow other than a look: our own writes, moves, deletions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from sync.state.due import due
from sync.state.facts import facts
from sync.state.items import at, items
from sync.state.work import work

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

type Key = tuple[str, str]


async def note_own_write(tx: AsyncConnection, list_id: str, item_id: str, etag: str) -> bool:
    """Keep the eTag our write left behind; False when the shadow does not know the item."""
    noted = await tx.execute(update(items).where(at(list_id, item_id)).values(own_etag=etag))
    return noted.rowcount == 1


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
