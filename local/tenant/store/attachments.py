"""Attachments of list items: bytes under a file name, kept in the same place as files' content."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.tenant.errors import Refusal, bad_request
from local.tenant.store import files, names

if TYPE_CHECKING:
    import sqlite3

    from local.tenant.store.database import Store

TABLES = """
CREATE TABLE IF NOT EXISTS attachments (
  unique_id TEXT NOT NULL, name TEXT NOT NULL COLLATE NOCASE, sha TEXT NOT NULL,
  at TEXT NOT NULL, PRIMARY KEY (unique_id, name)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS attachments_by_blob ON attachments(sha) WHERE sha<>'';
"""


def every(store: Store, unique_id: str) -> list[sqlite3.Row]:
    return store.all("SELECT * FROM attachments WHERE unique_id=? ORDER BY name", unique_id)


def any_of(store: Store, unique_id: str) -> bool:
    return store.one("SELECT 1 FROM attachments WHERE unique_id=? LIMIT 1", unique_id) is not None


def get(store: Store, unique_id: str, name: str) -> sqlite3.Row:
    """Return one by its name; 404 in `_api`'s words for a file name nobody attached."""
    row = store.one("SELECT * FROM attachments WHERE unique_id=? AND name=?", unique_id, name)
    if row is None:
        raise Refusal(
            404,
            "itemNotFound",
            "Specified argument was out of the range of valid values.\r\nParameter name: fileName",
            -2146233086,
            "System.ArgumentOutOfRangeException",
        )
    return row


def add(store: Store, unique_id: str, name: str, data: bytes) -> sqlite3.Row:
    """Attach a new file; 400 when the item has one of that name, or the name is not allowed."""
    taken = store.one("SELECT 1 FROM attachments WHERE unique_id=? AND name=?", unique_id, name)
    if taken:
        raise Refusal(
            400,
            "nameAlreadyExists",
            "The specified name is already in use.\r\n\r\nA document or folder with the same name"
            " already exists.  Use your browser's Back button, and type a new name.",
            -2130575257,
            "Microsoft.SharePoint.SPException",
        )
    if "/" in name:
        raise bad_request(f"The name {name!r} is not valid for a file or folder.")
    store.run(
        "INSERT INTO attachments VALUES (?,?,?,?)",
        unique_id, names.checked(name), files.keep(store, data), store.stamp(),
    )  # fmt: skip
    return get(store, unique_id, name)


def write(store: Store, row: sqlite3.Row, data: bytes) -> None:
    """Give an attachment other bytes."""
    sha = files.keep(store, data)
    store.run(
        "UPDATE attachments SET sha=?, at=? WHERE unique_id=? AND name=?",
        sha, store.stamp(), row["unique_id"], row["name"],
    )  # fmt: skip
    if sha != row["sha"]:
        files.sweep(store, row["sha"])


def remove(store: Store, row: sqlite3.Row) -> None:
    store.run("DELETE FROM attachments WHERE unique_id=? AND name=?", row["unique_id"], row["name"])
    files.sweep(store, row["sha"])


def forget(store: Store, unique_id: str) -> None:
    """Drop all an item had, because the item is gone for good."""
    for row in every(store, unique_id):
        remove(store, row)
