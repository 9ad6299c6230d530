"""The storage account's one SQLite file: every call is one transaction, safe against a kill.

The wire runs in a thread of its own beside the host's loop, so the connection is used under a
lock. WAL with synchronous=NORMAL keeps everything over a killed process (not over a power cut).
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TABLES = """
CREATE TABLE IF NOT EXISTS queues (
    name TEXT PRIMARY KEY, metadata TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS messages (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    queue TEXT NOT NULL REFERENCES queues(name) ON DELETE CASCADE,
    text TEXT NOT NULL,
    inserted REAL NOT NULL,
    expires REAL NOT NULL,
    visible REAL NOT NULL,
    dequeued INTEGER NOT NULL,
    receipt TEXT NOT NULL,
    holder TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS messages_by_time ON messages (queue, visible);
CREATE TABLE IF NOT EXISTS containers (
    name TEXT PRIMARY KEY, etag TEXT NOT NULL, modified REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS blobs (
    container TEXT NOT NULL REFERENCES containers(name) ON DELETE CASCADE,
    name TEXT NOT NULL,
    content BLOB NOT NULL,
    type TEXT NOT NULL,
    metadata TEXT NOT NULL,
    etag TEXT NOT NULL,
    modified REAL NOT NULL,
    lease TEXT NOT NULL DEFAULT '',
    lease_ends REAL NOT NULL DEFAULT 0,
    lease_seconds REAL NOT NULL DEFAULT 0,
    PRIMARY KEY (container, name)
) WITHOUT ROWID;
"""


class Database:
    """A handle on the file and the clock everything in it is stamped with."""

    def __init__(self, path: Path, clock: Callable[[], float]) -> None:
        self.now = clock
        self._lock = threading.RLock()
        self._sql = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._sql.row_factory = sqlite3.Row
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            self._sql.execute(f"PRAGMA {pragma}")
        self._sql.executescript(TABLES)

    def close(self) -> None:
        with self._lock:
            self._sql.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit on the way out, roll back on an exception; nested use joins the outer one."""
        with self._lock:
            if self._sql.in_transaction:
                yield
                return
            self._sql.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._sql.execute("ROLLBACK")
                raise
            self._sql.execute("COMMIT")

    def run(self, sql: str, *values: Any) -> int:
        """Execute a statement; returns the number of rows it touched."""
        with self._lock:
            return self._sql.execute(sql, values).rowcount

    def one(self, sql: str, *values: Any) -> sqlite3.Row | None:
        with self._lock:
            row: sqlite3.Row | None = self._sql.execute(sql, values).fetchone()
            return row

    def all(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        with self._lock:
            return self._sql.execute(sql, values).fetchall()
