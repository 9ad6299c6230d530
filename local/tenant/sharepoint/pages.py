"""Site pages by `_api`: pages of the library "Site Pages", written as canvas JSON, published.

A page is a file whose columns hold its parts (CanvasContent1, LayoutWebpartsContent …), so that its
versions, check-out and permissions are those of any other file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.tenant.errors import bad_request
from local.tenant.sharepoint.access import actor, require
from local.tenant.sharepoint.body import members
from local.tenant.sharepoint.folders import FILE, find_file, missing
from local.tenant.sharepoint.items import ITEM, current, dressed, seen, url_of
from local.tenant.sharepoint.surface import (
    Ask,
    Page,
    Thing,
    Things,
    Value,
    act,
    keyed,
    kind,
    link,
    reach,
    verb,
)
from local.tenant.store import files, items, kept, lists, sight, sites, versions

if TYPE_CHECKING:
    import sqlite3

    from local.tenant.store.ids import Item

SERVICE, PAGE = "SP.Publishing.SitePageService", "SP.Publishing.SitePage"
TITLE, FOLDER, KIND = "Site Pages", "SitePages", "page"
EDITORS = 1  # DraftVisibilityType.Author: only who may edit sees drafts
EMPTY = b"<%@ Page %>"
THUMBNAIL = "/_layouts/15/images/sitepagethumbnail.png"
NEW = lists.NewList(
    TITLE,
    "documentLibrary",
    url=FOLDER,
    settings={"EnableMinorVersions": True, "DraftVersionVisibility": EDITORS},
)
PARTS: dict[str, Any] = {
    "AuthorByline": None,
    "BannerImageUrl": None,
    "CanvasContent1": None,
    "Description": "",
    "LayoutWebpartsContent": None,
    "PageLayoutType": "Article",
    "PromotedState": 0,
    "Title": "",
    "TopicHeader": None,
}


def library(ask: Ask, *, make: bool = False) -> sqlite3.Row:
    """Return the library of the site's pages, made when something is written; 404 otherwise."""
    path = f"{ask.site['path']}/{FOLDER}"
    row = ask.store.one("SELECT * FROM lists WHERE path=?", path)
    if row is None and make:
        row = lists.create(
            ask.store,
            ask.site,
            NEW,
            actor(ask),
        )
    if row is None:
        raise missing(path, "list")
    return row


def parts_of(ask: Ask, item: Item) -> dict[str, Any]:
    return PARTS | kept.members_of(ask.store, item["unique_id"], KIND)


@kind(PAGE, key=lambda row: str(row["id"]))
def show_page(ask: Ask, row: Item) -> dict[str, Any]:
    parts = parts_of(ask, row)
    base = sites.web_url(ask.site)
    address = parts.pop("BannerImageUrl") or f"{base}{THUMBNAIL}"
    url = url_of(row["_list"], row)
    mine = row["checkout"] == actor(ask)
    return {
        **parts,
        "AbsoluteUrl": f"https://{ask.site['host']}{url}",
        "BannerImageUrl": _banner(address),
        "FileName": row["name"],
        "FirstPublished": row["created"],
        "Id": row["id"],
        "IsPageCheckedOutToCurrentUser": mine,
        "IsWebWelcomePage": False,
        "Modified": row["modified"],
        "Path": Value({"DecodedUrl": f"{FOLDER}{row['dir']}/{row['name']}"}, "SP.ResourcePath"),
        "Title": parts["Title"] or items.fields_of(row).get("Title") or row["name"],
        "UniqueId": row["unique_id"],
        "Url": f"{FOLDER}{row['dir']}/{row['name']}",
        "Version": versions.label(row),
    }


def _banner(address: Any) -> Value:
    url = address["Url"] if isinstance(address, dict) else str(address)
    return Value({"Description": url, "Url": url}, "SP.FieldUrlValue")


@link("", "SitePages")
def service(ask: Ask, _place: Thing) -> Thing:
    require(ask, Thing("SP.Web", ask.site), "read")
    return Thing(SERVICE, ask.site)


