"""`verger resume`: go on with what was paused, or let one rule go on that a breaker had stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from cli.common import SettingsFile, console, with_service
from cli.drift import SiteKey  # noqa: TC001 - typer reads it when it runs
from cli.pause import show, turned

if TYPE_CHECKING:
    from pathlib import Path

    from sync.breakers import Reset
    from sync.service import Service

Rule = Annotated[
    str | None,
    typer.Option("--policy", help="Let this rule go on where it had corrected too many files."),
]


def command(site: SiteKey = None, settings: SettingsFile = None, policy: Rule = None) -> None:
    """Write again: what changed meanwhile is judged now. Dormant sites are passed over.

    With --policy, nothing is unpaused: that rule's breaker is closed, and what waited is looked at.
    "control_status" stands for the words beside files, given up where others wipe them.

    Example: verger resume core --policy file_name
    """
    if policy is None:
        show(turned(settings, site, paused=False), "goes on")
        return
    found = _reset(settings, site, policy)
    for one in found:
        places = f"{one.lists} list{'s'[: one.lists != 1]}"
        says = f"{policy} goes on in {places}, {one.files} files are looked at again"
        console.print(escape(f"{one.site.site_key} ({one.site.url}): {says}"), soft_wrap=True)
    if not found:
        console.print(escape(f"{policy} was not stopped anywhere, and no file is held for it"))


def _reset(settings: Path | None, site: str | None, policy: str) -> list[Reset]:
    async def work(service: Service) -> list[Reset]:
        from sync.breakers import reset  # noqa: PLC0415 - after --help

        return await reset(service, site, policy)

    return with_service(settings, work)
