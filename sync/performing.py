"""Steps of a plan turned into writes: one small function for each kind of step.

Each takes the site as it was just read, so that a step half done before is only completed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sharepoint_schema.care import care_of
from sharepoint_schema.expand import content_of
from sync.diff_ways import BARS
from sync.plan import ORDER
from sync.site_state import SiteState
from sync.tenant import holdings, rest, sites
from sync.tenant import site_writes as writes
from sync.tenant import way_writes as ways
from sync.tenant.columns import set_columns_many
from sync.tenant.site_reader import EVERY_PART, OVER_SHAREPOINT, site_url, write_and_read

if TYPE_CHECKING:
    from collections.abc import (
        Awaitable,
        Callable,
        Collection,
        Iterable,
        Iterator,
        Mapping,
        Sequence,
    )

    from sharepoint_schema.expand import SiteSpec
    from sharepoint_schema.site import Column, SiteList
    from sync.plan import Kind, Step
    from sync.site_state import FoundList
    from sync.tenant.client import Tenant
    from sync.tenant.rest import Write

    type Writer = Callable[[SiteSpec, SiteState, Step], Iterable[Write]]
    type Doer = Callable[[Tenant, SiteSpec, SiteState, Step], Awaitable[SiteState]]

UNVERIFIED = {
    "ControlStatus": "Not checked",
    "ControlReason": (
        "Unverified: this file was here before approval was asked for. SharePoint shows it as"
        " approved, but nobody has approved it."
    ),
}
"""What a file of an adopted library says until somebody decides about it."""

BEFORE: Mapping[Kind, frozenset[Kind]] = {
    "site": frozenset(),
    "group": frozenset({"site"}),
    "column": frozenset({"site"}),
    "content type": frozenset({"site"}),
    "list": frozenset({"site"}),
    "binding": frozenset({"site", "column", "content type", "list"}),
    "lookup": frozenset({"site", "list"}),
    "list column": frozenset({"site", "list", "binding", "lookup"}),
    "view": frozenset({"site", "list", "binding", "lookup"}),
    "settings": frozenset({"site", "list"}),
    "approval": frozenset({"site", "list", "binding", "settings"}),
    "level": frozenset({"site", "group"}),
    "access": frozenset({"site", "group", "list"}),
    "app": frozenset({"site", "level", "access"}),
    "file": frozenset({"site", "list", "binding", "settings", "approval", "level", "access"}),
    "template": frozenset({"site", "content type", "list", "binding", "settings", "file"}),
    "hub": frozenset({"site"}),
    "navigation": frozenset({"site", "list"}),
    "webhook": frozenset(ORDER) - {"webhook"},
}
"""Which kinds must be seen to be settled before steps of a kind are taken; what has none of them
left goes into one request with the others, in the written order."""

APP_KINDS: frozenset[Kind] = frozenset({"site", "app"})
"""Kinds after which it is asked again which apps may use the site."""


def ready(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Return the steps that wait for no other, in order."""
    left = {step.kind for step in steps}
    return tuple(step for step in steps if not BEFORE[step.kind] & left)


async def perform(
    tenant: Tenant, spec: SiteSpec, site: SiteState, steps: Sequence[Step]
) -> SiteState:
    """Carry out steps that are ready and return the site as it is then.

    REST writes go in one request with the reading back, the others one by one before it. What the
    tenant puts off (throttling) is left for the next round. Raises VergerError.
    """
    writes: list[Write] = []
    if files := [step for step in steps if step.kind == "file"]:
        await _put_files(tenant, spec, site, files)
    for step in steps:
        if step.kind in _DOERS and (step.kind != "site" or step.change == "create"):
            site = await _DOERS[step.kind](tenant, spec, site, step)
        elif step.kind != "file":
            writes += _WRITERS[step.kind](spec, site, step)
    return await write_and_read(tenant, spec, site, writes, _parts({one.kind for one in steps}))


def _parts(kinds: Collection[Kind]) -> frozenset[str]:
    """Return what is read back after steps of these kinds: all, but for what only its own touch."""
    parts = EVERY_PART if APP_KINDS & set(kinds) else OVER_SHAREPOINT
    if "site" in kinds:
        return parts
    return parts - {part for part, kind in _ALONE.items() if kind not in kinds}


_ALONE: Mapping[str, Kind] = {"files": "file", "hub": "hub", "navigation": "navigation"}
"""Parts that steps of a single kind change; reading them back each time would cost for nothing."""


