"""Graph: columns and content types of sites and lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.tenant.call import Answer
from local.tenant.errors import bad_request
from local.tenant.graph import find, odata, shapes
from local.tenant.routing import Route
from local.tenant.store import columns, content_types

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.tenant.call import Call
    from local.tenant.routing import Handler

_TYPES_PATH = "sites/contentTypes"


def _owner(call: Call, verb: str) -> str:
    """Return the guid of the site or list in the address."""
    return str((find.list_ if "list" in call.args else find.site)(call, verb)["id"])


def every(call: Call) -> Answer:
    rows = columns.every(call.store, _owner(call, "read"))
    return Answer(
        body={
            "@odata.context": odata.context("columns"),
            "value": [odata.pick(shapes.column(row), odata.selected(call.query)) for row in rows],
        }
    )


def get(call: Call) -> Answer:
    return Answer(
        body=shapes.column(columns.get(call.store, _owner(call, "read"), call.args["column"]))
    )


def create(call: Call) -> Answer:
    """Add a column; one that names a site column (`sourceColumn` or its id) copies it."""
    owner, body = _owner(call, "manage"), call.json()
    if bind := body.pop("sourceColumn@odata.bind", None):
        source = columns.get(
            call.store, find.site_of(call, call.args["site"])["id"], str(bind).rpartition("/")[2]
        )
        columns.copy_missing(call.store, source["owner"], owner, [source["name"]])
        return Answer(201, shapes.column(columns.get(call.store, owner, source["name"])))
    row = columns.add(call.store, owner, body)
    return Answer(201, shapes.column(row))


def update(call: Call) -> Answer:
    row = columns.update(call.store, _owner(call, "manage"), call.args["column"], call.json())
    return Answer(body=shapes.column(row))


def remove(call: Call) -> Answer:
    columns.remove(call.store, _owner(call, "manage"), call.args["column"])
    return Answer(204)


def types(call: Call) -> Answer:
    rows = content_types.every(call.store, _owner(call, "read"))
    return Answer(
        body={
            "@odata.context": odata.context(_TYPES_PATH),
            "value": [_type_shown(call, row) for row in rows],
        }
    )


def _type_shown(call: Call, row: Any) -> dict[str, Any]:
    body = shapes.content_type(row)
    if "columns" in odata.expands(call.query.get("$expand", "")):
        body["columns"] = shapes.content_type_columns(call.store, row)
    return odata.pick(body, odata.selected(call.query), {"columns"})


def type_get(call: Call) -> Answer:
    return Answer(
        body=_type_shown(
            call, content_types.get(call.store, _owner(call, "read"), call.args["type"])
        )
    )


def type_create(call: Call) -> Answer:
    site, body = find.site(call, "manage"), call.json()
    base = body.get("base") or {}
    if not body.get("name") or not (base.get("id") or base.get("name")):
        raise bad_request("name and base are required")
    parent = base.get("id") or _id_of(call, site["id"], str(base["name"]))
    row = content_types.create(call.store, site["id"], str(body["name"]), parent, body)
    return Answer(201, shapes.content_type(row))


def _id_of(call: Call, site_id: str, name: str) -> str:
    row = content_types.find_by_name(call.store, site_id, name)
    if row is None:
        raise bad_request(f"There is no content type {name}")
    return str(row["id"])


def type_update(call: Call) -> Answer:
    row = content_types.update(call.store, _owner(call, "manage"), call.args["type"], call.json())
    return Answer(body=shapes.content_type(row))


def type_remove(call: Call) -> Answer:
    content_types.remove(call.store, _owner(call, "manage"), call.args["type"])
    return Answer(204)


def type_copy(call: Call) -> Answer:
    """addCopy: bring a site content type and its columns into the list."""
    row, given = find.list_(call, "manage"), call.json().get("contentType")
    name = given.get("id") if isinstance(given, dict) else given
    if not name:
        raise bad_request("contentType is required")
    copied = content_types.add_to_list(call.store, row, str(name).rpartition("/")[2])
    return Answer(201, shapes.content_type(copied))


def type_columns(call: Call) -> Answer:
    row = content_types.get(call.store, _owner(call, "read"), call.args["type"])
    return Answer(
        body={
            "@odata.context": odata.context("columns"),
            "value": shapes.content_type_columns(call.store, row),
        }
    )


def type_column_add(call: Call) -> Answer:
    """Add an existing site column (`sourceColumn@odata.bind`) to a content type."""
    owner, body = _owner(call, "manage"), call.json()
    bind = body.get("sourceColumn@odata.bind") or (body.get("sourceColumn") or {}).get("id")
    if not bind:
        raise bad_request("sourceColumn@odata.bind is required")
    row = columns.get(call.store, owner, str(bind).rpartition("/")[2])
    content_types.add_field(call.store, owner, call.args["type"], row["name"])
    return Answer(201, shapes.column(row))


def type_column_remove(call: Call) -> Answer:
    owner = _owner(call, "manage")
    row = columns.get(call.store, owner, call.args["column"])
    content_types.remove_field(call.store, owner, call.args["type"], row["name"])
    return Answer(204)


def _both(method: str, tail: str, handler: Handler, cost: int) -> tuple[Route, ...]:
    return (
        Route(method, f"/sites/{{site}}{tail}", handler, cost),
        Route(method, f"/sites/{{site}}/lists/{{list}}{tail}", handler, cost),
    )


_TABLE: tuple[tuple[str, str, Callable[[Call], Answer], int], ...] = (
    ("GET", "/columns", every, 2),
    ("POST", "/columns", create, 2),
    ("GET", "/columns/{column}", get, 1),
    ("PATCH", "/columns/{column}", update, 2),
    ("DELETE", "/columns/{column}", remove, 2),
    ("GET", "/contentTypes", types, 2),
    ("GET", "/contentTypes/{type}", type_get, 1),
    ("PATCH", "/contentTypes/{type}", type_update, 2),
    ("DELETE", "/contentTypes/{type}", type_remove, 2),
    ("GET", "/contentTypes/{type}/columns", type_columns, 2),
    ("POST", "/contentTypes/{type}/columns", type_column_add, 2),
    ("DELETE", "/contentTypes/{type}/columns/{column}", type_column_remove, 2),
)
ROUTES = (
    *(route for entry in _TABLE for route in _both(*entry)),
    Route("POST", "/sites/{site}/contentTypes", type_create, 2),
    Route("POST", "/sites/{site}/lists/{list}/contentTypes/addCopy", type_copy, 2),
)
