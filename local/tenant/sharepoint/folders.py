"""Folders by `_api`, and how a server-relative address finds its library, folder or file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from local.tenant.errors import Refusal, bad_request, not_emulated
from local.tenant.sharepoint.access import require
from local.tenant.sharepoint.body import members
from local.tenant.sharepoint.items import ITEM, dressed, seen
from local.tenant.sharepoint.surface import (
    Ask,
    Page,
    Thing,
    Things,
    Value,
    act,
    extra,
    keyed,
    kind,
    link,
    reach,
    verb,
)
from local.tenant.store import access, content_types, items, lists, sight, versions

if TYPE_CHECKING:
    import sqlite3

    from local.tenant.store.ids import Item

FOLDER, FILE = "SP.Folder", "SP.File"
IDS = "SP.ContentTypeId"


@dataclass(frozen=True, slots=True)
class Place:
    """A folder: the web's own (no list), a list's root (no item), or a folder inside a list."""

    site: sqlite3.Row
    list_row: sqlite3.Row | None = None
    item: Item | None = None

    @property
    def dir(self) -> str:
        """The path inside the list, "" for its root."""
        return items.path_of(self.item) if self.item else ""

    @property
    def url(self) -> str:
        if self.list_row is None:
            return self.site["path"] or "/"
        return f"{self.list_row['path']}{self.dir}"

    @property
    def library(self) -> sqlite3.Row:
        """The list; 400 for the web's own folder, which holds no files of ours."""
        if self.list_row is None:
            raise bad_request("The web's root folder holds no documents here")
        return self.list_row


def missing(url: str, what: str = "file") -> Refusal:
    return Refusal(
        404,
        "itemNotFound",
        f"The {what} {url} does not exist.",
        -2130575338,
        "Microsoft.SharePoint.SPException",
    )


def full_path(ask: Ask, url: str) -> str:
    """Return a server-relative path of a full, server-relative or site-relative address."""
    if "://" in url:
        url = unquote(urlsplit(url).path)
    root = ask.site["path"]
    inside = url.casefold() == root.casefold() or url.casefold().startswith(f"{root}/".casefold())
    if root and inside:
        return url.rstrip("/")
    return f"{root}/{url.strip('/')}".rstrip("/")


def library_at(ask: Ask, path: str, what: str = "file") -> tuple[sqlite3.Row, str]:
    """Return the list a path leads into and the rest of it ("" or "/a/b.docx"); 404 otherwise."""
    row = ask.store.one(
        "SELECT * FROM lists WHERE site_id=?1 AND (path=?2 OR substr(?2, 1, length(path)+1)="
        " path || '/' COLLATE NOCASE) ORDER BY length(path) DESC LIMIT 1",
        ask.site["id"], path,
    )  # fmt: skip
    if row is None:
        raise missing(path, what)
    return row, path[len(row["path"]) :]


def find_folder(ask: Ask, url: str) -> Place:
    """Return the folder at an address, once the caller may read it."""
    path = full_path(ask, url)
    if path == ask.site["path"]:
        return Place(ask.site)
    row, rest = library_at(ask, path, "folder")
    if not rest:
        require(ask, Thing("SP.List", row), "read")
        return Place(ask.site, row)
    where, _, name = rest.rpartition("/")
    found = items.exists(ask.store, row, where, name)
    if found is None or found["kind"] != "folder":
        raise missing(path, "folder")
    require(ask, Thing(ITEM, found), "read")
    return Place(ask.site, row, found)


def find_file(ask: Ask, url: str) -> Item:
    """Return the file at an address as the caller sees it; 404 otherwise."""
    path = full_path(ask, url)
    row, rest = library_at(ask, path)
    where, _, name = rest.rpartition("/")
    found = items.exists(ask.store, row, where, name) if name else None
    if found is None or found["kind"] != "file":
        raise missing(path)
    return seen(ask, row, found)


def writable(ask: Ask, place: Place) -> None:
    """Check that the caller may add to a folder."""
    inner = Thing(ITEM, place.item) if place.item else Thing("SP.List", place.library)
    require(ask, inner, "write")


