"""Columns of sites and lists: Graph's definition as given, and what only REST can set beside it.

`owner` is the guid of the site or list. `extras` holds SharePoint's own members, for instance
CustomFormatter, SchemaXml, ValidationFormula, ShowInEditForm, DefaultFormula.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from local.tenant.errors import Refusal, bad_request, not_found
from local.tenant.store import calculated, formula_rules, ids

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping

    from local.tenant.store.database import Store

TABLES = """
CREATE TABLE IF NOT EXISTS columns (
  owner TEXT NOT NULL, name TEXT NOT NULL COLLATE NOCASE, id TEXT NOT NULL,
  display_name TEXT NOT NULL,
  kind TEXT NOT NULL, required INTEGER NOT NULL DEFAULT 0, indexed INTEGER NOT NULL DEFAULT 0,
  is_unique INTEGER NOT NULL DEFAULT 0, hidden INTEGER NOT NULL DEFAULT 0,
  read_only INTEGER NOT NULL DEFAULT 0, deletable INTEGER NOT NULL DEFAULT 1,
  position INTEGER NOT NULL, definition TEXT NOT NULL, extras TEXT NOT NULL DEFAULT '{}',
  PRIMARY KEY (owner, name)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS columns_by_id ON columns(owner, id);
"""

KINDS = (
    "text",
    "choice",
    "number",
    "boolean",
    "dateTime",
    "personOrGroup",
    "lookup",
    "currency",
    "calculated",
    "hyperlinkOrPicture",
    "term",
    "thumbnail",
    "geolocation",
)
INDEX_LIMIT = 20  # indexes per list (limits.json)
_FLAGS = {
    "required": "required",
    "indexed": "indexed",
    "is_unique": "enforceUniqueValues",
    "hidden": "hidden",
    "read_only": "readOnly",
}


def kind_of(definition: Mapping[str, Any]) -> str:
    """Return the facet that makes the column's type: text when none is given, 400 for two."""
    found = [kind for kind in KINDS if definition.get(kind) is not None]
    if len(found) > 1:
        raise bad_request(f"A column has one type, not {' and '.join(found)}")
    return found[0] if found else "text"


def add(
    store: Store,
    owner: str,
    definition: Mapping[str, Any],
    extras: Mapping[str, Any] | None = None,
) -> sqlite3.Row:
    """Add a column; 400 without a name or with a bad formula, 409 when its name is taken."""
    row = _add(store, owner, definition, extras, checked=True)
    calculated.refresh(store, owner)
    return row


def _add(
    store: Store,
    owner: str,
    definition: Mapping[str, Any],
    extras: Mapping[str, Any] | None,
    *,
    checked: bool,
) -> sqlite3.Row:
    name = str(definition.get("name") or definition.get("displayName") or "")
    if not name:
        raise bad_request("A column needs a name")
    if find(store, owner, name) is not None:
        raise Refusal(
            409,
            "nameAlreadyExists",
            f'A duplicate field name "{name}" was found.',
            -2130575293,
            "Microsoft.SharePoint.SPException",
        )
    row = store.one("SELECT COALESCE(MAX(position), 0) + 1 AS n FROM columns WHERE owner=?", owner)
    full = {"description": "", "columnGroup": "Custom Columns", **definition, "name": name}
    full.setdefault("displayName", name)
    if kind_of(full) == "calculated":
        full["readOnly"] = True
    if checked:
        formula_rules.check_column(full, every(store, owner))
    new_id = str(full.pop("id", "") or ids.new_guid())
    store.run(
        "INSERT INTO columns (owner, name, id, display_name, kind, position, definition, extras,"
        " deletable) VALUES (?,?,?,?,?,?,'{}',?,?)",
        owner,
        name,
        new_id,
        full["displayName"],
        kind_of(full),
        row["n"] if row else 1,
        json.dumps(dict(extras or {})),
        full.get("isDeletable", True),
    )
    return _write(store, owner, name, full)


def _write(store: Store, owner: str, name: str, definition: Mapping[str, Any]) -> sqlite3.Row:
    kept = {key: value for key, value in definition.items() if "@" not in key and key != "id"}
    flags = [bool(kept.get(member)) for member in _FLAGS.values()]
    if kept.get("calculated") is not None and kept.get("indexed"):
        raise bad_request("A calculated column cannot be indexed")
    if kept.get("enforceUniqueValues") and not kept.get("indexed"):
        raise bad_request("A column with unique values must be indexed")
    store.run(
        f"UPDATE columns SET display_name=?, kind=?, definition=?, {'=?, '.join(_FLAGS)}=?"
        " WHERE owner=? AND name=?",
        kept["displayName"],
        kind_of(kept),
        json.dumps(kept),
        *flags,
        owner,
        name,
    )
    _check_indexes(store, owner)
    row = get(store, owner, name)
    if row["indexed"]:
        _index(store, name)
    return row


def path_of(name: str) -> str:
    """Return the SQL expression that reads a column out of an item's fields."""
    safe = "".join(char for char in name if char.isalnum() or char in "_-")
    return f"""json_extract(fields, '$."{safe}"')"""


def _index(store: Store, name: str) -> None:
    """Let SQLite find items by an indexed column, as SharePoint would (one index per name).

    The item's number comes last, so that a page of equals needs no sorting.
    """
    expression, plain = path_of(name), "".join(char for char in name if char.isalnum())
    store.run(
        f"CREATE INDEX IF NOT EXISTS items_having_{plain}"
        f" ON items(list_id, {expression} COLLATE NOCASE, id) WHERE {expression} IS NOT NULL"
    )


def _check_indexes(store: Store, owner: str) -> None:
    row = store.one("SELECT COUNT(*) AS n FROM columns WHERE owner=? AND indexed=1", owner)
    if row and row["n"] > INDEX_LIMIT:
        raise bad_request(f"A list has at most {INDEX_LIMIT} indexed columns")


def update(store: Store, owner: str, key: str, members: Mapping[str, Any]) -> sqlite3.Row:
    """Merge Graph members into a column found by id or internal name; its type cannot change."""
    row = get(store, owner, key)
    before = json.loads(row["definition"])
    facet = members.get(row["kind"])
    merged = {**before, **members, "name": row["name"]}
    if isinstance(facet, dict):
        merged[row["kind"]] = {**before.get(row["kind"], {}), **facet}
    if kind_of(merged) != row["kind"]:
        raise bad_request("The type of a column cannot be changed")
    formula_rules.check_column(merged, every(store, owner))
    done = _write(store, owner, row["name"], merged)
    calculated.refresh(store, owner)
    return done


def update_extras(store: Store, owner: str, key: str, members: Mapping[str, Any]) -> sqlite3.Row:
    """Merge SharePoint's own members (CustomFormatter …) into a column."""
    row = get(store, owner, key)
    merged = {**json.loads(row["extras"]), **members}
    store.run(
        "UPDATE columns SET extras=? WHERE owner=? AND name=?",
        json.dumps(merged),
        owner,
        row["name"],
    )
    return get(store, owner, row["name"])


def remove(store: Store, owner: str, key: str) -> None:
    row = get(store, owner, key)
    if not row["deletable"]:
        raise bad_request(f"The column {row['name']} cannot be deleted")
    store.run("DELETE FROM columns WHERE owner=? AND name=?", owner, row["name"])
    calculated.refresh(store, owner)


def every(store: Store, owner: str) -> list[sqlite3.Row]:
    return store.all("SELECT * FROM columns WHERE owner=? ORDER BY position", owner)


def find(store: Store, owner: str, key: str) -> sqlite3.Row | None:
    """Find a column by internal name or id."""
    return store.one("SELECT * FROM columns WHERE owner=? AND (name=? OR id=?)", owner, key, key)


def find_by_title(store: Store, owner: str, title: str) -> sqlite3.Row | None:
    """Find a column by internal name or, failing that, by display name."""
    return find(store, owner, title) or store.one(
        "SELECT * FROM columns WHERE owner=? AND display_name=? COLLATE NOCASE"
        " ORDER BY position LIMIT 1",
        owner,
        title,
    )


def get(store: Store, owner: str, key: str) -> sqlite3.Row:
    row = find(store, owner, key)
    if row is None:
        raise not_found(f"Column '{key}' does not exist.")
    return row


def copy_missing(store: Store, source: str, target: str, names: Iterable[str]) -> None:
    """Bring site columns into a list, leaving those it already has.

    Their formulas were checked on the site; here a column they read may come after them.
    """
    for name in names:
        row = find(store, source, name)
        if row is not None and find(store, target, name) is None:
            definition = {**json.loads(row["definition"]), "id": row["id"]}
            _add(store, target, definition, json.loads(row["extras"]), checked=False)
    calculated.refresh(store, target)
