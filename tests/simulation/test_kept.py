"""What is kept of a look gives the same verdict again, or says what is missing."""

import contextlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharepoint_schema.standard import load_standard
from sync.kept import NotKept, document_then, features
from sync.model import Amendment, Reading, ReadState
from sync.policies import policies
from sync.state.facts import Facts
from sync.trials import ask
from tests.policies.kit import BLOCK, IN_ORDER, NAME, area, context, document, reading

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
DECLARED = {*IN_ORDER, "Sensitivity", "DocumentStatus"}
TEXTLESS = ("file_name", "control_block", "review_date", "required_metadata", "version_label",
            "document_number", "superseded_in_place", "retention", "file_type",
            "history_table")  # fmt: skip


def kept(subject, *, closed=False):
    told = {
        "name": "" if closed else subject.name,
        "columns": {name: subject.column(name) for name in subject.fields if subject.column(name)},
        "sharepoint_version": subject.sharepoint_version,
        "content_id": subject.content_id,
        "reading": str(subject.reading.state) if subject.reading else "",
        **features(subject, closed=closed),
    }
    return Facts(document_id=subject.document_id, list_id="L", item_id="1", valid_from=NOW,
                 source="change", facts=told)  # fmt: skip


def again(subject, **more):
    return document_then(kept(subject, **more), "controlled", DECLARED, {})


BLOCKS = st.builds(
    lambda version, number, review, title: replace(
        BLOCK, version=version, document_number=number, review_date=review, name=title
    ),
    version=st.sampled_from(["V1", "V0.2", "", "draft", "V2"]),
    number=st.sampled_from(["Gov-11", "Gov-12", "", "Gov 4"]),
    review=st.sampled_from(["02/03/2027", "", "soon", "02/03/2026"]),
    title=st.sampled_from(["Document Control Strategy", "", "Another Policy"]),
)
COLUMNS = st.dictionaries(
    st.sampled_from(sorted(IN_ORDER)), st.sampled_from(["", "V1", "Gov-11", "2027-03-02", "Policy"])
)


@given(BLOCKS, COLUMNS, st.sampled_from([NAME, "x.docx", "Gov-11 Old V1.docx"]),
       st.sampled_from(["0.2", "1.0", "1.1", ""]))  # fmt: skip
def test_a_rule_finds_the_same_in_what_was_kept_as_in_the_file(block, columns, name, version):
    block = replace(block, history=(Amendment("V0.1", "12/01/2026", "first", "A. Person"),))
    subject = replace(
        document(fields={**IN_ORDER, **columns}, read_as=reading("some text", block)),
        name=name,
        sharepoint_version=version,
    )
    for policy in TEXTLESS:
        known = context(number="Gov-11")
        assert ask(policy, again(subject), known) == ask(policy, subject, known)


@pytest.mark.parametrize(
    ("policy", "what"),
    [
        ("staff_personal_data", "the text"),
        ("dead_reference", "the text"),
        ("patient_identifier", "the text"),
        ("sensitive_in_open_place", "the file's own properties"),
        ("external_sharing", "who could open the file"),
    ],
)
def test_a_rule_that_goes_by_more_than_was_kept_says_what_is_missing(policy, what):
    with pytest.raises(NotKept, match=what):
        ask(policy, again(document()), context())


def test_people_and_text_are_not_among_what_is_kept():
    table = (Amendment("V0.1", "12/01/2026", "summary", "A. Person", "Manager"),)
    subject = document(read_as=reading("secret words", replace(BLOCK, history=table)))
    told = str(features(subject, closed=False))

    assert "Person" not in told
    assert "Manager" not in told
    assert "secret" not in told


def test_of_a_file_that_is_closed_neither_name_nor_title_nor_folder_is_kept():
    subject = replace(document(), folder="Tenders/Scanner")
    told = str(features(subject, closed=True))

    assert BLOCK.name not in told
    assert "Scanner" not in told
    assert again(subject, closed=True).block.number == BLOCK.number
    with pytest.raises(NotKept, match="name"):
        ask("file_name", again(subject, closed=True), context())


def test_facts_of_an_older_release_know_no_block():
    row = kept(document())
    old = {
        name: row.facts[name]
        for name in row.facts
        if name not in features(document(), closed=False)
    }
    found = document_then(replace(row, facts=old), "controlled", DECLARED, {})
    with pytest.raises(NotKept, match="the control block"):
        ask("control_block", found, context())


def test_a_file_that_could_not_be_read_is_told_by_its_name_and_columns():
    subject = document(read_as=Reading(ReadState.ENCRYPTED, "It has a password."))
    assert ask("file_name", again(subject), context()) == []
    assert not again(subject).reading.readable


def test_what_python_itself_asks_of_a_stand_in_is_no_question_about_facts():
    assert not hasattr(again(document()), "__fspath__")


@pytest.mark.parametrize("name", sorted(policies()))
def test_every_rule_either_answers_or_says_what_is_missing(name):
    with contextlib.suppress(NotKept):
        ask(name, again(document()), context())
    assert policies()[name].parameters <= set(type(load_standard()).model_fields)
    assert area().policies
