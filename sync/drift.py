"""Does a site still conform? Each declared element: it conforms, it drifted, or we can't tell.

A read error is *unknown*, never drift. What drifted is put right only when two reads agree, and by
mode: observe tells, warn tells the owner and acts after the grace days, enforce acts at once; who
may open a place set apart is always put right at once, except on an adopted site (decision 6). A
site or list that is gone is never made anew here: that is an apply, which a person approves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sync.diff import diff
from sync.errors import VergerError
from sync.site_state import NATIVE, SiteState
from sync.tenant import lists
from sync.tenant.site_reader import read_what_answers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sharepoint_schema.expand import SiteSpec
    from sharepoint_schema.standard import Mode
    from sync.plan import Kind, Plan, Step
    from sync.site_state import FoundList
    from sync.tenant.client import Tenant

type State = Literal["conforms", "drifted", "unknown"]

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
    "approval": frozenset({"lists"}),
    "level": frozenset({"levels"}),
    "access": frozenset({"lists", "access"}),
    "app": frozenset({"apps"}),
    "file": frozenset({"lists", "files"}),
    "template": frozenset({"types", "lists"}),
    "hub": frozenset({"hub"}),
    "navigation": frozenset({"navigation"}),
}
"""Which parts of a site must have been read to tell whether elements of a kind conform."""

BY_HAND: frozenset[Kind] = frozenset({"site", "list", "approval"})
"""Kinds that are made only by an apply which a person approved."""

SET_APART = ("restricted", "quarantine")


@dataclass(frozen=True, slots=True)
class Element:
    """One declared element: `says` is the difference or what kept us from telling.

    `when` and `who` are what SharePoint says of the last change to the list it belongs to; of
    groups, columns and permissions it says neither.
    """

    id: str
    kind: str
    target: str
    state: State
    says: str = ""
    who: str | None = None
    when: str | None = None
    step: Step | None = None


@dataclass(frozen=True, slots=True)
class Stranger:
    """A library or list that staff made: somebody has to say what it is for."""

    url: str
    title: str
    template: str
    items: int
    who: str | None = None
    when: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """One site as it was found."""

    site: str
    path: str
    elements: tuple[Element, ...]
    strangers: tuple[Stranger, ...] = ()

    def of(self, state: State) -> tuple[Element, ...]:
        """Return the elements in one state."""
        return tuple(one for one in self.elements if one.state == state)

    @property
    def state(self) -> State:
        """The worst there is: drifted before unknown before conforms."""
        for state in ("drifted", "unknown"):
            if self.of(state):
                return state
        return "conforms"


async def check(tenant: Tenant, spec: SiteSpec) -> Report:
    """Return what of a site conforms. Never raises VergerError: what can't be read is unknown."""
    try:
        state, failed = await read_what_answers(tenant, spec)
    except VergerError as error:
        return _all_unknown(spec, str(error))
    told = await _history(tenant, state) if state.id else {}
    plan = diff(spec, state)
    steps = {step.id: step for step in plan.steps}
    unread = {part: str(error) for part, error in failed.items()}
    if plan.later:
        unread.setdefault("hub", "; ".join(plan.later))
    found = [
        _element(step, steps.get(step.id), unread, told.get(_list_of(spec, state, step), {}))
        for step in _inventory(spec, plan)
        if state.id is not None or step.kind == "site"
    ]
    found += [
        Element(f"blocked/{number}", "blocked", spec.path, "drifted", reason)
        for number, reason in enumerate(plan.blocked)
    ]
    return Report(spec.title, spec.path, tuple(found), tuple(_strangers(state, told)))


def agreeing(first: Report, second: Report) -> tuple[Step, ...]:
    """Return the steps that would put right what two reads found to be wrong in the same way."""
    before = {one.id: one.step for one in first.of("drifted")}
    return tuple(
        one.step
        for one in second.of("drifted")
        if one.step is not None
        and one.step == before.get(one.id)
        and not (one.step.kind in BY_HAND and one.step.change == "create")
    )


def mode_of(spec: SiteSpec, step: Step, usual: Mode) -> Mode:
    """Return how the drift of one element is answered; `usual` is the standard's word."""
    mode = spec.drift or usual
    apart = {area.key for area in spec.lists if area.place in SET_APART}
    if mode == "warn" and step.kind == "access" and step.key[0] in apart:
        return "enforce"  # as a warning over containment does (decision 6)
    return mode


def _inventory(spec: SiteSpec, plan: Plan) -> Iterator[Step]:
    """Yield a step for every element: those a site made anew would need, and those lacking now."""
    declared = {step.id: step for step in diff(spec, _nothing(spec)).steps}
    yield from (declared | {step.id: step for step in plan.steps}).values()


def _nothing(spec: SiteSpec) -> SiteState:
    """Return a site that is not there, with the hub that it would join."""
    return SiteState(hubs={spec.hub.at.lower(): ""} if spec.hub else {})


def _element(
    step: Step, lacking: Step | None, failed: Mapping[str, str], told: Mapping[str, Any]
) -> Element:
    unread = [failed[part] for part in PARTS_OF[step.kind] if part in failed]
    if unread:
        return Element(step.id, step.kind, step.target, "unknown", "; ".join(unread))
    if lacking is None:
        return Element(step.id, step.kind, step.target, "conforms")
    when = told.get("lastModifiedDateTime")
    says = lacking.says()
    return Element(step.id, step.kind, step.target, "drifted", says, None, when, lacking)


def _all_unknown(spec: SiteSpec, why: str) -> Report:
    steps = diff(spec, _nothing(spec)).steps
    found = tuple(Element(one.id, one.kind, one.target, "unknown", why) for one in steps)
    return Report(spec.title, spec.path, found)


def _list_of(spec: SiteSpec, state: SiteState, step: Step) -> str:
    """Return the id of the list a step is about, "" when it is about none."""
    urls = {area.key: area.url for area in spec.lists}
    there = state.lists.get(urls.get(step.key[0], "")) if step.key else None
    return there.id if there else ""


async def _history(tenant: Tenant, state: SiteState) -> Mapping[str, Mapping[str, Any]]:
    """Return by list id who made it and when it was last changed, as far as Graph says."""
    try:
        return await lists.history(tenant, state.id or "")
    except VergerError:  # the findings stand without it
        return {}


def _strangers(state: SiteState, told: Mapping[str, Mapping[str, Any]]) -> Iterator[Stranger]:
    for url, one in state.others.items():
        if one.items or url not in NATIVE:
            yield _stranger(url, one, told.get(one.id, {}))


def _stranger(url: str, one: FoundList, told: Mapping[str, Any]) -> Stranger:
    by = told.get("createdBy", {})
    who = (by.get("user") or by.get("application") or {}).get("displayName")
    values = one.values
    return Stranger(
        url, values["title"], values["template"], one.items, who, told.get("createdDateTime")
    )
