"""Excel workbooks and CSV files: cells as text, each row a line; sheets are tables."""

from __future__ import annotations

import csv
import re
import warnings
from datetime import date, datetime
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Any

from openpyxl import load_workbook

from sharepoint_schema.dates import show_date
from sync.model import ReadState
from sync.reading.limits import CannotRead, Limits
from sync.reading.margins import margins

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sync.reading.block import Row, Table
    from sync.reading.package import Package

_DRAWN = re.compile(
    r"xl/(?:comments|comments/comment|drawings/drawing|threadedComments/threadedComment)\d*\.xml"
)
LAST_ROW = 1_048_576
"""Rows of a sheet at most (Microsoft: Excel specifications and limits)."""
_TEN_DIGITS = re.compile(r"\d{3}[ -]?\d{3}[ -]?\d{4}")


def read_workbook(data: bytes, package: Package, limits: Limits) -> tuple[str, tuple[Table, ...]]:
    """Return a workbook's text and its sheets as tables.

    Hidden sheets, comments, drawings and print headers and footers are text as well. Stored results
    are read, no formula is calculated and no linked workbook is opened.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of features it does not need to read text
        book = load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False)
        tables = tuple(as_table(_rows(sheet), limits) for sheet in book.worksheets)
        book.close()
    drawn = ("\n".join(package.xml(name).itertext()) for name in package.matching(_DRAWN))
    return "\n".join([*map(as_text, tables), *drawn, *margins(package)]), tables


def _rows(sheet: Any) -> Iterator[Iterable[object]]:
    """Yield the rows that are there; a sheet may claim a million columns that are not."""
    sheet.reset_dimensions()
    for count, row in enumerate(sheet.iter_rows(values_only=True)):
        if count == LAST_ROW:
            why = "The workbook has more rows than a sheet can have."
            raise CannotRead(ReadState.TOO_LARGE, why)
        yield row


def read_csv(text: str, limits: Limits) -> tuple[str, tuple[Table, ...]]:
    """Return a CSV file's text and its one table; commas, semicolons and tabs are understood."""
    first = text.partition("\n")[0]
    mark = max(",;\t", key=first.count)
    table = as_table(csv.reader(StringIO(text), delimiter=mark), limits)
    return as_text(table), (table,)


def as_table(rows: Iterable[Iterable[object]], limits: Limits) -> Table:
    """Turn rows of cells into rows of text, empty rows left out, within the text limit."""
    table: list[Row] = []
    total = 0
    for row in rows:
        cells = tuple(map(_shown, row))
        if any(cells):
            table.append(cells)
            total += sum(map(len, cells)) + len(cells)  # a mark stands between two cells
        if total > limits.characters:
            raise CannotRead(ReadState.TOO_LARGE, "The table holds more text than is checked.")
    return tuple(table)


def as_text(table: Table) -> str:
    """Write a table as lines; a ten-digit cell carries its column's heading with it.

    In a table the words that tell what a number is stand at the column's head, perhaps a thousand
    rows above; a rule that looks at a number's neighbourhood must still see them.
    """
    headings: dict[int, str] = {}
    return "\n".join("\t".join(_cells(row, headings)) for row in table)


def _cells(row: Row, headings: dict[int, str]) -> Iterator[str]:
    for column, cell in enumerate(row):
        if _TEN_DIGITS.fullmatch(cell):
            yield f"{headings.get(column, '')} {cell}".strip()
        else:
            if cell:
                headings.setdefault(column, cell)
            yield cell


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return show_date(value.date())
    if isinstance(value, date):
        return show_date(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
