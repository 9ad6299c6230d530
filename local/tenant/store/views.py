"""Views of a list: Graph v1.0 has no type for them, SharePoint REST reads and writes them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from local.tenant.errors import not_found
from local.tenant.store import ids

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from local.tenant.store.database import Store

TABLES = """
CREATE TABLE IF NOT EXISTS views (
  list_id TEXT NOT NULL, id TEXT NOT NULL, title TEXT NOT NULL COLLATE NOCASE, url TEXT NOT NULL,
  is_default INTEGER NOT NULL DEFAULT 0, fields TEXT NOT NULL, members TEXT NOT NULL DEFAULT '{}',
  position INTEGER NOT NULL, PRIMARY KEY (list_id, id)) WITHOUT ROWID;
"""

DEFAULTS = {
    "Hidden": False,
    "PersonalView": False,
    "RowLimit": 30,
    "Paged": True,
    "ViewQuery": "",
    "ViewType": "HTML",
    "CustomFormatter": "",
    "Scope": 0,
    "Aggregations": "",
}


def add(  # noqa: PLR0913 - a view is this much
    store: Store,
    list_row: sqlite3.Row,
    title: str,
    fields: Sequence[str],
    members: Mapping[str, Any] | None = None,
    *,
    default: bool = False,
) -> sqlite3.Row:
    """Add a view; `members` are SharePoint's own (RowLimit, ViewQuery, CustomFormatter …)."""
    row = store.one("SELECT COUNT(*) AS n FROM views WHERE list_id=?", list_row["id"])
    view_id = ids.new_guid()
    forms = "/Forms" if list_row["is_library"] else ""
    url = f"{list_row['path']}{forms}/{title.replace(' ', '')}.aspx"
    store.run(
        "INSERT INTO views VALUES (?,?,?,?,0,?,?,?)",
        list_row["id"],
        view_id,
        title,
        url,
        json.dumps(list(fields)),
        json.dumps({**DEFAULTS, **(members or {})}),
        row["n"] if row else 0,
    )
    if default:
        make_default(store, list_row["id"], view_id)
    return get(store, list_row["id"], view_id)


def every(store: Store, list_id: str) -> list[sqlite3.Row]:
    return store.all("SELECT * FROM views WHERE list_id=? ORDER BY position", list_id)


def get(store: Store, list_id: str, key: str) -> sqlite3.Row:
    """Find a view by id or title; 404 otherwise."""
    row = store.one(
        "SELECT * FROM views WHERE list_id=? AND (id=? OR title=?)", list_id, key.lower(), key
    )
    if row is None:
        raise not_found(f"View '{key}' does not exist.")
    return row


def members_of(row: sqlite3.Row) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(row["members"])
    return loaded


def fields_of(row: sqlite3.Row) -> list[str]:
    names: list[str] = json.loads(row["fields"])
    return names


def update(store: Store, row: sqlite3.Row, members: Mapping[str, Any]) -> sqlite3.Row:
    """Merge members; Title and DefaultView are understood, the rest is kept as given."""
    rest = {key: value for key, value in members.items() if key not in {"Title", "DefaultView"}}
    merged = json.dumps({**members_of(row), **rest})
    store.run(
        "UPDATE views SET title=?, members=? WHERE list_id=? AND id=?",
        members.get("Title", row["title"]),
        merged,
        row["list_id"],
        row["id"],
    )
    if members.get("DefaultView"):
        make_default(store, row["list_id"], row["id"])
    return get(store, row["list_id"], row["id"])


def set_fields(store: Store, row: sqlite3.Row, names: Sequence[str]) -> None:
    store.run(
        "UPDATE views SET fields=? WHERE list_id=? AND id=?",
        json.dumps(list(names)),
        row["list_id"],
        row["id"],
    )


def make_default(store: Store, list_id: str, view_id: str) -> None:
    store.run("UPDATE views SET is_default=(id=?) WHERE list_id=?", view_id, list_id)


def remove(store: Store, row: sqlite3.Row) -> None:
    store.run("DELETE FROM views WHERE list_id=? AND id=?", row["list_id"], row["id"])
