"""Content types: a site declares them, a list holds copies (the site's id, `00` and a guid)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from local.tenant.errors import Refusal, bad_request, not_found
from local.tenant.store import builtin, columns, ids

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from local.tenant.store.database import Store

TABLES = """
CREATE TABLE IF NOT EXISTS content_types (
  owner TEXT NOT NULL, id TEXT NOT NULL COLLATE NOCASE, name TEXT NOT NULL COLLATE NOCASE,
  group_name TEXT NOT NULL DEFAULT '', description TEXT NOT NULL DEFAULT '',
  parent_id TEXT NOT NULL,
  hidden INTEGER NOT NULL DEFAULT 0, read_only INTEGER NOT NULL DEFAULT 0,
  sealed INTEGER NOT NULL DEFAULT 0, position INTEGER NOT NULL, fields TEXT NOT NULL DEFAULT '[]',
  PRIMARY KEY (owner, id)) WITHOUT ROWID;
"""

_EDITABLE = {
    "name": "name",
    "group": "group_name",
    "description": "description",
    "hidden": "hidden",
    "readOnly": "read_only",
    "sealed": "sealed",
}


def is_builtin(ct_id: str) -> bool:
    return any(ct_id.upper() == entry[0].upper() for entry in builtin.CONTENT_TYPES)


def anywhere(store: Store, ct_id: str) -> sqlite3.Row | None:
    """Return a content type wherever it is declared; None for System, from which all come."""
    return store.one("SELECT * FROM content_types WHERE id=? LIMIT 1", ct_id)


def seed(store: Store, site_id: str) -> None:
    """Give a new site Item, Document and Folder, and its first site columns."""
    for column in builtin.SITE:
        columns.add(store, site_id, {**column, "columnGroup": "Core Document Columns"})
    for position, (ct_id, name, group, words) in enumerate(builtin.CONTENT_TYPES):
        _insert(store, site_id, (ct_id, name, group, words, _parent(ct_id)), position, ["Title"])


def _parent(ct_id: str) -> str:
    """Return the built-in content type that this one continues, "0x" (System) for the first."""
    return max(
        (
            entry[0]
            for entry in builtin.CONTENT_TYPES
            if ct_id.startswith(entry[0]) and ct_id != entry[0]
        ),
        key=len,
        default="0x",
    )


def _insert(
    store: Store,
    owner: str,
    words: tuple[str, str, str, str, str],
    position: int,
    fields: Sequence[str],
) -> sqlite3.Row:
    ct_id, name, group, description, parent = words
    store.run(
        "INSERT INTO content_types (owner, id, name, group_name, description, parent_id,"
        " position, fields)"
        " VALUES (?,?,?,?,?,?,?,?)",
        owner,
        ct_id,
        name,
        group,
        description,
        parent,
        position,
        json.dumps(list(fields)),
    )
    return get(store, owner, ct_id)


def _next(store: Store, owner: str) -> int:
    row = store.one(
        "SELECT COALESCE(MAX(position), -1) + 1 AS n FROM content_types WHERE owner=?", owner
    )
    return int(row["n"]) if row else 0


def create(
    store: Store, site_id: str, name: str, parent_id: str, words: Mapping[str, str]
) -> sqlite3.Row:
    """Declare a site content type under a parent; `words` may hold id, group and description."""
    if store.one("SELECT 1 FROM content_types WHERE owner=? AND name=?", site_id, name):
        raise Refusal(
            409,
            "nameAlreadyExists",
            f'A duplicate content type "{name}" was found.',
            -2130575183,
            "Microsoft.SharePoint.SPDuplicateObjectException",
        )
    parent = get(store, site_id, parent_id)
    ct_id = words.get("id") or f"{parent['id']}00{ids.new_guid().replace('-', '').upper()}"
    if not ct_id.upper().startswith(parent["id"].upper()):
        raise bad_request(f"The id {ct_id} does not continue its parent's {parent['id']}")
    return _insert(
        store,
        site_id,
        (
            ct_id,
            name,
            words.get("group") or "Custom Content Types",
            words.get("description") or "",
            parent["id"],
        ),
        _next(store, site_id),
        fields_of(parent),
    )


def add_to_list(store: Store, list_row: sqlite3.Row, ct_id: str) -> sqlite3.Row:
    """Copy a site content type, with its columns, into a list; 409 when it is there already."""
    source = get(store, list_row["site_id"], ct_id)
    if store.one(
        "SELECT 1 FROM content_types WHERE owner=? AND name=?", list_row["id"], source["name"]
    ):
        raise Refusal(
            409,
            "nameAlreadyExists",
            f"The list already has the content type {source['name']}.",
            -2130575183,
            "Microsoft.SharePoint.SPDuplicateObjectException",
        )
    columns.copy_missing(store, list_row["site_id"], list_row["id"], fields_of(source))
    copy_id = f"{source['id']}00{ids.new_guid().replace('-', '').upper()}"
    return _insert(
        store,
        list_row["id"],
        (copy_id, source["name"], source["group_name"], source["description"], source["id"]),
        _next(store, list_row["id"]),
        fields_of(source),
    )


def fields_of(row: sqlite3.Row) -> list[str]:
    """Return the internal names of a content type's columns, in order."""
    names: list[str] = json.loads(row["fields"])
    return names


