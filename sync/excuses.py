"""Which of a document's findings are not acted on now: waived, undone, broken, false alarms.

One seam for all of them: `sync.enforcement` asks `standing` once a look, `sync.remedies` settles
by it. Who gives an excuse writes a row (`give`) and has the document looked at.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from sync.model import Excuse, ExcuseKind
from sync.state import excuses as kept
from sync.state import items, work

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sync.model import Document
    from sync.remedies import Settlement
    from sync.service import Service
    from sync.state.excuses import ExcuseRow
    from sync.state.items import ItemRow

NONE: Mapping[str, Excuse] = MappingProxyType({})
_ORDER = tuple(ExcuseKind)


async def standing(
    tx: AsyncConnection, document_id: str, content_id: str, now: datetime
) -> Mapping[str, Excuse]:
    """Return what holds for a document with this content, by policy (one indexed read)."""
    rows = await kept.excuses_of(tx, document_id, now)
    here = [row for row in rows if row.content_id in {"", content_id}]
    ordered = sorted(here, key=lambda row: (_ORDER.index(ExcuseKind(row.kind)), row.at))
    return {row.policy: row.excuse for row in ordered}


async def of(service: Service, document: Document) -> Mapping[str, Excuse]:
    """Return what holds now for a document as it was looked at, by policy."""
    async with service.state.read() as tx:
        held = (document.document_id, document.content_id, service.now())
        return await standing(tx, *held)


def told_before(settled: Settlement, known: ItemRow | None) -> bool:
    """Whether an excuse is all that is new: nobody is mailed again about what else stands."""
    if not settled.excused or known is None or not known.verdict:
        return False
    told = known.verdict["findings"]
    earlier = {(one["policy"], one["says"]) for one in told if "excused" not in one}
    return all((one.policy, one.says) in earlier for one in settled.standing if one.counts)


async def give(tx: AsyncConnection, row: ExcuseRow) -> bool:
    """Write an excuse down and have its document looked at; False when it was known."""
    if not await kept.put_excuse(tx, row):
        return False
    await look_again(tx, row.document_id, row.at)
    return True


async def take_back(tx: AsyncConnection, row: ExcuseRow, now: datetime) -> bool:
    """End an excuse before its time and have its document looked at; False when it had ended."""
    if not await kept.end_excuse(tx, row.id, now):
        return False
    await look_again(tx, row.document_id, now)
    return True


async def look_again(tx: AsyncConnection, document_id: str, now: datetime) -> str:
    """Open work for a document where it is now; returns its list's id, "" when it is gone."""
    item = await items.item_of(tx, document_id)
    if item is None or item.deleted_at is not None:
        return ""
    look = work.NewWork(list_id=item.list_id, item_id=item.item_id, kind="due")
    await work.put(tx, [look], now)
    return item.list_id
