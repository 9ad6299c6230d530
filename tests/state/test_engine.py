"""The database handle: transactions, upgrades, times, and what it says when it cannot answer."""

import asyncio
import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from sync.errors import Misconfigured, Unavailable
from sync.state import SchemaBehind, State, engine, upgrades
from sync.state.lists import get_list, note_hint, register_list
from sync.state.remembered import forget, recall, remember
from sync.state.schema import metadata
from tests.state.conftest import NOW, a_list, killed_at_its_end


async def test_what_an_exception_interrupts_leaves_nothing_behind(state):
    async with killed_at_its_end(state) as tx:
        await register_list(tx, a_list("L9"))
    async with state.read() as tx:
        assert await get_list(tx, "L9") is None


async def test_a_reader_cannot_write(state):
    with pytest.raises((DBAPIError, Unavailable)):
        async with state.read() as tx:
            await register_list(tx, a_list("L9"))
    async with state.begin() as tx:  # and a writer after it, on the same connection, can
        await register_list(tx, a_list("L9"))


async def test_a_reader_sees_one_moment_and_never_waits_for_a_writer(state):
    async with state.read() as reader:
        before = await get_list(reader, "L1")
        async with state.begin() as writer:
            await note_hint(writer, "L1", NOW)
            assert await get_list(reader, "L1") == before
        assert await get_list(reader, "L1") == before


async def test_moments_come_back_in_utc_whatever_zone_they_went_in_with(state):
    summer = datetime(2026, 7, 1, 13, 30, 0, 123456, tzinfo=timezone(timedelta(hours=1)))
    async with state.begin() as tx:
        await note_hint(tx, "L1", summer)
        row = await get_list(tx, "L1")
    assert row.last_hint_at == datetime(2026, 7, 1, 12, 30, 0, 123456, tzinfo=UTC)
    assert row.last_hint_at.utcoffset() == timedelta(0)


async def test_a_moment_without_a_zone_is_refused(state):
    with pytest.raises(Exception, match="no time zone"):
        async with state.begin() as tx:
            await note_hint(tx, "L1", datetime(2026, 7, 1))  # noqa: DTZ001 - that is the point


async def test_json_keeps_its_shape_and_refuses_what_is_no_json(state):
    value = {"a": [1, 2.5, None, "ünï"], "b": {"deep": {"er": "\ud800"}}}
    async with state.begin() as tx:
        await remember(tx, "k", value)
        await remember(tx, "k", value | {"c": True})
        assert await recall(tx, "k") == value | {"c": True}
        await forget(tx, "k")
        assert await recall(tx, "k") is None
    with pytest.raises(Exception, match="not JSON compliant"):
        async with state.begin() as tx:
            await remember(tx, "k", float("nan"))


async def test_migrating_an_empty_database_gives_exactly_the_declared_tables(empty_url, backend):
    if backend == "postgres":
        await _make_database(empty_url("postgres"), "empty_one")
    state = State.open(empty_url("empty_one"))
    with pytest.raises(SchemaBehind, match="at revision none, this Verger needs"):
        await state.check_schema()
    await asyncio.gather(state.migrate(), state.migrate())
    await state.check_schema()
    async with state.begin() as tx:
        found = await tx.run_sync(
            lambda c: compare_metadata(
                MigrationContext.configure(c, opts={"compare_server_default": False}), metadata
            )
        )
        tables = await tx.run_sync(lambda c: set(inspect(c).get_table_names()))
    await state.close()
    assert found == []
    assert tables == {*metadata.tables, "alembic_version"}


def test_the_revision_the_code_asks_for_is_the_last_one_there_is():
    scripts = ScriptDirectory.from_config(upgrades.alembic_settings())
    assert scripts.get_heads() == [upgrades.HEAD]


async def _make_database(url, name):
    state = State.open(url)
    autocommit = state.engine.execution_options(isolation_level="AUTOCOMMIT")
    async with autocommit.connect() as connection:
        await connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
        await connection.execute(text(f"CREATE DATABASE {name}"))
    await state.close()


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////nowhere/at/all/state.db",
        "postgresql://verger@127.0.0.1:1/verger?connect_timeout=2",
    ],
)
async def test_a_database_out_of_reach_is_worth_another_try(url):
    state = State.open(url)
    with pytest.raises(Unavailable, match="did not answer"):
        async with state.begin():
            pass
    await state.close()
    await _driver_threads_end()


async def _driver_threads_end():
    """Wait for aiosqlite: after a failed connection its thread reports to the loop once more."""
    for thread in threading.enumerate():
        if "_connection_worker_thread" in thread.name:
            await asyncio.to_thread(thread.join, 10)


async def test_a_writer_gives_up_after_its_patience(tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "PATIENCE", 0.05)
    state = State.open(f"sqlite:///{tmp_path / 's.db'}")
    async with state.begin():
        with pytest.raises(Unavailable, match="busy for too long"):
            async with state.begin():
                pass
    await state.close()


async def test_a_second_process_that_writes_is_waited_for_then_reported(tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "PATIENCE", 0.05)
    one, two = (State.open(f"sqlite:///{tmp_path / 's.db'}") for _ in range(2))
    async with one.begin():
        with pytest.raises(Unavailable, match="locked"):
            async with two.begin():
                pass
    async with two.begin():
        pass
    await one.close()
    await two.close()


async def test_a_missing_table_is_our_fault_and_not_worth_another_try(tmp_path):
    state = State.open(f"sqlite:///{tmp_path / 's.db'}")
    with pytest.raises(DBAPIError, match="no such table"):
        async with state.begin() as tx:
            await get_list(tx, "L1")
    await state.close()


async def test_the_password_is_asked_for_at_each_new_connection(postgres):
    asked = []
    state = State.open(postgres("postgres"), password=lambda: asked.append(1) or "token")
    async with state.begin(), state.begin():
        pass
    await state.close()
    assert len(asked) == 2


def test_an_unknown_kind_of_database_is_refused():
    with pytest.raises(Misconfigured, match="not in mysql"):
        State.open("mysql://x/y")


async def test_running_out_of_connections_is_worth_another_try(tmp_path):
    narrow = create_async_engine(
        f"sqlite+aiosqlite:///{tmp_path / 's.db'}", pool_size=1, max_overflow=0, pool_timeout=0.01
    )
    state = State(narrow, lambda: NOW)
    async with state.read():
        with pytest.raises(Unavailable, match="in use"):
            async with state.read():
                pass
    await state.close()
