"""Subscriptions kept alive: renewed in time, each at its own, made anew when unheard of."""

import uuid
from datetime import timedelta

import pytest

from sync import sweep
from sync.changes import drain
from sync.hints import SILENT, is_ours
from sync.state import lists
from sync.subscriptions import LIFE, RENEW_BELOW, SPREAD, failing, reconcile, renewed_below
from sync.tenant import subscriptions as wire
from tests import tenant_kit as kit
from tests.operators.conftest import KEYS

DOCUMENT = b"notes of a meeting"


async def only(desk):
    (one,) = await wire.list_subscriptions(desk.service.tenant)
    return one


async def row_of(desk):
    async with desk.service.state.read() as tx:
        return await lists.get_list(tx, await desk.list_id("working"))


def test_lists_are_renewed_within_a_day_of_a_third_of_life_each_at_its_own_time():
    drawn = [renewed_below(str(uuid.uuid4())) for _ in range(200)]
    assert all(RENEW_BELOW <= one < RENEW_BELOW + SPREAD for one in drawn)
    assert max(drawn) - min(drawn) > SPREAD / 2
    assert renewed_below("ABC") == renewed_below("abc"), "every process draws the same"


@pytest.mark.usefixtures("hook")
async def test_it_is_renewed_when_a_third_of_its_life_is_gone_and_not_before(desk):
    await reconcile(desk.service)
    first = await only(desk)
    due = LIFE - renewed_below(await desk.list_id("working"))

    desk.tenant.advance((due - timedelta(hours=1)).total_seconds())
    mark = desk.mark()
    assert await reconcile(desk.service) == []
    assert desk.writes(mark) == {}

    desk.tenant.advance(timedelta(hours=2).total_seconds())
    assert await reconcile(desk.service) == [], "a renewal leaves no gap"
    renewed = await only(desk)
    assert renewed.id == first.id
    assert renewed.expires_at > first.expires_at


async def test_a_new_key_replaces_the_subscription_once_and_the_gap_is_drained(desk, hook):
    service = desk.service
    await reconcile(service)
    first = await only(desk)
    service.settings.webhook_keys.clear()
    service.settings.webhook_keys.update({"k2": b"fedcba9876543210", **KEYS})

    (hint,) = await reconcile(service)
    second = await only(desk)
    assert await reconcile(service) == []

    assert hint.list_id == await desk.list_id("working")
    assert (second.id != first.id, (await only(desk)).id) == (True, second.id)
    desk.upload("told with the new key.txt", DOCUMENT, "working")
    desk.tenant.local("POST", "/deliver")
    (told, *_) = hook.next()
    assert told["clientState"].startswith("k2.")
    assert is_ours(told["clientState"], service.settings.webhook_keys, kit.TENANT_ID, hint.list_id)


@pytest.mark.usefixtures("hook")
async def test_a_webhook_that_was_asleep_is_woken_and_asked_once_more(desk):
    desk.tenant.fault({"kind": "drop"}, match={"surface": "handshake"}, count=1)
    await reconcile(desk.service)
    assert (await only(desk)).list_id == await desk.list_id("working")


async def test_failures_are_said_from_the_second_in_a_row_and_forgotten_with_a_success(desk, hook):
    hook.handshake = "refused"
    told = []
    for _ in range(2):
        await reconcile(desk.service)
        told.append(await failing(desk.service))
    hook.handshake = "ok"
    await reconcile(desk.service)

    assert told[0] == []
    ((one,), after) = told[1], await failing(desk.service)
    assert (one.list_id, one.times) == (await desk.list_id("working"), 2)
    assert "400" in one.says
    assert after == []


@pytest.mark.usefixtures("hook")
async def test_a_silent_list_is_read_early_and_one_never_heard_of_is_subscribed_anew(desk):
    service = desk.service
    await desk.settle("working")
    await reconcile(service)
    first = await only(desk)
    for turn in (1, 2):
        item = desk.upload(f"nobody told of this {turn}.txt", DOCUMENT, "working")
        desk.tenant.advance((sweep.SILENT_FOR + timedelta(minutes=1)).total_seconds())

        (hint,) = await sweep.hint_all(service)
        assert (hint.list_id, hint.kind) == (await desk.list_id("working"), SILENT)
        assert await drain(service, hint) != []
        await desk.settle("working")

        assert (await desk.shadow(item)).verdict is not None
        assert await sweep.hint_all(service) == []
        assert (await row_of(desk)).unheard == turn

    (gap,) = await reconcile(service)
    assert gap.list_id == hint.list_id
    assert ((await only(desk)).id == first.id, (await row_of(desk)).unheard) == (False, 0)


async def test_a_notification_that_comes_shows_that_the_list_is_heard(desk, hook):
    service = desk.service
    await reconcile(service)
    await desk.settle("working")
    async with service.state.begin() as tx:
        await lists.note_heard(tx, await desk.list_id("working"), heard=False)
    desk.upload("told of.txt", DOCUMENT, "working")
    desk.tenant.local("POST", "/deliver")
    assert hook.next()
    await desk.settle("working")
    assert (await row_of(desk)).unheard == 0