@kind(FOLDER, key=lambda place: "'" + place.url.replace("'", "''") + "'")
def show_folder(ask: Ask, place: Place) -> dict[str, Any]:
    stamp = place.item or place.list_row or place.site
    unique = place.item["unique_id"] if place.item else _root_id(place)
    return {
        "Exists": True,
        "IsWOPIEnabled": False,
        "ItemCount": _count(ask, place, unique),
        "Name": place.url.rpartition("/")[2],
        "ProgID": None,
        "ServerRelativeUrl": place.url,
        "TimeCreated": stamp["created"],
        "TimeLastModified": stamp["modified"],
        "UniqueId": unique,
        "WelcomePage": "",
    }


def _root_id(place: Place) -> str:
    return str(place.list_row["root_id"] if place.list_row is not None else place.site["web_id"])


def _count(ask: Ask, place: Place, unique: str) -> int:
    if place.list_row is not None:
        return items.children_count(ask.store, unique)
    return len(lists.every(ask.store, ask.site["id"], ask.who))


@extra(FOLDER, "ServerRelativePath")
def folder_path(_ask: Ask, place: Place) -> Value:
    return Value({"DecodedUrl": place.url}, "SP.ResourcePath")


@extra(FOLDER, "ContentTypeOrder")
@extra(FOLDER, "UniqueContentTypeOrder")
def type_order(ask: Ask, place: Place) -> Value:
    """Return a library's content types in the order of its New menu."""
    rows = content_types.every(ask.store, place.library["id"])
    return Value([{"StringValue": row["id"]} for row in rows], IDS)


@verb(FOLDER, "merge")
def change(ask: Ask, place: Thing) -> None:
    """Put a library's content types in order; nothing else of a folder changes by MERGE."""
    row = place.row.library
    require(ask, Thing("SP.List", row), "manage")
    sent = members(ask.call)
    if set(sent) != {"UniqueContentTypeOrder"}:
        raise not_emulated("MERGE", ask.call.path)
    order = [str(each["StringValue"]) for each in sent["UniqueContentTypeOrder"]]
    content_types.set_order(ask.store, row["id"], order)


@link("SP.Web", "RootFolder")
def web_root(ask: Ask, _place: Thing) -> Thing:
    return Thing(FOLDER, Place(ask.site))


@link("SP.List", "RootFolder")
def list_root(ask: Ask, place: Thing) -> Thing:
    return Thing(FOLDER, Place(ask.site, place.row))


@reach("SP.Web", "GetFolderByServerRelativeUrl")
@reach("SP.Web", "GetFolderByServerRelativePath")
def folder_by_url(ask: Ask, _place: Thing) -> Thing:
    return Thing(FOLDER, find_folder(ask, str(ask.find("DecodedUrl") or ask.text("url"))))


@reach("SP.Web", "GetFolderById")
def folder_by_id(ask: Ask, _place: Thing) -> Thing:
    guid = ask.text("uniqueId").strip("{}").lower()
    if guid == ask.site["web_id"]:
        return Thing(FOLDER, Place(ask.site))
    row = ask.store.one("SELECT * FROM lists WHERE root_id=? AND site_id=?", guid, ask.site["id"])
    if row is not None:
        require(ask, Thing("SP.List", row), "read")
        return Thing(FOLDER, Place(ask.site, row))
    return folder_of(ask, items.by_unique(ask.store, guid))


def folder_of(ask: Ask, item: Item) -> Thing:
    if item["kind"] != "folder" or item["site_id"] != ask.site["id"]:
        raise missing(item["unique_id"], "folder")
    require(ask, Thing(ITEM, item), "read")
    return Thing(FOLDER, Place(ask.site, lists.by_id(ask.store, item["list_id"]), item))


@link(ITEM, "Folder")
def item_folder(ask: Ask, place: Thing) -> Thing:
    return folder_of(ask, place.row)


