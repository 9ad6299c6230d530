"""Graph: versions of files and list items, check-out and check-in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.tenant.call import Answer
from local.tenant.graph import find, odata
from local.tenant.graph.item_shapes import Shaper
from local.tenant.routing import Route
from local.tenant.store import sight, versions
from local.tenant.store.versions import Write

if TYPE_CHECKING:
    import sqlite3

    from local.tenant.call import Call
    from local.tenant.store.ids import Item


def _seen(call: Call, row: sqlite3.Row, item: Item) -> list[sqlite3.Row]:
    """Return the versions this caller may see: all, or the published ones alone."""
    rows = versions.every(call.store, item["unique_id"])
    eyes = sight.of(call.store, call.who, row)
    if item["scope"] in eyes.drafts:
        return rows
    return [
        entry
        for entry in rows
        if entry["level"] == versions.PUBLISHED or entry["modified_by"] == eyes.actor
    ]


def _shown(shaper: Shaper, entry: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": versions.label(dict(entry)),
        "lastModifiedDateTime": entry["modified"],
        "lastModifiedBy": shaper.person(entry["modified_by"]),
        "publication": shaper.publication(dict(entry)),
    }


def _sized(shaper: Shaper, entry: sqlite3.Row) -> dict[str, Any]:
    """Return a file's version: what every version shows, and its bytes."""
    return {**_shown(shaper, entry), "size": entry["size"]}


def of_file(call: Call) -> Answer:
    row, item = find.file(call)
    shaper = Shaper(call, row)
    return Answer(
        body={
            "@odata.context": odata.context("drives/items/versions"),
            "value": [_sized(shaper, entry) for entry in _seen(call, row, item)],
        }
    )


def file_version(call: Call) -> Answer:
    row, item = find.file(call)
    entry = versions.get(call.store, item["unique_id"], call.args["version"])
    return Answer(body=_sized(Shaper(call, row), entry))


def of_item(call: Call) -> Answer:
    row, item = find.item(call)
    shaper = Shaper(call, row)
    return Answer(
        body={
            "@odata.context": odata.context("sites/lists/items/versions"),
            "value": [
                {**_shown(shaper, entry), "fields": _fields(shaper, item, entry)}
                for entry in _seen(call, row, item)
            ],
        }
    )


def item_version(call: Call) -> Answer:
    row, item = find.item(call)
    entry, shaper = (
        versions.get(call.store, item["unique_id"], call.args["version"]),
        Shaper(call, row),
    )
    return Answer(body={**_shown(shaper, entry), "fields": _fields(shaper, item, entry)})


def _fields(shaper: Shaper, item: Item, entry: sqlite3.Row) -> dict[str, Any]:
    return shaper.fields({**item, **versions.state_of(entry)})


def version_fields(call: Call) -> Answer:
    row, item = find.item(call)
    entry = versions.get(call.store, item["unique_id"], call.args["version"])
    return Answer(body=_fields(Shaper(call, row), item, entry))


def remove_version(call: Call) -> Answer:
    """Delete an old version; 400 for the newest."""
    _row, item = find.item(call, "write")
    versions.remove(call.store, item, call.args["version"])
    return Answer(204)


def restore_file(call: Call) -> Answer:
    row, item = find.file(call, "write")
    versions.restore(call.store, row, item, call.args["version"], Write(call.who))
    return Answer(204)


def restore_item(call: Call) -> Answer:
    row, item = find.item(call, "write")
    versions.restore(call.store, row, item, call.args["version"], Write(call.who))
    return Answer(204)


def check_out(call: Call) -> Answer:
    row, item = find.file(call, "write")
    versions.check_out(call.store, row, item, call.who)
    return Answer(204)


def check_in(call: Call) -> Answer:
    """`checkInAs: published` makes a major version; anything else the list's next version."""
    row, item = find.file(call, "write")
    body = call.json()
    major = body.get("checkInAs") == "published"
    versions.check_in(
        call.store, row, item, Write(call.who), str(body.get("comment") or ""), major=major
    )
    return Answer(204)


def discard(call: Call) -> Answer:
    """400 when not checked out, 423 when another user holds it; an app may discard anyone's."""
    row, item = find.file(call, "write")
    versions.undo_check_out(call.store, row, item, call.who)
    return Answer(204)


_FILE = "/drives/{drive}/items/{item}"
_ITEM = "/sites/{site}/lists/{list}/items/{item}"
ROUTES = (
    Route("GET", f"{_FILE}/versions", of_file, 2),
    Route("GET", f"{_FILE}/versions/{{version}}", file_version, 1),
    Route("POST", f"{_FILE}/versions/{{version}}/restoreVersion", restore_file, 2),
    Route("GET", f"{_ITEM}/versions", of_item, 2),
    Route("GET", f"{_ITEM}/versions/{{version}}", item_version, 1),
    Route("GET", f"{_ITEM}/versions/{{version}}/fields", version_fields, 1),
    Route("DELETE", f"{_ITEM}/versions/{{version}}", remove_version, 2),
    Route("POST", f"{_ITEM}/versions/{{version}}/restoreVersion", restore_item, 2),
    Route("POST", f"{_FILE}/checkout", check_out, 2),
    Route("POST", f"{_FILE}/checkin", check_in, 2),
    Route("POST", f"{_FILE}/discardCheckout", discard, 2),
)
