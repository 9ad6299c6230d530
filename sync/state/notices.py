"""Mail to be sent: queued in the transaction that journals its reason, sent once for each key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Index, Integer, String, Table, func, or_, select, tuple_, update

from sync.model.identifiers import all_masked, masked
from sync.state import lists
from sync.state.items import items
from sync.state.sql import Json, UtcTime, insert_into, load_all, metadata, values_of

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.ext.asyncio import AsyncConnection

QUEUED, SENT, FAILED, PASSED_ON = "queued", "sent", "failed", "passed on"

notices = Table(
    "notices",
    metadata,
    Column("idempotency_key", String, primary_key=True),
    Column("recipient", String, nullable=False, index=True),
    Column("document_id", String, index=True),
    Column("subject", String, nullable=False),
    Column("body", Json, nullable=False),
    Column("state", String, nullable=False),
    Column("queued_at", UtcTime, nullable=False),
    Column("not_before", UtcTime),
    Column("sent_at", UtcTime),
    Column("attempts", Integer, nullable=False),
    Column("reason", String),
    Column("noted_in", String, index=True),
    Index(None, "state", "queued_at"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNotice:
    """One mail: `recipient` is its address, `body` the text or what the text is made from."""

    idempotency_key: str
    recipient: str
    subject: str
    body: Any
    document_id: str | None = None
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice(NewNotice):
    """A mail on its way; `attempts` counts claims and says which claim is the current one.

    `noted_in` is the row of the sent list in SharePoint that has its handles.
    """

    state: str
    queued_at: datetime
    sent_at: datetime | None
    attempts: int
    reason: str | None
    noted_in: str | None = None


async def queue_notice(tx: AsyncConnection, notice: NewNotice, now: datetime) -> bool:
    """Queue a mail; False when its key is known, whether sent or still waiting.

    What it says is kept, and sent, without any NHS number in it.
    """
    told = {"subject": masked(notice.subject), "body": all_masked(notice.body)}
    row = values_of(notice) | told | {"state": QUEUED, "queued_at": now, "attempts": 0}
    insert = insert_into(tx, notices).values(row)
    fresh = insert.on_conflict_do_nothing(index_elements=[notices.c.idempotency_key])
    return await tx.scalar(fresh.returning(notices.c.idempotency_key)) is not None


async def claim_notices(
    tx: AsyncConnection, now: datetime, seconds: float, limit: int = 20
) -> list[Notice]:
    """Take queued mails, oldest first, for `seconds`; unsent ones can be taken again after that.

    A mail about what lies in a paused list waits, and every mail while all lists are paused.
    """
    at_rest = await lists.paused(tx)
    if at_rest and await lists.all_paused(tx):
        return []
    free = or_(notices.c.not_before.is_(None), notices.c.not_before <= now)
    query = select(notices.c.idempotency_key).where(notices.c.state == QUEUED, free)
    if at_rest:
        query = query.where(_about.not_in(_documents_in(at_rest)))
    query = query.order_by(notices.c.queued_at, notices.c.idempotency_key).limit(limit)
    keys = list(await tx.scalars(query.with_for_update(skip_locked=True)))
    taken = await tx.execute(
        update(notices)
        .where(notices.c.idempotency_key.in_(keys))
        .values(attempts=notices.c.attempts + 1, not_before=now + timedelta(seconds=seconds))
        .returning(*notices.c)
    )
    rows = load_all(Notice, taken)
    return sorted(rows, key=lambda row: (row.queued_at, row.idempotency_key))


async def mark_sent(tx: AsyncConnection, notice: Notice, now: datetime) -> bool:
    """Record that a claimed mail left; False when another sender has claimed it since."""
    return await _settle(tx, notice, {"state": SENT, "sent_at": now, "reason": None})


async def mark_failed(
    tx: AsyncConnection, notice: Notice, reason: str, again_at: datetime | None = None
) -> bool:
    """Record a failure: tried again at `again_at`, or failed for good when there is none."""
    state = FAILED if again_at is None else QUEUED
    return await _settle(tx, notice, {"state": state, "not_before": again_at, "reason": reason})


async def mark_passed_on(tx: AsyncConnection, notice: Notice, reason: str) -> bool:
    """Record that others get a claimed mail in its reader's place, and why."""
    return await _settle(tx, notice, {"state": PASSED_ON, "reason": reason})


async def all_notices(
    tx: AsyncConnection, *, state: str | None = None, document_id: str | None = None
) -> list[Notice]:
    query = select(notices).order_by(notices.c.queued_at, notices.c.idempotency_key)
    if state is not None:
        query = query.where(notices.c.state == state)
    if document_id is not None:
        query = query.where(notices.c.document_id == document_id)
    return load_all(Notice, await tx.execute(query))


async def unsent(tx: AsyncConnection) -> list[Notice]:
    """Give the mails that were tried and did not leave, oldest first: given up, or tried again."""
    tried = (notices.c.state == FAILED) | (
        (notices.c.state == QUEUED) & notices.c.reason.is_not(None)
    )
    query = select(notices).where(tried)
    rows = await tx.execute(query.order_by(notices.c.queued_at, notices.c.idempotency_key))
    return load_all(Notice, rows)


async def send_again(tx: AsyncConnection) -> int:
    """Put every mail that was given up back into the queue; returns how many there were."""
    again = update(notices).where(notices.c.state == FAILED)
    return (await tx.execute(again.values(state=QUEUED, not_before=None))).rowcount


async def waiting(tx: AsyncConnection) -> int:
    """Count the mails still to be sent."""
    return (
        await tx.scalar(select(func.count()).select_from(notices).where(notices.c.state == QUEUED))
        or 0
    )


# a register's mails name the entry at the start of their key only
_about = func.coalesce(notices.c.document_id, func.substr(notices.c.idempotency_key, 1, 36))


def _documents_in(list_ids: frozenset[str]) -> Select[tuple[str]]:
    return select(items.c.document_id).where(items.c.list_id.in_(list_ids))


def _mine(notice: Notice) -> ColumnElement[bool]:
    key = tuple_(notices.c.idempotency_key, notices.c.attempts)
    return (key == tuple_(notice.idempotency_key, notice.attempts)) & (notices.c.state == QUEUED)


async def _settle(tx: AsyncConnection, notice: Notice, values: dict[str, Any]) -> bool:
    return (await tx.execute(update(notices).where(_mine(notice)).values(values))).rowcount == 1
