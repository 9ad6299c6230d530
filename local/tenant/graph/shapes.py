"""How sites, lists, columns, content types and drives look in Graph."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from local.tenant.store import (
    apps,
    columns,
    content_types,
    directory,
    homes,
    lists,
    sites,
    templates,
)

if TYPE_CHECKING:
    import sqlite3

    from local.tenant.store.database import Store


def identity(store: Store, actor: str) -> dict[str, Any]:
    """Return an identitySet: the user or the app behind an actor."""
    kind, _, ref = actor.partition(":")
    if kind == "app":
        app = apps.app(store, ref)
        return {"application": {"id": ref, "displayName": app.name if app else ref}}
    row = directory.user(store, ref)
    if row is None:
        return {"user": {"id": ref, "displayName": ref}}
    found = {"id": row["id"], "displayName": row["display_name"]}
    return {"user": {"email": row["mail"], **found} if row["mail"] else found}


def site(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "createdDateTime": row["created"],
        "description": row["description"],
        "id": sites.graph_id(row),
        "lastModifiedDateTime": row["modified"],
        "name": row["path"].rpartition("/")[2],
        "webUrl": sites.web_url(row),
        "displayName": row["title"],
        "siteCollection": {"hostname": row["host"], **({} if row["path"] else {"root": {}})},
        "isPersonalSite": homes.is_personal(row),
        "root": {},  # every site here is the top of its own collection
    }


def web_url(store: Store, row: sqlite3.Row, path: str = "") -> str:
    """Return the address of a list, or of a path inside it, as a browser opens it."""
    host = sites.by_id(store, row["site_id"])["host"]
    return f"https://{host}{quote(row['path'] + path)}"


def list_(store: Store, row: sqlite3.Row) -> dict[str, Any]:
    who = identity(store, row["created_by"])
    settings = lists.settings(row)
    return {
        "@odata.etag": f'"{row["id"]},{row["version"]}"',
        "createdDateTime": row["created"],
        "description": row["description"],
        "eTag": f'"{row["id"]},{row["version"]}"',
        "id": row["id"],
        "lastModifiedDateTime": row["modified"],
        "name": row["name"],
        "webUrl": web_url(store, row),
        "displayName": row["title"],
        "createdBy": who,
        "lastModifiedBy": who,
        "parentReference": {"siteId": sites.graph_id(sites.by_id(store, row["site_id"]))},
        "list": {
            "contentTypesEnabled": settings["ContentTypesEnabled"],
            "hidden": settings["Hidden"],
            "template": row["template"],
        },
    }


def _facet(kind: str, definition: dict[str, Any]) -> dict[str, Any]:
    """Return a column's type with what Graph fills in by itself for text."""
    said: dict[str, Any] = definition.get(kind) or {}
    if kind != "text":
        return said
    several = bool(said.get("allowMultipleLines"))
    filled = {"allowMultipleLines": False, "appendChangesToExistingText": False,
              "linesForEditing": 6 if several else 0, "textType": "plain"}  # fmt: skip
    return filled | ({} if several else {"maxLength": 255}) | said


def column(row: sqlite3.Row) -> dict[str, Any]:
    definition = json.loads(row["definition"])
    return {
        "columnGroup": definition.get("columnGroup", "Custom Columns"),
        "description": definition.get("description", ""),
        "displayName": row["display_name"],
        "enforceUniqueValues": bool(row["is_unique"]),
        "hidden": bool(row["hidden"]),
        "id": row["id"],
        "indexed": bool(row["indexed"]),
        "name": row["name"],
        "readOnly": bool(row["read_only"]),
        "required": bool(row["required"]),
        row["kind"]: _facet(row["kind"], definition),
        **{
            key: definition[key]
            for key in ("defaultValue", "validation", "isDeletable")
            if definition.get(key) is not None
        },
    }


def content_type(store: Store, row: sqlite3.Row) -> dict[str, Any]:
    parent = content_types.anywhere(store, row["parent_id"])
    base = {"id": row["parent_id"], "name": "System", "group": "_Hidden", "hidden": False}
    if parent is not None:
        base = {
            "id": parent["id"],
            "name": parent["name"],
            "description": parent["description"],
            "group": parent["group_name"],
            "hidden": bool(parent["hidden"]),
            "readOnly": bool(parent["read_only"]),
            "sealed": bool(parent["sealed"]),
        }
    return {
        "id": row["id"],
        "description": row["description"],
        "group": row["group_name"],
        "hidden": bool(row["hidden"]),
        "name": row["name"],
        "parentId": row["parent_id"],
        "readOnly": bool(row["read_only"]),
        "sealed": bool(row["sealed"]),
        "isBuiltIn": content_types.is_builtin(row["id"]),
        "base": base,
        "order": {"default": row["position"] == 0, "position": row["position"]},
        **_template(store, row),
    }


def _template(store: Store, row: sqlite3.Row) -> dict[str, Any]:
    """Return the document template of a content type that has one, as a documentSetContent."""
    url = templates.url_of(store, row)
    if not url:
        return {}
    kind = {"id": row["id"], "name": row["name"]}
    folder, _, name = url.rpartition("/")
    return {"documentTemplate": {"contentType": kind, "fileName": name, "folderName": folder}}


def content_type_columns(store: Store, row: sqlite3.Row) -> list[dict[str, Any]]:

    found = (columns.find(store, row["owner"], name) for name in content_types.fields_of(row))
    return [column(entry) for entry in found if entry is not None]


def drive(store: Store, row: sqlite3.Row) -> dict[str, Any]:
    site_row = sites.by_id(store, row["site_id"])
    personal = homes.is_personal(site_row)
    return {
        "createdDateTime": row["created"],
        "description": row["description"],
        "id": row["drive_id"],
        "lastModifiedDateTime": row["modified"],
        "name": "OneDrive" if personal else row["title"],
        "webUrl": web_url(store, row),
        "driveType": "business" if personal else "documentLibrary",
        "createdBy": identity(store, row["created_by"]),
        "owner": identity(store, site_row["owner"]),
    }
