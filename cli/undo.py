"""`verger undo`: put back what Verger did, by its journal entry or by the document."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from cli.common import Json, SettingsFile, console, with_nudges, with_service

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync.service import Service
    from sync.undoable import Act
    from sync.undoing import Undone

Entry = Annotated[
    str | None, typer.Argument(help="The journal's entry, such as core:17.", show_default=False)
]
Which = Annotated[
    str | None,
    typer.Option("--document", help="Its number, key or link: undo the last act on it."),
]
Every = Annotated[
    bool, typer.Option("--list", help="Show what can be undone, of --document or of all.")
]
Why = Annotated[str, typer.Option("--reason", help="Why; it is journalled and shown to staff.")]
WORDS = {
    "rename": "its old name",
    "set_columns": "its old columns",
    "move": "its old place",
    "restore_audience": "its old readers",
    "share_again": "its old sharing",
    "admit": "the uploader's own access ended",
    "stub": "the link to it removed",
    "approve": "published again",
    "unpublish": "a draft again",
    "access": "the access that was taken away",
}


def command(  # noqa: PLR0913 - each an option of its own
    entry: Entry = None,
    document: Which = None,
    reason: Why = "",
    settings: SettingsFile = None,
    *,
    every: Every = False,
    as_json: Json = False,
) -> None:
    """Put back what Verger did in the last 30 days; the rules leave it so until content changes.

    Undoing an undo lets the rules act again. A quarantine is undone by an IG officer (API).

    Example: verger undo core:17 --reason "The board knows it by this name"
    """
    if every and entry is None:
        _list(with_service(settings, lambda service: _acts(service, document)), as_json=as_json)
        return
    if every or (entry is None) == (document is None):
        raise typer.BadParameter("name either an entry, or a document with --document")
    found = with_service(settings, lambda service: _undo(service, entry, document, reason))
    if as_json:
        console.print_json(json.dumps(_plain(found)))
        return
    console.print(escape(_says(found)), soft_wrap=True)


async def _acts(service: Service, document: str | None) -> list[Act]:
    from sync import subjects, undoable  # noqa: PLC0415 - after --help

    item = await subjects.find(service, document) if document else None
    return await undoable.acts(service, item.document_id if item else None)


def _list(found: Sequence[Act], *, as_json: bool) -> None:
    if as_json:
        console.print_json(json.dumps([asdict(one) for one in found], default=str))
        return
    table = Table(title=f"What can be undone ({len(found)})", title_justify="left")
    for heading in ("Entry", "When", "Document", "What was done", "Rules"):
        table.add_column(heading, overflow="fold")
    for one in found:
        what = f"{one.document} {one.name}".strip()
        when, lists = f"{one.at:%d/%m/%Y %H:%M} UTC", (one.done, one.policies)
        row = (one.entry, when, what, *map(", ".join, lists))
        table.add_row(*map(escape, row))
    console.print(table)


async def _undo(service: Service, entry: str | None, document: str | None, reason: str) -> Undone:
    from sync import subjects, undoing  # noqa: PLC0415 - after --help
    from sync.callers import Caller, Role  # noqa: PLC0415 - see above
    from sync.hints import Nudge  # noqa: PLC0415 - see above

    roles = frozenset({Role.ADMIN})  # who holds the app's certificate is its administrator
    caller = Caller(service.settings.client_id, "an administrator", roles, person=False)
    if entry is not None:
        found = await undoing.undo_entry(service, caller, entry, reason)
    else:
        item = await subjects.find(service, document or "")
        found = await undoing.undo_document(service, caller, item.document_id, reason)
    if found.list_id and service.settings.storage:
        nudge = Nudge(found.list_id, service.now().isoformat())
        await with_nudges(service, lambda nudges: nudges.send([nudge]))
    return found


def _plain(found: Undone) -> dict[str, object]:
    return {
        "entry": found.entry,
        "done": list(found.done),
        "policies": list(found.policies),
        "linksGone": found.links_gone,
        "actsAgain": found.again,
    }


def _says(found: Undone) -> str:
    rules = ", ".join(found.policies)
    if found.again:
        return f"{found.entry} is taken back; {rules} judge and act again."
    done = ", ".join(WORDS.get(step, step) for step in found.done) or "nothing was left to do"
    links = " Sharing links that were removed stay removed." if found.links_gone else ""
    return f"{found.entry} is undone: {done}. {rules} leave it until the content changes.{links}"
