"""`verger audit`: have everything that is there judged again, by the same way as an upload."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.common import SettingsFile, console, with_nudges, with_service

if TYPE_CHECKING:
    from sync.service import Service

SiteUrl = Annotated[str | None, typer.Argument(help="Address of one site; all when left out.")]


def command(site: SiteUrl = None, settings: SettingsFile = None) -> None:
    """Put every file of the policed libraries up for judgement; the function app does the rest.

    Example: verger audit https://wmin.sharepoint.com/sites/core
    """
    count = with_service(settings, lambda service: _audit(service, site))
    console.print(f"{count} files are up for judgement. See: verger status, verger findings")


async def _audit(service: Service, site: str | None) -> int:
    from sync.audit import audit  # noqa: PLC0415 - after --help

    count, nudges = await audit(service, site)
    await with_nudges(service, lambda sender: sender.send(nudges))
    return count
