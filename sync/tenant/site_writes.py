"""The writes that make groups, columns, content types and lists what a spec says.

Pure: declared things in, REST writes out. What Graph v1.0 cannot set is listed in wire.md 7.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, SubElement, tostring

from sharepoint_schema.expand import formatting
from sync.tenant.rest import Write, collection, quoted, typed
from sync.tenant.site_answers import OURS
from sync.tenant.site_roles import level_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sharepoint_schema.site import Column, ContentType, Group, SiteList
    from sync.site_state import Found

NAMESPACE = uuid.UUID("5f1d3a7e-6f2c-5b0e-9a55-0f6f9c1c2d11")
"""Ids of columns and content types follow from their names: they are the same on every site."""

PARENTS = {"Document": "0x0101", "Item": "0x01"}
TEMPLATES = {"library": 101, "list": 100}
TYPES = {
    "text": "Text",
    "note": "Note",
    "number": "Number",
    "choice": "Choice",
    "date": "DateTime",
    "user": "User",
    "boolean": "Boolean",
    "lookup": "Lookup",
    "calculated": "Calculated",
}
CLASSES = {
    "text": "SP.FieldText",
    "note": "SP.FieldMultiLineText",
    "number": "SP.FieldNumber",
    "choice": "SP.FieldChoice",
    "date": "SP.FieldDateTime",
    "user": "SP.FieldUser",
    "boolean": "SP.Field",
    "lookup": "SP.FieldLookup",
    "calculated": "SP.FieldCalculated",
}
CLAIM = "i:0#.f|membership|"
KEEP_NAME = 8
"""AddFieldOptions.AddFieldInternalNameHint: without it a list names the column after its title."""


def list_path(list_id: str) -> str:
    """Return the address of a list below `_api`."""
    return f"Web/Lists(guid'{list_id}')"


def new_group(group: Group) -> Write:
    """Return the write that makes a site group."""
    body = typed("SP.Group", Title=group.title, Description=group.description)
    return Write("Web/SiteGroups", body)


def members(group_id: str, wanted: Sequence[str], found: Sequence[str]) -> Iterator[Write]:
    """Yield the writes that make a group's members those wanted."""
    users = f"Web/SiteGroups({group_id})/Users"
    for name in wanted:
        if name not in found:
            yield Write(users, typed("SP.User", LoginName=CLAIM + name))
    for name in found:
        if name not in wanted:
            login = quoted(CLAIM + name).replace("#", "%23").replace("|", "%7C")
            yield Write(f"{users}/RemoveByLoginName({login})")


def new_site_column(column: Column) -> Write:
    """Return the write that makes a site column."""
    return _create_field("Web/Fields", column, None)


def new_list_column(list_id: str, column: Column, lookup: str | None = None) -> Write:
    """Return the write that makes a column of a list's own; `lookup` is the list it looks into."""
    return _create_field(f"{list_path(list_id)}/Fields", column, lookup)


def _create_field(fields: str, column: Column, lookup: str | None) -> Write:
    parameters = typed(
        "SP.XmlSchemaFieldCreationInformation",
        SchemaXml=field_xml(column, lookup),
        Options=KEEP_NAME,
    )
    return Write(f"{fields}/CreateFieldAsXml", {"parameters": parameters})


def field_xml(column: Column, lookup: str | None = None) -> str:
    """Return a column as SharePoint's own XML."""
    names = {"Name": column.name, "StaticName": column.name, "DisplayName": column.title}
    about = {"ID": f"{{{uuid.uuid5(NAMESPACE, column.name)}}}", "Group": OURS}
    field = Element("Field", {"Type": TYPES[column.kind], **names, **about})
    field.set("Required", str(column.required).upper())
    if column.description:
        field.set("Description", column.description)
    if column.formatting:
        field.set("CustomFormatter", formatting(column.formatting))
    _FACETS.get(column.kind, _no_more)(field, column)
    if lookup is not None:
        field.set("List", f"{{{lookup}}}")
        field.set("ShowField", "Title")
    if column.default is not None:
        SubElement(field, "Default").text = column.default
    if column.validation is not None:
        rule = SubElement(field, "Validation", Message=column.validation.message)
        rule.text = column.validation.formula
    return tostring(field, encoding="unicode")


def _no_more(_field: Element, _column: Column) -> None:
    """Leave a field of this kind as it is."""


def _note(field: Element, _column: Column) -> None:
    field.set("NumLines", "6")
    field.set("RichText", "FALSE")


