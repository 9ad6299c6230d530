"""One tenant with the core site for these tests; each works on documents of its own."""

from __future__ import annotations

import asyncio

import pytest

from tests import flow_kit
from tests import tenant_kit as kit
from tests.ratification.kit import Boardroom


@pytest.fixture(scope="package")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("controls")
    with kit.running(folder / "tenant") as tenant:
        (folder / "state").mkdir()
        asyncio.run(flow_kit.open_core(tenant, folder / "state"))
        yield tenant, folder / "state"


@pytest.fixture
async def boards(place):
    tenant, folder = place
    async with flow_kit.desk(tenant, folder) as desk:
        yield Boardroom(desk)


@pytest.fixture
def desk(boards):
    return boards.desk
