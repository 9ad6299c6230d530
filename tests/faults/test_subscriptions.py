"""A subscription in trouble: made once, renewed, and its gap drained, whatever befell the call."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from sync import subscriptions
from sync.errors import VergerError
from sync.state import lists
from sync.state import subscriptions as kept
from sync.tenant import subscriptions as wire
from tests import tenant_kit
from tests.webhook_kit import Webhook

KEYS = {"k1": b"0123456789abcdef"}
CREATE = {"method": "POST", "path": "/subscriptions$", "app": tenant_kit.ENFORCER}
RENEW = {"method": "PATCH", "path": "/subscriptions/", "app": tenant_kit.ENFORCER}


def refuse(status, **more):
    return {"kind": "refuse", "status": status, "code": "serviceNotAvailable", **more}


CALLS = {
    "429, told to wait": (refuse(429, retry_after="7"), 2),
    "503 for long": (refuse(503), 7),
    "503, but done": (refuse(503, after=True), 1),
    "cut before": ({"kind": "drop"}, 1),
    "cut after": ({"kind": "drop", "after": True}, 1),
    "token lapsed": ({"kind": "lapse"}, 1),
}
HANDSHAKES = {
    "too slow": {"kind": "delay", "seconds": 11},
    "cut": {"kind": "drop"},
    "refused": refuse(503),
}


@pytest.fixture
async def row(desk, monkeypatch):
    """The only policed list of the site, with a webhook that listens."""
    service = desk.service
    with Webhook() as hook:
        told = {"webhook_address": hook.url.partition("/hook")[0], "webhook_keys": KEYS}
        monkeypatch.setattr(service, "settings", service.settings.model_copy(update=told))
        async with service.state.begin() as tx:
            found = await lists.get_list(tx, await desk.list_id("working"))
            await lists.register_list(tx, replace(found, policed=True))
        yield replace(found, policed=True)
        for one in await wire.list_subscriptions(service.tenant):
            await wire.delete_subscription(service.tenant, one.id)
        async with service.state.begin() as tx:
            await lists.register_list(tx, replace(found, policed=False))
            for one in await kept.all_subscriptions(tx):
                await kept.drop_subscription(tx, one.subscription_id)


async def timers(desk, turns=4):
    """Let the hourly timer come a few times; returns the hints it gave."""
    hints = []
    for _ in range(turns):
        with suppress(VergerError):  # the timer comes again
            hints += await subscriptions.reconcile(desk.service)
        desk.tenant.advance(3600)
    return hints


async def holds(desk, row):
    """Whether Graph and state agree on one subscription of the list, with most of its life left."""
    service = desk.service
    (one,) = await wire.list_subscriptions(service.tenant)
    async with service.state.read() as tx:
        (known,) = await kept.all_subscriptions(tx, list_id=row.id)
    left = known.expires_at - service.now()
    return one.id == known.subscription_id and left > subscriptions.RENEW_BELOW - timedelta(hours=9)


@pytest.mark.thorough
@pytest.mark.parametrize("fault", CALLS)
async def test_it_is_made_once_and_the_gap_is_drained(desk, row, fault):
    effect, count = CALLS[fault]
    desk.tenant.fault(effect, match=CREATE, count=count)

    hints = await timers(desk)

    assert {one.list_id for one in hints} == {row.id}
    assert await holds(desk, row)


@pytest.mark.thorough
@pytest.mark.parametrize("fault", CALLS)
async def test_it_is_renewed(desk, row, fault):
    await subscriptions.reconcile(desk.service)
    desk.tenant.advance((subscriptions.LIFE / 2).total_seconds())
    effect, count = CALLS[fault]
    desk.tenant.fault(effect, match=RENEW, count=count)

    await timers(desk)

    assert await holds(desk, row)


@pytest.mark.parametrize("fault", HANDSHAKES)
async def test_a_cold_webhook_is_asked_again(desk, row, fault):
    desk.tenant.fault(HANDSHAKES[fault], match={"surface": "handshake"})

    await timers(desk)

    assert await holds(desk, row)


async def test_one_that_vanished_is_made_anew_and_its_gap_is_drained(desk, row):
    await subscriptions.reconcile(desk.service)
    desk.tenant.fault({"kind": "vanish"}, match={"surface": "notification"})
    desk.upload("nobody hears of this.txt", b"text", "working")
    desk.tenant.local("POST", "/deliver")
    assert await wire.list_subscriptions(desk.service.tenant) == ()

    hints = await timers(desk)

    assert {one.list_id for one in hints} == {row.id}
    assert await holds(desk, row)
