"""Graph: files and folders of a library, all but their content, versions and permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.tenant.call import Answer
from local.tenant.errors import Refusal, bad_request, name_exists, not_found
from local.tenant.graph import find, odata
from local.tenant.graph.item_shapes import Shaper, host_address
from local.tenant.routing import Route
from local.tenant.store import access, dates, downloads, files, items, lists, moves, sight
from local.tenant.store import sites as sites_store
from local.tenant.store.versions import Write

if TYPE_CHECKING:
    import sqlite3

    from local.tenant.call import Call
    from local.tenant.store.ids import Item

_ENTITY = odata.context("drives/items/$entity")
_CONFLICT = "@microsoft.graph.conflictBehavior"
COPY_POLLS = "copy_polls"  # meta key: questions after a copy that are answered "in progress"
_KNOWN = {"name", "parentReference", "id", "fileSystemInfo"}


def conflict(call: Call, body: dict[str, Any], default: str) -> str:
    """fail, replace or rename, from the body or the query."""
    word = str(body.get(_CONFLICT) or call.query.get(_CONFLICT) or default).lower()
    if word not in {"fail", "replace", "rename"}:
        raise bad_request(f"{word} is not a conflictBehavior")
    return word


def unsupported(message: str) -> Refusal:
    return bad_request(message, "notSupported")


def shown(call: Call, row: sqlite3.Row, found: Item | None) -> dict[str, Any]:
    return {"@odata.context": _ENTITY, **Shaper(call, row).drive_item(found, call.query)}


def get(call: Call) -> Answer:
    row, found = find.drive_item(call)
    return Answer(body=shown(call, row, found))


def list_item(call: Call) -> Answer:
    row, found = find.file(call)
    return Answer(body=Shaper(call, row).list_item(found, call.query))


def children(call: Call) -> Answer:
    row, found = find.drive_item(call)
    parent = found["unique_id"] if found else row["root_id"]
    size, start = odata.page_size(call), call.query.get("$skiptoken", "")
    trim, seen = sight.of(call.store, call.who, row).where()
    rows = call.store.all(
        f"SELECT * FROM items WHERE parent_id=? AND state=0{trim} AND name>? ORDER BY name LIMIT ?",
        parent,
        *seen,
        start,
        size + 1,
    )
    return _collection(call, row, rows, size)


def _collection(call: Call, row: sqlite3.Row, rows: list[sqlite3.Row], size: int) -> Answer:
    eyes, shaper = sight.of(call.store, call.who, row), Shaper(call, row)
    body: dict[str, Any] = {
        "@odata.context": odata.context("drives/items"),
        "value": [
            shaper.drive_item(eyes.show(call.store, dict(entry)), call.query)
            for entry in rows[:size]
        ],
    }
    if len(rows) > size:
        body["@odata.nextLink"] = odata.link(call, __skiptoken=rows[size - 1]["name"])
    return Answer(body=body)


def search(call: Call) -> Answer:
    """Files and folders below a folder, or of the whole drive, whose name holds the words."""
    row, folder = find.drive_item(call)
    base = items.path_of(folder) if folder else ""
    trim, seen = sight.of(call.store, call.who, row).where()
    words = call.args.get("q", call.query.get("q", ""))
    size, start = odata.page_size(call), call.query.get("$skiptoken", "")
    rows = call.store.all(
        f"SELECT * FROM items WHERE list_id=? AND state=0 AND instr(lower(name), lower(?)){trim}"
        " AND (dir || '/') LIKE ? ESCAPE '\\' AND name>? ORDER BY name LIMIT ?",
        row["id"],
        words,
        *seen,
        "".join(f"\\{c}" if c in "%_\\" else c for c in base) + "/%",
        start,
        size + 1,
    )
    return _collection(call, row, rows, size)


def create_folder(call: Call) -> Answer:
    row, parent = find.drive_item(call, "write")
    body = call.json()
    if "folder" not in body:
        raise bad_request("Only folders are created this way; upload files to …:/name:/content.")
    where, name = items.path_of(parent) if parent else "", str(body.get("name") or "New folder")
    behaviour = conflict(call, body, "fail")
    if behaviour == "rename":
        name = files.free_name(call.store, row, where, name)
    existing = items.exists(call.store, row, where, name)
    if existing is not None and behaviour == "replace":
        return Answer(200, shown(call, row, existing))
    made = items.add(call.store, row, items.NewItem("folder", name, where), Write(call.who))
    made = dates.put(call.store, row, made, dates.given(body), Write(call.who))
    return Answer(201, shown(call, row, made))


def update(call: Call) -> Answer:
    """Rename, move inside the library (another drive: 400; that is a copy), set the dates."""
    row, found = find.file(call, "write")
    find.match(call, found)
    body = call.json()
    if unknown := {key for key in body if "@" not in key} - _KNOWN:
        raise bad_request(f"The member {min(unknown)} cannot be changed here")
    target, where = row, found["dir"]
    if reference := body.get("parentReference"):
        target, where = find.by_reference(call, row, reference)
    if target["id"] != row["id"]:
        raise bad_request("Items cannot be moved to another drive with PATCH.", "notSupported")
    _require_write(call, row, where)
    name = _settled(
        call,
        row,
        (where, str(body.get("name") or found["name"])),
        found,
        conflict(call, body, "fail"),
    )
    done = found
    if (where, name) != (found["dir"], found["name"]) or not body.get("fileSystemInfo"):
        done = items.rename(call.store, row, found, (where, name), Write(call.who))
    done = dates.put(call.store, row, done, dates.given(body), Write(call.who))
    return Answer(body=shown(call, row, done))


def _require_write(call: Call, row: sqlite3.Row, where: str) -> None:
    access.require(
        call.store, call.who, find.securable(row, items.folder(call.store, row, where)), "write"
    )


def _settled(
    call: Call, row: sqlite3.Row, to: tuple[str, str], found: Item | None, behaviour: str
) -> str:
    """Return the name to use at the target, by the conflict behaviour; 409 on fail."""
    taken = items.exists(call.store, row, *to)
    if taken is None or (found is not None and taken["unique_id"] == found["unique_id"]):
        return to[1]
    if behaviour == "fail":
        raise name_exists()
    if behaviour == "replace":
        items.recycle(call.store, taken, Write(call.who))
        return to[1]
    return files.free_name(call.store, row, *to)


def remove(call: Call) -> Answer:
    """Into the recycle bin."""
    _row, found = find.file(call, "write")
    find.match(call, found)
    items.recycle(call.store, found, Write(call.who))
    return Answer(204)


def restore(call: Call) -> Answer:
    """Bring a deleted item back from the recycle bin, to another folder or name when told so."""
    row = find.drive(call, "write")
    gone = call.store.one(
        "SELECT unique_id FROM items WHERE drive_item_id=? AND list_id=? AND state=1",
        call.args["item"],
        row["id"],
    )
    if gone is None:
        raise not_found()
    back, body = items.restore(call.store, gone["unique_id"], Write(call.who)), call.json()
    where, name = back["dir"], str(body.get("name") or back["name"])
    if reference := body.get("parentReference"):
        _target, where = find.by_reference(call, row, reference)
    if (where, name) != (back["dir"], back["name"]):
        back = items.rename(call.store, row, back, (where, name), Write(call.who))
    return Answer(200, shown(call, row, back))


def copy(call: Call) -> Answer:
    """Copy to a folder of any drive: 202 and an address that tells how it went."""
    row, found = find.file(call)
    body = call.json()
    target, where = (
        find.by_reference(call, row, body.get("parentReference") or {})
        if body.get("parentReference")
        else (row, found["dir"])
    )
    _require_write(call, target, where)
    name = _settled(
        call,
        target,
        (where, str(body.get("name") or found["name"])),
        None,
        conflict(call, body, "fail"),
    )
    made = moves.copy(call.store, (row, found), target, (where, name), Write(call.who))
    token = downloads.offer(call.store, made["unique_id"])
    site = sites_store.by_id(call.store, row["site_id"])
    address = f"{host_address(call, site)}{site['path']}/_layouts/15/monitor/{token}"
    return Answer(202, headers={"Location": address})


def monitor(call: Call) -> Answer:
    """How a copy went: in progress as often as COPY_POLLS says, then completed, 202 either way.

    So Graph's long-running-actions-overview.md has it, and the clients in use wait for that status;
    the older OneDrive page answers 303 in the end, and so does ?force303=1.
    The copy itself is there from the start: this tenant copies at once and only tells it later.
    """
    unique_id, _version = downloads.claim(call.store, call.args["token"])
    key, polls = f"copy {call.args['token']}", int(call.store.get(COPY_POLLS, "1"))
    asked = int(call.store.get(key, "0"))
    call.store.put(key, str(asked + 1))
    if asked < polls:
        share = round(100 * asked / polls, 1)
        running = {"operation": "ItemCopy", "percentageComplete": share, "status": "inProgress"}
        return Answer(202, running)
    made = items.by_unique(call.store, unique_id)
    site = sites_store.by_id(call.store, made["site_id"])
    drive = lists.by_id(call.store, made["list_id"])["drive_id"]
    host = "https://graph.microsoft.com" if call.base == f"https://{site['host']}" else call.base
    where = f"{host}/v1.0/drives/{drive}/items/{made['drive_item_id']}"
    done = {
        "status": "completed",
        "percentageComplete": 100.0,
        "resourceId": made["drive_item_id"],
        "resourceLocation": where,
    }
    redirects = call.query.get("force303") == "1"
    return Answer(303, done, {"Location": where}) if redirects else Answer(202, done)


_ITEM = "/drives/{drive}/items/{item}"
ROUTES = (
    Route("GET", _ITEM, get, 1),
    Route("GET", f"{_ITEM}/listItem", list_item, 1),
    Route("GET", f"{_ITEM}/children", children, 2),
    Route("POST", f"{_ITEM}/children", create_folder, 2),
    Route("GET", f"{_ITEM}/search", search, 2),
    Route("PATCH", _ITEM, update, 2),
    Route("DELETE", _ITEM, remove, 2),
    Route("POST", f"{_ITEM}/restore", restore, 2),
    Route("POST", f"{_ITEM}/copy", copy, 2),
)
PREAUTH_ROUTES = (Route("GET", "/_layouts/15/monitor/{token}", monitor, 0),)
