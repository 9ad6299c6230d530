"""Find the control block and the version history wherever a file carries them.

The block is a two-column table of seven rows near the document's end, the history a table of five
columns (domain: document control). Authors vary the headings a little; so much is understood.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from sync.model import Amendment, ControlBlock
from sync.reading.signs import legible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Row = tuple[str, ...]
Table = tuple[Row, ...]

HEADINGS = {
    "name": ("name", "document name", "name of document", "title", "document title"),
    "version": ("version number", "version", "version no", "version label"),
    "date_adopted": ("date adopted", "adopted", "adoption date", "date of adoption"),
    "review_date": ("review date", "date of review", "next review date", "next review"),
    "document_number": ("document number", "document no", "document reference", "document ref"),
    "approved_by": ("approved by", "approval", "ratified by"),
    "target_audience": ("target audience", "audience"),
}
"""The seven rows, in the order of the block, with the headings authors use for them."""

HISTORY = {
    "version": ("version", "version number", "version no"),
    "adopted": ("date adopted", "date", "adopted"),
    "summary": ("summary of amendments", "summary of changes", "amendments", "changes"),
    "name": ("name", "author"),
    "title": ("title", "job title", "role"),
}

ENOUGH_ROWS = 4
ENOUGH_COLUMNS = 3
LONGEST_CELL = 1_000
"""Characters of a row that are kept; a block is a label, not a chapter."""

MOST_AMENDMENTS = 200

REACH = 14
"""Lines before and after "Document Number" in which a PDF's block is looked for."""

_ROW_OF = {heading: row for row, headings in HEADINGS.items() for heading in headings}
_COLUMN_OF = {heading: column for column, headings in HISTORY.items() for heading in headings}
_LINE = re.compile(
    rf"({'|'.join(sorted(map(re.escape, _ROW_OF), key=len, reverse=True))})\b\s*:?\s*(.*)",
    re.IGNORECASE,
)
_AMENDMENT = re.compile(r"(V\d+(?:\.\d+)?)\s+(\d{1,2}/\d{1,2}/\d{2,4})\s*(.*)", re.IGNORECASE)


def in_tables(tables: Iterable[Table]) -> ControlBlock | None:
    """Find the block among a file's tables; the last of several, with the last history."""
    block: ControlBlock | None = None
    history: tuple[Amendment, ...] = ()
    for table in tables:
        block = _block(table) or block
        history = _history(table) or history
    return replace(block, history=history) if block else None


def in_lines(lines: Sequence[str]) -> ControlBlock | None:
    """Find the block in lines of text, as a PDF gives them: a heading, then its value."""
    tidy = [" ".join(line.split()) for line in lines]
    tidy = [line for line in tidy if line]
    for index in reversed(range(len(tidy))):
        found = _LINE.fullmatch(tidy[index])
        if found and _ROW_OF[found[1].lower()] == "document_number":
            block = _block(_rows(tidy[max(0, index - REACH) : index + REACH]))
            if block:
                return replace(block, history=_amendments(tidy))
    return None


def _block(table: Table) -> ControlBlock | None:
    values: dict[str, Any] = {}
    for row in table:
        cells = [cell for cell in map(_tidy, row) if cell]
        heading = _ROW_OF.get(_plain(cells[0])) if cells else None
        if heading:
            values.setdefault(heading, cells[1] if len(cells) > 1 else "")
    return ControlBlock(**values) if len(values) >= ENOUGH_ROWS else None


def _history(table: Table) -> tuple[Amendment, ...]:
    for index, row in enumerate(table):
        columns = [_COLUMN_OF.get(_plain(cell)) for cell in row]
        if columns[:1] == ["version"] and len(set(columns) - {None}) >= ENOUGH_COLUMNS:
            below = table[index + 1 : index + 1 + MOST_AMENDMENTS]
            return tuple(_amendment(columns, cells) for cells in below if any(cells))
    return ()


def _amendment(columns: list[str | None], row: Row) -> Amendment:
    cells = {name: _tidy(cell) for name, cell in zip(columns, row, strict=False) if name}
    return Amendment(**({"version": ""} | cells))


def _rows(lines: Sequence[str]) -> Table:
    """Make rows of lines: a line that is no heading goes on with the row above it."""
    rows: list[list[str]] = []
    for line in lines:
        found = _LINE.fullmatch(line)
        if found:
            rows.append([found[1], found[2]])
        elif rows:
            rows[-1][1] = f"{rows[-1][1]} {line}".strip()
    return tuple((heading, value) for heading, value in rows)


def _amendments(lines: Sequence[str]) -> tuple[Amendment, ...]:
    found = (_AMENDMENT.fullmatch(line) for line in lines)
    rows = (Amendment(hit[1], hit[2], hit[3]) for hit in found if hit)
    return tuple(islice(rows, MOST_AMENDMENTS))


def _tidy(text: str) -> str:
    return " ".join(legible(text).split())[:LONGEST_CELL]


def _plain(text: str) -> str:
    return _tidy(text).strip(" .:*").lower()
