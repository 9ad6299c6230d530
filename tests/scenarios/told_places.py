"""Stories of what may lie where: sensitive papers, patients, staff data, copies, file types."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

from local.demo.writing import Control, to_pdf, to_xlsx
from tests import tenant_kit as kit
from tests.scenarios.telling import (
    DIRECTOR,
    HELEN,
    OFFICER,
    Ending,
    Story,
    do,
    patient,
    without_block,
    written,
)

if TYPE_CHECKING:
    from tests.scenarios.telling import Act

ALL = frozenset({HELEN, "sam", DIRECTOR})
CLOSED = frozenset({HELEN, DIRECTOR})
"""Who opens a file that was moved to the restricted library: its uploader, whom that is for."""
OFFICERS = frozenset({OFFICER, DIRECTOR})
"""Who opens a file in quarantine: the officers, and the site collection's administrator."""
LONG = " ".join(
    f"Sentence {number} of a text that is long enough to be told apart." for number in range(40)
)


def _working(name: str, title: str, *paragraphs: str, who: str = kit.HELEN) -> Act:
    return do("upload", name, without_block(title, *paragraphs), "working", who=who)


def zipped(name: str, data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        package.writestr(zipfile.ZipInfo(name, (2026, 1, 5, 9, 0, 0)), data)
    return file.getvalue()


PLACES = (
    Story(
        "an ordinary paper among the working papers is in order",
        ((_working("Away day notes.docx", "Away day", "We met and talked."),),),
        (Ending(area="working", status="In order", policies=(), mails={}, opens=ALL),),
        plain=True,
    ),
    Story(
        "a marked paper in the open is closed at once and moved to the restricted library",
        (
            (
                _working(
                    "Mobile scanning tender.docx",
                    "Two bids",
                    "OFFICIAL-SENSITIVE: COMMERCIAL",
                    "Tender evaluation of two bids.",
                ),
            ),
        ),
        (
            Ending(
                area="restricted",
                status="Corrected",
                policies=("sensitive_in_open_place",),
                opens=CLOSED,
                mails={HELEN: 1},
            ),
        ),
        plain=True,
    ),
    Story(
        "the words of a procurement show a sensitive paper without any marking",
        (
            (
                _working(
                    "Options.docx",
                    "Options",
                    "The preferred bidder has the lowest price in the evaluation score.",
                ),
            ),
        ),
        (Ending(area="restricted", status="Corrected", opens=CLOSED),),
    ),
    Story(
        "a Sensitivity column that says so is as good as a marking",
        (
            (_working("Budget paper.docx", "Budget", "Numbers of the year."),),
            (do("set_columns", Sensitivity="Official-Sensitive: Commercial"),),
        ),
        (Ending(area="restricted", status="Corrected", opens=CLOSED),),
    ),
    Story(
        "a marking in a controlled document fills the empty Sensitivity column",
        (
            (
                do(
                    "upload",
                    "Gov-70 Estate Plan V0.1.docx",
                    written("Gov-70", "Estate Plan", text="OFFICIAL"),
                ),
            ),
        ),
        (Ending(columns={"Sensitivity": "Official"}),),
    ),
    Story(
        "a file that holds a patient's number goes to quarantine, where only officers read it",
        ((do("upload", "Referral feedback.docx", patient("Referral"), "working"),),),
        (
            Ending(
                area="quarantine",
                status="Held",
                policies=("patient_identifier",),
                opens=OFFICERS,
                mails={HELEN: 1, OFFICER: 1},
            ),
        ),
        plain=True,
    ),
    Story(
        "a patient's number in a controlled document goes the same way",
        ((do("upload", "Gov-71 Case Plan V0.1.docx", patient("Cases")),),),
        (Ending(area="quarantine", status="Held", opens=OFFICERS),),
    ),
    Story(
        "ten digits that fail the check are nobody's number",
        (
            (
                do(
                    "upload",
                    "Scanner orders.xlsx",
                    to_xlsx("Orders", (("Scanner", "NHS order"), ("MR", "4012345671"))),
                    "working",
                ),
            ),
        ),
        (Ending(area="working", status="In order", policies=()),),
        plain=True,
    ),
    Story(
        "a patient's number inside an archive is found one level deep",
        ((do("upload", "Papers.zip", zipped("inner.docx", patient("Inner")), "working"),),),
        (Ending(area="quarantine", status="Held", opens=OFFICERS),),
    ),
    Story(
        "a patient's number typed into a clean file later is found then",
        (
            (_working("Clinic list.docx", "Clinic", "No names here."),),
            (do("put_over", patient("Clinic"), who=kit.SAM),),
        ),
        (Ending(area="quarantine", status="Held", opens=OFFICERS),),
    ),
    Story(
        "private data of staff is told by its kind and place, never repeated",
        (
            (
                _working(
                    "Contacts.docx",
                    "Contacts",
                    "Jo Bloggs, home address 1 High Street, personal mail jo.bloggs@gmail.com.",
                ),
            ),
        ),
        (
            Ending(
                area="working",
                status="Needs you",
                policies=("staff_personal_data",),
                says=("The file holds private data of staff",),
                unsaid=("jo.bloggs",),
            ),
        ),
    ),
    Story(
        "the same bytes elsewhere are an uncontrolled copy",
        (
            (do("upload", "Gov-72 Tracer Plan V0.1.docx", written("Gov-72", "Tracer Plan")),),
            (
                do(
                    "upload",
                    "tracer.docx",
                    written("Gov-72", "Tracer Plan"),
                    "working",
                    key="copy",
                ),
            ),
        ),
        (
            Ending(status="In order", number="Gov-72"),
            Ending(
                file="copy",
                name="tracer.docx",
                status="Needs you",
                policies=("uncontrolled_copy",),
                says=("This is an uncontrolled copy of Gov-72",),
            ),
        ),
        plain=True,
    ),
    Story(
        "a copy made by SharePoint itself is a document of its own without a number",
        (
            (do("upload", "Gov-73 Dosing Plan V0.1.docx", written("Gov-73", "Dosing Plan")),),
            (do("copy_to", "working", "My copy.docx"),),
            (do("find", "working", "My copy.docx", key="copy"),),
        ),
        (
            Ending(number="Gov-73", status="In order"),
            Ending(file="copy", status="Needs you", policies=("uncontrolled_copy",)),
        ),
    ),
    Story(
        "the same text in another format is a copy too",
        (
            (
                do(
                    "upload",
                    "Gov-74 Safety Plan V0.1.docx",
                    written("Gov-74", "Safety Plan", text=LONG),
                ),
            ),
            (
                do(
                    "upload",
                    "safety for print.docx",
                    without_block("Safety Plan", LONG, "Printed for the wall."),
                    "working",
                    key="derived",
                ),
            ),
        ),
        (
            Ending(status="In order"),
            Ending(file="derived", policies=("uncontrolled_copy",), says=("Gov-74",)),
        ),
    ),
    Story(
        "a program is told, whatever it is called",
        ((do("upload", "Minutes of May.docx", b"MZ" + bytes(600), "working"),),),
        (
            Ending(
                status="Not checked",
                policies=("file_type", "reading"),
                says=("The file is a program or a script, though it is called .docx",),
                mails={HELEN: 1, DIRECTOR: 1},
            ),
        ),
    ),
    Story(
        "a file whose content is of another type than its name is told",
        (
            (
                do(
                    "upload",
                    "Gov-75 Print Plan V0.1.pdf",
                    written("Gov-75", "Print Plan"),
                ),
            ),
        ),
        (Ending(says=("The file is called .pdf but is a Word document",)),),
        plain=True,
    ),
    Story(
        "a type that is not kept in controlled documents is told",
        ((do("upload", "Gov-76 Picture Plan V0.1.png", b"\x89PNG\r\n\x1a\n" + bytes(200)),),),
        (Ending(says=("are not kept in Controlled documents",)),),
    ),
    Story(
        "a PDF with a control block is read like any other document",
        (
            (
                do(
                    "upload",
                    "screen.pdf",
                    to_pdf(
                        "Screening Plan",
                        ("Screening goes on.",),
                        Control("Screening Plan", "V0.1", "Gov-77", "", "all staff"),
                    ),
                ),
            ),
        ),
        (Ending(name="Gov-77 Screening Plan V0.1.pdf", status="Corrected"),),
    ),
    Story(
        "a file that can't be read is not checked, which is not in order",
        ((do("upload", "Gov-78 Broken Plan V0.1.docx", b"PK\x03\x04 this is no package"),),),
        (Ending(status="Not checked"),),
        plain=True,
    ),
    Story(
        "a legacy Word file is not taken for one that was checked",
        (
            (
                do(
                    "upload",
                    "Old minutes.doc",
                    bytes.fromhex("d0cf11e0a1b11ae1") + bytes(1500),
                    "working",
                ),
            ),
        ),
        (Ending(status="Not checked"),),
    ),
    Story(
        "an empty file is waited for, and judged once its content has come",
        (
            (do("upload", "Growing.docx", b"", "working"),),
            (do("put_over", without_block("Growing", "Now it is here.")),),
        ),
        (Ending(status="In order", area="working"),),
        plain=True,
    ),
    Story(
        "a locked file is left in peace and put right when it is closed",
        (
            (
                do("upload", "Gov-79.docx", b""),
                do("hold_open"),
                do("put_over", written("Gov-79", "Locked Plan")),
            ),
            (do("close"),),
        ),
        (Ending(name="Gov-79 Locked Plan V0.1.docx", status="Corrected"),),
        plain=True,
    ),
    Story(
        "a rename and a move inside the library keep the document",
        (
            (
                do("upload", "Gov-80 Moving Plan V0.1.docx", written("Gov-80", "Moving Plan")),
                do("make_folder", "Plans"),
            ),
            (do("move_into", "folder"), do("rename", "moving.docx")),
        ),
        (
            Ending(
                name="Gov-80 Moving Plan V0.1.docx",
                folder="Plans",
                number="Gov-80",
                status="Corrected",
            ),
        ),
    ),
    Story(
        "a move to another library keeps the document and its number",
        (
            (do("upload", "Gov-81 Shift Plan V0.1.docx", written("Gov-81", "Shift Plan")),),
            (do("move_to", "WorkingDocuments"),),
        ),
        (
            Ending(
                area="working",
                number="Gov-81",
                registry={
                    "DocumentNumber": "Gov-81",
                    "ControlReason": "The file is no longer in the library of…",
                },
            ),
        ),
    ),
    Story(
        "a temporary file is no document, and nothing is said of it",
        ((do("upload", "notes.tmp", b"owner file", "working"),),),
        (),
    ),
    Story(
        "two people who save one after the other leave one document and one verdict",
        (
            (
                do("upload", "Gov-82 Pair Plan V0.1.docx", written("Gov-82", "Pair Plan")),
                do("put_over", written("Gov-82", "Pair Plan", text="Sam's."), who=kit.SAM),
                do("put_over", written("Gov-82", "Pair Plan", text="Helen's.")),
            ),
        ),
        (Ending(status="In order", number="Gov-82", versions=("0.3", "0.2", "0.1")),),
    ),
)
