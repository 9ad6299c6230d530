"""Stories of exceptions: waivers, undo, quarantine's release, what is shared, one click."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sharepoint_schema.dates import show_date
from tests import tenant_kit as kit
from tests.scenarios.telling import (
    DIRECTOR,
    HELEN,
    OFFICER,
    TODAY,
    Ending,
    Story,
    british,
    do,
    misnamed,
    patient,
    without_block,
    written,
)

if TYPE_CHECKING:
    from tests.scenarios.telling import Act

UNTIL = TODAY + timedelta(days=40)
OVERDUE = {
    "adopted_on": "06/11/2020",
    "review_on": "06/11/2021",
    "history": (("V1", "06/11/2020", "Published"),),
    "approved_by": "Core Team meeting 06/11/2020",
}
EVERYBODY = frozenset({HELEN, "sam", DIRECTOR})


def _overdue(number: str, title: str) -> Act:
    return do("upload", f"{number} {title} V1.docx", written(number, title, "V1", **OVERDUE))


def _patient(name: str) -> Act:
    return do("upload", f"{name}.docx", patient(name), "working")


def _release(decision: str, who: str = kit.IG_OFFICER) -> Act:
    return do(
        "set_columns", who=who, QuarantineDecision=decision, QuarantineReason="I looked at it"
    )


EXCEPTIONS = (
    Story(
        "a waiver that a registrar approves lets a rule rest until its day",
        (
            (_overdue("Gov-83", "Rested Plan"),),
            (do("ask_waiver", "Gov-83", "Review date", UNTIL),),
            (do("edit_row", "waivers", "Gov-83", WaiverDecision="Approved"),),
        ),
        (
            Ending(
                status=f"Waived until {show_date(UNTIL)}",
                columns={"ControlStatus": f"Waived until {british(UNTIL)}"},
            ),
        ),
        rows={"Gov-83": ("waivers", {"WaiverStatus": "Approved"})},
    ),
    Story(
        "a waiver that somebody else approves changes nothing",
        (
            (_overdue("Gov-84", "Unrested Plan"),),
            (do("ask_waiver", "Gov-84", "Review date", UNTIL),),
            (do("edit_row", "waivers", "Gov-84", who=kit.SAM, WaiverDecision="Approved"),),
        ),
        (Ending(status="Needs you", says=("The review was due on 06/11/2021",)),),
        rows={"Gov-84": ("waivers", {"WaiverStatus": "Needs you"})},
    ),
    Story(
        "an undone correction is not fought by what staff do next",
        (
            (misnamed("Gov-85", "Undone Plan"),),
            (do("undo"),),
            (do("set_columns", Sensitivity="Official"),),
        ),
        (Ending(name="undone plan.docx", policies=("file_name",)),),
    ),
    Story(
        "new content ends the rest of an undone correction",
        (
            (misnamed("Gov-86", "Rewritten Plan"),),
            (do("undo"),),
            (do("put_over", written("Gov-86", "Rewritten Plan", "V0.2", text="Gone on.")),),
        ),
        (Ending(name="Gov-86 Rewritten Plan V0.2.docx", status="Corrected"),),
    ),
    Story(
        "a false alarm goes back where it came from and is not taken aside again",
        (
            (_patient("False alarm"),),
            (do("look_up"), _release("False positive")),
            (do("look_up"), do("set_columns", Sensitivity="Official")),
        ),
        (Ending(area="working", name="False alarm.docx", opens=EVERYBODY),),
    ),
    Story(
        "a file is not released as redacted while the number is still in it",
        ((_patient("Unredacted"),), (do("look_up"), _release("Redacted"))),
        (
            Ending(
                area="quarantine",
                status="Held",
                opens=frozenset({OFFICER, DIRECTOR}),
            ),
        ),
    ),
    Story(
        "a file whose number was taken out goes back where it came from",
        (
            (_patient("Redacted"),),
            (
                do("look_up"),
                do("put_over", without_block("Redacted", "Nothing left."), who=kit.IG_OFFICER),
                _release("Redacted"),
            ),
        ),
        (Ending(area="working", status="In order", opens=EVERYBODY),),
    ),
    Story(
        "who is no IG officer releases nothing",
        ((_patient("Impatient"),), (do("look_up"), _release("False positive", kit.DIRECTOR))),
        (Ending(area="quarantine", status="Held"),),
    ),
    Story(
        "a restricted file shared with others is taken back from them",
        (
            (
                do(
                    "upload",
                    "Bids.docx",
                    without_block("Bids", "Two bids."),
                    "restricted",
                    who=kit.DIRECTOR,
                ),
            ),
            (do("invite", kit.SAM),),
        ),
        (Ending(area="restricted", opens=frozenset({DIRECTOR})),),
    ),
    Story(
        "a link for the whole organisation is taken away, and its maker is told",
        (
            (do("upload", "Linked.docx", without_block("Linked", "A paper."), "working"),),
            (do("link_for_all"),),
        ),
        (
            Ending(
                area="working",
                status="Corrected",
                policies=("external_sharing",),
                opens=EVERYBODY,
                mails={HELEN: 1, DIRECTOR: 1},
            ),
        ),
    ),
    Story(
        "a paper shared with somebody outside the network is taken back from them",
        (
            (do("upload", "Guest.docx", without_block("Guest", "For a guest."), "working"),),
            (do("invite", kit.GUEST),),
        ),
        (Ending(status="Corrected", policies=("external_sharing",), opens=EVERYBODY),),
    ),
)
CLICKED = (
    Story(
        "the proposed name is taken at one click beside the file",
        (
            (misnamed("Gov-87", "Clicked Plan"),),
            (do("set_columns", ControlRequest="Use the proposed name"),),
        ),
        (Ending(name="Gov-87 Clicked Plan V0.1.docx", status="Corrected"),),
    ),
    Story(
        "a waiver asked for at one click waits in the list of waivers",
        (
            (misnamed("Gov-88", "Asking Plan"),),
            (do("set_columns", ControlRequest="Ask for a waiver"),),
            (do("find_row", "waivers", "Title", "Asked for by Helen Ward", key="asked"),),
        ),
        (Ending(name="asking plan.docx", status="Needs you"),),
        rows={"asked": ("waivers", {"WaiverPolicy": "File name"})},
    ),
)
LAPSING = (
    Story(
        "once a waiver has expired the rule speaks again, with a new date",
        (
            (misnamed("Gov-89", "Lapsing Plan"),),
            (do("ask_waiver", "Gov-89", "File name", UNTIL),),
            (do("edit_row", "waivers", "Gov-89", WaiverDecision="Approved"),),
        ),
        (
            Ending(
                name="lapsing plan.docx",
                status="Needs you",
                says=("after that Verger will",),
                mails={HELEN: 2},
            ),
        ),
    ),
)
