"""One tenant whose core site has seen the story's files; every test here only reads."""

import asyncio
from datetime import date

import pytest

from local.demo.documents import samples
from tests import flow_kit
from tests import tenant_kit as kit

UPLOADED = ("gov_04", "tor_03_wrong_name", "tender", "correctly_named", "with_ten_digits")


@pytest.fixture(scope="module", name="folder")
def _folder(tmp_path_factory):
    return tmp_path_factory.mktemp("simulation")


@pytest.fixture(scope="module", name="tenant")
def _tenant(folder):
    with kit.running(folder / "tenant") as tenant:
        (folder / "state").mkdir()
        asyncio.run(_prepare(tenant, folder / "state"))
        yield tenant


async def _prepare(tenant, state):
    await flow_kit.open_core(tenant, state)
    told = samples(date(2026, 11, 24))
    async with flow_kit.desk(tenant, state) as desk:
        for sample in (told[name] for name in UPLOADED):
            item = desk.upload(sample.name, sample.data, sample.area)
            if sample.publish:
                desk.publish(item)
        for area in ("controlled", "working"):
            await desk.settle(area)


@pytest.fixture(name="desk")
async def _desk(tenant, folder):
    async with flow_kit.desk(tenant, folder / "state") as here:
        yield here
