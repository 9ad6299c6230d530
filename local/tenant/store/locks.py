"""Files held open: a lock has a holder and an end, and refuses everybody else's writes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from local.tenant.errors import Refusal, checked_out, locked

if TYPE_CHECKING:
    from local.tenant.store.database import Store
    from local.tenant.store.ids import Record

TABLES = """
CREATE TABLE IF NOT EXISTS locks (
  unique_id TEXT PRIMARY KEY, holder TEXT NOT NULL, session TEXT NOT NULL, expires TEXT NOT NULL,
  shape TEXT NOT NULL) WITHOUT ROWID;
"""

SHAPES = ("resourceLocked", "accessDenied", "notAllowed")  # how Graph words a 423 (field-notes.md)


def lock(
    store: Store, unique_id: str, holder: str, seconds: float = 3600, shape: str = SHAPES[0]
) -> None:
    """Hold a file for an actor, in seconds of the tenant's clock; `shape` words the refusals."""
    expires = (store.now() + timedelta(seconds=seconds)).isoformat()
    store.run(
        "INSERT OR REPLACE INTO locks VALUES (?,?,?,?,?)", unique_id, holder, holder, expires, shape
    )


def unlock(store: Store, unique_id: str) -> bool:
    """Release a file; False when it was not held."""
    return store.run("DELETE FROM locks WHERE unique_id=?", unique_id).rowcount == 1


def require_free(store: Store, item: Record, actor: str) -> None:
    """Raise 423 while another holds the file open or has it checked out."""
    if item["checkout"] not in {"", actor}:
        raise checked_out(
            f'The file "{item["name"]}" is checked out for editing by {item["checkout"]}.'
        )
    row = store.one("SELECT * FROM locks WHERE unique_id=?", item["unique_id"])
    if row is None or row["holder"] == actor or row["expires"] <= store.now().isoformat():
        return
    refusal = locked()
    inner = "resourceLocked" if row["shape"] == "notAllowed" else None
    raise Refusal(423, row["shape"], refusal.message, refusal.hresult, refusal.kind, inner)
