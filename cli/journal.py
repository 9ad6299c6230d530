"""`verger journal`: prove that nothing in the journal was changed, added or taken out."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from cli.common import Json, SettingsFile, console, with_service

if TYPE_CHECKING:
    from sync.chains import Broken, Chain
    from sync.service import Service

app = typer.Typer(help="The journal of what was found and done.")
Site = Annotated[str | None, typer.Argument(help="Address or name of one site; all when left out.")]


@app.callback()
def group() -> None:
    """Hold the one command in its group: `verger journal verify`."""


@app.command()
def verify(site: Site = None, settings: SettingsFile = None, *, as_json: Json = False) -> None:
    """Walk each site's chain; exit 1 and name the entry where one does not hold.

    Example: verger journal verify https://wmin.sharepoint.com/sites/core
    """
    chains = with_service(settings, lambda service: _prove(service, site))
    if as_json:
        console.print_json(json.dumps([asdict(one) for one in chains], default=str))
    else:
        _print(chains)
    raise typer.Exit(1 if any(one.broken for one in chains) else 0)


async def _prove(service: Service, site: str | None) -> list[Chain]:
    from sync.chains import prove  # noqa: PLC0415 - after --help

    return await prove(service, site)


def _print(chains: list[Chain]) -> None:
    for one in chains:
        said = f"broken at {_where(one.broken)}" if one.broken else "holds"
        console.print(escape(f"{one.name}: {one.entries} entries, the chain {said}"))
    if not chains:
        console.print("There is no journal yet.")


def _where(broken: Broken) -> str:
    if broken.at is None:
        return f"entry {broken.seq}, which is not there"
    return f"entry {broken.seq} ({broken.kind}, {broken.at:%d/%m/%Y %H:%M} UTC)"
