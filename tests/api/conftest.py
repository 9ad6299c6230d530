"""The function app in its host on a running tenant, with the people of Gov-12 in it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from sync.state import State
from tests import tenant_kit as kit
from tests.api.api_kit import Stage
from tests.host.hosting import ROOT, RunningHost
from tests.sig import kit as sig

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


async def _migrate(url: str) -> None:
    state = State.open(url)
    await state.migrate()
    await state.close()


@pytest.fixture(scope="package")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Tenant and function app, up for all tests of the API."""
    folder: Path = tmp_path_factory.mktemp("api")
    url = f"sqlite:///{folder / 'verger.sqlite'}"
    asyncio.run(_migrate(url))
    with kit.running(folder / "tenant", sig.SEED) as tenant:
        roles = folder / "roles.yaml"
        roles.write_text(sig.ROLES.model_dump_json(), encoding="utf-8")
        stage = Stage(folder, tenant, url, roles)
        app = folder / "app"
        app.mkdir()
        stage.host = RunningHost(str(ROOT), app, "--port", str(stage.port), **stage.settings())
        yield stage
        assert stage.host.end() == 0, stage.host.log()


@pytest.fixture(scope="package")
def provisioner(stage: Stage) -> Iterator[RunningHost]:
    """The second app of the package, in the provisioner's identity, on its own storage."""
    app = stage.folder / "provisioner"
    app.mkdir()
    told = {**stage.settings("provisioner"), "VERGER_STORAGE": stage.host.told["storage"]}
    host = RunningHost(str(ROOT), app, **told)
    yield host
    assert host.end() == 0, host.log()
