"""What one register's rows say of another's: documents, assessments, meetings, interests. Pure."""

from __future__ import annotations

from datetime import date

import pytest

from sharepoint_schema.registers import Register
from sharepoint_schema.site import load_template
from sharepoint_schema.standard import load_standard
from sync import interests
from sync.interests import Matter
from sync.model import Item
from sync.model.rows import RowContext
from sync.policies.rows import decision_quorum, documents_assessed, terms_reviewed

STANDARD = load_standard()
DAY = date(2026, 11, 24)


def item(document_id="", **fields) -> Item:
    return Item(site="s", list_id="l", item_id="1", document_id=document_id, fields=fields)


def context(**others) -> RowContext:
    register = Register(source="Gov-04")
    return RowContext(
        today=DAY, standard=STANDARD, area="a", register=register, body="NEB", others=others
    )


def document(number="Gov-07", kind="Policy", status="Current", adopted="2025-11-20") -> Item:
    return item(
        DocumentNumber=number, DocumentType=kind, DocumentStatus=status, DateAdopted=adopted
    )


def assessed(number="Gov-07", missing="") -> Item:
    return item(EiaNumber=number, EiaDate="2026-01-05", EiaMissing=missing)


@pytest.mark.parametrize(
    ("documents", "assessments", "said"),
    [
        ([document()], [], ["The equality impact assessment of Gov-07 is missing."]),
        ([document()], [assessed()], []),
        (
            [document()],
            [assessed(missing="age")],
            ["The equality impact assessment of Gov-07 is not complete."],
        ),
        ([document()], [assessed(missing="age"), assessed()], []),
        ([document(status="Draft")], [], []),
        ([document(status="Overdue")], [assessed("Gov-08")], ["The equality impact assessment of"]),
        ([document(kind="Terms of reference")], [], []),
        ([document(kind="Form")], [], []),
    ],
)
def test_a_policy_in_force_has_a_whole_equality_assessment(documents, assessments, said):
    told = context(registry=documents, equality_assessments=assessments)
    found = [one.says for one in documents_assessed.check_all([], told)]
    assert len(found) == len(said)
    assert all(one.startswith(start) for one, start in zip(found, said, strict=True))


def review(on: str, outcome="No change", number="ToR-02") -> Item:
    return item(ReviewNumber=number, ReviewedOn=on, ReviewOutcome=outcome)


@pytest.mark.parametrize(
    ("adopted", "reviews", "due"),
    [
        ("2025-11-24", [], None),  # a year ago today
        ("2025-11-23", [], "23/11/2026"),
        ("2024-02-29", [review("2026-02-01")], None),
        ("2024-02-29", [review("2025-02-01")], "01/02/2026"),
        ("2024-02-29", [review("2026-02-01", "Put off")], "01/03/2025"),
        ("2024-02-29", [review("2026-02-01", number="ToR-03")], "01/03/2025"),
        ("2024-02-29", [review("2099-02-01")], "01/03/2025"),
        ("", [], None),
    ],
)
def test_terms_of_reference_are_reviewed_every_year(adopted, reviews, due):
    told = context(registry=[document("ToR-02", "Terms of reference", adopted=adopted)])
    found = [one.says for one in terms_reviewed.check_all(reviews, told)]
    assert found == ([f"ToR-02 was to be reviewed by {due}."] if due else [])


def decision(on="2026-11-19", quorate="Yes", body="NEB") -> Item:
    return item(
        "d1",
        DecisionDocument="Gov-07",
        DecisionKind="approved",
        DecisionBody=body,
        MeetingDate=on,
        MinuteReference="NEB 2026/11 item 4",
        Quorate=quorate,
    )


def meeting(on="2026-11-19", status="Held", quorate="Yes") -> Item:
    return item(MeetingDate=on, MeetingStatus=status, Quorate=quorate)


