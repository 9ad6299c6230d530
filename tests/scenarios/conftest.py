"""One site is prepared once; each telling of the stories plays on a copy of it."""

import asyncio

import pytest

from tests import flow_kit
from tests import tenant_kit as kit


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """Make a tenant with the core site, applied and followed, where nobody has uploaded yet."""
    folder = tmp_path_factory.mktemp("scenarios")
    with kit.running(folder / "tenant") as tenant:
        (folder / "state").mkdir()
        asyncio.run(flow_kit.open_core(tenant, folder / "state"))
    return folder
