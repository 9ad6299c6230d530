"""Judge everything that is there: what the feed's page proves is settled, the rest is looked at.

What is as it was judged, by rules that have not changed, needs no look (`sync.proving`): its share
of a delta page is all it costs. Everything else goes the way of an event: rows in SQL, nudges,
workers. An audit that was cut short goes on where it was: a page's rows and the place to go on are
written in one transaction, and rows that wait are judged whenever a worker comes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sync import ties
from sync.changes import change_of, is_settled, nudges
from sync.errors import CursorGone, Missing
from sync.folders import folder_of
from sync.hints import Hint, Nudge
from sync.model.identifiers import masked
from sync.proving import is_proven, rules_stand
from sync.state import backlog, lists, remembered, rulesets, settled, sites, work, writes
from sync.tenant import documents

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sync.places import Place
    from sync.service import Service
    from sync.state.items import ItemRow
    from sync.state.lists import ListRow
    from sync.state.settled import Known
    from sync.tenant.shapes import ChangedItem, Page

MOST_NUDGES = 8
"""Nudges an audit puts for one list. More would only stand before what staff wait for: the rows
are in SQL, and the sweep nudges for as many again each minute."""
TOGETHER = 1000
"""Items of a feed that are sorted at a time: few enough to hold, enough to share what SQL costs."""
REPORTED = 500
"""Items read at a time for the report."""


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

    `nudges` call the workers to the rows that wait. Of those listed `proven` needed no row: their
    verdicts stand.
    """

    lists: tuple[ListRow, ...]
    listed: int
    nudges: list[Nudge] = field(default_factory=list)
    resumed: bool = False
    proven: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """One file of the report. `findings` are those that count, as (policy, what it says).

    `file` is "" and nothing is quoted where the place keeps its names to itself; `address` says no
    name anywhere, and SharePoint lets in those who may see the file.
    """

    file: str
    address: str
    site: str
    list: str
    status: str
    seen_at: datetime
    findings: tuple[tuple[str, str], ...]


async def begin(service: Service, site: str | None = None, *, anew: bool = False) -> Audit:
    """Go through everything in each policed list of a site (its address or key), or of all.

    What can't be proven to be as it was judged gets a row. Goes on with one that was cut short,
    unless `anew`. The lists' cursors stay where they are. 2 resource units a list and 1 for each
    further page of 200. Raises Missing for a site with no policed list.
    """
    rows = await _policed(service, site)
    await ties.catch_up(service, (await service.place(rows[0].id)).area.quarantine)
    total, proven, sent, resumed = 0, 0, [], False
    for row in rows:
        resumed |= await _enumerate(service, row, anew=anew)
        note = await _note(service, row)
        total += note["listed"]
        proven += note["proven"]
        waiting = (await _progress(service, row)).waiting
        called = nudges(row.id, waiting, Hint(row.id, service.now().isoformat()))
        sent += called[:MOST_NUDGES]
    return Audit(tuple(rows), total, sent, resumed, proven)


async def progress(service: Service, audit: Audit) -> Progress:
    """Return how far the workers are."""
    told = [await _progress(service, row) for row in audit.lists]
    return Progress(
        audit.listed,
        sum(one.waiting for one in told),
        sum(one.parked for one in told),
        sum(one.delayed for one in told),
    )


async def report(service: Service, audit: Audit) -> AsyncIterator[Verdict]:
    """Yield the verdict on every file of the audited libraries, as last judged; few are in memory.

    They come list by list, in the order of their item ids as text.
    """
    for row in audit.lists:
        place = await service.place(row.id)
        if not place.area.policies:
            continue
        async for one in _items(service, row):
            yield _verdict(place, one)


