"""`verger apply`: carry an approved plan out, then plan again to show that nothing is left."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.common import SettingsFile, console, with_provisioner
from cli.plan import OrderFile, Template, show

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from sync.opening import Opening
    from sync.plan import Plan
    from sync.provisioning import Provisioner

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

    Example: verger apply core_team --plan core.json
    """
    approved = seal or (str(json.loads(plan.read_text(encoding="utf-8"))["seal"]) if plan else None)

    def work(provisioner: Provisioner, opening: Opening) -> Awaitable[Plan]:
        return _apply(provisioner, opening, approved)

    left = with_provisioner(settings, template, order, work)
    if not left.empty:
        show(left)
        raise typer.Exit(1)


async def _apply(provisioner: Provisioner, opening: Opening, approved: str | None) -> Plan:
    from sync.opening import KeptProgress  # noqa: PLC0415 - after --help
    from sync.tenant.meter import metered  # noqa: PLC0415 - after --help

    seal = approved or await _ask(provisioner, opening)
    with metered() as bill, console.status(f"Applying {opening.spec.path} …"):
        applied = await provisioner.apply(opening.spec, seal, KeptProgress(opening))
    console.print(
        f"{opening.spec.path}: {len(applied.steps)} steps taken, {bill.requests} requests, "
        f"{bill.units} resource units"
    )
    with metered() as bill:
        left = await provisioner.plan(opening.spec)
    console.print(
        f"{opening.spec.path}: planned again, {len(left.steps)} steps left, "
        f"{bill.requests} requests, {bill.units} resource units"
    )
    return left


async def _ask(provisioner: Provisioner, opening: Opening) -> str:
    plan = await provisioner.plan(opening.spec)
    show(plan)
    if not plan.empty:
        typer.confirm("Apply these steps?", abort=True)
    return plan.seal
