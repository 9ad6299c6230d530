"""`verger quarantine`: what lies in quarantine, and putting a file back where it came from."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table
from tenacity import Retrying, retry_if_result
from tenacity.stop import stop_after_delay
from tenacity.wait import wait_fixed

from cli.api import Api
from cli.common import Json, SettingsFile, console
from sync.errors import Missing

if TYPE_CHECKING:
    from collections.abc import Mapping

LIST = "quarantine"
LOOK_EVERY = 1.0
SHORTEST = 6
"""Characters of an id that are enough, if they mean one file."""

app = typer.Typer(help="See what lies in quarantine and put files back.", no_args_is_help=True)

Wait = Annotated[float, typer.Option("--wait", min=0, help="Seconds to wait until it is back.")]
As = Annotated[str, typer.Option("--as", help="redacted, or false-positive.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, without the number itself.")]
Id = Annotated[str, typer.Argument(help="The file's id, or the beginning of it.")]


@app.command("list")
def list_(settings: SettingsFile = None, *, as_json: Json = False) -> None:
    """Show what lies in quarantine: where it came from and what was found, never its name.

    Example: verger quarantine list
    """
    found: list[dict[str, Any]] = Api.open(settings).call("GET", LIST)["value"]
    if as_json:
        console.print_json(json.dumps(found))
        return
    table = Table(title=f"Quarantine ({len(found)} files)", title_justify="left", show_lines=True)
    for heading in ("Id", "Came from", "Since", "Found", "Answer", "Open it"):
        table.add_column(heading, overflow="fold")
    for one in found:
        table.add_row(*map(escape, _row(one)))
    console.print(table)


@app.command()
def release(
    file: Id,
    how: As,
    reason: Reason,
    settings: SettingsFile = None,
    *,
    wait: Wait = 60,
) -> None:
    """Put a file back where it came from; what is said redacted is judged again first.

    Example: verger quarantine release 3f2a91 --as false-positive --reason "a telephone number"
    """
    api = Api.open(settings)
    found = _find(api, file)
    api.call("POST", LIST, found["id"], "release", body={"as": how, "reason": reason})
    with console.status("It goes back …"):
        left = _left(api, found["id"], wait)
    if left is None:
        console.print(escape(f"It is back in {found['cameFrom']} of {found['site']}."))
        return
    console.print(escape(left["answer"] or "It is not back yet: somebody may have it open."))
    raise typer.Exit(1)


def _row(one: Mapping[str, Any]) -> tuple[str, ...]:
    since = f"{datetime.fromisoformat(one['since']):%d/%m/%Y}"
    says = one["answer"] or (f"to go back as {one['ordered']}" if one["ordered"] else "")
    came_from = f"{one['site']} {one['cameFrom']}"
    return one["id"], came_from, since, one["says"], says, one["link"]


def _find(api: Api, wanted: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = api.call("GET", LIST)["value"]
    meant = [one for one in found if one["id"].startswith(wanted.strip().lower())]
    if len(wanted.strip()) < SHORTEST or len(meant) != 1:
        says = f"{wanted!r} is not the id of one file in quarantine; see verger quarantine list"
        raise Missing(says)
    return meant[0]


def _left(api: Api, document_id: str, wait: float) -> dict[str, Any] | None:
    """Look until the file is back or an answer says why not; None when it is back."""

    def look() -> dict[str, Any] | None:
        found = api.call("GET", LIST)["value"]
        return next((one for one in found if one["id"] == document_id), None)

    looking = Retrying(
        retry=retry_if_result(lambda one: one is not None and bool(one["ordered"])),
        wait=wait_fixed(LOOK_EVERY),
        stop=stop_after_delay(wait),
        retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
    )
    left: dict[str, Any] | None = looking(look)
    return left
