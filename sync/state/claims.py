"""How a worker takes work rows and gives them back: claim, then close, retry or park."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, delete, literal, or_, select, tuple_, update

from sync.model.identifiers import masked
from sync.state.lists import lists, note_verdict
from sync.state.sql import load, load_all
from sync.state.work import LEASED, PARKED, READY, Work, work

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection

_FREE: Mapping[str, Any] = {"owner": None, "lease_until": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A worker's wish: at most `limit` rows for `seconds`, of one list or one chunk when named."""

    owner: str
    now: datetime
    seconds: float
    limit: int = 20
    list_id: str | None = None
    chunk: str | None = None


def claimable(now: datetime) -> ColumnElement[bool]:
    """Say which rows are free at `now`: ready, lapsed, or parked until a moment that has passed."""
    started = or_(work.c.not_before.is_(None), work.c.not_before <= now)
    running = work.c.list_id.not_in(select(lists.c.id).where(lists.c.paused))
    return and_(
        running,
        or_(
            and_(work.c.state == READY, started),
            and_(work.c.state == LEASED, work.c.lease_until <= now),
            and_(work.c.state == PARKED, work.c.not_before <= now),
        ),
    )


async def claim(tx: AsyncConnection, wish: Claim) -> list[Work]:
    """Lease free rows to one worker, urgent lane and oldest first; no two claims share a row."""
    free = select(work.c.list_id, work.c.item_id).where(claimable(wish.now))
    if wish.list_id is not None:
        free = free.where(work.c.list_id == wish.list_id)
    if wish.chunk is not None:
        free = free.where(work.c.chunk == wish.chunk)
    free = free.order_by(work.c.lane, work.c.first_seen_at, work.c.item_id).limit(wish.limit)
    keys = [tuple(row) for row in await tx.execute(free.with_for_update(skip_locked=True))]
    return await _lease(tx, keys, wish) if keys else []


async def _lease(tx: AsyncConnection, keys: list[tuple[Any, ...]], wish: Claim) -> list[Work]:
    taken = await tx.execute(
        update(work)
        .where(tuple_(work.c.list_id, work.c.item_id).in_(keys))
        .values(
            state=LEASED,
            owner=wish.owner,
            fence=work.c.fence + 1,
            attempts=work.c.attempts + 1,
            deaths=case((work.c.state == LEASED, work.c.deaths + 1), else_=work.c.deaths),
            lease_until=wish.now + timedelta(seconds=wish.seconds),
        )
        .returning(*work.c)
    )
    rows = load_all(Work, taken)
    return sorted(rows, key=lambda row: (row.lane, row.first_seen_at, row.item_id))


async def get_work(tx: AsyncConnection, list_id: str, item_id: str) -> Work | None:
    here = (work.c.list_id == list_id) & (work.c.item_id == item_id)
    return load(Work, (await tx.execute(select(work).where(here))).first())


async def extend(tx: AsyncConnection, row: Work, now: datetime, seconds: float) -> bool:
    """Hold on to a leased row for `seconds` from now; False when another worker has it."""
    until = now + timedelta(seconds=seconds)
    return await _give_back(tx, row, {"lease_until": until})


async def close(tx: AsyncConnection, row: Work, judged_at: datetime | None = None) -> bool:
    """End the row if it is ours and nothing new came; otherwise leave it to the next look, False.

    A row that changed meanwhile is ready again at once; one that another worker holds is untouched.
    `judged_at` is when its verdict was given, so that the list keeps how long that took.
    """
    if judged_at is not None:
        await note_verdict(tx, row.list_id, row.hint_at, judged_at)
    ended = await tx.execute(delete(work).where(_held(row), work.c.generation == row.generation))
    if ended.rowcount == 1:
        return True
    fresh = {"state": READY, "attempts": 0, "deaths": 0, "not_before": None}
    await _give_back(tx, row, {**fresh, **_FREE})
    return False


async def retry(tx: AsyncConnection, row: Work, not_before: datetime, reason: str) -> bool:
    """Give the row back for a later look, at once if it changed; False if another worker has it."""
    later = {"state": READY, "not_before": _later(row, not_before), "reason": masked(reason)}
    values = {**later, "deaths": 0, **_FREE}
    return await _give_back(tx, row, values)


async def park(
    tx: AsyncConnection, row: Work, reason: str, not_before: datetime | None = None
) -> bool:
    """Set the row aside for a person, or until `not_before`; ready instead if it changed meanwhile.

    Returns False when another worker has it.
    """
    values = {
        "state": case((_unchanged(row), PARKED), else_=READY),
        "not_before": _later(row, not_before),
        "reason": masked(reason),
        **_FREE,
    }
    return await _give_back(tx, row, values)


def _unchanged(row: Work) -> ColumnElement[bool]:
    return work.c.generation == row.generation


def _later(row: Work, moment: datetime | None) -> ColumnElement[datetime]:
    """Wait until `moment` only if the row is as we claimed it; what changed is looked at now."""
    return case((_unchanged(row), literal(moment, work.c.not_before.type)), else_=None)


def _held(row: Work) -> ColumnElement[bool]:
    return and_(
        work.c.list_id == row.list_id,
        work.c.item_id == row.item_id,
        work.c.state == LEASED,
        work.c.fence == row.fence,
    )


async def _give_back(tx: AsyncConnection, row: Work, values: Mapping[str, Any]) -> bool:
    return (await tx.execute(update(work).where(_held(row)).values(dict(values)))).rowcount == 1
