"""What can be undone now: the acts of the last 30 days, each by the name that `undo` asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sync import undo_access
from sync.state import items, journal_reading, lists
from sync.undoing import ACTS, DAYS, name_of

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sync.service import Service
    from sync.state.journal import Recorded

LIMIT = 200


@dataclass(frozen=True, slots=True)
class Act:
    """One act: `entry` as `undo` names it, when (aware, UTC), and what was done by which rules.

    `document` is its number or key; `name` what it is called now, "" in a closed place.
    """

    entry: str
    at: datetime
    document: str
    name: str
    done: tuple[str, ...]
    policies: tuple[str, ...]


async def acts(service: Service, document_id: str | None = None, limit: int = LIMIT) -> list[Act]:
    """Return what can be undone, the newest first: of one document, or of all."""
    since = service.now() - timedelta(days=DAYS)
    query = journal_reading.Query(document_id=document_id, since=since, newest_first=True)
    async with service.state.read() as tx:
        found = await journal_reading.entries(tx, query)
        undone = {one.after["undoes"] for one in found if one.kind == "undone"}
        told: list[Act] = []
        for one in found:
            if one.kind not in {*ACTS, undo_access.KIND} or not one.undo or len(told) == limit:
                continue
            name = await name_of(tx, one)
            if name not in undone:
                told.append(await _act(service, tx, name, one))
    return told


async def _act(service: Service, tx: AsyncConnection, name: str, entry: Recorded) -> Act:
    item = await items.item_of(tx, entry.document_id) if entry.document_id else None
    home = await lists.get_list(tx, item.list_id) if item else None
    shown = home is not None and (await service.place(home.id)).area.is_open
    after = entry.after or {}
    return Act(
        entry=name,
        at=entry.at,
        document=(item.number if item else None) or entry.document_id or "",
        name=item.name if item and shown else "",
        done=tuple(after.get("done", ())) or (entry.kind,),
        policies=tuple(after.get("acting", ())) or ((entry.policy,) if entry.policy else ()),
    )
