"""More ways to lists and items: by title or path alone, several at once, values as text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from local.tenant.errors import bad_request, not_found
from local.tenant.sharepoint.access import require
from local.tenant.sharepoint.folders import FILE, find_folder, library_at, missing
from local.tenant.sharepoint.forms import add_validated, validate_update
from local.tenant.sharepoint.items import ITEM, dressed, item_by_id, seen
from local.tenant.sharepoint.items import update as write
from local.tenant.sharepoint.lists import LIST, all_lists, by_path, by_title, create
from local.tenant.sharepoint.stream import plain_row
from local.tenant.sharepoint.surface import (
    Ask,
    Thing,
    Things,
    Value,
    act,
    extra,
    kind,
    link,
    reach,
)
from local.tenant.sharepoint.web import WEB
from local.tenant.store import content_types, items, kept, lists, principals, versions

if TYPE_CHECKING:
    import sqlite3

    from local.tenant.store.ids import Item

TEXTS = "SP.FieldStringValues"
ARCHIVE, COMMENTS = "archive", "comments"
RESULT = "SP.ListItemFormUpdateValue"


@reach(WEB, "GetListByTitle")
def list_by_title(ask: Ask, place: Thing) -> Thing:
    return by_title(ask, all_lists(ask, place))


@reach(WEB, "GetListUsingPath")
def list_using_path(ask: Ask, place: Thing) -> Thing:
    segment = ask.segment
    path = str(ask.find("DecodedUrl") or ask.text("path"))
    return by_path(ask.at(type(segment)(segment.name, segment.text, (path,))), place)


@reach(WEB, "GetListItem")
@reach(WEB, "GetListItemUsingPath")
def item_by_path(ask: Ask, _place: Thing) -> Thing:
    """Return the item of a file or folder by its address; 404 where nothing is."""
    path = unquote(str(ask.find("DecodedUrl") or ask.text("strUrl")))
    path = urlsplit(path).path if "://" in path else path
    row, rest = library_at(ask, path)
    where, _, name = rest.rpartition("/")
    found = items.exists(ask.store, row, where, name) if name else None
    if found is None:
        raise missing(path)
    return Thing(ITEM, seen(ask, row, found))


@reach(WEB, "DefaultDocumentLibrary")
@act(WEB, "DefaultDocumentLibrary")
def default_library(ask: Ask, _place: Thing) -> Thing:
    row = lists.default_library(ask.store, ask.site["id"])
    require(ask, Thing(LIST, row), "read")
    return Thing(LIST, row)


@act(f"{LIST}*", "Add")
def add_list(ask: Ask, place: Things) -> Thing:
    return create(ask, place)


@act(LIST, "Recycle")
def recycle_list(ask: Ask, place: Thing) -> Value:
    """Delete a list and return the number it had; lists do not come back here."""
    require(ask, place, "manage")
    lists.remove(ask.store, place.row)
    return Value(place.row["id"], "Edm.Guid")


@act(LIST, "ReserveListItemId")
def reserve(ask: Ask, place: Thing) -> Value:
    """Take the next number of the list, so that nobody else gets it."""
    require(ask, place, "write")
    return Value(items.take_number(ask.store, place.row), "Edm.Int32")


@link(LIST, "Author")
def author(ask: Ask, place: Thing) -> Thing:
    number = principals.ensure_actor(ask.store, ask.site["id"], place.row["created_by"])
    return Thing("SP.User", principals.get(ask.store, ask.site["id"], number))


@extra(LIST, "DefaultNewFormUrl")
def new_form(_ask: Ask, row: sqlite3.Row) -> str:
    return _form(row, "Upload" if row["is_library"] else "NewForm")


@extra(LIST, "DefaultEditFormUrl")
def edit_form(_ask: Ask, row: sqlite3.Row) -> str:
    return _form(row, "EditForm")


@extra(LIST, "DefaultDisplayFormUrl")
def display_form(_ask: Ask, row: sqlite3.Row) -> str:
    return _form(row, "DispForm")


def _form(row: sqlite3.Row, name: str) -> str:
    return f"{row['path']}{'/Forms' if row['is_library'] else ''}/{name}.aspx"


for each, what in {"IsSystemList": False, "AllowDeletion": True, "BrowserFileHandling": 0,
                   "ExcludeFromOfflineClient": False, "ListFormCustomized": False,
                   "ShowHiddenFieldsInModernForm": False, "PageRenderType": 0}.items():  # fmt: skip
    extra(LIST, each)(lambda _ask, _row, what=what: what)


@extra(LIST, "IsDefaultDocumentLibrary")
def is_default(ask: Ask, row: sqlite3.Row) -> bool:
    return bool(lists.default_library(ask.store, ask.site["id"])["id"] == row["id"])


@extra(LIST, "IsSiteAssetsLibrary")
def is_assets(_ask: Ask, row: sqlite3.Row) -> bool:
    return str(row["path"]).endswith("/SiteAssets")


# -- items ----------------------------------------------------------------------------------------
@act(LIST, "AddItem")
@act(LIST, "AddItemUsingPath")
def add_item(ask: Ask, place: Thing) -> Thing:
    """Make an empty item, or a folder (UnderlyingObjectType 1), in a folder of the list."""
    require(ask, place, "write")
    said = ask.find("parameters") or ask.body
    said = {name.lower(): value for name, value in said.items()}
    where = said.get("folderurl") or (said.get("folderpath") or {}).get("DecodedUrl")
    directory = find_folder(ask, str(where)).dir if where else ""
    leaf = said.get("leafname")
    name = leaf.get("DecodedUrl") if isinstance(leaf, dict) else leaf
    is_folder = int(said.get("underlyingobjecttype") or 0) == 1
    if place.row["is_library"] and not is_folder:
        raise bad_request("To add an item to a document library, use SPFileCollection.Add()")
    new = items.NewItem("folder" if is_folder else "item", str(name or ""), directory)
    made = items.add(ask.store, place.row, new, versions.Write(ask.who))
    return Thing(ITEM, dressed(ask, place.row, [made])[0])


@act(LIST, "AddValidateUpdateItem")
def add_validated_item(ask: Ask, place: Thing) -> Value:
    return add_validated(ask, place)


@act(LIST, "BulkValidateUpdateListItems")
def validate_many(ask: Ask, place: Thing) -> Value:
    """Write the same values to several items; one result for each value of each item."""
    results: list[Any] = []
    for number in ask.need("itemIds", 0):
        found = items.get(ask.store, place.row, int(number))
        results += validate_update(ask, Thing(ITEM, found)).data
    return Value(results, RESULT)


@reach(LIST, "GetItemByStringId")
def item_by_string(ask: Ask, place: Thing) -> Thing:
    return item_by_id(ask, place)


@reach(f"{ITEM}*", "GetByStringId")
def item_by_string_in(ask: Ask, place: Things) -> Thing:
    return item_by_id(ask, place.owner)


@act(ITEM, "Update")
def update(ask: Ask, place: Thing) -> None:
    """Write the body's columns as a MERGE does."""
    write(ask, place, version=True, touch=True)


