"""The pace of each app against its tenant, shared by all its processes: one row, locked to change.

What the columns mean is `sync.tenant.pace.Book`'s business; here they are only kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Float, Integer, String, Table, select

from sync.state.sql import Json, insert_into, load, metadata, save, values_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

pace = Table(
    "pace",
    metadata,
    Column("app", String, primary_key=True),
    Column("held_until", Float, nullable=False),
    Column("says", String, nullable=False),
    Column("day", Integer, nullable=False),
    Column("spent", Integer, nullable=False),
    Column("draws", Json),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """One app's pace; moments are seconds since 1970, `day` counts days since then.

    `draws` holds a moment, the units and an id for each draw of the last minute.
    """

    app: str
    held_until: float = 0.0
    says: str = ""
    day: int = 0
    spent: int = 0
    draws: list[list[Any]] = field(default_factory=list)


async def lock_pace(tx: AsyncConnection, app: str) -> Pace:
    """Return an app's pace and keep every other process from it until the transaction ends."""
    fresh = insert_into(tx, pace).values(values_of(Pace(app=app)))
    await tx.execute(fresh.on_conflict_do_nothing(index_elements=list(pace.primary_key)))
    query = select(pace).where(pace.c.app == app).with_for_update()
    return load(Pace, (await tx.execute(query)).first()) or Pace(app=app)


async def put_pace(tx: AsyncConnection, row: Pace) -> None:
    await save(tx, pace, values_of(row))


async def get_pace(tx: AsyncConnection, app: str) -> Pace | None:
    """Return an app's pace as it is; None for one that has asked for nothing yet."""
    return load(Pace, (await tx.execute(select(pace).where(pace.c.app == app))).first())
