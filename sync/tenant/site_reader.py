"""Reads what a site is, in the parts a plan compares; all parts over SharePoint are one request.

Costs (assumed, decision 33): 2 units a part, 5 where permissions are read. A whole site that was
read before takes one `$batch` and, for the apps' grants, two requests to Graph.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from sync.errors import Missing, VergerError
from sync.site_state import Found, FoundList, SiteState
from sync.tenant import lists, rest
from sync.tenant import site_answers as answers
from sync.tenant.graph import segment
from sync.tenant.way_writes import bar_path

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from sharepoint_schema.expand import SiteSpec
    from sync.tenant.client import Tenant
    from sync.tenant.rest import Write

    type Answers = tuple[Any, ...]

_FIELD = (
    *("InternalName", "Title", "TypeAsString", "Description", "DefaultValue", "Required"),
    *("Indexed", "EnforceUniqueValues", "CustomFormatter", "SchemaXml", "Group", "CanBeDeleted"),
    *("FromBaseType", "ValidationFormula", "ValidationMessage"),
)
_SETTINGS = (
    "Id,Title,Description,BaseTemplate,EntityTypeName,Hidden,EnableVersioning,EnableMinorVersions,"
    "MajorVersionLimit,MajorWithMinorVersionsLimit,EnableModeration,DraftVersionVisibility,NoCrawl,"
    "OnQuickLaunch,ItemCount,ValidationFormula,ValidationMessage,ReadSecurity,WriteSecurity"
)
_LIST_TYPE = "ContentTypes/Name,ContentTypes/StringId,ContentTypes/DocumentTemplateUrl"
_VIEW = ("Id", "Title", "ViewQuery", "RowLimit", "DefaultView", "CustomFormatter", "ViewFields")
_ROLES = (
    "RoleAssignments/PrincipalId,RoleAssignments/Member/Title,RoleAssignments/Member/LoginName,"
    "RoleAssignments/Member/PrincipalType,RoleAssignments/RoleDefinitionBindings/Id"
)
_SHOWN = "RoleAssignments/Member,RoleAssignments/RoleDefinitionBindings"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a site: the addresses it is read from, and what their answers say of it."""

    paths: Callable[[SiteSpec], Sequence[str]]
    take: Callable[[SiteSpec, SiteState, Answers], SiteState]


def site_url(tenant: Tenant, spec: SiteSpec) -> str:
    """Return the whole address of a site."""
    return f"https://{tenant.settings.sharepoint_host}{spec.path}"


async def read_site(
    tenant: Tenant,
    spec: SiteSpec,
    parts: Collection[str] | None = None,
    known: SiteState | None = None,
) -> SiteState:
    """Return a site as it is now; `parts` (of EVERY_PART) are read anew over what is `known`.

    A site that is not there has id None and nothing in it. Raises VergerError.
    """
    return await write_and_read(tenant, spec, known or SiteState(), [], parts or EVERY_PART)


async def write_and_read(
    tenant: Tenant,
    spec: SiteSpec,
    known: SiteState,
    writes: Sequence[Write],
    parts: Collection[str],
) -> SiteState:
    """Carry writes out and return the site as it is after them, read in the same request.

    Writes need a site that is there. Raises VergerError; what was put off is just not there yet.
    """
    state = known if known.id is not None else await _site(tenant, spec)
    if state.id is None:
        return state
    wanted = [name for name in PARTS if name in parts]
    asked = {name: tuple(PARTS[name].paths(spec)) for name in wanted}
    reads = [path for paths in asked.values() for path in paths]
    doing = f"set up {spec.path}" if writes else f"read {spec.path}"
    told = iter(())
    if writes or reads:
        url = site_url(tenant, spec)
        told = iter((await rest.exchange(tenant, url, writes, reads, doing=doing)).answers)
    for name in wanted:
        state = PARTS[name].take(spec, state, tuple(next(told) for _ in asked[name]))
    return await _apps(tenant, spec, state) if APPS in parts else state


