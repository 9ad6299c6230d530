"""Excuses: findings that are shown but not acted on, each with who said so and until when.

A row is written once; it ends by its date, by other content, or by `end_excuse`, and is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Column, String, Table, or_, select, update

from sync.model import SITE_TIME, Excuse, ExcuseKind
from sync.model.identifiers import all_masked
from sync.state.sql import UtcTime, insert_into, load, load_all, metadata, values_of

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

excuses = Table(
    "excuses",
    metadata,
    Column("id", String, primary_key=True),
    Column("site_id", String, nullable=False, index=True),
    Column("document_id", String, nullable=False, index=True),
    Column("policy", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("content_id", String, nullable=False),
    Column("until", UtcTime),
    Column("by", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("origin", String, nullable=False, index=True),
    Column("ended_at", UtcTime),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcuseRow:
    """One excuse. `kind` as in `sync.model.ExcuseKind`; `content_id` "" holds for any content.

    `until` is the moment it ends, None when no date does; `by` who gave it, as staff read it;
    `origin` what it came from: "entry:SITE:SEQ" of the journal, "row:LIST:ITEM", or "api:…".
    `ended_at` is set when it was taken back before its time.
    """

    id: str
    site_id: str
    document_id: str
    policy: str
    kind: str
    by: str
    at: datetime
    content_id: str = ""
    until: datetime | None = None
    reason: str = ""
    origin: str = ""
    ended_at: datetime | None = None

    @property
    def excuse(self) -> Excuse:
        """The excuse as a finding is settled by it."""
        day = self.at.astimezone(SITE_TIME).date()
        return Excuse(ExcuseKind(self.kind), self.by, self.reason, self.until, day)

    def holds(self, now: datetime) -> bool:
        """Whether it has neither ended nor been taken back at `now` (aware, UTC)."""
        return self.ended_at is None and (self.until is None or self.until > now)


async def put_excuse(tx: AsyncConnection, row: ExcuseRow) -> bool:
    """Write an excuse down once; False when one with its id is there already."""
    insert = insert_into(tx, excuses).values(all_masked(values_of(row)))
    fresh = insert.on_conflict_do_nothing(index_elements=[excuses.c.id])
    return await tx.scalar(fresh.returning(excuses.c.id)) is not None


async def get_excuse(tx: AsyncConnection, excuse_id: str) -> ExcuseRow | None:
    query = select(excuses).where(excuses.c.id == excuse_id)
    return load(ExcuseRow, (await tx.execute(query)).first())


async def excuses_of(tx: AsyncConnection, document_id: str, now: datetime) -> list[ExcuseRow]:
    """Give the excuses of a document that hold at `now`, whatever its content, oldest first."""
    return await _holding(tx, now, document_id=document_id)


async def all_excuses(
    tx: AsyncConnection, now: datetime, *, kind: str | None = None
) -> list[ExcuseRow]:
    """Give every excuse that holds at `now`, of one kind or of all, oldest first."""
    return await _holding(tx, now, kind=kind)


async def by_origin(tx: AsyncConnection, origin: str) -> list[ExcuseRow]:
    """Give the excuses that one entry or row brought about, ended ones too."""
    query = select(excuses).where(excuses.c.origin == origin)
    return load_all(ExcuseRow, await tx.execute(query.order_by(excuses.c.at, excuses.c.id)))


async def end_excuse(tx: AsyncConnection, excuse_id: str, now: datetime) -> bool:
    """Take an excuse back; False when it is unknown or was taken back already."""
    here = (excuses.c.id == excuse_id) & excuses.c.ended_at.is_(None)
    return (await tx.execute(update(excuses).where(here).values(ended_at=now))).rowcount == 1


async def _holding(tx: AsyncConnection, now: datetime, **equal: str | None) -> list[ExcuseRow]:
    running = or_(excuses.c.until.is_(None), excuses.c.until > now)
    query = select(excuses).where(running, excuses.c.ended_at.is_(None))
    for name, value in equal.items():
        if value is not None:
            query = query.where(excuses.c[name] == value)
    return load_all(ExcuseRow, await tx.execute(query.order_by(excuses.c.at, excuses.c.id)))
