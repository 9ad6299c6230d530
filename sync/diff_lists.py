"""What one list or library lacks: itself, content types, columns, views, settings, access."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sharepoint_schema.expand import formatting
from sync.caml import canonical
from sync.differences import Mark, changed, created, differing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sharepoint_schema.expand import SiteSpec
    from sharepoint_schema.site import Column, SiteList, Validation, View
    from sync.differences import Difference
    from sync.plan import Step
    from sync.site_state import FoundList, SiteState, Values


def list_steps(spec: SiteSpec, area: SiteList, state: SiteState) -> Iterator[Step]:
    """Yield the steps one list needs, whatever their order."""
    there = state.lists.get(area.url)
    if there is None:
        after = {"title": area.title, "url": area.url, "template": area.template}
        reason = f"the {area.template} is not there"
        yield created(Mark("list", f"list/{area.key}", area.title, reason, ("site",)), after)
    yield from _binding(spec, area, there)
    yield from _lookups(area, there)
    yield from _columns(spec, area, there)
    yield from _views(area, there)
    yield from _settings(area, there)
    yield from _access(spec, area, there)


def _within(area: SiteList) -> tuple[str, ...]:
    return ("site", f"list/{area.key}")


def _binding(spec: SiteSpec, area: SiteList, there: FoundList | None) -> Iterator[Step]:
    """Yield the content types to bind, and the columns of the list's own to make."""
    names = [spec.content_type(key).name for key in area.content_types]
    bound = list(there.types) if there else []
    columns = there.columns if there else {}
    missing = [name for name in names if name not in bound]
    bringing = {
        name
        for key in area.content_types
        if spec.content_type(key).name in missing
        for name in spec.type_columns(spec.content_type(key))
    }
    own = [
        one.name
        for one in spec.columns_of(area)
        if one.kind != "lookup" and one.name not in columns and one.name not in bringing
    ]
    after = {"content_types": missing, "columns": own}
    reason = "content types and columns of the list"
    mark = Mark("binding", f"binding/{area.key}", area.title, reason, _within(area))
    if found := {name: value for name, value in after.items() if value}:
        yield created(mark, found)
    elif names and bound[: len(names)] != names:
        yield changed(mark, ({"first": bound[: len(names)]}, {"first": names}))


def _lookups(area: SiteList, there: FoundList | None) -> Iterator[Step]:
    for column in area.columns:
        if column.kind == "lookup" and (there is None or column.name not in there.columns):
            step_id = f"lookup/{area.key}/{column.name}"
            target = f"{area.title} / {column.title}"
            within = (*_within(area), f"list/{column.lookup}")
            mark = Mark("lookup", step_id, target, "it looks into another list", within)
            yield created(mark, {"looks_into": column.lookup})


def _columns(spec: SiteSpec, area: SiteList, there: FoundList | None) -> Iterator[Step]:
    for column in spec.columns_of(area):
        wanted = _column_values(area, column)
        found = there.columns.get(column.name) if there else None
        difference: Difference | None
        if found is None:
            extra = {name: wanted[name] for name in _AFTERWARDS if wanted[name]}
            difference = ({}, extra) if extra else None
        else:
            difference = differing("column", column.care, wanted, found.values)
        if difference:
            yield changed(_column_mark(area, column), difference)


_AFTERWARDS = ("indexed", "unique")
"""What a column is given only once it is there."""


def _column_mark(area: SiteList, column: Column) -> Mark:
    within = (*_within(area), f"binding/{area.key}", f"lookup/{area.key}/{column.name}")
    reason = "how the column serves in this list"
    step_id = f"list column/{area.key}/{column.name}"
    return Mark("list column", step_id, f"{area.title} / {column.title}", reason, within)


def _column_values(area: SiteList, column: Column) -> Mapping[str, Any]:
    return {
        "title": column.title,
        "choices": list(column.choices),
        "formula": column.formula,
        "default": column.default,
        "required": column.required,
        "formatting": formatting(column.formatting) if column.formatting else None,
        "indexed": column.name in area.indexed,
        "unique": column.name in area.unique,
        "validation": rule_of(column.validation),
    }


def _views(area: SiteList, there: FoundList | None) -> Iterator[Step]:
    known = there.views if there else {}
    for view in area.views:
        wanted = _view_values(view)
        found = known.get(view.title)
        target, reason = f"{area.title} / {view.title}", "what the view shows"
        mark = Mark("view", f"view/{area.key}/{view.title}", target, reason, _within(area))
        if found is None:
            yield created(mark, wanted)
        elif difference := differing("view", view.care, wanted, _spelled_alike(found.values)):
            yield changed(mark, difference)


def _view_values(view: View) -> Mapping[str, Any]:
    return {
        "columns": list(view.columns),
        "query": canonical(view.query),
        "rows": view.rows,
        "default": view.default,
        "formatting": formatting(view.formatting) if view.formatting else None,
    }


def _spelled_alike(values: Values) -> Values:
    return {**values, "query": canonical(values["query"])}


def _settings(area: SiteList, there: FoundList | None) -> Iterator[Step]:
    wanted = _setting_values(area)
    found = there.values if there else {}
    difference = differing("list", area.care, wanted, found)
    if difference is None:
        return
    before, after = dict(difference[0]), dict(difference[1])
    if there is not None and there.items and after.get("approval"):
        change = ({"approval": before.pop("approval")}, {"approval": after.pop("approval")})
        yield changed(_approval_mark(area, there.items), change)
    if after:
        reason = "versions, approval, rules and search of the list"
        mark = Mark("settings", f"settings/{area.key}", area.title, reason, _within(area))
        yield changed(mark, (before, after))


def _approval_mark(area: SiteList, items: int) -> Mark:
    reason = f"the {items} files here are marked unverified, none is approved"
    return Mark("approval", f"approval/{area.key}", area.title, reason, _within(area))


def rule_of(rule: Validation | None) -> list[str]:
    """Return formula and message of a validation, nothing where there is none."""
    return [rule.formula, rule.message] if rule else []


def _setting_values(area: SiteList) -> Mapping[str, Any]:
    values: dict[str, Any] = {"title": area.title, "crawled": area.crawled, "versioning": True}
    values |= {"keep_major": area.versions.keep_major, "approval": area.approval}
    values["validation"] = rule_of(area.validation)
    if area.template == "list":
        values["own_only"] = area.own_only
    if area.template == "library":
        values["minor"] = area.versions.minor
    if area.versions.keep_minor is not None:
        values["keep_minor"] = area.versions.keep_minor
    if area.versions.minor:
        values["drafts_seen_by"] = area.versions.drafts_seen_by
    return values


def _access(spec: SiteSpec, area: SiteList, there: FoundList | None) -> Iterator[Step]:
    inherits = there.inherits if there else True
    held = {title: list(levels) for title, levels in there.access.items()} if there else {}
    wanted: dict[str, Any] = {"inherits": area.access is None}
    found: dict[str, Any] = {"inherits": inherits}
    if area.access is not None:
        wanted["access"] = {spec.group(one.group).title: [one.level] for one in area.access}
        found["access"] = {} if inherits else held
    if difference := differing("list", area.care, wanted, found):
        reason = "who may open what is here"
        mark = Mark("access", f"access/{area.key}", area.title, reason, _within(area))
        yield changed(mark, difference)
