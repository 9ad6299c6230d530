"""A field's SchemaXml and the Graph column it stands for: one column, told in two languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from local.tenant.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TRUE, FALSE = "TRUE", "FALSE"
FLAGS = {
    "Required": "required",
    "Indexed": "indexed",
    "EnforceUniqueValues": "enforceUniqueValues",
    "Hidden": "hidden",
    "ReadOnly": "readOnly",
}
WORDS = {
    "Name": "name",
    "DisplayName": "displayName",
    "Description": "description",
    "Group": "columnGroup",
    "ID": "id",
}
KINDS = {
    "Text": 2,
    "Note": 3,
    "DateTime": 4,
    "Choice": 6,
    "Lookup": 7,
    "Boolean": 8,
    "Number": 9,
    "Currency": 10,
    "URL": 11,
    "MultiChoice": 15,
    "Calculated": 17,
    "User": 20,
    "UserMulti": 20,
    "LookupMulti": 7,
    "Counter": 5,
    "Computed": 12,
    "File": 18,
    "ContentTypeId": 25,
    "ModStat": 23,
    "Guid": 14,
    "Integer": 1,
}


def read_field(xml: str) -> dict[str, Any]:
    """Return the Graph column (name, displayName, a facet …) of a `<Field>`; 400 if it is none."""
    try:
        root = ElementTree.fromstring(xml)
    except (ParseError, DefusedXmlException) as error:
        raise malformed(f"The field's SchemaXml is not XML: {error}") from error
    said = dict(root.attrib)
    kind, name = said.get("Type", ""), said.get("Name", said.get("StaticName", ""))
    if root.tag != "Field" or not name or kind not in FACETS:
        raise malformed(f"The field's SchemaXml names no served type and name: {xml[:80]}")
    column: dict[str, Any] = {
        graph: said[word].strip("{}").lower() if word == "ID" else said[word]
        for word, graph in WORDS.items()
        if word in said
    }
    column["name"] = name
    column.setdefault("displayName", name)
    column |= {graph: said[flag].upper() == TRUE for flag, graph in FLAGS.items() if flag in said}
    return column | FACETS[kind](root) | _default(root) | _validation(root)


def malformed(message: str) -> Refusal:
    return Refusal(400, "invalidRequest", message, -2130575340, "Microsoft.SharePoint.SPException")


def formatter_of(xml: str) -> str | None:
    """Return the column formatting inside a SchemaXml, if any."""
    root = ElementTree.fromstring(xml)
    return root.findtext("CustomFormatter") or root.get("CustomFormatter")


def _text(root: Element) -> dict[str, Any]:
    return {"text": {"maxLength": int(root.get("MaxLength", "255")), "allowMultipleLines": False}}


def _note(root: Element) -> dict[str, Any]:
    rich = root.get("RichText", FALSE).upper() == TRUE
    return {
        "text": {
            "allowMultipleLines": True,
            "appendChangesToExistingText": root.get("AppendOnly", FALSE).upper() == TRUE,
            "linesForEditing": int(root.get("NumLines", "6")),
            "textType": "richText" if rich else "plain",
        }
    }


def _choice(root: Element) -> dict[str, Any]:
    choices = [(each.text or "") for each in root.iterfind("CHOICES/CHOICE")]
    if not choices:
        raise malformed("A choice field needs its CHOICES")
    radio = root.get("Format", "Dropdown") == "RadioButtons"
    many = root.get("Type") == "MultiChoice"
    shown = "checkBoxes" if many else "radioButtons" if radio else "dropDownMenu"
    fill_in = root.get("FillInChoice", FALSE).upper() == TRUE
    return {"choice": {"allowTextEntry": fill_in, "choices": choices, "displayAs": shown}}


def _number(root: Element) -> dict[str, Any]:
    number: dict[str, Any] = {
        "decimalPlaces": {"0": "none", "1": "one", "2": "two"}.get(
            root.get("Decimals", ""), "automatic"
        ),
        "displayAs": "percentage" if root.get("Percentage", FALSE).upper() == TRUE else "number",
    }
    bounds = {"Min": "minimum", "Max": "maximum"}
    return {
        "number": number | {g: float(root.attrib[b]) for b, g in bounds.items() if b in root.attrib}
    }


def _date(root: Element) -> dict[str, Any]:
    only = root.get("Format", "DateOnly") == "DateOnly"
    return {"dateTime": {"displayAs": "default", "format": "dateOnly" if only else "dateTime"}}


def _person(root: Element) -> dict[str, Any]:
    many = root.get("Mult", FALSE).upper() == TRUE or root.get("Type") == "UserMulti"
    people = (
        "peopleOnly"
        if root.get("UserSelectionMode", "1") in {"0", "PeopleOnly"}
        else "peopleAndGroups"
    )
    return {
        "personOrGroup": {
            "allowMultipleSelection": many,
            "chooseFromType": people,
            "displayAs": "nameWithPresence",
        }
    }


def _lookup(root: Element) -> dict[str, Any]:
    many = root.get("Mult", FALSE).upper() == TRUE or root.get("Type") == "LookupMulti"
    return {
        "lookup": {
            "listId": root.get("List", "").strip("{}").lower(),
            "allowMultipleValues": many,
            "columnName": root.get("ShowField", "Title"),
            "allowUnlimitedLength": False,
        }
    }


def _url(root: Element) -> dict[str, Any]:
    return {"hyperlinkOrPicture": {"isPicture": root.get("Format") == "Image"}}


def _calculated(root: Element) -> dict[str, Any]:
    output = root.get("ResultType", "Text")
    return {
        "calculated": {
            "formula": root.findtext("Formula") or "",
            "outputType": output[0].lower() + output[1:],
            "format": "dateOnly",
        }
    }


FACETS: dict[str, Callable[[Element], dict[str, Any]]] = {
    "Text": _text,
    "Note": _note,
    "Choice": _choice,
    "MultiChoice": _choice,
    "Number": _number,
    "DateTime": _date,
    "Boolean": lambda _root: {"boolean": {}},
    "User": _person,
    "UserMulti": _person,
    "Lookup": _lookup,
    "LookupMulti": _lookup,
    "URL": _url,
    "Currency": lambda _root: {"currency": {"locale": "en-gb"}},
    "Calculated": _calculated,
}


def _default(root: Element) -> dict[str, Any]:
    if formula := root.findtext("DefaultFormula"):
        return {"defaultValue": {"formula": formula}}
    value = root.findtext("Default")
    return {} if value is None else {"defaultValue": {"value": value}}


def _validation(root: Element) -> dict[str, Any]:
    found = root.find("Validation")
    if found is None:
        return {}
    says = [{"displayName": found.get("Message", ""), "languageTag": "en-GB"}]
    return {"validation": {"formula": found.text or "", "descriptions": says}}


def type_of(column: Mapping[str, Any]) -> str:
    """Return SharePoint's type word of a Graph column: its facet, for one value or many."""
    choice, text = column.get("choice"), column.get("text")
    if choice is not None:
        return "MultiChoice" if choice.get("displayAs") == "checkBoxes" else "Choice"
    if text is not None:
        return "Note" if text.get("allowMultipleLines") else "Text"
    person, lookup = column.get("personOrGroup"), column.get("lookup")
    if person is not None:
        return "UserMulti" if person.get("allowMultipleSelection") else "User"
    if lookup is not None:
        return "LookupMulti" if lookup.get("allowMultipleValues") else "Lookup"
    plain = {
        "number": "Number",
        "dateTime": "DateTime",
        "boolean": "Boolean",
        "currency": "Currency",
        "hyperlinkOrPicture": "URL",
        "calculated": "Calculated",
    }
    return next((word for facet, word in plain.items() if facet in column), "Computed")


