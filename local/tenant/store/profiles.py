"""The rest of what the directory knows of people and groups, and the log behind its delta links.

`profiles` holds members nothing else in the tenant reads (phones, city, manager …) as JSON.
`directory_log` has one row for each person or group, numbered anew at every change; memberships
have rows of their own, so that a group's delta can say who came and who went.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from local.tenant.store.database import Store

TABLES = """
CREATE TABLE IF NOT EXISTS profiles (
    id TEXT PRIMARY KEY COLLATE NOCASE,
    members TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS directory_log (
    id TEXT PRIMARY KEY COLLATE NOCASE,
    kind TEXT NOT NULL,
    seq INTEGER NOT NULL,
    gone INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS directory_log_by_seq ON directory_log (kind, seq);
CREATE TABLE IF NOT EXISTS membership_log (
    group_id TEXT NOT NULL COLLATE NOCASE,
    member_id TEXT NOT NULL COLLATE NOCASE,
    seq INTEGER NOT NULL,
    gone INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (group_id, member_id)
) WITHOUT ROWID;
"""
_COUNTER = "directory_seq"
USER, GROUP = "user", "group"


def of(store: Store, object_id: str) -> dict[str, Any]:
    """Return the further members of a person or group, {} when there are none."""
    row = store.one("SELECT members FROM profiles WHERE id=?", object_id)
    found: dict[str, Any] = json.loads(row["members"]) if row else {}
    return found


def merge(store: Store, object_id: str, members: Mapping[str, Any]) -> None:
    """Set further members; one set to None is forgotten."""
    merged = {k: v for k, v in {**of(store, object_id), **members}.items() if v is not None}
    store.run(
        "INSERT INTO profiles VALUES (?,?) ON CONFLICT(id) DO UPDATE SET members=excluded.members",
        object_id,
        json.dumps(merged),
    )


def forget(store: Store, object_id: str, kind: str) -> None:
    """Drop what a deleted person or group had here, and remember that it is gone."""
    store.run("DELETE FROM profiles WHERE id=?", object_id)
    note(store, object_id, kind, gone=True)


def last(store: Store) -> int:
    """Return the number of the newest change."""
    return int(store.get(_COUNTER, "0"))


def _next(store: Store) -> int:
    store.put(_COUNTER, str(last(store) + 1))
    return last(store)


def note(store: Store, object_id: str, kind: str, *, gone: bool = False) -> None:
    """Give a person or group a new number."""
    store.run(
        "INSERT INTO directory_log VALUES (?,?,?,?)"
        " ON CONFLICT(id) DO UPDATE SET seq=excluded.seq, gone=excluded.gone",
        object_id,
        kind,
        _next(store),
        gone,
    )


def note_member(store: Store, group_id: str, member_id: str, *, gone: bool = False) -> None:
    """Give a membership a new number, and its group with it."""
    note(store, group_id, GROUP)
    store.run(
        "INSERT INTO membership_log VALUES (?,?,?,?)"
        " ON CONFLICT(group_id, member_id) DO UPDATE SET seq=excluded.seq, gone=excluded.gone",
        group_id,
        member_id,
        last(store),
        gone,
    )


def since(store: Store, kind: str, seq: int, limit: int) -> list[sqlite3.Row]:
    """Return the people or groups that changed above `seq`, oldest first; the gone among them."""
    return store.all(
        "SELECT * FROM directory_log WHERE kind=? AND seq>? ORDER BY seq LIMIT ?", kind, seq, limit
    )


def members_since(store: Store, group_id: str, seq: int) -> list[sqlite3.Row]:
    """Return the memberships of a group that changed above `seq`, with the kind of the member."""
    return store.all(
        "SELECT m.*, l.kind FROM membership_log m LEFT JOIN directory_log l ON l.id=m.member_id"
        " WHERE m.group_id=? AND m.seq>? ORDER BY m.seq",
        group_id,
        seq,
    )
