"""`verger audit`: have everything that is there judged again, by the same way as an upload."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer
from rich.markup import escape
from rich.progress import Progress as Bar
from rich.table import Table
from tenacity import AsyncRetrying, retry_if_not_result
from tenacity.stop import stop_after_delay
from tenacity.wait import wait_fixed

from cli.common import Json, SettingsFile, console, with_nudges, with_service

if TYPE_CHECKING:
    from rich.progress import TaskID
    from tenacity import RetryCallState

    from sync.audit import Audit, Progress, Verdict
    from sync.service import Service

SiteUrl = Annotated[
    str | None, typer.Argument(help="Address or name of one site; all when left out.")
]
Wait = Annotated[
    bool, typer.Option("--wait", help="Stay until everything is judged, and report it.")
]
Within = Annotated[int, typer.Option("--within", help="Minutes to wait at most.")]
Anew = Annotated[bool, typer.Option("--anew", help="Begin again instead of going on.")]
Sheet = Annotated[
    Path | None, typer.Option("--xlsx", help="Write the report into this workbook, too.")
]
LOOK_EVERY = 1.0


def command(  # noqa: PLR0913 - an option each
    site: SiteUrl = None,
    settings: SettingsFile = None,
    sheet: Sheet = None,
    within: Within = 60,
    *,
    wait: Wait = False,
    anew: Anew = False,
    as_json: Json = False,
) -> None:
    """Put every file of the policed libraries up for judgement; the function app does the rest.

    One that was cut short goes on. With --wait it ends with a report; exit 1 when time ran out.

    Example: verger audit https://wmin.sharepoint.com/sites/core --wait --xlsx audit.xlsx
    """
    waits = wait or sheet is not None or as_json
    told = with_service(settings, lambda service: _audit(service, site, waits * within, anew=anew))
    if told is None:
        return
    at, found = told
    if sheet is not None:
        _save(sheet, found)
    if as_json:
        console.print_json(json.dumps([_plain(one) for one in found]))
    else:
        _print(found)
    if at.parked:
        console.print(f"{at.parked} were set aside for a person; see: verger status")
    if not at.done:
        console.print(f"{at.waiting} still wait; run the same command again to go on.")
        if at.delayed:
            console.print(f"{at.delayed} of them wait by themselves: in use, or still uploading.")
        raise typer.Exit(1)


async def _audit(
    service: Service, site: str | None, within: int, *, anew: bool
) -> tuple[Progress, list[Verdict]] | None:
    """Begin or go on; wait `within` minutes. None when there is no waiting."""
    from sync import audit  # noqa: PLC0415 - after --help

    begun = await audit.begin(service, site, anew=anew)
    await with_nudges(service, lambda sender: sender.send(begun.nudges))
    verb = "go on being judged" if begun.resumed else "are up for judgement"
    if not within:
        console.print(f"{begun.listed} files and rows {verb}. See: verger status, verger findings")
        return None
    at = await _watch(service, begun, within * 60)
    found = await audit.report(service, begun)
    if at.done:
        await audit.forget(service, begun)
    return at, found


async def _watch(service: Service, begun: Audit, seconds: float) -> Progress:
    """Show how far it is until all is judged or the time is over; the bar goes to stderr."""
    from rich.console import Console  # noqa: PLC0415 - after --help

    from sync import audit  # noqa: PLC0415 - see above

    with Bar(console=Console(stderr=True)) as bar:
        task: TaskID = bar.add_task("judging", total=begun.listed)

        async def look() -> Progress:
            at = await audit.progress(service, begun)
            bar.update(task, completed=at.judged)
            return at

        def last(state: RetryCallState) -> Progress:
            found: Progress = cast("Progress", state.outcome and state.outcome.result())
            return found

        retrying = AsyncRetrying(
            retry=retry_if_not_result(lambda at: at.done),
            wait=wait_fixed(LOOK_EVERY),
            stop=stop_after_delay(seconds),
            retry_error_callback=last,
        )
        found: Progress = await retrying(look)
        return found


def _plain(one: Verdict) -> dict[str, Any]:
    return {
        "file": one.file,
        "site": one.site,
        "list": one.list,
        "status": one.status,
        "judged": one.seen_at.isoformat(),
        "findings": [{"policy": policy, "says": says} for policy, says in one.findings],
    }


def _save(path: Path, found: list[Verdict]) -> None:
    from cli.sheets import save  # noqa: PLC0415 - after --help

    files = [(one.file, one.site, one.list, one.status, len(one.findings)) for one in found]
    findings = [(one.file, one.list, *told) for one in found for told in one.findings]
    sheets: dict[str, list[tuple[object, ...]]] = {
        "Files": [("File", "Site", "Library", "Control status", "Findings"), *files],
        "Findings": [("File", "Library", "Rule", "What was found"), *findings],
    }
    save(path, sheets)


def _print(found: list[Verdict]) -> None:
    table = Table(title="Audit", title_justify="left")
    for heading in ("Library", "Control status", "Files"):
        table.add_column(heading)
    counts = Counter((f"{one.site} {one.list}", one.status) for one in found)
    for (library, status), count in sorted(counts.items()):
        table.add_row(escape(library), escape(status), str(count))
    console.print(table)
    rules = Counter(policy for one in found for policy, _ in one.findings)
    for policy, count in rules.most_common():
        console.print(f"{policy}: {count}")
    console.print(f"{len(found)} files judged. Each one: verger findings, or --json")
