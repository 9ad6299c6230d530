"""Stories of names, version labels, control blocks, columns and numbers."""

from __future__ import annotations

from tests.scenarios.telling import (
    ADOPTED,
    HELEN,
    Ending,
    Story,
    british,
    do,
    plan,
    without_block,
    written,
)

NAMES = (
    Story(
        "a draft with the right name, block and number is in order and nobody is written to",
        ((plan("Gov-10", "Scanner Plan"),),),
        (
            Ending(
                name="Gov-10 Scanner Plan V0.1.docx",
                status="In order",
                policies=(),
                versions=("0.1",),
                mails={},
                number="Gov-10",
                columns={
                    "DocumentNumber": "Gov-10",
                    "VersionLabel": "V0.1",
                    "DocumentType": "Plan",
                },
                registry={"DocumentNumber": "Gov-10", "DocumentStatus": "Draft"},
            ),
        ),
        plain=True,
    ),
    Story(
        "a wrong name is put right once, without a version, and its author is told",
        ((do("upload", "gov11 reporting plan draft.docx", written("Gov-11", "Reporting Plan")),),),
        (
            Ending(
                name="Gov-11 Reporting Plan V0.1.docx",
                status="Corrected",
                policies=("file_name",),
                versions=("0.1",),
                mails={HELEN: 1},
                says=("gov11 reporting plan draft.docx", "Gov-11 Reporting Plan V0.1.docx"),
            ),
        ),
        plain=True,
    ),
    Story(
        "a name that staff change back is put right again",
        (
            (plan("Gov-12", "Staffing Plan"),),
            (do("rename", "staffing (Helen).docx"),),
        ),
        (Ending(name="Gov-12 Staffing Plan V0.1.docx", status="Corrected", versions=("0.1",)),),
        plain=True,
    ),
    Story(
        "a name that another document has is never taken: the finding says so",
        (
            (plan("Gov-13", "Training Plan"),),
            (
                do(
                    "upload",
                    "training.docx",
                    written("Gov-13", "Training Plan", text="Twin."),
                    key="twin",
                ),
            ),
        ),
        (
            Ending(name="Gov-13 Training Plan V0.1.docx", status="In order"),
            Ending(
                file="twin",
                name="training.docx",
                status="Held",
                says=("This file claims Gov-13",),
            ),
        ),
    ),
    Story(
        "a name's odd characters and spaces are put right with the name",
        (
            (
                do(
                    "upload",
                    "Gov-14_Research  Plan’s – final.docx",  # noqa: RUF001 - as staff type
                    written("Gov-14", "Research Plan"),
                ),
            ),
        ),
        (Ending(name="Gov-14 Research Plan V0.1.docx", status="Corrected"),),
    ),
    Story(
        "a title that SharePoint forbids in a name is asked about or made fit",
        ((do("upload", "hours.docx", written("Gov-15", "Plan: in hours / out of hours")),),),
        (Ending(status="Corrected", number="Gov-15"),),
    ),
    Story(
        "a version label that goes back is told, and the file keeps its document",
        (
            (plan("Gov-16", "Pathway Plan", "V0.3"),),
            (do("put_over", written("Gov-16", "Pathway Plan", "V0.2", text="Again.")),),
        ),
        (
            Ending(
                status="Needs you",
                policies=("file_name", "version_label"),
                says=("The document says V0.2; it was V0.3 before",),
                mails={HELEN: 1},
            ),
        ),
        plain=True,
    ),
    Story(
        "a label that goes back, on and back again is told once for each change",
        (
            (plan("Gov-17", "Equipment Plan", "V0.3"),),
            (do("put_over", written("Gov-17", "Equipment Plan", "V0.2", text="Back.")),),
            (do("put_over", written("Gov-17", "Equipment Plan", "V0.3", text="On.")),),
            (do("put_over", written("Gov-17", "Equipment Plan", "V0.1", text="Back again.")),),
        ),
        (
            Ending(
                status="Needs you",
                policies=("file_name", "version_label"),
                says=("The document says V0.1; it was V0.3 before",),
                mails={HELEN: 3},
            ),
        ),
    ),
    Story(
        "a finding put right is taken back from beside the file",
        (
            (plan("Gov-18", "Archive Plan", "V0.3"),),
            (do("put_over", written("Gov-18", "Archive Plan", "V0.2", text="Back.")),),
            (do("put_over", written("Gov-18", "Archive Plan", "V0.4", text="On.")),),
        ),
        (
            Ending(
                name="Gov-18 Archive Plan V0.4.docx",
                columns={"VersionLabel": "V0.4"},
                unsaid=("before",),
            ),
        ),
    ),
    Story(
        "the Version column follows the control block",
        (
            (
                plan("Gov-19", "Waiting List Plan", "V0.3"),
                do("set_columns", VersionLabel="V0.2"),
            ),
        ),
        (Ending(status="Corrected", columns={"VersionLabel": "V0.3"}),),
        plain=True,
    ),
    Story(
        "a column that says another number than the block is corrected from the block",
        (
            (plan("Gov-20", "Workforce Plan"),),
            (do("set_columns", DocumentNumber="Gov-66"),),
        ),
        (Ending(number="Gov-20", columns={"DocumentNumber": "Gov-20"}),),
    ),
    Story(
        "a name that says another version than the block follows the block",
        (
            (
                do(
                    "upload",
                    "Gov-21 Breast Plan V0.9.docx",
                    written("Gov-21", "Breast Plan", "V0.2"),
                ),
            ),
        ),
        (Ending(name="Gov-21 Breast Plan V0.2.docx", status="Corrected"),),
    ),
    Story(
        "a document without a control block is asked for one",
        (
            (
                do(
                    "upload",
                    "Gov-22 Quality Plan V0.1.docx",
                    without_block("Quality Plan", "We look at ten cases a month."),
                ),
            ),
        ),
        (
            Ending(
                status="Needs you",
                policies=("control_block",),
                says=("The document has no control block",),
                number="Gov-22",
                mails={HELEN: 1},
            ),
        ),
        plain=True,
    ),
    Story(
        "a block row that is not understood is quoted, nothing is guessed",
        (
            (
                do(
                    "upload",
                    "Gov-23 Dose Plan V0.1.docx",
                    written("Gov-23", "Dose Plan", "V0.1", review_on="next spring"),
                ),
            ),
        ),
        (Ending(status="Needs you", says=("next spring",)),),
    ),
    Story(
        "a new version that names another number is held and never counted",
        (
            (plan("Gov-24", "Image Sharing Plan"),),
            (do("put_over", written("Gov-25", "Other Plan", "V0.4", text="Another thing.")),),
        ),
        (
            Ending(
                name="Gov-24 Image Sharing Plan V0.1.docx",
                status="Held",
                number="Gov-24",
                says=("This document is Gov-24, but its control block now says Gov-25.",),
            ),
        ),
        plain=True,
    ),
    Story(
        "a file that claims a number another document has is held",
        (
            (plan("Gov-26", "Home Reporting Plan"),),
            (
                do(
                    "upload",
                    "Gov-26 Cardiac Plan V0.1.docx",
                    written("Gov-26", "Cardiac Plan"),
                    key="claimant",
                ),
            ),
        ),
        (
            Ending(name="Gov-26 Home Reporting Plan V0.1.docx", status="In order"),
            Ending(
                file="claimant",
                status="Held",
                policies=("uncontrolled_copy",),
                says=("This file claims Gov-26, which is another document",),
            ),
        ),
    ),
    Story(
        "a document without a number gets the next one of its series, and a row",
        ((do("upload", "incident register.docx", written("", "Incident Register", "V0.1")),),),
        (
            Ending(
                name="Op-01 Incident Register V0.1.docx",
                number="Op-01",
                columns={"DocumentNumber": "Op-01"},
                registry={"DocumentNumber": "Op-01"},
                says=("control block shows no number",),
            ),
        ),
        plain=True,
    ),
    Story(
        "a number far above all others waits for a registrar",
        ((), (), (plan("ToR-900", "Stroke SIG Terms of Reference"),)),
        (Ending(status="Held", says=("a number far above the others",)),),
    ),
    Story(
        "required columns that the document shows are filled in without a version",
        ((plan("Gov-28", "Portering Plan"),), (do("set_columns", DocumentType=None),)),
        (Ending(columns={"DocumentType": "Plan"}, versions=None),),
    ),
    Story(
        "columns that a re-upload wiped are put back without a version",
        (
            (plan("Gov-29", "Sonography Plan"), do("set_columns", Sensitivity="Official")),
            (do("put_over_wiping", written("Gov-29", "Sonography Plan", "V0.2", text="Gone on.")),),
        ),
        (
            Ending(
                name="Gov-29 Sonography Plan V0.2.docx",
                columns={"Sensitivity": "Official", "VersionLabel": "V0.2"},
            ),
        ),
    ),
    Story(
        "a column that staff empty themselves stays empty",
        (
            (plan("Gov-30", "Courier Plan"), do("set_columns", Sensitivity="Official")),
            (do("set_columns", Sensitivity=None),),
        ),
        (Ending(status="In order", columns={"Sensitivity": None}),),
    ),
    Story(
        "a history table out of order is told",
        (
            (
                do(
                    "upload",
                    "Gov-31 Transport Plan V0.3.docx",
                    written(
                        "Gov-31",
                        "Transport Plan",
                        "V0.3",
                        history=(
                            ("V0.2", british(ADOPTED), "Second"),
                            ("V0.1", british(ADOPTED), "First"),
                        ),
                    ),
                ),
            ),
        ),
        (
            Ending(
                status="Needs you", policies=("history_table",), says=("In the version history",)
            ),
        ),
    ),
    Story(
        "a reference to a number never issued is told, and forgiven once it is corrected",
        (
            (plan("Gov-32", "Referral Plan", text="See [Op-88] for more."),),
            (do("put_over", written("Gov-32", "Referral Plan", "V0.2", text="See nothing.")),),
        ),
        (Ending(name="Gov-32 Referral Plan V0.2.docx", unsaid=("Op-88",)),),
    ),
    Story(
        "a dead reference is named with its fate",
        ((plan("Gov-33", "Escalation Plan", text="See [Op-89] for more."),),),
        (
            Ending(
                status="Needs you",
                policies=("dead_reference",),
                says=("Op-89 (never issued)",),
                mails={HELEN: 1},
            ),
        ),
    ),
    Story(
        "a review date in the past is told and waits for its date",
        (
            (
                plan(
                    "Gov-34",
                    "Business Case",
                    "V1",
                    adopted_on="06/11/2020",
                    review_on="06/11/2021",
                    history=(("V1", "06/11/2020", "Published"),),
                ),
            ),
        ),
        (Ending(status="Needs you", says=("The review was due on 06/11/2021",)),),
    ),
    Story(
        "the review date of the column counts, and the block is asked to follow",
        (
            (plan("Gov-35", "Annual Report", "V1"),),
            (do("set_columns", ReviewDate=f"{ADOPTED:%Y}-12-30T00:00:00Z"),),
        ),
        (Ending(says=("The Review date column says 30/12/",)),),
    ),
)
