"""Looks whether everything is there that Verger needs.

Each check is a line: right, or what is wrong and how to put it right. Reads only, unless a scratch
library is asked for.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sync import scratch
from sync.errors import Refused, VergerError
from sync.permissions import ROLES
from sync.state import lists, sites, subscriptions
from sync.tenant import lists as tenant_lists
from sync.tenant import probes, rest
from sync.tenant import subscriptions as wire

if TYPE_CHECKING:
    from sync.service import Service

AGAIN = "the hourly timer `renew` makes a new one; is the function app running?"
WARN_BEFORE = timedelta(days=21)
"""A certificate that lapses sooner than this is to be replaced now."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check: what was looked at, whether it is right, what was seen, the way out."""

    name: str
    ok: bool
    says: str
    way_out: str = ""


def _right(name: str, says: str) -> Check:
    return Check(name, ok=True, says=says)


def _wrong(name: str, says: str, way_out: str) -> Check:
    return Check(name, ok=False, says=says, way_out=way_out)


type Checks = AsyncIterator[Check]


async def examine(service: Service, site: str | None = None, *, try_verbs: bool = False) -> Checks:
    """Yield every check in turn, for all sites in state or the one of a key or an address.

    With `try_verbs` each verb that policing needs is tried on a scratch library of each site.
    """
    for look in (_certificate, _grants, _webhook):
        async for check in look(service):
            yield check
    async with service.state.read() as tx:
        known = [one for one in await sites.all_sites(tx) if site in (None, one.site_key, one.url)]
    if site is not None and not known:
        yield _wrong("site", f"{site} is not in state", "apply it first")
    for row in known:
        async for check in _site(service, row, try_verbs=try_verbs):
            yield check
    if service.settings.role == "enforcer":
        async for check in _subscriptions(service, {row.site_id for row in known}):
            yield check


async def _certificate(service: Service) -> Checks:
    settings = service.settings
    if settings.certificate is None and settings.certificate_pem is None:
        yield _right("certificate", "a managed identity stands in its place")
        return
    until = probes.expires_at(settings)
    left = until - service.now()
    says = f"valid until {until:%d/%m/%Y}"
    way_out = "make a new one, add it to the app registration, then put it into the settings"
    if left <= timedelta():
        yield _wrong("certificate", f"expired on {until:%d/%m/%Y}", way_out)
    else:
        yield Check("certificate", left > WARN_BEFORE, says, way_out)


async def _grants(service: Service) -> Checks:
    """See that the tokens hold the app's permissions; a missing one is named."""
    try:
        held = await probes.roles(service.tenant)
        await probes.roles(service.tenant, sharepoint=True)
    except VergerError as error:
        yield _wrong("sign-in", str(error), "is the certificate on the app registration?")
        return
    yield _right("sign-in", "tokens for Graph and SharePoint")
    for name in sorted(ROLES[service.settings.role]):
        way_out = f"grant {name} (application) to the app and give admin consent"
        says = "granted" if name in held else "missing"
        yield Check(f"permission {name}", name in held, says, way_out)


async def _webhook(service: Service) -> Checks:
    settings = service.settings
    if settings.role != "enforcer":
        return
    if settings.webhook_address is None:
        yield _wrong("webhook", "no address is set", "set VERGER_WEBHOOK_ADDRESS")
        return
    async with service.state.read() as tx:
        known = await lists.all_lists(tx, policed=True)
    target = known[0].id.lower() if known else "doctor"
    address = f"{str(settings.webhook_address).rstrip('/')}/api/webhook/{target}"
    way_out = "is the function app running, and is this its public address?"
    try:
        shaken = await probes.shakes_hands(service.tenant, address)
    except VergerError as error:
        yield _wrong("webhook", str(error), way_out)
        return
    says = f"{address} {'answers' if shaken else 'does not give the token back'}"
    yield Check("webhook", shaken, says, way_out)


async def _site(service: Service, row: sites.Site, *, try_verbs: bool) -> Checks:
    name = f"site {row.site_key}"
    grant = "let the provisioner apply the site again: it grants the enforcer fullcontrol"
    try:
        found = await tenant_lists.site(service.tenant, row.url)
        doing = f"open {row.url}"
        await rest.read(service.tenant, row.url, "Web?$select=Title", doing=doing)
    except VergerError as error:
        yield _wrong(name, str(error), grant if isinstance(error, Refused) else "try later")
        return
    yield _right(name, "opens by Graph and by SharePoint REST")
    if try_verbs:
        tried = await scratch.try_all(service, found.id, row.url)
        for one in tried:
            yield _verb(name, one)
        if all(one.error is None for one in tried):  # without the verbs a fact would say nothing
            async for check in _facts(service, row, found.id):
                yield check


async def _facts(service: Service, row: sites.Site, site_id: str) -> Checks:
    """See whether SharePoint does what Verger takes for granted (docs: never yet seen)."""
    try:
        tested = await scratch.try_facts(service, site_id, row.url)
    except VergerError as error:
        yield _wrong(f"assumed on {row.site_key}", str(error), "see the verbs above")
        return
    for one in tested:
        name = f"assumed on {row.site_key}: {one.fact}"
        yield Check(name, not one.otherwise, one.seen, one.otherwise)


def _verb(site: str, tried: scratch.Tried) -> Check:
    name = f"{site}: {tried.verb}"
    if tried.error is None:
        return _right(name, "works")
    missing = isinstance(tried.error, Refused)
    way_out = f"grant the app {tried.grant} on this site (Sites.Selected)" if missing else ""
    return _wrong(name, str(tried.error), way_out)


async def _subscriptions(service: Service, here: set[str | None]) -> Checks:
    """See that each policed list has a subscription that lives, in state and at Graph."""
    try:
        alive = {one.id: one for one in await wire.list_subscriptions(service.tenant)}
    except VergerError as error:
        yield _wrong("subscriptions", str(error), "try later")
        return
    async with service.state.read() as tx:
        policed = [one for one in await lists.all_lists(tx, policed=True) if one.site_id in here]
        kept = {one.list_id: one for one in await subscriptions.all_subscriptions(tx)}
    for row in policed:
        known = kept.get(row.id)
        there = alive.get(known.subscription_id) if known else None
        name = f"subscription {row.site_url} {row.title}"
        if there is None:
            yield _wrong(name, "there is none at Graph", AGAIN)
        elif there.expires_at <= service.now():
            yield _wrong(name, f"lapsed on {there.expires_at:%d/%m/%Y}", AGAIN)
        else:
            yield _right(name, f"lives until {there.expires_at:%d/%m/%Y}")
