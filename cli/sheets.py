"""Reports as workbooks: one sheet a table, headings frozen, nothing that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from openpyxl.worksheet.worksheet import Worksheet

WIDEST = 80


def save(path: Path, sheets: Mapping[str, Sequence[Sequence[object]]]) -> None:
    """Write a workbook; each sheet's first row holds its headings. Replaces what lies there."""
    from openpyxl import Workbook  # noqa: PLC0415 - after --help

    book = Workbook()
    book.remove(book.worksheets[0])
    for title, table in sheets.items():
        _fill(book.create_sheet(title), table)
    book.save(path)


def _fill(sheet: Worksheet, table: Sequence[Sequence[object]]) -> None:
    """Put a table into a sheet as text: a title that begins with "=" must not become a formula."""
    from openpyxl.utils import get_column_letter  # noqa: PLC0415 - after --help

    for row in table:
        sheet.append([str(value) for value in row])
    for cells in sheet.iter_rows():
        for cell in cells:
            cell.data_type = "s"
    sheet.freeze_panes = "A2"
    for at, values in enumerate(sheet.iter_cols(values_only=True), start=1):
        widest = max((len(str(value or "")) for value in values), default=0)
        sheet.column_dimensions[get_column_letter(at)].width = min(WIDEST, widest + 2)
