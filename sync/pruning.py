"""The only removal there is: empty lists and empty columns that no schema declares (decision 25).

Each is a line of a plan of its own; only the lines a person chose are carried out, and each is
looked at once more right before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.errors import Rejected
from sync.plan import Plan, SealMismatch, Step
from sync.site_state import NATIVE
from sync.tenant import holdings, rest
from sync.tenant.site_reader import OVER_SHAREPOINT, read_site, site_url
from sync.tenant.site_writes import list_path

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Iterator

    from sharepoint_schema.expand import SiteSpec
    from sync.site_state import Found, FoundList, SiteState
    from sync.tenant.client import Tenant

PLAIN = frozenset({100, 101})
TAKEN_AWAY = "list column"
"""Columns go before the lists and site columns that they came from."""


async def plan(tenant: Tenant, spec: SiteSpec) -> Plan:
    """Return what could be removed, a step each; `blocked` names what is undeclared but in use."""
    return (await _look(tenant, spec))[0]


async def prune(
    tenant: Tenant, spec: SiteSpec, seal: str, chosen: Collection[str]
) -> tuple[Step, ...]:
    """Remove the chosen lines of the plan of this seal; returns what was removed.

    Raises SealMismatch when the plan is another by now, Rejected for a line that is not in it.
    """
    found, state = await _look(tenant, spec)
    if found.seal != seal:
        raise SealMismatch(seal, found)
    known = {step.id for step in found.steps}
    if strangers := sorted(set(chosen) - known):
        raise Rejected(f"not a line of the plan: {', '.join(strangers)}", doing="prune")
    taken = tuple(step for step in found.steps if step.id in chosen)
    for step in taken:
        path = f"{_address(state, spec, step)}/DeleteObject"
        doing = f"remove {step.target}"
        await rest.invoke(tenant, site_url(tenant, spec), rest.Write(path), doing=doing)
    return taken


async def _look(tenant: Tenant, spec: SiteSpec) -> tuple[Plan, SiteState]:
    state = await read_site(tenant, spec, OVER_SHAREPOINT)
    if state.id is None:
        return Plan(spec.title, spec.path, ()), state
    steps = [step async for step in _columns(tenant, spec, state)]
    used = [one for one in steps if isinstance(one, str)]
    lines = [one for one in steps if isinstance(one, Step)]
    lines += [*_lists(state), *_site_columns(spec, state)]
    used += _used_lists(state)
    return Plan(spec.title, spec.path, tuple(lines), tuple(used)), state


async def _columns(tenant: Tenant, spec: SiteSpec, state: SiteState) -> AsyncIterator[Step | str]:
    """Yield a step for each undeclared column of ours without a value, words for one with values.

    Columns that staff made are staff's: they are never offered.
    """
    for area in spec.lists:
        there = state.lists.get(area.url)
        declared = {column.name for column in spec.columns_of(area)}
        for name, column in there.columns.items() if there else ():
            if there is None or name in declared or not _ours(column):
                continue
            kind = column.values["kind"]
            held = await holdings.values(tenant, site_url(tenant, spec), there.id, name, kind)
            target = f"{area.title} / {column.values['title']}"
            if held:
                yield f"{target} is not declared, but {len(held)} rows hold a value"
            else:
                step_id = f"{TAKEN_AWAY}/{area.key}/{name}"
                yield _removal(step_id, TAKEN_AWAY, target, "not declared, and nothing is in it")


def _ours(column: Found) -> bool:
    return bool(column.values["ours"] and column.values["removable"])


def _lists(state: SiteState) -> Iterator[Step]:
    for url, one in sorted(state.others.items()):
        if _prunable(url, one) and one.items == 0:
            reason = "not declared, and nothing is in it"
            yield _removal(f"list/{url}", "list", one.values["title"], reason)


def _used_lists(state: SiteState) -> Iterator[str]:
    for url, one in sorted(state.others.items()):
        if _prunable(url, one) and one.items:
            yield f"{one.values['title']} is not declared, but holds {one.items} items"


def _prunable(url: str, one: FoundList) -> bool:
    return url not in NATIVE and one.values["base"] in PLAIN


def _site_columns(spec: SiteSpec, state: SiteState) -> Iterator[Step]:
    """Yield a step for each column of ours that neither the schema nor any list or type has."""
    declared = {column.name for column in spec.columns}
    lists = (*state.lists.values(), *state.others.values())
    used = {name for one in lists for name in one.columns}
    used |= {name for one in state.types.values() for name in one.values["columns"]}
    for name, column in state.columns.items():
        if name not in declared | used and _ours(column):
            reason = "not declared, and no list has it"
            yield _removal(f"column/{name}", "column", column.values["title"], reason)


def _removal(step_id: str, kind: str, target: str, reason: str) -> Step:
    before = {"there": True}
    return Step(step_id, kind, target, "remove", before, None, reason)  # type: ignore[arg-type]  # a word of Kind


def _address(state: SiteState, spec: SiteSpec, step: Step) -> str:
    if step.kind == "list":
        return list_path(state.others[step.key[0]].id)
    owner = "Web"
    if step.kind == TAKEN_AWAY:
        owner = list_path(state.lists[spec.list(step.key[0]).url].id)
    name = rest.quoted(step.key[-1])
    return f"{owner}/Fields/GetByInternalNameOrTitle({name})"
