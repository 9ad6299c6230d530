"""The product's way to a running local tenant: two apps, each with its certificate."""

import pytest

from sync.settings import Settings
from sync.tenant.client import Tenant
from sync.tenant.retry import Gate, Retry
from tests import tenant_kit


@pytest.fixture(scope="session")
def wire(tmp_path_factory):
    """Run one tenant for all wire tests of this process."""
    with tenant_kit.running(tmp_path_factory.mktemp("wire")) as tenant:
        yield tenant


def settings_for(wire, app, **more):
    """Return the settings of an app of this tenant; `more` overrides."""
    told = {
        "tenant_id": tenant_kit.TENANT_ID,
        "client_id": getattr(tenant_kit, app.upper()),
        "certificate": wire.certificate(app),
        "sharepoint_host": tenant_kit.HOST,
        "login_address": wire.address,
        "graph_address": wire.address,
        "sharepoint_address": wire.address,
        "ca_file": wire.ca,
        "mailbox": tenant_kit.NOTICES,
    }
    return Settings(**{**told, **more})


class Hurry:
    """A clock that moves on when somebody waits, instead of waiting."""

    now = 0.0

    def __call__(self):
        return self.now

    async def sleep(self, seconds):
        self.now += seconds


def hurried():
    """Return the one retry without its waits."""
    clock = Hurry()
    return Retry(Gate(100_000, sleep=clock.sleep, clock=clock))


@pytest.fixture
async def enforcer(wire):
    async with Tenant(settings_for(wire, "enforcer"), hurried()) as tenant:
        yield tenant


@pytest.fixture
async def provisioner(wire):
    async with Tenant(settings_for(wire, "provisioner"), hurried()) as tenant:
        yield tenant
