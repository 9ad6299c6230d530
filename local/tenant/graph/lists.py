"""Graph: lists and libraries of a site, and its drives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.tenant.call import Answer
from local.tenant.errors import bad_request
from local.tenant.graph import find, odata, shapes
from local.tenant.routing import Route
from local.tenant.store import columns, content_types, principals
from local.tenant.store import lists as lists_store

if TYPE_CHECKING:
    import sqlite3

    from local.tenant.call import Call

QUOTA = 25 * 1024**4  # bytes: what a site collection has by default


def _shown(call: Call, row: sqlite3.Row) -> dict[str, Any]:
    """Return a list with what $select and $expand ask for."""
    wider = odata.expands(call.query.get("$expand", ""))
    body = shapes.list_(call.store, row)
    if "columns" in wider:
        body["columns"] = [shapes.column(entry) for entry in columns.every(call.store, row["id"])]
    if "contentTypes" in wider:
        body["contentTypes"] = [
            shapes.content_type(call.store, entry)
            for entry in content_types.every(call.store, row["id"])
        ]
    if "drive" in wider and row["is_library"]:
        body["drive"] = shapes.drive(call.store, row)
    return odata.pick(body, odata.selected(call.query), set(wider))


def every(call: Call) -> Answer:
    site = find.site(call)
    rows = lists_store.every(call.store, site["id"], call.who)
    rows = [
        row
        for row in rows
        if not lists_store.settings(row)["Hidden"] or "system" in call.query.get("$select", "")
    ]
    return Answer(
        body={
            "@odata.context": odata.context("sites/lists"),
            "value": [_shown(call, row) for row in rows],
        }
    )


def get(call: Call) -> Answer:
    body = _shown(call, find.list_(call))
    return Answer(body={"@odata.context": odata.context("sites/lists/$entity"), **body})


def create(call: Call) -> Answer:
    site, body = find.site(call, "manage"), call.json()
    info = body.get("list") or {}
    title = str(body.get("displayName") or body.get("name") or "")
    if not title:
        raise bad_request("displayName is required")
    settings = {
        name: info[member]
        for member, name in (("contentTypesEnabled", "ContentTypesEnabled"), ("hidden", "Hidden"))
        if member in info
    }
    new = lists_store.NewList(
        title,
        info.get("template") or "genericList",
        str(body.get("description") or ""),
        settings=settings,
        columns=tuple(body.get("columns") or ()),
    )
    row = lists_store.create(call.store, site, new, principals.actor_of(call.who))
    return Answer(
        201,
        {"@odata.context": odata.context("sites/lists/$entity"), **shapes.list_(call.store, row)},
    )


def update(call: Call) -> Answer:
    row, body = find.list_(call, "manage"), call.json()
    info = body.get("list") or {}
    members = {
        name: source[member]
        for source, member, name in (
            (body, "displayName", "Title"),
            (body, "description", "Description"),
            (info, "contentTypesEnabled", "ContentTypesEnabled"),
            (info, "hidden", "Hidden"),
        )
        if member in source
    }
    return Answer(body=shapes.list_(call.store, lists_store.update(call.store, row, members)))


def remove(call: Call) -> Answer:
    lists_store.remove(call.store, find.list_(call, "manage"))
    return Answer(204)


def drives(call: Call) -> Answer:
    site = find.site(call)
    rows = [row for row in lists_store.every(call.store, site["id"], call.who) if row["is_library"]]
    return Answer(
        body={
            "@odata.context": odata.context("drives"),
            "value": [shapes.drive(call.store, row) for row in rows],
        }
    )


def drives_of(call: Call) -> Answer:
    """Return the drives of the caller, a user or a group: the libraries of their own site."""
    kind = next((name for name in ("user", "group") if name in call.args), "own")
    site = find.home(call, kind, call.args.get(kind, ""))
    call.args["site"] = site["id"]
    return drives(call)


def drive(call: Call) -> Answer:
    """Return a drive with its quota: 25 TB, as a site has by default."""
    row = find.drive(call)
    body = shapes.drive(call.store, row)
    chosen = odata.selected(call.query)
    if not chosen or "quota" in chosen:
        body["quota"] = _quota(call, row)
    return Answer(
        body={
            "@odata.context": odata.context("drives/$entity"),
            **odata.pick(body, odata.selected(call.query)),
        }
    )


def _quota(call: Call, row: sqlite3.Row) -> dict[str, Any]:
    found = call.store.one(
        "SELECT COALESCE(SUM(CASE state WHEN 0 THEN size END), 0) AS used,"
        " COALESCE(SUM(CASE state WHEN 1 THEN size END), 0) AS deleted,"
        " COUNT(CASE WHEN state=0 AND kind='file' THEN 1 END) AS files"
        " FROM items WHERE list_id=?",
        row["id"],
    )
    used, gone, files = (found["used"], found["deleted"], found["files"]) if found else (0, 0, 0)
    return {"deleted": gone, "fileCount": files, "remaining": QUOTA - used, "state": "normal",
            "total": QUOTA, "used": used}  # fmt: skip


def operations(call: Call) -> Answer:
    """List the long-running operations of a site or list: none is long here."""
    (find.list_ if "list" in call.args else find.site)(call)
    return Answer(body={"@odata.context": odata.context("operations"), "value": []})


ROUTES = (
    Route("GET", "/me/drives", drives_of, 2),
    Route("GET", "/users/{user}/drives", drives_of, 2),
    Route("GET", "/groups/{group}/drives", drives_of, 2),
    Route("GET", "/sites/{site}/operations", operations, 2),
    Route("GET", "/sites/{site}/lists/{list}/operations", operations, 2),
    Route("GET", "/sites/{site}/lists", every, 2),
    Route("POST", "/sites/{site}/lists", create, 2),
    Route("GET", "/sites/{site}/lists/{list}", get, 1),
    Route("PATCH", "/sites/{site}/lists/{list}", update, 2),
    Route("DELETE", "/sites/{site}/lists/{list}", remove, 2),
    Route("GET", "/sites/{site}/drives", drives, 2),
    Route("GET", "/drives/{drive}", drive, 1),
)
