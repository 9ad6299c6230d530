"""Stories of modes: a warning and its date, silent observing, and an operator's pause."""

from __future__ import annotations

from tests import tenant_kit as kit
from tests.scenarios.telling import (
    DIRECTOR,
    HELEN,
    OFFICER,
    Ending,
    Story,
    do,
    misnamed,
    patient,
    without_block,
    written,
)

WARNED = (
    Story(
        "a warning stands for its days, then the name is put right",
        ((misnamed("Gov-90", "Warned Plan"),),),
        (Ending(name="Gov-90 Warned Plan V0.1.docx", status="Corrected", versions=("0.1",)),),
    ),
    Story(
        "a warning that staff follow in time never acts",
        (
            (misnamed("Gov-91", "Followed Plan"),),
            (do("rename", "Gov-91 Followed Plan V0.1.docx"),),
        ),
        (Ending(name="Gov-91 Followed Plan V0.1.docx", status="In order", mails={HELEN: 1}),),
    ),
    Story(
        "a warned file that is gone before its date is left in peace",
        ((misnamed("Gov-92", "Dropped Plan"),), (do("delete"),)),
        (Ending(gone=True, name="dropped plan.docx", mails={HELEN: 1}),),
    ),
    Story(
        "an owner's approval past the boards is explained first and undone on its date",
        (
            (
                do(
                    "upload",
                    "Gov-93 Bypassed Plan V1.docx",
                    written("Gov-93", "Bypassed Plan", "V1"),
                ),
                do("publish"),
            ),
            (do("approve_by_hand"),),
        ),
        (Ending(status="Held", says=("published before it had been approved",)),),
    ),
    Story(
        "a file kept checked out for days is asked about once, by its holder's name",
        (
            (do("upload", "Held by Sam.docx", without_block("Held", "Something."), "working"),),
            (do("check_out", who=kit.SAM),),
        ),
        (
            Ending(
                area="working",
                status="In order",
                mails={"sam": 1, DIRECTOR: 1},
                waits="checked out",
            ),
        ),
    ),
    Story(
        "a patient's number is taken to quarantine at once, whatever the mode",
        ((do("upload", "Warned referral.docx", patient("Warned"), "working"),),),
        (Ending(area="quarantine", status="Held", mails={HELEN: 1, OFFICER: 1}),),
    ),
    Story(
        "a number that a registry row reserved lapses after its days and is listed",
        ((do("add_row", "registry", "asked", Title="Day Plan", NumberSeries="ToR"),),),
        (),
        rows={"asked": ("registry", {"NumberStatus": "Lapsed…"})},
    ),
)
OBSERVED = (
    Story(
        "observing changes no name, writes no status and mails nobody",
        ((misnamed("Gov-94", "Observed Plan"),),),
        (
            Ending(
                name="observed plan.docx",
                policies=("file_name",),
                columns={"ControlStatus": None, "ControlReason": None},
                mails={},
            ),
        ),
    ),
    Story(
        "observing leaves even a patient's number where it lies",
        ((do("upload", "Observed referral.docx", patient("Observed"), "working"),),),
        (
            Ending(
                area="working",
                policies=("patient_identifier",),
                opens=frozenset({HELEN, "sam", DIRECTOR}),
                mails={},
            ),
        ),
    ),
)
PAUSED = (
    Story(
        "while the site is paused nothing is written, and it is made up for afterwards",
        (
            (do("pause"),),
            (misnamed("Gov-95", "Paused Plan"),),
            (do("expect_untouched"),),
            (do("resume"),),
        ),
        (Ending(name="Gov-95 Paused Plan V0.1.docx", status="Corrected", mails={HELEN: 1}),),
    ),
    Story(
        "what is deleted during a pause is found gone after it",
        (
            (),
            (do("upload", "Gov-96 Short Plan V0.1.docx", written("Gov-96", "Short Plan")),),
            (do("delete"),),
            (),
        ),
        (),
    ),
)