async def _items(service: Service, row: ListRow) -> AsyncIterator[ItemRow]:
    position = ""
    while True:
        async with service.state.read() as tx:
            found = await rulesets.items_after(tx, row.id, position, REPORTED)
        for one in found:
            yield one
        if len(found) < REPORTED:
            return
        position = found[-1].item_id


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
    """Read the feed; what of some pages is left to judge and the place to go on are one write."""
    place = await service.place(row.id)
    stands = await rules_stand(service, place)
    feed = documents.changes(service.tenant, row, note["cursor"])
    async for pages in _together(feed):
        sift = Sift(service, place, datetime.fromisoformat(note["begun"]), rules_stand=stands)
        async with service.state.begin() as tx:
            await sift.through(tx, [item for page in pages for item in page.items])
            if sift.proven:
                await writes.touch(tx, row.id, sift.proven, service.now())
            await work.put(tx, sift.rows, service.now())
            note = _further(note, pages[-1], sift)
            await remembered.remember(tx, _key(row), note)


async def _together(feed: AsyncIterator[Page]) -> AsyncIterator[list[Page]]:
    """Yield pages of a feed in groups, each of TOGETHER items or little more."""
    pages: list[Page] = []
    async for page in feed:
        pages.append(page)
        if page.final or sum(len(one.items) for one in pages) >= TOGETHER:
            yield pages
            pages = []


def _further(note: dict[str, Any], page: Page, sift: Sift) -> dict[str, Any]:
    """Return the place to go on after a page."""
    proven = note["proven"] + len(sift.proven)
    listed = note["listed"] + len(sift.proven) + len(sift.rows)
    return {**note, "cursor": page.cursor, "whole": page.final, "listed": listed, "proven": proven}


@dataclass(slots=True)
class Sift:
    """Some pages of an audit begun at `begun`: ids that are `proven`, and `rows` for all else."""

    service: Service
    place: Place
    begun: datetime
    rules_stand: bool
    proven: list[str] = field(default_factory=list)
    rows: list[work.NewWork] = field(default_factory=list)

    async def through(self, tx: AsyncConnection, told: Sequence[ChangedItem]) -> None:
        """Sort items; folders, what is gone, and what this audit had judged are left out.

        They come again for our own writes, and when a dead cursor began the feed anew.
        """
        latest = {item.id: item for item in told if not (item.deleted or item.is_folder)}
        at = (self.begun, self.service.now())
        known = await settled.known(tx, self.place.row.id, latest.keys(), *at)
        for item in latest.values():
            self._sort(item, known.get(item.id))

    def _sort(self, item: ChangedItem, known: Known | None) -> None:
        if known and known.met and is_settled(item, known):
            return
        if self.rules_stand and self._needs_none(item, known):
            self.proven.append(item.id)
        else:
            self.rows.append(_row(self.place, item))

    def _needs_none(self, item: ChangedItem, known: Known | None) -> bool:
        if known is None:
            return bool(item.name) and self.service.standard.ignores(item.name)
        return is_proven(item, known, masked(folder_of(self.place, item)))


def _row(place: Place, item: ChangedItem) -> work.NewWork:
    return work.NewWork(
        list_id=place.row.id,
        item_id=item.id,
        kind="audit",
        lane=work.Lane.BACKGROUND,
        change=change_of(item, 0.0, untold=place.list.own_only),
    )


async def _note(service: Service, row: ListRow) -> dict[str, Any]:
    async with service.state.read() as tx:
        known: dict[str, Any] | None = await remembered.recall(tx, _key(row))
    return _fresh(service) | (known or {})


def _fresh(service: Service) -> dict[str, Any]:
    begun = service.now().isoformat()
    return {"begun": begun, "cursor": None, "listed": 0, "proven": 0, "whole": False}


async def _progress(service: Service, row: ListRow) -> Progress:
    async with service.state.read() as tx:
        counts = await backlog.audited(tx, row.id, service.now())
    return Progress(0, counts.open, counts.parked, counts.delayed)


def _key(row: ListRow) -> str:
    return f"audit:{row.id}"


def _verdict(place: Place, row: ItemRow) -> Verdict:
    told = row.verdict or {"findings": [], "observed": []}
    found: Sequence[dict[str, str]] = [*told["findings"], *told["observed"]]
    counted = tuple(
        (one["policy"], place.shown(one["says"])) for one in found if one["severity"] != "note"
    )
    status, name = row.control_status or "Not judged", place.shown(row.name)
    return Verdict(
        file=name,
        address=place.form_url(row.item_id),
        site=place.row.site_url,
        list=place.row.title,
        status=status,
        seen_at=row.seen_at,
        findings=counted,
    )
