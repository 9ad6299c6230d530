from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tenant.sharepoint.rest_kit import opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.tenant.sharepoint.rest_kit import Rest


@pytest.fixture
def rest(tmp_path: Path) -> Iterator[Rest]:
    found = opened(tmp_path)
    yield found
    found.store.close()
