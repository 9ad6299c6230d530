"""Which mails left, for the list kept in SharePoint, and which left unknown to this database.

A mail is told by two handles, both digests: of its idempotency key, and of whom it tells what. To
an older database that was restored, a document first seen since is a new one, whose mails have
other keys; what they say is the same. A handle learnt is used up by the one mail it keeps back.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Column, String, Table, delete, or_, select, update

from sync.state.notices import SENT, NewNotice, Notice, notices
from sync.state.sql import UtcTime, insert_into, load_all, metadata

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

DIGEST = 16
"""Bytes of a handle: 128 bits, so that no two of some million mails have the same."""

sent_elsewhere = Table(
    "sent_elsewhere",
    metadata,
    Column("key", String, primary_key=True),
    Column("content", String, nullable=False, index=True),
    Column("sent_at", UtcTime, nullable=False, index=True),
)
ledger_cursors = Table(
    "ledger_cursors",
    metadata,
    Column("list_id", String, primary_key=True),
    Column("cursor", String, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Handles:
    """What a mail is known by outside this database: digests (hex) of its key and its content."""

    key: str
    content: str

    @classmethod
    def of(cls, notice: NewNotice) -> Handles:
        content = (notice.recipient.casefold(), notice.subject, notice.body["text"])
        return cls(handle_of(notice.idempotency_key), handle_of("\0".join(content)))


def handle_of(text: str) -> str:
    """Return the digest (hex) that stands for a key outside this database."""
    return hashlib.blake2b(text.encode(), digest_size=DIGEST).hexdigest()


async def unnoted(tx: AsyncConnection, since: datetime, limit: int) -> list[Notice]:
    """Give the mails sent from `since` on that the sent list does not have yet, oldest first."""
    mine = (notices.c.state == SENT) & notices.c.noted_in.is_(None) & (notices.c.sent_at >= since)
    query = select(notices).where(mine).order_by(notices.c.sent_at, notices.c.idempotency_key)
    return load_all(Notice, await tx.execute(query.limit(limit)))


async def mark_noted(tx: AsyncConnection, told: Sequence[Notice], row_id: str) -> None:
    """Note which row of the sent list has the handles of these mails."""
    here = notices.c.idempotency_key.in_([one.idempotency_key for one in told])
    await tx.execute(update(notices).where(here).values(noted_in=row_id))


async def noted_rows(tx: AsyncConnection, row_ids: Collection[str]) -> set[str]:
    """Return which of these rows this database knows: it made them, as it is now."""
    query = select(notices.c.noted_in).where(notices.c.noted_in.in_(row_ids)).distinct()
    return {row for row in await tx.scalars(query) if row}


async def learn(tx: AsyncConnection, told: Iterable[Handles], sent_at: datetime) -> None:
    """Keep the handles of mails that left without this database knowing."""
    rows = [{"key": one.key, "content": one.content, "sent_at": sent_at} for one in told]
    if rows:
        insert = insert_into(tx, sent_elsewhere).values(rows)
        await tx.execute(insert.on_conflict_do_nothing(index_elements=[sent_elsewhere.c.key]))


async def use_up(tx: AsyncConnection, notice: NewNotice) -> bool:
    """Say whether a mail left without this database knowing, and forget that it did."""
    mail = Handles.of(notice)
    table = sent_elsewhere.c
    same = select(table.key).where(or_(table.key == mail.key, table.content == mail.content))
    found = await tx.scalar(same.order_by(table.key != mail.key).limit(1))
    if found is None:
        return False
    return (await tx.execute(delete(sent_elsewhere).where(table.key == found))).rowcount == 1


async def forget_before(tx: AsyncConnection, moment: datetime) -> None:
    """Forget what was learnt of mails that left before `moment`."""
    await tx.execute(delete(sent_elsewhere).where(sent_elsewhere.c.sent_at < moment))


async def cursor(tx: AsyncConnection, list_id: str) -> str | None:
    """Give the delta link up to which the list was read; None when it never was."""
    query = select(ledger_cursors.c.cursor).where(ledger_cursors.c.list_id == list_id)
    return await tx.scalar(query)


async def keep_cursor(tx: AsyncConnection, list_id: str, link: str) -> None:
    row = {"list_id": list_id, "cursor": link}
    insert = insert_into(tx, ledger_cursors).values(row)
    keys = [ledger_cursors.c.list_id]
    await tx.execute(insert.on_conflict_do_update(index_elements=keys, set_={"cursor": link}))
