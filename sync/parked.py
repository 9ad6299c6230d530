"""Work that was set aside for a person: what it is, trying it again, closing it with a reason.

Closing ends Verger's own row, never the file: its next change, or an audit, brings it up again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync.errors import Missing
from sync.hints import Nudge
from sync.state import backlog, journal, lists, sites

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from sync.service import Service
    from sync.state.lists import ListRow
    from sync.state.work import Work

KIND = "parked work dropped"
"""The journal's word for a row that a person closed."""


@dataclass(frozen=True, slots=True)
class Parked:
    """One row set aside: `id` names it to `verger parked`; `until` None: only a person helps.

    Times are aware, in UTC. The file is named by its item only: what is parked may be restricted.
    """

    id: str
    site: str
    list: str
    item: str
    reason: str
    since: datetime
    tries: int
    until: datetime | None


async def waiting(service: Service, site: str | None = None) -> list[Parked]:
    """Return what is set aside, oldest first, on one site (its address or key) or on all.

    Raises Missing for a site that Verger does not follow.
    """
    return [_told(place, row) for place, row in await _rows(service, site)]


async def replay(
    service: Service, ids: Collection[str] = (), site: str | None = None
) -> tuple[list[Parked], list[Nudge]]:
    """Make these rows ready again, or all of a site; returns them, and nudges for the workers.

    Raises Missing when one of `ids` is not parked: then nothing is changed.
    """
    chosen = _chosen(await _rows(service, site), ids)
    async with service.state.begin() as tx:
        for place, row in chosen:
            await backlog.replay(tx, place.id, row.item_id)
    at = service.now().isoformat()
    told = dict.fromkeys(place.id for place, _ in chosen)
    return [_told(*one) for one in chosen], [Nudge(list_id, at) for list_id in told]


async def drop(service: Service, ids: Collection[str], reason: str) -> list[Parked]:
    """Close these rows unseen and journal why; the files stay as they are.

    Raises Missing when one of `ids` is not parked, ValueError without a reason: nothing is changed.
    """
    if not reason.strip():
        raise ValueError("a parked row is closed only with a reason")
    chosen = _chosen(await _rows(service, None), ids)
    async with service.state.begin() as tx:
        for place, row in chosen:
            if await backlog.drop(tx, place.id, row.item_id):
                await journal.append(tx, place.site_id, _entry(service, row, reason.strip()))
    return [_told(*one) for one in chosen]


async def _rows(service: Service, site: str | None) -> list[tuple[ListRow, Work]]:
    async with service.state.read() as tx:
        places = {row.id: row for row in await lists.all_lists(tx)}
        keys = {one.url: one.site_key for one in await sites.all_sites(tx)}
        rows = await backlog.parked(tx)
    here = {
        key for key, row in places.items() if site in (None, row.site_url, keys.get(row.site_url))
    }
    if site is not None and not here:
        known = ", ".join(sorted(keys.values())) or "none yet"
        raise Missing(f"{site} is not a site that Verger follows; it follows {known}")
    return [(places[row.list_id], row) for row in rows if row.list_id in here]


def _chosen(
    rows: Iterable[tuple[ListRow, Work]], ids: Collection[str]
) -> list[tuple[ListRow, Work]]:
    """Return the rows named, each once; all of them when none is named."""
    known = {_id(row): (place, row) for place, row in rows}
    lacking = [one for one in ids if one not in known]
    if lacking:
        raise Missing(f"not parked: {', '.join(lacking)}; see: verger parked list")
    return [known[one] for one in dict.fromkeys(ids)] if ids else list(known.values())


def _id(row: Work) -> str:
    return f"{row.list_id}/{row.item_id}"


def _told(place: ListRow, row: Work) -> Parked:
    return Parked(
        id=_id(row),
        site=place.site_url,
        list=place.title,
        item=row.item_id,
        reason=row.reason or "",
        since=row.first_seen_at,
        tries=row.attempts,
        until=row.not_before,
    )


def _entry(service: Service, row: Work, reason: str) -> journal.Entry:
    """Return the record of a closing; what a person wrote stands beside the chain, erasable."""
    beside = {"reason": reason, "parked_for": row.reason or ""}
    return journal.Entry(
        at=service.now(),
        kind=KIND,
        actor=service.settings.client_id,
        correlation_id=f"{_id(row)}/{row.generation}",
        list_id=row.list_id,
        item_id=row.item_id,
        schema_hash=service.schema_hash,
        before={"tries": row.attempts, "deaths": row.deaths},
        after={"closed": "the row, not the file"},
        idempotency_key=f"{_id(row)}/{row.generation}:dropped:{row.first_seen_at.isoformat()}",
        personal={name: value for name, value in beside.items() if value},
    )
