"""One tenant with the core site for these tests; each shares a file of its own."""

from __future__ import annotations

import pytest

from tests import flow_kit
from tests.restricted.kit import Sharers


@pytest.fixture(scope="package")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("restricted")
    with flow_kit.core(folder) as tenant:
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