@pytest.mark.parametrize(
    ("decided", "meetings", "doubt"),
    [
        (decision(), [meeting()], ""),
        (decision(), [meeting(quorate="")], ""),  # nobody was entered as present yet
        (decision(), [meeting(quorate="No")], "attendance entered for 19/11/2026 makes no quorum"),
        (decision(), [meeting(quorate="No"), meeting()], ""),  # two on one day
        (decision(), [], "no meeting of 19/11/2026 is entered as held"),
        (decision(), [meeting(status="Cancelled")], "no meeting of 19/11/2026"),
        (decision(), [meeting("2026-11-18")], "no meeting of 19/11/2026"),
        (decision(quorate="No"), [], ""),  # it does not count anyhow
        (decision(body="NOB"), [], ""),
        (decision("2025-11-23"), [], ""),  # before what is held against the register
    ],
)
def test_a_quorate_decision_is_borne_out_by_the_attendance(decided, meetings, doubt):
    found = list(decision_quorum.check_all(meetings, context(decisions=[decided])))
    assert [doubt in one.says for one in found] == ([True] if doubt else [])
    assert all(one.remedies[0].to == ("{body}_secretaries",) for one in found)


def test_a_red_risk_has_to_say_who_sees_to_it_how_by_when_and_where_the_board_saw_it():
    risks = next(one for one in load_template("core_team").lists if one.key == "risks")
    red = next(band.name for band in STANDARD.bands if band.colour == "red")
    asked = {
        need.column for need in risks.entries.needs if red in need.when.get("RiskBand", (red,))
    }
    assert {"RiskOwner", "Mitigations", "MitigationOwner", "AgendaReference"} <= asked
    (review_date,) = [one for one in risks.entries.computed if one.column == "RiskReviewDate"]
    assert review_date.by[red] == 1


@pytest.mark.parametrize(
    ("interest", "touched"),
    [
        ("Shares in Acme Scanners Ltd", True),  # a supplier that the title names
        ("My brother works for acme", False),  # no name: it begins with a small letter
        ("Author of Gov-07", True),
        ("I wrote the Acme scanner contract policy", True),
        ("Trustee of a hospice in Dudley", False),
        ("Member of the Network Operational Board", False),  # the network's own words
        ("Policy adviser to the Imaging Network", False),
    ],
)
def test_an_interest_touches_a_document_when_one_names_the_other(interest, touched):
    matter = Matter("Gov-07", "Acme scanner contract policy of the Imaging Network")
    assert interests.touches(interest, matter, STANDARD) is touched


def declared(on: str, interest="Shares in Acme", by="12", nil=False) -> Item:  # noqa: FBT002 - a column
    return item(DeclaredBy=by, DeclaredOn=on, Interest=interest, NilReturn=str(nil))


@pytest.mark.parametrize(
    ("rows", "stand"),
    [
        ([declared("2026-01-10")], 1),
        ([declared("2025-11-24")], 0),  # a year old: to be declared anew
        ([declared("2025-11-25")], 1),
        ([declared("2026-11-25")], 0),  # after the day of the decision
        ([declared("2026-01-10"), declared("2026-03-01", "", nil=True)], 0),
        ([declared("2026-03-02"), declared("2026-03-01", "", nil=True)], 1),
        ([declared("2026-01-10"), declared("2026-03-01", "", "13", nil=True)], 1),
        ([declared("2026-01-10"), declared("2026-02-10", "A farm")], 2),
    ],
)
def test_an_interest_stands_for_a_year_unless_a_nil_return_follows(rows, stand):
    assert len(interests.standing(rows, DAY)) == stand


def test_who_declared_is_told_with_why_and_never_what():
    rows = [
        declared("2026-01-10", "Shares in Acme"),
        declared("2026-01-10", "A farm", "13"),
        declared("2026-01-10", "A boat", "14"),
    ]
    people = {"12": "Helen Ward", "13": "Sam Price", "14": "Asha Rao"}
    row_says = {"moved by": "Dr Sam Price", "withdrew": ""}
    matter = Matter("Gov-07", "Acme contract")
    found = interests.members(rows, people, matter, row_says, STANDARD)
    assert found == [
        ("Helen Ward", "an interest of theirs names what is decided"),
        ("Sam Price", "named under moved by"),
    ]
