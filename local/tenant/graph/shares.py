"""Graph: opening a sharing link (`/shares/{token or u!address}`) and what lies behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.tenant.call import Answer
from local.tenant.graph import drive_items, find, odata, permissions, shapes
from local.tenant.graph.item_shapes import Shaper
from local.tenant.routing import Route
from local.tenant.store import access, links, lists, sight, sites

if TYPE_CHECKING:
    import sqlite3

    from local.tenant.call import Call
    from local.tenant.store.ids import Item


def _behind(call: Call) -> tuple[sqlite3.Row, Item]:
    """Return the library and item behind a link; its reader gains access by opening it."""
    found = find.shared(call, call.args["share"])
    row = lists.by_id(call.store, found["list_id"])
    return row, sight.of(call.store, call.who, row).show(call.store, found)


def get(call: Call) -> Answer:
    row, found = _behind(call)
    body = {
        "@odata.context": odata.context("shares/$entity"),
        "id": call.args["share"],
        "name": found["name"],
        "owner": shapes.identity(call.store, found["created_by"]),
    }
    wider = odata.expands(call.query.get("$expand", ""))
    if "driveItem" in wider:
        body["driveItem"] = Shaper(call, row).drive_item(found, wider["driveItem"])
    return Answer(body=body)


def drive_item(call: Call) -> Answer:
    return Answer(body=drive_items.shown(call, *_behind(call)))


def list_item(call: Call) -> Answer:
    row, found = _behind(call)
    context = odata.context("sites/lists/items/$entity")
    shown = Shaper(call, row).list_item(found, call.query)
    return Answer(body={"@odata.context": context, **shown})


def list_(call: Call) -> Answer:
    row, _found = _behind(call)
    context = odata.context("sites/lists/$entity")
    return Answer(body={"@odata.context": context, **shapes.list_(call.store, row)})


def site(call: Call) -> Answer:
    row, _found = _behind(call)
    shown = shapes.site(sites.by_id(call.store, row["site_id"]))
    return Answer(body={"@odata.context": odata.context("sites/$entity"), **shown})


def _link(call: Call) -> sqlite3.Row:
    """Return the link itself; only who may change permissions there looks at it or ends it."""
    link = links.redeem(call.store, call.args["share"], call.who)
    found = find.shared(call, call.args["share"])
    access.require(call.store, call.who, access.of_item(found), "write")
    return link


def permission(call: Call) -> Answer:
    context = odata.context("permissions/$entity")
    shown = permissions.link_shown(call, _link(call))
    return Answer(body={"@odata.context": context, **shown})


def grant(call: Call) -> Answer:
    return permissions.grant_link(call, _link(call))


def remove(call: Call) -> Answer:
    return permissions.remove_link(call, _link(call))


ROUTES = (
    Route("GET", "/shares/{share}", get, 5),
    Route("GET", "/shares/{share}/driveItem", drive_item, 5),
    Route("GET", "/shares/{share}/root", drive_item, 5),
    Route("GET", "/shares/{share}/listItem", list_item, 5),
    Route("GET", "/shares/{share}/list", list_, 5),
    Route("GET", "/shares/{share}/site", site, 5),
    Route("GET", "/shares/{share}/permission", permission, 5),
    Route("DELETE", "/shares/{share}/permission", remove, 5),
    Route("POST", "/shares/{share}/permission/grant", grant, 5),
)
