"""Documents are registered on their own site or, where it has no registry, in the network's one."""

import pytest

from sync.registry import home_of
from sync.state import lists
from sync.state.engine import State

CORE = {"id": "R1", "site_id": "core", "area": "registry"}
FILES = {"id": "L1", "site_id": "sig", "area": "documents"}
OTHER = {"id": "R2", "site_id": "other", "area": "registry"}


def a_list(**told):
    site = f"https://wmin.sharepoint.com/sites/{told['site_id']}"
    return lists.ListRow(site_url=site, template="core_team", title=told["area"], **told)


@pytest.mark.parametrize(
    ("there", "site", "home"),
    [
        ([CORE, FILES], "core", "R1"),
        ([CORE, FILES], "sig", "R1"),
        ([CORE, OTHER, FILES], "other", "R2"),
        ([CORE, OTHER, FILES], "sig", None),
        ([FILES], "sig", None),
    ],
)
async def test_the_registry_of_a_sites_documents(tmp_path, there, site, home):
    state = State.open(f"sqlite:///{tmp_path / 'state.db'}")
    await state.migrate()
    async with state.begin() as tx:
        for told in there:
            await lists.register_list(tx, a_list(**told))
        found = await home_of(tx, site)
    await state.close()
    assert (found and found.id) == home
