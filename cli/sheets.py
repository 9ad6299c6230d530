"""Reports as workbooks: one sheet a table, headings frozen, nothing that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from openpyxl.worksheet.worksheet import Worksheet

WIDEST = 80
EACH = 30
"""Width of a column whose contents are not known yet, in characters."""


class Book:
    """A workbook written while it is filled, so that no table of it is ever whole in memory.

    `headings` names each sheet's first row, by its title. Nothing lies at `path` before `save`.
    """

    def __init__(self, path: Path, headings: Mapping[str, Sequence[str]]) -> None:
        from openpyxl import Workbook  # noqa: PLC0415 - after --help
        from openpyxl.utils import get_column_letter  # noqa: PLC0415 - after --help

        self._path, self._book = path, Workbook(write_only=True)
        for title, names in headings.items():
            sheet = self._book.create_sheet(title)
            sheet.freeze_panes = "A2"
            for at in range(1, len(names) + 1):
                sheet.column_dimensions[get_column_letter(at)].width = EACH
            self.add(title, names)

    def add(self, title: str, row: Sequence[object]) -> None:
        """Put a row into a sheet as text: what begins with "=" must not become a formula."""
        from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415 - after --help

        sheet = self._book[title]
        cells = [WriteOnlyCell(sheet, value=_text(value)) for value in row]
        for cell in cells:
            cell.data_type = "s"
        sheet.append(cells)

    def save(self) -> None:
        """Write it out; replaces what lies there."""
        self._book.save(self._path)


def save(path: Path, sheets: Mapping[str, Sequence[Sequence[object]]]) -> None:
    """Write a workbook; each sheet's first row holds its headings. Replaces what lies there."""
    from openpyxl import Workbook  # noqa: PLC0415 - after --help

    book = Workbook()
    book.remove(book.worksheets[0])
    for title, table in sheets.items():
        _fill(book.create_sheet(title), table)
    book.save(path)


def _text(value: object) -> str:
    """Return a value as a cell takes it: without the control characters that a workbook refuses."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # noqa: PLC0415 - after --help

    return ILLEGAL_CHARACTERS_RE.sub(" ", str(value))


def _fill(sheet: Worksheet, table: Sequence[Sequence[object]]) -> None:
    """Put a table into a sheet as text: a title that begins with "=" must not become a formula."""
    from openpyxl.utils import get_column_letter  # noqa: PLC0415 - after --help

    for row in table:
        sheet.append([_text(value) for value in row])
    for cells in sheet.iter_rows():
        for cell in cells:
            cell.data_type = "s"
    sheet.freeze_panes = "A2"
    for at, values in enumerate(sheet.iter_cols(values_only=True), start=1):
        widest = max((len(str(value or "")) for value in values), default=0)
        sheet.column_dimensions[get_column_letter(at)].width = min(WIDEST, widest + 2)
