"""One tenant with the core site for all tests of a file; each test uses documents of its own."""

from dataclasses import replace

import pytest

from sync.state import lists
from sync.state import subscriptions as kept
from sync.tenant import subscriptions as wire
from tests import flow_kit
from tests.webhook_kit import Webhook

KEYS = {"k1": b"0123456789abcdef"}


@pytest.fixture(scope="module", name="folder")
def _folder(tmp_path_factory):
    return tmp_path_factory.mktemp("operators")


@pytest.fixture(scope="module", name="tenant")
def _tenant(folder):
    with flow_kit.core(folder) as tenant:
        yield tenant


@pytest.fixture(name="desk")
async def _desk(tenant, folder):
    tenant.local("DELETE", "/faults")
    async with flow_kit.desk(tenant, folder / "state") as here:
        yield here
    tenant.local("DELETE", "/faults")


@pytest.fixture(name="hook")
async def _hook(desk, monkeypatch):
    """A webhook, called for the site's only policed list: the working documents."""
    service = desk.service
    with Webhook() as hook:
        told = {"webhook_address": hook.url.partition("/hook")[0], "webhook_keys": dict(KEYS)}
        monkeypatch.setattr(service, "settings", service.settings.model_copy(update=told))
        await _police(service, await desk.list_id("working"), policed=True)
        yield hook
        for one in await wire.list_subscriptions(service.tenant):
            await wire.delete_subscription(service.tenant, one.id)
        async with service.state.begin() as tx:
            for one in await kept.all_subscriptions(tx):
                await kept.drop_subscription(tx, one.subscription_id)
        await _police(service, await desk.list_id("working"), policed=False)


async def _police(service, list_id, *, policed):
    async with service.state.begin() as tx:
        found = await lists.get_list(tx, list_id)
        await lists.register_list(tx, replace(found, policed=policed))
