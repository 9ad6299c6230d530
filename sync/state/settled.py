"""What an audit asks of a page of items before it looks closer: a lean row each, in one query.

Whole rows carry verdicts and features; an audit of a million files has no use for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import exists, select

from sync.state.due import due
from sync.state.items import items
from sync.state.remembered import remembered
from sync.state.work import work

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.ext.asyncio import AsyncConnection


class Known(NamedTuple):
    """What the shadow says of one item, and what is left to do of it.

    `reason_hash` is None for one never judged, `met` says that it was seen since the moment asked
    for, `pending` that a row of it is open, a promised date has come, or a worker died over it.
    """

    item_id: str
    etag: str | None
    own_etag: str | None
    deleted_at: datetime | None
    folder: str
    control_status: str | None
    reason_hash: str | None
    met: bool
    pending: bool


_WORK = exists().where(work.c.list_id == items.c.list_id, work.c.item_id == items.c.item_id)
_DUE = exists().where(due.c.list_id == items.c.list_id, due.c.item_id == items.c.item_id)
_INTENT = exists().where(remembered.c.key == "intent:" + items.c.document_id)
_COLUMNS = [items.c[name] for name in Known._fields if name not in {"met", "pending"}]


async def known(
    tx: AsyncConnection, list_id: str, item_ids: Collection[str], since: datetime, now: datetime
) -> dict[str, Known]:
    """Give what is known of a feed's items, by item id; gone ones too."""
    met = (items.c.seen_at >= since).label("met")
    pending = (_WORK | _DUE.where(due.c.due_at <= now) | _INTENT).label("pending")
    here = (items.c.list_id == list_id) & items.c.item_id.in_(item_ids)
    query: Select[Any] = select(*_COLUMNS, met, pending).where(here)
    return {row.item_id: Known._make(row) for row in await tx.execute(query)}
