"""One tenant with the core site is made once; each flow test gets a copy of its own."""

import shutil

import pytest

from tests import flow_kit
from tests import tenant_kit as kit


@pytest.fixture(scope="session")
def prepared():
    """Make a tenant with the core site once; tests work on copies of its folders."""
    return flow_kit.opened()


@pytest.fixture
def tenant(prepared, tmp_path):
    shutil.copytree(prepared, tmp_path / "copy")
    with kit.running(tmp_path / "copy" / "tenant") as running:
        yield running


@pytest.fixture
async def desk(tenant, tmp_path):
    async with flow_kit.desk(tenant, tmp_path / "copy" / "state") as here:
        yield here
