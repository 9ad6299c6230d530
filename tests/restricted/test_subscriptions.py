"""A restricted library has a second subscription, which hears of permissions (decision 13)."""

from dataclasses import replace

import pytest

from sync import subscriptions
from sync.hints import SECURITY, count_ours
from sync.state import lists
from sync.state import subscriptions as kept
from sync.tenant import subscriptions as wire
from tests.tenant_kit import SAM, TENANT_ID
from tests.webhook_kit import Webhook

KEYS = {"k1": b"0123456789abcdef"}


@pytest.fixture
async def hooked(staff, monkeypatch):
    """Staff before a service whose restricted library is to be subscribed to."""
    service = staff.desk.service
    with Webhook() as hook:
        settings = service.settings.model_copy(
            update={"webhook_address": hook.url.partition("/hook")[0], "webhook_keys": KEYS}
        )
        monkeypatch.setattr(service, "settings", settings)
        async with service.state.begin() as tx:
            row = await lists.get_list(tx, staff.lists["restricted"])
            await lists.register_list(tx, replace(row, policed=True))
            row = await lists.get_list(tx, row.id)
        yield staff, hook, row
        for one in await wire.list_subscriptions(service.tenant):
            await wire.delete_subscription(service.tenant, one.id)
        async with service.state.begin() as tx:
            await lists.register_list(tx, replace(row, policed=False))
            for one in await kept.all_subscriptions(tx, list_id=row.id):
                await kept.drop_subscription(tx, one.subscription_id)


async def test_it_is_made_beside_the_lists_own_and_not_twice(hooked):
    staff, _, row = hooked
    assert await subscriptions.ensure(staff.desk.service, row)
    assert not await subscriptions.ensure(staff.desk.service, row)

    found = await wire.list_subscriptions(staff.desk.service.tenant)
    assert sorted((one.kind, one.list_id) for one in found) == [
        ("list", row.id.lower()),
        ("security", row.id.lower()),
    ]


async def test_a_lost_one_is_made_anew_and_its_hint_asks_for_a_check(hooked):
    staff, _, row = hooked
    service = staff.desk.service
    await subscriptions.ensure(service, row)
    assert await subscriptions.reconcile(service) == []
    found = await wire.list_subscriptions(service.tenant)
    lost = next(one for one in found if one.kind == "security")
    await wire.delete_subscription(service.tenant, lost.id)

    (hint,) = await subscriptions.reconcile(service)

    assert (hint.list_id, hint.kind) == (row.id, SECURITY)
    assert len(await wire.list_subscriptions(service.tenant)) == 2


async def test_sharing_a_file_is_heard_of_at_the_address_for_permissions(hooked):
    staff, hook, row = hooked
    item = staff.put()
    await subscriptions.ensure(staff.desk.service, row)

    staff.invite(item, SAM)
    told = hook.next()

    assert count_ours(told, KEYS, TENANT_ID, row.id) == len(told)
    assert {one["resource"].endswith("/root") for one in told} == {True}
