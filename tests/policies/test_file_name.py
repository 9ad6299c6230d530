"""The file name shows which document it is and which version."""

from dataclasses import replace

import pytest

from sync.model import Rename, Status
from sync.policies.file_name import agreed_name, check
from tests.policies.kit import BLOCK, IN_ORDER, NAME, context, document, holder, reading


@pytest.mark.parametrize(
    "wrong",
    [
        "Gov-11_Document Control Strategy V1.docx",
        "gov-11 document control strategy v1.docx",
        "Document Control Strategy (final) v1.docx",
        "Gov-12 Document Control Strategy V1.docx",
        "Gov-11 Document Control Strategy V0.9.docx",
        "Gov-11 Document  Control Strategy V1.docx",
        "scan0001.docx",
    ],
)
def test_a_wrong_name_becomes_the_one_the_block_tells(wrong):
    (finding,) = check(document(wrong), context())
    assert finding.remedies[0] == Rename(NAME)
    assert finding.status is Status.CORRECTED


def test_the_agreed_name_is_left_alone():
    assert list(check(document(), context())) == []


def test_the_extension_stays_as_it_was_typed():
    assert agreed_name(document("x.DOCX"), context()) == NAME.replace("docx", "DOCX")


def test_a_taken_name_is_told_and_nothing_is_renamed():
    (finding,) = check(document("x.docx"), context(taken=frozenset({NAME.lower()})))
    assert "another file here already has that name" in finding.says
    assert finding.status is Status.NEEDS_YOU
    assert not any(isinstance(remedy, Rename) for remedy in finding.remedies)


def test_another_documents_number_is_told_and_nothing_is_renamed():
    (finding,) = check(document("x.docx"), context(holders={"Gov-11": holder("Gov-11")}))
    assert "that number belongs to another document" in finding.says
    assert not any(isinstance(remedy, Rename) for remedy in finding.remedies)


def test_a_copy_keeps_its_name():
    same = holder("Gov-11", content_id="c1")
    assert list(check(document("x.docx"), context(holders={"Gov-11": same}))) == []


@pytest.mark.parametrize("folder", ["a" * 320, "a" * 200 + "/" + "b" * 119])
def test_a_rename_beyond_sharepoints_path_limit_needs_a_person(folder):
    (finding,) = check(document("x.docx", folder=folder), context())
    assert "longer than SharePoint allows" in finding.says
    assert finding.status is Status.NEEDS_YOU


@pytest.mark.parametrize(
    ("name", "block", "lacking"),
    [
        ("report.docx", None, "number and version"),
        ("Gov-13 report.docx", None, "version"),
        ("report V2.docx", replace(BLOCK, document_number=""), "number"),
    ],
)
def test_a_name_that_cannot_be_computed_is_asked_for(name, block, lacking):
    bare = document(name, fields={}, read_as=reading(block=block), version="")
    (finding,) = check(bare, context())
    assert f"it does not show its {lacking}" in finding.says
    assert finding.status is Status.NEEDS_YOU


def test_an_agreed_name_stands_when_nothing_else_is_known():
    bare = document(fields={}, read_as=reading(block=None), version="0.1")
    assert list(check(bare, context())) == []


def test_a_title_loses_what_sharepoint_refuses_in_a_name():
    block = replace(BLOCK, name='Roles: who? "what" and/or how')
    named = agreed_name(document(read_as=reading(block=block)), context())
    assert named == "Gov-11 Roles who what and or how V1.docx"


def test_the_allocated_number_beats_the_block():
    assert agreed_name(document(fields=IN_ORDER), context(number="Gov-15")).startswith("Gov-15 ")
