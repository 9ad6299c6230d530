"""From a spec to a site that conforms: plan, approve by seal, apply, plan again and find nothing.

Apply takes the kinds of step in their order. For each it reads what is there, writes what is
lacking, and reads again: a step counts as taken when its difference has gone, not when a request
succeeded. A kill at any moment loses nothing: the next apply finds what is left and goes on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from sync.diff import diff
from sync.errors import NotReady, Terminal
from sync.performing import PARTS_OF, STALE_AFTER, perform
from sync.plan import ORDER, Plan, PlanBlocked, SealMismatch
from sync.tenant.site_reader import PARTS as READERS
from sync.tenant.site_reader import read_site

if TYPE_CHECKING:
    from collections.abc import Collection

    from sharepoint_schema.expand import SiteSpec
    from sharepoint_schema.site import SiteList
    from sync.plan import Kind, Step
    from sync.site_state import FoundList, SiteState
    from sync.tenant.client import Tenant

IDLE_ROUNDS = 3
"""Rounds in a row that may change nothing, as when all was throttled. A kind often takes several:
what a new group or site brings shows only when it is there."""


class Webhooks(Protocol):
    """What watches lists; subscriptions live elsewhere, provisioning only says which are wanted."""

    async def watched(self, site: SiteState) -> Collection[str]:
        """Return the ids of the site's lists that have a live subscription."""
        ...

    async def watch(
        self, spec: SiteSpec, area: SiteList, found: FoundList, site: SiteState
    ) -> None:
        """Give a list its subscription and first cursor; doing it twice does no harm."""
        ...


class Progress(Protocol):
    """Where an apply writes down how far it is, so that a killed one can go on."""

    async def unfinished(self) -> tuple[str, Collection[str]] | None:
        """Return the seal and the coverage of an apply that began and did not end."""
        ...

    async def begin(self, plan: Plan) -> None:
        """Write down that this plan is being applied (its seal and its coverage)."""
        ...

    async def taken(self, step: Step) -> None:
        """Write down that a step was taken and read back."""
        ...

    async def finish(self, seal: str, site: SiteState) -> None:
        """Write down that the plan of this seal is applied."""
        ...


class WithoutEffect(NotReady):
    """Writes were accepted, but reading back shows no change; applying again later may help."""

    def __init__(self, steps: Collection[Step]) -> None:
        names = ", ".join(step.target for step in steps)
        super().__init__(f"accepted without effect: {names}", doing="apply the plan")
        self.steps = tuple(steps)


class SiteMoved(Terminal):
    """The site changed under our hands: a step is lacking that nobody approved. Plan again."""

    def __init__(self, step: Step, path: str) -> None:
        super().__init__(
            f"{path} changed while its plan was being applied: {step.target} ({step.reason}) was"
            " not part of the plan; what was done is kept, plan again"
        )
        self.step = step


@dataclass(frozen=True, slots=True)
class Applied:
    """What an apply did: the steps taken, and the site as it is now."""

    steps: tuple[Step, ...]
    site: SiteState


@dataclass(slots=True)
class _Run:
    """One apply under way: what is approved, what was read of the site and is still true of it."""

    spec: SiteSpec
    plan: Plan
    coverage: Collection[str]
    progress: Progress
    site: SiteState
    fresh: set[str] = field(default_factory=set)
    taken: list[Step] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Provisioner:
    """Everything provisioning needs; without `webhooks` none are planned."""

    tenant: Tenant
    webhooks: Webhooks | None = None

    async def plan(self, spec: SiteSpec) -> Plan:
        """Return the plan for a site as it is now. Writes nothing. Raises VergerError."""
        plan, _ = await self._look(spec)
        return plan

    async def apply(self, spec: SiteSpec, seal: str, progress: Progress) -> Applied:
        """Take the steps of the plan approved by `seal`; an empty plan writes nothing.

        Raises SealMismatch when the plan is another by now, PlanBlocked when something stands in
        the way, SiteMoved when somebody interferes, WithoutEffect when the tenant accepts writes
        that don't show, else VergerError.
        """
        plan, site = await self._look(spec)
        if plan.blocked:
            raise PlanBlocked(plan)
        if plan.empty:
            return Applied((), site)
        coverage = await self._approved(plan, seal, progress)
        run = _Run(spec, plan, coverage, progress, site, set(READERS if site.id else ()))
        for kind in ORDER:
            await self._settle(run, kind)
        left, site = await self._look(spec)
        if not left.empty:
            raise WithoutEffect(left.steps)
        await progress.finish(seal, site)
        return Applied(tuple(run.taken), site)

    async def _look(self, spec: SiteSpec) -> tuple[Plan, SiteState]:
        site = await read_site(self.tenant, spec)
        return diff(spec, site, await self._watched(site)), site

    async def _watched(self, site: SiteState) -> Collection[str] | None:
        return None if self.webhooks is None else await self.webhooks.watched(site)

    async def _approved(self, plan: Plan, seal: str, progress: Progress) -> Collection[str]:
        """Return the coverage of what was approved: this plan, or one whose apply was cut short."""
        if plan.seal == seal:
            await progress.begin(plan)
            return plan.coverage
        begun = await progress.unfinished()
        if begun is None or begun[0] != seal or not all(s.covered(begun[1]) for s in plan.steps):
            raise SealMismatch(seal, plan)
        return begun[1]

    async def _settle(self, run: _Run, kind: Kind) -> None:
        """Take the steps of one kind until reading back shows that none is left."""
        await self._read(run, set(PARTS_OF[kind]) - run.fresh)
        todo = await self._lacking(run, kind)
        idle = 0
        while todo and idle < IDLE_ROUNDS:
            await self._take(run, kind, todo)
            left = await self._lacking(run, kind)
            await _note(run, todo, left)
            idle = idle + 1 if left == todo else 0
            todo = left
        if todo:
            raise WithoutEffect(todo)
        await _note(run, run.plan.of(kind), ())  # what a new site brought by itself is done too

    async def _lacking(self, run: _Run, kind: Kind) -> tuple[Step, ...]:
        """Return a kind's steps still to be taken. Raises SiteMoved beyond the approved ones."""
        watched = await self._watched(run.site) if kind == "webhook" else None
        plan = diff(run.spec, run.site, watched)
        for step in plan.of(kind):
            if not step.covered(run.coverage):
                raise SiteMoved(step, run.spec.path)
        return plan.of(kind)

    async def _take(self, run: _Run, kind: Kind, steps: tuple[Step, ...]) -> None:
        if kind == "webhook" and self.webhooks is not None:
            for step in steps:
                area = run.spec.list(step.key[0])
                await self.webhooks.watch(run.spec, area, run.site.lists[area.url], run.site)
        else:
            await perform(self.tenant, run.spec, run.site, steps)
        run.fresh -= STALE_AFTER.get(kind, frozenset())
        await self._read(run, set(PARTS_OF[kind]))

    async def _read(self, run: _Run, parts: set[str]) -> None:
        if parts:
            run.site = await read_site(self.tenant, run.spec, parts, run.site)
            run.fresh |= parts


async def _note(run: _Run, steps: tuple[Step, ...], left: tuple[Step, ...]) -> None:
    """Write down, once, the steps whose difference has gone."""
    still = {step.id for step in (*left, *run.taken)}
    for step in steps:
        if step.id not in still:
            run.taken.append(step)
            await run.progress.taken(step)
