"""`verger leave`: stop following a site; its content, columns and permissions stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from cli.common import SettingsFile, console, with_service

if TYPE_CHECKING:
    from sync.leaving import Left
    from sync.service import Service

Site = Annotated[str, typer.Argument(help="Key or address of the site.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def command(site: Site, settings: SettingsFile = None, *, yes: Yes = False) -> None:
    """End subscriptions (as the enforcer), then take the grants away (as the provisioner).

    Example: verger leave core --settings enforcer.env
    """
    if not yes:
        typer.confirm(f"Stop following {site}? Content and columns stay as they are.", abort=True)

    async def work(service: Service) -> Left:
        from sync.leaving import leave  # noqa: PLC0415 - after --help

        return await leave(service, site)

    left = with_service(settings, work)
    for line in left.done:
        console.print(f"{escape(left.site.url)}: {escape(line)}")
    if left.then:
        console.print(f"Then: {escape(left.then)}")
