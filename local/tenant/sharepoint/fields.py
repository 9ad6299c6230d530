"""Columns by `_api`: SP.Field on a list or web, made from SchemaXml, changed by MERGE."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from local.tenant.errors import Refusal, bad_request
from local.tenant.sharepoint.access import require
from local.tenant.sharepoint.body import members
from local.tenant.sharepoint.field_members import merge_members, show_facet
from local.tenant.sharepoint.lists import may_manage
from local.tenant.sharepoint.schema_xml import (
    KINDS,
    formatter_of,
    read_field,
    type_of,
    write_field,
)
from local.tenant.sharepoint.surface import (
    Ask,
    Page,
    Thing,
    Things,
    act,
    keyed,
    kind,
    link,
    reach,
    verb,
)
from local.tenant.store import columns, lists

if TYPE_CHECKING:
    import sqlite3

FIELD = "SP.Field"
NAME_HINT = 8  # AddFieldOptions.AddFieldInternalNameHint
TYPES = {
    "Text": "SP.FieldText",
    "Note": "SP.FieldMultiLineText",
    "Choice": "SP.FieldChoice",
    "MultiChoice": "SP.FieldMultiChoice",
    "Number": "SP.FieldNumber",
    "DateTime": "SP.FieldDateTime",
    "User": "SP.FieldUser",
    "UserMulti": "SP.FieldUser",
    "Lookup": "SP.FieldLookup",
    "LookupMulti": "SP.FieldLookup",
    "URL": "SP.FieldUrl",
    "Calculated": "SP.FieldCalculated",
    "Currency": "SP.FieldCurrency",
    "Computed": "SP.FieldComputed",
}


def _type(row: sqlite3.Row) -> str:
    return TYPES.get(type_of(json.loads(row["definition"])), FIELD)


@kind(FIELD, key=lambda row: f"guid'{row['id']}'", type=_type)
def show_field(_ask: Ask, row: sqlite3.Row) -> dict[str, Any]:
    column, kept = json.loads(row["definition"]), json.loads(row["extras"])
    word = type_of(column)
    default = column.get("defaultValue") or {}
    check = column.get("validation") or {}
    said = check.get("descriptions") or [{}]
    return {
        "AutoIndexed": False,
        "CanBeDeleted": bool(row["deletable"]),
        "ClientSideComponentId": "00000000-0000-0000-0000-000000000000",
        "ClientSideComponentProperties": None,
        "CustomFormatter": kept.get("CustomFormatter") or None,
        "DefaultFormula": default.get("formula"),
        "DefaultValue": default.get("value"),
        "Description": column.get("description", ""),
        "Direction": "none",
        "EnforceUniqueValues": bool(row["is_unique"]),
        "EntityPropertyName": entity_property(row["name"]),
        "FieldTypeKind": KINDS[word],
        "Filterable": True,
        "FromBaseType": not row["deletable"],
        "Group": column.get("columnGroup", ""),
        "Hidden": bool(row["hidden"]),
        "Id": row["id"],
        "Indexed": bool(row["indexed"]),
        "IndexStatus": int(bool(row["indexed"])),
        "InternalName": row["name"],
        "JSLink": None,
        "PinnedToFiltersPane": False,
        "ReadOnlyField": bool(row["read_only"]),
        "Required": bool(row["required"]),
        "SchemaXml": kept.get("SchemaXml") or write_field(column | {"id": row["id"]}, kept),
        "Scope": row["owner"],
        "Sealed": False,
        "ShowInFiltersPane": kept.get("ShowInFiltersPane", 0),
        "Sortable": True,
        "StaticName": row["name"],
        "Title": row["display_name"],
        "TypeAsString": word,
        "TypeDisplayName": word,
        "TypeShortDescription": word,
        "ValidationFormula": check.get("formula") or None,
        "ValidationMessage": said[0].get("displayName") or None,
        **show_facet(column),
    }


def entity_property(name: str) -> str:
    """Return the name REST gives a column: one that starts with `_` gets `OData_` before it."""
    return f"OData_{name}" if name.startswith("_") else name


@link("SP.Web", "Fields")
@link("SP.List", "Fields")
def all_fields(ask: Ask, place: Thing) -> Things:
    require(ask, place, "read")
    return Things(FIELD, lambda ask: Page(columns.every(ask.store, place.row["id"])), place)


@link("SP.Web", "AvailableFields")
def available_fields(ask: Ask, place: Thing) -> Things:
    require(ask, place, "read")
    return Things(FIELD, lambda ask: Page(columns.every(ask.store, place.row["id"])), place)


@keyed("SP.Web", "Fields")
@keyed("SP.List", "Fields")
def field_by_key(ask: Ask, place: Thing) -> Thing:
    require(ask, place, "read")
    return _found(ask, place.row["id"], ask.text("id").strip("{}"))


@reach(f"{FIELD}*", "GetById")
def field_by_id(ask: Ask, place: Things) -> Thing:
    return _found(ask, place.owner.row["id"], ask.text("id").strip("{}"))


@reach(f"{FIELD}*", "GetByInternalNameOrTitle")
@reach(f"{FIELD}*", "GetByTitle")
def field_by_name(ask: Ask, place: Things) -> Thing:
    return _found(ask, place.owner.row["id"], ask.text("strName"))


def _found(ask: Ask, owner: str, key: str) -> Thing:
    row = columns.find_by_title(ask.store, owner, key)
    if row is None:
        raise Refusal(
            404,
            "itemNotFound",
            f"Column '{key}' does not exist. It may have been deleted by another user.",
            -2147024809,
            "System.ArgumentException",
        )
    return Thing(FIELD, row)


@act(f"{FIELD}*", "CreateFieldAsXml")
def create_as_xml(ask: Ask, place: Things) -> Thing:
    """Make a column from SchemaXml; 400 when it is malformed, 409 when the name is taken.

    A list names the column after its DisplayName unless Options has AddFieldInternalNameHint (8):
    SharePoint passes over Name there.
    """
    may_manage(ask, place.owner)
    xml = ask.text("SchemaXml")
    column = read_field(xml)
    if place.owner.kind == "SP.List" and not int(ask.find("Options") or 0) & NAME_HINT:
        column["name"] = internal_name(column["displayName"])
    extras = {"SchemaXml": xml} | ({"CustomFormatter": f} if (f := formatter_of(xml)) else {})
    row = columns.add(ask.store, place.owner.row["id"], column, extras)
    _touch(ask, place.owner)
    return Thing(FIELD, row)


def internal_name(display: str) -> str:
    """Return the name made from a title: `Review date` → `Review_x0020_date`, 32 at most."""
    text = "".join(c if c.isalnum() or c == "_" else f"_x{ord(c):04x}_" for c in display)
    return text[:32]


@verb(f"{FIELD}*", "create")
@act(f"{FIELD}*", "AddField")
def create(ask: Ask, place: Things) -> Thing:
    """Make a column from Title and FieldTypeKind."""
    may_manage(ask, place.owner)
    number, title = ask.number("FieldTypeKind"), ask.text("Title")
    word = next((word for word, each in KINDS.items() if each == number), None)
    if word is None:
        raise bad_request(f"The field type {number} is not served")
    given = (escape(str(each)) for each in ask.find("Choices") or ())
    choices = "".join(f"<CHOICE>{each}</CHOICE>" for each in given)
    xml = f'<Field Type="{word}" Name="X"><CHOICES>{choices}</CHOICES></Field>'
    column = read_field(xml) | {"name": internal_name(title), "displayName": title}
    column["required"] = bool(ask.find("Required"))
    row = columns.add(ask.store, place.owner.row["id"], column)
    _touch(ask, place.owner)
    return Thing(FIELD, row)


@verb(FIELD, "merge")
def change(ask: Ask, place: Thing) -> None:
    """Change what may be changed of a column: titles, flags, choices, default, formatting."""
    may_manage(ask, _owner(ask, place.row))
    row, sent = place.row, members(ask.call)
    definition, extras = merge_members(json.loads(row["definition"]), sent)
    if definition:
        columns.update(ask.store, row["owner"], row["name"], definition)
        extras = {"SchemaXml": None} | extras
    if extras:
        columns.update_extras(ask.store, row["owner"], row["name"], extras)


@verb(FIELD, "delete")
@act(FIELD, "DeleteObject")
def remove(ask: Ask, place: Thing) -> None:
    may_manage(ask, _owner(ask, place.row))
    columns.remove(ask.store, place.row["owner"], place.row["name"])


@act(FIELD, "SetShowInEditForm")
@act(FIELD, "SetShowInNewForm")
@act(FIELD, "SetShowInDisplayForm")
def show_in_form(ask: Ask, place: Thing) -> None:
    """Keep whether a form shows the column, under the operation's name without Set."""
    may_manage(ask, _owner(ask, place.row))
    name = ask.segment.text.partition("(")[0].removeprefix("Set").removeprefix("set")
    columns.update_extras(
        ask.store, place.row["owner"], place.row["name"], {name: bool(ask.find("value"))}
    )


def _owner(ask: Ask, row: sqlite3.Row) -> Thing:
    if row["owner"] == ask.site["id"]:
        return Thing("SP.Web", ask.site)
    return Thing("SP.List", lists.by_id(ask.store, row["owner"]))


def _touch(ask: Ask, owner: Thing) -> None:
    if owner.kind == "SP.List":
        lists.touch(ask.store, owner.row["id"])
