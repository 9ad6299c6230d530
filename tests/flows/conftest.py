"""One tenant with the core site is made once; each flow test gets a copy of its own."""

import shutil

import pytest

from tests import flow_kit, postgres_kit
from tests import tenant_kit as kit

ON_BOTH = ("test_death.py", "test_edges.py", "test_event_way.py")
"""What is tried on PostgreSQL too: the way of an event, its edges, and death after each write."""
POSTGRES = pytest.param("postgres", marks=(pytest.mark.postgres, pytest.mark.thorough))


def pytest_generate_tests(metafunc):
    if "database" in metafunc.fixturenames and metafunc.definition.path.name in ON_BOTH:
        metafunc.parametrize("database", ["sqlite", POSTGRES])


@pytest.fixture
def database():
    """Where the state is kept: "sqlite", or "postgres" too for what is tried on both."""
    return "sqlite"


@pytest.fixture(scope="session")
def prepared():
    """Make a tenant with the core site once; tests work on copies of its folders."""
    return flow_kit.opened()


@pytest.fixture
def tenant(prepared, tmp_path):
    shutil.copytree(prepared, tmp_path / "copy")
    with kit.running(tmp_path / "copy" / "tenant") as running:
        yield running


@pytest.fixture
async def desk(tenant, tmp_path, database, request):
    folder = tmp_path / "copy" / "state"
    if database == "postgres":
        url_of = request.getfixturevalue("postgres_server")
        await flow_kit.move_to(folder, postgres_kit.new_database(url_of, "flows"))
    async with flow_kit.desk(tenant, folder) as here:
        yield here
