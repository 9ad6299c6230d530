"""`verger apply`: carry an approved plan out, then plan again to show that nothing is left."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress as Bar

from cli.common import SettingsFile, Wanted, console, with_provisioner
from cli.plan import OrderFile, Template, show
from sync.errors import Misconfigured

if TYPE_CHECKING:
    from collections.abc import Awaitable, Collection

    from rich.progress import TaskID

    from sync.opening import KeptProgress, Opening
    from sync.plan import Plan, Step
    from sync.provisioning import Provisioner
    from sync.site_state import SiteState

Seal = Annotated[str | None, typer.Option("--seal", help="The seal of the plan that was approved.")]
PlanFile = Annotated[
    Path | None, typer.Option("--plan", help="The approved plan, from plan --out.", exists=True)
]


def command(
    template: Template,
    order: OrderFile = None,
    plan: PlanFile = None,
    seal: Seal = None,
    settings: SettingsFile = None,
) -> None:
    """Apply the plan of one site. Without --plan or --seal it is shown and you are asked.

    A SIG's site is opened by verger sig request, agree, approve and open; once it is open, apply
    with its --order brings it to a changed schema. Nothing is applied without that record.

    Example: verger apply core_team --plan core.json
    """
    approved = seal or (_seal_of(plan) if plan else None)

    def work(provisioner: Provisioner, opening: Opening) -> Awaitable[Plan]:
        return _apply(provisioner, opening, approved)

    left = with_provisioner(settings, Wanted(template, order), work, demand=True)
    if not left.empty:
        show(left)
        raise typer.Exit(1)


def _seal_of(plan: Path) -> str:
    """Return the seal of a plan file; Misconfigured when it is not one."""
    try:
        return str(json.loads(plan.read_text(encoding="utf-8"))["seal"])
    except (ValueError, KeyError, TypeError) as error:
        raise Misconfigured(f"{plan} is not a plan; write one with: verger plan … --out") from error


async def _apply(provisioner: Provisioner, opening: Opening, approved: str | None) -> Plan:
    from sync import opening as ways  # noqa: PLC0415 - after --help
    from sync.tenant.meter import metered  # noqa: PLC0415 - after --help

    seal = approved or await _ask(provisioner, opening)
    with metered() as bill, Bar(console=console, transient=True) as bar:
        progress = _Shown(
            ways.KeptProgress(opening), bar, bar.add_task(opening.spec.path, total=None)
        )
        applied = await provisioner.apply(opening.spec, seal, progress)
    console.print(
        f"{opening.spec.path}: {len(applied.steps)} steps taken, {bill.requests} requests, "
        f"{bill.units} resource units"
    )
    if applied.steps:
        parts = ", ".join(f"{name} {units}" for name, units in bill.by_operation.most_common())
        console.print(f"{opening.spec.path}: units by operation: {parts}", soft_wrap=True)
    with metered() as bill:
        left = await provisioner.plan(opening.spec)
    console.print(
        f"{opening.spec.path}: planned again, {len(left.steps)} steps left, "
        f"{bill.requests} requests, {bill.units} resource units"
    )
    return left


@dataclass(frozen=True, slots=True)
class _Shown:
    """Progress that is written down where it belongs, and shown on the way."""

    kept: KeptProgress
    bar: Bar
    task: TaskID

    async def unfinished(self) -> tuple[str, Collection[str]] | None:
        return await self.kept.unfinished()

    async def begin(self, plan: Plan) -> None:
        self.bar.update(self.task, total=len(plan.steps))
        await self.kept.begin(plan)

    async def taken(self, step: Step) -> None:
        await self.kept.taken(step)
        self.bar.advance(self.task)

    async def finish(self, seal: str, site: SiteState) -> None:
        await self.kept.finish(seal, site)


async def _ask(provisioner: Provisioner, opening: Opening) -> str:
    plan = await provisioner.plan(opening.spec)
    show(plan)
    if not plan.empty:
        typer.confirm("Apply these steps?", abort=True)
    return plan.seal
