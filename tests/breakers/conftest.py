"""One tenant with the core site for these tests; each works on documents of its own."""

from __future__ import annotations

import pytest

from sync import breakers
from tests import flow_kit


@pytest.fixture(scope="package")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("breakers")
    with flow_kit.core(folder) as tenant:
        yield tenant, folder / "state"


@pytest.fixture
async def desk(place):
    tenant, folder = place
    async with flow_kit.desk(tenant, folder) as here:
        await breakers.reset(here.service, None, "file_name")  # what other tests have counted
        yield here


@pytest.fixture
async def warned(place):
    """The same with every rule in warn mode."""
    tenant, folder = place
    async with flow_kit.desk(tenant, folder, 'modes: {"*": warn}\n') as here:
        yield here
