"""`verger waive`: let a rule rest for one document until a day; list and end such waivers."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from cli.api import Api
from cli.common import Json, SettingsFile, console
from sharepoint_schema.dates import show_date

if TYPE_CHECKING:
    from collections.abc import Sequence

WAIVERS = "waivers"
Document = Annotated[
    str | None,
    typer.Argument(help="The document's number, key or link.", show_default=False),
]
Rule = Annotated[
    str | None, typer.Argument(help="The rule, such as file_name.", show_default=False)
]
Until = Annotated[str, typer.Option("--until", help="The last day, such as 31/03/2027.")]
Why = Annotated[str, typer.Option("--reason", help="Why the rule should rest.")]
Every = Annotated[bool, typer.Option("--list", help="Show the waivers that hold.")]
End = Annotated[
    str | None, typer.Option("--withdraw", metavar="ID", help="End this waiver before its day.")
]


def command(  # noqa: PLR0913, PLR0917 - a waiver's four facts, and three things to do with one
    document: Document = None,
    policy: Rule = None,
    until: Until = "",
    reason: Why = "",
    withdraw: End = None,
    settings: SettingsFile = None,
    *,
    every: Every = False,
    as_json: Json = False,
) -> None:
    """Let a rule rest for a document, as a registrar or a director; it says so beside the file.

    What blocks publication, containment and quarantine can't be waived.

    Example: verger waive Gov-04 review_date --until 31/03/2027 --reason "The board meets in March"
    """
    given = (document is not None, every, withdraw is not None)
    if sum(given) != 1 or (document is None) != (policy is None):
        raise typer.BadParameter("name a document and a rule, or give --list or --withdraw ID")
    api = Api.open(settings)
    if withdraw is not None:
        _show(api.call("DELETE", WAIVERS, withdraw), "{policy} acts again.", as_json=as_json)
    elif every:
        _list(api.call("GET", WAIVERS)["value"], as_json=as_json)
    else:
        body = {"document": document, "policy": policy, "until": until, "reason": reason}
        says = "{policy} rests until {until}. To end it: verger waive --withdraw {id}"
        _show(api.call("POST", WAIVERS, body=body), says, as_json=as_json)


def _show(told: dict[str, Any], says: str, *, as_json: bool) -> None:
    if as_json:
        console.print_json(json.dumps(told))
        return
    shown = {**told, "until": _day(told.get("until", ""))}
    console.print(escape(says.format(**shown)), soft_wrap=True)


def _list(found: Sequence[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        console.print_json(json.dumps(found))
        return
    table = Table(title=f"Waivers ({len(found)})", title_justify="left")
    for heading in ("Id", "Document", "Rule", "Until", "By", "Reason"):
        table.add_column(heading, overflow="fold")
    for one in found:
        what = f"{one['document']} {one['name']}".strip()
        row = (one["id"], what, one["policy"], _day(one["until"]), one["by"], one["reason"])
        table.add_row(*map(escape, row))
    console.print(table)


def _day(text: str) -> str:
    """Return an ISO day as staff read it."""
    return show_date(date.fromisoformat(text)) if text else ""
