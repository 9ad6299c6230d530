"""What SharePoint answers about a site, put into the words a schema uses. Pure: no network."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import ParseError

from defusedxml import ElementTree

from sync.site_state import Found, FoundList
from sync.tenant.site_roles import LIMITED, level_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sync.site_state import Values

KINDS = {
    "Text": "text",
    "Note": "note",
    "Number": "number",
    "Choice": "choice",
    "MultiChoice": "choice",
    "DateTime": "date",
    "User": "user",
    "UserMulti": "user",
    "Boolean": "boolean",
    "Lookup": "lookup",
    "LookupMulti": "lookup",
    "Calculated": "calculated",
}
VISIBILITY = {0: "readers", 1: "editors", 2: "approvers"}
LIBRARY = 101
OWN = 2  # ReadSecurity and WriteSecurity: the rows one made oneself
SITE_GROUP = 8
OURS = "Verger"
"""The heading under which SharePoint shows our site columns and content types."""


def person(login: str) -> str:
    """Return the user name in a claim such as i:0#.f|membership|helen.ward@dgft.nhs.example."""
    return login.rpartition("|")[2].lower()


def group_of(row: Mapping[str, Any]) -> Found:
    """Return a site group with its members' user names, in order."""
    members = sorted(person(user["LoginName"]) for user in row["Users"])
    return Found(str(row["Id"]), {"description": row["Description"] or "", "members": members})


def columns_of(rows: Iterable[Mapping[str, Any]]) -> dict[str, Found]:
    """Return fields by internal name."""
    return {row["InternalName"]: Found(row["InternalName"], column(row)) for row in rows}


def column(row: Mapping[str, Any]) -> Values:
    """Return a field's properties as a schema names them."""
    return {
        "kind": KINDS.get(row["TypeAsString"], row["TypeAsString"]),
        "title": row["Title"],
        "description": row["Description"] or "",
        "default": row["DefaultValue"],
        "required": row["Required"],
        "indexed": row["Indexed"],
        "unique": row["EnforceUniqueValues"],
        "many": row["TypeAsString"] in {"MultiChoice", "UserMulti", "LookupMulti"},
        "formatting": _formatting(row["CustomFormatter"]),
        "validation": _rule(row),
        "choices": _choices(row["SchemaXml"]) if "Choice" in row["TypeAsString"] else [],
        "formula": _formula(row["SchemaXml"]) if row["TypeAsString"] == "Calculated" else None,
        "ours": row["Group"] == OURS,
        "removable": bool(row["CanBeDeleted"]) and not row["FromBaseType"],
    }


