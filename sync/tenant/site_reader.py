"""Reads what a site is, in the parts a plan compares; each part is one or two requests.

Costs (assumed, decision 33): 2 units a part, 5 where permissions are read.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

from defusedxml import ElementTree

from sync.errors import Missing
from sync.site_state import Found, FoundList, SiteState
from sync.tenant import lists, rest
from sync.tenant.graph import segment
from sync.tenant.site_roles import LIMITED, level_name

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping

    from sharepoint_schema.expand import SiteSpec
    from sync.tenant.client import Tenant

    type Part = Callable[[Tenant, SiteSpec, SiteState], Awaitable[SiteState]]

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
}
VISIBILITY = {0: "readers", 1: "editors", 2: "approvers"}
LIBRARY = 101
_FIELD = (
    *("InternalName", "Title", "TypeAsString", "Description", "DefaultValue", "Required"),
    *("Indexed", "EnforceUniqueValues", "CustomFormatter", "SchemaXml"),
)
_SETTINGS = (
    "Id,Title,Description,BaseTemplate,EntityTypeName,Hidden,EnableVersioning,EnableMinorVersions,"
    "MajorVersionLimit,MajorWithMinorVersionsLimit,EnableModeration,DraftVersionVisibility,NoCrawl"
)


def site_url(tenant: Tenant, spec: SiteSpec) -> str:
    """Return the whole address of a site."""
    return f"https://{tenant.settings.sharepoint_host}{spec.path}"


async def read_site(
    tenant: Tenant,
    spec: SiteSpec,
    parts: Collection[str] | None = None,
    known: SiteState | None = None,
) -> SiteState:
    """Return a site as it is now; `parts` (of PARTS) are read anew over what is `known`.

    A site that is not there has id None and nothing in it. Raises VergerError.
    """
    state = known or SiteState()
    if state.id is None:
        state = await _site(tenant, spec)
    if state.id is None:
        return state
    for name in PARTS:
        if parts is None or name in parts:
            state = await PARTS[name](tenant, spec, state)
    return state


async def _site(tenant: Tenant, spec: SiteSpec) -> SiteState:
    try:
        found = await lists.site(tenant, site_url(tenant, spec))
    except Missing:
        return SiteState()
    return SiteState(id=found.id)


async def _get(tenant: Tenant, spec: SiteSpec, path: str) -> Any:
    doing = f"read {path.partition('?')[0]} of {spec.path}"
    return await rest.read(tenant, site_url(tenant, spec), path, doing=doing)


async def _rows(tenant: Tenant, spec: SiteSpec, path: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (await _get(tenant, spec, path))["value"]
    return rows


async def _web(tenant: Tenant, spec: SiteSpec, state: SiteState) -> SiteState:
    web = await _get(tenant, spec, "Web?$select=Title,Description")
    return replace(state, values={"title": web["Title"], "description": web["Description"]})


async def _groups(tenant: Tenant, spec: SiteSpec, state: SiteState) -> SiteState:
    path = "Web/SiteGroups?$select=Id,Title,Description,Users/Id,Users/LoginName&$expand=Users"
    groups: dict[str, Found] = {}
    for row in await _rows(tenant, spec, path):
        members = sorted(person(user["LoginName"]) for user in row["Users"])
        values = {"description": row["Description"] or "", "members": members}
        groups[row["Title"]] = Found(str(row["Id"]), values)
    return replace(state, groups=groups)


def person(login: str) -> str:
    """Return the user name in a claim such as i:0#.f|membership|helen.ward@dgft.nhs.example."""
    return login.rpartition("|")[2].lower()


async def _columns(tenant: Tenant, spec: SiteSpec, state: SiteState) -> SiteState:
    wanted = " or ".join(f"InternalName eq {rest.quoted(one.name)}" for one in spec.columns)
    if not wanted:
        return replace(state, columns={})
    path = f"Web/Fields?$select={','.join(_FIELD)}&$filter={wanted}"
    return replace(state, columns=_by_name(await _rows(tenant, spec, path)))


