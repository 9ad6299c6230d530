"""Moving and copying files by `_api`, inside a library and across libraries of one site.

A move keeps the file's guid, versions and dates and the columns the target has; it gets a new
item number, and the source list's delta shows it deleted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from local.tenant.errors import bad_request, name_exists
from local.tenant.sharepoint.folders import FILE, Place, find_file, find_folder, full_path, writable
from local.tenant.sharepoint.items import current
from local.tenant.sharepoint.surface import Ask, Thing, act
from local.tenant.store import files, items, moves, versions

if TYPE_CHECKING:
    import sqlite3

UTIL = "SP.MoveCopyUtil"
OVERWRITE = 1


@dataclass(frozen=True, slots=True)
class Target:
    """Where a file goes: the library, the folder's path in it ("" for its root), and the name."""

    list_row: sqlite3.Row
    dir: str
    name: str


@act("", f"{UTIL}.MoveFileByPath")
@act("", f"{UTIL}.MoveFile")
def move_by_path(ask: Ask, _place: Thing) -> None:
    """Move a file; `options.KeepBoth` gives it a free name where its own is taken, else 409."""
    move(ask, Thing(FILE, find_file(ask, _said(ask, "src"))), _room_by_options(ask))


@act("", f"{UTIL}.CopyFileByPath")
@act("", f"{UTIL}.CopyFile")
def copy_by_path(ask: Ask, _place: Thing) -> None:
    copy(ask, Thing(FILE, find_file(ask, _said(ask, "src"))), _room_by_options(ask))


@act(FILE, "MoveTo")
def move_to(ask: Ask, place: Thing) -> None:
    """Move by `moveto(newurl, flags)`: flag 1 overwrites."""
    target, flags = place_at(ask, ask.text("newUrl", 0)), int(ask.find("flags", 1) or 0)
    move(ask, place, make_room(ask, target, overwrite=bool(flags & OVERWRITE)))


@act(FILE, "MoveToUsingPath")
def move_to_path(ask: Ask, place: Thing) -> None:
    target, flags = (
        place_at(ask, ask.text("DecodedUrl", 0)),
        int(ask.find("moveOperations", 1) or 0),
    )
    move(ask, place, make_room(ask, target, overwrite=bool(flags & OVERWRITE)))


@act(FILE, "CopyTo")
def copy_to(ask: Ask, place: Thing) -> None:
    target = place_at(ask, ask.text("strNewUrl", 0))
    copy(ask, place, make_room(ask, target, overwrite=bool(ask.find("bOverWrite", 1))))


def _said(ask: Ask, end: str) -> str:
    """Return one end of a move: `srcPath: {DecodedUrl}` or `srcUrl`."""
    path: Any = ask.find(f"{end}Path", 99) or ask.find(f"{end}Url", 99)
    if isinstance(path, dict):
        path = path.get("DecodedUrl")
    if not path:
        raise bad_request(f"The parameter {end}Path is missing")
    return str(path)


def place_at(ask: Ask, url: str) -> Target:
    """Return the folder and name a file shall go to, once the caller may write there."""
    where, _, name = full_path(ask, url).rpartition("/")
    place: Place = find_folder(ask, where)
    writable(ask, place)
    return Target(place.library, place.dir, name)


def _room_by_options(ask: Ask) -> Target:
    options = ask.find("options", 99) or {}
    overwrite, free = bool(ask.find("overwrite", 99)), bool(options.get("KeepBoth"))
    return make_room(ask, place_at(ask, _said(ask, "dest")), overwrite=overwrite, free=free)


def make_room(ask: Ask, target: Target, *, overwrite: bool, free: bool = False) -> Target:
    """Make room at the target: overwrite recycles what is there, KeepBoth picks a free name."""
    found = items.exists(ask.store, target.list_row, target.dir, target.name)
    if found is None:
        return target
    if overwrite:
        current(ask, Thing(FILE, found), "write")
        items.recycle(ask.store, found, versions.Write(ask.who))
        return target
    if not free:
        raise name_exists(f"A file or folder with the name {target.name} already exists.")
    name = files.free_name(ask.store, target.list_row, target.dir, target.name)
    return replace(target, name=name)


def move(ask: Ask, source: Thing, target: Target) -> None:
    _, item = current(ask, source, "write")
    how = versions.Write(ask.who, version=False, touch=False)
    moves.move(ask.store, item, target.list_row, (target.dir, target.name), how)


def copy(ask: Ask, source: Thing, target: Target) -> None:
    row, item = current(ask, source, "read")
    how = versions.Write(ask.who)
    moves.copy(ask.store, (row, item), target.list_row, (target.dir, target.name), how)
