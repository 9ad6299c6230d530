"""One tenant with the core site for all tests of a file; each test uses documents of its own."""

import asyncio

import pytest

from tests import flow_kit
from tests import tenant_kit as kit


@pytest.fixture(scope="module", name="folder")
def _folder(tmp_path_factory):
    return tmp_path_factory.mktemp("registers")


@pytest.fixture(scope="module", name="tenant")
def _tenant(folder):
    with kit.running(folder / "tenant") as tenant:
        (folder / "state").mkdir()
        asyncio.run(flow_kit.open_core(tenant, folder / "state"))
        yield tenant


@pytest.fixture(name="desk")
async def _desk(tenant, folder):
    async with flow_kit.desk(tenant, folder / "state") as here:
        yield here
