"""One tenant with the core site for these tests; each works on a document of its own."""

from __future__ import annotations

import asyncio

import pytest

from tests import flow_kit, postgres_kit
from tests.ratification.kit import Boardroom

ON_BOTH = "test_life.py"
POSTGRES = pytest.param("postgres", marks=(pytest.mark.postgres, pytest.mark.thorough))


def pytest_generate_tests(metafunc):
    """Try a document's whole life on PostgreSQL too."""
    if metafunc.definition.path.name == ON_BOTH and "place" in metafunc.fixturenames:
        metafunc.parametrize("place", ["sqlite", POSTGRES], indirect=True, scope="package")


@pytest.fixture(scope="package")
def place(tmp_path_factory, request):
    folder = tmp_path_factory.mktemp("ratification")
    with flow_kit.core(folder) as tenant:
        if getattr(request, "param", "sqlite") == "postgres":
            url_of = request.getfixturevalue("postgres_server")
            url = postgres_kit.new_database(url_of, "ratification")
            asyncio.run(flow_kit.move_to(folder / "state", url))
        yield tenant, folder / "state"


@pytest.fixture
async def boards(place):
    tenant, folder = place
    async with flow_kit.desk(tenant, folder) as desk:
        yield Boardroom(desk)
