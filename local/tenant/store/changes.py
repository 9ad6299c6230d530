"""What changed and in which order: the log behind delta links and change notifications.

Rows of `changes` are what deliveries are made from. Delta itself reads `items.seq` and `tombstones`
(the last state only), so that its cost does not grow with history.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

    from local.tenant.store.database import Store
    from local.tenant.store.ids import Record

TABLES = """
CREATE TABLE IF NOT EXISTS changes (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, site_id TEXT NOT NULL, list_id TEXT NOT NULL,
  item_id INTEGER NOT NULL DEFAULT 0, unique_id TEXT NOT NULL DEFAULT '',
  kind TEXT NOT NULL, actor TEXT NOT NULL, at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS changes_by_list ON changes(list_id, seq);
CREATE TABLE IF NOT EXISTS tombstones (
  list_id TEXT NOT NULL, item_id INTEGER NOT NULL, unique_id TEXT NOT NULL,
  drive_item_id TEXT NOT NULL, kind TEXT NOT NULL, content_type TEXT NOT NULL DEFAULT '',
  seq INTEGER NOT NULL, PRIMARY KEY (list_id, item_id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tombstones_by_seq ON tombstones(list_id, seq);
"""

WEB, LIST = 1, 3  # the scope a change token speaks of
_TICKS = 10_000_000  # in a second, since the year 1
_EPOCH = datetime(1, 1, 1, tzinfo=UTC)
CONTENT_KINDS = ("add", "update", "delete", "rename", "restore", "content", "version")
SECURITY = "permission"  # moves no item in delta; only security webhooks hear of it


def record(store: Store, item: Record, kind: str, actor: str, seq: int | None = None) -> int:
    """Log a change to an item (site_id, list_id, id, unique_id); return its sequence number.

    A `seq` of its own leaves the numbers before it to whoever counted them.
    """
    cursor = store.run(
        "INSERT INTO changes (seq, site_id, list_id, item_id, unique_id, kind, actor, at)"
        " VALUES (?,?,?,?,?,?,?,?)",
        seq,
        item["site_id"],
        item["list_id"],
        item["id"],
        item["unique_id"],
        kind,
        actor,
        store.stamp(),
    )
    return int(cursor.lastrowid or 0)


def record_security(store: Store, site_id: str, list_id: str, unique_id: str, actor: str) -> int:
    """Log a permission change; `list_id` is '' when it was the site's own."""
    row = {"site_id": site_id, "list_id": list_id, "id": "0", "unique_id": unique_id}
    return record(store, row, SECURITY, actor)


def bury(store: Store, item: Record, seq: int) -> None:
    """Leave a tombstone, so that the list's delta can say the item is gone."""
    store.run(
        "INSERT OR REPLACE INTO tombstones VALUES (?,?,?,?,?,?,?)",
        item["list_id"],
        item["id"],
        item["unique_id"],
        item["drive_item_id"],
        item["kind"],
        item["content_type"],
        seq,
    )


def unbury(store: Store, list_id: str, item_id: int) -> None:
    store.run("DELETE FROM tombstones WHERE list_id=? AND item_id=?", list_id, item_id)


def last(store: Store) -> int:
    """Return the newest sequence number of the whole tenant, 0 when nothing ever happened."""
    row = store.one("SELECT seq FROM sqlite_sequence WHERE name='changes'")
    return int(row["seq"]) if row else 0


def since(store: Store, list_id: str, seq: int) -> list[sqlite3.Row]:
    """Return changes of one list above `seq`, oldest first (kind SECURITY among them)."""
    return store.all("SELECT * FROM changes WHERE list_id=? AND seq>? ORDER BY seq", list_id, seq)


def all_since(store: Store, seq: int, limit: int = 1000) -> list[sqlite3.Row]:
    """Return changes of every list above `seq`, oldest first: what the delivery loop reads."""
    return store.all("SELECT * FROM changes WHERE seq>? ORDER BY seq LIMIT ?", seq, limit)


def token(scope: int, guid: str, at: str, seq: int) -> str:
    """Return SharePoint REST's change token: 1;scope;guid;ticks;number (wire.md 3)."""
    ticks = int((datetime.fromisoformat(at) - _EPOCH).total_seconds()) * _TICKS
    return f"1;{scope};{guid};{ticks};{seq}"
