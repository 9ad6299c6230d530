"""The publication pack's pages and its .zip: what members read, the same bytes for the same facts.

Pure. `index.html` is plain and accessible (headings, captions, column headers, British dates);
`index.csv` is safe to open in a spreadsheet; files are stored as they are, under fixed times.
"""

from __future__ import annotations

import csv
import html
import zipfile
from dataclasses import dataclass
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from sharepoint_schema.dates import show_date

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

type Kind = Literal["published", "superseded", "withdrawn"]

ORDER: tuple[Kind, ...] = ("published", "superseded", "withdrawn")
HEADINGS: dict[Kind, str] = {
    "published": "Published",
    "superseded": "Superseded",
    "withdrawn": "Withdrawn",
}
HTML, CSV, FOLDER = "index.html", "index.csv", "documents"
FIXED = (1980, 1, 1, 0, 0, 0)
"""The time every member of the .zip bears: the first one the format knows."""
READABLE = 0o644 << 16
UNIX = 3
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A cell that begins so is run by spreadsheets (OWASP, CSV injection)."""
COLUMNS = (
    "What happened",
    "On",
    "Number",
    "Title",
    "Version",
    "Type",
    "Adopted",
    "Review date",
    "Approved by",
    "For",
    "File",
    "Note",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line: a version that was published, superseded or withdrawn `on` a day (UK time).

    `file` is its name in the pack, "" where none is given out; `note` then says why.
    """

    kind: Kind
    on: date
    number: str
    title: str
    label: str
    type: str = ""
    adopted: date | None = None
    review: date | None = None
    approved_by: str = ""
    audience: str = ""
    file: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Pack:
    """What happened from `since` to `until`, both days included; `network` is whose it is."""

    network: str
    since: date
    until: date
    entries: tuple[Entry, ...]

    def of(self, kind: Kind) -> tuple[Entry, ...]:
        """Return the lines of one kind by number and version."""
        return tuple(one for one in self.entries if one.kind == kind)


def zipped(pack: Pack, files: Mapping[str, bytes]) -> bytes:
    """Return the .zip: both indexes, then `files` (name in the pack: bytes) by name."""
    members = {HTML: page(pack).encode(), CSV: table(pack).encode("utf-8-sig")}
    members |= {f"{FOLDER}/{name}": files[name] for name in sorted(files)}
    whole = BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, FIXED)
            info.external_attr, info.create_system = READABLE, UNIX
            archive.writestr(info, data)
    return whole.getvalue()


def table(pack: Pack) -> str:
    """Return index.csv: a line for each entry; no cell can begin a formula."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for one in _ordered(pack):
        writer.writerow([harmless(cell) for cell in _cells(one)])
    return out.getvalue()


def harmless(cell: str) -> str:
    """Return a cell that a spreadsheet shows and never runs."""
    return f"'{cell}" if cell.lstrip(" ").startswith(FORMULA) or cell.startswith(FORMULA) else cell


def page(pack: Pack) -> str:
    """Return index.html."""
    title = html.escape(f"{pack.network}: published documents")
    when = f"From {show_date(pack.since)} to {show_date(pack.until)}."
    parts = [_section(HEADINGS[kind], pack.of(kind)) for kind in ORDER]
    return (
        '<!doctype html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{title}</h1>\n<p>{when}</p>\n{''.join(parts)}</main>\n</body>\n</html>\n"
    )


_STYLE = (
    "body{font:1.1rem/1.5 Arial,sans-serif;margin:2rem;color:#212b32;background:#fff}"
    "table{border-collapse:collapse}caption{text-align:left;font-weight:bold}"
    "th,td{border:1px solid #768692;padding:.4rem;text-align:left;vertical-align:top}"
    "a{color:#005eb8}a:focus{outline:3px solid #ffb81c}"
)


def _section(heading: str, entries: Sequence[Entry]) -> str:
    if not entries:
        return f"<h2>{heading}</h2>\n<p>Nothing.</p>\n"
    heads = "".join(f'<th scope="col">{html.escape(one)}</th>' for one in COLUMNS[1:])
    rows = "".join(_row(one) for one in entries)
    caption = f"{heading}: {len(entries)}"
    return (
        f"<h2>{heading}</h2>\n<table>\n<caption>{caption}</caption>\n"
        f"<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n"
    )


def _row(one: Entry) -> str:
    on, number, *rest = (html.escape(cell) for cell in _cells(one)[1:])
    file, note = rest[-2:]
    if one.file:
        address = html.escape(quote(f"{FOLDER}/{one.file}"), quote=True)
        file = f'<a href="{address}">{file}</a>'
    cells = "".join(f"<td>{cell}</td>" for cell in (*rest[:-2], file, note))
    return f'<tr><td>{on}</td><th scope="row">{number}</th>{cells}</tr>\n'


def _ordered(pack: Pack) -> list[Entry]:
    return [one for kind in ORDER for one in pack.of(kind)]


def _cells(one: Entry) -> tuple[str, ...]:
    return (
        HEADINGS[one.kind],
        show_date(one.on),
        one.number,
        one.title,
        one.label,
        one.type,
        _day(one.adopted),
        _day(one.review),
        one.approved_by,
        one.audience,
        one.file,
        one.note,
    )


def _day(day: date | None) -> str:
    return show_date(day) if day else ""
