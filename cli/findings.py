"""`verger findings`: which files and entries are not in order, what registers lack, and why."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from cli.common import Json, SettingsFile, console, with_service

if TYPE_CHECKING:
    from sync.places import Place
    from sync.service import Service
    from sync.state.items import ItemRow
    from sync.state.lists import ListRow

Every = Annotated[bool, typer.Option("--all", help="Show what is in order, too.")]
Policy = Annotated[str | None, typer.Option("--policy", help="Only findings of this policy.")]


def command(
    settings: SettingsFile = None,
    policy: Policy = None,
    *,
    every: Every = False,
    as_json: Json = False,
) -> None:
    """Show each file's and entry's control status, what was found, and what whole registers lack.

    Example: verger findings --policy approval_route
    """
    rows = [row for row in with_service(settings, _look) if _wanted(row, policy, every=every)]
    if as_json:
        console.print_json(json.dumps(rows))
        return
    table = Table(title=f"Findings ({len(rows)})", title_justify="left", show_lines=True)
    for heading in ("File or entry", "Where", "Control status", "Found"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        found = "\n".join(": ".join(_words(one)) for one in row["findings"])
        file = row["file"] or row["address"]
        table.add_row(*map(escape, (file, row["where"], row["status"], found)))
    console.print(table)


def _words(one: dict[str, str]) -> list[str]:
    return [one["policy"], one["says"]] if one["says"] else [one["policy"]]


def _wanted(row: dict[str, Any], policy: str | None, *, every: bool) -> bool:
    if policy is not None:
        return any(one["policy"] == policy for one in row["findings"])
    return every or row["status"] != "In order"


async def _look(service: Service) -> list[dict[str, Any]]:
    from sync import standing  # noqa: PLC0415 - after --help
    from sync.state import items, lists  # noqa: PLC0415 - as above

    async with service.state.read() as tx:
        followed = await lists.all_lists(tx, policed=True)
        every = [await service.place(row.id) for row in followed]
        places = [one for one in every if one.area.policies]
        told = [_told(one, row) for one in places for row in await items.items_of(tx, one.row.id)]
    lacking = [(one.row, await standing.lacking(service, one.row)) for one in places]
    return [*told, *(_whole(place, found) for place, found in lacking if found)]


def _told(place: Place, row: ItemRow) -> dict[str, Any]:
    """Return a file or an entry; neither named nor quoted where its place keeps names to itself.

    Its address says no name, and SharePoint lets in those who may see it.
    """
    verdict = row.verdict or {"findings": [], "observed": []}
    found = [*verdict["findings"], *verdict["observed"]]
    counted = [_shown(place, one) for one in found if one["severity"] != "note"]
    return {
        "file": place.shown(row.name),
        "address": place.form_url(row.item_id),
        "where": f"{place.row.site_url} {place.row.title}",
        "site": place.row.site_url,
        "list": place.row.title,
        "status": row.control_status or "Not judged",
        "findings": counted,
    }


def _shown(place: Place, one: dict[str, Any]) -> dict[str, Any]:
    quoting = ("says", "expected", "how")
    return {key: place.shown(value) if key in quoting else value for key, value in one.items()}


def _whole(place: ListRow, found: list[dict[str, str]]) -> dict[str, Any]:
    """Return what a register lacks that no row of it shows."""
    return {
        "file": "The register as a whole",
        "address": "",
        "where": f"{place.site_url} {place.title}",
        "site": place.site_url,
        "list": place.title,
        "status": "Needs you",
        "findings": found,
    }
