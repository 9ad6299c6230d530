"""Write the empty documents of `sharepoint_schema/data/assets`, each with its control block.

Run when a template changes; the product itself makes no files. Gov-11: every controlled document
carries the block and its version history near its end.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from docx import Document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from docx.document import Document as Docx

ASSETS = Path(__file__).parent.parent / "sharepoint_schema" / "data" / "assets"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can say: the same input gives the same bytes
BLOCK = (
    "Name",
    "Version Number",
    "Date Adopted",
    "Review Date",
    "Document Number",
    "Approved By",
    "Target Audience",
)
HISTORY = ("Version", "Date Adopted", "Summary of Amendments", "Name", "Title")


@dataclass(frozen=True, slots=True)
class Template:
    """One empty document: its file, its heading, and the headings its author fills in."""

    file: str
    heading: str
    parts: Sequence[str]


TEMPLATES = (
    Template(
        "policy.docx",
        "[Title of the policy]",
        ("Purpose", "Scope", "Responsibilities", "Policy", "Equality impact assessment", "Review"),
    ),
    Template(
        "strategy.docx",
        "[Title of the strategy]",
        (
            "Purpose",
            "Where we are",
            "Aims",
            "How we get there",
            "Equality impact assessment",
            "Review",
        ),
    ),
    Template(
        "procedure.docx",
        "[Title of the procedure]",
        (
            "Purpose",
            "Scope",
            "Responsibilities",
            "Procedure",
            "Equality impact assessment",
            "Review",
        ),
    ),
    Template(
        "clinical_procedure.docx",
        "[Title of the clinical procedure]",
        ("Purpose", "Scope", "Procedure", "Evidence", "Equality impact assessment", "Review"),
    ),
    Template(
        "clinical_guideline.docx",
        "[Title of the clinical guideline]",
        (
            "Purpose",
            "Scope",
            "Recommendations",
            "Evidence",
            "Audit",
            "Equality impact assessment",
            "Review",
        ),
    ),
    Template(
        "document.docx",
        "[Title of the document]",
        ("Purpose", "Contents"),
    ),
    Template(
        "agenda.docx",
        "Agenda: [body], [date]",
        (
            "Welcome and apologies",
            "Declarations of interest",
            "Minutes and actions",
            "For decision",
            "For information",
            "Any other business",
        ),
    ),
    Template(
        "paper.docx",
        "[Title of the paper]",
        ("What the meeting is asked to do", "Background", "Options", "Risks", "Recommendation"),
    ),
    Template(
        "minutes.docx",
        "Minutes: [body], [date]",
        (
            "Present and apologies",
            "Quorum",
            "Declarations of interest",
            "Decisions",
            "Actions",
            "Next meeting",
        ),
    ),
    Template(
        "position_statement.docx",
        "[Title of the position statement]",
        ("Position", "Background", "Reasons"),
    ),
    Template(
        "terms_of_reference.docx",
        "[Name of the body] terms of reference",
        ("Purpose", "Reports to", "Membership", "Quorum", "Meetings", "Decisions", "Review"),
    ),
    Template(
        "highlight_report.docx",
        "Highlight report: [group], [period]",
        ("Achieved", "Next steps", "Risks and issues", "For decision"),
    ),
)


def content(template: Template) -> bytes:
    """Return a template as a Word file; the same every time."""
    document = Document()
    document.core_properties.title = template.heading
    document.add_heading(template.heading, level=0)
    for part in template.parts:
        document.add_heading(part, level=1)
        document.add_paragraph("")
    _control(document)
    whole = BytesIO()
    document.save(whole)
    return _timeless(whole.getvalue())


def _control(document: Docx) -> None:
    document.add_heading("Document control", level=1)
    block = document.add_table(rows=0, cols=2, style="Table Grid")
    for label in BLOCK:
        block.add_row().cells[0].text = label
    document.add_heading("Version history", level=1)
    history = document.add_table(rows=2, cols=len(HISTORY), style="Table Grid")
    for cell, label in zip(history.rows[0].cells, HISTORY, strict=True):
        cell.text = label


def _timeless(package: bytes) -> bytes:
    """Return the package with one date on all its parts."""
    whole = BytesIO()
    with zipfile.ZipFile(BytesIO(package)) as read, zipfile.ZipFile(whole, "w") as write:
        for part in read.infolist():
            part.date_time = EPOCH
            write.writestr(part, read.read(part.filename), zipfile.ZIP_DEFLATED)
    return whole.getvalue()


def main() -> None:
    """Write every template."""
    for template in TEMPLATES:
        (ASSETS / template.file).write_bytes(content(template))


if __name__ == "__main__":
    main()
