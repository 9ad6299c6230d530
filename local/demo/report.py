"""What the story prints: a line of progress, then the files, the registry, the mail, the totals."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Table

from sharepoint_schema.dates import show_date
from sync.model import as_date

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from rich.console import Console

    from local.demo.story import Story
    from local.demo.watch import Verdict

SHADES = {
    "In order": "green",
    "Corrected": "cyan",
    "Needs you": "yellow",
    "Held": "red",
    "Not checked": "magenta",
}


@contextmanager
def progress(console: Console) -> Iterator[Callable[[str], None]]:
    """Yield a function that shows one line of progress; on a plain stream each line is printed."""
    if not console.is_terminal:
        yield lambda text: console.print(f"  {escape(text)}")
        return
    with console.status("…") as status:
        yield lambda text: status.update(escape(text))


def told(story: Story) -> list[dict[str, Any]]:
    """Return the story's files as plain rows, which a later run can show again."""
    return [
        {
            "file": tale.uploaded.name,
            "place": tale.place,
            "unique_id": tale.uploaded.unique_id,
            "status": tale.verdict.status,
            "found": list(tale.verdict.says),
            "policies": list(tale.verdict.policies),
            "done": _done(tale.verdict),
            "seconds": round(tale.seconds(), 1),
            "units": tale.verdict.units,
        }
        for tale in story.tales.values()
        if tale.verdict is not None
    ]


def _done(verdict: Verdict) -> str:
    words = {
        "restore_audience": "open audience removed",
        "rename": f"renamed to {verdict.name}",
        "set_columns": "columns set",
        "move": f"moved to {verdict.area}",
        "admit": "uploader let in there",
        "stub": "link left",
    }
    return ", ".join(words[step] for step in words if step in verdict.done) or "nothing"


def files(console: Console, rows: list[dict[str, Any]], title: str) -> None:
    """Print the table of files: found, done, seconds from upload to verdict, resource units."""
    table = Table(title=title, title_justify="left", show_lines=True, expand=True)
    for heading in ("File", "Found", "Done"):
        table.add_column(heading, overflow="fold")
    table.add_column("Seconds", justify="right")
    table.add_column("RU", justify="right")
    for row in rows:
        shade = SHADES.get(row["status"], "white")
        found = "\n".join(escape(says) for says in row["found"]) or "nothing"
        verdict = f"[{shade}]{row['status']}[/]\n{escape(row['done'])}"
        figures = (f"{row['seconds']:.1f}", f"{row['units']:.1f}")
        where = f"{escape(row['file'])}\n[dim]{escape(row['place'])}[/]"
        table.add_row(where, found, verdict, *figures)
    console.print(table)


def registry(console: Console, rows: Iterable[Mapping[str, Any]]) -> None:
    """Print the document registry as its native list holds it."""
    headings = {
        "DocumentNumber": "Number",
        "Title": "Name",
        "VersionLabel": "Version",
        "DocumentStatus": "Document status",
        "ReviewDate": "Review",
        "ApprovedBy": "Approved by",
        "ControlStatus": "Control status",
    }
    table = Table(title="Document registry", title_justify="left", expand=True)
    for heading in headings.values():
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(escape(_shown(name, row.get(name))) for name in headings))
    console.print(table)


def _shown(name: str, value: Any) -> str:
    day = as_date(value) if name == "ReviewDate" else None
    return show_date(day) if day else str(value or "")[:80]


def mailbox(console: Console, mails: Iterable[Mapping[str, Any]]) -> None:
    """Print the mail that was sent: to whom, with which subject."""
    table = Table(title="Mail sent", title_justify="left", expand=True)
    for heading in ("To", "Subject"):
        table.add_column(heading, overflow="fold")
    for mail in mails:
        table.add_row(escape(str(mail["to"])), escape(str(mail["subject"])))
    console.print(table)


def save(path: Path, told_at: str, rows: list[dict[str, Any]]) -> None:
    """Keep the table for a later run on the same data; written whole or not at all."""
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps({"at": told_at, "files": rows}, indent=1), encoding="utf-8")
    fresh.replace(path)


def load(path: Path) -> dict[str, Any] | None:
    """Return what `save` kept, None when there is nothing."""
    if not path.exists():
        return None
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return kept
