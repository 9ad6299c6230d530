"""One site is prepared once; each telling of the stories plays on a copy of it."""

import pytest

from tests import flow_kit


@pytest.fixture(scope="session")
def prepared():
    """Make a tenant with the core site, applied and followed, where nobody has uploaded yet."""
    return flow_kit.opened()
