"""Each thing that can be missing is made to be missing, and the doctor says so."""

from contextlib import asynccontextmanager

import pytest

from sync import scratch_facts, subscriptions
from sync.doctor import examine
from sync.errors import Rejected
from sync.service import open_service
from sync.state import lists
from sync.state import subscriptions as kept
from sync.tenant import rest
from tests import tenant_kit as kit
from tests.flow_kit import open_core, settings_of
from tests.webhook_kit import Webhook

CORE = f"https://{kit.HOST}/sites/core"
KEY = {"k1": bytes(32)}
WITHOUT_MAIL = kit.SEED.replace("roles: [Mail.Send, Sites.Selected,", "roles: [Sites.Selected,")


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    with kit.running(tmp_path_factory.mktemp("cloud")) as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("state")


@asynccontextmanager
async def enforcer(cloud, folder, **more):
    if not (folder / "verger.sqlite").exists():
        await open_core(cloud, folder)
    async with await open_service(settings_of(cloud, "enforcer", folder, **more)) as service:
        yield service


async def failing(service, **options):
    return {one.name: one async for one in examine(service, **options) if not one.ok}


async def test_every_assumption_is_tried_and_reported_on_a_line_of_its_own(cloud, folder):
    with Webhook() as hook:
        address = hook.url.partition("/hook")[0]
        async with enforcer(cloud, folder, webhook_address=address) as service:
            found = [one async for one in examine(service, "core", try_verbs=True)]
            rows = await rest.read(service.tenant, CORE, "Web/Lists?$select=Title", doing="look")
    assumed = {one.name: one for one in found if one.name.startswith("assumed on core: ")}
    assert [name.partition(": ")[2] for name in assumed] == [
        one.says for one in scratch_facts.FACTS
    ]
    assert [one for one in found if not one.ok] == []
    assert all(one.says for one in assumed.values()), "each says what was seen"
    assert not [one for one in rows["value"] if "Verger doctor" in one["Title"]], "nothing is left"


async def test_an_assumption_that_does_not_hold_says_what_follows(cloud, folder, monkeypatch):
    async def false(_bench):
        raise Rejected("the newest version is 2.0", doing="try it")

    false_one = scratch_facts.Fact("the earth is flat", "stop here", false)
    monkeypatch.setattr("sync.scratch.FACTS", (false_one,))
    async with enforcer(cloud, folder) as service:
        found = await failing(service, site="core", try_verbs=True)
    check = found["assumed on core: the earth is flat"]
    assert (check.way_out, "the newest version is 2.0" in check.says) == ("stop here", True)


async def test_a_webhook_that_nobody_answers_at_is_named(cloud, folder):
    async with enforcer(cloud, folder, webhook_address="http://127.0.0.1:1") as service:
        check = (await failing(service))["webhook"]
    assert "could not reach the webhook at http://127.0.0.1:1/api/webhook/" in check.says
    assert check.way_out == "is the function app running, and is this its public address?"
    async with enforcer(cloud, folder) as service:
        assert (await failing(service))["webhook"].way_out == "set VERGER_WEBHOOK_ADDRESS"


async def test_a_subscription_that_lapsed_is_named_until_it_is_renewed(cloud, folder):
    with Webhook() as hook:
        more = {"webhook_address": hook.url.partition("/hook")[0], "webhook_keys": KEY}
        async with enforcer(cloud, folder, **more) as service:
            async with service.state.begin() as tx:
                (row, *_) = await lists.all_lists(tx)
                values = {name: getattr(row, name) for name in row.__slots__} | {"policed": True}
                await lists.register_list(tx, lists.ListRow(**values))
            name = f"subscription {CORE} {row.title}"
            await subscriptions.reconcile(service)
            assert name not in await failing(service)
            async with service.state.read() as tx:
                (known,) = await kept.all_subscriptions(tx)
            with cloud.http("enforcer") as http:
                soon = {"expirationDateTime": f"{known.expires_at.replace(microsecond=0):%FT%TZ}"}
                http.patch(f"/v1.0/subscriptions/{known.subscription_id}", json=soon)
            cloud.advance((known.expires_at - service.now()).total_seconds() + 60)
            check = (await failing(service))[name]
            assert check.says.startswith(("lapsed on", "there is none at Graph"))
            assert "`renew`" in check.way_out
            await subscriptions.reconcile(service)
            assert name not in await failing(service)


async def test_a_permission_that_was_not_granted_is_named_with_the_way_to_grant_it(tmp_path):
    assert WITHOUT_MAIL != kit.SEED
    with kit.running(tmp_path / "cloud", WITHOUT_MAIL) as cloud:
        (tmp_path / "state").mkdir()
        async with enforcer(cloud, tmp_path / "state") as service:
            check = (await failing(service))["permission Mail.Send"]
    assert check.way_out == "grant Mail.Send (application) to the app and give admin consent"