async def _create_site(tenant: Tenant, spec: SiteSpec, _site: SiteState, _step: Step) -> SiteState:
    return SiteState(id=await sites.create_site(tenant, spec))


def _site(_spec: SiteSpec, _site: SiteState, step: Step) -> Iterator[Write]:
    names = {"title": "Title", "description": "Description"}
    after = {names[name]: value for name, value in (step.after or {}).items() if name in names}
    yield rest.Write("Web", rest.typed("SP.Web", **after), "MERGE")


def _group(spec: SiteSpec, site: SiteState, step: Step) -> Iterator[Write]:
    """Make a group, or its members: a new one has its number only in the next round."""
    group = spec.group(step.key[0])
    there = site.groups.get(group.title)
    if there is None:
        yield writes.new_group(group)
    else:
        wanted = (step.after or {}).get("members", ())
        yield from writes.members(there.id, wanted, there.values["members"])


def _column(spec: SiteSpec, site: SiteState, step: Step) -> Iterator[Write]:
    column = spec.column(step.key[0])
    if column.name in site.columns:
        yield writes.change_column(column, step.after or {})
    else:
        yield writes.new_site_column(column)


def _content_type(spec: SiteSpec, site: SiteState, step: Step) -> Iterator[Write]:
    """Make a content type once its parent is there, or give it those columns that are there.

    The site has the last word on a new one's id: its columns follow when that was read.
    """
    one = spec.content_type(step.key[0])
    there = site.types.get(one.name)
    parent = spec.parent_of(one)
    if there is not None:
        wanted = [name for name in (step.after or {}).get("columns", ()) if name in site.columns]
        yield from writes.type_columns(there.id, wanted, there.values["columns"])
    elif parent is None:
        yield writes.new_content_type(one, writes.PARENTS[one.parent])
    elif parent.name in site.types:
        yield writes.new_content_type(one, site.types[parent.name].id)


def _list(spec: SiteSpec, _site: SiteState, step: Step) -> Iterator[Write]:
    yield writes.new_list(spec.list(step.key[0]))


def _binding(spec: SiteSpec, site: SiteState, step: Step) -> Iterator[Write]:
    area, there = _found(spec, site, step)
    after = step.after or {}
    for name in after.get("content_types", ()):
        yield writes.bind_type(there.id, site.types[name].id)
    for name in after.get("columns", ()):
        yield writes.new_list_column(there.id, _declared(spec, area, name))
        for key in area.content_types:
            one = spec.content_type(key)
            if one.name in there.types and name in spec.type_columns(one):
                yield from writes.list_type_columns(there.id, there.types[one.name], [name])
    if first := after.get("first", ()):
        rest_of = [name for name in there.types if name not in first]
        yield writes.order_types(there.id, [there.types[name] for name in [*first, *rest_of]])


def _lookup(spec: SiteSpec, site: SiteState, step: Step) -> Iterator[Write]:
    area, there = _found(spec, site, step)
    column = _declared(spec, area, step.key[1])
    target = spec.list(column.lookup or "")
    yield writes.new_list_column(there.id, column, site.lists[target.url].id)


def _list_column(spec: SiteSpec, site: SiteState, step: Step) -> Iterator[Write]:
    area, there = _found(spec, site, step)
    column = _declared(spec, area, step.key[1])
    yield writes.change_column(column, step.after or {}, there.id)


def _view(spec: SiteSpec, site: SiteState, step: Step) -> Iterator[Write]:
    _, there = _found(spec, site, step)
    title = step.key[1]
    known = there.views.get(title)
    if known is None:
        yield writes.new_view(there.id, title, step.after or {})
    else:
        yield from writes.change_view(there.id, known, step.after or {})


def _settings(spec: SiteSpec, site: SiteState, step: Step) -> Iterator[Write]:
    """Change a list; its rule waits for the columns it reads, or SharePoint calls it wrong."""
    area, there = _found(spec, site, step)
    after = dict(step.after or {})
    if any(one.name not in there.columns for one in spec.columns_of(area)):
        after.pop("validation", None)
    if after:
        yield writes.change_settings(there.id, after)


def _level(spec: SiteSpec, site: SiteState, step: Step) -> Iterator[Write]:
    title = spec.group(step.key[0]).title
    wanted, held = (step.after or {})["level"], site.levels.get(title, ())
    yield from writes.levels("Web", int(site.groups[title].id), wanted, held)


