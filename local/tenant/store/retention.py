"""Retention labels: what a label, a record and a regulatory record still let people do.

The rules are Microsoft's table "Compare restrictions for what actions are allowed or blocked"
(learn.microsoft.com/purview/declare-records). How the refusal is worded is general knowledge only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.tenant.errors import Refusal, access_denied, bad_request, not_found
from local.tenant.store import quirks

if TYPE_CHECKING:
    import sqlite3

    from local.tenant.store.database import Store
    from local.tenant.store.ids import Record

TABLES = """
CREATE TABLE IF NOT EXISTS retention_labels (
  name TEXT PRIMARY KEY, kind TEXT NOT NULL, starts_locked INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS retained (
  unique_id TEXT PRIMARY KEY, label TEXT NOT NULL REFERENCES retention_labels(name),
  locked INTEGER NOT NULL, was_unlocked INTEGER NOT NULL DEFAULT 0,
  at TEXT NOT NULL, actor TEXT NOT NULL) WITHOUT ROWID;
"""

RETAIN, RECORD, REGULATORY = "retain", "record", "regulatory"
KINDS = (RETAIN, RECORD, REGULATORY)
CONTENTS, PROPERTIES, DELETE, MOVE_OUT, RELABEL = (
    "edit contents",
    "edit properties",
    "delete",
    "move to another site",
    "change the label",
)
_BLOCKED = {  # by the state an item is in
    "retain": frozenset[str](),
    "locked": frozenset({CONTENTS, DELETE}),
    "unlocked": frozenset({DELETE, MOVE_OUT, RELABEL}),
    "regulatory": frozenset({CONTENTS, PROPERTIES, DELETE, MOVE_OUT, RELABEL}),
}


def define(store: Store, name: str, kind: str, *, starts_locked: bool = True) -> None:
    """Publish a label in the tenant; 400 for a kind that there is not."""
    if kind not in KINDS or not name:
        raise bad_request(f"A label has a name and a kind: {', '.join(KINDS)}")
    store.run(
        "INSERT INTO retention_labels VALUES (?,?,?) ON CONFLICT(name) DO UPDATE SET"
        " kind=excluded.kind, starts_locked=excluded.starts_locked",
        name, kind, starts_locked,
    )  # fmt: skip


def label(store: Store, name: str) -> sqlite3.Row:
    row = store.one("SELECT * FROM retention_labels WHERE name=?", name)
    if row is None:
        raise not_found(f"There is no retention label {name!r}.")
    return row


def of(store: Store, unique_id: str) -> sqlite3.Row | None:
    """Return the item's label: name, kind, locked, was_unlocked, at, actor; None without one."""
    return store.one(
        "SELECT retained.*, kind FROM retained JOIN retention_labels ON name=label"
        " WHERE unique_id=?",
        unique_id,
    )


def apply(store: Store, item: Record, name: str | None, actor: str, *, admin: bool) -> bool:
    """Put a label on an item, or take it off (None); returns whether it had one before.

    `admin` is a site collection administrator or Sites.FullControl.All: only they put on, change
    or take off the label of a record (driveitem-setretentionlabel.md).
    """
    before = of(store, item["unique_id"])
    if before is not None:
        require(store, item, RELABEL)
        _require_admin(before["kind"], admin=admin)
    if name is None:
        store.run("DELETE FROM retained WHERE unique_id=?", item["unique_id"])
        return before is not None
    chosen = label(store, name)
    _require_admin(chosen["kind"], admin=admin)
    locked = chosen["kind"] != RETAIN and bool(chosen["starts_locked"])
    store.run("INSERT OR REPLACE INTO retained VALUES (?,?,?,0,?,?)",
              item["unique_id"], name, locked, store.stamp(), actor)  # fmt: skip
    return before is not None


def lock(store: Store, item: Record, *, locked: bool) -> None:
    """Lock or unlock a record; 400 for what is no record, 403 for a regulatory one."""
    row = of(store, item["unique_id"])
    if row is None or row["kind"] == RETAIN:
        raise bad_request("Only an item with a record label is locked or unlocked.")
    if row["kind"] == REGULATORY:
        raise _blocked(row["label"], "unlock a regulatory record")
    store.run(
        "UPDATE retained SET locked=?, was_unlocked=max(was_unlocked, ?) WHERE unique_id=?",
        locked, not locked, item["unique_id"],
    )  # fmt: skip


def require(store: Store, item: Record, action: str) -> None:
    """Raise 403 where the item's label forbids the action."""
    row = of(store, item["unique_id"])
    if row is None:
        return
    state = _state(row)
    frozen = state == "locked" and bool(quirks.get(store, quirks.RECORDS_FREEZE_PROPERTIES))
    unlocked_once = action == MOVE_OUT and bool(row["was_unlocked"])
    if (
        action in _BLOCKED[state]
        or (frozen and action == PROPERTIES)
        or (unlocked_once and state == "locked")
    ):
        raise _blocked(row["label"], action)


def allowed(store: Store, row: sqlite3.Row) -> dict[str, bool]:
    """Return what the label still allows, by action."""
    frozen = bool(quirks.get(store, quirks.RECORDS_FREEZE_PROPERTIES))
    blocked = _BLOCKED[_state(row)] | ({PROPERTIES} if frozen and row["locked"] else set())
    return {act: act not in blocked for act in (CONTENTS, PROPERTIES, DELETE, RELABEL)}


def _state(row: sqlite3.Row) -> str:
    if row["kind"] == RECORD:
        return "locked" if row["locked"] else "unlocked"
    return str(row["kind"])


def _require_admin(kind: str, *, admin: bool) -> None:
    if kind != RETAIN and not admin:
        raise access_denied("Only a site administrator changes the retention label of a record.")


def _blocked(name: str, action: str) -> Refusal:
    return access_denied(
        f"You cannot {action}: the item is a record locked by the retention label {name!r}."
    )
