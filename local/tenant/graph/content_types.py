"""Graph: content types of sites and lists, their columns, and the hub they can be published to.

The root site is the tenant's content type hub: what is published there, and what every site has
from the start, can be brought to other sites and lists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.tenant.call import Answer
from local.tenant.errors import bad_request, not_found
from local.tenant.graph import find, odata, shapes
from local.tenant.graph.columns import both, owner_of
from local.tenant.routing import Route
from local.tenant.store import columns, content_types, sites, templates

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from local.tenant.call import Call

_TYPES_PATH = "sites/contentTypes"
_PUBLISHED, _OVERRIDES = "published_types", "type_columns"  # keys among a site's settings


def every(call: Call) -> Answer:
    rows = content_types.every(call.store, owner_of(call, "read"))
    return Answer(
        body={
            "@odata.context": odata.context(_TYPES_PATH),
            "value": [shown(call, row) for row in rows],
        }
    )


def shown(call: Call, row: sqlite3.Row) -> dict[str, Any]:
    body = shapes.content_type(call.store, row)
    if "columns" in odata.expands(call.query.get("$expand", "")):
        body["columns"] = _columns(call, row)
    return odata.pick(body, odata.selected(call.query), {"columns"})


def get(call: Call) -> Answer:
    return Answer(
        body=shown(call, content_types.get(call.store, owner_of(call, "read"), call.args["type"]))
    )


def create(call: Call) -> Answer:
    site, body = find.site(call, "manage"), call.json()
    base = body.get("base") or {}
    if not body.get("name") or not (base.get("id") or base.get("name")):
        raise bad_request("name and base are required")
    parent = base.get("id") or _id_of(call, site["id"], str(base["name"]))
    row = content_types.create(call.store, site["id"], str(body["name"]), parent, body)
    return Answer(201, shapes.content_type(call.store, row))


def _id_of(call: Call, site_id: str, name: str) -> str:
    row = content_types.find_by_name(call.store, site_id, name)
    if row is None:
        raise bad_request(f"There is no content type {name}")
    return str(row["id"])


def update(call: Call) -> Answer:
    body = call.json()
    row = content_types.update(call.store, owner_of(call, "manage"), call.args["type"], body)
    if isinstance(said := body.get("documentTemplate"), dict):
        templates.put(call.store, row["owner"], row["id"], str(said.get("fileName") or ""))
    return Answer(body=shapes.content_type(call.store, row))


def remove(call: Call) -> Answer:
    owner = owner_of(call, "manage")
    content_types.remove(call.store, owner, call.args["type"])
    templates.put(call.store, owner, call.args["type"], "")
    return Answer(204)


def add_copy(call: Call) -> Answer:
    """addCopy: bring a site content type and its columns into the list."""
    row, given = find.list_(call, "manage"), call.json().get("contentType")
    name = given.get("id") if isinstance(given, dict) else given
    if not name:
        raise bad_request("contentType is required")
    type_id = str(name).rpartition("/")[2]
    copied = content_types.add_to_list(call.store, row, type_id)
    templates.inherit(call.store, content_types.get(call.store, row["site_id"], type_id), copied)
    return Answer(201, shapes.content_type(call.store, copied))


def columns_of(call: Call) -> Answer:
    row = content_types.get(call.store, owner_of(call, "read"), call.args["type"])
    return Answer(
        body={
            "@odata.context": odata.context("columns"),
            "value": _columns(call, row),
        }
    )


def add_column(call: Call) -> Answer:
    """Add an existing site column (`sourceColumn@odata.bind`) to a content type."""
    owner, body = owner_of(call, "manage"), call.json()
    bind = body.get("sourceColumn@odata.bind") or (body.get("sourceColumn") or {}).get("id")
    if not bind:
        raise bad_request("sourceColumn@odata.bind is required")
    row = columns.get(call.store, owner, str(bind).rpartition("/")[2])
    content_types.add_field(call.store, owner, call.args["type"], row["name"])
    return Answer(201, shapes.column(row))


def remove_column(call: Call) -> Answer:
    owner = owner_of(call, "manage")
    row = columns.get(call.store, owner, call.args["column"])
    content_types.remove_field(call.store, owner, call.args["type"], row["name"])
    return Answer(204)


def _overrides(call: Call, row: sqlite3.Row) -> dict[str, dict[str, bool]]:
    """Return what a content type says of its columns by itself: required and hidden."""
    site = find.site_of(call, call.args["site"])
    found: dict[str, Any] = sites.settings(site).get(_OVERRIDES, {})
    own: dict[str, dict[str, bool]] = found.get(f"{row['owner']}/{row['id']}", {})
    return own


def _columns(call: Call, row: sqlite3.Row) -> list[dict[str, Any]]:
    said = _overrides(call, row)
    return [
        {**column, **said.get(column["name"], {})}
        for column in shapes.content_type_columns(call.store, row)
    ]


def _column(call: Call, row: sqlite3.Row) -> dict[str, Any]:
    key = call.args["column"].lower()
    for column in _columns(call, row):
        if key in {column["id"].lower(), column["name"].lower()}:
            return column
    raise not_found("The content type has no such column.")


def get_column(call: Call) -> Answer:
    row = content_types.get(call.store, owner_of(call, "read"), call.args["type"])
    return Answer(body=_column(call, row))


def update_column(call: Call) -> Answer:
    """Say whether a column is required or hidden in this content type; nothing else is its own."""
    row = content_types.get(call.store, owner_of(call, "manage"), call.args["type"])
    column, body = _column(call, row), call.json()
    said: dict[str, bool] = {key: bool(body[key]) for key in ("required", "hidden") if key in body}
    if set(body) - {"required", "hidden", "@odata.type"}:
        raise bad_request("Only required and hidden can be changed on a content type's column.")
    site = find.site_of(call, call.args["site"])
    every_one = dict(sites.settings(site).get(_OVERRIDES, {}))
    own = _overrides(call, row)
    own = {**own, column["name"]: {**own.get(column["name"], {}), **said}}
    every_one[f"{row['owner']}/{row['id']}"] = own
    sites.put_setting(call.store, site["id"], _OVERRIDES, every_one)
    return Answer(body={**column, **said})


def _published(site: sqlite3.Row) -> list[str]:
    found: list[str] = sites.settings(site).get(_PUBLISHED, [])
    return found


def publish(call: Call) -> Answer:
    return _set_published(call, on=True)


def unpublish(call: Call) -> Answer:
    return _set_published(call, on=False)


def _set_published(call: Call, *, on: bool) -> Answer:
    row = content_types.get(call.store, owner_of(call, "manage"), call.args["type"])
    site = find.site_of(call, call.args["site"])
    names = [each for each in _published(site) if each != row["id"]]
    if not on and len(names) == len(_published(site)):
        raise bad_request("The content type is not published.")
    names += [row["id"]] if on else []
    sites.put_setting(call.store, site["id"], _PUBLISHED, names)
    return Answer(204)


def is_published(call: Call) -> Answer:
    row = content_types.get(call.store, owner_of(call, "read"), call.args["type"])
    value = row["id"] in _published(find.site_of(call, call.args["site"]))
    return Answer(body={"@odata.context": odata.context("Edm.Boolean"), "value": value})


def _hub(call: Call) -> list[sqlite3.Row]:
    """Return the content types that the hub offers."""
    hub = sites.by_path(call.store, "")
    offered = set(_published(hub))
    return [
        row
        for row in content_types.every(call.store, hub["id"])
        if row["id"] in offered or content_types.is_builtin(row["id"])
    ]


def compatible(call: Call) -> Answer:
    """List the hub's content types that this site or list does not have yet, or has as it came."""
    owner_of(call, "read")
    return _collection(call, _hub(call))


