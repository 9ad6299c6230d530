"""List items by `_api`: listed in pages, made, changed by MERGE, deleted."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from local.tenant.errors import Refusal, bad_request
from local.tenant.sharepoint.access import declare_unique, require
from local.tenant.sharepoint.body import members
from local.tenant.sharepoint.fields import entity_property
from local.tenant.sharepoint.lists import item_type
from local.tenant.sharepoint.options import read_filter, read_options, show_token
from local.tenant.sharepoint.surface import (
    KINDS,
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
from local.tenant.store import (
    attachments,
    columns,
    files,
    items,
    lists,
    principals,
    sight,
    values,
    versions,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from local.tenant.store.ids import Item

ITEM = "SP.ListItem"
THRESHOLD = 5000
REFERENCES = frozenset({"personOrGroup", "lookup"})
SIMPLE = re.compile(r"\s*(?P<name>\w+)\s+eq\s+'(?P<value>(?:[^']|'')*)'\s*")
SKIPPED = frozenset({
    "ID", "ContentType", "Created", "Author", "Modified", "Editor", "_UIVersionString",
    "_ModerationStatus", "_ModerationComments", "FolderChildCount", "ItemChildCount", "Attachments",
    "LinkTitle", "FileLeafRef", "LinkFilename", "LinkFilenameNoMenu", "DocIcon", "FileSizeDisplay",
    "CheckoutUser", "_CheckinComment",
})  # fmt: skip


def etag_of(row: Item) -> str:
    return f'"{row["unique_id"]},{row["etag"]}"'


def dressed(ask: Ask, list_row: sqlite3.Row, rows: Iterable[Item]) -> list[Item]:
    """Return items with their list and its columns at hand, as they are shown."""
    known = columns.every(ask.store, list_row["id"])
    return [{**row, "_list": list_row, "_columns": known} for row in rows]


def no_item() -> Refusal:
    """Return the refusal of an item that is not there, or not to be seen."""
    words = "Item does not exist. It may have been deleted by another user."
    return Refusal(404, "itemNotFound", words, -2147024809, "System.ArgumentException")


def seen(ask: Ask, list_row: sqlite3.Row, item: Item) -> Item:
    """Return the state of an item this caller sees; 404 when they see none, 403 for an app."""
    require(ask, Thing(ITEM, item), "read")
    view = sight.of(ask.store, ask.who, list_row)
    if not view.sees(item):
        raise no_item()
    return dressed(ask, list_row, [view.show(ask.store, item)])[0]


def current(ask: Ask, place: Thing, what: str) -> tuple[sqlite3.Row, Item]:
    """Return list and newest state of an addressed item, once the caller may do `what` to it."""
    item = items.by_unique(ask.store, place.row["unique_id"])
    require(ask, Thing(ITEM, item), what)
    row = lists.by_id(ask.store, item["list_id"])
    if what != "read":
        sight.require_change(ask.store, ask.who, row, item)
    return row, item


def url_of(list_row: sqlite3.Row, item: Item) -> str:
    return f"{list_row['path']}{items.path_of(item)}"


@kind(ITEM, key=lambda row: str(row["id"]), type=lambda row: item_type(row["_list"]), etag=etag_of)
def show_item(ask: Ask, row: Item) -> dict[str, Any]:
    return {
        "FileSystemObjectType": int(row["kind"] == "folder"),
        "Id": row["id"],
        "ServerRedirectedEmbedUri": None,
        "ServerRedirectedEmbedUrl": "",
        "ContentTypeId": row["content_type"],
        **shown_fields(row),
        "ID": row["id"],
        "Created": row["created"],
        "AuthorId": _number(ask, row["created_by"]),
        "Modified": row["modified"],
        "EditorId": _number(ask, row["modified_by"]),
        "OData__ModerationStatus": row["moderation"],
        "OData__UIVersionString": versions.label(row),
        "CheckoutUserId": _number(ask, row["checkout"]) if row["checkout"] else None,
        "GUID": row["unique_id"],
        "ComplianceAssetId": None,
        **(
            {"Attachments": attachments.any_of(ask.store, row["unique_id"])}
            if row["kind"] == "item"
            else {}
        ),
    }


def shown_fields(row: Item) -> dict[str, Any]:
    """Return the list's columns by REST's names; one nobody filled in is null."""
    stored, shown = items.fields_of(row), {}
    for column in row["_columns"]:
        name = column["name"]
        if name in SKIPPED:
            continue
        if column["kind"] in REFERENCES:
            value = stored.get(f"{name}LookupId")
            shown[f"{entity_property(name)}Id"] = _plain(value, "Edm.Int32")
        elif column["kind"] == "calculated":
            shown[entity_property(name)] = _calculated(stored.get(name))
        else:
            shown[entity_property(name)] = _plain(stored.get(name), "Edm.String")
    return shown


def _calculated(value: Any) -> str | None:
    """Return a calculated value as `_api` tells it, as text: 6.00000000000000, 1 for yes (gk)."""
    if isinstance(value, bool):
        return str(int(value))
    return f"{value:#.15g}" if isinstance(value, int | float) else value


def _plain(value: Any, member: str) -> Any:
    if isinstance(value, list):
        return Value(value, member)
    return Value(value, "SP.FieldUrlValue") if isinstance(value, dict) else value


def _number(ask: Ask, who: str) -> int:
    return principals.ensure_actor(ask.store, ask.site["id"], who)


declare_unique(ITEM)


@extra(ITEM, "FileLeafRef")
def leaf_ref(_ask: Ask, row: Item) -> str:
    return str(row["name"])


@extra(ITEM, "FileRef")
def file_ref(_ask: Ask, row: Item) -> str:
    return url_of(row["_list"], row)


@extra(ITEM, "FileDirRef")
def dir_ref(_ask: Ask, row: Item) -> str:
    return f"{row['_list']['path']}{row['dir']}"


@extra(ITEM, "UniqueId")
def unique_id(_ask: Ask, row: Item) -> str:
    return str(row["unique_id"])


@link("SP.List", "Items")
def all_items(_ask: Ask, place: Thing) -> Things:
    return Things(ITEM, lambda ask: load_page(ask, place.row), place)


@keyed("SP.List", "Items")
@reach("SP.List", "GetItemById")
def item_by_id(ask: Ask, place: Thing) -> Thing:
    number = ask.text("id")
    found = ask.store.one(
        "SELECT * FROM items WHERE list_id=? AND id=? AND state=0",
        place.row["id"], int(number) if number.isdecimal() else -1,
    )  # fmt: skip
    if found is None:
        raise no_item()
    return Thing(ITEM, seen(ask, place.row, dict(found)))


@reach(f"{ITEM}*", "GetById")
def item_by_id_in(ask: Ask, place: Things) -> Thing:
    return item_by_id(ask, place.owner)


@reach("SP.List", "GetItemByUniqueId")
def item_by_unique(ask: Ask, place: Thing) -> Thing:
    found = items.by_unique(ask.store, ask.text("uniqueId"))
    if found["list_id"] != place.row["id"]:
        raise no_item()
    return Thing(ITEM, seen(ask, place.row, found))


def load_page(ask: Ask, list_row: sqlite3.Row) -> Page:
    """Return a page of a list by item number, filtered; 500 over the threshold without an index."""
    options = read_options(ask.call.query)
    view = sight.of(ask.store, ask.who, list_row)
    text, order = ask.call.query.get("$filter", ""), ask.call.query.get("$orderby", "")
    sql, given = _threshold(ask, list_row, text, order)
    trimmed, more = view.where()
    limit = -1 if text or order else options.top + 1
    rows = ask.store.all(
        f"SELECT * FROM items WHERE list_id=? AND state=0 AND id>?{sql}{trimmed}"
        " ORDER BY id LIMIT ?",
        list_row["id"], options.after, *given, *more, limit,
    )  # fmt: skip
    found = dressed(ask, list_row, (view.show(ask.store, dict(row)) for row in rows))
    found = _ordered(ask, _kept(ask, found, text), order)[options.skip :]
    page = found[: options.top]
    token = show_token(page[-1]["id"]) if len(found) > options.top and not order else None
    return Page(page, token, filtered=True)


def _threshold(ask: Ask, list_row: sqlite3.Row, text: str, order: str) -> tuple[str, list[Any]]:
    """Return the SQL of an indexed `Name eq 'value'`; refuse what would scan a large list."""
    simple = SIMPLE.fullmatch(text)
    column = columns.find(ask.store, list_row["id"], simple["name"]) if simple else None
    if simple and column is not None and column["kind"] in {"text", "choice"}:
        indexed = bool(column["indexed"])
        if indexed or list_row["item_count"] <= THRESHOLD:
            value = simple["value"].replace("''", "'")
            return f" AND {columns.path_of(column['name'])}=? COLLATE NOCASE", [value]
    if (text or order) and list_row["item_count"] > THRESHOLD:
        raise Refusal(
            500,
            "notAllowed",
            "The attempted operation is prohibited because it exceeds the list view threshold.",
            -2147024860,
            "Microsoft.SharePoint.SPQueryThrottledException",
        )
    return "", []


def _kept(ask: Ask, rows: list[Item], text: str) -> list[Item]:
    if not text:
        return rows
    test, extras = read_filter(text), KINDS[ITEM].extras
    wanted = [name for name in extras if name in text and name != "HasUniqueRoleAssignments"]

    def visible(row: Item) -> dict[str, Any]:
        more = {name: extras[name](ask, row) for name in wanted}
        return {name: _bare(value) for name, value in (show_item(ask, row) | more).items()}

    return [row for row in rows if test(visible(row))]


def _bare(value: Any) -> Any:
    return value.data if isinstance(value, Value) else value


def _ordered(ask: Ask, rows: list[Item], order: str) -> list[Item]:
    if not order:
        return rows
    name, _, direction = order.partition(" ")
    if rows and name not in show_item(ask, rows[0]):
        raise bad_request(f"The field or property '{name}' does not exist.")

    def rank(row: Item) -> tuple[bool, Any]:
        value = _bare(show_item(ask, row)[name])
        return value is not None, value if value is not None else ""

    return sorted(rows, key=rank, reverse=direction.strip().lower() == "desc")


def stored_names(
    ask: Ask, list_row: sqlite3.Row, sent: dict[str, Any]
) -> tuple[dict[str, Any], int | None]:
    """Return what is sent under the store's names, and a moderation status if one is among it."""
    given, status = dict(sent), None
    if "OData__ModerationStatus" in given:
        status = int(given.pop("OData__ModerationStatus"))
    if "ContentTypeId" in given:
        type_id = given.pop("ContentTypeId")
        given["ContentType"] = type_id["StringValue"] if isinstance(type_id, dict) else type_id
    named = {}
    for name, value in given.items():
        plain = name.removeprefix("OData_") if name.startswith("OData__") else name
        base = plain.removesuffix("StringId").removesuffix("Id")
        column = columns.find(ask.store, list_row["id"], base) if base != plain else None
        if column is not None and column["kind"] in REFERENCES:
            named[f"{column['name']}LookupId"] = value
        else:
            named[plain] = value
    return named, status


