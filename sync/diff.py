"""What a site lacks of its spec: spec and state in, plan out. Pure: no network, no clock.

Each property is compared by its class (owned, floor, free; `sharepoint_schema.care`): what staff
added beyond a floor stays, and is written back with it.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from sharepoint_schema.expand import content_of, formatting
from sync import diff_ways
from sync.diff_lists import list_steps, rule_of
from sync.differences import Mark, changed, created, differing
from sync.plan import Plan, in_order
from sync.site_state import SiteState

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from sharepoint_schema.expand import SiteSpec
    from sharepoint_schema.site import Column, Group
    from sync.plan import Step
    from sync.site_state import Found

_SITE = ("site",)


def diff(spec: SiteSpec, state: SiteState, watched: Collection[str] | None = None) -> Plan:
    """Return the plan that makes a site conform; empty when it does.

    `watched` are the ids of the lists that have a webhook; None plans no webhooks at all.
    """
    here = state if state.id is not None else SiteState(hubs=state.hubs)
    steps = [*_site(spec, here), *_groups(spec, here), *_columns(spec, here), *_types(spec, here)]
    steps += [step for area in spec.lists for step in list_steps(spec, area, here)]
    steps += [*_levels(spec, here), *_apps(spec, here), *_files(spec, here)]
    steps += [*diff_ways.template_steps(spec, here), *diff_ways.hub_steps(spec, here)]
    steps += [*diff_ways.navigation_steps(spec, here), *_webhooks(spec, here, watched)]
    blocked, later = tuple(_blocked(spec, here)), tuple(diff_ways.waiting(spec, here))
    return Plan(spec.title, spec.path, in_order(iter(steps)), blocked, later)


def _column_values(column: Column) -> Mapping[str, Any]:
    return {
        "title": column.title,
        "description": column.description,
        "choices": list(column.choices),
        "formula": column.formula,
        "default": column.default,
        "required": column.required,
        "formatting": formatting(column.formatting) if column.formatting else None,
        "validation": rule_of(column.validation),
    }


def _site(spec: SiteSpec, state: SiteState) -> Iterator[Step]:
    wanted = {"title": spec.title, "description": spec.description}
    if state.id is None:
        after = {**wanted, "path": spec.path, "template": spec.template, "owner": spec.owner}
        yield created(Mark("site", "site", spec.path, "the site is not there yet"), after)
    elif found := differing("site", spec.care, wanted, state.values):
        yield changed(Mark("site", "site", spec.path, "the site's own properties"), found)


def _groups(spec: SiteSpec, state: SiteState) -> Iterator[Step]:
    for group in spec.groups:
        wanted = _group_values(group)
        there = state.groups.get(group.title)
        mark = Mark("group", f"group/{group.key}", group.title, "who must be in the group", _SITE)
        if there is None:
            yield created(mark, wanted)
        elif found := differing("group", group.care, wanted, there.values):
            yield changed(mark, found)


def _group_values(group: Group) -> Mapping[str, Any]:
    return {
        "description": group.description,
        "members": sorted(name.lower() for name in group.members),
    }


def _columns(spec: SiteSpec, state: SiteState) -> Iterator[Step]:
    for column in spec.columns:
        wanted = _column_values(column)
        there = state.columns.get(column.name)
        reason = "a column of the site"
        mark = Mark("column", f"column/{column.name}", column.title, reason, _SITE)
        if there is None:
            yield created(mark, {"kind": column.kind, **wanted})
        elif there.values["kind"] == column.kind and (
            found := differing("column", column.care, wanted, there.values)
        ):
            yield changed(mark, found)


def _types(spec: SiteSpec, state: SiteState) -> Iterator[Step]:
    for one in spec.content_types:
        wanted = {"description": one.description, "columns": list(spec.type_columns(one))}
        there = state.types.get(one.name)
        mark = Mark("content type", f"type/{one.key}", one.name, "its columns", _SITE)
        if there is None:
            yield created(mark, {"parent": one.parent, **wanted})
        elif found := differing("content_type", one.care, wanted, there.values):
            yield changed(mark, found)


def _levels(spec: SiteSpec, state: SiteState) -> Iterator[Step]:
    """Yield what the declared groups shall hold on the site itself; others are staff's business."""
    for group in spec.groups:
        wanted = {"level": [group.level] if group.level else []}
        there = {"level": list(state.levels.get(group.title, ()))}
        if found := differing("group", group.care, wanted, there):
            within = ("site", f"group/{group.key}")
            mark = Mark("level", f"level/{group.key}", group.title, "on the site", within)
            yield changed(mark, found)


def _apps(spec: SiteSpec, state: SiteState) -> Iterator[Step]:
    for grant in spec.apps:
        there = state.apps.get(grant.app)
        roles = there.values["roles"] if there else []
        if grant.role not in roles:
            before, after = {"roles": roles}, {"roles": [grant.role]}
            mark = Mark("app", f"app/{grant.app}", grant.app, "what our app may do here", _SITE)
            yield changed(mark, (before, after))


def _files(spec: SiteSpec, state: SiteState) -> Iterator[Step]:
    for file in spec.files:
        area = spec.list(file.list)
        if (area.url, file.name) in state.files:
            continue  # it must be there; what it says is staff's to change
        within = ("site", f"list/{area.key}")
        step_id = f"file/{area.key}/{file.name}"
        mark = Mark("file", step_id, f"{area.title} / {file.name}", "a starter file", within)
        digest = hashlib.sha256(content_of(file)).hexdigest()
        yield created(mark, {"text": file.text} if file.text else {"sha256": digest})


def _webhooks(spec: SiteSpec, state: SiteState, watched: Collection[str] | None) -> Iterator[Step]:
    if watched is None:
        return
    for area in spec.lists:
        there = state.lists.get(area.url)
        if area.policed and (there is None or there.id not in watched):
            within = ("site", f"list/{area.key}")
            reason = "changes here are to be heard of"
            mark = Mark("webhook", f"webhook/{area.key}", area.title, reason, within)
            yield created(mark, {"watched": True})


def _blocked(spec: SiteSpec, state: SiteState) -> Iterator[str]:
    """Yield what no step can mend: a thing of the right name and the wrong kind."""
    for column in spec.columns:
        there = state.columns.get(column.name)
        if there is not None and there.values["kind"] != column.kind:
            rows = sum(one.items for one in state.lists.values() if column.name in one.columns)
            yield _other_kind(f"the site column {column.name}", column, there, rows)
    for area in spec.lists:
        found = state.lists.get(area.url)
        if found is None:
            continue
        if found.values["template"] != area.template:
            yield f"{area.url} is a {found.values['template']}, not a {area.template}"
        for column in area.columns:
            own = found.columns.get(column.name)
            if own is not None and own.values["kind"] != column.kind:
                what = f"the column {column.name} of {area.title}"
                yield _other_kind(what, column, own, found.items)


def _other_kind(what: str, column: Column, there: Found, rows: int) -> str:
    """Say that a column's kind can't be changed in place, and how it is done without a loss."""
    says = f"{what} is {there.values['kind']}, not {column.kind}"
    if not rows:
        return f"{says}; no row can hold a value: leave it out, apply, prune it, declare it anew"
    return (
        f"{says}, and {rows} rows may hold values: declare a new column, such as"
        f" {column.name[:30]}2, copy the values, and leave {column.name} out; nothing is lost"
    )
