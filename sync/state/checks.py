"""How far the rolling permission check of a library is, and which files are shared beyond it.

A round reads a library's items by their numbers; its cursor is the last one looked at, so that it
goes on where a budget or a death stopped it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, ForeignKey, Integer, String, Table, delete, select, update

from sync.state.sql import Json, UtcTime, insert_into, load, load_all, metadata, save, values_of

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

checks = Table(
    "access_checks",
    metadata,
    Column("list_id", String, ForeignKey("lists.id"), primary_key=True),
    Column("cursor", Integer, nullable=False),
    Column("asked_at", UtcTime),
    Column("began_at", UtcTime),
    Column("finished_at", UtcTime),
    Column("found", Integer, nullable=False),
    Column("members", Json, nullable=False),
)
shared = Table(
    "shared_items",
    metadata,
    Column("list_id", String, ForeignKey("lists.id"), primary_key=True),
    Column("item_id", String, primary_key=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One library's check: `cursor` 0 before a round's first item; times are aware, in UTC.

    `asked_at` is when something last asked for it, `began_at` the start of the latest round,
    `finished_at` when a whole round last ended; `found` counts what the latest round found.
    `members` holds, by a group's title, the site's numbers of those who were in it.
    """

    list_id: str
    cursor: int = 0
    asked_at: datetime | None = None
    began_at: datetime | None = None
    finished_at: datetime | None = None
    found: int = 0
    members: dict[str, Any] = field(default_factory=dict)

    @property
    def wanted(self) -> bool:
        """Whether it was asked for since the latest round began."""
        return self.asked_at is not None and (
            self.began_at is None or self.asked_at > self.began_at
        )

    @property
    def under_way(self) -> bool:
        """Whether a round has begun that has not come to its end."""
        return self.began_at is not None and (
            self.finished_at is None or self.finished_at < self.began_at
        )


async def get_check(tx: AsyncConnection, list_id: str) -> Check:
    """Give how far a library's check is; one never made has not begun."""
    query = select(checks).where(checks.c.list_id == list_id)
    return load(Check, (await tx.execute(query)).first()) or Check(list_id=list_id)


async def all_checks(tx: AsyncConnection) -> dict[str, Check]:
    """Give every check by the id of its library."""
    return {one.list_id: one for one in load_all(Check, await tx.execute(select(checks)))}


async def put_check(tx: AsyncConnection, row: Check) -> None:
    """Keep how far a check is; a question that came meanwhile is kept."""
    await save(tx, checks, values_of(row), keep=("asked_at",))


async def ask(tx: AsyncConnection, list_id: str, now: datetime) -> None:
    """Note that a library is to be checked soon."""
    fresh = insert_into(tx, checks).values(values_of(Check(list_id=list_id)))
    await tx.execute(fresh.on_conflict_do_nothing(index_elements=[checks.c.list_id]))
    await tx.execute(update(checks).where(checks.c.list_id == list_id).values(asked_at=now))


async def shared_between(
    tx: AsyncConnection, list_id: str, after: int, last: int | None
) -> set[str]:
    """Give the items known to be shared that are numbered above `after`, up to `last` if given."""
    every = await tx.scalars(select(shared.c.item_id).where(shared.c.list_id == list_id))
    return {one for one in every if after < int(one) and (last is None or int(one) <= last)}


async def is_shared(tx: AsyncConnection, list_id: str, item_id: str) -> bool:
    """Whether an item is known to be shared beyond its library."""
    here = (shared.c.list_id == list_id) & (shared.c.item_id == item_id)
    return await tx.scalar(select(shared.c.item_id).where(here)) is not None


async def note_shared(tx: AsyncConnection, list_id: str, item_id: str) -> None:
    """Note that an item is shared beyond its library."""
    fresh = insert_into(tx, shared).values(list_id=list_id, item_id=item_id)
    await tx.execute(fresh.on_conflict_do_nothing(index_elements=list(shared.primary_key)))


async def forget_shared(tx: AsyncConnection, list_id: str, item_id: str) -> None:
    """Forget an item that is shared no more."""
    here = (shared.c.list_id == list_id) & (shared.c.item_id == item_id)
    await tx.execute(delete(shared).where(here))
