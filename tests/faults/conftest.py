"""One tenant with the core site for all cells of a file; each cell has files of its own."""

import pytest

from tests import flow_kit
from tests.faults import kit


@pytest.fixture(scope="module", name="folder")
def _folder(tmp_path_factory):
    return tmp_path_factory.mktemp("faults")


@pytest.fixture(scope="module", name="tenant")
def _tenant(folder):
    kit.begin_anew()
    with flow_kit.core(folder) as tenant:
        yield tenant


@pytest.fixture(name="desk")
async def _desk(tenant, folder):
    tenant.local("DELETE", "/faults")
    async with flow_kit.desk(tenant, folder / "state") as here:
        yield kit.paced(here)
    tenant.local("DELETE", "/faults")