def _number(field: Element, column: Column) -> None:
    field.set("Decimals", "0")
    for name, bound in (("Min", column.lowest), ("Max", column.highest)):
        if bound is not None:
            field.set(name, str(bound))


def _choice(field: Element, column: Column) -> None:
    if column.many:
        field.set("Type", "MultiChoice")
    choices = SubElement(field, "CHOICES")
    for one in column.choices:
        SubElement(choices, "CHOICE").text = one


def _date(field: Element, _column: Column) -> None:
    field.set("Format", "DateOnly")


def _user(field: Element, column: Column) -> None:
    field.set("UserSelectionMode", "PeopleOnly")
    if column.many:
        field.set("Type", "UserMulti")
        field.set("Mult", "TRUE")


def _calculated(field: Element, column: Column) -> None:
    field.set("ResultType", "Number" if column.gives == "number" else "Text")
    field.set("ReadOnly", "TRUE")
    SubElement(field, "Formula").text = column.formula


_FACETS: Mapping[str, Callable[[Element, Column], None]] = {
    "note": _note,
    "number": _number,
    "choice": _choice,
    "date": _date,
    "user": _user,
    "calculated": _calculated,
}

_MEMBERS = {
    "title": "Title",
    "description": "Description",
    "default": "DefaultValue",
    "required": "Required",
    "indexed": "Indexed",
    "unique": "EnforceUniqueValues",
    "formatting": "CustomFormatter",
    "choices": "Choices",
    "formula": "Formula",
}


def change_column(column: Column, after: Mapping[str, Any], list_id: str | None = None) -> Write:
    """Return the write that changes a column's properties, of the site or of one list."""
    body = typed(CLASSES[column.kind])
    for name, value in after.items():
        body |= _rule(value) if name == "validation" else {_MEMBERS[name]: _member(name, value)}
    owner = "Web" if list_id is None else list_path(list_id)
    path = f"{owner}/Fields/GetByInternalNameOrTitle({quoted(column.name)})"
    return Write(path, body, "MERGE")


def _member(name: str, value: Any) -> Any:
    """Return a member as REST takes it: a flag as a flag, what is unset as empty text."""
    if name == "choices":
        return collection(value)
    return value if isinstance(value, bool) else value or ""


def _rule(value: Sequence[str]) -> dict[str, Any]:
    formula, message = value or ("", "")
    return {"ValidationFormula": formula, "ValidationMessage": message}


def type_id(one: ContentType, parent: str) -> str:
    """Return the id a content type has on every site: its parent's, then one from its name."""
    return f"{parent}00{uuid.uuid5(NAMESPACE, one.name).hex.upper()}"


def new_content_type(one: ContentType, parent: str) -> Write:
    """Return the write that declares a content type of the site under the parent of this id."""
    identity = typed("SP.ContentTypeId", StringValue=type_id(one, parent))
    body = typed(
        "SP.ContentType", Name=one.name, Description=one.description, Group=OURS, Id=identity
    )
    return Write("Web/ContentTypes", body)


def type_columns(found_id: str, wanted: Sequence[str], found: Sequence[str]) -> Iterator[Write]:
    """Yield the writes that give a content type of the site the columns it lacks."""
    yield from _links("Web", found_id, [name for name in wanted if name not in found])


def list_type_columns(list_id: str, found_id: str, names: Sequence[str]) -> Iterator[Write]:
    """Yield the writes that give a list's own copy of a content type more columns."""
    yield from _links(list_path(list_id), found_id, names)


def _links(owner: str, found_id: str, names: Sequence[str]) -> Iterator[Write]:
    path = f"{owner}/ContentTypes({quoted(found_id)})/FieldLinks"
    for name in names:
        yield Write(path, typed("SP.FieldLink", FieldInternalName=name))


def new_list(area: SiteList) -> Write:
    """Return the write that makes a list under its fixed name; its title is a setting."""
    body = typed(
        "SP.List",
        Title=area.url,
        Description=area.description,
        BaseTemplate=TEMPLATES[area.template],
        AllowContentTypes=True,
        ContentTypesEnabled=bool(area.content_types),
        OnQuickLaunch=area.on_menu,
    )
    return Write("Web/Lists", body)


def bind_type(list_id: str, found_id: str) -> Write:
    """Return the write that puts a content type of the site, with its columns, into a list."""
    path = f"{list_path(list_id)}/ContentTypes/AddAvailableContentType"
    return Write(path, {"contentTypeId": found_id})


