"""How much each rule has put right lately: what the breakers count, and which of them are open.

An act is one file that one rule may correct; asking for the same file twice counts once, so that a
file which is locked for hours does not fill a library's allowance. The rule's breaker row is locked
while it is counted: two workers never overshoot together.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    and_,
    case,
    delete,
    func,
    select,
    update,
)

from sync.state.items import items
from sync.state.sql import UtcTime, insert_into, load, load_all, metadata

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection

acts = Table(
    "acts",
    metadata,
    Column("list_id", String, ForeignKey("lists.id"), primary_key=True),
    Column("policy", String, primary_key=True),
    Column("document_id", String, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("wish", String),
    Column("times", Integer, nullable=False),
    Column("done_at", UtcTime),
    Index(None, "list_id", "policy", "at"),
)
breakers = Table(
    "breakers",
    metadata,
    Column("list_id", String, ForeignKey("lists.id"), primary_key=True),
    Column("policy", String, primary_key=True),
    Column("since", UtcTime),
    Column("tripped_at", UtcTime),
    Column("acted", Integer, nullable=False),
    Column("stops", Boolean, nullable=False),
)


NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for no moment in `Act.at`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """A rule's corrections of one file: `times` the same one (`wish`) was made, last at `done_at`.

    `at` is when the file was counted against the library's allowance (aware, UTC); NEVER for one
    that was not, as where a column was only filled in.
    """

    list_id: str
    policy: str
    document_id: str
    at: datetime
    wish: str | None = None
    times: int = 0
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """One rule in one library: open while `tripped_at` is set; then `acted` files had been counted.

    `stops` is False for a rule that only raises the alarm. `since` is when it was last reset: what
    was counted before does not count any more.
    """

    list_id: str
    policy: str
    since: datetime | None = None
    tripped_at: datetime | None = None
    acted: int = 0
    stops: bool = True


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many files of a library one rule may correct since `begin`: a share of them, bounded."""

    begin: datetime
    share: float
    least: int
    most: int

    def of(self, files: int) -> int:
        return min(self.most, max(self.least, int(self.share * files)))


async def open_breakers(tx: AsyncConnection, list_id: str | None = None) -> list[Breaker]:
    """Give the breakers that are open, of one list or of all, in a fixed order."""
    query = select(breakers).where(breakers.c.tripped_at.isnot(None))
    if list_id is not None:
        query = query.where(breakers.c.list_id == list_id)
    return load_all(
        Breaker, await tx.execute(query.order_by(breakers.c.list_id, breakers.c.policy))
    )


async def acts_on(tx: AsyncConnection, list_id: str, document_id: str) -> dict[str, Act]:
    """Give what was put right of one file, by policy."""
    here = (acts.c.list_id == list_id) & (acts.c.document_id == document_id)
    rows = load_all(Act, await tx.execute(select(acts).where(here)))
    return {row.policy: row for row in rows}


async def admit(
    tx: AsyncConnection, wanted: Act, allowance: Allowance, *, stops: bool = True
) -> Breaker:
    """Count one file against its library's allowance, or open the breaker when that is used up.

    Returns the breaker: `tripped_at` is `wanted.at` when this very call opened it. `stops` False is
    kept with it: that rule only raises the alarm, and who asks goes on.
    """
    breaker = await _locked(tx, wanted)
    known = await tx.execute(select(acts).where(_at(wanted)))
    counted = load(Act, known.first())
    begin = max(allowance.begin, breaker.since or allowance.begin)
    if breaker.tripped_at is not None or (counted is not None and counted.at > begin):
        return breaker
    acted = await _acted(tx, wanted, begin, allowance.most)
    if acted >= allowance.least and acted >= allowance.of(await _files(tx, wanted.list_id)):
        return await _trip(tx, breaker, wanted.at, acted, stops=stops)
    await _count(tx, wanted, begin)
    return breaker


async def note_correction(tx: AsyncConnection, done: Act, begin: datetime) -> int:
    """Count one correction that was made; returns how often the same one was, since `begin`.

    It counts against no allowance: what does was admitted before it was made.
    `done` carries its list, policy, document, wish and, as `at`, the moment.
    """
    same = and_(acts.c.wish == done.wish, acts.c.done_at >= begin)
    again = case((same, acts.c.times + 1), else_=1)
    row = {"list_id": done.list_id, "policy": done.policy, "document_id": done.document_id}
    values = {"wish": done.wish, "done_at": done.at}
    insert = insert_into(tx, acts).values(**row, **values, at=NEVER, times=1)
    counted = insert.on_conflict_do_update(
        index_elements=list(acts.primary_key), set_={**values, "times": again}
    )
    return int(await tx.scalar(counted.returning(acts.c.times)) or 0)


