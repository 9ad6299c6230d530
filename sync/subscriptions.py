"""Change notifications: one subscription for each policed list, made, renewed and made anew.

A restricted library has a second one, on its drive, that tells of permissions too (decision 13).

A lost subscription to a list is announced by nobody (Graph, lifecycle notifications), so what is
wanted is compared with what Graph lists. The hint it brings is signed by `sync.hints`.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from sync.errors import Misconfigured, Rejected, VergerError
from sync.hints import SECURITY, Hint, client_state
from sync.state import lists
from sync.state import subscriptions as kept
from sync.tenant import subscriptions as wire

if TYPE_CHECKING:
    from sync.service import Service
    from sync.state.lists import ListRow
    from sync.tenant.subscriptions import Kind, Listed

log = logging.getLogger("verger.subscriptions")
CONFLICT = 409
"""The same app, resource and change type again (Graph, create subscription)."""
LIFE = timedelta(minutes=42_300)
"""The longest a list's subscription lives (Graph, subscription resource type, maximum lengths)."""
RENEW_BELOW = LIFE * 2 / 3
"""Renewed once a third of its life is gone, so that two missed timers cost nothing."""


async def ensure(service: Service, row: ListRow) -> bool:
    """Make sure a policed list has a subscription; costs nothing where state knows a live one.

    Returns whether one was made. Raises Misconfigured when no webhook address or key is set.
    """
    if not row.policed:
        return False
    now = service.now()
    async with service.state.read() as tx:
        known = await kept.all_subscriptions(tx, list_id=row.id)
    alive = {one.kind for one in known if one.expires_at > now}
    missing = [kind for kind in await _kinds(service, row) if kind not in alive]
    for kind in missing:
        await _make(service, row, kind)
    if missing:
        await _end_if_asleep(service, row.id)
    return bool(missing)


async def _end_if_asleep(service: Service, list_id: str) -> None:
    """End what was just made for a list that fell asleep in that very moment."""
    async with service.state.read() as tx:
        row = await lists.get_list(tx, list_id)
        made = await kept.all_subscriptions(tx, list_id=list_id)
    for one in made if row is not None and not row.policed else ():
        await wire.delete_subscription(service.tenant, one.subscription_id)
        async with service.state.begin() as tx:
            await kept.drop_subscription(tx, one.subscription_id)


async def _kinds(service: Service, row: ListRow) -> tuple[Kind, ...]:
    """Return what a list is subscribed to: a restricted library's permissions too."""
    place = await service.place(row.id)
    return ("list", "security") if place.area.kind == "restricted" else ("list",)


async def reconcile(service: Service) -> list[Hint]:
    """Compare wanted with listed: renew, make anew, forget. Returns a hint for each gap healed."""
    found = await wire.list_subscriptions(service.tenant)
    listed = {(one.list_id, one.kind): one for one in found}
    async with service.state.read() as tx:
        wanted = await lists.all_lists(tx, policed=True)
    hints: list[Hint] = []
    for row in wanted:
        try:
            hints += [
                _hint(service, row, kind)
                for kind in await _kinds(service, row)
                if await _heal(service, row, kind, listed.get((row.id.lower(), kind)))
            ]
        except VergerError as error:  # one broken list must not end the renewals of all others
            log.warning("the subscription of %s at %s: %s", row.title, row.site_url, error)
    return hints


def _hint(service: Service, row: ListRow, kind: Kind) -> Hint:
    told = SECURITY if kind == "security" else ""
    return Hint(row.id, service.now().isoformat(), kind=told)


async def _heal(service: Service, row: ListRow, kind: Kind, found: Listed | None) -> bool:
    """Make, replace or renew one list's subscription; whether there was a gap to drain."""
    if found is not None and not await _is_current(service, row, found):
        await wire.delete_subscription(service.tenant, found.id)
        found = None
    if found is None:
        await _forget(service, row, kind)
        await _make(service, row, kind)
        return True
    if found.expires_at - service.now() < RENEW_BELOW:
        await _renew(service, row, found)
    return False


async def _is_current(service: Service, row: ListRow, found: Listed) -> bool:
    """Whether it calls our present address and was signed with the newest key (rotation)."""
    async with service.state.read() as tx:
        kept_row = await kept.get_subscription(tx, found.id)
    newest = next(iter(service.settings.webhook_keys), "")
    return (
        kept_row is not None
        and kept_row.key_id == newest
        and found.notification_url.lower() == _address(service, row, found.kind).lower()
    )


def _address(service: Service, row: ListRow, kind: Kind) -> str:
    """Return where its notifications go; the kind stands in the address, read by the webhook."""
    base = f"{str(service.settings.webhook_address).rstrip('/')}/api/webhook/{row.id.lower()}"
    return f"{base}?kind={SECURITY}" if kind == "security" else base


async def _make(service: Service, row: ListRow, kind: Kind) -> None:
    settings = service.settings
    if settings.webhook_address is None or not settings.webhook_keys:
        raise Misconfigured(
            "VERGER_WEBHOOK_ADDRESS and VERGER_WEBHOOK_KEYS are needed to subscribe to a list; set "
            "them to this app's public address and to at least one key such as k1:0a1b…"
        )
    wish = wire.Wish(
        list=row,
        notification_url=_address(service, row, kind),
        client_state=client_state(settings.webhook_keys, settings.tenant_id, row.id),
        expires_at=service.now() + LIFE,
    )
    create = wire.create_subscription
    if kind == "security":
        create = wire.create_security_subscription
    try:
        made = await create(service.tenant, wish)
    except Rejected as error:
        if error.status != CONFLICT:
            raise
        await _remove_stray(service, row, kind)
        made = await create(service.tenant, wish)
    await _keep(service, row, made)


async def _remove_stray(service: Service, row: ListRow, kind: Kind) -> None:
    """End a subscription that a dead worker made but never wrote down: nobody knows its key."""
    for one in await wire.list_subscriptions(service.tenant):
        if (one.list_id, one.kind) == (row.id.lower(), kind):
            await wire.delete_subscription(service.tenant, one.id)


async def _renew(service: Service, row: ListRow, found: Listed) -> None:
    until = service.now() + LIFE
    await _keep(service, row, await wire.renew_subscription(service.tenant, found.id, until))


async def _keep(service: Service, row: ListRow, made: Listed) -> None:
    async with service.state.begin() as tx:
        await kept.put_subscription(
            tx,
            kept.Subscription(
                subscription_id=made.id,
                list_id=row.id,
                kind=made.kind,
                resource=made.resource,
                expires_at=made.expires_at,
                key_id=next(iter(service.settings.webhook_keys), ""),
            ),
        )


async def _forget(service: Service, row: ListRow, kind: Kind) -> None:
    async with service.state.begin() as tx:
        for one in await kept.all_subscriptions(tx, list_id=row.id):
            if one.kind == kind:
                await kept.drop_subscription(tx, one.subscription_id)