@link(FOLDER, "ListItemAllFields")
def folder_item(ask: Ask, place: Thing) -> Thing | None:
    """Return the folder's list item; a library's root has none."""
    here: Place = place.row
    if here.item is None:
        return None
    return Thing(ITEM, dressed(ask, here.library, [here.item])[0])


@link(FOLDER, "ParentFolder")
def parent_folder(ask: Ask, place: Thing) -> Thing:
    here: Place = place.row
    if here.item is None:
        return Thing(FOLDER, Place(ask.site))
    return Thing(FOLDER, find_folder(ask, f"{here.library['path']}{here.item['dir']}"))


def children(ask: Ask, place: Place, what: str) -> list[Item]:
    """Return the files or folders directly in a folder, as the caller sees them."""
    row = place.library
    view = sight.of(ask.store, ask.who, row)
    sql, more = view.where()
    parent = place.item["unique_id"] if place.item else row["root_id"]
    rows = ask.store.all(
        f"SELECT * FROM items WHERE parent_id=? AND kind=? AND state=0{sql} ORDER BY name",
        parent, what, *more,
    )  # fmt: skip
    return dressed(ask, row, (view.show(ask.store, dict(found)) for found in rows))


@link(FOLDER, "Files")
def all_files(_ask: Ask, place: Thing) -> Things:
    return Things(FILE, lambda ask: Page(list(children(ask, place.row, "file"))), place)


@link(FOLDER, "Folders")
def all_folders(_ask: Ask, place: Thing) -> Things:
    def load(ask: Ask) -> Page:
        here: Place = place.row
        if here.list_row is None:
            rows = lists.every(ask.store, ask.site["id"], ask.who)
            return Page([Place(ask.site, row) for row in rows])
        found = children(ask, here, "folder")
        return Page([Place(ask.site, here.list_row, item) for item in found])

    return Things(FOLDER, load, place)


@link("SP.Web", "Folders")
def web_folders(ask: Ask, place: Thing) -> Things:
    return all_folders(ask, web_root(ask, place))


@keyed(FOLDER, "Folders")
def folder_by_key(ask: Ask, place: Thing) -> Thing:
    return Thing(FOLDER, find_folder(ask, _joined(place.row, ask.text("name"))))


@reach(f"{FOLDER}*", "GetByUrl")
def folder_in(ask: Ask, place: Things) -> Thing:
    return folder_by_key(ask, place.owner)


def _joined(place: Place, name: str) -> str:
    return name if name.startswith("/") else f"{place.url.rstrip('/')}/{name}"


@verb(f"{FOLDER}*", "create")
@act(f"{FOLDER}*", "Add")
@act(f"{FOLDER}*", "AddUsingPath")
def add_folder(ask: Ask, place: Things) -> Thing:
    """Make a folder, or return the one that is there, as SharePoint does."""
    named = ask.find("DecodedUrl", 99) or ask.find("ServerRelativeUrl", 99) or ask.text("url")
    path = full_path(ask, _joined(place.owner.row, str(named)))
    try:
        return Thing(FOLDER, find_folder(ask, path))
    except Refusal as refusal:
        if refusal.hresult != missing(path).hresult:
            raise
    where, _, name = path.rpartition("/")
    above = find_folder(ask, where)
    writable(ask, above)
    new = items.NewItem("folder", name, above.dir)
    made = items.add(ask.store, above.library, new, versions.Write(ask.who))
    return Thing(FOLDER, Place(ask.site, above.library, made))


@act(FOLDER, "AddSubFolderUsingPath")
def add_sub_folder(ask: Ask, place: Thing) -> None:
    add_folder(ask, all_folders(ask, place))


@verb(FOLDER, "delete")
@act(FOLDER, "DeleteObject")
def remove(ask: Ask, place: Thing) -> None:
    here: Place = place.row
    if here.item is None:
        raise bad_request("A library's root folder can't be deleted")
    access.require(ask.store, ask.who, access.of_item(here.item), "write")
    items.recycle(ask.store, here.item, versions.Write(ask.who))


@act(FOLDER, "Recycle")
def recycle(ask: Ask, place: Thing) -> Value:
    remove(ask, place)
    return Value(place.row.item["unique_id"])