@dataclass(frozen=True, slots=True)
class Closed:
    """What a reset concerned: lists, and documents that were corrected more than once."""

    lists: tuple[str, ...] = ()
    documents: frozenset[str] = frozenset()


async def reset(
    tx: AsyncConnection, list_ids: Collection[str], policy: str, now: datetime
) -> Closed:
    """Close a policy's breakers and forget its repeated corrections.

    What has been counted until now no longer counts against the allowance.
    """
    there = breakers.c.list_id.in_(list_ids) & (breakers.c.policy == policy)
    opened = await tx.scalars(
        select(breakers.c.list_id).where(there, breakers.c.tripped_at.isnot(None))
    )
    found = set(opened)
    await tx.execute(update(breakers).where(there).values(tripped_at=None, since=now, acted=0))
    held = acts.c.list_id.in_(list_ids) & (acts.c.policy == policy) & (acts.c.times > 0)
    rows = list(
        await tx.execute(select(acts.c.list_id, acts.c.document_id, acts.c.times).where(held))
    )
    await tx.execute(update(acts).where(held).values(times=0, wish=None, done_at=None))
    again = frozenset(row.document_id for row in rows if row.times > 1)
    return Closed(tuple(sorted(found | {row.list_id for row in rows})), again)


async def _locked(tx: AsyncConnection, wanted: Act) -> Breaker:
    """Return the breaker, locked until this transaction ends."""
    key = {"list_id": wanted.list_id, "policy": wanted.policy}
    insert = insert_into(tx, breakers).values(**key, acted=0, stops=True)
    await tx.execute(insert.on_conflict_do_nothing(index_elements=list(breakers.primary_key)))
    here = (breakers.c.list_id == wanted.list_id) & (breakers.c.policy == wanted.policy)
    found = load(
        Breaker, (await tx.execute(select(breakers).where(here).with_for_update())).first()
    )
    if found is None:
        raise LookupError(f"the breaker of {wanted.policy} vanished while it was counted")
    return found


async def _acted(tx: AsyncConnection, wanted: Act, begin: datetime, most: int) -> int:
    """Count the files corrected since `begin`, as far as it matters."""
    here = (acts.c.list_id == wanted.list_id) & (acts.c.policy == wanted.policy)
    some = select(acts.c.at).where(here, acts.c.at > begin).limit(most).subquery()
    return await tx.scalar(select(func.count()).select_from(some)) or 0


async def _files(tx: AsyncConnection, list_id: str) -> int:
    live = (items.c.list_id == list_id) & items.c.deleted_at.is_(None)
    return await tx.scalar(select(func.count()).select_from(items).where(live)) or 0


async def _trip(
    tx: AsyncConnection, breaker: Breaker, now: datetime, acted: int, *, stops: bool
) -> Breaker:
    here = (breakers.c.list_id == breaker.list_id) & (breakers.c.policy == breaker.policy)
    values = {"tripped_at": now, "acted": acted, "stops": stops}
    await tx.execute(update(breakers).where(here).values(values))
    return Breaker(
        list_id=breaker.list_id,
        policy=breaker.policy,
        since=breaker.since,
        tripped_at=now,
        acted=acted,
        stops=stops,
    )


async def _count(tx: AsyncConnection, wanted: Act, begin: datetime) -> None:
    """Put the file down; what is older than the window, and repeats nothing, goes."""
    old = (acts.c.list_id == wanted.list_id) & (acts.c.policy == wanted.policy)
    over = (acts.c.at <= begin) & (acts.c.done_at.is_(None) | (acts.c.done_at <= begin))
    await tx.execute(delete(acts).where(old, over))
    row = {"list_id": wanted.list_id, "policy": wanted.policy, "document_id": wanted.document_id}
    insert = insert_into(tx, acts).values(**row, at=wanted.at, times=0)
    counted = insert.on_conflict_do_update(
        index_elements=list(acts.primary_key), set_={"at": wanted.at}
    )
    await tx.execute(counted)


def _at(act: Act) -> ColumnElement[bool]:
    return (
        (acts.c.list_id == act.list_id)
        & (acts.c.policy == act.policy)
        & (acts.c.document_id == act.document_id)
    )
