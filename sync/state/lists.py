"""The lists Verger follows: where each one is, how far its feed was read, and whether it is paused.

*List* is the unit of cursor, lease and subscription, for libraries and lists alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Boolean, Column, Float, Integer, String, Table, select, update

from sync.state.leases import Lease, require
from sync.state.sql import UtcTime, load, load_all, metadata, save, values_of

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

lists = Table(
    "lists",
    metadata,
    Column("id", String, primary_key=True),
    Column("site_id", String, nullable=False, index=True),
    Column("site_url", String, nullable=False),
    Column("drive_id", String, index=True),
    Column("area", String, nullable=False),
    Column("template", String, nullable=False),
    Column("title", String, nullable=False),
    Column("policed", Boolean, nullable=False),
    Column("paused", Boolean, nullable=False, index=True),
    Column("cursor", String),
    Column("cursor_generation", Integer, nullable=False),
    Column("hint_seq", Integer, nullable=False),
    Column("drained_seq", Integer, nullable=False),
    Column("last_hint_at", UtcTime),
    Column("last_drained_at", UtcTime),
    Column("enumerating_since", UtcTime),
    Column("latency", Float),
    Column("judged_at", UtcTime),
    Column("unheard", Integer, nullable=False, server_default="0"),
)
_FEED = (
    "cursor",
    "cursor_generation",
    "hint_seq",
    "drained_seq",
    "last_hint_at",
    "last_drained_at",
    "enumerating_since",
    "latency",
    "judged_at",
    "unheard",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRow:
    """One list: `id` is SharePoint's list guid, `area` and `template` name its place in the schema.

    `cursor` is the stored delta link (None: enumerate from the start); `cursor_generation` counts
    the enumerations; hints beyond `drained_seq` have not been drained yet. `enumerating_since` is
    when a full enumeration began that has not come to its end: what it does not meet is gone.
    `latency` is how many seconds the last verdict came after the hint of its change, given at
    `judged_at`; `unheard` counts the unhinted drains in a row that found changes nobody told of.
    """

    id: str
    site_id: str
    site_url: str
    area: str
    template: str
    title: str
    drive_id: str | None = None
    policed: bool = True
    paused: bool = False
    cursor: str | None = None
    cursor_generation: int = 0
    hint_seq: int = 0
    drained_seq: int = 0
    last_hint_at: datetime | None = None
    last_drained_at: datetime | None = None
    enumerating_since: datetime | None = None
    latency: float | None = None
    judged_at: datetime | None = None
    unheard: int = 0


async def register_list(tx: AsyncConnection, row: ListRow) -> None:
    """Add a list or refresh what describes it; its feed position and its pause stay as they are."""
    await save(tx, lists, values_of(row), keep=(*_FEED, "paused"))


def opened_key(list_id: str) -> str:
    """Return under which key is remembered on which day (ISO) a list was first followed.

    Nothing stands there for a list that was followed before such days were noted.
    """
    return f"opened:{list_id}"


async def get_list(tx: AsyncConnection, list_id: str) -> ListRow | None:
    return load(ListRow, (await tx.execute(select(lists).where(lists.c.id == list_id))).first())


async def all_lists(
    tx: AsyncConnection, *, site_id: str | None = None, policed: bool | None = None
) -> list[ListRow]:
    """Give every list in a fixed order, or those of one site, or those (not) policed."""
    query = select(lists).order_by(lists.c.site_url, lists.c.area, lists.c.id)
    if site_id is not None:
        query = query.where(lists.c.site_id == site_id)
    if policed is not None:
        query = query.where(lists.c.policed == policed)
    return load_all(ListRow, await tx.execute(query))


async def find_area(tx: AsyncConnection, site_id: str, area: str) -> ListRow | None:
    """Find a site's list by its area, such as the quarantine library a move goes to."""
    here = (lists.c.site_id == site_id) & (lists.c.area == area)
    return load(ListRow, (await tx.execute(select(lists).where(here))).first())


async def first_of_area(tx: AsyncConnection, area: str) -> ListRow | None:
    """Give the list of an area that one site alone has."""
    query = select(lists).where(lists.c.area == area).order_by(lists.c.id).limit(1)
    return load(ListRow, (await tx.execute(query)).first())


async def note_hint(tx: AsyncConnection, list_id: str, now: datetime) -> int | None:
    """Count one hint that came at `now`; returns its number, None for a list we do not follow."""
    seq: int | None = await tx.scalar(
        update(lists)
        .where(lists.c.id == list_id)
        .values(hint_seq=lists.c.hint_seq + 1, last_hint_at=now)
        .returning(lists.c.hint_seq)
    )
    return seq


