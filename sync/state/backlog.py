"""What operator and timers ask of the work rows: what waits, what is parked, what to replay."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select, true, update

from sync.state.claims import claimable
from sync.state.sql import load_all
from sync.state.work import LEASED, PARKED, READY, Work, work

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class Counts:
    """Open rows by state; `delayed` are the ready ones that wait for a moment, as for a lock."""

    ready: int = 0
    leased: int = 0
    parked: int = 0
    delayed: int = 0

    @property
    def open(self) -> int:
        """Rows that will still be looked at without anybody's help."""
        return self.ready + self.leased


async def counts(tx: AsyncConnection, list_id: str | None = None) -> Counts:
    """Count open rows, of one list when it is named."""
    return await _counts(tx, true() if list_id is None else work.c.list_id == list_id)


async def audited(tx: AsyncConnection, list_id: str, now: datetime) -> Counts:
    """Count the rows of one list that an audit put down, or joined, and that are still open."""
    here = (work.c.list_id == list_id) & (work.c.kind == "audit")
    later = here & (work.c.state == READY) & (work.c.not_before > now)
    delayed = await tx.scalar(select(func.count()).select_from(work).where(later))
    return replace(await _counts(tx, here), delayed=int(delayed or 0))


async def _counts(tx: AsyncConnection, where: ColumnElement[bool]) -> Counts:
    query = select(work.c.state, func.count()).where(where).group_by(work.c.state)
    found = {state: int(count) for state, count in await tx.execute(query)}
    return Counts(found.get(READY, 0), found.get(LEASED, 0), found.get(PARKED, 0))


async def ready_lists(tx: AsyncConnection, now: datetime) -> dict[str, int]:
    """Count claimable rows by list, for the sweeper that replaces lost nudges."""
    query = (
        select(work.c.list_id, func.count())
        .where(claimable(now))
        .group_by(work.c.list_id)
        .order_by(work.c.list_id)
    )
    return {list_id: int(count) for list_id, count in await tx.execute(query)}


async def ready(tx: AsyncConnection, list_id: str, now: datetime, most: int) -> int:
    """Count one list's claimable rows, no further than `most`."""
    some = select(work.c.item_id).where(work.c.list_id == list_id, claimable(now)).limit(most)
    return await tx.scalar(select(func.count()).select_from(some.subquery())) or 0


async def oldest(tx: AsyncConnection) -> datetime | None:
    """Give the moment since which the longest waiting ready row waits, for alerts."""
    since: datetime | None = await tx.scalar(
        select(func.min(work.c.first_seen_at)).where(work.c.state == READY)
    )
    return since


async def next_start(tx: AsyncConnection, now: datetime) -> datetime | None:
    """Give the next moment at which a delayed row becomes claimable; None when none waits."""
    start: datetime | None = await tx.scalar(
        select(func.min(work.c.not_before)).where(work.c.not_before > now)
    )
    return start


async def open_rows(tx: AsyncConnection, list_id: str | None = None) -> list[Work]:
    """List all open rows, parked ones too, oldest first."""
    query = select(work)
    if list_id is not None:
        query = query.where(work.c.list_id == list_id)
    return load_all(Work, await tx.execute(query.order_by(work.c.first_seen_at, work.c.item_id)))


async def parked(tx: AsyncConnection, list_id: str | None = None) -> list[Work]:
    """List the parked rows with their reasons, oldest first."""
    query = select(work).where(work.c.state == PARKED)
    if list_id is not None:
        query = query.where(work.c.list_id == list_id)
    return load_all(Work, await tx.execute(query.order_by(work.c.first_seen_at, work.c.item_id)))


async def replay(
    tx: AsyncConnection, list_id: str | None = None, item_id: str | None = None
) -> int:
    """Make parked rows ready again, with fresh attempts; returns how many."""
    again = update(work).where(work.c.state == PARKED)
    if list_id is not None:
        again = again.where(work.c.list_id == list_id)
    if item_id is not None:
        again = again.where(work.c.item_id == item_id)
    fresh = {"state": READY, "attempts": 0, "deaths": 0, "not_before": None, "reason": None}
    return (await tx.execute(again.values(fresh))).rowcount


async def drop(tx: AsyncConnection, list_id: str, item_id: str) -> bool:
    """Close one parked row unseen; the file itself is never touched. False when none is parked."""
    here = (work.c.list_id == list_id) & (work.c.item_id == item_id) & (work.c.state == PARKED)
    return (await tx.execute(delete(work).where(here))).rowcount == 1
