"""One tenant with the core site for all of a module's tests: each uses files of its own."""

import pytest

from tests import flow_kit


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """Run a tenant with the core site; gives it and the folder of the enforcer's state."""
    folder = tmp_path_factory.mktemp("quarantine")
    with flow_kit.core(folder) as tenant:
        yield tenant, folder / "state"


@pytest.fixture
async def desk(opened):
    async with flow_kit.desk(*opened) as here:
        yield here
