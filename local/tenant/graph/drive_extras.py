"""Graph: following, previews, what is recent or shared with the caller, and deletion for good."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.tenant.call import Answer
from local.tenant.errors import access_denied
from local.tenant.graph import delta, drive_items, find, odata, people
from local.tenant.graph.item_shapes import Shaper
from local.tenant.routing import Route
from local.tenant.store import access, lists, principals, profiles, purge, sight
from local.tenant.store.versions import Write

if TYPE_CHECKING:
    import sqlite3

    from local.tenant.call import Call
    from local.tenant.store.ids import Item

_FOLLOWED = "-followed"
_SHARED_MOST = 200


def follow(call: Call) -> Answer:
    row, found = find.file(call)
    _follow(call, found["unique_id"], on=True)
    return Answer(200, drive_items.shown(call, row, found))


def unfollow(call: Call) -> Answer:
    _row, found = find.file(call)
    _follow(call, found["unique_id"], on=False)
    return Answer(204)


def _follow(call: Call, guid: str, *, on: bool) -> None:
    person = people.me(call)["id"]
    known = [each for each in profiles.of(call.store, person).get(_FOLLOWED, []) if each != guid]
    profiles.merge(call.store, person, {_FOLLOWED: known + ([guid] if on else [])})


def _several(call: Call, rows: list[sqlite3.Row], *, remote: bool) -> Answer:
    """Render items of any library, those the caller may read; `remote` as things of elsewhere."""
    shown = [told for row in rows if (told := _one(call, dict(row), remote=remote))]
    context = odata.context("Collection(driveItem)")
    return Answer(body={"@odata.context": context, "value": shown})


def _one(call: Call, item: Item, *, remote: bool) -> dict[str, Any] | None:
    row = lists.by_id(call.store, item["list_id"])
    eyes = sight.of(call.store, call.who, row)
    if not eyes.sees(item):
        return None
    told = Shaper(call, row).drive_item(eyes.show(call.store, item), {})
    told.pop("@microsoft.graph.downloadUrl", None)
    if not remote:
        return told
    inner = ("id", "name", "size", "webUrl", "file", "folder", "fileSystemInfo", "parentReference",
             "createdBy", "lastModifiedBy", "createdDateTime", "lastModifiedDateTime")  # fmt: skip
    facet = {name: told[name] for name in inner if name in told}
    outer = ("id", "name", "size", "webUrl", "createdBy", "createdDateTime", "lastModifiedBy",
             "lastModifiedDateTime")  # fmt: skip
    return {name: told[name] for name in outer} | {"remoteItem": facet}


def recent(call: Call) -> Answer:
    """List the drive's files the caller touched last, newest first."""
    row, actor = find.drive(call), principals.actor_of(call.who)
    rows = call.store.all(
        "SELECT * FROM items WHERE list_id=? AND state=0 AND kind='file' AND modified_by=?"
        " ORDER BY modified DESC LIMIT 100",
        row["id"],
        actor,
    )
    return _several(call, rows, remote=False)


def shared_with_me(call: Call) -> Answer:
    """List what others shared with the caller by name or by a link for named people."""
    person = people.me(call)["id"]
    rows = call.store.all(
        "SELECT i.* FROM principals p JOIN assignments a"
        " ON a.site_id=p.site_id AND (a.principal_id=p.id OR a.principal_id IN"
        " (SELECT group_id FROM principal_members m WHERE m.site_id=p.site_id"
        " AND m.member_id=p.id))"
        " JOIN items i ON i.unique_id=a.scope"
        " WHERE p.kind='user' AND p.ref=? AND i.state=0 AND i.created_by<>? LIMIT ?",
        person,
        principals.actor_of(call.who),
        _SHARED_MOST,
    )
    return _several(call, list({row["unique_id"]: row for row in rows}.values()), remote=True)


def preview(call: Call) -> Answer:
    """Give out an address to look at a file with, for an hour."""
    row, found = find.file(call)
    if found["kind"] != "file":
        raise access_denied("A folder cannot be previewed.")
    address = Shaper(call, row).download_address(found)
    return Answer(200, {"getUrl": address, "postUrl": None, "postParameters": None})


def permanent_delete(call: Call) -> Answer:
    """Delete past the recycle bin; what a retention label holds stays."""
    _row, found = find.file(call, "write")
    find.match(call, found)
    purge.purge(call.store, found, Write(call.who))
    return Answer(204)


def folder_delta(call: Call) -> Answer:
    """Refuse: SharePoint follows changes from a drive's root only (driveitem-delta.md)."""
    row, found = find.drive_item(call)
    if found is not None:
        raise drive_items.unsupported("Delta is only supported on the root of a drive.")
    access.require(call.store, call.who, access.of_list(row), "read")
    return delta.of_drive(call)


_ITEM = "/drives/{drive}/items/{item}"
ROUTES = (
    Route("POST", f"{_ITEM}/follow", follow, 2),
    Route("POST", f"{_ITEM}/unfollow", unfollow, 2),
    Route("POST", f"{_ITEM}/preview", preview, 2),
    Route("POST", f"{_ITEM}/permanentDelete", permanent_delete, 2),
    Route("GET", f"{_ITEM}/delta", folder_delta, 1),
    Route("GET", "/drives/{drive}/recent", recent, 2),
    Route("GET", "/drives/{drive}/sharedWithMe", shared_with_me, 5),
)
