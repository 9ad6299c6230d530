"""`verger doctor`: is everything there that Verger needs, and if not, what is missing."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from cli.common import Json, SettingsFile, console, with_service
from cli.drift import SiteKey  # noqa: TC001 - typer reads it when it runs

if TYPE_CHECKING:
    from sync.doctor import Check
    from sync.service import Service

Scratch = Annotated[
    bool, typer.Option("--scratch", help="Also try each verb on a library made for it, per site.")
]


def command(
    site: SiteKey = None,
    settings: SettingsFile = None,
    *,
    scratch: Scratch = False,
    as_json: Json = False,
) -> None:
    """Check certificate, permissions, webhook, sites and subscriptions. Exit status 1 on a failure.

    Run it as each of the two apps. Example: verger doctor core --scratch
    """

    async def work(service: Service) -> list[Check]:
        from sync.doctor import examine  # noqa: PLC0415 - after --help

        found = []
        async for check in examine(service, site, try_verbs=scratch):
            found.append(check)
            if not as_json:
                show(check)
        return found

    found = with_service(settings, work)
    if as_json:
        console.print_json(json.dumps([dataclasses.asdict(one) for one in found]))
    raise typer.Exit(0 if all(one.ok for one in found) else 1)


def show(check: Check) -> None:
    """Print one check on one line."""
    mark = "[green]ok[/]   " if check.ok else "[red]wrong[/]"
    way_out = "" if check.ok or not check.way_out else f" → {check.way_out}"
    console.print(f"{mark} {escape(f'{check.name}: {check.says}{way_out}')}", soft_wrap=True)
