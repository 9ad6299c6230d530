"""`verger pause`: stop all writes to a site, or to all of them; changes are still written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape

from cli.common import SettingsFile, console, with_service
from cli.drift import SiteKey  # noqa: TC001 - typer reads it when it runs

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from sync.pausing import Turned
    from sync.service import Service


def command(site: SiteKey = None, settings: SettingsFile = None) -> None:
    """Stop writing: what is under way ends, nothing new begins, no change is missed.

    Example: verger pause core
    """
    show(turned(settings, site, paused=True), "paused")


def turned(settings: Path | None, site: str | None, *, paused: bool) -> list[Turned]:
    """Pause or resume, by the settings of either app."""

    async def work(service: Service) -> list[Turned]:
        from sync.pausing import turn  # noqa: PLC0415 - after --help

        return await turn(service, site, paused=paused)

    return with_service(settings, work)


def show(found: Iterable[Turned], word: str) -> None:
    """Print one line a site."""
    for one in found:
        says = f"left as it is, {one.skipped}" if one.skipped else f"{word}, {one.lists} lists"
        console.print(escape(f"{one.site.site_key} ({one.site.url}): {says}"), soft_wrap=True)