async def read_what_answers(
    tenant: Tenant, spec: SiteSpec
) -> tuple[SiteState, Mapping[str, VergerError]]:
    """Return a site as far as it can be read, and by part what kept the rest from being read.

    Raises VergerError only when it can't even be told whether the site is there.
    """
    state = await read_site(tenant, spec, [NOTHING])
    try:
        return await read_site(tenant, spec, known=state), {}
    except VergerError:  # one refused part spoils the whole: ask for each alone
        return await _one_by_one(tenant, spec, state)


async def _one_by_one(
    tenant: Tenant, spec: SiteSpec, state: SiteState
) -> tuple[SiteState, Mapping[str, VergerError]]:
    failed: dict[str, VergerError] = {}
    for name in (*PARTS, APPS):
        try:
            state = await read_site(tenant, spec, [name], state)
        except VergerError as error:
            failed[name] = error
    return state, failed


async def _site(tenant: Tenant, spec: SiteSpec) -> SiteState:
    try:
        found = await lists.site(tenant, site_url(tenant, spec))
    except Missing:
        return SiteState()
    return SiteState(id=found.id)


def _web_paths(_spec: SiteSpec) -> Sequence[str]:
    return ["Web?$select=Title,Description"]


def _web(_spec: SiteSpec, state: SiteState, told: Answers) -> SiteState:
    (web,) = told
    return replace(state, values={"title": web["Title"], "description": web["Description"] or ""})


def _group_paths(_spec: SiteSpec) -> Sequence[str]:
    return ["Web/SiteGroups?$select=Id,Title,Description,Users/Id,Users/LoginName&$expand=Users"]


def _groups(_spec: SiteSpec, state: SiteState, told: Answers) -> SiteState:
    rows = told[0]["value"]
    return replace(state, groups={row["Title"]: answers.group_of(row) for row in rows})


def _column_paths(spec: SiteSpec) -> Sequence[str]:
    """Ask for the declared columns and for every one of ours: what is no longer declared, too."""
    wanted = [f"InternalName eq {rest.quoted(one.name)}" for one in spec.columns]
    wanted.append(f"Group eq {rest.quoted(answers.OURS)}")
    return [f"Web/Fields?$select={','.join(_FIELD)}&$filter={' or '.join(wanted)}"]


def _columns(_spec: SiteSpec, state: SiteState, told: Answers) -> SiteState:
    return replace(state, columns=answers.columns_of(told[0]["value"]))


def _type_paths(_spec: SiteSpec) -> Sequence[str]:
    path = (
        "Web/ContentTypes?$select=Name,StringId,Description,Group,DocumentTemplateUrl"
        ",FieldLinks/Name&$expand=FieldLinks"
    )
    return [path]


def _types(_spec: SiteSpec, state: SiteState, told: Answers) -> SiteState:
    return replace(state, types={row["Name"]: answers.type_of(row) for row in told[0]["value"]})


def _list_paths(_spec: SiteSpec) -> Sequence[str]:
    fields = ",".join(f"Fields/{name}" for name in _FIELD)
    views = ",".join(f"Views/{name}" for name in _VIEW)
    path = (
        f"Web/Lists?$select={_SETTINGS},{_LIST_TYPE},{fields},{views}"
        "&$expand=ContentTypes,Fields,Views,Views/ViewFields&$filter=Hidden eq false"
    )
    return [path]


def _lists(spec: SiteSpec, state: SiteState, told: Answers) -> SiteState:
    wanted = {area.url for area in spec.lists}
    known = {**state.others, **state.lists}
    rows = {answers.url_of(row): row for row in told[0]["value"]}
    found = {url: answers.list_of(row, known.get(url)) for url, row in rows.items()}
    return replace(
        state,
        lists={url: one for url, one in found.items() if url in wanted},
        others={url: one for url, one in found.items() if url not in wanted},
    )


def _level_paths(_spec: SiteSpec) -> Sequence[str]:
    return [f"Web?$select={_ROLES}&$expand=RoleAssignments,{_SHOWN}"]


def _levels(_spec: SiteSpec, state: SiteState, told: Answers) -> SiteState:
    rows = told[0]["RoleAssignments"]
    known = {**state.principals, **answers.numbers(rows)}
    return replace(state, levels=answers.held(rows), principals=known)


