"""Stories of approval, publication, seals, assessments, revision, retention and the registry."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests import tenant_kit as kit
from tests.scenarios.telling import (
    ADOPTED,
    DIRECTOR,
    HELEN,
    TODAY,
    Ending,
    Story,
    british,
    do,
    written,
)

if TYPE_CHECKING:
    from tests.scenarios.telling import Act

RECOMMENDED = ADOPTED - timedelta(days=14)
BY_NOB = f"Network Operational Board {british(ADOPTED)}"
BOARDS = f"Network Executive Board {british(ADOPTED)}"


def _strategy(number: str, title: str, label: str = "V1", **more: Any) -> bytes:
    return written(number, title, label, **{"approved_by": BOARDS} | more)


def _draft(number: str, title: str, label: str = "V1", **more: Any) -> Act:
    return do("upload", f"{number} {title} {label}.docx", _strategy(number, title, label, **more))


def _recommend(number: str, **more: Any) -> Act:
    return do("decide", number, "Recommended", "NOB", RECOMMENDED, **more)


def _approve(number: str, **more: Any) -> Act:
    return do("decide", number, "Approved", "NEB", ADOPTED, **more)


def _plan(number: str, title: str) -> tuple[Act, Act]:
    """Return how a plan comes to be in force: uploaded, and approved by the core team."""
    upload = do("upload", f"{number} {title} V1.docx", written(number, title, "V1"))
    return upload, do("decide", number, "Approved", "NCT", ADOPTED)


LIVES = (
    Story(
        "recommended and approved, a strategy is published by Verger with all that shows it",
        (
            (_draft("Gov-40", "Image Strategy"),),
            (_recommend("Gov-40"),),
            (_approve("Gov-40"),),
        ),
        (
            Ending(
                name="Gov-40 Image Strategy V1.docx",
                versions=("1.0",),
                columns={
                    "DocumentStatus": "Current",
                    "VersionLabel": "V1",
                    "ApprovedBy": BOARDS,
                    "DateAdopted": f"{ADOPTED}…",
                },
                registry={"DocumentStatus": "Current", "VersionLabel": "V1"},
                journal=frozenset({"published"}),
            ),
        ),
        plain=True,
    ),
    Story(
        "a strategy that only one board has seen waits for the other",
        ((_draft("Gov-41", "Cloud Strategy"),), (_recommend("Gov-41"),)),
        (Ending(versions=("0.1",), columns={"DocumentStatus": "Awaiting approval"}),),
        rows={
            "Recommended Gov-41": (
                "decisions",
                {"DecisionStatus": "Recorded", "DecisionReason": "…"},
            )
        },
        plain=True,
    ),
    Story(
        "an approval before its recommendation waits for it, then counts",
        (
            (_draft("Gov-42", "Data Strategy"),),
            (_approve("Gov-42"),),
            (_recommend("Gov-42"),),
        ),
        (Ending(columns={"DocumentStatus": "Current"}),),
    ),
    Story(
        "a decision for a number that is not there says so on its row",
        ((_approve("Gov-43"),),),
        (),
        rows={"Approved Gov-43": ("decisions", {"DecisionStatus": "Needs you"})},
    ),
    Story(
        "a decision heard of before its document counts once the document is there",
        (
            (do("decide", "Gov-44", "Approved", "NCT", ADOPTED),),
            (do("upload", "Gov-44 Early Plan V1.docx", written("Gov-44", "Early Plan", "V1")),),
        ),
        (Ending(versions=("1.0",), columns={"DocumentStatus": "Current"}),),
        rows={"Approved Gov-44": ("decisions", {"DecisionStatus": "Recorded"})},
    ),
    Story(
        "a text changed after the board saw it goes back to the board",
        (
            (_draft("Gov-45", "Cyber Strategy"),),
            (_recommend("Gov-45"),),
            (do("put_over", _strategy("Gov-45", "Cyber Strategy", text="Other words.")),),
            (_approve("Gov-45"),),
        ),
        (
            Ending(
                columns={"DocumentStatus": "Draft"},
                says=("The text was changed after it was recommended",),
            ),
        ),
        plain=True,
    ),
    Story(
        "neither a column nor a name breaks the seal of a decision",
        (
            (_draft("Gov-46", "Estates Strategy"),),
            (_recommend("Gov-46"),),
            (do("set_columns", Sensitivity="Official"), do("rename", "estates.docx")),
            (_approve("Gov-46"),),
        ),
        (
            Ending(
                name="Gov-46 Estates Strategy V1.docx",
                columns={"DocumentStatus": "Current", "VersionLabel": "V1"},
            ),
        ),
    ),
    Story(
        "an owner's approval past the boards is undone and the earlier version stays in force",
        (
            (_draft("Gov-47", "People Strategy"),),
            (_recommend("Gov-47"), _approve("Gov-47")),
            (
                do("put_over", _strategy("Gov-47", "People Strategy", "V2", text="More.")),
                do("publish"),
            ),
            (do("approve_by_hand"),),
        ),
        (
            Ending(
                status="Held",
                versions=("1.2", "1.1", "1.0"),
                says=("published before it had been approved",),
                columns={"DocumentStatus": "Current", "VersionLabel": "V1"},
                registry={"DocumentStatus": "Current", "VersionLabel": "V1"},
            ),
        ),
        plain=True,
    ),
    Story(
        "the next version supersedes the one in force",
        (
            (_draft("Gov-48", "Growth Strategy"),),
            (_recommend("Gov-48"), _approve("Gov-48")),
            (
                do(
                    "put_over",
                    _strategy(
                        "Gov-48",
                        "Growth Strategy",
                        "V2",
                        text="More.",
                        history=(
                            ("V1", british(ADOPTED), "First"),
                            ("V2", british(ADOPTED), "Second"),
                        ),
                    ),
                ),
            ),
            (
                _recommend("Gov-48", DecisionVersion="V2", Title="again Gov-48"),
                _approve("Gov-48", DecisionVersion="V2"),
            ),
        ),
        (
            Ending(
                name="Gov-48 Growth Strategy V2.docx",
                versions=("2.0", "1.0"),
                columns={"DocumentStatus": "Current", "VersionLabel": "V2"},
            ),
        ),
    ),
    Story(
        "a block that does not fit the approval keeps the document from being published",
        (
            (_draft("Gov-49", "Access Strategy", "V0.3", approved_by=""),),
            (_recommend("Gov-49", DecisionVersion="V0.3"),),
            (_approve("Gov-49", DecisionVersion="V0.3"),),
        ),
        (
            Ending(
                status="Needs you",
                versions=("0.1",),
                columns={"DocumentStatus": "Awaiting approval"},
                says=("Version Number should be V1", "can't be published yet"),
            ),
        ),
    ),
    Story(
        "a plan is published on the core team's word alone",
        tuple((act,) for act in _plan("Gov-50", "Rota Plan")),
        (
            Ending(
                status="In order",
                policies=(),
                versions=("1.0",),
                columns={"DocumentStatus": "Current"},
                opens=frozenset({HELEN, "sam", DIRECTOR}),
            ),
        ),
        plain=True,
    ),
    Story(
        "a document approved by the wrong board is asked about, with the right way",
        ((_draft("Gov-51", "Recruitment Strategy", approved_by="Core Team meeting 31/10/23"),),),
        (
            Ending(
                status="Needs you",
                says=("This strategy is recorded as approved by: Core Team meeting 31/10/23",),
            ),
        ),
    ),
    Story(
        "a procedure without an equality assessment is asked for one",
        (
            (
                do(
                    "upload",
                    "Gov-52 Booking Procedure V1.docx",
                    written("Gov-52", "Booking Procedure", "V1", approved_by=BY_NOB),
                ),
            ),
        ),
        (
            Ending(
                status="Needs you",
                policies=("equality_assessment",),
                says=("There is no equality impact assessment",),
            ),
        ),
    ),
    Story(
        "an assessment filled in puts its procedure in order",
        (
            (
                do(
                    "upload",
                    "Gov-53 Contrast Procedure V1.docx",
                    written("Gov-53", "Contrast Procedure", "V1", approved_by=BY_NOB),
                ),
            ),
            (do("assess", "Gov-53", ADOPTED),),
        ),
        (Ending(unsaid=("equality",)),),
        rows={"Gov-53": ("equality_assessments", {"EiaStatus": "Complete"})},
        plain=True,
    ),
    Story(
        "an assessment with a gap says which, on its row and beside the procedure",
        (
            (
                do(
                    "upload",
                    "Gov-54 Consent Procedure V1.docx",
                    written("Gov-54", "Consent Procedure", "V1", approved_by=BY_NOB),
                ),
            ),
            (do("assess", "Gov-54", ADOPTED, EiaRace=None),),
        ),
        (Ending(says=("The equality impact assessment lacks: race",)),),
        rows={
            "Gov-54": (
                "equality_assessments",
                {"EiaStatus": "Needs you", "EiaReason": "Still missing: race."},
            )
        },
    ),
    Story(
        "a decision written down by somebody who may not is refused on its row",
        (
            (do("upload", "Gov-65 Open Plan V1.docx", written("Gov-65", "Open Plan", "V1")),),
            (do("decide", "Gov-65", "Approved", "NCT", ADOPTED, who=kit.SAM),),
        ),
        (Ending(versions=("0.1",), columns={"DocumentStatus": "Draft"}),),
        rows={"Approved Gov-65": ("decisions", {"DecisionStatus": "Needs you"})},
    ),
    Story(
        "a decision without a quorum is recorded and does not count",
        (
            (do("upload", "Gov-66 Few Plan V1.docx", written("Gov-66", "Few Plan", "V1")),),
            (do("decide", "Gov-66", "Approved", "NCT", ADOPTED, Quorate=False),),
        ),
        (Ending(versions=("0.1",), columns={"DocumentStatus": "Draft"}),),
        rows={"Approved Gov-66": ("decisions", {"DecisionStatus": "Recorded"})},
    ),
    Story(
        "a meeting that has not been held yet has decided nothing",
        (
            (do("upload", "Gov-67 Soon Plan V1.docx", written("Gov-67", "Soon Plan", "V1")),),
            (do("decide", "Gov-67", "Approved", "NCT", TODAY + timedelta(days=60)),),
        ),
        (Ending(versions=("0.1",), columns={"DocumentStatus": "Draft"}),),
        rows={"Approved Gov-67": ("decisions", {"DecisionStatus": "Needs you"})},
    ),
    Story(
        "a guideline is endorsed and approved, and comes to the board above for information",
        (
            (
                do(
                    "upload",
                    "Gov-68 Contrast Guideline V1.docx",
                    written("Gov-68", "Contrast Guideline", "V1", approved_by=BY_NOB),
                ),
            ),
            (do("decide", "Gov-68", "Endorsed", "CDF", RECOMMENDED),),
            (do("decide", "Gov-68", "Approved", "NOB", ADOPTED),),
        ),
        (
            Ending(
                versions=("1.0",),
                columns={"DocumentStatus": "Current"},
                mails={HELEN: 2, DIRECTOR: 1},
            ),
        ),
    ),
)
