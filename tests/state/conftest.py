"""Every test of the state runs twice: on SQLite and on a real PostgreSQL."""

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from sync.state import State
from sync.state.lists import ListRow, register_list
from sync.state.schema import metadata
from tests import postgres_kit

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SITE = "wmin.sharepoint.com,8c0e8d5c,1f2e3d4c"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Callable[[str], str]]:
    with postgres_kit.server() as url:
        yield url


@pytest.fixture(scope="session")
def migrated(tmp_path_factory) -> dict[str, Path]:
    """Remembers, per backend, the database whose schema is already there."""
    return {"folder": tmp_path_factory.mktemp("state")}


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def backend(request) -> str:
    return request.param


@pytest.fixture
def empty_url(backend, request, tmp_path) -> Callable[[str], str]:
    """Gives the address of a database of that name without any table in it yet."""
    if backend == "sqlite":
        return lambda name: f"sqlite:///{tmp_path / name}.db"
    return request.getfixturevalue("postgres")


@pytest.fixture
async def state(backend, request, migrated, tmp_path) -> AsyncIterator[State]:
    """An open, migrated, empty state with two lists in it."""
    if backend == "sqlite":
        opened = await _sqlite(migrated, tmp_path)
    else:
        opened = await _postgres(migrated, request.getfixturevalue("postgres"))
    async with opened.begin() as tx:
        for list_id, area in (("L1", "controlled"), ("L2", "quarantine")):
            await register_list(tx, a_list(list_id, area=area))
    yield opened
    await opened.close()


async def _sqlite(migrated: dict[str, Path], folder: Path) -> State:
    template = migrated["folder"] / "template.db"
    if not template.exists():
        first = State.open(f"sqlite:///{template}")
        await first.migrate()
        await first.close()
    shutil.copy(template, folder / "state.db")
    return State.open(f"sqlite:///{folder / 'state.db'}", clock=lambda: NOW)


async def _postgres(migrated: dict[str, Path], url: Callable[[str], str]) -> State:
    opened = State.open(url("postgres"), clock=lambda: NOW)
    if "postgres" not in migrated:
        await opened.migrate()
        migrated["postgres"] = migrated["folder"]
    tables = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)
    async with opened.begin() as tx:
        await tx.execute(text(f"TRUNCATE {tables} RESTART IDENTITY"))
    return opened


class Killed(Exception):
    """Stands for the death of a process in the middle of a transaction."""


@asynccontextmanager
async def killed_at_its_end(state: State) -> AsyncIterator[AsyncConnection]:
    """A transaction whose process dies before it can commit."""
    with suppress(Killed):
        async with state.begin() as tx:
            yield tx
            raise Killed


def a_list(list_id: str, **changes: object) -> ListRow:
    values = {
        "id": list_id,
        "site_id": SITE,
        "site_url": "https://wmin.sharepoint.com/sites/core",
        "area": "controlled",
        "template": "core_team",
        "title": "Controlled documents",
    }
    return ListRow(**values | changes)
