"""Lists and libraries by `_api`: found by title, guid or path; made, changed by MERGE, deleted."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from local.tenant.errors import Refusal, bad_request
from local.tenant.sharepoint.access import actor, declare_unique, require
from local.tenant.sharepoint.body import members
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
from local.tenant.store import changes, lists, sites, views

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

LIST = "SP.List"
WORDS = {number: word for word, number in lists.TEMPLATES.items()}
FIXED: dict[str, Any] = {  # what is the same for every list here
    "CrawlNonDefaultViews": False,
    "CustomActionElements": None,
    "DefaultContentApprovalWorkflowId": "00000000-0000-0000-0000-000000000000",
    "DefaultItemOpenUseListSetting": False,
    "Direction": "none",
    "DisableCommenting": False,
    "DisableGridEditing": False,
    "ExemptFromBlockDownloadOfNonViewableFiles": False,
    "FileSavePostProcessingEnabled": False,
    "HasExternalDataSource": False,
    "ImagePath": None,
    "ImageUrl": None,
    "IrmExpire": False,
    "IrmReject": False,
    "IsApplicationList": False,
    "IsCatalog": False,
    "IsPrivate": False,
    "ListExperienceOptions": 0,
    "MultipleDataList": False,
    "ParserDisabled": False,
    "ServerTemplateCanCreateFolders": True,
    "TemplateFeatureId": "00000000-0000-0000-0000-000000000000",
}
AT_CREATION = {"AllowContentTypes", "BaseTemplate", "Title", "Description", "Url"}


def current_token(ask: Ask, list_id: str) -> dict[str, str]:
    """Return the change token of now: 1;3;list;ticks;number (wire.md 3)."""
    return {
        "StringValue": changes.token(
            changes.LIST, list_id, ask.store.stamp(), changes.last(ask.store)
        )
    }


def entity_name(row: sqlite3.Row) -> str:
    """Return the list's name in type names: `Risk register` → `Risk_x0020_register`."""
    name = "".join(c if c.isalnum() else f"_x{ord(c):04x}_" for c in row["name"])
    return name[:1].upper() + name[1:]


def item_type(row: sqlite3.Row) -> str:
    """Return ListItemEntityTypeFullName, which the client reads before it writes an item."""
    return f"SP.Data.{entity_name(row)}{'Item' if row['is_library'] else 'ListItem'}"


@kind(
    LIST, key=lambda row: f"guid'{row['id']}'", etag=lambda row: f'"{row["id"]},{row["version"]}"'
)
def show_list(ask: Ask, row: sqlite3.Row) -> dict[str, Any]:
    return {
        "AllowContentTypes": True,
        "BaseTemplate": row["base"],
        "BaseType": int(bool(row["is_library"])),
        **FIXED,
        "Created": row["created"],
        "CurrentChangeToken": Value(current_token(ask, row["id"]), "SP.ChangeToken"),
        "Description": row["description"],
        "DocumentTemplateUrl": f"{row['path']}/Forms/template.dotx" if row["is_library"] else None,
        "EntityTypeName": entity_name(row) + ("" if row["is_library"] else "List"),
        "Id": row["id"],
        "ItemCount": row["item_count"],
        "LastItemDeletedDate": row["modified"],
        "LastItemModifiedDate": row["modified"],
        "LastItemUserModifiedDate": row["modified"],
        "ListItemEntityTypeFullName": item_type(row),
        "ParentWebPath": Value({"DecodedUrl": ask.site["path"] or "/"}, "SP.ResourcePath"),
        "ParentWebUrl": ask.site["path"] or "/",
        "Title": row["title"],
        **lists.settings(row),
    }


declare_unique(LIST)


@extra(LIST, "DefaultViewUrl")
def default_view_url(ask: Ask, row: sqlite3.Row) -> str:
    found = [view for view in views.every(ask.store, row["id"]) if view["is_default"]]
    return str(found[0]["url"]) if found else ""


@link("SP.Web", "Lists")
def all_lists(_ask: Ask, place: Thing) -> Things:
    """Return the lists the caller may read."""
    return Things(LIST, lambda ask: Page(lists.every(ask.store, ask.site["id"], ask.who)), place)


