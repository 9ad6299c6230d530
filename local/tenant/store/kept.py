"""Small things that belong to a site, a list or an item: custom actions, receivers, properties.

SharePoint shows what was written and does little else with them, so each is a row with its members
as JSON. `owner` is the guid of what they belong to, `kind` the collection they stand in.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local.tenant.errors import Refusal
from local.tenant.store import ids

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from local.tenant.store.database import Store

TABLES = """
CREATE TABLE IF NOT EXISTS kept (
  owner TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, position INTEGER NOT NULL,
  members TEXT NOT NULL, PRIMARY KEY (owner, kind, id)) WITHOUT ROWID;
"""

ONE = ""  # the id of something an owner has only one of


@dataclass(frozen=True, slots=True)
class Kept:
    """One of them: its owner, the collection, its id, and its members by their own names."""

    owner: str
    kind: str
    id: str
    members: Mapping[str, Any]


def _read(row: sqlite3.Row) -> Kept:
    return Kept(row["owner"], row["kind"], row["id"], json.loads(row["members"]))


def every(store: Store, owner: str, kind: str) -> list[Kept]:
    """Return an owner's things of one kind, oldest first."""
    rows = store.all("SELECT * FROM kept WHERE owner=? AND kind=? ORDER BY position", owner, kind)
    return [_read(row) for row in rows]


def of_kind(store: Store, kind: str) -> list[Kept]:
    """Return everybody's things of one kind, oldest first."""
    return [
        _read(row) for row in store.all("SELECT * FROM kept WHERE kind=? ORDER BY position", kind)
    ]


def find(store: Store, owner: str, kind: str, key: str = ONE) -> Kept | None:
    row = store.one(
        "SELECT * FROM kept WHERE owner=? AND kind=? AND id=?", owner, kind, key.lower()
    )
    return None if row is None else _read(row)


def get(store: Store, owner: str, kind: str, key: str) -> Kept:
    """Return one by its id; 404 otherwise, in the words `_api` has for a key nobody has."""
    found = find(store, owner, kind, key)
    if found is None:
        raise missing()
    return found


def missing() -> Refusal:
    """Return the refusal of an object that is not in its collection."""
    return Refusal(
        404,
        "itemNotFound",
        "Value does not fall within the expected range.",
        -2147024809,
        "System.ArgumentException",
    )


def put(store: Store, owner: str, kind: str, members: Mapping[str, Any], key: str = ONE) -> Kept:
    """Keep it under its id, over what was there; a new one stands last."""
    row = store.one("SELECT COALESCE(MAX(position), 0) + 1 AS n FROM kept WHERE kind=?", kind)
    store.run(
        "INSERT INTO kept VALUES (?,?,?,?,?)"
        " ON CONFLICT(owner, kind, id) DO UPDATE SET members=excluded.members",
        owner, kind, key.lower(), row["n"] if row else 1, json.dumps(dict(members)),
    )  # fmt: skip
    return Kept(owner, kind, key.lower(), dict(members))


def add(store: Store, owner: str, kind: str, members: Mapping[str, Any]) -> Kept:
    """Keep a new one under a new guid."""
    return put(store, owner, kind, members, ids.new_guid())


def merge(store: Store, old: Kept, members: Mapping[str, Any]) -> Kept:
    return put(store, old.owner, old.kind, {**old.members, **members}, old.id)


def members_of(store: Store, owner: str, kind: str) -> dict[str, Any]:
    """Return the members of what an owner has only one of, {} before anybody wrote one."""
    found = find(store, owner, kind)
    return dict(found.members) if found else {}


def remove(store: Store, old: Kept) -> None:
    store.run("DELETE FROM kept WHERE owner=? AND kind=? AND id=?", old.owner, old.kind, old.id)


def forget(store: Store, owner: str) -> None:
    """Drop all an owner had, because the owner is gone."""
    store.run("DELETE FROM kept WHERE owner=?", owner)
