"""Pause and resume: an operator stops all of Verger's writes to a site, or to all (decision 26).

Work in flight comes to its end, no other row is begun; changes are still read and written down, so
nothing is missed. A dormant group's site is neither paused nor resumed here: `verger sig wake` is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync.errors import Missing
from sync.sig_records import DORMANT, UNDER_WAY, OutOfTurn
from sync.state import journal, lists, requests, sites

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from sync.service import Service


@dataclass(frozen=True, slots=True)
class Turned:
    """One site: how many of its lists were turned, or why none was."""

    site: sites.Site
    lists: int = 0
    skipped: str = ""


async def require_running(
    service: Service, *, list_id: str | None = None, site_id: str | None = None
) -> None:
    """Raise OutOfTurn while the site, or the site of this list, is paused. Read anew each time."""
    async with service.state.read() as tx:
        row = await lists.get_list(tx, list_id) if list_id is not None else None
        here = row.site_id if row is not None else site_id
        if here is not None and await lists.paused(tx, site_id=here):
            site = await sites.find_site(tx, here)
            key = f" {site.site_key}" if site is not None else ""
            raise OutOfTurn(f"the site is paused; to go on: verger resume{key}")


async def turn(service: Service, site: str | None, *, paused: bool) -> list[Turned]:
    """Pause or resume the site of a key or an address, or every site. Doing it twice does no harm.

    Raises Missing for a site that state does not know.
    """
    async with service.state.begin() as tx:
        known = await sites.all_sites(tx)
        here = [one for one in known if site in (None, one.site_key, one.url)]
        if site is not None and not here:
            names = ", ".join(one.site_key for one in known) or "none yet"
            raise Missing(f"{site!r} is no site that Verger follows; it follows {names}")
        moving = {row.site_id for row in await requests.all_requests(tx, states=UNDER_WAY)}
        return [await _turn(tx, service, one, moving, paused=paused) for one in here]


async def _turn(
    tx: AsyncConnection,
    service: Service,
    row: sites.Site,
    moving: set[str | None],
    *,
    paused: bool,
) -> Turned:
    if row.state == DORMANT:
        return Turned(row, 0, "dormant; wake it with: verger sig wake")
    if row.site_id is None or row.site_id in moving:
        return Turned(row, 0, "being opened, put to sleep or woken; try again when that is done")
    count = await lists.pause(tx, paused=paused, site_id=row.site_id)
    entry = journal.Entry(
        at=service.now(),
        kind="paused" if paused else "resumed",
        actor=service.settings.client_id,
        correlation_id=f"pause:{row.site_key}",
        after={"site": row.site_key, "lists": count},
    )
    await journal.append(tx, row.site_id, entry)
    return Turned(row, count)
