"""`verger resume`: go on with what was paused; a dormant group's site stays asleep."""

from __future__ import annotations

from cli.common import SettingsFile  # noqa: TC001 - typer reads it when it runs
from cli.drift import SiteKey  # noqa: TC001 - typer reads it when it runs
from cli.pause import show, turned


def command(site: SiteKey = None, settings: SettingsFile = None) -> None:
    """Write again: what changed meanwhile is judged now. Dormant sites are passed over.

    Example: verger resume core
    """
    show(turned(settings, site, paused=False), "goes on")
