"""One tenant for all that is asked of `_api` by Microsoft's examples and by the CLI's doubles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contract.client_kit import Imaging
from tests.contract.doubles_kit import Doubles
from tests.contract.example_kit import World
from tests.contract.rest_shapes_kit import Shapes
from tests.contract.test_client_requests import HUB
from tests.contract.test_examples import ADMIN
from tests.tenant_kit import running
from tests.webhook_kit import Webhook

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def place(tmp_path_factory) -> Iterator[Doubles]:
    """A site with one of everything, and a hub beside it."""
    with Webhook() as hook, running(tmp_path_factory.mktemp("doubles"), ADMIN) as tenant:
        world = World(tenant, hook)
        beside = Imaging(world, HUB)
        told = beside.rest.post(f"{beside.path}/_api/Site/RegisterHubSite")
        shapes = Shapes(Imaging(world, told.json()["ID"]))
        shapes.ids["hub"] = told.json()["ID"]
        yield Doubles(shapes, told.json()["ID"])
        beside.close()
        shapes.place.close()
