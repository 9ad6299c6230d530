"""Moves and copies between libraries.

A move keeps the file's guid, versions and dates, and the columns the target has; the file gets a
new number and drive id, loses permissions of its own, and its old place shows it as deleted.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from local.tenant.errors import bad_request, name_exists
from local.tenant.store import (
    access,
    calculated,
    changes,
    columns,
    content_types,
    files,
    ids,
    items,
    lists,
    locks,
    names,
    retention,
    versions,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from local.tenant.store.database import Store
    from local.tenant.store.ids import Item
    from local.tenant.store.versions import Write


def _fitting(store: Store, target: sqlite3.Row, fields: Mapping[str, Any]) -> str:
    """Return the columns that exist in the target list, as JSON."""
    names = {str(row["name"]) for row in columns.every(store, target["id"])}
    known = names | {f"{name}LookupId" for name in names}
    return json.dumps({key: value for key, value in fields.items() if key in known})


def move(store: Store, item: Item, target: sqlite3.Row, to: tuple[str, str], how: Write) -> Item:
    """Move a file to (folder path, name) of any library; 409 if taken, 423 if it is held."""
    if item["list_id"] == target["id"]:
        return items.rename(store, target, item, to, how)
    if item["kind"] != "file":
        raise bad_request("Only files are moved between libraries")
    locks.require_free(store, item, how.actor)
    if item["site_id"] != target["site_id"]:
        retention.require(store, item, retention.MOVE_OUT)
    directory, name = to[0], names.checked_path(target["path"] + to[0], to[1])
    if items.exists(store, target, directory, name):
        raise name_exists(f"A file or folder with the name {name} already exists.")
    gone = changes.record(store, item, "delete", how.actor)
    changes.bury(store, item, gone)
    access.forget(store, item["unique_id"])
    store.run("DELETE FROM links WHERE unique_id=?", item["unique_id"])
    store.run("DELETE FROM items WHERE unique_id=?", item["unique_id"])
    store.run("UPDATE lists SET item_count=item_count-1 WHERE id=?", item["list_id"])
    return _arrive(store, item, target, to, how)


def _arrive(store: Store, item: Item, target: sqlite3.Row, to: tuple[str, str], how: Write) -> Item:
    directory, name = to
    parent = items.folder(store, target, directory)
    state: Item = {
        **item,
        "list_id": target["id"],
        "site_id": target["site_id"],
        "dir": directory,
        "name": name,
        "id": items.take_number(store, target),
        "etag": item["etag"] + 1,
        "parent_id": parent["unique_id"] if parent else target["root_id"],
        "scope": parent["scope"] if parent else target["scope"],
        "drive_item_id": ids.drive_item_id(target["drive_id"], item["unique_id"]),
        "content_type": content_types.default_of(store, target),
        "fields": _fitting(store, target, items.fields_of(item)),
        **_level(lists.settings(target), item),
    }
    known = calculated.settled(store, target["id"], state, items.fields_of(state))
    state["fields"] = json.dumps(known)
    state["seq"] = changes.record(store, state, "add", how.actor)
    items.write_row(store, state)
    versions.keep(store, state)
    store.run(
        "UPDATE lists SET item_count=item_count+1, modified=? WHERE id=?",
        store.stamp(),
        target["id"],
    )
    return state


def _level(settings: Mapping[str, Any], item: Item) -> dict[str, Any]:
    """Return what a version becomes under the target's rules: no moderation means approved."""
    if settings["EnableModeration"]:
        return {
            "level": versions.DRAFT,
            "published": "",
            "moderation": versions.UNFINISHED if item["minor"] else versions.PENDING,
        }
    if settings["EnableMinorVersions"] and item["minor"]:
        return {"moderation": versions.APPROVED}
    return {
        "level": versions.PUBLISHED,
        "moderation": versions.APPROVED,
        "published": versions.label(item),
    }


def copy(
    store: Store,
    source: tuple[sqlite3.Row, Item],
    target: sqlite3.Row,
    to: tuple[str, str],
    how: Write,
) -> Item:
    """Copy a file or a folder with all in it; the copy is a new item with one version."""
    list_row, item = source
    directory, name = to
    if item["kind"] == "folder":
        made = items.add(store, target, items.NewItem("folder", name, directory), how)
        for row in store.all(
            "SELECT * FROM items WHERE parent_id=? AND state=0", item["unique_id"]
        ):
            copy(store, (list_row, dict(row)), target, (items.path_of(made), row["name"]), how)
        return made
    made = files.upload(store, target, to, files.read(store, item["sha"]), how)
    kept = json.loads(_fitting(store, target, items.fields_of(item)))
    fields = json.dumps(calculated.settled(store, target["id"], made, kept))
    calculated.put(store, made, fields)
    return {**made, "fields": fields}
