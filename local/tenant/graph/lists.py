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


def _shown(call: Call, row: sqlite3.Row) -> dict[str, Any]:
    """Return a list with what $select and $expand ask for."""
    wider = odata.expands(call.query.get("$expand", ""))
    body = shapes.list_(call.store, row)
    if "columns" in wider:
        body["columns"] = [shapes.column(entry) for entry in columns.every(call.store, row["id"])]
    if "contentTypes" in wider:
        body["contentTypes"] = [
            shapes.content_type(entry) for entry in content_types.every(call.store, row["id"])
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
    if not body.get("displayName"):
        raise bad_request("displayName is required")
    settings = {
        name: info[member]
        for member, name in (("contentTypesEnabled", "ContentTypesEnabled"), ("hidden", "Hidden"))
        if member in info
    }
    new = lists_store.NewList(
        str(body["displayName"]),
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


def drive(call: Call) -> Answer:
    body = shapes.drive(call.store, find.drive(call))
    return Answer(
        body={
            "@odata.context": odata.context("drives/$entity"),
            **odata.pick(body, odata.selected(call.query)),
        }
    )


ROUTES = (
    Route("GET", "/sites/{site}/lists", every, 2),
    Route("POST", "/sites/{site}/lists", create, 2),
    Route("GET", "/sites/{site}/lists/{list}", get, 1),
    Route("PATCH", "/sites/{site}/lists/{list}", update, 2),
    Route("DELETE", "/sites/{site}/lists/{list}", remove, 2),
    Route("GET", "/sites/{site}/drives", drives, 2),
    Route("GET", "/drives/{drive}", drive, 1),
)