@link("", "Lists")
def all_lists_at_root(ask: Ask, _place: Thing) -> Things:
    return Things(
        LIST,
        lambda ask: Page(lists.every(ask.store, ask.site["id"], ask.who)),
        Thing("SP.Web", ask.site),
    )


def _readable(ask: Ask, find: Callable[[], sqlite3.Row], told: str) -> Thing:
    """Find a list and check that it may be read; 404 in SharePoint's words otherwise."""
    try:
        row = find()
        if row["site_id"] == ask.site["id"]:
            require(ask, Thing(LIST, row), "read")
            return Thing(LIST, row)
    except Refusal as refusal:
        if refusal.status != HTTPStatus.NOT_FOUND:
            raise
    raise Refusal(
        404,
        "itemNotFound",
        f"{told} does not exist at site with URL '{sites.web_url(ask.site)}'.",
        -1,
        "System.ArgumentException",
    )


@keyed("SP.Web", "Lists")
@keyed("", "Lists")
@reach(f"{LIST}*", "GetById")
def by_id(ask: Ask, _place: Thing | Things) -> Thing:
    guid = ask.text("id").strip("{}")
    return _readable(ask, lambda: lists.by_id(ask.store, guid), f"List '{guid}'")


@reach(f"{LIST}*", "GetByTitle")
def by_title(ask: Ask, _place: Things) -> Thing:
    title = ask.text("title")

    def find() -> sqlite3.Row:
        row = lists.find(ask.store, ask.site["id"], title)
        if row["title"].casefold() != title.casefold():
            raise Refusal(404, "itemNotFound", "List not found")
        return row

    return _readable(ask, find, f"List '{title}'")


@reach("SP.Web", "GetList")
def by_path(ask: Ask, _place: Thing) -> Thing:
    path = ask.text("strUrl").rstrip("/")
    full = path if path.startswith("/") else f"{ask.site['path']}/{path}"
    return _readable(ask, lambda: lists.by_path(ask.store, full), f"List '{path}'")


@verb(f"{LIST}*", "create")
def create(ask: Ask, place: Things) -> Thing:
    """Make a list or library from Title, BaseTemplate and settings; 409 when the title is taken."""
    require(ask, place.owner, "manage")
    sent = members(ask.call)
    number = int(sent.get("BaseTemplate") or 100)
    if number not in WORDS:
        raise bad_request(f"The list template {number} is not supported")
    new = lists.NewList(
        title=ask.text("Title"),
        template=WORDS[number],
        description=str(sent.get("Description") or ""),
        url=str(sent.get("Url") or "").removeprefix("Lists/"),
    )
    row = lists.create(ask.store, ask.site, new, actor(ask))
    rest = {name: value for name, value in sent.items() if name not in AT_CREATION}
    return Thing(LIST, lists.update(ask.store, row, rest) if rest else row)


@verb(LIST, "merge")
def change(ask: Ask, place: Thing) -> None:
    """Change title, description and settings; 412 when If-Match names another version."""
    require(ask, place, "manage")
    lists.update(ask.store, place.row, members(ask.call))


@verb(LIST, "delete")
@act(LIST, "DeleteObject")
def remove(ask: Ask, place: Thing) -> None:
    require(ask, place, "manage")
    lists.remove(ask.store, place.row)


@link(LIST, "ParentWeb")
def parent_web(ask: Ask, _place: Thing) -> Thing:
    return Thing("SP.Web", ask.site)


def owner_list(place: Thing | Things) -> sqlite3.Row:
    """Return the list a thing or collection belongs to; 400 where it belongs to a web."""
    owner = place.owner if isinstance(place, Things) else place
    if owner.kind != LIST:
        raise bad_request("Only a list has these")
    row: sqlite3.Row = owner.row
    return row


def may_manage(ask: Ask, owner: Thing) -> None:
    """Columns, content types and views of a list need `manage` there, of a web on the web."""
    require(ask, owner, "manage")
