"""Graph: delta of a list and of a drive (wire.md 3): last state only, tokens that can expire.

One round is the changes above the token, oldest first; an item that changes again while a client
turns pages comes once more on a later page. Permission changes do not show.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.tenant.call import Answer
from local.tenant.errors import Refusal
from local.tenant.graph import find, odata
from local.tenant.graph.item_shapes import Shaper
from local.tenant.routing import Route
from local.tenant.store import changes, content_types, quirks, sight, tokens
from local.tenant.store import sites as sites_store
from local.tenant.store.tokens import Token

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from local.tenant.call import Call
    from local.tenant.store.ids import Item

    type Render = Callable[[Item], dict[str, Any]]
    type Bury = Callable[[Call, sqlite3.Row, Item], dict[str, Any]]


def of_list(call: Call) -> Answer:
    row = find.list_(call)
    shaper = Shaper(call, row)
    return _answer(call, row, lambda item: shaper.list_item(item, call.query), _list_tombstone)


def of_drive(call: Call) -> Answer:
    row = find.drive(call)
    shaper = Shaper(call, row)
    first = [shaper.drive_item(None, call.query)] if not _token_text(call) else []
    return _answer(
        call, row, lambda item: shaper.drive_item(item, call.query), _drive_tombstone, first
    )


def _token_text(call: Call) -> str:
    return call.args.get("token") or call.query.get("token") or call.query.get("$deltatoken") or ""


def _answer(
    call: Call,
    row: sqlite3.Row,
    render: Render,
    bury: Bury,
    first: list[dict[str, Any]] | None = None,
) -> Answer:
    text = _token_text(call)
    call.cost = 1 if text else 2  # wire.md 4: delta with token 1, without 2
    token = _token(call, row, text)
    found = _page(call, row, token)
    eyes, size = sight.of(call.store, call.who, row), odata.page_size(call)
    if quirks.get(call.store, quirks.DELTA_BARE_DELETES):
        bury = _bare(bury)
    entries = [
        bury(call, row, entry) if entry["gone"] else render(eyes.show(call.store, entry))
        for entry in found[:size]
    ]
    if quirks.get(call.store, quirks.DELTA_REPEATS):
        entries = [entry for entry in entries for _ in range(2)]
    more = len(found) > size
    reached = found[:size][-1]["seq"] if more else changes.last(call.store)
    following = Token(row["id"], row["generation"], reached, token.born if more else None).pack()
    name = "@odata.nextLink" if more else "@odata.deltaLink"
    return Answer(
        body={
            "@odata.context": odata.context(
                "Collection(listItem)" if "list" in call.args else "Collection(driveItem)"
            ),
            name: odata.link(call, token=following),
            "value": [*(first or []), *entries],
        }
    )


def _token(call: Call, row: sqlite3.Row, text: str) -> Token:
    """Return the token to go on from; 410 with a link to start again when it has been expired."""
    newest = changes.last(call.store)
    if not text:
        return Token(row["id"], row["generation"], 0, newest)
    if text == tokens.LATEST:
        return Token(row["id"], row["generation"], newest)
    token = tokens.unpack(call.store, row, text)
    if token.generation != row["generation"]:
        raise Refusal(
            410,
            row["gone_code"],
            "The sync token is no longer valid; start again.",
            headers={"Location": odata.link(call, token="", __deltatoken="")},
        )
    return token


def _page(call: Call, row: sqlite3.Row, token: Token) -> list[Item]:
    """Return the next entries by sequence number, one more than a page holds."""
    trim, values = sight.of(call.store, call.who, row).where()
    size = odata.page_size(call) + 1
    kinds = "" if "list" in call.args else " AND kind<>'item'"
    live = call.store.all(
        f"SELECT *, 0 AS gone FROM items WHERE list_id=? AND seq>? AND state=0{kinds}{trim}"
        " ORDER BY seq LIMIT ?",
        row["id"],
        token.seq,
        *values,
        size,
    )
    dead = call.store.all(
        "SELECT *, 1 AS gone FROM tombstones WHERE list_id=? AND seq>? AND seq>?"
        " ORDER BY seq LIMIT ?",
        row["id"],
        token.seq,
        token.born or 0,
        size,
    )
    return sorted((dict(entry) for entry in (*live, *dead)), key=lambda entry: entry["seq"])[:size]


def _list_tombstone(call: Call, row: sqlite3.Row, entry: Item) -> dict[str, Any]:
    """id, parentReference.siteId and contentType only (listitem-delta.md)."""
    site = sites_store.by_id(call.store, row["site_id"])
    names = {known["id"]: known["name"] for known in content_types.every(call.store, row["id"])}
    return {
        "id": str(entry["item_id"]),
        "parentReference": {"siteId": sites_store.graph_id(site)},
        "contentType": {
            "id": entry["content_type"],
            "name": names.get(entry["content_type"], "Item"),
        },
        "deleted": {"state": "deleted"},
    }


def _drive_tombstone(_call: Call, row: sqlite3.Row, entry: Item) -> dict[str, Any]:
    """No name, no cTag (driveitem-delta.md, remarks for OneDrive for Business and SharePoint)."""
    facet = {"folder": {"childCount": 0}} if entry["kind"] == "folder" else {"file": {}}
    return {
        "id": entry["drive_item_id"],
        "size": 0,
        "deleted": {"state": "deleted"},
        **facet,
        "parentReference": {"driveType": "documentLibrary", "driveId": row["drive_id"]},
    }


def _bare(bury: Bury) -> Bury:
    """Leave of a tombstone what the service always sends: the id, and that it is gone."""

    def bare(call: Call, row: sqlite3.Row, entry: Item) -> dict[str, Any]:
        full = bury(call, row, entry)
        return {"id": full["id"], "deleted": full["deleted"]}

    return bare


ROUTES = (
    Route("GET", "/sites/{site}/lists/{list}/items/delta", of_list, 1),
    Route("GET", "/drives/{drive}/items/root/delta", of_drive, 1),
)
