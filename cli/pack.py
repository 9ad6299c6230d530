"""`verger registry pack`: the publication pack for the members' page, as a .zip."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from cli.common import SettingsFile, console, with_service
from sharepoint_schema.dates import parse_date, show_date

if TYPE_CHECKING:
    from sync.pack_index import Pack
    from sync.service import Service

Since = Annotated[str, typer.Option("--since", help="First day, such as 01/10/2026.")]
Out = Annotated[Path, typer.Option("--out", help="Where to write the .zip.")]


def command(
    since: Since, out: Out = Path("publications.zip"), settings: SettingsFile = None
) -> None:
    """Make a .zip of what was published, superseded and withdrawn since a day, with an index.

    Example: verger registry pack --since 01/10/2026 --out october.zip
    """
    day = _day(since)
    made, data = with_service(settings, lambda service: _packed(service, day))
    out.write_bytes(data)
    told = {kind: len(made.of(kind)) for kind in ("published", "superseded", "withdrawn")}
    counts = ", ".join(f"{count} {kind}" for kind, count in told.items())
    until = show_date(made.until)
    console.print(escape(f"{out}: {counts}, from {show_date(made.since)} to {until}."))
    for one in made.of("published"):
        if one.note:
            console.print(escape(f"{one.number} {one.label} is listed without a file: {one.note}"))


async def _packed(service: Service, since: date) -> tuple[Pack, bytes]:
    from sync.packing import pack  # noqa: PLC0415 - after --help

    return await pack(service, since)


def _day(text: str) -> date:
    try:
        return parse_date(text) if "/" in text else date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a day such as 01/10/2026") from None
