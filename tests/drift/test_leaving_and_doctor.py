"""What the doctor sees, app by app, and what is taken away when a site is left."""

from dataclasses import dataclass

import pytest

from sync import nightly, subscriptions
from sync.doctor import examine
from sync.errors import NotReady
from sync.leaving import leave
from sync.opening import KeptProgress, Opening
from sync.permissions import NEEDS, POLICING, page
from sync.plan import ORDER
from sync.provisioning import Provisioner
from sync.service import open_service
from sync.state import lists, sites
from sync.state import subscriptions as kept
from sync.state.engine import State
from sync.tenant import subscriptions as wire
from tests import tenant_kit as kit
from tests.flow_kit import settings_of
from tests.webhook_kit import Webhook

KEY = {"k1": bytes(32)}


@pytest.fixture(name="cloud")
def _cloud(tmp_path):
    with kit.running(tmp_path / "cloud") as running:
        yield running


@dataclass
class Both:
    """The two apps on one state, and the webhook of the enforcer."""

    enforcer: object
    provisioner: object
    hook: Webhook
    cloud: kit.Tenant

    async def checks(self, app="enforcer", **options):
        """Return what the doctor says, by check."""
        service = getattr(self, app)
        return {check.name: check async for check in examine(service, **options)}


@pytest.fixture(name="both")
async def _both(cloud, tmp_path):
    """The core site applied, and every policed list of it subscribed to."""
    with Webhook() as hook:
        address = hook.url.partition("/hook")[0]
        told = settings_of(cloud, "enforcer", tmp_path, webhook_address=address, webhook_keys=KEY)
        state = State.open(told.database_url)
        await state.migrate()
        await state.close()
        mine = settings_of(cloud, "provisioner", tmp_path, role="provisioner")
        async with await open_service(told) as enforcer, await open_service(mine) as provisioner:
            opening = Opening(provisioner, "core_team", provisioner.spec("core_team"))
            building = Provisioner(provisioner.tenant)
            plan = await building.plan(opening.spec)
            await building.apply(opening.spec, plan.seal, KeptProgress(opening))
            await subscriptions.reconcile(enforcer)
            yield Both(enforcer, provisioner, hook, cloud)


async def test_a_sound_house_passes_every_check_of_both_apps(both):
    for app in ("enforcer", "provisioner"):
        found = await both.checks(app, try_verbs=True)
        assert [check for check in found.values() if not check.ok] == []
    verbs = [name for name in await both.checks(try_verbs=True) if name.startswith("site core: ")]
    assert len(verbs) == 7


async def test_a_scratch_library_is_gone_afterwards(both):
    await both.checks(try_verbs=True)
    report = (await nightly.look_all(both.provisioner))[0].report
    assert report.strangers == ()
    assert report.state == "conforms"


async def test_a_missing_grant_is_named_by_the_verb_that_failed(both):
    async with both.provisioner.state.read() as tx:
        row = await sites.get_site(tx, "core")
    with both.cloud.http("provisioner") as http:
        (grant,) = http.get(f"/v1.0/sites/{row.site_id}/permissions").json()["value"]
        path = f"/v1.0/sites/{row.site_id}/permissions/{grant['id']}"
        http.patch(path, json={"roles": ["write"]}).raise_for_status()
    found = await both.checks(try_verbs=True)
    failed = {name: check.way_out for name, check in found.items() if not check.ok}
    assert failed == {
        "site core: make a library": "grant the app manage on this site (Sites.Selected)"
    }
    with both.cloud.http("provisioner") as http:
        http.delete(path).raise_for_status()
    found = await both.checks()
    assert not found["site core"].ok
    assert "grants the enforcer fullcontrol" in found["site core"].way_out


async def test_an_expired_certificate_is_named_before_and_after_it_lapses(both):
    both.cloud.advance(20 * 86_400)
    soon = (await both.checks("provisioner"))["certificate"]
    both.cloud.advance(20 * 86_400)
    late = (await both.checks("provisioner"))["certificate"]
    assert (soon.ok, late.ok) == (False, False)
    assert (soon.says[:11], late.says[:10]) == ("valid until", "expired on")


async def test_a_webhook_that_does_not_shake_hands_is_named(both):
    both.hook.handshake = "html-ish"
    assert (await both.checks())["webhook"].ok
    both.hook.handshake = "refused"
    found = (await both.checks())["webhook"]
    assert not found.ok
    assert "does not give the token back" in found.says


async def test_a_lapsed_subscription_is_named_with_its_list(both):
    (one, *_) = await wire.list_subscriptions(both.enforcer.tenant)
    await wire.delete_subscription(both.enforcer.tenant, one.id)
    failed = [check for check in (await both.checks()).values() if not check.ok]
    assert len(failed) == 1
    assert failed[0].name.startswith("subscription https://wmin.sharepoint.com/sites/core ")
    assert failed[0].says == "there is none at Graph"


async def test_a_site_that_nobody_applied_is_told(both):
    found = await both.checks(site="nowhere")
    assert found["site"].way_out == "apply it first"


async def test_leaving_takes_subscriptions_and_grants_and_nothing_else(both):
    with pytest.raises(NotReady, match="enforcer's settings first"):
        await leave(both.provisioner, "core")
    first = await leave(both.enforcer, "core")
    assert first.then
    assert await wire.list_subscriptions(both.enforcer.tenant) == ()
    second = await leave(both.provisioner, "https://wmin.sharepoint.com/sites/core")
    assert second.done[0] == "1 grants taken away"
    async with both.provisioner.state.read() as tx:
        row = await sites.get_site(tx, "core")
        assert await kept.all_subscriptions(tx) == []
        assert not any(one.policed for one in await lists.all_lists(tx))
    assert row.state == "left"
    assert await nightly.look_all(both.provisioner) == []
    spec = both.provisioner.spec("core_team")
    left = await Provisioner(both.provisioner.tenant).plan(spec)
    assert {step.kind for step in left.steps} == {"app"}
    assert (await leave(both.provisioner, "core")).done[0] == "0 grants taken away"


def test_every_kind_of_step_declares_what_it_needs():
    assert set(NEEDS) == set(ORDER)
    text = page()
    assert all(need.permission in text for needs in NEEDS.values() for need in needs)
    assert all(what in text for what in POLICING)
