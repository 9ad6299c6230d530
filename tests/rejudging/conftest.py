"""One tenant with the core site for all tests of a file; each test changes the rules anew."""

import asyncio
from dataclasses import replace
from datetime import date

import pytest

from local.demo.documents import samples
from sync.parameters import with_values
from sync.rejudging import rejudge
from sync.state import rulesets
from tests import flow_kit
from tests import tenant_kit as kit

UPLOADED = ("gov_04", "tor_03_wrong_name", "correctly_named", "with_ten_digits")


@pytest.fixture(scope="module", name="folder")
def _folder(tmp_path_factory):
    return tmp_path_factory.mktemp("rejudging")


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
    """Give a desk whose rules are those in force, with no change under way."""
    async with flow_kit.desk(tenant, folder / "state") as here:
        async with here.service.state.begin() as tx:
            for change in await rulesets.all_changes(tx):
                await rulesets.end_change(tx, change.list_id)
            for area in ("controlled", "working"):
                await rulesets.put_rules(tx, await here.list_id(area), ())
        assert await rejudge(here.service) == []
        yield here


@pytest.fixture(name="changed")
def _changed(desk):
    """Give a function: the same service, restarted with other parameters or modes."""

    def change(*values, **modes):
        standard = with_values(desk.service.standard, values)
        overrides = {**desk.service.overrides, **modes}
        return replace(desk.service, standard=standard, overrides=overrides, _places={})

    return change
