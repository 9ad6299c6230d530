"""`verger registry`: is the document registry complete, and make its rows from the files again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from cli import pack
from cli.common import Json, SettingsFile, console, with_service

if TYPE_CHECKING:
    from sync.registry.checking import Completeness
    from sync.registry.rebuilding import Change, Survey
    from sync.service import Service

app = typer.Typer(help="The document registry: complete, and the same as the files say.")
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would be written.")]
Sheet = Annotated[
    Path | None, typer.Option("--xlsx", help="Write the report into this workbook, too.")
]


app.command("pack")(pack.command)


@app.command()
def rebuild(
    settings: SettingsFile = None, *, dry_run: DryRun = False, as_json: Json = False
) -> None:
    """Make every row again from files, numbers and decisions; staff's own columns stay.

    Example: verger registry rebuild --dry-run
    """
    told = with_service(settings, lambda service: _rebuild(service, dry_run=dry_run))
    if as_json:
        console.print_json(json.dumps(told))
        return
    for row in told:
        names = ", ".join(row["columns"])
        console.print(escape(f"{row['number']}: {row['what']}: {names}"))
    verb = "would be written" if dry_run else "were written"
    console.print(f"{len(told)} rows {verb}.")


async def _rebuild(service: Service, *, dry_run: bool) -> list[dict[str, Any]]:
    from sync.registry.rebuilding import rebuild as run  # noqa: PLC0415 - after --help
    from sync.registry.rebuilding import survey  # noqa: PLC0415 - see above

    told = []
    for found in await survey(service):
        changes = found.changes() if dry_run else await run(service, found)
        told += [_change(found, one) for one in changes]
    return told


def _change(found: Survey, one: Change) -> dict[str, Any]:
    return {
        "registry": found.home.site_url,
        "number": one.wanted.number,
        "what": "changed" if one.item_id else "added",
        "columns": dict(sorted(one.columns.items())),
    }


@app.command()
def check(settings: SettingsFile = None, sheet: Sheet = None, *, as_json: Json = False) -> None:
    """Report files without a row, rows without a file, gaps, two Currents; exit 1 when incomplete.

    Example: verger registry check --xlsx registry.xlsx
    """
    report = with_service(settings, _check)
    if sheet is not None:
        _save(sheet, report)
    if as_json:
        console.print_json(json.dumps(_plain(report)))
    else:
        _print(report)
    raise typer.Exit(0 if report.complete else 1)


async def _check(service: Service) -> Completeness:
    from sync.registry.checking import check as run  # noqa: PLC0415 - after --help

    return await run(service)


def _plain(report: Completeness) -> dict[str, Any]:
    return {
        "complete": report.complete,
        "faults": [
            {"kind": one.kind, "number": one.number, "says": one.says} for one in report.faults
        ],
        "numbers": [
            {"number": one.number, "state": one.state, "note": one.note} for one in report.numbers
        ],
    }


def _save(path: Path, report: Completeness) -> None:
    from cli.sheets import save  # noqa: PLC0415 - after --help

    faults = [(one.kind, one.number, one.says) for one in report.faults]
    numbers = [(one.number, one.state, one.note) for one in report.numbers]
    sheets = {
        "Faults": [("Fault", "Number", "What was found"), *faults],
        "Numbers": [("Number", "What became of it", "Note"), *numbers],
    }
    save(path, sheets)


def _print(report: Completeness) -> None:
    from sync.registry.checking import by_state  # noqa: PLC0415 - after --help

    table = Table(title=f"Registry ({len(report.faults)} faults)", title_justify="left")
    for heading in ("Fault", "Number", "What was found"):
        table.add_column(heading, overflow="fold")
    for one in report.faults:
        table.add_row(*map(escape, (one.kind, one.number, one.says)))
    if report.faults:
        console.print(table)
    waiting = [one for one in report.numbers if one.state not in {"issued", "never given out"}]
    for listed in waiting:
        console.print(escape(f"{listed.number} is {listed.state}: {listed.note}"))
    counts = ", ".join(f"{count} {state}" for state, count in by_state(report.numbers).items())
    console.print(f"Numbers: {counts or 'none yet'}.")
    console.print("The registry is complete." if report.complete else "It is not complete.")
