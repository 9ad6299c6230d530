"""From a hint to work: read a list's delta feed from its cursor, put each change down in SQL.

The cursor moves only together with the rows it stands for (promise 3). One drain at a time per
list: who finds it busy leaves its hint counted, and the drain that runs looks again before it lets
go. What comes back of our own writes, and what was judged in that state, is dropped here.
"""

from __future__ import annotations

import logging
import math
import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from sync import absent, folders
from sync.errors import CursorGone, Missing, VergerError
from sync.hints import SILENT, Nudge
from sync.model.identifiers import names_one
from sync.state import backlog, items, leases, lists, work, writes
from sync.subscriptions import ensure
from sync.tenant import documents
from sync.tenant.meter import metered
from sync.tenant.shapes import ChangedItem

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from sync.hints import Hint
    from sync.places import Place
    from sync.service import Service
    from sync.state.leases import Lease
    from sync.state.lists import ListRow
    from sync.tenant.shapes import Page

LEASE_SECONDS = 120
LONGEST_QUEUE = timedelta(hours=12)
"""A hint said to be older was stamped by another clock: a rehearsal moves its own only."""
CHUNK = 4
"""Rows a nudge stands for: few enough that two workers share a burst, enough to batch."""
MOST_NUDGES = 32
"""Nudges of one list that are under way at once, each followed by another while rows are left
(`go_on`): a burst of thousands keeps no other list's upload behind more than these."""

log = logging.getLogger("verger.changes")


async def drain(service: Service, hint: Hint) -> list[Nudge]:
    """Read the hinted list's feed to its end. Returns the nudges for the rows it put down.

    Raises Transient when Microsoft 365 or the database is out of reach: the hint comes again.
    """
    taken = await _take(service, hint)
    if taken is None:
        return []
    row, lease = taken
    before = await _ready(service, row.id)
    try:
        rows = await _drain_what_is_there(service, row, lease)
    except BaseException:
        await _let_go(service, lease)
        raise
    if rows is None:
        return []
    await _note_heard(service, row, hint, rows)
    await _subscribe(service, row, rows)
    return nudges(row.id, rows, hint, before)


async def _note_heard(service: Service, row: ListRow, hint: Hint, rows: int) -> None:
    """Count drains that nobody hinted at and that found changes: their notifications were lost.

    Two in a row have the subscription made anew (`sync.subscriptions`); one may be a hint that is
    still on its way. A list that was read from its start proves nothing.
    """
    heard = hint.kind != SILENT
    if not rows or row.cursor is None or (heard and not row.unheard):
        return
    async with service.state.begin() as tx:
        times = await lists.note_heard(tx, row.id, heard=heard)
    if times:
        log.warning("changes in %s came without a notification, %d times so far", row.title, times)


async def _subscribe(service: Service, row: ListRow, rows: int) -> None:
    """Make sure the next change is heard of; a refusal never keeps what was found from its look.

    With nothing found it is raised, so that the message is tried again and the fault is seen.
    """
    try:
        await ensure(service, row)
    except VergerError as error:
        if not rows:
            raise
        log.warning("no subscription for %s yet; the timer tries again: %s", row.title, error)


async def _drain_what_is_there(service: Service, row: ListRow, lease: Lease) -> int | None:
    """Drain a list; None for one that was not found, which is noted: a hint more is no help."""
    try:
        rows = await _drain(service, row, lease)
    except Missing:
        await absent.note(service, row, lease)
        return None
    if row.cursor is None:
        await absent.back(service, row)
    return rows


async def _drain(service: Service, row: ListRow, lease: Lease) -> int:
    """Read until no newer hint waits, then let the lease go in the same transaction."""
    rows = 0
    while True:
        rows += await _read_to_end(service, row.id, lease)
        async with service.state.begin() as tx:
            if not await lists.set_drained(tx, lease, row.hint_seq, service.now()):
                await leases.release(tx, lease)
                return rows
            row = await _follow(tx, row.id)


async def _let_go(service: Service, lease: Lease) -> None:
    """Free the list for the next try; a lease that lapsed or was taken over stays as it is."""
    async with service.state.begin() as tx:
        await leases.release(tx, lease)


def nudges(list_id: str, rows: int, cause: Hint, before: int = 0) -> list[Nudge]:
    """Return the nudges for new `rows` where `before` waited already: those have theirs."""
    one = Nudge(list_id, cause.at, cause.correlation)
    return [one] * (_under_way(before + rows) - _under_way(before))


def _under_way(rows: int) -> int:
    return min(MOST_NUDGES, math.ceil(rows / CHUNK))


async def go_on(service: Service, nudge: Nudge) -> list[Nudge]:
    """Return what follows a nudge that was worked off: itself again, behind all others."""
    return [nudge] if await _ready(service, nudge.list_id) else []


async def _ready(service: Service, list_id: str) -> int:
    async with service.state.read() as tx:
        return await backlog.ready(tx, list_id, service.now(), MOST_NUDGES * CHUNK)


