"""The version label tells the truth."""

from dataclasses import replace
from datetime import date

import pytest

from sharepoint_schema.labels import Label
from sync.model import Amendment, Past, Publication, SetColumns, Severity, Status
from sync.policies.version_label import check
from tests.policies.kit import BLOCK, IN_ORDER, context, document, holder, reading


def labelled(block="", column="", version="", name="Gov-11 Document Control Strategy.docx"):
    return document(
        name,
        fields=IN_ORDER | {"VersionLabel": column},
        read_as=reading(block=replace(BLOCK, version=block, history=())),
        version=version,
    )


@pytest.mark.parametrize(
    ("block", "column", "version", "written"),
    [
        ("V0.3", "V0.2", "0.1", "V0.3"),
        ("V0.3", "V0.2", "0.7", "V0.3"),
        ("V0.3", "V0.2", "", "V0.3"),
        ("V1", "V0.9", "1.0", "V1"),
        ("V2", "V1", "2.0", "V2"),
        ("V1.1", "V1", "1.3", "V1.1"),
        ("v1.0", "V0.9", "1.0", "V1"),
        ("", "V0.9", "1.0", "V1"),
    ],
)
def test_a_wrong_column_is_corrected(block, column, version, written):
    (finding,) = check(labelled(block, column, version), context())
    assert finding.remedies == (SetColumns({"VersionLabel": written}),)
    assert (finding.severity, finding.status) == (Severity.FIX, Status.CORRECTED)


def test_an_empty_column_is_filled_in_as_a_note():
    (finding,) = check(labelled("V1", "", "1.0"), context())
    assert finding.remedies == (SetColumns({"VersionLabel": "V1"}),)
    assert not finding.counts


@pytest.mark.parametrize(
    ("block", "column", "version"),
    [("V1", "V1", "1.0"), ("V0.3", "V0.3", "0.9"), ("V1.1", "V1.1", "1.1"), ("", "V2", "2.0")],
)
def test_labels_that_agree_are_left_alone(block, column, version):
    assert list(check(labelled(block, column, version), context())) == []


def test_a_draft_awaiting_publication_may_carry_its_coming_label_and_no_column_says_so_yet():
    assert list(check(labelled("V1", "", "0.4"), context())) == []
    assert list(check(labelled("V2", "V1", "1.4"), context())) == []


def test_a_version_past_the_boards_leaves_the_column_at_the_one_they_approved():
    approved = Publication("V1", "c0", date(2026, 3, 2))
    assert list(check(labelled("V2", "V1", "2.0"), context(publications=(approved,)))) == []


def test_a_column_edited_beside_a_published_file_makes_no_new_version_of_its_text():
    past = Past(published={"V1": "c1"})
    assert list(check(labelled("V1", "V1", "1.1"), context(past=past))) == []
    (found,) = check(labelled("V1", "V1", "1.1"), context(past=Past(published={"V1": "c0"})))
    assert "the library holds it as draft 1.1" in found.says


@pytest.mark.parametrize(
    ("block", "version", "says"),
    [
        ("V0.3", "1.0", "says V0.3; what is published here is V1"),
        ("V3", "2.0", "says V3; what is published here is V2"),
        ("V3", "1.2", "says V3; the library holds it as draft 1.2"),
        ("V0.2", "1.1", "says V0.2; the library holds it as draft 1.1"),
        ("V1", "1.1", "says V1; the library holds it as draft 1.1"),
    ],
)
def test_a_block_that_contradicts_what_is_published_goes_to_the_author(block, version, says):
    found = list(check(labelled(block, "", version), context()))
    assert says in found[0].says
    assert found[0].severity is Severity.STOP
    assert found[0].status is Status.NEEDS_YOU


def test_nothing_is_corrected_when_the_state_contradicts_every_source():
    found = list(check(labelled("V3", "V2", "1.2"), context()))
    assert not any(isinstance(r, SetColumns) for finding in found for r in finding.remedies)


def test_a_label_never_goes_back_behind_its_own_history():
    block = replace(BLOCK, version="V0.2", history=(Amendment("V0.1"), Amendment("V0.3")))
    subject = document(fields={"VersionLabel": "V0.2"}, read_as=reading(block=block), version="0.5")
    (finding,) = check(subject, context())
    assert "its own version history already has V0.3" in finding.says


def test_a_file_with_another_documents_number_is_not_labelled():
    around = context(holders={"Gov-11": holder("Gov-11")})
    assert list(check(labelled("V1", "V0.2", "1.0"), around)) == []


@pytest.mark.parametrize(
    ("block", "version", "past", "says"),
    [
        ("V1", "1.0", Past(published={"V1": "old"}), "says V1, which was published before"),
        ("V1", "0.3", Past(published={"V1": "old"}), "says V1, which was published before"),
        ("V0.3", "0.3", Past(published={"V1": "old"}), "says V0.3; V1 was published before"),
        ("V0.2", "0.5", Past(highest=Label(0, 3)), "says V0.2; it was V0.3 before"),
    ],
)
def test_a_label_never_goes_back_behind_what_was_seen_before(block, version, past, says):
    found = list(check(labelled(block, block, version), context(past=past)))
    assert says in found[0].says
    assert found[0].severity is Severity.STOP


@pytest.mark.parametrize(
    ("block", "version", "past"),
    [
        ("V1", "1.0", Past(published={"V1": "c1"})),
        ("V2", "2.0", Past(published={"V1": "old"}, highest=Label(1, 2))),
        ("V1.1", "1.1", Past(published={"V1": "old"}, highest=Label(0, 9))),
        ("V0.3", "0.4", Past(highest=Label(0, 3))),
    ],
)
def test_a_label_that_goes_on_from_what_was_seen_is_left_alone(block, version, past):
    assert list(check(labelled(block, block, version), context(past=past))) == []
