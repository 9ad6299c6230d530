"""Sharing links as a browser opens them: without a token, from the address to the file.

The address leads on to the content itself (a browser's ?download=1). A link to a folder would show
a page, which is not served; a link for members or named people asks to sign in first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from local.tenant.call import Answer
from local.tenant.errors import not_emulated, not_found
from local.tenant.graph.item_shapes import host_address
from local.tenant.routing import Route
from local.tenant.store import downloads, items, links, lists, sites, versions

if TYPE_CHECKING:
    import sqlite3

    from local.tenant.call import Call
    from local.tenant.store.ids import Item


def open_link(call: Call) -> Answer:
    """Lead to the content; a POST brings the password as the page's form does (`txtPassword`)."""
    form = parse_qs(call.body.decode("utf-8", errors="replace"))
    password = form.get("txtPassword", [""])[0]
    link = links.open_unsigned(call.store, call.args["token"], password)
    found = items.by_unique(call.store, link["unique_id"])
    if found["kind"] != "file":
        raise not_emulated("the page of", "a shared folder")
    row = lists.by_id(call.store, found["list_id"])
    site = sites.by_id(call.store, row["site_id"])
    token = downloads.offer(call.store, found["unique_id"], _seen(row, found, link))
    address = f"{host_address(call, site)}{site['path']}/_layouts/15/download.aspx"
    return Answer(302, headers={"Location": f"{address}?UniqueId={found['unique_id']}"
                                            f"&tempauth={token}"})  # fmt: skip


def _seen(row: sqlite3.Row, found: Item, link: sqlite3.Row) -> str:
    """Return the version that the link shows: a reader's where drafts are not for readers."""
    drafts = link["kind"] == "edit" or not lists.settings(row)["DraftVersionVisibility"]
    if not found["checkout"] and (found["level"] == versions.PUBLISHED or drafts):
        return versions.label(found)
    if not (shown := versions.label(found) if drafts else str(found["published"])):
        raise not_found("The file has no published version.")
    return shown


PREAUTH_ROUTES = tuple(
    Route(method, f"/:{{letter}}:/s/{place}{{token}}", open_link, 0)
    for method in ("GET", "POST")
    for place in ("", "{site}/", "{kind}/{site}/")
)
