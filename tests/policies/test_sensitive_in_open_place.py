"""A commercially sensitive document does not lie where everyone can open it."""

from dataclasses import replace

import pytest

from sync.model import Contain, Keep, Move, Recipient, SetColumns, Status, Tell
from sync.policies.sensitive_in_open_place import check
from tests.policies.kit import context, document, reading


def lying(text="", name="Notes.docx", column="", properties="", folder=""):
    lies = document(
        name,
        fields={"Sensitivity": column},
        read_as=reading(text, None, properties=properties),
        version="",
    )
    return replace(lies, folder=folder)


def strict(kind):
    """The place's rules, with one content type whose documents are always sensitive."""
    known = context(kind)
    rules = known.standard.sensitivity.model_copy(update={"content_types": ("Bid",)})
    return replace(known, standard=known.standard.model_copy(update={"sensitivity": rules}))


@pytest.mark.parametrize(
    "subject",
    [
        lying("OFFICIAL-SENSITIVE: COMMERCIAL\nOffer of two firms"),
        lying("Official-Sensitive: Commercial"),
        lying("  [OFFICIAL SENSITIVE: COMMERCIAL]  "),
        lying("Offer\nCommercial in confidence\n"),
        lying("Classification: COMMERCIALLY SENSITIVE"),
        lying("OFFICIAL-SENSITIVE \u2013 page 1 of 3"),
        lying("Header | COMMERCIAL IN CONFIDENCE"),
        lying("OFFICIAL - SENSITIVE: COMMERCIAL"),
        lying("OFFICIAL \u2013 SENSITIVE: COMMERCIAL"),
        lying("OFFICIAL-SENSITIVE: COMMERCIAL Page 2 of 9"),
        lying("Page 2 of 9 OFFICIAL-SENSITIVE: COMMERCIAL"),
        lying("COMMERCIAL IN CONFIDENCE page 3"),
        lying(name="Offer - COMMERCIAL IN CONFIDENCE.docx"),
        lying(name="Offer_commercially_sensitive.pdf"),
        lying(column="Commercially sensitive"),
        lying(properties="Offer\nCOMMERCIAL IN CONFIDENCE"),
        lying("The tender evaluation is over; the preferred bidder is told."),
        lying("Each unit price is in the pricing schedule."),
        lying(folder="Tenders"),
        lying(folder="MRI scanner/Commercial in confidence/lot 2"),
        document("Notes.docx", fields={"ContentType": "Bid"}, version=""),
    ],
)
@pytest.mark.parametrize("kind", ["working", "controlled"])
def test_a_sensitive_file_is_contained_then_moved_then_told(subject, kind):
    (finding,) = check(subject, strict(kind))
    contain, *_, move, tell = finding.remedies
    assert (contain, tell) == (Contain(Keep.CIRCLE), Tell(Recipient.UPLOADER))
    assert isinstance(move, Move)
    assert move.area == "restricted"
    assert finding.status is Status.CORRECTED


@pytest.mark.parametrize(
    "subject",
    [
        lying("Commercially sensitive documents lie in a restricted area."),
        lying("Commercially sensitive documents"),
        lying("We discussed what OFFICIAL-SENSITIVE means for the network and its members."),
        lying("Only the tender evaluation was mentioned."),
        lying(name="How to run a tender.docx"),
        lying(column="Open"),
        lying(folder="How we run tenders"),
        lying(""),
    ],
)
def test_text_about_sensitive_files_is_not_sensitive(subject):
    assert list(check(subject, context("working"))) == []


@pytest.mark.parametrize("kind", ["restricted", "quarantine"])
def test_a_sensitive_file_is_left_alone_in_a_closed_place(kind):
    assert list(check(lying("COMMERCIAL IN CONFIDENCE"), context(kind))) == []


@pytest.mark.parametrize(
    ("name", "stub"),
    [("Notes.docx", True), ("Tender scores.docx", False), ("Commercial in confidence.docx", False)],
)
def test_no_link_stays_when_the_name_itself_is_sensitive(name, stub):
    (finding,) = check(lying("COMMERCIAL IN CONFIDENCE", name), context("working"))
    assert Move("restricted", stub=stub) in finding.remedies


@pytest.mark.parametrize(
    ("column", "labels"),
    [("", [SetColumns({"Sensitivity": "Official-Sensitive: Commercial"})]), ("Official", [])],
)
def test_an_empty_sensitivity_column_is_filled_before_the_file_moves(column, labels):
    subject = lying("COMMERCIAL IN CONFIDENCE", column=column)
    (finding,) = check(subject, context("working"))
    assert [one for one in finding.remedies if isinstance(one, SetColumns)] == labels
