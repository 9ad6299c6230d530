"""One tenant with the core site for each walk."""

import asyncio

import pytest

from tests import flow_kit
from tests import tenant_kit as kit


@pytest.fixture
def tenant(tmp_path):
    with kit.running(tmp_path / "tenant") as tenant:
        (tmp_path / "state").mkdir()
        asyncio.run(flow_kit.open_core(tenant, tmp_path / "state"))
        yield tenant


@pytest.fixture
async def desk(tenant, tmp_path):
    async with flow_kit.desk(tenant, tmp_path / "state") as here:
        yield here
