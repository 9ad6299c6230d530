"""`verger plan`: what would be done to a site, to be read and approved by its seal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from cli.common import Json, SettingsFile, Wanted, console, with_provisioner

if TYPE_CHECKING:
    from sync.opening import Opening
    from sync.plan import Plan
    from sync.provisioning import Provisioner

CHANGES = 2
"""Exit status when there is something to do; 0 when there is nothing (as terraform's)."""

Template = Annotated[
    str,
    typer.Argument(
        help="A site template: core_team, neb, nob, db, cdf, sig with --order, or a file."
    ),
]
OrderFile = Annotated[
    Path | None, typer.Option("--order", help="The order file that names a SIG.", exists=True)
]
Out = Annotated[
    Path | None,
    typer.Option("--out", help="Also write the plan to a file: JSON, or Markdown if it ends .md."),
]
COLOURS = {"+": "green", "~": "yellow", "-": "red", "!": "bold red"}


def command(
    template: Template,
    order: OrderFile = None,
    out: Out = None,
    settings: SettingsFile = None,
    *,
    as_json: Json = False,
) -> None:
    """Show the plan for one site. Exit status 0: nothing to do; 2: there is.

    Example: verger plan sig --order orders/breast-imaging.yaml
    """
    plan = with_provisioner(settings, Wanted(template, order), _plan)
    body = json.dumps(dict(plan.as_json()), indent=1, ensure_ascii=False)
    if out is not None:
        text = plan.as_markdown() if out.suffix == ".md" else body
        out.write_text(text, encoding="utf-8")
    if as_json:
        console.print_json(body)
    else:
        show(plan)
    raise typer.Exit(0 if plan.empty else CHANGES)


def show(plan: Plan) -> None:
    """Print a plan in colour, with a count of its steps by kind."""
    for line in plan.as_text().splitlines():
        shade = COLOURS.get(line.strip()[:1], "")
        console.print(f"[{shade}]{escape(line)}[/]" if shade else escape(line), soft_wrap=True)
    kinds: dict[str, int] = {}
    for step in plan.steps:
        kinds[step.kind] = kinds.get(step.kind, 0) + 1
    if kinds:
        console.print("  " + ", ".join(f"{count} {kind}" for kind, count in kinds.items()))


async def _plan(provisioner: Provisioner, opening: Opening) -> Plan:
    return await provisioner.plan(opening.spec)
