"""What the nasty tests share: a library of a fresh tenant, and somebody who listens."""

from __future__ import annotations

import pytest

from tests.tenant.nasty.nasty_kit import Library
from tests.webhook_kit import Webhook


@pytest.fixture
def library(tenant):
    return Library(tenant)


@pytest.fixture(scope="module")
def shared_library(shared_tenant):
    """One for a module's tests that do not stand in each other's way."""
    return Library(shared_tenant)


@pytest.fixture
def hook():
    with Webhook() as hook:
        yield hook
