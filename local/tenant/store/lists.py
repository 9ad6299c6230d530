"""Lists and libraries with their settings; a library has a drive and a root folder."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from local.tenant.errors import Refusal, bad_request, not_found
from local.tenant.store import access, builtin, columns, content_types, formula_rules, ids, views

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from local.tenant.call import Principal
    from local.tenant.store.database import Store

TABLES = """
CREATE TABLE IF NOT EXISTS lists (
  id TEXT PRIMARY KEY, site_id TEXT NOT NULL, title TEXT NOT NULL COLLATE NOCASE,
  name TEXT NOT NULL,
  path TEXT NOT NULL COLLATE NOCASE UNIQUE, description TEXT NOT NULL DEFAULT '',
  template TEXT NOT NULL, base INTEGER NOT NULL, is_library INTEGER NOT NULL,
  drive_id TEXT NOT NULL UNIQUE,
  root_id TEXT NOT NULL, scope TEXT NOT NULL, settings TEXT NOT NULL,
  next_item INTEGER NOT NULL DEFAULT 1, item_count INTEGER NOT NULL DEFAULT 0,
  generation INTEGER NOT NULL DEFAULT 1, gone_code TEXT NOT NULL DEFAULT '',
  created TEXT NOT NULL, created_by TEXT NOT NULL, modified TEXT NOT NULL,
  version INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS lists_by_site ON lists(site_id, title);
"""

TEMPLATES = {
    "documentLibrary": 101,
    "genericList": 100,
    "links": 103,
    "announcements": 104,
    "contacts": 105,
    "events": 106,
    "tasks": 107,
    "survey": 102,
    "pictureLibrary": 109,
}
SETTINGS: dict[str, Any] = {
    "EnableVersioning": True,
    "EnableMinorVersions": False,
    "MajorVersionLimit": 500,
    "MajorWithMinorVersionsLimit": 0,
    "EnableModeration": False,
    "DraftVersionVisibility": 0,
    "ForceCheckout": False,
    "NoCrawl": False,
    "Hidden": False,
    "ContentTypesEnabled": False,
    "ValidationFormula": "",
    "ValidationMessage": "",
    "EnableAttachments": True,
    "EnableFolderCreation": True,
    "OnQuickLaunch": False,
    "ReadSecurity": 1,
    "WriteSecurity": 1,
    "IrmEnabled": False,
}


@dataclass(frozen=True, slots=True)
class NewList:
    """`template` is Graph's word (documentLibrary …); `url` overrides the folder's name."""

    title: str
    template: str = "genericList"
    description: str = ""
    url: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    columns: Sequence[Mapping[str, Any]] = ()


def create(store: Store, site: sqlite3.Row, new: NewList, actor: str) -> sqlite3.Row:
    """Make a list or library with its columns, content types and default view; 409 if taken."""
    if new.template not in TEMPLATES:
        raise bad_request(f"The list template {new.template} is not supported")
    library = new.template in {"documentLibrary", "pictureLibrary"}
    name = new.url or new.title
    path = f"{site['path']}/{name}" if library else f"{site['path']}/Lists/{name}"
    if store.one(
        "SELECT 1 FROM lists WHERE (site_id=? AND title=?) OR path=?", site["id"], new.title, path
    ):
        raise Refusal(
            409,
            "nameAlreadyExists",
            "A list, survey, discussion board, or document library with "
            "the specified title already exists in this Web site.",
            -2130575342,
            "Microsoft.SharePoint.SPException",
        )
    list_id, at = ids.new_guid(), store.stamp()
    settings = {**SETTINGS, "EnableAttachments": not library, **new.settings}
    store.run(
        "INSERT INTO lists (id, site_id, title, name, path, description, template, base,"
        " is_library,"
        " drive_id, root_id, scope, settings, created, created_by, modified)"
        " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        list_id,
        site["id"],
        new.title,
        name,
        path,
        new.description,
        new.template,
        TEMPLATES[new.template],
        library,
        ids.drive_id(site["id"], site["web_id"], list_id),
        ids.new_guid(),
        site["id"],
        json.dumps(settings),
        at,
        actor,
        at,
    )
    row = by_id(store, list_id)
    _furnish(store, row, new)
    return row


def _furnish(store: Store, row: sqlite3.Row, new: NewList) -> None:
    """Columns, content types and the default view of a new list."""
    for column in (*(builtin.LIBRARY if row["is_library"] else builtin.LIST), *builtin.COMMON):
        columns.add(store, row["id"], column)
    for column in new.columns:
        columns.add(store, row["id"], column)
    for ct_id in (builtin.DOCUMENT if row["is_library"] else builtin.ITEM, builtin.FOLDER):
        content_types.add_to_list(store, row, ct_id)
    if row["is_library"]:
        views.add(
            store,
            row,
            "All Documents",
            ["DocIcon", "LinkFilename", "Modified", "Editor"],
            default=True,
        )
    else:
        views.add(store, row, "All Items", ["LinkTitle"], default=True)


def by_id(store: Store, list_id: str) -> sqlite3.Row:
    row = store.one("SELECT * FROM lists WHERE id=?", list_id.lower())
    if row is None:
        raise not_found("List not found")
    return row


def find(store: Store, site_id: str, key: str) -> sqlite3.Row:
    """Find a site's list by guid, title or folder name; 404 otherwise."""
    row = store.one(
        "SELECT * FROM lists WHERE site_id=? AND (id=? OR title=? OR name=?)",
        site_id,
        key.strip("{}").lower(),
        key,
        key,
    )
    if row is None:
        raise not_found("List not found")
    return row


def by_drive(store: Store, drive_id: str) -> sqlite3.Row:
    row = store.one("SELECT * FROM lists WHERE drive_id=? AND is_library=1", drive_id)
    if row is None:
        raise not_found("The resource could not be found.")
    return row


def by_path(store: Store, path: str) -> sqlite3.Row:
    """Find a list by the server-relative path of its folder (`/sites/core/Lists/Risks`)."""
    row = store.one("SELECT * FROM lists WHERE path=?", path.rstrip("/"))
    if row is None:
        raise not_found("List not found")
    return row


def default_library(store: Store, site_id: str) -> sqlite3.Row:
    """Return the site's default document library: its oldest."""
    row = store.one(
        "SELECT * FROM lists WHERE site_id=? AND base=101 ORDER BY rowid LIMIT 1", site_id
    )
    if row is None:
        raise not_found("The site has no document library")
    return row


def every(store: Store, site_id: str, who: Principal) -> list[sqlite3.Row]:
    """Return the lists of a site that the caller may read, in the order they were made."""
    rows = store.all("SELECT * FROM lists WHERE site_id=? ORDER BY rowid", site_id)
    return [row for row in rows if access.may(store, who, access.of_list(row), "read")]


def settings(row: sqlite3.Row) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(row["settings"])
    return loaded


def update(store: Store, row: sqlite3.Row, members: Mapping[str, Any]) -> sqlite3.Row:
    """Merge `Title`, `Description` and settings by SharePoint's names; 400 for an unknown one.

    Minor versions need versioning. Content approval marks what is already there as approved,
    which is why nothing else is touched when it is turned on.
    """
    unknown = set(members) - set(SETTINGS) - {"Title", "Description"}
    if unknown:
        raise bad_request(f"The property '{min(unknown)}' does not exist on type 'SP.List'.")
    merged = {**settings(row), **{key: value for key, value in members.items() if key in SETTINGS}}
    if formula := members.get("ValidationFormula"):
        formula_rules.check_list(str(formula), columns.every(store, row["id"]))
    if members.get("EnableModeration") and "DraftVersionVisibility" not in members:
        merged["DraftVersionVisibility"] = 2
    if members.get("EnableMinorVersions"):
        merged["EnableVersioning"] = True
    store.run(
        "UPDATE lists SET title=?, description=?, settings=?, modified=?, version=version+1"
        " WHERE id=?",
        members.get("Title", row["title"]),
        members.get("Description", row["description"]),
        json.dumps(merged),
        store.stamp(),
        row["id"],
    )
    return by_id(store, row["id"])


def touch(store: Store, list_id: str) -> None:
    store.run("UPDATE lists SET modified=?, version=version+1 WHERE id=?", store.stamp(), list_id)


def remove(store: Store, row: sqlite3.Row) -> None:
    """Delete a list and everything in it."""
    inside = "SELECT unique_id FROM items WHERE list_id=?"
    for table, key in (
        ("versions", "unique_id"),
        ("locks", "unique_id"),
        ("links", "unique_id"),
        ("attachments", "unique_id"),
        ("kept", "owner"),
    ):
        store.run(f"DELETE FROM {table} WHERE {key} IN ({inside})", row["id"])
    own = "SELECT scope FROM scopes WHERE list_id=?"
    store.run(f"DELETE FROM assignments WHERE scope IN ({own})", row["id"])
    for table, key in (
        ("scopes", "list_id"),
        ("items", "list_id"),
        ("tombstones", "list_id"),
        ("columns", "owner"),
        ("content_types", "owner"),
        ("views", "list_id"),
        ("kept", "owner"),
        ("lists", "id"),
    ):
        store.run(f"DELETE FROM {table} WHERE {key}=?", row["id"])


def expire_tokens(store: Store, list_id: str, code: str = "resyncChangesApplyDifferences") -> None:
    """Make every delta token given out for this list answer 410 with `code`."""
    store.run("UPDATE lists SET generation=generation+1, gone_code=? WHERE id=?", code, list_id)


def root_item_id(row: sqlite3.Row) -> str:
    """Return the driveItem id of a library's root folder."""
    return ids.drive_item_id(row["drive_id"], row["root_id"])