def _formatting(text: str | None) -> str | None:
    """Return formatting in canonical JSON, as `expand.formatting` does; other text unchanged."""
    if not text:
        return None
    try:
        parsed = json.loads(text)
    except json.JSONDecodeError:  # somebody's own text: it differs from ours, which is the point
        return text
    return json.dumps(parsed, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _rule(row: Mapping[str, Any]) -> list[str]:
    """Return formula and message of a validation, nothing where there is none."""
    formula = row["ValidationFormula"] or ""
    return [formula, row["ValidationMessage"] or ""] if formula else []


def _formula(xml: str) -> str | None:
    try:
        root = ElementTree.fromstring(xml)
    except ParseError:  # then it has no formula we know, and the plan says so
        return None
    return root.findtext("Formula")


def _choices(xml: str) -> list[str]:
    try:
        root = ElementTree.fromstring(xml)
    except ParseError:  # then it has no choices we know, and the plan says so
        return []
    return [each.text or "" for each in root.iterfind("CHOICES/CHOICE")]


def type_of(row: Mapping[str, Any]) -> Found:
    """Return a content type of the site with the names of its columns, inherited ones too."""
    columns = [link["Name"] for link in row["FieldLinks"]]
    values = {
        "description": row["Description"] or "",
        "columns": columns,
        "ours": row["Group"] == OURS,
        "document_template": address(row["DocumentTemplateUrl"] or ""),
    }
    return Found(row["StringId"], values)


def address(url: str) -> str:
    """Return an address as a schema says it: without SharePoint's host, escapes or a last slash."""
    parts = urlsplit(url)
    if parts.netloc and not parts.netloc.lower().endswith(".sharepoint.com"):
        return url
    return unquote(parts.path).rstrip("/") or ("/" if parts.path else "")


def hub_of(row: Mapping[str, Any], hubs: Mapping[str, str]) -> str:
    """Return the address of the hub a site belongs to; its id where that hub can't be seen."""
    told = str(row["HubSiteId"]).lower()
    if not told.strip("0-"):
        return ""
    return next((path for path, number in hubs.items() if number == told), told)


def hubs_of(rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the ids of hubs by the address of their sites."""
    return {address(row["SiteUrl"]).lower(): str(row["ID"]).lower() for row in rows}


def link_of(row: Mapping[str, Any]) -> Found:
    """Return a link of the navigation."""
    return Found(str(row["Id"]), {"title": row["Title"], "url": address(row["Url"] or "")})


def url_of(row: Mapping[str, Any]) -> str:
    """Return a list's fixed name: EntityTypeName keeps the name it was made with, plus "List"."""
    name = str(row["EntityTypeName"])
    return name if row["BaseTemplate"] == LIBRARY else name.removesuffix("List")


def list_of(row: Mapping[str, Any], known: FoundList | None) -> FoundList:
    """Return a list with its columns and views; who may open it stays as `known`."""
    return FoundList(
        id=row["Id"].lower(),
        values=_settings(row),
        types={one["Name"]: one["StringId"] for one in row["ContentTypes"]},
        templates={
            one["Name"]: address(one["DocumentTemplateUrl"])
            for one in row["ContentTypes"]
            if one["DocumentTemplateUrl"]
        },
        columns=columns_of(row["Fields"]),
        views={one["Title"]: Found(one["Id"], _view(one)) for one in row["Views"]},
        inherits=known.inherits if known else True,
        access=known.access if known else {},
        items=int(row["ItemCount"]),
    )


def _settings(row: Mapping[str, Any]) -> Values:
    return {
        "template": "library" if row["BaseTemplate"] == LIBRARY else "list",
        "base": row["BaseTemplate"],
        "title": row["Title"],
        "description": row["Description"] or "",
        "versioning": row["EnableVersioning"],
        "minor": row["EnableMinorVersions"],
        "keep_major": row["MajorVersionLimit"],
        "keep_minor": row["MajorWithMinorVersionsLimit"],
        "drafts_seen_by": VISIBILITY[row["DraftVersionVisibility"]],
        "approval": row["EnableModeration"],
        "crawled": not row["NoCrawl"],
        "own_only": (row["ReadSecurity"], row["WriteSecurity"]) == (OWN, OWN),
        "on_menu": row["OnQuickLaunch"],
        "validation": _rule(row),
    }


def _view(row: Mapping[str, Any]) -> Values:
    return {
        "columns": list(row["ViewFields"]["Items"]),
        "query": row["ViewQuery"] or "",
        "rows": row["RowLimit"],
        "default": row["DefaultView"],
        "formatting": _formatting(row.get("CustomFormatter")),
    }


def held(rows: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    """Return each principal's levels, by name; what SharePoint adds by itself is left out."""
    found: dict[str, tuple[str, ...]] = {}
    for row in rows:
        numbers = [role["Id"] for role in row["RoleDefinitionBindings"] if role["Id"] != LIMITED]
        if numbers:
            found[_name(row["Member"])] = tuple(level_name(number) for number in sorted(numbers))
    return found


def numbers(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Return the site's own number of each principal, by name."""
    return {_name(row["Member"]): int(row["PrincipalId"]) for row in rows}


def _name(member: Mapping[str, Any]) -> str:
    """Return a site group's title, and anyone else's login: two people may share a display name."""
    is_group = member["PrincipalType"] == SITE_GROUP
    return str(member["Title"] if is_group else member["LoginName"])
