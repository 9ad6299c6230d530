"""The tenant's one SQLite file: opened once, written in transactions, safe against a kill.

The whole tenant runs on one event loop and calls the store directly; a call is one transaction
(`Store.transaction`), so a refusal half-way leaves nothing behind.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

META = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""


class Store:
    """A handle on the file; subjects (`store/items.py` …) are modules of functions over it."""

    def __init__(self, path: Path, tables: Sequence[str]) -> None:
        self.path = path
        self.overlay: dict[str, Any] = {}  # quirks of the one call that is running
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            "busy_timeout=5000",
        ):
            self._db.execute(f"PRAGMA {pragma}")
        for script in (META, *tables):
            self._db.executescript(script)

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit on the way out, roll back on an exception; nested use joins the outer one."""
        if self._db.in_transaction:
            yield
            return
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    @contextmanager
    def rehearsal(self) -> Iterator[None]:
        """Undo on the way out whatever was written: for a step that only seems to succeed."""
        self._db.execute("SAVEPOINT rehearsal")
        try:
            yield
        finally:
            self._db.execute("ROLLBACK TO rehearsal")
            self._db.execute("RELEASE rehearsal")

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Undo what was written inside when it ends in an exception, and nothing before it."""
        self._db.execute("SAVEPOINT attempt")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK TO attempt")
            self._db.execute("RELEASE attempt")
            raise
        self._db.execute("RELEASE attempt")

    @contextmanager
    def overlaid(self, values: Mapping[str, Any]) -> Iterator[None]:
        """Lay quirks over the store while one handler runs (see `store/quirks.py`)."""
        self.overlay = dict(values)
        try:
            yield
        finally:
            self.overlay = {}

    def run(self, sql: str, *values: Any) -> sqlite3.Cursor:
        return self._db.execute(sql, values)

    def one(self, sql: str, *values: Any) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._db.execute(sql, values).fetchone()
        return row

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for many rows of values, drawing them as it goes."""
        self._db.executemany(sql, rows)

    def all(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        return self._db.execute(sql, values).fetchall()

    def get(self, key: str, default: str = "") -> str:
        row = self.one("SELECT value FROM meta WHERE key=?", key)
        return default if row is None else str(row["value"])

    def put(self, key: str, value: str) -> None:
        self.run(
            "INSERT INTO meta VALUES (?,?) ON CONFLICT(key) DO UPDATE SET value=excluded.value",
            key,
            value,
        )

    def now(self) -> datetime:
        """Return the tenant's time: real time plus the offset set through /_local/clock. UTC."""
        return datetime.now(UTC) + timedelta(seconds=float(self.get("clock_offset", "0")))

    def stamp(self) -> str:
        """Return the tenant's time as Graph writes it, e.g. 2026-11-24T09:30:00.123Z."""
        return self.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
