"""One tenant with the core site for all tests of a file; what they cost is what is tested."""

import pytest

from tests import flow_kit


@pytest.fixture(scope="module", name="folder")
def _folder(tmp_path_factory):
    return tmp_path_factory.mktemp("budgets")


@pytest.fixture(scope="module", name="tenant")
def _tenant(folder):
    with flow_kit.core(folder) as tenant:
        yield tenant


@pytest.fixture(name="desk")
async def _desk(tenant, folder):
    async with flow_kit.desk(tenant, folder / "state") as here:
        yield here
