"""Promised dates: a policy in warn mode tells staff by when, and acts then if it is still so.

A row stays until the finding is gone or acted upon; every look at the item asks `overdue`, so it
does not matter which nudge led to the look.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Column, ForeignKey, String, Table, delete, select, tuple_, update

from sync.state.sql import UtcTime, insert_into, metadata
from sync.state.work import Lane, NewWork, put

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

due = Table(
    "due",
    metadata,
    Column("list_id", String, ForeignKey("lists.id"), primary_key=True),
    Column("item_id", String, primary_key=True),
    Column("policy", String, primary_key=True),
    Column("due_at", UtcTime, nullable=False, index=True),
    Column("taken_at", UtcTime),
)


async def set_due(
    tx: AsyncConnection, list_id: str, item_id: str, policy: str, due_at: datetime
) -> datetime:
    """Promise a date once; a date already promised stands and is returned."""
    await tx.execute(
        insert_into(tx, due)
        .values(list_id=list_id, item_id=item_id, policy=policy, due_at=due_at)
        .on_conflict_do_nothing(index_elements=list(due.primary_key))
    )
    return (await promises(tx, list_id, item_id))[policy]


async def promises(tx: AsyncConnection, list_id: str, item_id: str) -> dict[str, datetime]:
    """Give the promised date of each policy that waits on the item."""
    here = (due.c.list_id == list_id) & (due.c.item_id == item_id)
    rows = await tx.execute(select(due.c.policy, due.c.due_at).where(here).order_by(due.c.policy))
    return {row.policy: row.due_at for row in rows}


async def overdue(tx: AsyncConnection, list_id: str, item_id: str, now: datetime) -> frozenset[str]:
    """Name the policies whose promised date has come: these act at this look."""
    promised = await promises(tx, list_id, item_id)
    return frozenset(policy for policy, due_at in promised.items() if due_at <= now)


async def clear_due(
    tx: AsyncConnection, list_id: str, item_id: str, policy: str | None = None
) -> None:
    """Take a promise back, or all of the item's: the finding is gone, or was acted upon."""
    here = (due.c.list_id == list_id) & (due.c.item_id == item_id)
    if policy is not None:
        here &= due.c.policy == policy
    await tx.execute(delete(due).where(here))


async def take_due(tx: AsyncConnection, now: datetime, limit: int = 500) -> list[tuple[str, str]]:
    """Open work for items whose date has come, once for each promise; returns their keys."""
    key = (due.c.list_id, due.c.item_id)
    arrived = (due.c.due_at <= now) & due.c.taken_at.is_(None)
    waiting = select(*key).where(arrived).order_by(due.c.due_at).limit(limit)
    found = await tx.execute(waiting.with_for_update(skip_locked=True))
    keys = sorted({(list_id, item_id) for list_id, item_id in found})
    if keys:
        rows = [NewWork(list_id=a, item_id=b, kind="due", lane=Lane.NORMAL) for a, b in keys]
        await put(tx, rows, now)
        taken = update(due).where(tuple_(*key).in_(keys), arrived)
        await tx.execute(taken.values(taken_at=now))
    return keys