async def set_cursor(tx: AsyncConnection, lease: Lease, cursor: str) -> None:
    """Move the cursor of the lease's list; raises LeaseLost when another drain took over."""
    await require(tx, lease)
    await tx.execute(update(lists).where(lists.c.id == lease.name).values(cursor=cursor))


async def begin_enumeration(tx: AsyncConnection, lease: Lease, now: datetime) -> None:
    """Note that the list is read from its start; a second note, after a cut, changes nothing."""
    await require(tx, lease)
    here = (lists.c.id == lease.name) & lists.c.enumerating_since.is_(None)
    await tx.execute(update(lists).where(here).values(enumerating_since=now))


async def end_enumeration(tx: AsyncConnection, lease: Lease) -> datetime | None:
    """Note that the list was read to its end; returns when that reading began, if it did."""
    await require(tx, lease)
    here = lists.c.id == lease.name
    begun: datetime | None = await tx.scalar(select(lists.c.enumerating_since).where(here))
    await tx.execute(update(lists).where(here).values(enumerating_since=None))
    return begun


async def drop_cursor(tx: AsyncConnection, lease: Lease) -> None:
    """Forget a dead cursor: the next drain enumerates anew and compares with the shadow."""
    await require(tx, lease)
    values = {
        "cursor": None,
        "cursor_generation": lists.c.cursor_generation + 1,
        "enumerating_since": None,
    }
    await tx.execute(update(lists).where(lists.c.id == lease.name).values(values))


async def set_drained(tx: AsyncConnection, lease: Lease, hint_seq: int, now: datetime) -> bool:
    """Record that the feed was read to its end after this hint; True when newer hints wait."""
    await require(tx, lease)
    latest = await tx.scalar(
        update(lists)
        .where(lists.c.id == lease.name)
        .values(drained_seq=hint_seq, last_drained_at=now)
        .returning(lists.c.hint_seq)
    )
    return latest is not None and latest > hint_seq


async def note_verdict(
    tx: AsyncConnection, list_id: str, hint_at: datetime | None, now: datetime
) -> None:
    """Keep how long after its hint a change was judged; what nobody hinted at measures nothing."""
    if hint_at is not None:
        seconds = max(0.0, (now - hint_at).total_seconds())
        here = update(lists).where(lists.c.id == list_id)
        await tx.execute(here.values(latency=seconds, judged_at=now))


async def note_heard(tx: AsyncConnection, list_id: str, *, heard: bool) -> int:
    """Note whether a drain that found changes had been hinted at. Returns how many in a row not."""
    count = 0 if heard else lists.c.unheard + 1
    here = update(lists).where(lists.c.id == list_id)
    return await tx.scalar(here.values(unheard=count).returning(lists.c.unheard)) or 0


async def undrained(tx: AsyncConnection) -> list[str]:
    """Give the ids of lists with hints that no finished drain has covered: a nudge was lost."""
    query = select(lists.c.id).where(lists.c.hint_seq > lists.c.drained_seq).order_by(lists.c.id)
    return list(await tx.scalars(query))


async def pause(tx: AsyncConnection, *, paused: bool, site_id: str | None = None) -> int:
    """Stop or resume claims on one site's lists, or on all; drains go on. Returns lists touched."""
    change = update(lists).values(paused=paused)
    if site_id is not None:
        change = change.where(lists.c.site_id == site_id)
    return (await tx.execute(change)).rowcount


async def paused(tx: AsyncConnection, *, site_id: str | None = None) -> frozenset[str]:
    """Give the ids of the lists that are paused, everywhere or on one site."""
    query = select(lists.c.id).where(lists.c.paused)
    if site_id is not None:
        query = query.where(lists.c.site_id == site_id)
    return frozenset(await tx.scalars(query))


async def all_paused(tx: AsyncConnection) -> bool:
    """Whether there are lists and every one is paused."""
    query = select(lists.c.paused).distinct()
    return list(await tx.scalars(query)) == [True]


async def silent_since(tx: AsyncConnection, moment: datetime) -> list[str]:
    """Give the policed lists not drained since `moment`: the sweep reads these first."""
    quiet = lists.c.last_drained_at.is_(None) | (lists.c.last_drained_at < moment)
    query = select(lists.c.id).where(quiet, lists.c.policed).order_by(lists.c.last_drained_at)
    return list(await tx.scalars(query))
