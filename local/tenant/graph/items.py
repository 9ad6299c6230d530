"""Graph: list items and their columns."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from local.tenant.call import Answer
from local.tenant.errors import bad_request
from local.tenant.graph import find, odata
from local.tenant.graph.item_shapes import Shaper
from local.tenant.routing import Route
from local.tenant.store import files, items, query, sight, values
from local.tenant.store.versions import Write

if TYPE_CHECKING:
    import sqlite3

    from local.tenant.call import Call

_ENTITY = odata.context("sites/lists/items/$entity")


def every(call: Call) -> Answer:
    """Items with $filter, $orderby, $top and $skiptoken, trimmed to what the caller may see."""
    row = find.list_(call)
    size, shaper = odata.page_size(call), Shaper(call, row)
    found = _page(call, row, size)
    eyes = sight.of(call.store, call.who, row)
    body: dict[str, Any] = {
        "@odata.context": odata.context("sites/lists/items"),
        "value": [
            shaper.list_item(eyes.show(call.store, dict(entry)), call.query)
            for entry in found[:size]
        ],
    }
    if len(found) > size:
        mark = _offset(call) + size if "$orderby" in call.query else found[size - 1]["id"]
        body["@odata.nextLink"] = odata.link(call, __skiptoken=_packed(mark))
    return Answer(body=body)


def _packed(mark: int) -> str:
    return base64.urlsafe_b64encode(f"Paged=TRUE&p_ID={mark}".encode()).decode().rstrip("=")


def _offset(call: Call) -> int:
    """Where the page begins: after this item number, or this many items when they are ordered."""
    text = call.query.get("$skiptoken", "")
    if not text:
        return 0
    try:
        return int(
            base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().rpartition("=")[2]
        )
    except ValueError as error:
        raise bad_request("The $skiptoken is malformed") from error


def _page(call: Call, row: sqlite3.Row, size: int) -> list[sqlite3.Row]:
    trim, seen = sight.of(call.store, call.who, row).where()
    parser = query.Parser(call.store, row, call.headers.get("prefer", ""))
    clause = parser.parse(call.query["$filter"]) if call.query.get("$filter") else query.Filter()
    base = f"SELECT * FROM items WHERE list_id=? AND state=0{trim}{clause.sql}"
    if "$orderby" in call.query:
        order = parser.order(call.query["$orderby"])
        return call.store.all(
            f"{base} ORDER BY {order} LIMIT ? OFFSET ?",
            row["id"],
            *seen,
            *clause.values,
            size + 1,
            _offset(call),
        )
    # "+id" keeps SQLite from walking the whole list where an indexed column finds the rows
    number = "id" if clause.exact else "+id"
    return call.store.all(
        f"{base} AND {number}>? ORDER BY {number} LIMIT ?",
        row["id"],
        *seen,
        *clause.values,
        _offset(call),
        size + 1,
    )


def get(call: Call) -> Answer:
    row, found = find.item(call)
    return Answer(
        body={"@odata.context": _ENTITY, **Shaper(call, row).list_item(found, call.query)}
    )


def create(call: Call) -> Answer:
    """Return a new list item, or a folder when its content type says so; files come by upload."""
    row, body = find.list_(call, "write"), call.json()
    given = dict(body.get("fields") or {})
    name = (body.get("contentType") or {}).get("id") or given.pop("ContentType", None)
    kind = values.content_type_id(call.store, row, name) if name else ""
    if row["is_library"] and "0x0120" not in kind.upper():
        raise bad_request("Files cannot be created this way; upload them to the list's drive.")
    new = items.NewItem(
        "folder" if row["is_library"] else "item",
        str(given.pop("FileLeafRef", "")),
        values=given,
        content_type=kind,
    )
    made = items.add(call.store, row, new, Write(call.who))
    shown = Shaper(call, row).list_item(made, {"$expand": "fields"})
    return Answer(201, {"@odata.context": _ENTITY, **shown})


def update(call: Call) -> Answer:
    """PATCH of the item itself: its fields and content type."""
    row, found = find.item(call, "write")
    find.match(call, found)
    body = call.json()
    given = dict(body.get("fields") or {})
    if type_id := (body.get("contentType") or {}).get("id"):
        given["ContentType"] = type_id
    done = files.write_columns(call.store, row, found, given, Write(call.who))
    return Answer(
        body={"@odata.context": _ENTITY, **Shaper(call, row).list_item(done, {"$expand": "fields"})}
    )


def remove(call: Call) -> Answer:
    _row, found = find.item(call, "write")
    find.match(call, found)
    items.recycle(call.store, found, Write(call.who))
    return Answer(204)


def fields(call: Call) -> Answer:
    row, found = find.item(call)
    return Answer(body=Shaper(call, row).fields(found, odata.selected(call.query)))


def update_fields(call: Call) -> Answer:
    """Write columns: a new version in a versioned list; 412 when If-Match is out of date."""
    row, found = find.item(call, "write")
    find.match(call, found)
    done = files.write_columns(call.store, row, found, call.json(), Write(call.who))
    return Answer(body=Shaper(call, row).fields(done))


_ITEM = "/sites/{site}/lists/{list}/items/{item}"
ROUTES = (
    Route("GET", "/sites/{site}/lists/{list}/items", every, 2),
    Route("POST", "/sites/{site}/lists/{list}/items", create, 2),
    Route("GET", _ITEM, get, 1),
    Route("PATCH", _ITEM, update, 2),
    Route("DELETE", _ITEM, remove, 2),
    Route("GET", f"{_ITEM}/fields", fields, 1),
    Route("PATCH", f"{_ITEM}/fields", update_fields, 2),
)
