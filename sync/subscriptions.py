"""Change notifications: one subscription for each policed list, made, renewed and made anew.

A restricted library has a second one, on its drive, that tells of permissions too (decision 13).

A lost subscription to a list is announced by nobody (Graph, lifecycle notifications), so what is
wanted is compared with what Graph lists. One that is listed and never heard of is made anew too:
a drain of a silent list that finds changes shows it (`sync.changes`). The hint it brings is signed
by `sync.hints`.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sync.errors import Misconfigured, Rejected, Unavailable, VergerError
from sync.hints import SECURITY, Hint, client_state
from sync.state import lists, remembered
from sync.state import subscriptions as kept
from sync.tenant import probes
from sync.tenant import subscriptions as wire

if TYPE_CHECKING:
    from sync.service import Service
    from sync.state.lists import ListRow
    from sync.tenant.subscriptions import Kind, Listed

log = logging.getLogger("verger.subscriptions")
BAD, CONFLICT = 400, 409
"""The same app, resource and change type again (Graph, create subscription)."""
LIFE = timedelta(minutes=42_300)
"""The longest a list's subscription lives (Graph, subscription resource type, maximum lengths)."""
RENEW_BELOW = LIFE * 2 / 3
"""Renewed once a third of its life is gone, so that two missed timers cost nothing."""
SPREAD = LIFE / 30
"""Some are renewed up to a day earlier, each list at its own time: those of one evening's opening
don't come due together for ever. What is drawn from the id is the same in every process."""
UNHEARD = 2
"""Changes that came so often in a row without a notification: the subscription is made anew."""
TOLD_FROM = 2
"""Failures in a row from which on `verger status` says so."""


@dataclass(frozen=True, slots=True)
class Failing:
    """A list whose subscription could not be kept: how often in a row, why, since when (ISO)."""

    list_id: str
    times: int
    says: str
    since: str


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
    failed = {one.list_id for one in await failing(service, since=1)}
    hints: list[Hint] = []
    for row in wanted:
        says = ""
        try:
            hints += [
                _hint(service, row, kind)
                for kind in await _kinds(service, row)
                if await _heal(service, row, kind, listed.get((row.id.lower(), kind)))
            ]
        except VergerError as error:  # one broken list must not end the renewals of all others
            says = str(error)
            log.warning("the subscription of %s at %s: %s", row.title, row.site_url, says)
        if says or row.id in failed:
            await _count(service, row.id, says)
    return hints


async def failing(service: Service, *, since: int = TOLD_FROM) -> list[Failing]:
    """Return the lists whose subscription failed at the last looks, at least `since` in a row."""
    async with service.state.read() as tx:
        keys = [_failures(row.id) for row in await lists.all_lists(tx, policed=True)]
        found = await remembered.recall_all(tx, keys)
    told = [Failing(**one) for one in found.values()]
    return sorted((one for one in told if one.times >= since), key=lambda one: one.since)


async def _count(service: Service, list_id: str, says: str) -> None:
    """Count a failure, or forget those before it."""
    async with service.state.begin() as tx:
        if not says:
            await remembered.forget(tx, _failures(list_id))
            return
        before = await remembered.recall(tx, _failures(list_id))
        known = Failing(**before) if before else Failing(list_id, 0, "", service.now().isoformat())
        now = Failing(list_id, known.times + 1, says, known.since)
        await remembered.remember(tx, _failures(list_id), asdict(now))


def _failures(list_id: str) -> str:
    return f"subscription failures:{list_id}"


def _hint(service: Service, row: ListRow, kind: Kind) -> Hint:
    told = SECURITY if kind == "security" else ""
    return Hint(row.id, service.now().isoformat(), kind=told)


async def _heal(service: Service, row: ListRow, kind: Kind, found: Listed | None) -> bool:
    """Make, replace or renew one list's subscription; whether there was a gap to drain."""
    deaf = kind == "list" and row.unheard >= UNHEARD
    if found is not None and (deaf or not await _is_current(service, row, found)):
        await wire.delete_subscription(service.tenant, found.id)
        found = None
    if found is None:
        await _forget(service, row, kind)
        await _make(service, row, kind)
        if deaf:
            async with service.state.begin() as tx:
                await lists.note_heard(tx, row.id, heard=True)
        return True
    if found.expires_at - service.now() < renewed_below(row.id):
        await _renew(service, row, found)
    return False


def renewed_below(list_id: str) -> timedelta:
    """Return with how much of its life left a list's subscription is renewed."""
    part = int.from_bytes(hashlib.sha256(list_id.lower().encode()).digest()[:4]) / 2**32
    return RENEW_BELOW + SPREAD * part


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
    try:
        made = await _create(service, wish, kind)
    except Rejected as error:
        if error.status != CONFLICT:
            raise
        await _remove_stray(service, row, kind)
        made = await _create(service, wish, kind)
    await _keep(service, row, made)


async def _create(service: Service, wish: wire.Wish, kind: Kind) -> Listed:
    """Create it; refused because our webhook was too slow to start, wake that and ask once more."""
    create = wire.create_subscription
    if kind == "security":
        create = wire.create_security_subscription
    try:
        return await create(service.tenant, wish)
    except Rejected as error:
        if error.status != BAD or not await _is_awake(service, wish.notification_url):
            raise
    return await create(service.tenant, wish)


async def _is_awake(service: Service, address: str) -> bool:
    """Whether our own webhook shakes hands, which starts a sleeping one (cli-microsoft365#1524)."""
    try:
        return await probes.shakes_hands(service.tenant, address)
    except Unavailable as error:
        log.warning("the webhook gives no answer to us either: %s", error)
        return False


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
