"""From the names in an address to the rows they mean, the caller's right checked on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from local.tenant.errors import not_found, stale
from local.tenant.store import access, directory, homes, items, links, lists, sight, sites

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from local.tenant.call import Call
    from local.tenant.store.access import Securable
    from local.tenant.store.ids import Item

KINDS = frozenset({"at", "list", "site", "drive", "path", "item", "own", "user", "group", "file",
                   "child", "share", "special"})  # fmt: skip
SPECIAL = {"documents": "Documents", "photos": "Pictures", "music": "Music", "approot": "Apps",
           "cameraroll": "Pictures/Camera Roll"}  # fmt: skip


def _parts(name: str) -> tuple[str, list[str]]:
    """Take a composite segment apart: its kind ("" for a plain name) and its parts."""
    kind, *parts = name.split("~")
    if parts and kind in KINDS:
        return kind, [unquote(part) for part in parts]
    return "", [name]


def _site_row(call: Call, name: str) -> sqlite3.Row:
    kind, parts = _parts(name)
    if kind == "at":
        return sites.by_path(call.store, f"/{parts[1].strip('/')}")
    if kind == "drive":
        return sites.by_id(call.store, drive_row(call, parts[0])["site_id"])
    if kind == "group":
        return _group_site(call, parts[0])
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
        drive_row(call, parts[0])
        if kind == "drive"
        else lists.find(call.store, site_row["id"], name)
    )


def list_row(call: Call, site_name: str, name: str) -> sqlite3.Row:
    """Return the list two names mean, whoever asks: the caller's right is still to be checked."""
    return _list_row(call, site_of(call, site_name), name)


def list_(call: Call, verb: str = "read") -> sqlite3.Row:
    row = _list_row(call, site_of(call, call.args["site"]), call.args["list"])
    access.require(call.store, call.who, access.of_list(row), verb)
    return row


def drive_row(call: Call, name: str) -> sqlite3.Row:
    """Return the library a drive's name means, whoever asks."""
    kind, parts = _parts(name)
    if kind == "list":
        return _list_row(call, site_of(call, parts[0]), parts[1])
    if kind == "site":
        return lists.default_library(call.store, site_of(call, parts[0])["id"])
    if kind == "share":
        return lists.by_id(call.store, shared(call, parts[0])["list_id"])
    if kind:
        return homes.library(call.store, home(call, kind, parts[0]))
    return lists.by_drive(call.store, name)


def home(call: Call, kind: str, name: str) -> sqlite3.Row:
    """Return the site of the caller ("own"), a user or a group; an app's own is the root's."""
    if kind == "group":
        return _group_site(call, name)
    if kind == "own" and call.who.user_id is None:
        return sites.by_path(call.store, "")
    row = directory.user(call.store, call.who.user_id or "" if kind == "own" else name)
    if row is None:
        raise not_found("The resource could not be found.")
    return homes.of_user(call.store, row)


def _group_site(call: Call, name: str) -> sqlite3.Row:
    row = directory.group(call.store, name)
    if row is None or not row["unified"]:
        raise not_found("Resource provisioned for the group could not be found.")
    return homes.of_group(call.store, row)


def shared(call: Call, share: str) -> Item:
    """Return the file or folder behind a sharing link, opened by the caller."""
    found = items.by_unique(call.store, links.redeem(call.store, share, call.who)["unique_id"])
    access.require(call.store, call.who, access.of_item(found), "read")
    return found


def drive(call: Call, verb: str = "read") -> sqlite3.Row:
    """Return the library a drive name means."""
    row = drive_row(call, call.args["drive"])
    access.require(call.store, call.who, access.of_list(row), verb)
    return row


def _checked(call: Call, row: sqlite3.Row, item: Item, verb: str) -> Item:
    access.require(call.store, call.who, access.of_item(item), verb)
    if not (eyes := sight.of(call.store, call.who, row)).sees(item):
        raise not_found()
    if verb != "read":
        sight.require_change(call.store, call.who, row, item)
    return eyes.show(call.store, item) if verb == "read" else item


def item(call: Call, verb: str = "read") -> tuple[sqlite3.Row, Item]:
    """Return the list item in the address: to a reader in the state they see, else as it is."""
    row = _list_row(call, site_of(call, call.args["site"]), call.args["list"])
    kind, parts = _parts(call.args["item"])
    found = _drive_item_row(call, row, parts[0]) if kind == "file" else None
    found = found or items.get(call.store, row, call.args["item"])
    return row, _checked(call, row, found, verb)


def _drive_item_row(call: Call, row: sqlite3.Row, name: str) -> Item | None:
    """Return what a name means in a library: an id, "root" (None), or a composite segment."""
    kind, parts = _parts(name)
    if kind:
        return _COMPOSITE[kind](call, row, parts)
    if name.lower() == "root" or name == lists.root_item_id(row):
        return None
    return items.by_drive_item(call.store, row, name)


def _by_number(call: Call, row: sqlite3.Row, parts: list[str]) -> Item:
    """Find a file by its number in the list, or by its guid."""
    if parts[0].isdecimal():
        return items.get(call.store, row, parts[0])
    found = items.by_unique(call.store, parts[0])
    if found["list_id"] != row["id"]:
        raise not_found()
    return found


def _by_path(call: Call, row: sqlite3.Row, parts: list[str]) -> Item:
    anchor = _drive_item_row(call, row, parts[0])
    base = items.path_of(anchor) if anchor else ""
    return items.by_path(call.store, row, f"{base}/{parts[1]}")


def _special(call: Call, row: sqlite3.Row, parts: list[str]) -> Item:
    return items.by_path(call.store, row, "/" + SPECIAL.get(parts[0].lower(), parts[0]))


def _child(call: Call, row: sqlite3.Row, parts: list[str]) -> Item:
    """Return what `children/{name}` means below a folder: a file's name, else its id."""
    anchor, name = parts
    parent = _drive_item_row(call, row, anchor)
    base = items.path_of(parent) if parent else ""
    where, _, last = f"{base}/{name}".rpartition("/")
    return items.exists(call.store, row, where, last) or items.by_drive_item(call.store, row, name)


_COMPOSITE: dict[str, Callable[[Call, sqlite3.Row, list[str]], Item]] = {
    "item": _by_number,
    "path": _by_path,
    "child": _child,
    "special": _special,
    "share": lambda call, _row, parts: shared(call, parts[0]),
}


def drive_item(call: Call, verb: str = "read") -> tuple[sqlite3.Row, Item | None]:
    """Return the library and the file or folder in the address; None for the drive's root."""
    row = drive_row(call, call.args["drive"])
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
    row = drive_row(call, call.args["drive"])
    kind, parts = _parts(call.args["item"])
    if kind not in {"path", "child"}:
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
