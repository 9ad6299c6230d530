"""A tenant for a module, a site built in it, and the provisioner's service with its state."""

import pytest

from sync.provisioning import Provisioner
from sync.service import open_service
from sync.state.engine import State
from tests import tenant_kit as kit
from tests.flow_kit import settings_of
from tests.provisioning.conftest import MINUTE, fresh, way_in
from tests.provisioning.kit import Remembered


@pytest.fixture(name="cloud", scope="module")
def _cloud(tmp_path_factory):
    with kit.running(tmp_path_factory.mktemp("cloud")) as running:
        yield running


@pytest.fixture(autouse=True)
def _as_new(request):
    cloud = request.getfixturevalue("cloud") if "cloud" in request.fixturenames else None
    yield
    if cloud:
        cloud.local("DELETE", "/faults")
        cloud.advance(MINUTE)


@pytest.fixture(name="tenant")
async def _tenant(cloud):
    async with way_in(cloud) as tenant:
        yield tenant


@pytest.fixture(name="spec")
def _spec():
    return fresh("core_team")


@pytest.fixture(name="site")
async def _site(tenant, spec):
    """Build the site and return what it is."""
    provisioner = Provisioner(tenant)
    plan = await provisioner.plan(spec)
    return (await provisioner.apply(spec, plan.seal, Remembered())).site


@pytest.fixture(name="service")
async def _service(cloud, tmp_path):
    settings = settings_of(cloud, "provisioner", tmp_path, ru_per_minute=1_000_000)
    state = State.open(settings.database_url)
    await state.migrate()
    await state.close()
    async with await open_service(settings) as service:
        yield service
