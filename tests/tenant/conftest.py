"""The local tenant as a fixture: one for each test, or one for a whole module."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tenant_kit import WIDE, prepare, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.tenant_kit import Tenant


@pytest.fixture(scope="session")
def certificates(tmp_path_factory) -> Path:
    """The apps' certificates, made once."""
    folder = tmp_path_factory.mktemp("certificates")
    prepare(folder)
    return folder


@pytest.fixture
def tenant(tmp_path: Path, certificates: Path) -> Iterator[Tenant]:
    """A fresh tenant for this test."""
    _share(certificates, tmp_path)
    with running(tmp_path, WIDE) as tenant:
        yield tenant


@pytest.fixture(scope="module")
def shared_tenant(tmp_path_factory, certificates: Path) -> Iterator[Tenant]:
    """One tenant for a module's tests, which must not stand in each other's way."""
    folder = tmp_path_factory.mktemp("tenant")
    _share(certificates, folder)
    with running(folder, WIDE) as tenant:
        yield tenant


def _share(certificates: Path, folder: Path) -> None:
    for pem in certificates.glob("*.pem"):
        (folder / pem.name).write_bytes(pem.read_bytes())
