"""Write the story's files as Office and PDF programs would, the same bytes every time."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING

from docx import Document
from fpdf import FPDF
from openpyxl import Workbook

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MADE = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
YEAR = timedelta(days=365)
HEADINGS = ("Version", "Date Adopted", "Summary of Amendments", "Name", "Title")

_STAMP = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(<)")


@dataclass(frozen=True, slots=True)
class Control:
    """What a control block says, as text; `history` holds version, date and summary."""

    name: str
    version: str
    number: str
    approved_by: str
    audience: str
    adopted_on: str = ""
    review_on: str = ""
    history: tuple[tuple[str, str, str], ...] = ()

    def adopted(self, when: date) -> Control:
        """Return the same block, adopted on a day and due for review a year later."""
        shown = f"{when:%d/%m/%Y}"
        return replace(
            self,
            adopted_on=shown,
            review_on=f"{when + YEAR:%d/%m/%Y}",
            history=(*self.history, (self.version, shown, "Published")),
        )

    def rows(self) -> tuple[tuple[str, str], ...]:
        """Return the seven rows in the network's order."""
        return (
            ("Name", self.name),
            ("Version Number", self.version),
            ("Date Adopted", self.adopted_on),
            ("Review Date", self.review_on),
            ("Document Number", self.number),
            ("Approved By", self.approved_by),
            ("Target Audience", self.audience),
        )

    def amendments(self) -> tuple[tuple[str, ...], ...]:
        """Return the version history with its headings; the people are roles, not names."""
        rows = ((*row, "Quality team", "Quality Improvement Manager") for row in self.history)
        return (HEADINGS, *rows)


def to_docx(title: str, paragraphs: Iterable[str], control: Control | None = None) -> bytes:
    """Write a Word document, its control block and version history at the end."""
    document = Document()
    document.core_properties.title = title
    document.core_properties.author = "WMIN"
    document.add_heading(title, level=0)
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    if control:
        document.add_heading("Document control", level=1)
        for rows in (control.rows(), control.amendments()):
            table = document.add_table(rows=0, cols=len(rows[0]))
            for row in rows:
                for cell, text in zip(table.add_row().cells, row, strict=True):
                    cell.text = text
            document.add_paragraph("")
    stream = BytesIO()
    document.save(stream)
    return _settled(stream.getvalue())


def to_xlsx(
    sheet: str, rows: Iterable[Sequence[str | float]], control: Control | None = None
) -> bytes:
    """Write a workbook; the control block has a sheet of its own."""
    book = Workbook()
    first = book.create_sheet(sheet, 0)
    del book["Sheet"]
    for row in rows:
        first.append(list(row))
    if control:
        last = book.create_sheet("Document control")
        for line in (*control.rows(), (), *control.amendments()):
            last.append(list(line))
    book.properties.creator = "WMIN"
    book.properties.created = MADE.replace(tzinfo=None)
    stream = BytesIO()
    book.save(stream)
    return _settled(stream.getvalue())


def to_pdf(title: str, paragraphs: Iterable[str], control: Control) -> bytes:
    """Write a PDF with a text layer; the control block is a table on its page."""
    pdf = FPDF()
    pdf.set_creation_date(MADE)
    pdf.set_title(title)
    pdf.add_page()
    pdf.set_font("Helvetica", size=16)
    pdf.cell(text=title, new_x="LMARGIN", new_y="NEXT")
    pdf.set_font("Helvetica", size=11)
    for paragraph in paragraphs:
        pdf.multi_cell(0, text=paragraph, new_x="LMARGIN", new_y="NEXT")
    with pdf.table(control.rows(), first_row_as_headings=False):
        pass
    pdf.ln()
    with pdf.table(control.amendments()):
        pass
    return bytes(pdf.output())


def _settled(data: bytes) -> bytes:
    """Write a package again with one time for all parts, so that the bytes do not tell the hour."""
    stream = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(stream, "w") as new:
        for info in old.infolist():
            part = zipfile.ZipInfo(info.filename, date_time=MADE.timetuple()[:6])
            part.compress_type = zipfile.ZIP_DEFLATED
            stamp = rb"\g<1>" + f"{MADE:%Y-%m-%dT%H:%M:%SZ}".encode() + rb"\g<2>"
            new.writestr(part, _STAMP.sub(stamp, old.read(info)))
    return stream.getvalue()
