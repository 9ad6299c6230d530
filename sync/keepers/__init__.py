"""Rows of native lists, kept true: one file for each list that staff decide or ask in.

A list of the schema names its keeper (`keeper: decisions`), which is a module of this folder with
`async def keep(case, row) -> Kept`. Its rows go the way of files: webhook, feed, work row, fenced
record; a row that was deleted comes with `row.deleted`. A keeper takes what the row says, writes
beside it what came of it, and hands back what is to be recorded with the row's closing.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol, cast

import msgspec

from sync import row_identifiers
from sync.errors import Missing, Stale
from sync.identity import identify
from sync.state import claims, items, journal, meter, writes
from sync.tenant import rows
from sync.tenant.shapes import ChangedItem, after_a_write, count

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sync.cases import Case

FENCE_SECONDS = 60.0
LANE = "events"


@dataclass(frozen=True, slots=True)
class Kept:
    """What came of a row: `etag` is its eTag after the keeper's own write ("" when it wrote none).

    `entries` are journalled and `effect` runs in the transaction that closes the row. `after` runs
    once that has been committed, and may be lost with a dying worker.
    """

    etag: str = ""
    entries: tuple[journal.Entry, ...] = ()
    effect: Callable[[AsyncConnection], Awaitable[None]] | None = None
    after: Callable[[], Awaitable[None]] | None = None


class Keeper(Protocol):
    """A module of this folder."""

    async def keep(self, case: Case, row: ChangedItem) -> Kept: ...


@cache
def keeper(name: str) -> Keeper:
    """Return the keeper of this name; ModuleNotFoundError when there is none."""
    return cast("Keeper", importlib.import_module(f"{__name__}.{name}"))


async def attend(case: Case) -> float | None:
    """Have a row kept. Returns seconds until it is worth another look, None when it is done.

    Raises what reading or writing the row raises; the row then waits, or is parked.
    """
    row = await _row(case)
    kept = await keeper(case.place.list.keeper or "").keep(case, row)
    kept = await row_identifiers.guard(case, row, kept)
    if not await _record(case, row, kept):
        return 0.0
    if kept.after is not None:
        await kept.after()
    return None


async def show(case: Case, row: ChangedItem, columns: Mapping[str, Any]) -> str:
    """Write columns beside a row where they say something else (2 units), however often.

    Returns the eTag the row has then, for `Kept.etag`; "" when there was nothing to write. An
    empty text and an empty column are the same.
    """
    changed = {
        name: value for name, value in columns.items() if (row.fields.get(name) or "") != value
    }
    if not changed:
        return ""
    await rows.update(case.service.tenant, case.place.row, row.id, changed, row.tag)
    return after_a_write(row.etag)


async def _row(case: Case) -> ChangedItem:
    """Return the feed's row, or the row read anew where the feed told nothing or it is old news."""
    told = (case.row.change or {}).get("item")
    row = None if told is None or case.row.attempts > 1 else msgspec.convert(told, ChangedItem)
    if row is not None and not await _is_old(case, row):
        return row
    try:
        return await rows.get(case.service.tenant, case.place.row, case.row.item_id)
    except Missing:
        return ChangedItem(id=case.row.item_id, removed={})


async def _is_old(case: Case, row: ChangedItem) -> bool:
    async with case.service.state.read() as tx:
        known = await items.get_item(tx, case.row.list_id, case.row.item_id)
    return known is not None and 0 < count(row.etag) < count(known.etag or "")


async def _record(case: Case, row: ChangedItem, kept: Kept) -> bool:
    """Shadow, journal, effect and closing, together. False: news came meanwhile, look again."""
    now = case.service.now()
    async with case.service.state.begin() as tx:
        if not await claims.extend(tx, case.row, now, FENCE_SECONDS):
            raise Stale("another worker has taken this over", doing="record a row")
        if row.deleted:
            await writes.mark_deleted(tx, case.row.list_id, case.row.item_id, now)
        else:
            await _shadow(tx, case, row, kept)
        for entry in kept.entries:
            await journal.append(tx, case.place.row.site_id, entry)
        if kept.effect is not None:
            await kept.effect(tx)
        await meter.add_ru(tx, now, LANE, round(case.units))
        return await claims.close(tx, case.row, now)


async def _shadow(tx: AsyncConnection, case: Case, row: ChangedItem, kept: Kept) -> None:
    """Keep the row's state as we left it, so that its echo is settled and older news is old."""
    key = (case.row.list_id, case.row.item_id)
    known = await identify(tx, key, row.unique_id, "", case.service.now())
    etag = kept.etag or row.etag
    seen = replace(known, etag=etag, seen_at=case.service.now(), deleted_at=None)
    await items.put_item(tx, seen)
