"""Leaving a site: subscriptions and grants go, content, columns and permissions stay (decision 26).

The enforcer ends its subscriptions and forgets the lists; then the provisioner takes the apps'
grants away. Each can do only its own part, so the command is run once as each of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sync.errors import Missing, NotReady
from sync.nightly import spec_of
from sync.state import journal, lists, sites, subscriptions
from sync.tenant import sites as wholes
from sync.tenant import subscriptions as wire
from sync.tenant.site_reader import APPS, read_site

if TYPE_CHECKING:
    from sync.service import Service

LEAVING, LEFT = "leaving", "left"


@dataclass(frozen=True, slots=True)
class Left:
    """What was done for a site, in words a person reads, and whether the other app is needed."""

    site: sites.Site
    done: tuple[str, ...]
    then: str | None = None


async def leave(service: Service, site: str) -> Left:
    """Do this app's part of leaving the site of a key or an address; doing it twice does no harm.

    Raises Missing for a site that state does not know, NotReady when the enforcer's part is to
    come first, VergerError when the tenant refuses.
    """
    async with service.state.read() as tx:
        known = await sites.all_sites(tx)
    row = next((one for one in known if site in (one.site_key, one.url)), None)
    if row is None:
        raise Missing(f"{site} is not a site that Verger follows", doing="leave a site")
    if service.settings.role == "provisioner":
        return await _take_grants(service, row)
    return await _end_subscriptions(service, row)


async def _end_subscriptions(service: Service, row: sites.Site) -> Left:
    """End every subscription to the site's lists and police none of them from now on."""
    async with service.state.begin() as tx:
        here = await lists.all_lists(tx, site_id=row.site_id)
        for one in here:
            await lists.register_list(tx, replace(one, policed=False))
        await sites.put_site(tx, replace(row, state=LEAVING))
    ids = {one.id for one in here}
    mine = {one.id for one in await wire.list_subscriptions(service.tenant) if one.list_id in ids}
    async with service.state.read() as tx:
        every = await subscriptions.all_subscriptions(tx)
    kept = {one.subscription_id for one in every if one.list_id in ids}
    for subscription_id in sorted(mine | kept):
        await wire.delete_subscription(service.tenant, subscription_id)
    async with service.state.begin() as tx:
        for subscription_id in kept:
            await subscriptions.drop_subscription(tx, subscription_id)
    done = (
        f"{len(mine | kept)} subscriptions ended",
        f"{len(here)} lists are policed no more",
    )
    return Left(row, done, "run it once more with the provisioner's settings")


async def _take_grants(service: Service, row: sites.Site) -> Left:
    """Take away what our apps were granted on the site, and write down that it was left."""
    if row.state not in {LEAVING, LEFT}:
        says = "its subscriptions are still there; run it with the enforcer's settings first"
        raise NotReady(says, doing=f"leave {row.url}")
    spec = spec_of(service, row)
    state = await read_site(service.tenant, spec, [APPS])
    ours = {grant.app for grant in spec.apps}
    taken = [one for app, one in state.apps.items() if app in ours]
    for one in taken:
        await wholes.revoke_app(service.tenant, state.id or "", one.id)
    entry = journal.Entry(
        at=service.now(),
        kind="left",
        actor=service.settings.client_id,
        correlation_id=f"leave:{row.site_key}",
        schema_hash=service.schema_hash,
        before={"apps": sorted(ours & state.apps.keys())},
        after={"apps": []},
        undo={"kind": "apply", "site": row.site_key},
        idempotency_key=f"left:{row.site_key}:{row.seal}",
    )
    async with service.state.begin() as tx:
        await sites.put_site(tx, replace(row, state=LEFT))
        await journal.append(tx, row.site_id or row.site_key, entry)
    return Left(row, (f"{len(taken)} grants taken away", "content and columns stay as they are"))
