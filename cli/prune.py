"""`verger prune`: remove empty lists and columns that no schema declares, line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from cli.common import SettingsFile, Wanted, console, opened, with_service
from cli.plan import CHANGES, OrderFile, Template, show

if TYPE_CHECKING:
    from sync.plan import Plan, Step
    from sync.service import Service

Lines = Annotated[
    list[str] | None,
    typer.Option("--line", help="Remove this line, by the id that was shown (repeatable)."),
]
Ask = Annotated[bool, typer.Option("--ask", help="Ask for each line, then remove those agreed.")]


def command(
    template: Template,
    order: OrderFile = None,
    line: Lines = None,
    settings: SettingsFile = None,
    *,
    ask: Ask = False,
) -> None:
    """Show what could be removed; remove only lines you name. Exit status 2: there are such lines.

    Example: verger prune core_team --ask
    """

    async def work(service: Service) -> tuple[Plan, tuple[Step, ...]]:
        from sync import pruning  # noqa: PLC0415 - after --help

        spec = (await opened(service, Wanted(template, order), demand=order is not None)).spec
        tenant = service.tenant
        found = await pruning.plan(tenant, spec)
        show(found)
        chosen = [one.id for one in found.steps if ask and _agreed(one)]
        chosen += line or []
        done = await pruning.prune(tenant, spec, found.seal, chosen) if chosen else ()
        return (await pruning.plan(tenant, spec) if done else found), done

    left, done = with_service(settings, work)
    for step in done:
        console.print(f"removed: {step.kind} {escape(step.target)}")
    for step in left.steps:
        console.print(f"left: {escape(step.id)}")
    raise typer.Exit(CHANGES if left.steps else 0)


def _agreed(step: Step) -> bool:
    return typer.confirm(f"Remove the {step.kind} {step.target} ({step.reason})?", default=False)