@verb(f"{ITEM}*", "create")
def create(ask: Ask, place: Things) -> Thing:
    """Make a list item; a library's files come through Files/add."""
    require(ask, place.owner, "write")
    row = place.owner.row
    if row["is_library"]:
        raise bad_request("To add an item to a document library, use SPFileCollection.Add()")
    given, _ = stored_names(ask, row, members(ask.call))
    type_name = str(given.pop("ContentType", "") or "")
    type_id = values.content_type_id(ask.store, row, type_name) if type_name else ""
    new = items.NewItem("item", values=given, content_type=type_id)
    made = items.add(ask.store, row, new, versions.Write(ask.who))
    return Thing(ITEM, dressed(ask, row, [made])[0])


def update(ask: Ask, place: Thing, *, version: bool, touch: bool) -> None:
    """Write the body's columns; a moderation status among them needs the right to approve."""
    row, item = current(ask, place, "write")
    given, status = stored_names(ask, row, members(ask.call))
    how = versions.Write(ask.who, version=version, touch=touch)
    if given:
        item = files.write_columns(ask.store, row, item, given, how)
    if status is not None:
        current(ask, place, "approve")
        versions.moderate(ask.store, row, item, how, status, str(item["comment"]))


@verb(ITEM, "merge")
def change(ask: Ask, place: Thing) -> None:
    update(ask, place, version=True, touch=True)