def write_field(column: Mapping[str, Any], extras: Mapping[str, Any]) -> str:
    """Return a SchemaXml for a column that was made without one (built in, or over Graph)."""
    root = Element("Field", Type=type_of(column))
    for word, graph in WORDS.items():
        if value := column.get(graph):
            root.set(word, f"{{{value}}}" if word == "ID" else str(value))
    for flag, graph in FLAGS.items():
        if column.get(graph):
            root.set(flag, TRUE)
    root.set("StaticName", str(column["name"]))
    _write_facet(root, column)
    if formatter := extras.get("CustomFormatter"):
        SubElement(root, "CustomFormatter").text = str(formatter)
    return tostring(root, encoding="unicode")


def _write_facet(root: Element, column: Mapping[str, Any]) -> None:
    if choice := column.get("choice"):
        choices = SubElement(root, "CHOICES")
        for each in choice.get("choices", ()):
            SubElement(choices, "CHOICE").text = each
    if date := column.get("dateTime"):
        root.set("Format", "DateOnly" if date.get("format") == "dateOnly" else "DateTime")
    if calculated := column.get("calculated"):
        output = str(calculated.get("outputType") or "text")
        root.set("ResultType", output[0].upper() + output[1:])
        SubElement(root, "Formula").text = str(calculated.get("formula", ""))
    default = column.get("defaultValue") or {}
    if (value := default.get("value")) is not None:
        SubElement(root, "Default").text = str(value)