def add_field(store: Store, owner: str, ct_id: str, name: str) -> None:
    row = get(store, owner, ct_id)
    names = fields_of(row)
    if name.casefold() not in (known.casefold() for known in names):
        store.run(
            "UPDATE content_types SET fields=? WHERE owner=? AND id=?",
            json.dumps([*names, name]),
            owner,
            row["id"],
        )


def remove_field(store: Store, owner: str, ct_id: str, name: str) -> None:
    row = get(store, owner, ct_id)
    names = [known for known in fields_of(row) if known.casefold() != name.casefold()]
    store.run(
        "UPDATE content_types SET fields=? WHERE owner=? AND id=?",
        json.dumps(names),
        owner,
        row["id"],
    )


def update(store: Store, owner: str, ct_id: str, members: Mapping[str, object]) -> sqlite3.Row:
    """Merge name, group, description, hidden, readOnly, sealed."""
    row = get(store, owner, ct_id)
    for member, column in _EDITABLE.items():
        if member in members:
            store.run(
                f"UPDATE content_types SET {column}=? WHERE owner=? AND id=?",
                members[member],
                owner,
                row["id"],
            )
    return get(store, owner, row["id"])


def set_order(store: Store, list_id: str, order: Sequence[str]) -> None:
    """Put a list's content types in this order; the first is the default of a new file."""
    for position, ct_id in enumerate(order):
        store.run(
            "UPDATE content_types SET position=? WHERE owner=? AND id=?", position, list_id, ct_id
        )


def remove(store: Store, owner: str, ct_id: str) -> None:
    """Delete a content type; 400 while an item of the list uses it."""
    row = get(store, owner, ct_id)
    if store.one(
        "SELECT 1 FROM items WHERE list_id=? AND content_type=? LIMIT 1", owner, row["id"]
    ):
        raise bad_request("The content type is in use.", "contentTypeInUse")
    store.run("DELETE FROM content_types WHERE owner=? AND id=?", owner, row["id"])


def every(store: Store, owner: str) -> list[sqlite3.Row]:
    return store.all("SELECT * FROM content_types WHERE owner=? ORDER BY position", owner)


def get(store: Store, owner: str, ct_id: str) -> sqlite3.Row:
    row = store.one("SELECT * FROM content_types WHERE owner=? AND id=?", owner, ct_id)
    if row is None:
        raise not_found(f"Content type {ct_id} does not exist.")
    return row


def find_by_name(store: Store, owner: str, name: str) -> sqlite3.Row | None:
    return store.one("SELECT * FROM content_types WHERE owner=? AND name=?", owner, name)


def default_of(store: Store, list_row: sqlite3.Row, *, folder: bool = False) -> str:
    """Return the id a new item (or folder) of the list gets."""
    test = "LIKE" if folder else "NOT LIKE"
    row = store.one(
        f"SELECT id FROM content_types WHERE owner=? AND id {test} '{builtin.FOLDER}%'"
        " ORDER BY position LIMIT 1",
        list_row["id"],
    )
    return str(row["id"]) if row else (builtin.FOLDER if folder else builtin.ITEM)
