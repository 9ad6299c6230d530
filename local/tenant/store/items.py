"""List items, folders and files: one row each, found by number, guid, drive id or path.

Functions that write take the acting principal in a `Write`; their callers have checked access.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from local.tenant.errors import bad_request, name_exists, not_found
from local.tenant.store import (
    calculated,
    changes,
    content_types,
    ids,
    lists,
    locks,
    names,
    principals,
    retention,
    validation,
    values,
    versions,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from local.tenant.store.database import Store
    from local.tenant.store.ids import Item
    from local.tenant.store.versions import Write

TABLES = """
CREATE TABLE IF NOT EXISTS items (
  list_id TEXT NOT NULL, id INTEGER NOT NULL, site_id TEXT NOT NULL, unique_id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL, parent_id TEXT NOT NULL, dir TEXT NOT NULL COLLATE NOCASE,
  name TEXT NOT NULL COLLATE NOCASE, fields TEXT NOT NULL, content_type TEXT NOT NULL,
  drive_item_id TEXT NOT NULL UNIQUE, created TEXT NOT NULL, created_by TEXT NOT NULL,
  modified TEXT NOT NULL, modified_by TEXT NOT NULL, etag INTEGER NOT NULL, ctag INTEGER NOT NULL,
  size INTEGER NOT NULL, sha TEXT NOT NULL, scope TEXT NOT NULL, seq INTEGER NOT NULL,
  state INTEGER NOT NULL DEFAULT 0, major INTEGER NOT NULL, minor INTEGER NOT NULL,
  level INTEGER NOT NULL, moderation INTEGER NOT NULL, published TEXT NOT NULL,
  checkout TEXT NOT NULL, comment TEXT NOT NULL,
  PRIMARY KEY (list_id, id));