def _by_name(rows: Iterable[Mapping[str, Any]]) -> dict[str, Found]:
    return {row["InternalName"]: Found(row["InternalName"], column(row)) for row in rows}


def column(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a field's properties as a schema names them."""
    return {
        "kind": KINDS.get(row["TypeAsString"], row["TypeAsString"]),
        "title": row["Title"],
        "description": row["Description"] or "",
        "default": row["DefaultValue"],
        "required": row["Required"],
        "indexed": row["Indexed"],
        "unique": row["EnforceUniqueValues"],
        "formatting": _formatting(row["CustomFormatter"]),
        "choices": _choices(row["SchemaXml"]) if "Choice" in row["TypeAsString"] else [],
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


def _choices(xml: str) -> list[str]:
    try:
        root = ElementTree.fromstring(xml)
    except ParseError:  # then it has no choices we know, and the plan says so
        return []
    return [each.text or "" for each in root.iterfind("CHOICES/CHOICE")]


async def _types(tenant: Tenant, spec: SiteSpec, state: SiteState) -> SiteState:
    path = "Web/ContentTypes?$select=Name,StringId,Description,FieldLinks/Name&$expand=FieldLinks"
    types: dict[str, Found] = {}
    for row in await _rows(tenant, spec, path):
        columns = [link["Name"] for link in row["FieldLinks"]]
        values = {"description": row["Description"] or "", "columns": columns}
        types[row["Name"]] = Found(row["StringId"], values)
    return replace(state, types=types)


async def _lists(tenant: Tenant, spec: SiteSpec, state: SiteState) -> SiteState:
    fields = ",".join(f"Fields/{name}" for name in _FIELD)
    path = (
        f"Web/Lists?$select={_SETTINGS},ContentTypes/Name,ContentTypes/StringId,{fields},"
        "Views/Id,Views/Title,Views/ViewQuery,Views/RowLimit,Views/DefaultView,Views/ViewFields"
        "&$expand=ContentTypes,Fields,Views,Views/ViewFields&$filter=Hidden eq false"
    )
    wanted = {area.url for area in spec.lists}
    found = {_url(row): row for row in await _rows(tenant, spec, path)}
    kept = {url: _list(row, state.lists.get(url)) for url, row in found.items() if url in wanted}
    return replace(state, lists=kept)


def _url(row: Mapping[str, Any]) -> str:
    """Return a list's fixed name: EntityTypeName keeps the name it was made with, plus "List"."""
    name = str(row["EntityTypeName"])
    return name if row["BaseTemplate"] == LIBRARY else name.removesuffix("List")


def _list(row: Mapping[str, Any], known: FoundList | None) -> FoundList:
    values = {
        "template": "library" if row["BaseTemplate"] == LIBRARY else "list",
        "title": row["Title"],
        "description": row["Description"] or "",
        "versioning": row["EnableVersioning"],
        "minor": row["EnableMinorVersions"],
        "keep_major": row["MajorVersionLimit"],
        "keep_minor": row["MajorWithMinorVersionsLimit"],
        "drafts_seen_by": VISIBILITY[row["DraftVersionVisibility"]],
        "approval": row["EnableModeration"],
        "crawled": not row["NoCrawl"],
    }
    return FoundList(
        id=row["Id"].lower(),
        values=values,
        types={one["Name"]: one["StringId"] for one in row["ContentTypes"]},
        columns=_by_name(row["Fields"]),
        views={one["Title"]: Found(one["Id"], _view(one)) for one in row["Views"]},
        inherits=known.inherits if known else True,
        access=known.access if known else {},
    )


def _view(row: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "columns": list(row["ViewFields"]["Items"]),
        "query": row["ViewQuery"] or "",
        "rows": row["RowLimit"],
        "default": row["DefaultView"],
    }


_ROLES = (
    "RoleAssignments/PrincipalId,RoleAssignments/Member/Title,RoleAssignments/Member/LoginName,"
    "RoleAssignments/Member/PrincipalType,RoleAssignments/RoleDefinitionBindings/Id"
)
_SHOWN = "RoleAssignments/Member,RoleAssignments/RoleDefinitionBindings"
SITE_GROUP = 8


async def _levels(tenant: Tenant, spec: SiteSpec, state: SiteState) -> SiteState:
    path = f"Web?$select={_ROLES}&$expand=RoleAssignments,{_SHOWN}"
    rows = (await _get(tenant, spec, path))["RoleAssignments"]
    numbers = {**state.principals, **_numbers(rows)}
    return replace(state, levels=_held(rows), principals=numbers)


async def _access(tenant: Tenant, spec: SiteSpec, state: SiteState) -> SiteState:
    path = (
        f"Web/Lists?$select=Id,BaseTemplate,EntityTypeName,HasUniqueRoleAssignments,{_ROLES}"
        f"&$expand=RoleAssignments,{_SHOWN}&$filter=Hidden eq false"
    )
    found = dict(state.lists)
    numbers = dict(state.principals)
    for row in await _rows(tenant, spec, path):
        there = found.get(_url(row))
        if there is not None:
            held = _held(row["RoleAssignments"])
            inherits = not row["HasUniqueRoleAssignments"]
            found[_url(row)] = replace(there, inherits=inherits, access=held)
            numbers |= _numbers(row["RoleAssignments"])
    return replace(state, lists=found, principals=numbers)


def _held(rows: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    """Return each principal's levels, by name; what SharePoint adds by itself is left out."""
    held: dict[str, tuple[str, ...]] = {}
    for row in rows:
        numbers = [role["Id"] for role in row["RoleDefinitionBindings"] if role["Id"] != LIMITED]
        if numbers:
            held[_name(row["Member"])] = tuple(level_name(number) for number in sorted(numbers))
    return held


def _numbers(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    return {_name(row["Member"]): int(row["PrincipalId"]) for row in rows}


def _name(member: Mapping[str, Any]) -> str:
    """Return a site group's title, and anyone else's login: two people may share a display name."""
    is_group = member["PrincipalType"] == SITE_GROUP
    return str(member["Title"] if is_group else member["LoginName"])


async def _apps(tenant: Tenant, spec: SiteSpec, state: SiteState) -> SiteState:
    doing = f"read which apps may use {spec.path}"
    path = f"/sites/{state.id}/permissions"
    rows = (await tenant.graph.get(path, dict[str, Any], doing=doing, units=5))["value"]
    apps: dict[str, Found] = {}
    for row in rows:
        whole = row if "roles" in row else await _permission(tenant, path, row["id"])
        for identity in whole.get("grantedToIdentitiesV2") or whole.get("grantedToIdentities", ()):
            apps[identity["application"]["id"]] = Found(row["id"], {"roles": whole["roles"]})
    return replace(state, apps=apps)


async def _permission(tenant: Tenant, path: str, permission_id: str) -> dict[str, Any]:
    """Read one permission whole: Graph's list of them leaves the roles out."""
    doing = "read what an app may do"
    where = f"{path}/{segment(permission_id)}"
    return await tenant.graph.get(where, dict[str, Any], doing=doing, units=5)


async def _files(tenant: Tenant, spec: SiteSpec, state: SiteState) -> SiteState:
    wanted = [(spec.list(file.list).url, file.name) for file in spec.starter_files]
    wanted = [(url, name) for url, name in wanted if url in state.lists]
    there = await asyncio.gather(*(_has_file(tenant, state, *one) for one in wanted))
    files = frozenset(one for one, found in zip(wanted, there, strict=True) if found)
    return replace(state, files=files)


async def _has_file(tenant: Tenant, state: SiteState, url: str, name: str) -> bool:
    where = f"/sites/{state.id}/lists/{state.lists[url].id}/drive"
    try:
        path = f"{where}/root:/{segment(name)}"
        await tenant.graph.get(path, dict[str, Any], doing=f"look for {name}")
    except Missing:
        return False
    return True


PARTS: Mapping[str, Part] = {
    "web": _web,
    "groups": _groups,
    "columns": _columns,
    "types": _types,
    "lists": _lists,
    "levels": _levels,
    "access": _access,
    "apps": _apps,
    "files": _files,
}
"""What can be read on its own, in the order in which the parts build on each other."""