def order_types(list_id: str, ids: Sequence[str]) -> Write:
    """Return the write that puts a list's content types in order; the first is the default."""
    values = [typed("SP.ContentTypeId", StringValue=one) for one in ids]
    body = typed("SP.Folder", UniqueContentTypeOrder=collection(values, "SP.ContentTypeId"))
    return Write(f"{list_path(list_id)}/RootFolder", body, "MERGE")


_SETTINGS = {
    "title": "Title",
    "versioning": "EnableVersioning",
    "minor": "EnableMinorVersions",
    "keep_major": "MajorVersionLimit",
    "keep_minor": "MajorWithMinorVersionsLimit",
    "approval": "EnableModeration",
}
_VISIBILITY = {"readers": 0, "editors": 1, "approvers": 2}


def change_settings(list_id: str, after: Mapping[str, Any]) -> Write:
    """Return the one write that changes a list's settings."""
    body = typed("SP.List", **{_SETTINGS[name]: after[name] for name in _SETTINGS if name in after})
    if "drafts_seen_by" in after:
        body["DraftVersionVisibility"] = _VISIBILITY[after["drafts_seen_by"]]
    if "crawled" in after:
        body["NoCrawl"] = not after["crawled"]
    if "own_only" in after:
        security = 2 if after["own_only"] else 1  # what one made oneself, or everything
        body |= {"ReadSecurity": security, "WriteSecurity": security}
    if "validation" in after:
        body |= _rule(after["validation"])
    return Write(list_path(list_id), body, "MERGE")


def new_view(list_id: str, title: str, after: Mapping[str, Any]) -> Write:
    """Return the write that makes a view of a list."""
    parameters = typed(
        "SP.ViewCreationInformation",
        Title=title,
        Query=after["query"],
        RowLimit=after["rows"],
        Paged=True,
        SetAsDefaultView=after["default"],
        ViewFields=collection(after["columns"]),
        CustomFormatter=after["formatting"],
    )
    return Write(f"{list_path(list_id)}/Views/Add", {"parameters": parameters})


def change_view(list_id: str, known: Found, after: Mapping[str, Any]) -> Iterator[Write]:
    """Yield the writes that change a view: its columns one by one, the rest together."""
    path = f"{list_path(list_id)}/Views(guid'{known.id}')"
    if "columns" in after:
        for operation in _column_moves(known.values["columns"], after["columns"]):
            yield Write(f"{path}/ViewFields/{operation}")
    names = {"query": "ViewQuery", "rows": "RowLimit", "default": "DefaultView"}
    rest = {names[name]: value for name, value in after.items() if name in names}
    if "formatting" in after:
        rest["CustomFormatter"] = after["formatting"] or ""
    if rest:
        yield Write(path, typed("SP.View", **rest), "MERGE")


def _column_moves(found: Sequence[str], wanted: Sequence[str]) -> Iterator[str]:
    """Yield what turns a view's columns into those wanted; each is a step nearer."""
    for name in found:
        if name not in wanted:
            yield f"RemoveViewField({quoted(name)})"
    now = [name for name in found if name in wanted]
    for name in wanted:
        if name not in now:
            yield f"AddViewField({quoted(name)})"
            now.append(name)
    for place, name in enumerate(wanted):
        if now[place] != name:
            yield f"MoveViewFieldTo(field={quoted(name)},index={place})"
            now.remove(name)
            now.insert(place, name)


def break_inheritance(list_id: str) -> Write:
    """Return the write that gives a list permissions of its own, none copied."""
    path = f"{list_path(list_id)}/BreakRoleInheritance"
    return Write(f"{path}(copyRoleAssignments=false,clearSubscopes=true)")


def restore_inheritance(list_id: str) -> Write:
    """Return the write that gives a list the site's permissions again."""
    return Write(f"{list_path(list_id)}/ResetRoleInheritance")


def levels(
    owner: str, principal: int, wanted: Sequence[str], found: Sequence[str]
) -> Iterator[Write]:
    """Yield the writes that make a principal's levels those wanted, at "Web" or at a list's path.

    What is given comes before what is taken, so that nobody is shut out in between.
    """
    path = f"{owner}/RoleAssignments"
    for level in wanted:
        if level not in found:
            arguments = f"principalid={principal},roledefid={level_number(level)}"
            yield Write(f"{path}/AddRoleAssignment({arguments})")
    for level in found:
        if level not in wanted:
            arguments = f"principalid={principal},roledefid={level_number(level)}"
            yield Write(f"{path}/RemoveRoleAssignment({arguments})")