@kind(SERVICE, key=lambda row: row["id"])
def show_service(_ask: Ask, _row: sqlite3.Row) -> dict[str, Any]:
    return {"CustomContentApprovalEnabled": False}


@link(SERVICE, "Pages")
def all_pages(_ask: Ask, place: Thing) -> Things:
    return Things(PAGE, _load, place)


def _load(ask: Ask) -> Page:
    """Return the pages the caller may see, by number; none before the first was made."""
    row = ask.store.one("SELECT * FROM lists WHERE path=?", f"{ask.site['path']}/{FOLDER}")
    if row is None:
        return Page([])
    view = sight.of(ask.store, ask.who, row)
    sql, more = view.where()
    found = ask.store.all(
        f"SELECT * FROM items WHERE list_id=? AND state=0 AND kind='file'{sql} ORDER BY id",
        row["id"], *more,
    )  # fmt: skip
    return Page([{**view.show(ask.store, dict(each)), "_list": row} for each in found])


@keyed(SERVICE, "Pages")
@reach(f"{PAGE}*", "GetById")
def page_by_id(ask: Ask, _place: Thing | Things) -> Thing:
    row = library(ask)
    return Thing(PAGE, seen(ask, row, items.get(ask.store, row, ask.text("id"))))


@reach(f"{PAGE}*", "GetByUrl")
def page_by_url(ask: Ask, _place: Things) -> Thing:
    """Return a page by its address below the web (`sitepages/home.aspx`); 404 otherwise."""
    url = ask.text("url")
    found = find_file(ask, url)
    if found["list_id"] != library(ask)["id"]:
        raise missing(url)
    return Thing(PAGE, found)


@reach(f"{PAGE}*", "GetByUniqueId")
def page_by_guid(ask: Ask, _place: Things) -> Thing:
    found = items.by_unique(ask.store, ask.text("uniqueId").strip("{}"))
    row = library(ask)
    if found["list_id"] != row["id"]:
        raise missing(found["unique_id"])
    return Thing(PAGE, seen(ask, row, found))


def _sent(ask: Ask) -> dict[str, Any]:
    return {name: value for name, value in members(ask.call).items() if name in PARTS}


def _write(ask: Ask, row: sqlite3.Row, item: Item, parts: dict[str, Any]) -> Item:
    """Keep the parts beside the file, its title in the column of the library, too."""
    before = kept.members_of(ask.store, item["unique_id"], KIND)
    kept.put(ask.store, item["unique_id"], KIND, before | parts)
    title = {"Title": parts["Title"]} if parts.get("Title") else {}
    return files.write_columns(ask.store, row, item, title, versions.Write(ask.who))


@verb(f"{PAGE}*", "create")
def create(ask: Ask, place: Things) -> Thing:
    """Make a page as a draft that its maker has checked out, as SharePoint does."""
    require(ask, Thing("SP.Web", ask.site), "write")
    row, parts = library(ask, make=True), _sent(ask)
    require(ask, Thing("SP.List", row), "write")
    wanted = members(ask.call).get("Name") or f"{parts.get('Title') or 'Page'}.aspx"
    name = files.free_name(ask.store, row, "", str(wanted))
    made = files.upload(ask.store, row, ("", name), EMPTY, versions.Write(ask.who))
    made = _write(ask, row, made, {"PageLayoutType": "Article"} | parts)
    made = versions.check_out(ask.store, row, made, ask.who)
    return Thing(PAGE, {**made, "_list": row}, f"{place.uri}({made['id']})")


@act(PAGE, "CheckoutPage")
@act(PAGE, "Checkout")
def check_out(ask: Ask, place: Thing) -> Thing:
    row, item = current(ask, Thing(FILE, place.row), "write")
    return Thing(PAGE, {**versions.check_out(ask.store, row, item, ask.who), "_list": row})


