"""A seeded store for each test of the Graph dialect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.contract_kit import Checker, load_contract
from tests.tenant.graph.graph_kit import seeded

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def contract() -> Any:
    found = load_contract()
    return None if found is None else Checker(found)


@pytest.fixture
def tenant(tmp_path: Path, contract: Any) -> Any:
    made = seeded(tmp_path / "tenant.db", contract)
    yield made
    made.store.close()
