"""One tenant with the core site for each walk."""

import pytest

from tests import flow_kit


@pytest.fixture
def tenant(tmp_path):
    with flow_kit.core(tmp_path) as tenant:
        yield tenant


@pytest.fixture
async def desk(tenant, tmp_path):
    async with flow_kit.desk(tenant, tmp_path / "state") as here:
        yield here