def _collection(call: Call, rows: list[sqlite3.Row]) -> Answer:
    context = odata.context("Collection(microsoft.graph.contentType)")
    return Answer(body={"@odata.context": context, "value": [shown(call, row) for row in rows]})


def applicable(call: Call) -> Answer:
    """List the site's content types that can be added to a list: those it does not have."""
    site = find.site(call)
    call.args["list"] = call.args["listid"]
    there = {row["name"] for row in content_types.every(call.store, find.list_(call)["id"])}
    rows = [
        row
        for row in content_types.every(call.store, site["id"])
        if row["name"] not in there and not row["hidden"]
    ]
    return _collection(call, rows)


def add_from_hub(call: Call) -> Answer:
    """Bring a content type of the hub, by its id, to the site, and to a list that is named."""
    owner_of(call, "manage")
    wanted = str(call.json().get("contentTypeId") or "")
    source = next((row for row in _hub(call) if row["id"].lower() == wanted.lower()), None)
    if source is None:
        raise not_found(f"The hub offers no content type {wanted}.")
    site = find.site_of(call, call.args["site"])
    made = content_types.find_by_name(call.store, site["id"], source["name"])
    if made is None:
        words = {"id": source["id"], "group": source["group_name"],
                 "description": source["description"]}  # fmt: skip
        made = content_types.create(call.store, site["id"], source["name"], source["parent_id"],
                                    words)  # fmt: skip
    if "list" in call.args:
        made = content_types.add_to_list(call.store, find.list_(call, "manage"), made["id"])
    return Answer(201, shown(call, made))


_TABLE: tuple[tuple[str, str, Callable[[Call], Answer], int], ...] = (
    ("GET", "/contentTypes", every, 2),
    ("GET", "/contentTypes/getCompatibleHubContentTypes", compatible, 2),
    ("POST", "/contentTypes/addCopyFromContentTypeHub", add_from_hub, 2),
    ("GET", "/contentTypes/{type}", get, 1),
    ("PATCH", "/contentTypes/{type}", update, 2),
    ("DELETE", "/contentTypes/{type}", remove, 2),
    ("GET", "/contentTypes/{type}/columns", columns_of, 2),
    ("POST", "/contentTypes/{type}/columns", add_column, 2),
    ("GET", "/contentTypes/{type}/columns/{column}", get_column, 1),
    ("PATCH", "/contentTypes/{type}/columns/{column}", update_column, 2),
    ("DELETE", "/contentTypes/{type}/columns/{column}", remove_column, 2),
    ("GET", "/contentTypes/{type}/isPublished", is_published, 1),
    ("POST", "/contentTypes/{type}/publish", publish, 2),
    ("POST", "/contentTypes/{type}/unpublish", unpublish, 2),
)
ROUTES = (
    *(route for entry in _TABLE for route in both(*entry)),
    Route("POST", "/sites/{site}/contentTypes", create, 2),
    Route("POST", "/sites/{site}/lists/{list}/contentTypes/addCopy", add_copy, 2),
    Route("GET", "/sites/{site}/getApplicableContentTypesForList", applicable, 2),
)
