"""The state database: opened once per process, written in transactions, SQLite or PostgreSQL."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import event, make_url
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import create_async_engine

from sync.errors import Misconfigured, Unavailable
from sync.state import upgrades

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from sqlalchemy import URL, Connection
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
    from sqlalchemy.pool import ConnectionPoolEntry

# How long a writer waits for another before it gives up and is tried again, in seconds.
PATIENCE = 30.0
_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg"}
_READS = "verger_reads"
_strict_json = partial(json.dumps, allow_nan=False)  # PostgreSQL refuses NaN; so do we, on both


class State:
    """A handle on the state database; every function of this package takes a transaction of it.

    Moments are never read from a clock inside the package's functions: callers pass `state.now()`.
    """

    def __init__(self, engine: AsyncEngine, clock: Callable[[], datetime]) -> None:
        self.engine = engine
        self.now = clock
        self._is_sqlite = engine.dialect.name == "sqlite"
        self._writer = asyncio.Lock()

    @classmethod
    def open(
        cls,
        url: str,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        password: Callable[[], str] | None = None,
    ) -> State:
        """Open the database at `url` (sqlite:///file or postgresql://…); nothing is read yet.

        `password` is asked at each new connection: a token of Entra ID lives about an hour.
        """
        address = _address(url)
        engine = _sqlite(address) if address.get_backend_name() == "sqlite" else _postgres(address)
        if password is not None:
            _ask_for(engine, password)
        return cls(engine, clock)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """Open a writing transaction: committed on the way out, rolled back on any exception.

        Raises Unavailable when the database is out of reach or busy for longer than PATIENCE.
        """
        with _translated():
            if not self._is_sqlite:
                async with self.engine.begin() as tx:
                    yield tx
                return
            # SQLite has one writer; queueing here is fair, its own busy handler is not.
            async with self._turn(), self.engine.begin() as tx:
                yield tx

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that sees one moment and cannot write; it never waits for a writer."""
        with _translated():
            async with self.engine.connect() as plain:
                tx = await plain.execution_options(
                    **{_READS: True}, **({} if self._is_sqlite else _SNAPSHOT)
                )
                async with tx.begin():
                    yield tx

    async def migrate(self) -> None:
        """Bring the schema up to this code's revision; safe to repeat and to run twice at once."""
        async with self.begin() as tx:
            await tx.run_sync(upgrades.upgrade)

    async def check_schema(self) -> None:
        """Raise SchemaBehind unless the database is at exactly this code's revision."""
        async with self.begin() as tx:
            await tx.run_sync(upgrades.check)

    async def close(self) -> None:
        """Close every connection; the handle is not used after this."""
        await self.engine.dispose()

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        try:
            await asyncio.wait_for(self._writer.acquire(), PATIENCE)
        except TimeoutError as error:
            raise Unavailable("the state database has been busy for too long") from error
        try:
            yield
        finally:
            self._writer.release()


_SNAPSHOT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


@contextmanager
def _translated() -> Iterator[None]:
    """Say of a lost, refused or busy database that trying again may help; other errors are ours."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        if "no such" in str(error.orig):  # SQLite reports a missing table as an operational error
            raise
        raise Unavailable(f"the state database did not answer: {error.orig}") from error
    except PoolTimeout as error:
        raise Unavailable("every connection to the state database is in use") from error


def _address(url: str) -> URL:
    address = make_url(url)
    backend = address.get_backend_name()
    if backend not in _DRIVERS:
        raise Misconfigured(f"the state lives in SQLite or PostgreSQL, not in {backend}")
    return address.set(drivername=_DRIVERS[backend])


def _postgres(address: URL) -> AsyncEngine:
    return create_async_engine(address, pool_pre_ping=True, json_serializer=_strict_json)


def _sqlite(address: URL) -> AsyncEngine:
    engine = create_async_engine(address, json_serializer=_strict_json)

    @event.listens_for(engine.sync_engine, "connect")
    def settle(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # BEGIN is ours to say, see below
        cursor = connection.cursor()
        pragmas = (f"busy_timeout={int(PATIENCE * 1000)}", "journal_mode=WAL", "foreign_keys=ON")
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer takes its lock first: a reader that turns writer half-way would be refused.
        reads = bool(connection.get_execution_options().get(_READS))
        if connection.info.get(_READS, False) is not reads:
            connection.exec_driver_sql(f"PRAGMA query_only={int(reads)}")
            connection.info[_READS] = reads
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def _ask_for(engine: AsyncEngine, password: Callable[[], str]) -> None:
    @event.listens_for(engine.sync_engine, "do_connect")
    def supply(_dialect: Any, _record: Any, _args: Any, parameters: dict[str, Any]) -> None:
        parameters["password"] = password()
