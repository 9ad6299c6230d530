"""Shared files hold no private data of staff."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from sharepoint_schema.personal import Sign
from sharepoint_schema.standard import load_standard
from sync.model import Reading, ReadState, Recipient, Severity, Tell
from sync.policies import READING, judge
from sync.policies.staff_personal_data import check, signs
from tests.policies.kit import context, document, reading

RULES = load_standard().staff
LABELLED = YAML(typ="safe").load(Path(__file__).with_name("staff_data.yaml"))


def kinds(text):
    return {kind for kind, _ in signs(text, RULES)}


def found(text, place="open"):
    return list(check(document("Notes.docx", read_as=reading(text, None)), context(place)))


@pytest.mark.parametrize("text", LABELLED["told"])
def test_private_data_is_told(text):
    assert kinds(text)


def test_precision_and_recall_on_the_labelled_set():
    hits = sum(bool(kinds(text)) for text in LABELLED["told"])
    false = [text for text in LABELLED["nothing"] if kinds(text)]
    assert hits / len(LABELLED["told"]) >= 0.95
    assert hits / (hits + len(false)) >= 0.95, false
    assert len(LABELLED["told"]) + len(LABELLED["nothing"]) >= 55


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("NI AB 12 34 56 C", "a National Insurance number"),
        ("ann@gmail.com", "a private mail address"),
        ("private mobile 07700 900123", "a private phone number"),
        ("home address: B1 1AA", "a home address"),
        ("DOB 01/02/1980", "a date of birth"),
        ("sort code 12-34-56", "bank details"),
        ("payroll no. 1234567", "a payroll or staff number"),
    ],
)
def test_each_kind_is_called_by_its_name(text, kind):
    assert kinds(text) == {kind}


def test_the_finding_tells_kind_and_place_and_stops_publication():
    (finding,) = found("Contacts\n\nAnn: ann@gmail.com\nBen: ben@gmail.com\n")
    assert finding.says == (
        "The file holds private data of staff: a private mail address (lines 3, 4 of its text)."
    )
    assert finding.severity is Severity.STOP
    assert finding.remedies == (Tell(Recipient.UPLOADER),)


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ({"name": "Starter form AB123456C.docx"}, "in its name"),
        ({"name": "Starter_form_AB123456C_v1.docx"}, "in its name"),
        ({"fields": {"Title": "Starter AB 12 34 56 C"}}, "in the column Title"),
        ({"fields": {"ApprovedBy": "Ann AB 12 34 56 C"}}, "in the column Approved by"),
        ({"read_as": reading("", None, properties="AB123456C")}, "in its properties"),
        ({"read_as": reading("x\nAB123456C", None)}, "line 2 of its text"),
    ],
)
def test_every_place_of_a_file_is_looked_at(more, where):
    plain = {"name": "Notes.docx", "fields": {}, "read_as": reading("", None)}
    (finding,) = check(document(**plain | more), context("open"))
    told = f"The file holds private data of staff: a National Insurance number ({where})."
    assert finding.says == told


def test_a_file_that_cannot_be_read_is_still_judged_by_its_name():
    locked = document("AB123456C.docx", fields={}, read_as=Reading(ReadState.ENCRYPTED, "locked"))
    found = judge(locked, context("open"), {"staff_personal_data"})
    assert {one.policy for one in found} == {"staff_personal_data", READING}


def test_a_pattern_of_the_schema_counts_as_told():
    passport = Sign(
        code="passport", kind="a passport number", patterns=(r"\b\d{9}\b",), words=("passport",)
    )
    rules = RULES.model_copy(update={"signs": (passport,)})
    assert list(signs("Passport: 123456789", rules)) == [("a passport number", 10)]
    assert list(signs("Order 123456789, NI AB 12 34 56 C", rules)) == []


def test_many_places_are_counted_and_not_listed():
    (finding,) = found("ann@gmail.com\n" * 12)
    assert "lines 1, 2, 3 and 9 more of its text" in finding.says


@pytest.mark.parametrize("place", ["restricted", "quarantine"])
def test_places_that_are_closed_are_left_alone(place):
    assert found("NI AB 12 34 56 C", place) == []


@given(st.from_regex(r"\A[A-CE][A-CE]\d{6}[A-D]\Z"), st.text(max_size=60))
def test_a_finding_never_repeats_the_value(number, around):
    for finding in found(f"{around} NI {number}\nx {number[:2]} {around}"):
        assert number not in f"{finding.says} {finding.expected} {finding.how}"


def test_a_patients_date_of_birth_is_another_rules_business():
    assert kinds("Patient 999 123 4578, DOB 01/02/1980") == set()
    assert kinds("Ann Example, radiographer, DOB 01/02/1980") == {"a date of birth"}