async def _take(service: Service, hint: Hint) -> tuple[ListRow, Lease] | None:
    """Count the hint and take the list's lease; None when it is unknown, or busy."""
    now, list_id = service.now(), hint.list_id
    async with service.state.begin() as tx:
        if await lists.note_hint(tx, list_id, _came(hint, now)) is None:
            log.warning("a hint names list %s, which is none of ours", list_id)
            return None
        lease = await leases.acquire(tx, list_id, str(uuid.uuid4()), now, LEASE_SECONDS)
        return None if lease is None else (await _follow(tx, list_id), lease)


def _came(hint: Hint, now: datetime) -> datetime:
    """Return when a hint came; `now` where its clock and ours differ by more than a queue can."""
    told = datetime.fromisoformat(hint.at) if hint.at else now
    return told if timedelta(0) <= now - told <= LONGEST_QUEUE else now


async def _follow(tx: AsyncConnection, list_id: str) -> ListRow:
    row = await lists.get_list(tx, list_id)
    if row is None:
        raise LookupError(f"list {list_id} vanished while it was drained")
    return row


async def _read_to_end(service: Service, list_id: str, lease: Lease) -> int:
    """Read from the stored cursor to the feed's end; a dead cursor starts a full enumeration."""
    async with service.state.read() as tx:
        row = await _follow(tx, list_id)
    try:
        return await _read(service, row, lease)
    except CursorGone as gone:
        log.warning("the cursor of %s no longer works (%s); enumerating anew", row.title, gone)
        async with service.state.begin() as tx:
            await lists.drop_cursor(tx, lease)
            row = await _follow(tx, list_id)
        return await _read(service, row, lease)


async def _read(service: Service, row: ListRow, lease: Lease) -> int:
    """Read from the row's cursor to the feed's end; a page's rows and its cursor go together."""
    if row.cursor is None:
        async with service.state.begin() as tx:
            await lists.begin_enumeration(tx, lease, service.now())
    place = replace(await service.place(row.id), row=row)  # the row as it is now
    pages = documents.changes(service.tenant, row, row.cursor)
    put = 0
    while True:
        with metered() as bill:
            page = await anext(pages, None)
        if page is None:
            return put
        async with service.state.begin() as tx:
            await leases.renew(tx, lease, service.now(), LEASE_SECONDS)
            put += await _put(tx, place, page, bill.units, service.now())
            if page.final:
                put += await _put_missing(tx, row, lease, service.now())
            await lists.set_cursor(tx, lease, page.cursor)


async def _put(tx: AsyncConnection, place: Place, page: Page, units: int, now: datetime) -> int:
    """Put one page's news down as work rows; returns how many there were.

    The files of a folder that moved are news, too, though the feed does not tell of them.
    Where people see their own rows only, a work row says nothing of one: its look reads it.
    """
    latest = {item.id: item for item in page.items}
    known = await items.get_items(tx, place.row.id, latest.keys())
    news = [item for item in latest.values() if not is_settled(item, known.get(item.id))]
    await writes.touch(tx, place.row.id, latest.keys(), now)
    share = units / len(news) if news else 0.0
    untold = place.list.own_only
    await work.put(tx, [_row(place.row, one, share, untold=untold) for one in news], now)
    return len(news) + await folders.follow(tx, place, latest.values(), now)


class Seen(Protocol):
    """What of an item's row tells whether a state was judged."""

    @property
    def etag(self) -> str | None: ...
    @property
    def own_etag(self) -> str | None: ...
    @property
    def deleted_at(self) -> datetime | None: ...


def is_settled(item: ChangedItem, known: Seen | None) -> bool:
    """Whether this state was judged already, or is what our own last write left behind."""
    if known is None:
        return item.deleted or item.is_folder
    if item.deleted:
        return known.deleted_at is not None
    return item.etag in (known.etag, known.own_etag) and known.deleted_at is None


def _row(row: ListRow, item: ChangedItem, share: float, *, untold: bool = False) -> work.NewWork:
    return work.NewWork(
        list_id=row.id,
        item_id=item.id,
        change=change_of(item, share, untold=untold),
        hint_at=row.last_hint_at,
    )


def change_of(item: ChangedItem, share: float, *, untold: bool = False) -> dict[str, Any]:
    """Return what a work row says of a feed item, with its share of the page's resource units.

    Nothing of its columns where people see their own rows only (`untold`), or where they name an
    NHS number: the look reads them anew.
    """
    told = msgspec.to_builtins(item)
    return {"units": share} if untold or names_one(told) else {"item": told, "units": share}


async def _put_missing(tx: AsyncConnection, row: ListRow, lease: Lease, now: datetime) -> int:
    """At the end of a full enumeration, cut short or not: what it did not meet is gone."""
    begun = await lists.end_enumeration(tx, lease)
    if begun is None:
        return 0
    gone = await items.not_seen_since(tx, row.id, begun)
    rows = [_row(row, ChangedItem(id=one.item_id, removed={}), 0.0) for one in gone]
    await work.put(tx, rows, now)
    return len(gone)
