"""A published document was approved by the right body, on the right recommendation."""

from dataclasses import replace
from datetime import date

import pytest

from sync.model import Decision, Severity, Status
from sync.policies.approval_route import check
from tests.policies.kit import BLOCK, context, document, holder, reading

NEB, NOB = "Network Executive Board", "Network Operational Board"


def approved(title, text, number="Gov-11", version="1.0", label="V1"):
    block = replace(BLOCK, name=title, approved_by=text, document_number=number, version=label)
    return document(fields={}, read_as=reading(block=block), version=version)


@pytest.mark.parametrize(
    ("title", "number", "text"),
    [
        ("Travel Policy", "Gov-11", f"{NEB} 02/03/2026, recommended by the {NOB} 05/02/2026"),
        ("Travel Policy", "Gov-11", f"{NEB} on the recommendation of the {NOB}"),
        ("Travel Policy", "Gov-11", f"Recommended by Operational Board; approved by {NEB}"),
        ("Data Strategy", "Gov-11", "Executive Board (on recommendation of NOB, 05/02/2026)"),
        ("Booking Procedure", "Op-05", f"{NOB} 01/02/2026"),
        ("Booking Procedure", "Op-05", f"{NEB} 01/02/2026"),
        ("Breast Clinical Guideline", "Op-06", f"{NOB} 01/02/2026, endorsed by the CDF"),
        ("Position Statement on AI", "Gov-20", "NOB 01/02/2026"),
        ("Digital Board Terms of Reference", "ToR-08", f"{NEB} 01/02/2026"),
        ("Clinical Directors' Forum", "ToR-09", f"{NOB} 01/02/2026"),
        ("Network Executive Board Terms of Reference", "ToR-02", f"{NEB} 01/02/2026"),
        ("Network Work Programme", "Op-01", "Core Team meeting 01/02/2026"),
        ("Escalation Matrix", "Gov-25", "Core Team meeting 01/02/2026"),
    ],
)
def test_the_right_way_is_left_alone(title, number, text):
    assert list(check(approved(title, text, number), context())) == []


@pytest.mark.parametrize(
    ("title", "number", "text", "expected"),
    [
        ("WMIN Governance Strategy", "Gov-04", "Core Team Face to Face meeting 31/10/23", NEB),
        ("Travel Policy", "Gov-11", f"{NEB} 02/03/2026", f"recommendation of the {NOB}"),
        ("Travel Policy", "Gov-11", f"{NOB} 02/03/2026", NEB),
        ("Travel Policy", "Gov-11", f"{NOB}; {NEB} for information", NEB),
        ("Travel Policy", "Gov-11", "the Director", NEB),
        ("Travel Policy", "Gov-11", "", NEB),
        ("Booking Procedure", "Op-05", "Core Team", NOB),
        ("Breast Clinical Guideline", "Op-06", f"{NOB} 01/02/2026", "endorsed by"),
        ("Digital Board Terms of Reference", "ToR-08", "Digital Board 01/02/2026", NEB),
        ("Scan Booking Form", "Op-07", "a SIG chair", "Network Core Team"),
        ("Network Executive Board Terms of Reference", "ToR-02", f"{NOB} 01/02/2026", NEB),
        ("Escalation Matrix", "Gov-25", "", "no listed type is approved by the Network Core Team"),
    ],
)
def test_another_way_is_one_finding_that_names_the_right_one(title, number, text, expected):
    (finding,) = check(approved(title, text, number), context())
    assert expected in finding.expected
    assert (finding.severity, finding.status) == (Severity.STOP, Status.NEEDS_YOU)


def under_column(title, column, number="Gov-11", version="1.0", label="V1"):
    subject = approved(title, f"{NOB} 01/02/2026, endorsed by the CDF", number, version, label)
    return replace(subject, fields={"DocumentType": column})


@pytest.mark.parametrize(
    ("title", "column"),
    [
        ("Data Strategy", "Position statement"),
        ("Data Strategy", "Other"),
        ("Travel Policy", "Strategy"),  # the same boards, but no equality impact assessment
        ("Clinical Procedure for Biopsies", "Procedure"),
    ],
)
@pytest.mark.parametrize(("version", "label"), [("0.2", "V0.2"), ("1.0", "V1")])
def test_a_column_that_chooses_another_way_than_the_title_stops(title, column, version, label):
    subject = under_column(title, column, version=version, label=label)
    (finding,) = check(subject, context())
    assert f"column says {column}, but title and number show" in finding.says
    assert (finding.severity, finding.status) == (Severity.STOP, Status.NEEDS_YOU)


@pytest.mark.parametrize(
    ("title", "column", "number"),
    [
        ("Biopsy Procedure", "Clinical procedure", "Op-05"),  # the same, said more closely
        ("Escalation Matrix", "Position statement", "Gov-11"),  # the title shows none
    ],
)
def test_a_column_that_says_what_the_title_leaves_open_is_believed(title, column, number):
    assert list(check(under_column(title, column, number), context())) == []


def test_a_draft_has_not_been_approved_yet():
    subject = approved("Travel Policy", "", version="0.2", label="V0.2")
    assert list(check(subject, context())) == []


@pytest.mark.parametrize(("version", "label"), [("0.2", "V0.2"), ("1.0", "V1")])
@pytest.mark.parametrize("body", ["Image Sharing Working Group", "Clinical Governance Group"])
def test_terms_of_reference_of_an_unknown_body_ask_for_the_body(body, version, label):
    subject = approved(f"{body} Terms of Reference", NEB, "ToR-30", version, label)
    [finding] = check(subject, context())
    assert finding.severity is Severity.STOP
    assert "add it to the network's" in finding.how


def test_where_no_type_is_all_else_a_document_of_no_type_is_asked_for_one():
    named = [one for one in context().standard.types if not one.all_else]
    strict = replace(context(), standard=context().standard.model_copy(update={"types": named}))
    [finding] = check(approved("Escalation Matrix", "Core Team", "Gov-25"), strict)
    assert finding.severity is Severity.STOP
    assert "Fill in the Document type column" in finding.how


def test_recorded_decisions_beat_what_the_block_says():
    decisions = tuple(
        Decision(kind, body, date(2026, 3, 2), label="V1", content_id="c1")
        for kind, body in (("recommended", "NOB"), ("approved", "NEB"))
    )
    assert list(check(approved("Travel Policy", "Core Team"), context(decisions=decisions))) == []
    wrong = (Decision("approved", "NCT", date(2026, 3, 2), label="V1", content_id="c1"),)
    told = f"{NEB}, recommended by {NOB}"
    assert len(list(check(approved("Travel Policy", told), context(decisions=wrong)))) == 1


def test_a_decision_on_another_version_does_not_count():
    other = (Decision("approved", "NEB", date(2024, 3, 2), label="V3", content_id="old"),)
    assert len(list(check(approved("Travel Policy", "Core Team"), context(decisions=other)))) == 1


def test_a_decision_counts_for_the_content_the_body_saw_not_for_its_label():
    told = date(2026, 3, 2)
    decisions = tuple(
        Decision(kind, body, told, label="V1", content_id="before it was changed")
        for kind, body in (("recommended", "NOB"), ("approved", "NEB"))
    )
    around = context(decisions=decisions)
    assert len(list(check(approved("Travel Policy", "Core Team"), around))) == 1


def test_a_copy_is_not_judged():
    around = context(holders={"Gov-11": holder("Gov-11", content_id="c1")})
    assert list(check(approved("Travel Policy", "Core Team"), around)) == []
