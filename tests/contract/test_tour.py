"""Graph operations beyond the examples are served, each with Microsoft's kind of answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contract.example_kit import World
from tests.contract.test_examples import ADMIN
from tests.contract.tour import STOPS
from tests.tenant_kit import running
from tests.webhook_kit import Webhook

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> Iterator[World]:
    with Webhook() as hook, running(tmp_path_factory.mktemp("tour"), ADMIN) as tenant:
        yield World(tenant, hook)


@pytest.mark.parametrize("stop", STOPS, ids=lambda each: each.__name__)
def test_every_stop_answers(world, stop):
    stop(world)
    assert world.tenant.local("GET", "/unmatched")["value"] == []
