"""Graph: opening a sharing link (`/shares/{token or u!address}/driveItem`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.tenant.call import Answer
from local.tenant.graph import drive_items
from local.tenant.routing import Route
from local.tenant.store import access, items, links, lists, sight

if TYPE_CHECKING:
    from local.tenant.call import Call


def drive_item(call: Call) -> Answer:
    """Return the file behind a link; whoever the link is for gains its access by opening it."""
    link = links.redeem(call.store, call.args["share"], call.who)
    found = items.by_unique(call.store, link["unique_id"])
    access.require(call.store, call.who, access.of_item(found), "read")
    row = lists.by_id(call.store, found["list_id"])
    shown = sight.of(call.store, call.who, row).show(call.store, found)
    return Answer(body=drive_items.shown(call, row, shown))


ROUTES = (Route("GET", "/shares/{share}/driveItem", drive_item, 5),)
