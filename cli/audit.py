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

    from cli.sheets import Book
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
SHEETS = {
    "Files": ("File", "Site", "Library", "Control status", "Findings", "Address"),
    "Findings": ("File", "Library", "Rule", "What was found", "Address"),
}


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
    """Have every file of the policed libraries judged; the function app does the rest.

    One that is as it was judged, by the same rules, is proven by its library's feed and not read.
    One that was cut short goes on. With --wait it ends with a report; exit 1 when time ran out.

    Example: verger audit https://wmin.sharepoint.com/sites/core --wait --xlsx audit.xlsx
    """
    waits = wait or sheet is not None or as_json
    telling = Telling(sheet, as_json=as_json)
    at = with_service(
        settings, lambda service: _audit(service, site, waits * within, telling, anew=anew)
    )
    if at is None:
        return
    telling.end()
    if at.parked:
        console.print(f"{at.parked} were set aside for a person; see: verger status")
    if not at.done:
        console.print(f"{at.waiting} still wait; run the same command again to go on.")
        if at.delayed:
            console.print(f"{at.delayed} of them wait by themselves: in use, or still uploading.")
        raise typer.Exit(1)


async def _audit(
    service: Service, site: str | None, within: int, telling: Telling, *, anew: bool
) -> Progress | None:
    """Begin or go on; wait `within` minutes. None when there is no waiting."""
    from sync import audit  # noqa: PLC0415 - after --help

    begun = await audit.begin(service, site, anew=anew)
    await with_nudges(service, lambda sender: sender.send(begun.nudges))
    verb = "go on being judged" if begun.resumed else "are up for judgement"
    if not within:
        left = begun.listed - begun.proven
        console.print(
            f"{begun.proven} files are as they were judged. {left} files and rows {verb}."
        )
        console.print("See: verger status, verger findings")
        return None
    at = await _watch(service, begun, within * 60)
    async for one in audit.report(service, begun):
        telling.add(one)
    if at.done:
        await audit.forget(service, begun)
    return at


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
        "address": one.address,
        "site": one.site,
        "list": one.list,
        "status": one.status,
        "judged": one.seen_at.isoformat(),
        "findings": [{"policy": policy, "says": says} for policy, says in one.findings],
    }


class Telling:
    """The report as it comes, file by file: counts for the terminal, all of it as JSON or sheets.

    A report may be of a million files, so none of them is kept.
    """

    def __init__(self, sheet: Path | None, *, as_json: bool) -> None:
        from cli.sheets import Book  # noqa: PLC0415 - after --help

        self._json = as_json
        self._book = Book(sheet, SHEETS) if sheet else None
        self._libraries: Counter[tuple[str, str]] = Counter()
        self._rules: Counter[str] = Counter()

    def add(self, one: Verdict) -> None:
        """Tell of one file."""
        if self._json:
            before = ",\n" if self._libraries else "["
            typer.echo(before + json.dumps(_plain(one)), nl=False)
        self._libraries[f"{one.site} {one.list}", one.status] += 1
        self._rules.update(policy for policy, _ in one.findings)
        if self._book:
            _enter(self._book, one)

    def end(self) -> None:
        """Finish: the workbook's file, the JSON's end, or the table."""
        if self._book:
            self._book.save()
        if self._json:
            typer.echo("]" if self._libraries else "[]")
        else:
            self._print()

    def _print(self) -> None:
        table = Table(title="Audit", title_justify="left")
        for heading in ("Library", "Control status", "Files"):
            table.add_column(heading)
        for (library, status), count in sorted(self._libraries.items()):
            table.add_row(escape(library), escape(status), str(count))
        console.print(table)
        for policy, count in self._rules.most_common():
            console.print(f"{policy}: {count}")
        files = self._libraries.total()
        console.print(f"{files} files judged. Each one: verger findings, or --json")


def _enter(book: Book, one: Verdict) -> None:
    row = (one.file, one.site, one.list, one.status, len(one.findings), one.address)
    book.add("Files", row)
    for told in one.findings:
        book.add("Findings", (one.file, one.list, *told, one.address))
