"""Judge everything that is there, by the same way as an event: rows in SQL, nudges, workers.

An audit that was cut short goes on where it was: a page's rows and the place to go on are written
in one transaction, and rows that wait are judged whenever a worker comes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from sync.changes import is_settled, nudges
from sync.errors import CursorGone, Missing
from sync.hints import Hint, Nudge
from sync.state import backlog, items, lists, remembered, sites, work
from sync.tenant import documents

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sync.places import Place
    from sync.service import Service
    from sync.state.items import ItemRow
    from sync.state.lists import ListRow
    from sync.tenant.shapes import Page


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an audit is: items listed, those still waiting, those set aside for a person.

    Only the audit's own rows count, not what staff changed meanwhile. Of the waiting ones `delayed`
    wait for a moment of their own, such as a file that somebody has open.
    """

    listed: int
    waiting: int
    parked: int = 0
    delayed: int = 0

    @property
    def judged(self) -> int:
        return max(0, self.listed - self.waiting - self.parked)

    @property
    def done(self) -> bool:
        return self.waiting == 0


@dataclass(frozen=True, slots=True)
class Audit:
    """An audit under way: its lists, how much was listed, whether it went on with an earlier one.

    `nudges` call the workers to the rows that wait.
    """

    lists: tuple[ListRow, ...]
    listed: int
    nudges: list[Nudge] = field(default_factory=list)
    resumed: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """One file of the report. `findings` are those that count, as (policy, what it says).

    `file` is "" and nothing is quoted where the place keeps its names to itself.
    """

    file: str
    site: str
    list: str
    status: str
    seen_at: datetime
    findings: tuple[tuple[str, str], ...]


async def begin(service: Service, site: str | None = None, *, anew: bool = False) -> Audit:
    """Put a row for everything in each policed list of a site (its address or key), or of all.

    Goes on with one that was cut short, unless `anew`. The lists' cursors stay where they are. 2
    resource units a list and 1 for each further page of 200. Raises Missing for a site with no
    policed list.
    """
    rows = await _policed(service, site)
    total, sent, resumed = 0, [], False
    for row in rows:
        resumed |= await _enumerate(service, row, anew=anew)
        note = await _note(service, row)
        total += note["listed"]
        waiting = (await _progress(service, row)).waiting
        sent += nudges(row.id, waiting, Hint(row.id, service.now().isoformat()))
    return Audit(tuple(rows), total, sent, resumed)


async def progress(service: Service, audit: Audit) -> Progress:
    """Return how far the workers are."""
    told = [await _progress(service, row) for row in audit.lists]
    return Progress(
        audit.listed,
        sum(one.waiting for one in told),
        sum(one.parked for one in told),
        sum(one.delayed for one in told),
    )


async def report(service: Service, audit: Audit) -> list[Verdict]:
    """Return the verdict on every file of the audited libraries, as last judged."""
    told = []
    for row in audit.lists:
        place = await service.place(row.id)
        if not place.area.policies:
            continue
        async with service.state.read() as tx:
            told += [_verdict(place, one) for one in await items.items_of(tx, row.id)]
    return told


async def forget(service: Service, audit: Audit) -> None:
    """End an audit: the next one begins anew."""
    async with service.state.begin() as tx:
        for row in audit.lists:
            await remembered.forget(tx, _key(row))


async def _policed(service: Service, site: str | None) -> list[ListRow]:
    async with service.state.read() as tx:
        rows = await lists.all_lists(tx, policed=True)
        keys = {one.url: one.site_key for one in await sites.all_sites(tx)}
    here = [row for row in rows if site in (None, row.site_url, keys.get(row.site_url))]
    if not here:
        known = ", ".join(sorted(keys.values())) or "none yet"
        raise Missing(f"{site or 'Verger'} has no policed list; Verger follows {known}")
    return here


async def _enumerate(service: Service, row: ListRow, *, anew: bool) -> bool:
    """List everything of one list, from where an audit stopped. Returns whether it went on."""
    note = await _note(service, row)
    if note["whole"]:
        waits = (await _progress(service, row)).waiting
        if waits and not anew:
            return True
        anew = True
    if anew:
        note = _fresh(service)
    try:
        await _list(service, row, note)
    except CursorGone:  # stopped too long ago: what was judged meanwhile is judged once more
        await _list(service, row, _fresh(service))
    return bool(note["cursor"])


async def _list(service: Service, row: ListRow, note: dict[str, Any]) -> None:
    async for page in documents.changes(service.tenant, row, note["cursor"]):
        async with service.state.begin() as tx:
            rows = _rows(row, page, await _judged_since(tx, row, page, note["begun"]))
            listed = note["listed"] + len(rows)
            note = {**note, "cursor": page.cursor, "listed": listed, "whole": page.final}
            await work.put(tx, rows, service.now())
            await remembered.remember(tx, _key(row), note)


async def _note(service: Service, row: ListRow) -> dict[str, Any]:
    async with service.state.read() as tx:
        known: dict[str, Any] | None = await remembered.recall(tx, _key(row))
    return known or _fresh(service)


def _fresh(service: Service) -> dict[str, Any]:
    return {"begun": service.now().isoformat(), "cursor": None, "listed": 0, "whole": False}


async def _progress(service: Service, row: ListRow) -> Progress:
    async with service.state.read() as tx:
        counts = await backlog.audited(tx, row.id, service.now())
    return Progress(0, counts.open, counts.parked, counts.delayed)


def _key(row: ListRow) -> str:
    return f"audit:{row.id}"


async def _judged_since(
    tx: AsyncConnection, row: ListRow, page: Page, begun: str
) -> frozenset[str]:
    """Name the page's items that this audit has had judged: they come again for our own writes."""
    known = await items.get_items(tx, row.id, {item.id for item in page.items})
    since = datetime.fromisoformat(begun)
    return frozenset(
        item.id
        for item in page.items
        if (one := known.get(item.id)) and one.seen_at >= since and is_settled(item, one)
    )


def _rows(row: ListRow, page: Page, judged: frozenset[str]) -> list[work.NewWork]:
    wanted = (item for item in page.items if item.id not in judged)
    latest = {item.id: item for item in wanted if not (item.deleted or item.is_folder)}
    return [
        work.NewWork(
            list_id=row.id,
            item_id=item.id,
            kind="audit",
            lane=work.Lane.BACKGROUND,
            change={"item": msgspec.to_builtins(item), "units": 0.0},
        )
        for item in latest.values()
    ]


def _verdict(place: Place, row: ItemRow) -> Verdict:
    told = row.verdict or {"findings": [], "observed": []}
    found: Sequence[dict[str, str]] = [*told["findings"], *told["observed"]]
    counted = tuple(
        (one["policy"], place.shown(one["says"])) for one in found if one["severity"] != "note"
    )
    status, name = row.control_status or "Not judged", place.shown(row.name)
    return Verdict(name, place.row.site_url, place.row.title, status, row.seen_at, counted)
