"""One tenant whose core site has seen the story's files; every test here only reads."""

import pytest

from tests import flow_kit

UPLOADED = ("gov_04", "tor_03_wrong_name", "tender", "correctly_named", "with_ten_digits")


@pytest.fixture(scope="module", name="folder")
def _folder(tmp_path_factory):
    return tmp_path_factory.mktemp("simulation")


@pytest.fixture(scope="module", name="tenant")
def _tenant(folder):
    with flow_kit.story(folder, UPLOADED) as tenant:
        yield tenant


@pytest.fixture(name="desk")
async def _desk(tenant, folder):
    async with flow_kit.desk(tenant, folder / "state") as here:
        yield here