@verb(PAGE, "merge")
@act(PAGE, "SavePage")
@act(PAGE, "SavePageAsDraft")
def save(ask: Ask, place: Thing) -> Value:
    """Save the parts that were sent into the draft."""
    row, item = current(ask, Thing(FILE, place.row), "write")
    _write(ask, row, item, _sent(ask))
    return Value(data=True, type="Edm.Boolean")


@act(PAGE, "Publish")
def publish(ask: Ask, place: Thing) -> Value:
    """Save what was sent, check the page in and make it the next major version."""
    row, item = current(ask, Thing(FILE, place.row), "write")
    how = versions.Write(ask.who)
    item = _write(ask, row, item, _sent(ask))
    if item["checkout"]:
        versions.check_in(ask.store, row, item, how, "", major=True)
    elif item["minor"]:
        versions.publish(ask.store, row, item, how, "")
    return Value(data=True, type="Edm.Boolean")


@act(PAGE, "DiscardPage")
def discard(ask: Ask, place: Thing) -> Thing:
    """Give the page back without what was written since it was checked out."""
    row, item = current(ask, Thing(FILE, place.row), "write")
    if not item["checkout"]:
        raise bad_request("The page is not checked out.")
    return Thing(PAGE, {**versions.undo_check_out(ask.store, row, item, ask.who), "_list": row})


@act(PAGE, "SavePageAsTemplate")
@act(PAGE, "Copy")
def copy(ask: Ask, place: Thing) -> Thing:
    """Make another page with the same parts; a template lies in the folder Templates."""
    row, item = current(ask, Thing(FILE, place.row), "write")
    directory = ""
    if ask.segment.name == "savepageastemplate":
        directory = "/Templates"
        if items.exists(ask.store, row, "", "Templates") is None:
            new = items.NewItem("folder", "Templates")
            items.add(ask.store, row, new, versions.Write(ask.who))
    name = files.free_name(ask.store, row, directory, item["name"])
    made = files.upload(ask.store, row, (directory, name), EMPTY, versions.Write(ask.who))
    made = _write(ask, row, made, parts_of(ask, item))
    return Thing(PAGE, {**made, "_list": row})


@act(PAGE, "PromoteToNews")
@act(PAGE, "DemoteFromNews")
def promote(ask: Ask, place: Thing) -> Value:
    """Turn a page into news (PromotedState 1 until it is published, then 2) or back."""
    row, item = current(ask, Thing(FILE, place.row), "write")
    news = ask.segment.name == "promotetonews"
    _write(ask, row, item, {"PromotedState": (1 if item["minor"] else 2) if news else 0})
    return Value(data=True, type="Edm.Boolean")


@verb(PAGE, "delete")
@act(PAGE, "DeleteObject")
def remove(ask: Ask, place: Thing) -> None:
    _row, item = current(ask, Thing(FILE, place.row), "write")
    items.recycle(ask.store, item, versions.Write(ask.who))


@act(PAGE, "Recycle")
def recycle(ask: Ask, place: Thing) -> Value:
    remove(ask, place)
    return Value(place.row["unique_id"])


@link(PAGE, "ListItemAllFields")
def list_item(ask: Ask, place: Thing) -> Thing:
    return Thing(ITEM, dressed(ask, place.row["_list"], [place.row])[0])


@act("SP.List*", "EnsureSitePagesLibrary")
def ensure_library(ask: Ask, _place: Things) -> Thing:
    require(ask, Thing("SP.Web", ask.site), "manage")
    return Thing("SP.List", library(ask, make=True))


@act("SP.List*", "EnsureSiteAssetsLibrary")
def ensure_assets(ask: Ask, _place: Things) -> Thing:
    """Return the library "Site Assets", made if the site has none."""
    require(ask, Thing("SP.Web", ask.site), "manage")
    path = f"{ask.site['path']}/SiteAssets"
    found = ask.store.one("SELECT * FROM lists WHERE path=?", path)
    new = lists.NewList("Site Assets", "documentLibrary", url="SiteAssets")
    return Thing("SP.List", found or lists.create(ask.store, ask.site, new, actor(ask)))
