"""One tenant with the core site for all tests of a file; each test changes the rules anew."""

from dataclasses import replace

import pytest

from sync.parameters import with_values
from sync.rejudging import rejudge
from sync.state import rulesets
from tests import flow_kit

UPLOADED = ("gov_04", "tor_03_wrong_name", "correctly_named", "with_ten_digits")


@pytest.fixture(scope="module", name="folder")
def _folder(tmp_path_factory):
    return tmp_path_factory.mktemp("rejudging")


@pytest.fixture(scope="module", name="tenant")
def _tenant(folder):
    with flow_kit.story(folder, UPLOADED) as tenant:
        yield tenant


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