def _access_paths(_spec: SiteSpec) -> Sequence[str]:
    path = (
        f"Web/Lists?$select=Id,BaseTemplate,EntityTypeName,HasUniqueRoleAssignments,{_ROLES}"
        f"&$expand=RoleAssignments,{_SHOWN}&$filter=Hidden eq false"
    )
    return [path]


def _access(_spec: SiteSpec, state: SiteState, told: Answers) -> SiteState:
    found: dict[str, FoundList] = {**state.others, **state.lists}
    principals = dict(state.principals)
    for row in told[0]["value"]:
        there = found.get(answers.url_of(row))
        if there is not None:
            roles = row["RoleAssignments"]
            inherits = not row["HasUniqueRoleAssignments"]
            held = answers.held(roles)
            found[answers.url_of(row)] = replace(there, inherits=inherits, access=held)
            principals |= answers.numbers(roles)
    return replace(
        state,
        lists={url: found[url] for url in state.lists},
        others={url: found[url] for url in state.others},
        principals=principals,
    )


def _file_paths(spec: SiteSpec) -> Sequence[str]:
    wanted = [(spec.list(file.list).folder, file.name) for file in spec.files]
    paths = [rest.quoted(f"{spec.path}/{folder}/{name}") for folder, name in wanted]
    return [f"Web/GetFileByServerRelativePath(decodedurl={path})?$select=Name" for path in paths]


def _starters(spec: SiteSpec) -> Sequence[tuple[str, str]]:
    return [(spec.list(file.list).url, file.name) for file in spec.files]


def _files(spec: SiteSpec, state: SiteState, told: Answers) -> SiteState:
    pairs = zip(_starters(spec), told, strict=True)
    return replace(state, files=frozenset(one for one, answer in pairs if answer is not None))


def _hub_paths(spec: SiteSpec) -> Sequence[str]:
    return ["Site?$select=HubSiteId", HUBS] if spec.hub else []


def _hub(spec: SiteSpec, state: SiteState, told: Answers) -> SiteState:
    if spec.hub is None:
        return state
    site, hubs = told
    known = answers.hubs_of(hubs["value"])
    return replace(state, hub=answers.hub_of(site, known), hubs=known)


HUBS = "HubSites?$select=ID,SiteUrl"


def _bars(spec: SiteSpec) -> Sequence[Literal["top", "quick"]]:
    """Return the bars of the navigation about which the spec says anything."""
    bars: tuple[Literal["top", "quick"], ...] = ("top", "quick")
    return [bar for bar in bars if spec.links(bar)]


def _navigation_paths(spec: SiteSpec) -> Sequence[str]:
    return [f"{bar_path(bar)}?$select=Id,Title,Url" for bar in _bars(spec)]


def _navigation(spec: SiteSpec, state: SiteState, told: Answers) -> SiteState:
    pairs = zip(_bars(spec), told, strict=True)
    links: dict[str, tuple[Found, ...]] = {
        bar: tuple(answers.link_of(row) for row in one["value"]) for bar, one in pairs
    }
    return replace(state, navigation=links)


async def known_hubs(tenant: Tenant, spec: SiteSpec) -> Mapping[str, str]:
    """Return the ids of all hubs by address, for a site that is not there yet (2 units)."""
    root = f"https://{tenant.settings.sharepoint_host}"
    told = await rest.read(tenant, root, HUBS, doing=f"look for the hub of {spec.path}")
    return answers.hubs_of(told["value"])


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


PARTS: Mapping[str, Part] = MappingProxyType(
    {
        "web": Part(_web_paths, _web),
        "groups": Part(_group_paths, _groups),
        "columns": Part(_column_paths, _columns),
        "types": Part(_type_paths, _types),
        "lists": Part(_list_paths, _lists),
        "levels": Part(_level_paths, _levels),
        "access": Part(_access_paths, _access),
        "files": Part(_file_paths, _files),
        "hub": Part(_hub_paths, _hub),
        "navigation": Part(_navigation_paths, _navigation),
    }
)
"""What can be read on its own over SharePoint, in the order in which the parts build on each other.
"""

APPS, NOTHING = "apps", ""
EVERY_PART: frozenset[str] = frozenset({*PARTS, APPS})
OVER_SHAREPOINT: frozenset[str] = frozenset(PARTS)