@act(ITEM, "UpdateOverwriteVersion")
def overwrite_version(ask: Ask, place: Thing) -> None:
    update(ask, place, version=False, touch=True)


@act(ITEM, "SystemUpdate")
def system_update(ask: Ask, place: Thing) -> None:
    update(ask, place, version=False, touch=False)


@verb(ITEM, "delete")
@act(ITEM, "DeleteObject")
def remove(ask: Ask, place: Thing) -> None:
    _, item = current(ask, place, "write")
    items.recycle(ask.store, item, versions.Write(ask.who))


@act(ITEM, "Recycle")
def recycle(ask: Ask, place: Thing) -> Value:
    """Delete to the recycle bin and return the entry's guid."""
    remove(ask, place)
    return Value(place.row["unique_id"])


@link(ITEM, "ParentList")
def parent_list(ask: Ask, place: Thing) -> Thing:
    return Thing("SP.List", lists.by_id(ask.store, place.row["list_id"]))


def person(ask: Ask, who: str) -> Thing:
    """Return who did something as the site's user."""
    return Thing("SP.User", principals.get(ask.store, ask.site["id"], _number(ask, who)))


@link(ITEM, "Author")
@link("SP.File", "Author")
def author(ask: Ask, place: Thing) -> Thing:
    return person(ask, place.row["created_by"])


@link(ITEM, "Editor")
@link("SP.File", "ModifiedBy")
def editor(ask: Ask, place: Thing) -> Thing:
    return person(ask, place.row["modified_by"])


def parse_json(text: str) -> Any:
    """Read JSON that the client may have written with single quotes, as it does for people."""
    try:
        return json.loads(text)
    except ValueError:
        return json.loads(text.replace("'", '"'))
