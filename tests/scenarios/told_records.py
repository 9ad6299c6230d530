"""Stories of the registry, of deletion and return, of what is kept, superseded or disposed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests import tenant_kit as kit
from tests.scenarios.telling import ADOPTED, DIRECTOR, HELEN, Ending, Story, british, do, written

if TYPE_CHECKING:
    from tests.scenarios.telling import Act


def _plan(number: str, title: str) -> tuple[Act, Act]:
    """Return how a plan comes to be in force: uploaded, and approved by the core team."""
    upload = do("upload", f"{number} {title} V1.docx", written(number, title, "V1"))
    return upload, do("decide", number, "Approved", "NCT", ADOPTED)


RECORDS = (
    Story(
        "a review date edited in the registry row is copied to the file once",
        (
            _plan("Gov-55", "Theatre Plan"),
            (
                do("find_row", "registry", "DocumentNumber", "Gov-55", key="row"),
                do(
                    "edit_row",
                    "registry",
                    "row",
                    ReviewDate=f"{ADOPTED + timedelta(days=200)}T00:00:00Z",
                ),
            ),
        ),
        (
            Ending(
                columns={"ReviewDate": f"{ADOPTED + timedelta(days=200)}…"},
                says=(f"The Review date column says {british(ADOPTED + timedelta(days=200))}",),
            ),
        ),
    ),
    Story(
        "an edit of what Verger keeps in the registry is put back",
        (
            _plan("Gov-56", "Bed Plan"),
            (
                do("find_row", "registry", "DocumentNumber", "Gov-56", key="row"),
                do("edit_row", "registry", "row", VersionLabel="V9"),
            ),
        ),
        (Ending(columns={"VersionLabel": "V1"}),),
        rows={"row": ("registry", {"VersionLabel": "V1", "DocumentNumber": "Gov-56"})},
    ),
    Story(
        "a registry row with a title keeps a number, and its document takes it up",
        ((do("add_row", "registry", "asked", Title="Night Register", NumberSeries="ToR"),),),
        (),
        rows={"asked": ("registry", {"DocumentNumber": "ToR-01", "NumberStatus": "Reserved…"})},
    ),
    Story(
        "a published document deleted before its time is told to the quality manager",
        (
            _plan("Gov-57", "Ward Plan"),
            (do("delete"),),
        ),
        (Ending(gone=True, number="Gov-57", journal=frozenset({"gone", "published"})),),
    ),
    Story(
        "a deleted draft is nobody's loss, and keeps its number",
        (
            (do("upload", "Gov-58 Lift Plan V0.1.docx", written("Gov-58", "Lift Plan")),),
            (do("delete"),),
        ),
        (Ending(gone=True, number="Gov-58", mails={}),),
    ),
    Story(
        "a restored file is the same document again",
        (
            (do("upload", "Gov-59 Film Plan V0.1.docx", written("Gov-59", "Film Plan")),),
            (do("delete"),),
            (do("bring_back"),),
        ),
        (
            Ending(
                name="Gov-59 Film Plan V0.1.docx",
                number="Gov-59",
                status="In order",
                registry={"DocumentNumber": "Gov-59", "DocumentStatus": "Draft"},
            ),
        ),
        plain=True,
    ),
    Story(
        "a document uploaded again after its deletion gets its number back",
        (
            (do("upload", "Gov-60 Key Plan V0.1.docx", written("Gov-60", "Key Plan")),),
            (do("delete"),),
            (
                do(
                    "upload",
                    "Gov-60 Key Plan V0.1.docx",
                    written("Gov-60", "Key Plan"),
                    key="again",
                ),
            ),
        ),
        (
            Ending(gone=True),
            Ending(file="again", number="Gov-60", status="In order"),
        ),
    ),
    Story(
        "an older version brought back is told as a label going back",
        (
            (do("upload", "Gov-61 Stores Plan V0.1.docx", written("Gov-61", "Stores Plan")),),
            (do("put_over", written("Gov-61", "Stores Plan", "V0.2", text="Gone on.")),),
            (do("bring_back_version", "0.1"),),
        ),
        (Ending(status="Needs you", says=("The document says V0.1; it was V0.2 before",)),),
    ),
    Story(
        "what is marked as disposed of before its time is asked to be set back",
        (
            _plan("Gov-62", "Disposal Plan"),
            (do("set_columns", DocumentStatus="Disposed"),),
        ),
        (
            Ending(
                status="Needs you",
                policies=("retention", "superseded_in_place"),
                says=("The document is marked as disposed of; it is kept until a period is set",),
                columns={"VersionLabel": "V1", "DocumentStatus": "Disposed"},
                mails={HELEN: 1, DIRECTOR: 1},
            ),
        ),
    ),
    Story(
        "a document that staff mark superseded is asked out of readers' sight",
        (
            _plan("Gov-63", "Old Plan"),
            (do("set_columns", DocumentStatus="Superseded"),),
        ),
        (
            Ending(
                status="Needs you",
                policies=("superseded_in_place",),
                says=("This document is superseded, and it lies where readers look",),
                columns={"DocumentStatus": "Superseded"},
                registry={"DocumentStatus": "Superseded"},
                mails={HELEN: 1, DIRECTOR: 1},
            ),
        ),
    ),
    Story(
        "a copy of an older version beside the current one is asked away",
        (
            (do("upload", "Gov-64 Course Plan V0.1.docx", written("Gov-64", "Course Plan")),),
            (do("put_over", written("Gov-64", "Course Plan", "V0.2", text="Gone on.")),),
            (do("upload", "course plan first.docx", written("Gov-64", "Course Plan"), key="old"),),
        ),
        (
            Ending(name="Gov-64 Course Plan V0.2.docx"),
            Ending(file="old"),
        ),
    ),
    Story(
        "a document whose cited document goes is told at once, though nobody touched it",
        (
            (
                do(
                    "upload",
                    "Gov-69 Cited Plan V0.1.docx",
                    written("Gov-69", "Cited Plan"),
                    key="cited",
                ),
            ),
            (
                do(
                    "upload",
                    "Gov-97 Citing Plan V0.1.docx",
                    written("Gov-97", "Citing Plan", text="See [Gov-69] for more."),
                ),
            ),
            (do("delete", key="cited"),),
        ),
        (
            Ending(file="cited", gone=True),
            Ending(
                status="Needs you",
                policies=("dead_reference",),
                says=("Gov-69 (no longer there)",),
            ),
        ),
    ),
    Story(
        "a document uploaded under a number that a row reserved takes the row over",
        (
            (
                do(
                    "add_row",
                    "registry",
                    "asked",
                    Title="Day Register",
                    NumberSeries="ToR",
                    DocumentNumber="ToR-40",
                    who=kit.HELEN,
                ),
            ),
            (do("upload", "ToR-40 Day Register V0.1.docx", written("ToR-40", "Day Register")),),
        ),
        (Ending(number="ToR-40", name="ToR-40 Day Register V0.1.docx"),),
        rows={"asked": ("registry", {"DocumentNumber": "ToR-40", "NumberStatus": "Issued"})},
    ),
)
