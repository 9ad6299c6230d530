"""Steps of a plan turned into writes: one small function for each kind of step.

Each takes the site as it was just read, so that a step half done before is only completed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.tenant import rest, sites
from sync.tenant import site_writes as writes
from sync.tenant.site_reader import site_url

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence

    from sharepoint_schema.expand import SiteSpec
    from sharepoint_schema.site import Column, SiteList
    from sync.plan import Kind, Step
    from sync.site_state import FoundList, SiteState
    from sync.tenant.client import Tenant
    from sync.tenant.rest import Write

    type Writer = Callable[[SiteSpec, SiteState, Step], Iterable[Write]]
    type Doer = Callable[[Tenant, SiteSpec, SiteState, Step], Awaitable[None]]

PARTS_OF: Mapping[Kind, frozenset[str]] = {
    "site": frozenset({"web"}),
    "group": frozenset({"groups"}),
    "column": frozenset({"columns"}),
    "content type": frozenset({"types"}),
    "list": frozenset({"lists"}),
    "binding": frozenset({"lists"}),
    "lookup": frozenset({"lists"}),
    "list column": frozenset({"lists"}),
    "view": frozenset({"lists"}),
    "settings": frozenset({"lists"}),
    "level": frozenset({"levels"}),
    "access": frozenset({"access"}),
    "app": frozenset({"apps"}),
    "file": frozenset({"files"}),
    "webhook": frozenset(),
}
"""Which parts of a site show whether the steps of a kind are taken."""

STALE_AFTER: Mapping[Kind, frozenset[str]] = {"list": frozenset({"access", "files"})}
"""Which other parts are no longer known once steps of a kind were taken."""


async def perform(tenant: Tenant, spec: SiteSpec, site: SiteState, steps: Sequence[Step]) -> None:
    """Carry out steps of one kind: those that are REST writes in one batch, the others one by one.

    What the tenant puts off (throttling) is left for the next round. Raises VergerError.
    """
    kind = steps[0].kind
    if kind in _WRITERS and site.id is not None:
        found = [one for step in steps for one in _WRITERS[kind](spec, site, step)]
        doing = f"set up the {kind}s of {spec.path}"
        await rest.write_together(tenant, site_url(tenant, spec), found, doing=doing)
        return
    for step in steps:
        await _DOERS[kind](tenant, spec, site, step)


async def _create_site(tenant: Tenant, spec: SiteSpec, _site: SiteState, _step: Step) -> None:
    await sites.create_site(tenant, spec)


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
    """Make a content type, or its columns: the site gives a new one its id."""
    one = spec.content_type(step.key[0])
    there = site.types.get(one.name)
    if there is None:
        yield writes.new_content_type(one)
    else:
        wanted = (step.after or {}).get("columns", ())
        yield from writes.type_columns(there.id, wanted, there.values["columns"])


def _list(spec: SiteSpec, _site: SiteState, step: Step) -> Iterator[Write]:
    yield writes.new_list(spec.list(step.key[0]))


def _binding(spec: SiteSpec, site: SiteState, step: Step) -> Iterator[Write]:
    area, there = _found(spec, site, step)
    after = step.after or {}
    for name in after.get("content_types", ()):
        yield writes.bind_type(there.id, site.types[name].id)
    for name in after.get("columns", ()):
        yield writes.new_list_column(there.id, _own(area, name))
    if first := after.get("first", ()):
        rest_of = [name for name in there.types if name not in first]
        yield writes.order_types(there.id, [there.types[name] for name in [*first, *rest_of]])


def _lookup(spec: SiteSpec, site: SiteState, step: Step) -> Iterator[Write]:
    area, there = _found(spec, site, step)
    column = _own(area, step.key[1])
    target = spec.list(column.lookup or "")
    yield writes.new_list_column(there.id, column, site.lists[target.url].id)


def _list_column(spec: SiteSpec, site: SiteState, step: Step) -> Iterator[Write]:
    area, there = _found(spec, site, step)
    column = next(one for one in spec.columns_of(area) if one.name == step.key[1])
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
    _, there = _found(spec, site, step)
    yield writes.change_settings(there.id, step.after or {})


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


async def _app(tenant: Tenant, _spec: SiteSpec, site: SiteState, step: Step) -> None:
    app, role = step.key[0], (step.after or {})["roles"][0]
    there = site.apps.get(app)
    if there is None:
        await sites.grant_app(tenant, site.id or "", app, role)
    else:
        await sites.change_grant(tenant, site.id or "", there.id, role)


async def _file(tenant: Tenant, spec: SiteSpec, site: SiteState, step: Step) -> None:
    _, there = _found(spec, site, step)
    where = sites.ListAt(there.id, site.id or "", site_url(tenant, spec))
    await sites.put_text(tenant, where, step.key[1], (step.after or {})["text"])


def _found(spec: SiteSpec, site: SiteState, step: Step) -> tuple[SiteList, FoundList]:
    area = spec.list(step.key[0])
    return area, site.lists[area.url]


def _own(area: SiteList, name: str) -> Column:
    return next(column for column in area.columns if column.name == name)


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
}
_DOERS: Mapping[str, Doer] = {"site": _create_site, "app": _app, "file": _file}
