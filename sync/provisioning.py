"""From a spec to a site that conforms: plan, approve by seal, apply, plan again and find nothing.

Apply takes every step that waits for no other, in the written order, and reads the site again in
the same request: a step counts as taken when its difference has gone, not when a request
succeeded. A kill at any moment loses nothing: the next apply finds what is left and goes on.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from sync.diff import diff
from sync.errors import NotReady, Terminal
from sync.migration import obstacles
from sync.performing import perform, ready
from sync.plan import Plan, PlanBlocked, SealMismatch
from sync.tenant.site_reader import known_hubs, read_site

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sharepoint_schema.expand import SiteSpec
    from sharepoint_schema.site import SiteList
    from sync.plan import Step
    from sync.site_state import FoundList, SiteState
    from sync.tenant.client import Tenant

IDLE_ROUNDS = 3
"""Rounds in a row that may change nothing, as when all was throttled."""


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
    """One apply under way: what is approved, and the site as it was read last."""

    spec: SiteSpec
    plan: Plan
    coverage: Collection[str]
    progress: Progress
    site: SiteState
    only: Collection[str] | None = None
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
            begun = await progress.unfinished()
            if begun is not None:  # it was killed after its last step
                await progress.finish(begun[0], site)
            return Applied((), site)
        coverage = await self._approved(plan, seal, progress)
        run = _Run(spec, plan, coverage, progress, site)
        await self._carry_out(run)
        await progress.finish(seal, run.site)
        return Applied(tuple(run.taken), run.site)

    async def mend(self, spec: SiteSpec, steps: Sequence[Step], progress: Progress) -> Applied:
        """Take these steps of a site that drifted, as far as they are still lacking, no others.

        Raises as `apply` does, but for SealMismatch and SiteMoved: what else differs is left alone.
        """
        site = await read_site(self.tenant, spec)
        only = frozenset(step.id for step in steps)
        run = _Run(spec, Plan(spec.title, spec.path, tuple(steps)), only, progress, site, only=only)
        run.plan = replace(run.plan, steps=await self._lacking(run))
        await self._carry_out(run)
        return Applied(tuple(run.taken), run.site)

    async def _look(self, spec: SiteSpec) -> tuple[Plan, SiteState]:
        site = await read_site(self.tenant, spec)
        if site.id is None and spec.hub is not None and spec.hub.at != spec.path:
            site = replace(site, hubs=await known_hubs(self.tenant, spec))
        plan = diff(spec, site, await self._watched(site))
        found = [reason async for reason in obstacles(self.tenant, spec, site, plan)]
        return replace(plan, blocked=(*plan.blocked, *found)), site

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

    async def _carry_out(self, run: _Run) -> None:
        """Take what is ready and read back, until reading shows that nothing is left."""
        todo, idle = run.plan.steps, 0
        while todo:
            await self._take(run, ready(todo))
            left = await self._lacking(run)
            await _note(run, left)
            idle = idle + 1 if left == todo else 0
            if idle >= IDLE_ROUNDS:
                raise WithoutEffect(ready(left))
            todo = left

    async def _lacking(self, run: _Run) -> tuple[Step, ...]:
        """Return the steps still to be taken. Raises SiteMoved beyond the approved ones."""
        plan = diff(run.spec, run.site, await self._watched(run.site))
        if run.only is not None:
            return tuple(step for step in plan.steps if step.id in run.only)
        for step in plan.steps:
            if not step.covered(run.coverage):
                raise SiteMoved(step, run.spec.path)
        return plan.steps

    async def _take(self, run: _Run, steps: tuple[Step, ...]) -> None:
        if steps[0].kind != "webhook":
            run.site = await perform(self.tenant, run.spec, run.site, steps)
        elif self.webhooks is not None:
            for step in steps:
                area = run.spec.list(step.key[0])
                await self.webhooks.watch(run.spec, area, run.site.lists[area.url], run.site)


async def _note(run: _Run, left: tuple[Step, ...]) -> None:
    """Write down, once, the steps whose difference has gone."""
    still = {step.id for step in (*left, *run.taken)}
    for step in run.plan.steps:
        if step.id not in still:
            run.taken.append(step)
            await run.progress.taken(step)
