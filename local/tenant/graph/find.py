"""From the names in an address to the rows they mean, the caller's right checked on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from local.tenant.errors import not_found, stale
from local.tenant.store import access, items, lists, sight, sites

if TYPE_CHECKING:
    import sqlite3

    from local.tenant.call import Call
    from local.tenant.store.access import Securable
    from local.tenant.store.ids import Item


def _parts(name: str) -> tuple[str, list[str]]:
    """Take a composite segment apart: its kind ("" for a plain name) and its parts."""
    kind, *parts = name.split("~")
    if parts and kind in {"at", "list", "site", "drive", "path", "item"}:
        return kind, [unquote(part) for part in parts]
    return "", [name]


def _site_row(call: Call, name: str) -> sqlite3.Row:
    kind, parts = _parts(name)
    if kind == "at":
        return sites.by_path(call.store, f"/{parts[1].strip('/')}")
    if kind == "drive":
        return sites.by_id(call.store, lists.by_drive(call.store, parts[0])["site_id"])
    guids = name.split(",")
    if name.lower() == "root" or (len(guids) == 1 and "." in name):
        return sites.by_path(call.store, "")
    row = sites.by_id(call.store, guids[1] if len(guids) > 1 else guids[0])
    if len(guids) > 2 and guids[2].lower() != row["web_id"]:  # noqa: PLR2004 - host, site, web
        raise not_found("Requested site could not be found")
    return row


def site_of(call: Call, name: str) -> sqlite3.Row:
    """Return the site a name means; 404 while it is still being provisioned."""
    row = _site_row(call, name)
    if row["state"] != sites.READY:
        raise not_found("Requested site could not be found")
    return row


def site(call: Call, verb: str = "read") -> sqlite3.Row:
    row = site_of(call, call.args["site"])
    access.require(call.store, call.who, access.of_site(row), verb)
    return row


def _list_row(call: Call, site_row: sqlite3.Row, name: str) -> sqlite3.Row:
    kind, parts = _parts(name)
    return (
        lists.by_drive(call.store, parts[0])
        if kind == "drive"
        else lists.find(call.store, site_row["id"], name)
    )


def list_(call: Call, verb: str = "read") -> sqlite3.Row:
    row = _list_row(call, site_of(call, call.args["site"]), call.args["list"])
    access.require(call.store, call.who, access.of_list(row), verb)
    return row


def _drive_row(call: Call, name: str) -> sqlite3.Row:
    kind, parts = _parts(name)
    if kind == "list":
        return _list_row(call, site_of(call, parts[0]), parts[1])
    if kind == "site":
        return lists.default_library(call.store, site_of(call, parts[0])["id"])
    return lists.by_drive(call.store, name)


def drive(call: Call, verb: str = "read") -> sqlite3.Row:
    """Return the library a drive name means."""
    row = _drive_row(call, call.args["drive"])
    access.require(call.store, call.who, access.of_list(row), verb)
    return row


def _checked(call: Call, row: sqlite3.Row, item: Item, verb: str) -> Item:
    access.require(call.store, call.who, access.of_item(item), verb)
    if not (eyes := sight.of(call.store, call.who, row)).sees(item):
        raise not_found()
    return eyes.show(call.store, item) if verb == "read" else item


def item(call: Call, verb: str = "read") -> tuple[sqlite3.Row, Item]:
    """Return the list item in the address: to a reader in the state they see, else as it is."""
    row = _list_row(call, site_of(call, call.args["site"]), call.args["list"])
    return row, _checked(call, row, items.get(call.store, row, call.args["item"]), verb)


def _drive_item_row(call: Call, row: sqlite3.Row, name: str) -> Item | None:
    kind, parts = _parts(name)
    if kind == "item":
        return items.get(call.store, row, parts[0])
    if kind == "path":
        anchor = _drive_item_row(call, row, parts[0])
        base = items.path_of(anchor) if anchor else ""
        return items.by_path(call.store, row, f"{base}/{parts[1]}")
    if name.lower() == "root" or name == lists.root_item_id(row):
        return None
    return items.by_drive_item(call.store, row, name)


def drive_item(call: Call, verb: str = "read") -> tuple[sqlite3.Row, Item | None]:
    """Return the library and the file or folder in the address; None for the drive's root."""
    row = _drive_row(call, call.args["drive"])
    found = _drive_item_row(call, row, call.args["item"])
    if found is None:
        access.require(call.store, call.who, access.of_list(row), verb)
        return row, None
    return row, _checked(call, row, found, verb)


def file(call: Call, verb: str = "read") -> tuple[sqlite3.Row, Item]:
    """As `drive_item`, for operations that the root does not have (404)."""
    row, found = drive_item(call, verb)
    if found is None:
        raise not_found("The drive's root has no such operation.")
    return row, found


def place(call: Call) -> tuple[sqlite3.Row, tuple[str, str]]:
    """Return where an upload goes: the library and (folder path, name). Checks no right."""
    row = _drive_row(call, call.args["drive"])
    kind, parts = _parts(call.args["item"])
    if kind != "path":
        found = _drive_item_row(call, row, call.args["item"])
        if found is None:
            raise not_found("The drive's root takes no content.")
        return row, (found["dir"], found["name"])
    anchor = _drive_item_row(call, row, parts[0])
    base = items.path_of(anchor) if anchor else ""
    where, _, name = f"{base}/{parts[1]}".rpartition("/")
    return row, (where, name)


def securable(row: sqlite3.Row, found: Item | None) -> Securable:
    return access.of_list(row) if found is None else access.of_item(found)


def by_reference(
    call: Call, row: sqlite3.Row, reference: dict[str, str]
) -> tuple[sqlite3.Row, str]:
    """Return the library and folder path that a parentReference (id, path, driveId) names."""
    target = lists.by_drive(call.store, reference["driveId"]) if reference.get("driveId") else row
    if path := reference.get("path"):
        where = "/" + unquote(path.partition(":")[2]).strip("/")
        return target, "" if where == "/" else where
    if not reference.get("id"):
        return target, ""
    found = _drive_item_row(call, target, reference["id"])
    return target, items.path_of(found) if found else ""


def match(call: Call, found: Item) -> None:
    """Raise 412 unless If-Match (if sent) names the item's eTag or cTag."""
    sent = call.headers.get("if-match", "*").strip().removeprefix("W/").strip('"')
    if sent in {"", "*"}:
        return
    guid = found["unique_id"].lower()
    known = {
        f"{guid},{found['etag']}",
        f"{{{guid}}},{found['etag']}",
        f"c:{{{guid}}},{found['ctag']}",
    }
    if sent.lower() not in known:
        raise stale()
