"""One tenant with the core site for these tests; each shares a file of its own."""

from __future__ import annotations

import asyncio

import pytest

from tests import flow_kit
from tests import tenant_kit as kit
from tests.restricted.kit import Sharers


@pytest.fixture(scope="package")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("restricted")
    with kit.running(folder / "tenant") as tenant:
        (folder / "state").mkdir()
        asyncio.run(flow_kit.open_core(tenant, folder / "state"))
        yield tenant, folder / "state"


@pytest.fixture
async def staff(place):
    """Staff before a service that enforces."""
    tenant, folder = place
    async with flow_kit.desk(tenant, folder) as desk:
        here = await Sharers.of(desk)
        yield here
        here.clear()


@pytest.fixture
async def watched(place):
    """Staff before a service that only observes."""
    tenant, folder = place
    async with flow_kit.desk(tenant, folder, 'modes: {"*": observe}\n') as desk:
        here = await Sharers.of(desk)
        yield here
        here.clear()


@pytest.fixture
async def warned(place):
    """Staff before a service that warns."""
    tenant, folder = place
    async with flow_kit.desk(tenant, folder, 'modes: {"*": warn}\n') as desk:
        here = await Sharers.of(desk)
        yield here
        here.clear()
