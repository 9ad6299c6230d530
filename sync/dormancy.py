"""A site asleep: everybody reads, nothing is listened to, promised dates stand still.

Containment stays possible: the quarantine is left to the IG officers as it is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from sync.state import lists, subscriptions
from sync.state.due import due
from sync.tenant import subscriptions as wire

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sharepoint_schema.expand import SiteSpec
    from sharepoint_schema.site import SiteList
    from sync.service import Service
    from sync.site_state import SiteState

READING = frozenset({"read", "limited"})


def asleep(spec: SiteSpec) -> SiteSpec:
    """Return the spec of the same site while it sleeps: read-only, and policed by nobody."""
    groups = tuple(
        one.model_copy(update={"level": "read"}) if one.level else one for one in spec.groups
    )
    areas = tuple(_read_only(area) for area in spec.lists)
    return spec.model_copy(update={"groups": groups, "lists": areas})


def _read_only(area: SiteList) -> SiteList:
    changes: dict[str, object] = {"policies": (), "keeper": None, "entries": None, "modes": {}}
    if area.access is not None and area.place != "quarantine":
        changes["access"] = tuple(one.model_copy(update={"level": "read"}) for one in area.access)
    return area.model_copy(update=changes)


def writers_left(spec: SiteSpec, site: SiteState) -> list[str]:
    """Return who may still do more than read on the site: what staff granted is theirs to take."""
    declared = {group.title for group in spec.groups}
    return sorted(
        name
        for name, levels in site.levels.items()
        if name not in declared and not READING.issuperset(levels)
    )


async def silence(service: Service, site_id: str) -> None:
    """Stop listening to a site: its lists are no longer policed and their subscriptions end.

    In the enforcer's identity, for the subscriptions are its own. May be repeated.
    """
    async with service.state.begin() as tx:
        for row in await lists.all_lists(tx, site_id=site_id, policed=True):
            await lists.register_list(tx, replace(row, policed=False))
        await lists.pause(tx, paused=True, site_id=site_id)
    await end_unwanted(service)


async def end_unwanted(service: Service) -> int:
    """End the subscriptions of lists that are policed no longer. Returns how many there were."""
    async with service.state.read() as tx:
        unwanted = {row.id for row in await lists.all_lists(tx, policed=False)}
        known = await subscriptions.all_subscriptions(tx)
    ending = [one for one in known if one.list_id in unwanted]
    for one in ending:
        await wire.delete_subscription(service.tenant, one.subscription_id)
        async with service.state.begin() as tx:
            await subscriptions.drop_subscription(tx, one.subscription_id)
    return len(ending)


async def postpone(tx: AsyncConnection, site_id: str, since: datetime, by: timedelta) -> None:
    """Move the site's promised dates that were still to come at `since` by the time slept."""
    places = select(lists.lists.c.id).where(lists.lists.c.site_id == site_id)
    here = due.c.list_id.in_(places) & (due.c.due_at > since)
    key = (due.c.list_id, due.c.item_id, due.c.policy)
    for row in (await tx.execute(select(*key, due.c.due_at).where(here))).all():
        this = (key[0] == row.list_id) & (key[1] == row.item_id) & (key[2] == row.policy)
        await tx.execute(update(due).where(this).values(due_at=row.due_at + by, taken_at=None))