@kind(TEXTS, key=lambda row: str(row["id"]))
def show_texts(ask: Ask, row: Item) -> dict[str, Any]:
    shown = plain_row(ask, row)
    return {name.replace("_", "OData__", 1) if name.startswith("_") else name: _text(value)
            for name, value in shown.items()}  # fmt: skip


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return "; ".join(str(each) for each in value)
    if isinstance(value, dict):
        return f"{value.get('Url', '')}, {value.get('Description', '')}"
    return "" if value is None else str(value)


@link(ITEM, "FieldValuesAsText")
@link(ITEM, "FieldValuesAsHtml")
@link(ITEM, "FieldValuesForEdit")
def texts(_ask: Ask, place: Thing) -> Thing:
    return Thing(TEXTS, place.row)


@link(ITEM, "ContentType")
def content_type(ask: Ask, place: Thing) -> Thing:
    """Return the item's content type as its list has it."""
    for row in content_types.every(ask.store, place.row["list_id"]):
        if row["id"] == place.row["content_type"]:
            return Thing("SP.ContentType", row)
    raise not_found("The content type does not exist.")


@act(ITEM, "SetCommentsDisabled")
def set_comments(ask: Ask, place: Thing) -> None:
    require(ask, place, "write")
    chosen = {"disabled": bool(ask.find("value", 0))}
    kept.put(ask.store, place.row["unique_id"], COMMENTS, chosen)


@extra(ITEM, "CommentsDisabled")
def comments_disabled(ask: Ask, row: Item) -> bool:
    said = kept.members_of(ask.store, row["unique_id"], COMMENTS)
    return bool(said.get("disabled", False))


@act(ITEM, "Archive")
@act(ITEM, "Unarchive")
def archive(ask: Ask, place: Thing) -> Value:
    """Put a file or folder into the archive, or take it out; returns the state as JSON in text."""
    require(ask, place, "write")
    away = ask.segment.name == "archive"
    kept.put(ask.store, place.row["unique_id"], ARCHIVE, {"archived": away})
    told = {
        "IsArchive": away,
        "TotalFileCount": 1,
        "CreatedUtcDateTime": ask.store.stamp(),
        "LastStartedUtcDateTime": "0001-01-01T00:00:00",
        "FolderArchiveStatus": "Unknown",
        "ProcessedFileCount": 0,
        "SuccessCount": 0,
        "FailureCount": 0,
        "NotArchivableFileCount": 0,
        "ProgressPercentage": 0.0,
    }
    return Value(json.dumps(told), "Edm.String")


@extra(FILE, "Archived")
def archived(ask: Ask, row: Item) -> bool:
    said = kept.members_of(ask.store, row["unique_id"], ARCHIVE)
    return bool(said.get("archived", False))