CREATE UNIQUE INDEX IF NOT EXISTS items_by_name ON items(list_id, dir, name) WHERE state=0;
CREATE INDEX IF NOT EXISTS items_by_seq ON items(list_id, seq);
CREATE INDEX IF NOT EXISTS items_by_parent ON items(parent_id, name);
CREATE INDEX IF NOT EXISTS items_by_scope ON items(list_id, scope);
CREATE INDEX IF NOT EXISTS items_by_blob ON items(sha) WHERE sha<>'';
CREATE TABLE IF NOT EXISTS child_counts (
  parent_id TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS child_comes AFTER INSERT ON items WHEN NEW.state=0 BEGIN
  INSERT INTO child_counts VALUES (NEW.parent_id, 1) ON CONFLICT(parent_id) DO UPDATE SET n=n+1;
END;
CREATE TRIGGER IF NOT EXISTS child_goes AFTER DELETE ON items WHEN OLD.state=0 BEGIN
  UPDATE child_counts SET n=n-1 WHERE parent_id=OLD.parent_id;
END;
CREATE TRIGGER IF NOT EXISTS child_moves AFTER UPDATE OF parent_id, state ON items BEGIN
  UPDATE child_counts SET n=n-1 WHERE parent_id=OLD.parent_id AND OLD.state=0;
  INSERT INTO child_counts SELECT NEW.parent_id, 1 WHERE NEW.state=0
    ON CONFLICT(parent_id) DO UPDATE SET n=n+1;
END;
INSERT INTO child_counts SELECT parent_id, COUNT(*) FROM items
  WHERE state=0 AND NOT EXISTS (SELECT 1 FROM child_counts) GROUP BY parent_id;
"""

LIVE, RECYCLED = 0, 1


@dataclass(frozen=True, slots=True)
class NewItem:
    """What shall be made, a "file", "folder" or "item".

    `dir` is the folder inside the list ("" or "/a/b"); `values` are as given by the client; `sha`
    and `size` (bytes) belong to a file.
    """

    kind: str
    name: str = ""
    dir: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    content_type: str = ""
    sha: str = ""
    size: int = 0


def add(store: Store, list_row: sqlite3.Row, new: NewItem, how: Write) -> Item:
    """Make an item with its first version; 404 for a missing folder, 409 for a taken name."""
    starting = values.defaults(store, list_row, how.actor)
    stored = {**starting, **values.clean(store, list_row, new.values)}
    stored = {key: value for key, value in stored.items() if value is not None}
    parent = folder(store, list_row, new.dir)
    number = take_number(store, list_row)
    name = (
        names.checked_path(list_row["path"] + new.dir, new.name)
        if new.kind != "item"
        else f"{number}_.000"
    )
    if exists(store, list_row, new.dir, name):
        raise name_exists(f"A file or folder with the name {name} already exists.")
    values.require_unique(store, list_row, number, stored)
    at, unique_id = store.stamp(), ids.new_guid()
    settings = lists.settings(list_row)
    lacking = values.lacking(store, list_row["id"], stored) if new.kind == "file" else ""
    kept_back = how.actor if new.kind == "file" and (settings["ForceCheckout"] or lacking) else ""
    folder_kind = new.kind == "folder"
    state: Item = {
        "list_id": list_row["id"],
        "id": number,
        "site_id": list_row["site_id"],
        "unique_id": unique_id,
        "kind": new.kind,
        "parent_id": parent["unique_id"] if parent else list_row["root_id"],
        "dir": new.dir,
        "name": name,
        "fields": json.dumps(stored),
        "created": at,
        "created_by": how.actor,
        "modified": at,
        "modified_by": how.actor,
        "etag": 1,
        "ctag": 1,
        "size": new.size,
        "sha": new.sha,
        "content_type": new.content_type
        or content_types.default_of(store, list_row, folder=folder_kind),
        "drive_item_id": ids.drive_item_id(list_row["drive_id"], unique_id),
        "state": LIVE,
        "scope": parent["scope"] if parent else list_row["scope"],
        "checkout": kept_back,
        "comment": "",
        "published": "",
        **_first(settings, new.kind, checked_out=bool(kept_back)),
    }
    return _insert(store, list_row, state, how)


def _first(settings: Mapping[str, Any], kind: str, *, checked_out: bool) -> dict[str, Any]:
    if checked_out:
        return {
            "major": 0,
            "minor": 0,
            "level": versions.CHECKED_OUT,
            "moderation": versions.UNFINISHED,
        }
    if kind == "folder":
        return {
            "major": 1,
            "minor": 0,
            "level": versions.PUBLISHED,
            "moderation": versions.APPROVED,
        }
    return versions.first(settings)


def _insert(store: Store, list_row: sqlite3.Row, state: Item, how: Write) -> Item:
    if state["level"] == versions.PUBLISHED:
        state["published"] = versions.label(state)
    known = calculated.settled(store, list_row["id"], state, fields_of(state))
    state["fields"] = json.dumps(known)
    if state["kind"] == "item":
        validation.require(store, list_row, state)
    principals.ensure_actor(store, list_row["site_id"], how.actor)
    state["seq"] = changes.record(store, state, "add", how.actor)
    write_row(store, state)
    if state["level"] != versions.CHECKED_OUT:
        versions.keep(store, state)
    store.run(
        "UPDATE lists SET item_count=item_count+1, modified=? WHERE id=?",
        state["modified"],
        list_row["id"],
    )
    return state


def write_row(store: Store, state: Item) -> None:
    """Insert a complete row (used for a new item and for one that arrives from another library)."""
    store.run(
        f"INSERT INTO items ({', '.join(state)}) VALUES ({','.join('?' * len(state))})",
        *state.values(),
    )


def take_number(store: Store, list_row: sqlite3.Row) -> int:
    """Return the next item number of a list; numbers are never used twice."""
    sql = "UPDATE lists SET next_item=next_item+1 WHERE id=? RETURNING next_item-1 AS n"
    row = store.one(sql, list_row["id"])
    return int(row["n"]) if row else 1


def _found(row: sqlite3.Row | None) -> Item:
    if row is None:
        raise not_found("The resource could not be found.")
    return dict(row)


def get(store: Store, list_row: sqlite3.Row, item_id: int | str) -> Item:
    """Find a live item by its number; 404 otherwise."""
    number = int(item_id) if str(item_id).isdecimal() else -1
    return _found(
        store.one(
            "SELECT * FROM items WHERE list_id=? AND id=? AND state=0", list_row["id"], number
        )
    )


def by_unique(store: Store, unique_id: str) -> Item:
    return _found(store.one("SELECT * FROM items WHERE unique_id=? AND state=0", unique_id.lower()))


def by_drive_item(store: Store, list_row: sqlite3.Row, drive_item_id: str) -> Item:
    return _found(
        store.one(
            "SELECT * FROM items WHERE drive_item_id=? AND list_id=? AND state=0",
            drive_item_id.upper(),
            list_row["id"],
        )
    )


def by_path(store: Store, list_row: sqlite3.Row, path: str) -> Item:
    """Find a file or folder by its path inside the list ("/a/b.docx")."""
    where, _, name = path.rstrip("/").rpartition("/")
    return _found(
        store.one(
            "SELECT * FROM items WHERE list_id=? AND dir=? AND name=? AND state=0",
            list_row["id"],
            where,
            name,
        )
    )


def exists(store: Store, list_row: sqlite3.Row, directory: str, name: str) -> Item | None:
    row = store.one(
        "SELECT * FROM items WHERE list_id=? AND dir=? AND name=? AND state=0",
        list_row["id"],
        directory,
        name,
    )
    return None if row is None else dict(row)


def folder(store: Store, list_row: sqlite3.Row, directory: str) -> Item | None:
    """Return the folder at a path inside the list, None for its root; 404 when it is no folder."""
    if not directory:
        return None
    row = by_path(store, list_row, directory)
    if row["kind"] != "folder":
        raise bad_request(f"{directory} is not a folder")
    return row


def path_of(item: Mapping[str, Any]) -> str:
    """Return the item's path inside its list ("/a/b.docx")."""
    return f"{item['dir']}/{item['name']}"


def fields_of(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return the stored columns, by internal name (see `values`)."""
    loaded: dict[str, Any] = json.loads(item["fields"])
    return loaded


def children_count(store: Store, unique_id: str) -> int:
    row = store.one("SELECT n FROM child_counts WHERE parent_id=?", unique_id)
    return int(row["n"]) if row else 0


def write_fields(
    store: Store, list_row: sqlite3.Row, item: Item, given: Mapping[str, Any], how: Write
) -> Item:
    """Write columns. FileLeafRef renames, ContentType changes the type; all else is stored.

    Raises 400 for a column or value that does not fit, 423 while another holds the file.
    """
    locks.require_free(store, item, how.actor)
    stored = values.clean(store, list_row, given)
    new: dict[str, Any] = {}
    name = stored.pop("FileLeafRef", None)
    if name and name != item["name"]:
        item = rename(store, list_row, item, (item["dir"], str(name)), how)
    if (type_name := stored.pop("ContentType", None)) is not None:
        new["content_type"] = values.content_type_id(store, list_row, str(type_name))
    merged = {**fields_of(item), **stored}
    new["fields"] = json.dumps({key: value for key, value in merged.items() if value is not None})
    values.require_unique(store, list_row, item["id"], stored)
    validation.require(store, list_row, {**item, **new})
    done = versions.commit(store, list_row, item, new, how)
    lists.touch(store, list_row["id"])
    return done


def rename(
    store: Store, list_row: sqlite3.Row, item: Item, to: tuple[str, str], how: Write
) -> Item:
    """Rename or move inside the list to (folder path, name); no version is made; 409 if taken."""
    locks.require_free(store, item, how.actor)
    directory, name = to[0], names.checked_path(list_row["path"] + to[0], to[1])
    taken = exists(store, list_row, directory, name)
    if taken is not None and taken["unique_id"] != item["unique_id"]:
        raise name_exists(f"A file or folder with the name {name} already exists.")
    parent = folder(store, list_row, directory)
    own = item["scope"] == item["unique_id"]
    scope = item["scope"] if own else (parent["scope"] if parent else list_row["scope"])
    parent_id = parent["unique_id"] if parent else list_row["root_id"]
    if item["kind"] == "folder":
        _move_below(store, item, directory, name, scope)
    store.run(
        "UPDATE items SET dir=?, name=?, parent_id=?, scope=? WHERE unique_id=?",
        directory,
        name,
        parent_id,
        scope,
        item["unique_id"],
    )
    moved = {**item, "dir": directory, "name": name, "parent_id": parent_id, "scope": scope}
    quiet = versions.Write(how.who, version=False, touch=how.touch, kind="rename")
    return versions.commit(store, list_row, moved, {"name": name}, quiet)


def _move_below(store: Store, item: Item, directory: str, name: str, scope: str) -> None:
    """Carry a folder's descendants along: their paths, and the scope they inherit."""
    old, new = path_of(item), f"{directory}/{name}"
    if f"{new}/".casefold().startswith(f"{old}/".casefold()) and old.casefold() != new.casefold():
        raise bad_request("A folder cannot be moved into itself")
    below = "list_id=? AND (dir=? OR substr(dir, 1, ?)=? COLLATE NOCASE)"
    place = (item["list_id"], old, len(old) + 1, f"{old}/")
    store.run(f"UPDATE items SET scope=? WHERE {below} AND scope=?", scope, *place, item["scope"])
    store.run(f"UPDATE items SET dir=? || substr(dir, ?) WHERE {below}", new, len(old) + 1, *place)


def tree(store: Store, item: Item, state: int) -> list[Item]:
    """Return the item and everything below it that is in the given state, deepest last."""
    rows = store.all(
        "WITH RECURSIVE down(id) AS (SELECT ? UNION ALL SELECT i.unique_id FROM items i JOIN down"
        " ON i.parent_id=down.id) SELECT i.*"
        " FROM items i JOIN down ON i.unique_id=down.id WHERE i.state=?"
        " ORDER BY length(i.dir)",
        item["unique_id"],
        state,
    )
    return [dict(row) for row in rows]


def recycle(store: Store, item: Item, how: Write) -> None:
    """Delete into the recycle bin, a folder with all that is in it; 423 while another holds it."""
    doomed = tree(store, item, LIVE)
    for entry in doomed:
        locks.require_free(store, entry, how.actor)
        retention.require(store, entry, retention.DELETE)
    for entry in doomed:
        seq = changes.record(store, entry, "delete", how.actor)
        store.run(
            "UPDATE items SET state=?, seq=? WHERE unique_id=?", RECYCLED, seq, entry["unique_id"]
        )
        changes.bury(store, entry, seq)
    store.run(
        "UPDATE lists SET item_count=item_count-?, modified=? WHERE id=?",
        len(doomed),
        store.stamp(),
        item["list_id"],
    )


def recycled(store: Store, site_id: str) -> list[Item]:
    """Return what lies in a site's recycle bin, newest first."""
    rows = store.all("SELECT * FROM items WHERE site_id=? AND state=1 ORDER BY seq DESC", site_id)
    return [dict(row) for row in rows]


def restore(store: Store, unique_id: str, how: Write) -> Item:
    """Bring an item back with its old number, guid and versions; 409 if its name is taken."""
    item = _found(store.one("SELECT * FROM items WHERE unique_id=? AND state=1", unique_id))
    list_row = lists.by_id(store, item["list_id"])
    if exists(store, list_row, item["dir"], item["name"]):
        raise name_exists()
    folder(store, list_row, item["dir"])
    back = tree(store, item, RECYCLED)
    for entry in back:
        seq = changes.record(store, entry, "restore", how.actor)
        store.run(
            "UPDATE items SET state=?, seq=?, etag=etag+1 WHERE unique_id=?",
            LIVE,
            seq,
            entry["unique_id"],
        )
        changes.unbury(store, entry["list_id"], entry["id"])
    store.run("UPDATE lists SET item_count=item_count+? WHERE id=?", len(back), item["list_id"])
    return by_unique(store, unique_id)
