"""A report is a table of text: nothing that somebody typed becomes a formula where it is opened."""

import pytest
from openpyxl import load_workbook

from cli import sheets

FORMULAS = [
    "=1+1", '=HYPERLINK("http://attacker.example")', "+1", "-1+1", "@SUM(A1)", "\t=1", "  =1",
    "=cmd|' /C calc'!A0", "#REF!", "1", "TRUE",
]  # fmt: skip


def whole(path, rows):
    sheets.save(path, {"Findings": rows})


def streamed(path, rows):
    book = sheets.Book(path, {"Findings": rows[0]})
    for row in rows[1:]:
        book.add("Findings", row)
    book.save()


@pytest.mark.parametrize("write", [whole, streamed])
def test_no_cell_of_a_workbook_is_a_formula_or_a_link(write, tmp_path):
    path = tmp_path / "report.xlsx"
    write(
        path,
        [["File", "Says"], *([text, text] for text in FORMULAS), ["a\x0bcontrol\x00character"] * 2],
    )

    cells = [cell for row in load_workbook(path)["Findings"].iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} == {"s"}
    assert not any(cell.hyperlink for cell in cells)
    assert "a control character" in {cell.value for cell in cells}
    assert {cell.value for cell in cells} >= set(FORMULAS)
