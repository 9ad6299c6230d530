"""Whose number and content a file carries, told by block, allocation and lineage (decision 3)."""

from dataclasses import replace

import pytest

from sync.model import Alike, Past, SetColumns, Status
from sync.policies import judge
from sync.policies._truth import Identity, column_of, identity_of
from tests.policies.kit import BLOCK, context, document, holder, reading

OTHERS = holder("Gov-12", content_id="c1")
SEEN = Past(contents=frozenset({"before"}))


@pytest.mark.parametrize(
    ("number", "around", "identity"),
    [
        ("Gov-11", {}, Identity.OWN),
        ("", {}, Identity.OWN),
        ("Gov-12", {}, Identity.OTHER),
        ("Gov-11", {"copies": (OTHERS,), "past": SEEN}, Identity.OTHER),
        ("Gov-11", {"alike": Alike(OTHERS, 0.97, instead=True), "past": SEEN}, Identity.OTHER),
        ("Gov-11", {"alike": Alike(OTHERS, 0.97), "past": SEEN}, Identity.OWN),
        ("Gov-11", {"strays": True, "past": replace(SEEN, had_block=True)}, Identity.OWN),
        ("Gov-11", {"copies": (OTHERS,)}, Identity.OWN),
        ("Gov-11", {"copies": (OTHERS,), "past": Past(contents=frozenset({"c1"}))}, Identity.OWN),
        ("", {"copies": (OTHERS,)}, Identity.COPY),
        ("", {"holders": {"Gov-11": holder("Gov-11")}}, Identity.CLAIM),
    ],
    ids=[
        "its own",
        "no number yet",
        "the block names another",
        "another's content over it",
        "nearly another's text over it",
        "another's words in its own text",
        "rewritten under its own block",
        "first seen with another's content",
        "its own lineage",
        "a copy",
        "a claim",
    ],
)
def test_whose_document_a_file_is(number, around, identity):
    assert identity_of(document(), context(number=number, **around))[0] is identity


@pytest.mark.parametrize(
    ("past", "strays", "identity"),
    [
        (Past(), True, Identity.OWN),
        (SEEN, True, Identity.OWN),
        (replace(SEEN, had_block=True), False, Identity.OWN),
        (replace(SEEN, had_block=True), True, Identity.OTHER),
    ],
    ids=["first seen", "never had a block", "the same text", "another text, its block lost"],
)
def test_a_lost_block_and_another_text_make_another_document(past, strays, identity):
    subject = document(read_as=reading(block=None))
    around = context(number="Gov-11", past=past, strays=strays)
    assert identity_of(subject, around)[0] is identity
    [found] = [one for one in judge(subject, around) if one.policy == "control_block"]
    assert (found.status is Status.HELD) == (identity is Identity.OTHER)


@pytest.mark.parametrize("block", [None, replace(BLOCK, document_number="Xx-01")])
def test_a_block_without_a_known_number_names_no_other(block):
    subject = document(read_as=reading(block=block))
    assert identity_of(subject, context(number="Gov-12"))[0] is Identity.OWN


@pytest.mark.parametrize(
    "around",
    [
        {},
        {"copies": (OTHERS,), "past": SEEN},
        {"alike": Alike(OTHERS, 0.97, instead=True), "past": SEEN},
    ],
)
def test_another_documents_content_is_held_and_corrects_nothing(around):
    number = "Gov-11" if around else "Gov-12"
    subject = replace(document(fields={"Title": "Another"}), name="Wrong name.docx")
    findings = judge(subject, context(number=number, **around))
    assert Status.HELD in {finding.status for finding in findings}
    written = [one for finding in findings for one in finding.remedies]
    assert not any(isinstance(one, SetColumns) for one in written)


def test_a_column_an_upload_emptied_still_counts():
    subject = document(fields={})
    around = context(past=Past(emptied={"DocumentType": "Policy"}))
    assert column_of(subject, around, "DocumentType") == "Policy"
