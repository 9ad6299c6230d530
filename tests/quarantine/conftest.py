"""One tenant with the core site for all of a module's tests: each uses files of its own."""

import asyncio

import pytest

from tests import flow_kit
from tests import tenant_kit as kit


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """Run a tenant with the core site; gives it and the folder of the enforcer's state."""
    folder = tmp_path_factory.mktemp("quarantine")
    with kit.running(folder / "tenant") as tenant:
        (folder / "state").mkdir()
        asyncio.run(flow_kit.open_core(tenant, folder / "state"))
        yield tenant, folder / "state"


@pytest.fixture
async def desk(opened):
    async with flow_kit.desk(*opened) as here:
        yield here
