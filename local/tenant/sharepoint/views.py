"""Views by `_api`: Graph v1.0 has no type for them (wire.md 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, ParseError, SubElement, fromstring, tostring

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from local.tenant.errors import bad_request
from local.tenant.sharepoint.body import members
from local.tenant.sharepoint.lists import may_manage, owner_list
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
from local.tenant.store import columns, lists, views

if TYPE_CHECKING:
    import sqlite3

VIEW, VIEW_FIELDS = "SP.View", "SP.ViewFieldCollection"
AT_CREATION = {
    "Query": "ViewQuery",
    "ViewQuery": "ViewQuery",
    "RowLimit": "RowLimit",
    "Paged": "Paged",
    "PersonalView": "PersonalView",
    "ViewTypeKind": "ViewTypeKind",
    "CustomFormatter": "CustomFormatter",
}
CHANGEABLE = frozenset(
    {
        "Title",
        "DefaultView",
        "Hidden",
        "RowLimit",
        "Paged",
        "ViewQuery",
        "CustomFormatter",
        "Scope",
        "Aggregations",
        "AggregationsStatus",
        "ViewData",
        "JSLink",
        "MobileView",
        "NewDocumentTemplates",
        "ViewProjectedFields",
        "ViewJoins",
        "ColumnWidth",
        "ViewType2",
        "PersonalView",
    }
)


@kind(VIEW, key=lambda row: f"guid'{row['id']}'")
def show_view(_ask: Ask, row: sqlite3.Row) -> dict[str, Any]:
    kept = {
        "MobileView": False,
        "ReadOnlyView": False,
        "ViewProjectedFields": None,
        "ViewType2": None,
    } | views.members_of(row)
    return {
        **kept,
        "DefaultView": bool(row["is_default"]),
        "Id": row["id"],
        "MobileDefaultView": False,
        "ServerRelativePath": Value({"DecodedUrl": row["url"]}, "SP.ResourcePath"),
        "ServerRelativeUrl": row["url"],
        "Title": row["title"],
    }


@extra(VIEW, "ListViewXml")
@extra(VIEW, "HtmlSchemaXml")
def view_xml(_ask: Ask, row: sqlite3.Row) -> str:
    """Return the view as CAML."""
    kept = views.members_of(row)
    root = Element("View", Name=f"{{{row['id']}}}", Type="HTML", DisplayName=row["title"])
    query = SubElement(root, "Query")
    if kept["ViewQuery"]:
        query.extend(fromstring(f"<Query>{kept['ViewQuery']}</Query>"))  # noqa: S314 -- our own text
    names = SubElement(root, "ViewFields")
    for name in views.fields_of(row):
        SubElement(names, "FieldRef", Name=name)
    SubElement(root, "RowLimit", Paged=str(kept["Paged"]).upper()).text = str(kept["RowLimit"])
    return tostring(root, encoding="unicode")


@kind(VIEW_FIELDS, key=lambda row: row["id"])
def show_fields(_ask: Ask, row: sqlite3.Row) -> dict[str, Any]:
    names = views.fields_of(row)
    xml = "".join(f'<FieldRef Name="{name}" />' for name in names)
    return {"SchemaXml": xml, "Items": Value(names, "Edm.String")}


@link("SP.List", "Views")
def all_views(_ask: Ask, place: Thing) -> Things:
    return Things(VIEW, lambda ask: Page(views.every(ask.store, place.row["id"])), place)


@link("SP.List", "DefaultView")
def default_view(ask: Ask, place: Thing) -> Thing:
    rows = views.every(ask.store, place.row["id"])
    return Thing(VIEW, next((row for row in rows if row["is_default"]), rows[0]))


@keyed("SP.List", "Views")
@reach("SP.List", "GetView")
def view_by_id(ask: Ask, place: Thing) -> Thing:
    return Thing(VIEW, views.get(ask.store, place.row["id"], ask.text("id").strip("{}")))


@reach(f"{VIEW}*", "GetById")
@reach(f"{VIEW}*", "GetByTitle")
def view_by_name(ask: Ask, place: Things) -> Thing:
    return Thing(VIEW, views.get(ask.store, place.owner.row["id"], ask.text("title").strip("{}")))


@verb(f"{VIEW}*", "create")
@act(f"{VIEW}*", "Add")
def create(ask: Ask, place: Things) -> Thing:
    """Make a view; without ViewFields it starts with the title column."""
    may_manage(ask, place.owner)
    row = owner_list(place)
    kept = {
        name: value
        for sent, name in AT_CREATION.items()
        if (value := ask.find(sent, 99)) is not None
    }
    names = [str(name) for name in ask.find("ViewFields", 99) or ()]
    names = names or ["LinkFilename" if row["is_library"] else "LinkTitle"]
    for name in names:
        columns.get(ask.store, row["id"], name)
    default = bool(ask.find("SetAsDefaultView", 99) or ask.find("DefaultView", 99))
    return Thing(VIEW, views.add(ask.store, row, ask.text("Title"), names, kept, default=default))


def _manage(ask: Ask, row: sqlite3.Row) -> None:
    may_manage(ask, Thing("SP.List", lists.by_id(ask.store, row["list_id"])))


@verb(VIEW, "merge")
def change(ask: Ask, place: Thing) -> None:
    _manage(ask, place.row)
    sent = members(ask.call)
    if unknown := next((name for name in sent if name not in CHANGEABLE), None):
        raise bad_request(f"The property '{unknown}' does not exist on type 'SP.View'.")
    views.update(ask.store, place.row, sent)


@verb(VIEW, "delete")
@act(VIEW, "DeleteObject")
def remove(ask: Ask, place: Thing) -> None:
    _manage(ask, place.row)
    views.remove(ask.store, place.row)


@act(VIEW, "SetViewXml")
def set_xml(ask: Ask, place: Thing) -> None:
    """Take fields, query and row limit from CAML; 400 when it is not a view."""
    _manage(ask, place.row)
    try:
        root = ElementTree.fromstring(ask.text("viewXml"))
    except (ParseError, DefusedXmlException) as error:
        raise bad_request(f"The view's XML can't be read: {error}") from error
    names = [ref.get("Name", "") for ref in root.iterfind("ViewFields/FieldRef")]
    for name in names:
        columns.get(ask.store, place.row["list_id"], name)
    views.set_fields(ask.store, place.row, names)
    query, limit = root.find("Query"), root.findtext("RowLimit")
    kept: dict[str, Any] = {"RowLimit": int(limit)} if limit else {}
    if query is not None:
        kept["ViewQuery"] = "".join(tostring(each, encoding="unicode").strip() for each in query)
    views.update(ask.store, place.row, kept)


@link(VIEW, "ViewFields")
def view_fields(_ask: Ask, place: Thing) -> Thing:
    return Thing(VIEW_FIELDS, place.row)


@act(VIEW_FIELDS, "AddViewField")
def add_field(ask: Ask, place: Thing) -> None:
    """Add a column at the end; 404 when the list has none of that name."""
    _manage(ask, place.row)
    row = columns.get(ask.store, place.row["list_id"], ask.text("strField"))
    names = views.fields_of(place.row)
    if row["name"] not in names:
        views.set_fields(ask.store, place.row, [*names, row["name"]])


@act(VIEW_FIELDS, "RemoveViewField")
def remove_field(ask: Ask, place: Thing) -> None:
    _manage(ask, place.row)
    gone = ask.text("strField")
    views.set_fields(ask.store, place.row, [n for n in views.fields_of(place.row) if n != gone])


@act(VIEW_FIELDS, "RemoveAllViewFields")
def remove_all(ask: Ask, place: Thing) -> None:
    _manage(ask, place.row)
    views.set_fields(ask.store, place.row, [])


@act(VIEW_FIELDS, "MoveViewFieldTo")
def move_field(ask: Ask, place: Thing) -> None:
    _manage(ask, place.row)
    name, index = ask.text("field", 0), ask.number("index", 1)
    names = [each for each in views.fields_of(place.row) if each != name]
    names.insert(index, name)
    views.set_fields(ask.store, place.row, names)
