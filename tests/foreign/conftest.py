"""One tenant behind the real host names for each module of foreign clients."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.foreign.kit import SEED, World
from tests.tenant_kit import running

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("foreign")
    home = folder / "home"
    home.mkdir()
    with running(folder, SEED, proxy=0) as tenant:
        yield World(tenant, home)


@pytest.fixture(autouse=True)
def _everything_is_served(request) -> Iterator[None]:
    """A client that asked for something the tenant does not serve was not served."""
    yield
    if "world" in request.fixturenames:
        world = request.getfixturevalue("world")
        asked = world.tenant.local("GET", "/unmatched")["value"]
        assert [f"{each['method']} {each['path']}" for each in asked] == []
