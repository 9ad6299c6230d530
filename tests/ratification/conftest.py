"""One tenant with the core site for these tests; each works on a document of its own."""

from __future__ import annotations

import pytest

from tests import flow_kit
from tests.ratification.kit import Boardroom


@pytest.fixture(scope="package")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ratification")
    with flow_kit.core(folder) as tenant:
        yield tenant, folder / "state"


@pytest.fixture
async def boards(place):
    tenant, folder = place
    async with flow_kit.desk(tenant, folder) as desk:
        yield Boardroom(desk)
