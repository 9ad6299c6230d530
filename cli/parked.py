"""`verger parked`: work that waits for a person; try it again, or close it with a reason."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from cli.common import Json, SettingsFile, console, with_nudges, with_service

if TYPE_CHECKING:
    from sync.parked import Parked
    from sync.service import Service

app = typer.Typer(help="Work that waits for a person.")
Site = Annotated[str | None, typer.Option("--site", help="Address or name of one site.")]
Some = Annotated[
    list[str] | None, typer.Argument(help="Which, as `verger parked list` shows them; else all.")
]
These = Annotated[list[str], typer.Argument(help="Which, as `verger parked list` shows them.")]
Mail = Annotated[
    bool,
    typer.Option("--mail", help="Send the mails again that failed; one may have left already."),
]
Reason = Annotated[
    str, typer.Option("--reason", prompt="Why", help="Why it is closed; it is journalled.")
]


@app.command("list")
def list_(settings: SettingsFile = None, site: Site = None, *, as_json: Json = False) -> None:
    """Show what was set aside and why.

    Example: verger parked list --site https://wmin.sharepoint.com/sites/core
    """
    rows = with_service(settings, lambda service: _waiting(service, site))
    if as_json:
        _json(rows)
        return
    table = Table(title=f"Parked ({len(rows)})", title_justify="left", show_lines=True)
    for heading in ("Which", "Where", "Since", "Tries", "Why", "Tried again by itself"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        when = f"{row.since:%d/%m/%Y %H:%M} UTC"
        later = f"{row.until:%d/%m/%Y %H:%M} UTC" if row.until else "no"
        where = f"{row.site} {row.list}"
        table.add_row(*map(escape, (row.id, where, when, str(row.tries), row.reason, later)))
    console.print(table)


@app.command()
def replay(
    ids: Some = None,
    settings: SettingsFile = None,
    site: Site = None,
    *,
    mail: Mail = False,
    as_json: Json = False,
) -> None:
    """Have parked work tried again: what is named, or all of it (of one site); or failed mail.

    Example: verger parked replay --site https://wmin.sharepoint.com/sites/core
    """
    if mail:
        _replay_mail(settings, as_json=as_json)
        return
    rows = with_service(settings, lambda service: _replay(service, ids or [], site))
    if as_json:
        _json(rows)
        return
    console.print(f"{len(rows)} will be tried again. See: verger status")


@app.command()
def drop(
    ids: These, reason: Reason, settings: SettingsFile = None, *, as_json: Json = False
) -> None:
    """Close parked work without doing it; the files stay, and their next change is looked at.

    Example: verger parked drop 0c6f2a51-…/17 --reason "the file is being moved by hand"
    """
    if not reason.strip():
        raise typer.BadParameter("say why, in a few words", param_hint="--reason")
    rows = with_service(settings, lambda service: _drop(service, ids, reason))
    if as_json:
        _json(rows)
        return
    console.print(f"{len(rows)} closed and journalled; no file was touched.")


def _replay_mail(settings: SettingsFile, *, as_json: bool) -> None:
    count = with_service(settings, _mail_again)
    if as_json:
        console.print_json(json.dumps({"mail": count}))
        return
    console.print(f"{count} will be sent again. See: verger status")


async def _mail_again(service: Service) -> int:
    from sync.state import notices  # noqa: PLC0415 - after --help

    async with service.state.begin() as tx:
        return await notices.send_again(tx)


def _json(rows: list[Parked]) -> None:
    console.print_json(json.dumps([asdict(row) for row in rows], default=str))


async def _waiting(service: Service, site: str | None) -> list[Parked]:
    from sync.parked import waiting  # noqa: PLC0415 - after --help

    return await waiting(service, site)


async def _replay(service: Service, ids: list[str], site: str | None) -> list[Parked]:
    from sync.parked import replay as run  # noqa: PLC0415 - after --help

    rows, nudges = await run(service, ids, site)
    if nudges:
        await with_nudges(service, lambda sender: sender.send(nudges))
    return rows


async def _drop(service: Service, ids: list[str], reason: str) -> list[Parked]:
    from sync.parked import drop as run  # noqa: PLC0415 - after --help

    return await run(service, ids, reason)
