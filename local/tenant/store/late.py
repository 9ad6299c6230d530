"""Content that is still on its way: the file is there with 0 bytes, its bytes land later."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from local.tenant.call import Principal

if TYPE_CHECKING:
    import sqlite3

    from local.tenant.store.database import Store
    from local.tenant.store.ids import Record

TABLES = """
CREATE TABLE IF NOT EXISTS late_content (
  seq INTEGER PRIMARY KEY, due TEXT NOT NULL, unique_id TEXT NOT NULL,
  app TEXT NOT NULL, user TEXT, roles TEXT NOT NULL, data BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS late_content_by_due ON late_content(due);
"""


def hold(store: Store, item: Record, data: bytes, who: Principal, seconds: float) -> None:
    """Keep a file's bytes for so many seconds of the tenant's clock."""
    due = (store.now() + timedelta(seconds=seconds)).isoformat()
    store.run(
        "INSERT INTO late_content (due, unique_id, app, user, roles, data) VALUES (?,?,?,?,?,?)",
        due, item["unique_id"], who.app_id, who.user_id, json.dumps(sorted(who.roles)), data,
    )  # fmt: skip


def take_due(store: Store) -> list[sqlite3.Row]:
    """Take out what is due by now, oldest first."""
    return sorted(
        store.all("DELETE FROM late_content WHERE due<=? RETURNING *", store.now().isoformat()),
        key=lambda row: int(row["seq"]),
    )


def next_due(store: Store) -> datetime | None:
    row = store.one("SELECT MIN(due) AS due FROM late_content")
    return None if row is None or row["due"] is None else datetime.fromisoformat(row["due"])


def sender(row: sqlite3.Row) -> Principal:
    """Return who had sent the bytes."""
    roles = frozenset(json.loads(row["roles"]))
    return Principal(row["app"], "graph", "user" if row["user"] else "certificate", row["user"],
                     roles)  # fmt: skip
