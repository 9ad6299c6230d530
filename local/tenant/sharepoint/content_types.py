"""Content types by `_api`: a web declares them, a list holds copies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.tenant.errors import bad_request
from local.tenant.sharepoint.access import require
from local.tenant.sharepoint.body import members
from local.tenant.sharepoint.lists import may_manage, owner_list
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
from local.tenant.store import columns, content_types, lists, templates

if TYPE_CHECKING:
    import sqlite3

TYPE, FIELD_LINK = "SP.ContentType", "SP.FieldLink"
ID_TYPE = "SP.ContentTypeId"
MERGED = {
    "Name": "name",
    "Description": "description",
    "Group": "group",
    "Hidden": "hidden",
    "ReadOnly": "readOnly",
    "Sealed": "sealed",
}


@kind(TYPE, key=lambda row: f"'{row['id']}'")
def show_type(ask: Ask, row: sqlite3.Row) -> dict[str, Any]:
    return {
        "Description": row["description"],
        "DisplayFormTemplateName": "ListForm",
        "DisplayFormUrl": "",
        "DocumentTemplate": templates.of(ask.store, row["owner"], row["id"]),
        "DocumentTemplateUrl": templates.url_of(ask.store, row),
        "EditFormTemplateName": "ListForm",
        "EditFormUrl": "",
        "Group": row["group_name"],
        "Hidden": bool(row["hidden"]),
        "Id": Value({"StringValue": row["id"]}, ID_TYPE),
        "JSLink": "",
        "MobileDisplayFormUrl": "",
        "MobileEditFormUrl": "",
        "MobileNewFormUrl": "",
        "Name": row["name"],
        "NewFormTemplateName": "ListForm",
        "NewFormUrl": "",
        "ReadOnly": bool(row["read_only"]),
        "SchemaXml": f'<ContentType ID="{row["id"]}" Name="{row["name"]}" />',
        "Scope": row["owner"],
        "Sealed": bool(row["sealed"]),
        "StringId": row["id"],
    }


@kind(FIELD_LINK, key=lambda row: f"guid'{row['id']}'")
def show_link(_ask: Ask, row: sqlite3.Row) -> dict[str, Any]:
    return {
        "FieldInternalName": row["name"],
        "Hidden": bool(row["hidden"]),
        "Id": row["id"],
        "Name": row["name"],
        "Required": bool(row["required"]),
    }


@link("SP.Web", "ContentTypes")
@link("SP.Web", "AvailableContentTypes")
@link("SP.List", "ContentTypes")
def all_types(ask: Ask, place: Thing) -> Things:
    require(ask, place, "read")
    return Things(TYPE, lambda ask: Page(content_types.every(ask.store, place.row["id"])), place)


@keyed("SP.Web", "ContentTypes")
@keyed("SP.List", "ContentTypes")
def type_by_key(ask: Ask, place: Thing) -> Thing:
    require(ask, place, "read")
    return Thing(TYPE, content_types.get(ask.store, place.row["id"], ask.text("id")))


@reach(f"{TYPE}*", "GetById")
def type_by_id(ask: Ask, place: Things) -> Thing:
    return type_by_key(ask, place.owner)


@verb(f"{TYPE}*", "create")
def create(ask: Ask, place: Things) -> Thing:
    """Declare a site content type. SharePoint Online gives it an id of its own.

    A given id serves only to name its parent; without one the parent is Item, or Document where
    the id begins with Document's.
    """
    may_manage(ask, place.owner)
    if place.owner.kind != "SP.Web":
        raise bad_request("A list takes its content types from the site: AddAvailableContentType")
    sent = members(ask.call)
    wanted = _id_of(sent.get("Id"))
    words = {
        "description": str(sent.get("Description") or ""),
        "group": str(sent.get("Group") or ""),
    }
    known = [row["id"] for row in content_types.every(ask.store, ask.site["id"])]
    parent = max((each for each in known if wanted.startswith(each)), key=len, default="0x01")
    if wanted.startswith(parent) and wanted != parent:
        words["id"] = wanted
    name = ask.text("Name")
    return Thing(TYPE, content_types.create(ask.store, ask.site["id"], name, parent, words))


def _id_of(value: Any) -> str:
    return str(value.get("StringValue", "") if isinstance(value, dict) else value or "")


@act(f"{TYPE}*", "AddAvailableContentType")
@act(f"{TYPE}*", "AddExistingContentType")
def add_available(ask: Ask, place: Things) -> Thing:
    """Copy a site content type with its columns into the list; 409 when it is there already."""
    may_manage(ask, place.owner)
    row = owner_list(place)
    lists.touch(ask.store, row["id"])
    type_id = _id_of(ask.need("contentTypeId"))
    made = content_types.add_to_list(ask.store, row, type_id)
    templates.inherit(ask.store, content_types.get(ask.store, row["site_id"], type_id), made)
    return Thing(TYPE, made)


def _owner(ask: Ask, row: sqlite3.Row) -> Thing:
    if row["owner"] == ask.site["id"]:
        return Thing("SP.Web", ask.site)
    return Thing("SP.List", lists.by_id(ask.store, row["owner"]))


@verb(TYPE, "merge")
def change(ask: Ask, place: Thing) -> None:
    may_manage(ask, _owner(ask, place.row))
    sent = members(ask.call)
    template = sent.pop("DocumentTemplate", None)
    if unknown := next((name for name in sent if name not in MERGED), None):
        raise bad_request(f"The property '{unknown}' does not exist on type 'SP.ContentType'.")
    if template is not None:
        templates.put(ask.store, place.row["owner"], place.row["id"], str(template))
    new = {MERGED[name]: value for name, value in sent.items()}
    content_types.update(ask.store, place.row["owner"], place.row["id"], new)


@verb(TYPE, "delete")
@act(TYPE, "DeleteObject")
def remove(ask: Ask, place: Thing) -> None:
    may_manage(ask, _owner(ask, place.row))
    content_types.remove(ask.store, place.row["owner"], place.row["id"])
    templates.put(ask.store, place.row["owner"], place.row["id"], "")


def _fields(ask: Ask, row: sqlite3.Row) -> Page:
    names = content_types.fields_of(row)
    found = [columns.find(ask.store, row["owner"], name) for name in names]
    return Page([column for column in found if column is not None])


@link(TYPE, "Fields")
def type_fields(_ask: Ask, place: Thing) -> Things:
    return Things("SP.Field", lambda ask: _fields(ask, place.row), place)


@link(TYPE, "FieldLinks")
def field_links(_ask: Ask, place: Thing) -> Things:
    return Things(FIELD_LINK, lambda ask: _fields(ask, place.row), place)


@verb(f"{FIELD_LINK}*", "create")
@act(f"{FIELD_LINK}*", "Add")
def add_link(ask: Ask, place: Things) -> Thing:
    """Add a column of the same web or list to the content type."""
    row = place.owner.row
    may_manage(ask, _owner(ask, row))
    name = ask.text("FieldInternalName")
    content_types.add_field(ask.store, row["owner"], row["id"], name)
    return Thing(FIELD_LINK, columns.get(ask.store, row["owner"], name))


@link(TYPE, "Parent")
def parent(ask: Ask, place: Thing) -> Thing | None:
    """Return the content type this one continues; System (0x), from which all come, is not kept."""
    row = content_types.anywhere(ask.store, place.row["parent_id"])
    return Thing(TYPE, row) if row is not None else None
