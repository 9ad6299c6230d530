"""Uploads in pieces by SharePoint REST: StartUpload, ContinueUpload, FinishUpload of one file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.tenant.errors import bad_request, not_found

if TYPE_CHECKING:
    from local.tenant.store.database import Store

TABLES = """
CREATE TABLE IF NOT EXISTS chunks (
  upload TEXT NOT NULL COLLATE NOCASE, unique_id TEXT NOT NULL, start INTEGER NOT NULL,
  data BLOB NOT NULL, PRIMARY KEY (upload, unique_id, start));
"""


def start(store: Store, upload: str, unique_id: str, data: bytes) -> int:
    """Begin an upload with its first piece; returns the bytes there are now."""
    cancel(store, upload, unique_id)
    store.run("INSERT INTO chunks VALUES (?,?,0,?)", upload, unique_id, data)
    return len(data)


def go_on(store: Store, upload: str, unique_id: str, offset: int, data: bytes) -> int:
    """Add a piece; 404 for an upload that was not begun, 400 when it does not follow on."""
    reached = _reached(store, upload, unique_id)
    if offset != reached:
        raise bad_request(f"The file offset {offset} does not follow the {reached} bytes received.")
    store.run("INSERT INTO chunks VALUES (?,?,?,?)", upload, unique_id, offset, data)
    return reached + len(data)


def finish(store: Store, upload: str, unique_id: str) -> bytes:
    """Return all of it and forget the pieces."""
    rows = store.all(
        "SELECT data FROM chunks WHERE upload=? AND unique_id=? ORDER BY start", upload, unique_id
    )
    cancel(store, upload, unique_id)
    return b"".join(row["data"] for row in rows)


def cancel(store: Store, upload: str, unique_id: str) -> None:
    store.run("DELETE FROM chunks WHERE upload=? AND unique_id=?", upload, unique_id)


def _reached(store: Store, upload: str, unique_id: str) -> int:
    row = store.one(
        "SELECT SUM(length(data)) AS bytes FROM chunks WHERE upload=? AND unique_id=?",
        upload,
        unique_id,
    )
    if row is None or row["bytes"] is None:
        raise not_found("The upload session was not found.")
    return int(row["bytes"])