def _access(spec: SiteSpec, site: SiteState, step: Step) -> Iterator[Write]:
    """Break inheritance where it holds, copying nothing, then give what is to be held."""
    area, there = _found(spec, site, step)
    if area.access is None:
        yield writes.restore_inheritance(there.id)
        return
    if there.inherits:
        yield writes.break_inheritance(there.id)
    held = {} if there.inherits else there.access
    wanted = {spec.group(one.group).title: (one.level,) for one in area.access}
    numbers = {**site.principals, **{name: int(one.id) for name, one in site.groups.items()}}
    for name in [*wanted, *(name for name in held if name not in wanted)]:
        levels = wanted.get(name, ())
        path = writes.list_path(there.id)
        yield from writes.levels(path, numbers[name], levels, held.get(name, ()))


async def _approval(tenant: Tenant, spec: SiteSpec, site: SiteState, step: Step) -> SiteState:
    """Turn approval on where files are: SharePoint then shows all of them as approved.

    Nobody approved them, so each is marked first (field notes: "Require approval of items").
    """
    _, there = _found(spec, site, step)
    where = sites.ListAt(there.id, site.id or "", site_url(tenant, spec))
    ids = await holdings.file_ids(tenant, where.site_url, there.id)
    refused = await set_columns_many(tenant, where, dict.fromkeys(ids, UNVERIFIED))
    for error in refused.values():
        if error is not None:
            raise error
    write = writes.change_settings(there.id, step.after or {})
    await rest.write_together(tenant, where.site_url, [write], doing="turn content approval on")
    return site


async def _app(tenant: Tenant, _spec: SiteSpec, site: SiteState, step: Step) -> SiteState:
    app, role = step.key[0], (step.after or {})["roles"][0]
    there = site.apps.get(app)
    if there is None:
        await sites.grant_app(tenant, site.id or "", app, role)
    else:
        await sites.change_grant(tenant, site.id or "", there.id, role)
    return site


async def _put_files(
    tenant: Tenant, spec: SiteSpec, site: SiteState, steps: Sequence[Step]
) -> None:
    """Put all the files together: what the tenant puts off is found lacking and put again."""
    declared = {(one.list, one.name): one for one in spec.files}
    files = []
    for step in steps:
        _, there = _found(spec, site, step)
        where = sites.ListAt(there.id, site.id or "", site_url(tenant, spec))
        file = declared[step.key[0], step.key[1]]
        files.append(sites.NewFile(where, file.name, content_of(file)))
    await sites.put_files(tenant, files)


def _template(spec: SiteSpec, site: SiteState, step: Step) -> Iterator[Write]:
    """Bind a document template to a type of the site, or to a list's copy of it."""
    one = spec.content_type(step.key[0])
    url = (step.after or {})["document_template"]
    _, _, area_key = "/".join(step.key).partition("/")
    if area_key:
        there = site.lists[spec.list(area_key).url]
        yield ways.set_template(writes.list_path(there.id), there.types[one.name], url)
    else:
        yield ways.set_template("Web", site.types[one.name].id, url)


def _hub(spec: SiteSpec, site: SiteState, step: Step) -> Iterator[Write]:
    at = (step.after or {})["at"]
    if at == spec.path:
        yield ways.register_hub()
    else:
        yield ways.join_hub(site.hubs[at.lower()])


def _navigation(spec: SiteSpec, site: SiteState, step: Step) -> Iterator[Write]:
    for bar, _ in BARS:
        if bar == step.key[0]:
            alone = care_of("navigation", bar, spec.navigation.care) == "owned"
            yield from ways.links(bar, spec.links(bar), site.navigation[bar], alone=alone)


def _found(spec: SiteSpec, site: SiteState, step: Step) -> tuple[SiteList, FoundList]:
    area = spec.list(step.key[0])
    return area, site.lists[area.url]


def _declared(spec: SiteSpec, area: SiteList, name: str) -> Column:
    return next(column for column in spec.columns_of(area) if column.name == name)


_WRITERS: Mapping[str, Writer] = {
    "site": _site,
    "group": _group,
    "column": _column,
    "content type": _content_type,
    "list": _list,
    "binding": _binding,
    "lookup": _lookup,
    "list column": _list_column,
    "view": _view,
    "settings": _settings,
    "level": _level,
    "access": _access,
    "template": _template,
    "hub": _hub,
    "navigation": _navigation,
}
_DOERS: Mapping[str, Doer] = {
    "site": _create_site,
    "approval": _approval,
    "app": _app,
}
