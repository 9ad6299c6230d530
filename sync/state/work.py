"""Open work: one row for each item to be looked at, claimed under a fence, closed with its effect.

A row is put by a drain in the transaction that moves the cursor, claimed by a worker, and closed in
the transaction that journals what was done. A change that arrives meanwhile raises the row's
generation, and a row whose generation moved is never closed by the older look.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, and_, case, func, or_

from sync.state.sql import Json, UtcTime, insert_into, metadata, values_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection

READY, LEASED, PARKED = "ready", "leased", "parked"
type Kind = Literal["change", "permission", "due", "audit"]


class Lane(IntEnum):
    """Who goes first: what may have to be contained, the day's changes, the background."""

    URGENT = 0
    NORMAL = 1
    BACKGROUND = 2


work = Table(
    "work",
    metadata,
    Column("list_id", String, ForeignKey("lists.id"), primary_key=True),
    Column("item_id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("lane", Integer, nullable=False),
    Column("change", Json),
    Column("generation", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("deaths", Integer, nullable=False),
    Column("not_before", UtcTime),
    Column("chunk", String),
    Column("owner", String),
    Column("fence", Integer, nullable=False),
    Column("lease_until", UtcTime),
    Column("reason", String),
    Column("first_seen_at", UtcTime, nullable=False),
    Column("hint_at", UtcTime),
    Index(None, "state", "lane", "first_seen_at"),
    Index(None, "list_id", "chunk"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWork:
    """What a drain, a timer or an audit asks for.

    `change` holds the feed row's facts (name, eTag, deleted …) and is None when there are none new;
    `chunk` names the nudge that carries it; `hint_at` is when the hint came; `not_before` delays.
    """

    list_id: str
    item_id: str
    kind: Kind = "change"
    lane: Lane = Lane.NORMAL
    change: Mapping[str, Any] | None = None
    chunk: str | None = None
    hint_at: datetime | None = None
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """An open row. `attempts` counts claims, `deaths` those that ended without a word."""

    list_id: str
    item_id: str
    kind: Kind
    lane: int
    change: dict[str, Any] | None
    generation: int
    state: str
    attempts: int
    deaths: int
    not_before: datetime | None
    chunk: str | None
    owner: str | None
    fence: int
    lease_until: datetime | None
    reason: str | None
    first_seen_at: datetime
    hint_at: datetime | None


async def put(tx: AsyncConnection, rows: Iterable[NewWork], now: datetime) -> None:
    """Open rows, or join them to the open row of the same item: facts last wins, generation + 1.

    A change or a permission hint wakes a parked row; a due date or an audit does not.
    """
    zeros = dict.fromkeys(("attempts", "deaths", "fence"), 0)
    fresh = {"generation": 1, "state": READY, "first_seen_at": now, **zeros}
    # One fixed order: two writers that meet on the same items never wait for each other in a ring.
    ordered = sorted(rows, key=lambda row: (row.list_id, row.item_id))
    if ordered:
        insert = insert_into(tx, work)
        joined = insert.on_conflict_do_update(
            index_elements=list(work.primary_key), set_=_joined(insert.excluded)
        )
        await tx.execute(joined, [values_of(row) | fresh for row in ordered])


def _joined(new: Any) -> dict[str, ColumnElement[Any]]:
    old = work.c
    revives = or_(new.kind == "change", new.kind == "permission")  # IN fits no executemany
    wakes = and_(old.state == PARKED, revives)
    return {
        "kind": _both_kinds(new),
        "lane": case((new.lane < old.lane, new.lane), else_=old.lane),
        "change": func.coalesce(new.change, old.change),
        "generation": old.generation + 1,
        "state": case((wakes, READY), else_=old.state),
        "attempts": case((wakes, 0), else_=old.attempts),
        "deaths": case((wakes, 0), else_=old.deaths),
        "not_before": case(
            (and_(old.state != LEASED, revives), new.not_before), else_=old.not_before
        ),
        "chunk": func.coalesce(new.chunk, old.chunk),
        "reason": case((wakes, None), else_=old.reason),
        "hint_at": func.coalesce(old.hint_at, new.hint_at),
    }


def _both_kinds(new: Any) -> ColumnElement[str]:
    """One look serves both askers: every look sees due dates, an audit sees everything."""
    old = work.c.kind
    return case(
        (new.kind == old, old), (new.kind == "due", old), (old == "due", new.kind), else_="audit"
    )
