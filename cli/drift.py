"""`verger drift`: does every site still conform to its schema, and if not, where."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from cli.common import Json, SettingsFile, console, with_service
from sync.errors import Missing

if TYPE_CHECKING:
    from sync.drift import State
    from sync.nightly import Checked
    from sync.service import Service

STATUS = {"conforms": 0, "drifted": 2, "unknown": 3}
"""Exit status by the worst that was found; drifted goes before unknown."""
STATES: tuple[State, ...] = ("conforms", "drifted", "unknown")
SHADES = {"drifted": "yellow", "unknown": "magenta"}

SiteKey = Annotated[
    str | None, typer.Argument(help="Key or address of one site; all of them when left out.")
]
Correct = Annotated[
    bool, typer.Option("--correct", help="Put right now what two reads agree on, in any mode.")
]
ByMode = Annotated[
    bool, typer.Option("--by-mode", help="Act as the nightly timer does: tell, or put right.")
]


def command(
    site: SiteKey = None,
    settings: SettingsFile = None,
    *,
    correct: Correct = False,
    by_mode: ByMode = False,
    as_json: Json = False,
) -> None:
    """Compare sites with their schema. Exit status 0: conforms; 2: drifted; 3: could not tell.

    Example: verger drift core --correct
    """

    async def work(service: Service) -> list[Checked]:
        from sync import nightly  # noqa: PLC0415 - after --help

        if correct or by_mode:
            return await nightly.check_all(service, site, at_once=correct)
        return await nightly.look_all(service, site)

    found = with_service(settings, work)
    if site is not None and not found:
        raise Missing(
            f"{site!r} is no site that Verger keeps, or it is being opened, put to sleep or woken;"
            " give its key, such as core, or its address"
        )
    if as_json:
        told = [dataclasses.asdict(one) for one in found]
        console.print_json(json.dumps(told, default=str))
    else:
        for one in found:
            show(one)
    raise typer.Exit(_status(found))


def show(one: Checked) -> None:
    """Print one site: what drifted or is unknown, what staff made, what was put right."""
    from sync.nightly import lacking  # noqa: PLC0415 - after --help

    report = one.report
    conform, drifted, unknown = (len(report.of(state)) for state in STATES)
    counts = f"{conform} conform, {drifted} drifted, {unknown} unknown"
    console.print(f"{escape(report.site)} ({report.path}): {counts}")
    for element in report.elements:
        if element.state != "conforms":
            when = f" [list last changed {_moment(element.when)}]" if element.when else ""
            says = element.says if element.step is None else lacking(element.step)
            line = f"  {element.state:<8} {element.kind:<12} {element.target}: {says}{when}"
            console.print(f"[{SHADES[element.state]}]{escape(line)}[/]", soft_wrap=True)
    for stranger in report.strangers:
        made = f" by {stranger.who}" if stranger.who else ""
        line = (f"  to classify  {stranger.template} {stranger.title} ({stranger.items} items), "
                f"made{made} {_moment(stranger.when or '')}")  # fmt: skip
        console.print(escape(line), soft_wrap=True)
    for step in one.mended:
        console.print(f"  [green]put right[/]  {escape(step.target)}", soft_wrap=True)
    if one.trouble:
        console.print(f"  [red]not put right: {escape(one.trouble)}[/]", soft_wrap=True)


def _moment(text: str) -> str:
    """Return SharePoint's moment as staff write it; a text that is none stays as it is."""
    try:
        return f"{datetime.fromisoformat(text).astimezone(UTC):%d/%m/%Y %H:%M} UTC"
    except ValueError:
        return text


def _status(found: list[Checked]) -> int:
    """Return the exit status: what was put right counts as conforming."""
    if any(len(one.report.of("drifted")) > len(one.mended) for one in found):
        return STATUS["drifted"]
    unknown = any(one.report.of("unknown") for one in found)
    return STATUS["unknown" if unknown else "conforms"]
