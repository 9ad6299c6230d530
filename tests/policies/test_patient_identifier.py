"""No shared file holds a patient's NHS number."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from stdnum.gb import nhs

from sharepoint_schema.standard import load_standard
from sync.model import Contain, Keep, Move, Recipient, Status, Tell
from sync.policies.patient_identifier import Sure, check, signs
from tests.policies.kit import context, document, reading

RULES = load_standard().patient
LABELLED = YAML(typ="safe").load(Path(__file__).with_name("nhs_numbers.yaml"))
TEXTS = [(text, label) for label, texts in LABELLED.items() for text in texts]


def verdict(text):
    found = set(signs(text, RULES))
    return "quarantine" if Sure.YES in found else "ask" if found else "nothing"


@pytest.mark.parametrize(("text", "label"), TEXTS)
def test_a_text_of_the_labelled_set_gets_the_verdict_it_deserves(text, label):
    assert verdict(text) == label


def test_precision_and_recall_on_the_labelled_set():
    told = [(verdict(text) == "quarantine", label == "quarantine") for text, label in TEXTS]
    hits = told.count((True, True))
    precision, recall = hits / sum(t for t, _ in told), hits / sum(w for _, w in told)
    assert len(TEXTS) >= 60
    assert precision >= 0.95
    assert recall >= 0.95


def lying(text="", name="Notes.docx", properties="", title=""):
    return document(
        name, fields={"Title": title}, read_as=reading(text, None, properties=properties)
    )


@pytest.mark.parametrize(
    ("subject", "stub"),
    [
        (lying("NHS number 999 123 4578"), True),
        (lying(properties="NHS number 999 123 4578"), True),
        (lying(title="Referral 999 123 4578"), True),
        (lying(name="Referral_999 123 4578.docx"), False),
        (lying(name="patient_9991234578_MRI.pdf"), False),
        (lying(name="Referral 999 123 4578 1.docx"), False),
    ],
)
@pytest.mark.parametrize("kind", ["controlled", "working", "restricted"])
def test_a_number_in_text_properties_or_name_goes_to_quarantine(subject, stub, kind):
    (finding,) = check(subject, context(kind))
    assert finding.remedies == (
        Contain(Keep.IG_OFFICERS),
        Move("quarantine", stub, Keep.IG_OFFICERS),
        Tell(Recipient.UPLOADER),
        Tell(Recipient.IG_OFFICERS),
    )
    assert finding.status is Status.HELD


def test_a_valid_number_without_context_is_asked_about_and_nothing_moves():
    (finding,) = check(lying("Row 12: 9434765919"), context("working"))
    assert finding.remedies == (Tell(Recipient.UPLOADER),)
    assert finding.status is Status.NEEDS_YOU


@pytest.mark.parametrize(
    ("subject", "where"),
    [
        (lying("Notes\n\nNHS number 999 123 4578"), "in its text, line 2"),
        (lying("".join(f"NHS no 999 123 4578 row {row}\n" for row in range(5))),
         "in its text, lines 1, 2, 3 and 2 more"),
        (lying("NHS no 999 123 4578", properties="NHS no 999 123 4578"),
         "in its text, line 1; in its properties"),
        (lying(title="NHS no 999 123 4578"), "in the column Title"),
        (lying(name="NHS 999 123 4578.docx"), "in its name"),
    ],
)  # fmt: skip
def test_a_finding_says_where_the_number_stands(subject, where):
    (finding,) = check(subject, context("working"))
    assert finding.says.endswith(f" holds an NHS number ({where}).")


@pytest.mark.parametrize("column", ["ApprovedBy", "TargetAudience", "DocumentNumber"])
def test_columns_that_staff_type_into_are_looked_at(column):
    subject = document("Notes.docx", fields={column: "for patient 999 123 4578"})
    (finding,) = check(subject, context("working"))
    assert finding.status is Status.HELD


def test_which_words_label_other_numbers_is_the_standards():
    known = RULES.model_copy(update={"other_words": ("voucher",)})
    assert list(signs("voucher no: 9434765919", known)) == []
    assert list(signs("ISBN 9434765919", known)) == [Sure.PERHAPS]
    assert list(signs("ISBN 9434765919", RULES)) == []


def test_a_quarantined_file_is_left_alone():
    assert list(check(lying("NHS number 999 123 4578"), context("quarantine"))) == []


digits = st.from_regex(r"\A\d{10}\Z").filter(nhs.is_valid)


@given(digits, st.text(max_size=80), st.text(max_size=80))
def test_a_finding_never_repeats_the_number(number, before, after):
    grouped = nhs.format(number)
    for finding in check(lying(f"{before} NHS number {grouped} {after}"), context("working")):
        told = f"{finding.says} {finding.expected} {finding.how}"
        assert number not in told
        assert grouped not in told


@given(st.from_regex(r"\A\d{10}\Z").filter(lambda text: not nhs.is_valid(text)))
def test_ten_digits_that_fail_the_check_are_never_an_nhs_number(text):
    assert verdict(f"NHS number {text}, patient") == "nothing"
