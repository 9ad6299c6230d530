"""Subscriptions, registry rows, sites and their steps, and the meter."""

from dataclasses import replace
from datetime import timedelta

from sync.state.meter import add_ru, ru_spent
from sync.state.registry import (
    RegistryRow,
    all_registry_rows,
    drop_registry_row,
    find_registry_item,
    get_registry_row,
    put_registry_row,
)
from sync.state.sites import (
    Site,
    Step,
    all_sites,
    find_site,
    get_site,
    put_site,
    put_step,
    steps_of,
)
from sync.state.subscriptions import (
    Subscription,
    all_subscriptions,
    drop_subscription,
    get_subscription,
    put_subscription,
)
from tests.state.conftest import NOW


async def test_subscriptions_are_listed_by_when_they_end(state):
    late = Subscription(
        subscription_id="s1",
        list_id="L1",
        kind="list",
        resource="/sites/a/lists/L1",
        expires_at=NOW + timedelta(days=29),
        key_id="key-1",
    )
    soon = replace(late, subscription_id="s2", list_id="L2", expires_at=NOW + timedelta(days=1))
    async with state.begin() as tx:
        await put_subscription(tx, late)
        await put_subscription(tx, soon)
        assert await all_subscriptions(tx) == [soon, late]
        assert await all_subscriptions(tx, list_id="L1") == [late]
        assert await all_subscriptions(tx, expiring_by=NOW + timedelta(days=2)) == [soon]
        renewed = replace(soon, expires_at=late.expires_at, failures=1, state="failing")
        await put_subscription(tx, renewed)
        assert await get_subscription(tx, "s2") == renewed
        await drop_subscription(tx, "s2")
        assert await get_subscription(tx, "s2") is None


async def test_a_registry_row_follows_its_document(state):
    row = RegistryRow(
        document_id="d1",
        number="Gov-04",
        list_id="L9",
        list_item_id=None,
        columns={"Title": "WMIN Governance Strategy"},
        etag=None,
        written_at=NOW,
    )
    without = replace(row, document_id="d0", number=None, list_item_id="2")
    async with state.begin() as tx:
        await put_registry_row(tx, without)
        await put_registry_row(tx, row)
        made = replace(row, list_item_id="1", etag='"1"')
        await put_registry_row(tx, made)
        assert await all_registry_rows(tx) == [made, without]
        assert await get_registry_row(tx, "d1") == made
        assert await find_registry_item(tx, "L9", "1") == made
        await drop_registry_row(tx, "d1")
        assert await get_registry_row(tx, "d1") is None


async def test_a_site_remembers_its_order_and_the_steps_of_each_seal(state):
    site = Site(
        site_key="sig-breast-imaging",
        url="https://wmin.sharepoint.com/sites/sig-breast-imaging",
        template="sig",
        state="applying",
        order={"chair": "helen.ward@dgft.nhs.example"},
    )
    step = Step(
        site_key=site.site_key,
        seal="s1",
        step_id="lists/documents",
        position=2,
        state="done",
        at=NOW,
    )
    first = replace(step, step_id="site", position=1, detail={"id": "x"})
    async with state.begin() as tx:
        await put_site(tx, site)
        applied = replace(site, site_id="id", state="applied", seal="s1", applied_at=NOW)
        await put_site(tx, applied)
        await put_step(tx, replace(step, state="begun"))
        await put_step(tx, step)
        await put_step(tx, first)
        assert await get_site(tx, site.site_key) == applied
        assert await find_site(tx, "id") == applied
        assert await all_sites(tx) == [applied]
        assert await steps_of(tx, site.site_key, "s1") == [first, step]
        assert await steps_of(tx, site.site_key, "s2") == []


async def test_resource_units_add_up_by_minute_and_lane(state):
    async with state.begin() as tx:
        await add_ru(tx, NOW + timedelta(seconds=5), "police", 2)
        await add_ru(tx, NOW + timedelta(seconds=55), "police", 3)
        await add_ru(tx, NOW + timedelta(seconds=61), "police", 5)
        await add_ru(tx, NOW, "audit", 7)
        assert await ru_spent(tx, NOW, NOW + timedelta(minutes=1)) == {"audit": 7, "police": 5}
        assert await ru_spent(tx, NOW, NOW + timedelta(minutes=2)) == {"audit": 7, "police": 10}
