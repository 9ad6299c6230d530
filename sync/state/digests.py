"""Lines waiting for somebody's daily digest; a line is told once, by its key.

What a line asks for may be done before the digest goes out: it is then withdrawn.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import Column, Index, String, Table, delete, select, update

from sync.model.identifiers import masked
from sync.state.sql import UtcTime, insert_into, load_all, metadata, values_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

digest_lines = Table(
    "digest_lines",
    metadata,
    Column("key", String, primary_key=True),
    Column("recipient", String, nullable=False),
    Column("section", String, nullable=False),
    Column("says", String, nullable=False),
    Column("link", String, nullable=False),
    Column("queued_at", UtcTime, nullable=False),
    Column("sent_in", String),
    Column("about", String),
    Index(None, "recipient", "sent_in"),
    Index(None, "about", "sent_in"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One point of a digest: `recipient` an address, `section` what it stands under.

    `key` is its idempotency key; `link` leads to the entry or document. `sent_in` is the key of the
    notice it went out with, None while it waits. `about` is the identity of the entry, register or
    document that is asked for something, None for news, which is told whatever comes after it.
    """

    key: str
    recipient: str
    section: str
    says: str
    link: str
    queued_at: datetime
    sent_in: str | None = None
    about: str | None = None

    @property
    def subject(self) -> str:
        """What the line is about: its key without its last two parts, the occasion and the reader.

        The next line about the same (a later rung, other columns still empty) overtakes this one.
        """
        return self.key.rsplit(":", 2)[0]


async def queue_line(tx: AsyncConnection, line: Line) -> bool:
    """Queue a line; False when its key is known, whether told or still waiting."""
    told = replace(line, says=masked(line.says))
    insert = insert_into(tx, digest_lines).values(values_of(told))
    fresh = insert.on_conflict_do_nothing(index_elements=[digest_lines.c.key])
    return await tx.scalar(fresh.returning(digest_lines.c.key)) is not None


async def withdraw(tx: AsyncConnection, about: str, keep: Collection[str] = ()) -> int:
    """Drop the lines about an entry that nobody was told yet, but for these keys; gives how many.

    A line withdrawn can be queued again.
    """
    table = digest_lines.c
    idle = (table.about == about) & table.sent_in.is_(None)
    here = idle & table.key.not_in(keep) if keep else idle
    return (await tx.execute(delete(digest_lines).where(here))).rowcount


async def waiting(tx: AsyncConnection) -> list[Line]:
    """Give every line not told yet, by recipient, section and age."""
    table = digest_lines.c
    query = select(digest_lines).where(table.sent_in.is_(None))
    query = query.order_by(table.recipient, table.section, table.queued_at, table.key)
    return load_all(Line, await tx.execute(query.with_for_update(skip_locked=True)))


async def mark_told(tx: AsyncConnection, lines: Sequence[Line], notice_key: str) -> None:
    """Note in which notice these lines go out; in the transaction that queues it."""
    keys = [line.key for line in lines]
    here = digest_lines.c.key.in_(keys)
    await tx.execute(update(digest_lines).where(here).values(sent_in=notice_key))
