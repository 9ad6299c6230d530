"""SP.Field's members beside Graph's: how a facet is shown, and what a MERGE changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.tenant.errors import bad_request
from local.tenant.sharepoint.schema_xml import KINDS
from local.tenant.sharepoint.surface import Value

if TYPE_CHECKING:
    from collections.abc import Mapping

PLAIN = {
    "Title": "displayName",
    "Description": "description",
    "Required": "required",
    "Indexed": "indexed",
    "EnforceUniqueValues": "enforceUniqueValues",
    "Hidden": "hidden",
    "ReadOnlyField": "readOnly",
    "Group": "columnGroup",
}
FACET = {
    "Choices": ("choice", "choices"),
    "FillInChoice": ("choice", "allowTextEntry"),
    "MaxLength": ("text", "maxLength"),
    "NumberOfLines": ("text", "linesForEditing"),
    "MinimumValue": ("number", "minimum"),
    "MaximumValue": ("number", "maximum"),
    "Formula": ("calculated", "formula"),
}
EXTRAS = frozenset({
    "CustomFormatter", "ShowInFiltersPane", "JSLink", "ClientSideComponentId",
    "ClientSideComponentProperties", "ShowInEditForm", "ShowInNewForm", "ShowInDisplayForm",
})  # fmt: skip
IGNORED = frozenset({"FieldTypeKind", "StaticName", "TypeAsString"})
DATE_ONLY = 0
OUTPUTS = {"number": "Number", "currency": "Currency", "dateTime": "DateTime", "boolean": "Boolean"}


def show_facet(column: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members that only this type of field has."""
    shown: dict[str, Any] = {}
    for name, (facet, member) in FACET.items():
        if member in (column.get(facet) or {}):
            value = column[facet][member]
            shown[name] = Value(value, "Edm.String") if isinstance(value, list) else value
    if date := column.get("dateTime"):
        shown["DisplayFormat"] = int(date.get("format") != "dateOnly")
    if lookup := column.get("lookup"):
        shown["LookupList"], shown["LookupField"] = lookup.get("listId"), lookup.get("columnName")
    if calculated := column.get("calculated"):
        shown["OutputType"] = KINDS[OUTPUTS.get(calculated.get("outputType"), "Text")]
        shown["DateFormat"] = int(calculated.get("format") == "dateTime")
    if person := column.get("personOrGroup"):
        shown["SelectionMode"] = int(person.get("chooseFromType") != "peopleOnly")
        shown["AllowMultipleValues"] = bool(person.get("allowMultipleSelection"))
    return shown


def merge_members(
    column: Mapping[str, Any], sent: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a MERGE changes of Graph's definition and of SharePoint's extras; 400 else."""
    definition: dict[str, Any] = {}
    extras = {name: value for name, value in sent.items() if name in EXTRAS}
    for name, value in sent.items():
        if name in PLAIN:
            definition[PLAIN[name]] = value
        elif name in FACET:
            _merge_facet(definition, column, FACET[name], value)
        elif name == "DisplayFormat":
            word = "dateOnly" if value == DATE_ONLY else "dateTime"
            _merge_facet(definition, column, ("dateTime", "format"), word)
        elif name in {"DefaultValue", "DefaultFormula"}:
            definition["defaultValue"] = {name.removeprefix("Default").lower(): value}
        elif name in {"ValidationFormula", "ValidationMessage"}:
            _merge_validation(definition, column, name, value)
        elif name not in EXTRAS | IGNORED:
            raise bad_request(f"The property '{name}' does not exist on type 'SP.Field'.")
    return definition, extras


def _merge_facet(
    into: dict[str, Any], column: Mapping[str, Any], where: tuple[str, str], value: Any
) -> None:
    facet, member = where
    if facet not in column:
        raise bad_request(f"A column of this type has no {member}")
    into.setdefault(facet, {})[member] = value


def _merge_validation(
    into: dict[str, Any], column: Mapping[str, Any], name: str, value: Any
) -> None:
    check = into.setdefault("validation", dict(column.get("validation") or {}))
    if name == "ValidationFormula":
        check["formula"] = value
    else:
        check["descriptions"] = [{"displayName": value, "languageTag": "en-GB"}]
