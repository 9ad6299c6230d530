"""GetChanges: what happened to the items of a list or a whole web since a change token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.tenant.errors import Refusal
from local.tenant.sharepoint.access import require
from local.tenant.sharepoint.lists import LIST
from local.tenant.sharepoint.surface import Ask, Page, Thing, Things, Value, act, extra, kind
from local.tenant.sharepoint.web import SITE, WEB
from local.tenant.store import changes

if TYPE_CHECKING:
    import sqlite3

CHANGE = "SP.ChangeItem"
_TYPES = {"add": 1, "update": 2, "content": 2, "version": 2, "delete": 3, "rename": 4,
          "restore": 7, "permission": 11}  # fmt: skip
_FLAGS = {1: "add", 2: "update", 3: "deleteobject", 4: "rename", 7: "restore",
          11: "roleassignmentadd"}  # fmt: skip
_BATCH = 1000


def _since(ask: Ask, name: str) -> int | None:
    """Return the number inside a token that was sent, None when none was; 400 for no token."""
    value = ask.find(name)
    if not value:
        return None
    text = str(value.get("StringValue") if isinstance(value, dict) else value)
    parts = text.split(";")
    if len(parts) != 5 or not parts[4].isdecimal():  # noqa: PLR2004 -- the parts of a token
        raise Refusal(400, "invalidRequest", "Invalid change token.", -2146233033,
                      "System.FormatException")  # fmt: skip
    return int(parts[4])


@kind(CHANGE, key=lambda row: f"'{row['seq']}'")
def show_change(ask: Ask, row: sqlite3.Row) -> dict[str, Any]:
    text = changes.token(changes.LIST, row["list_id"], row["at"], row["seq"])
    return {
        "ChangeToken": Value({"StringValue": text}, "SP.ChangeToken"),
        "ChangeType": _TYPES[row["kind"]],
        "SiteId": row["site_id"],
        "Time": row["at"],
        "ItemId": row["item_id"],
        "ListId": row["list_id"],
        "UniqueId": row["unique_id"] or "00000000-0000-0000-0000-000000000000",
        "WebId": ask.site["web_id"],
    }


@act(LIST, "GetChanges")
def of_list(ask: Ask, place: Thing) -> Things:
    require(ask, place, "read")
    rows = changes.since(ask.store, place.row["id"], _since(ask, "ChangeTokenStart") or 0)
    return _chosen(ask, place, rows)


@act(WEB, "GetChanges")
@act(SITE, "GetChanges")
def of_web(ask: Ask, place: Thing) -> Things:
    require(ask, Thing(WEB, ask.site), "read")
    rows, reached = [], _since(ask, "ChangeTokenStart") or 0
    while page := changes.all_since(ask.store, reached, _BATCH):
        rows += [row for row in page if row["site_id"] == ask.site["id"] and row["list_id"]]
        reached = int(page[-1]["seq"])
    return _chosen(ask, place, rows)


def _chosen(ask: Ask, place: Thing, rows: list[sqlite3.Row]) -> Things:
    """Keep what the query's switches name: which objects, which kinds of change, up to where."""
    end, most = _since(ask, "ChangeTokenEnd"), int(ask.find("FetchLimit") or _BATCH)
    items = any(ask.find(name) for name in ("Item", "File", "Folder"))
    kept = [
        row
        for row in rows
        if items
        and (end is None or row["seq"] <= end)
        and _TYPES.get(row["kind"])
        and ask.find(_FLAGS[_TYPES[row["kind"]]])
    ]
    page = kept[::-1][:most] if ask.find("LatestFirst") else kept[:most]
    return Things(CHANGE, lambda _ask: Page(page), place)


@extra(WEB, "CurrentChangeToken")
def current_of_web(ask: Ask, row: sqlite3.Row) -> Value:
    text = changes.token(changes.WEB, row["web_id"], ask.store.stamp(), changes.last(ask.store))
    return Value({"StringValue": text}, "SP.ChangeToken")
