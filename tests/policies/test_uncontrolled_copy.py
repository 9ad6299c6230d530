"""There is one controlled copy of each document."""

import pytest

from sharepoint_schema.labels import Label
from sync.model import Alike, Past, Status
from sync.policies.uncontrolled_copy import check
from tests.policies.kit import BLOCK, context, document, holder, reading

SAME, OTHER = holder("Gov-11", content_id="c1"), holder("Gov-11", name="Gov-11 Strategy V1.docx")
ME = holder("Gov-11", document_id="me", content_id="c1")


@pytest.mark.parametrize("kind", ["controlled", "working", "restricted"])
def test_the_same_content_is_an_uncontrolled_copy_wherever_it_lies(kind):
    for around in (context(kind, copies=(SAME,)), context(kind, holders={"Gov-11": SAME})):
        (finding,) = check(document(), around)
        assert finding.says == "This is an uncontrolled copy of Gov-11."
        assert finding.status is Status.NEEDS_YOU


@pytest.mark.parametrize("kind", ["controlled", "working"])
def test_the_same_number_with_other_content_claims_it_and_is_held(kind):
    (finding,) = check(document(), context(kind, holders={"Gov-11": OTHER}))
    assert "claims Gov-11" in finding.says
    assert finding.status is Status.HELD


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"fate": "superseded"}, "bears Gov-11, and the document of that number is superseded."),
        ({"fate": "no longer there"}, "the document of that number is no longer there."),
        ({"label": Label(2)}, "This file bears Gov-11 V1; the document now is V2."),
        ({"label": Label(1)}, "This file claims Gov-11"),
    ],
)
def test_a_file_with_a_dead_or_older_number_is_held_and_told_so(more, says):
    (finding,) = check(document(), context(holders={"Gov-11": holder("Gov-11", **more)}))
    assert says in finding.says
    assert finding.status is Status.HELD


@pytest.mark.parametrize(
    "around",
    [
        context(),
        context(holders={"Gov-11": ME}, copies=(ME,)),
        context(holders={"Gov-11": ME}, copies=(ME, SAME)),
        context(holders={"Gov-12": OTHER}),
        context(number="Gov-11", holders={"Gov-11": ME}),
    ],
)
def test_the_document_itself_is_left_alone(around):
    assert list(check(document(), around)) == []


def test_working_papers_that_only_mention_a_number_in_their_name_claim_nothing():
    papers = document("Comments on Gov-11.docx", fields={}, read_as=reading(block=None))
    assert list(check(papers, context("working", holders={"Gov-11": OTHER}))) == []
    assert len(list(check(papers, context("controlled", holders={"Gov-11": OTHER})))) == 1


def test_a_file_without_number_or_known_content_is_nobodys_copy():
    assert BLOCK.number is not None
    bare = document("Notes.docx", fields={}, read_as=reading(block=None))
    assert list(check(bare, context("working", holders={"Gov-11": SAME}))) == []


@pytest.mark.parametrize(
    ("share", "says"),
    [
        (1.0, "This is an uncontrolled copy of Gov-04."),
        (0.92, "About 92% of this text is that of Gov-04."),
        (0.8, "About 80% of this text is that of Gov-04."),
        (0.79, None),
    ],
)
def test_a_text_taken_from_a_registered_document_is_told(share, says):
    bare = document("Notes.docx", fields={}, read_as=reading(block=None))
    around = context("working", alike=Alike(holder("Gov-04"), share))
    assert next((one.says for one in check(bare, around)), None) == says


def test_a_new_version_that_is_mostly_another_documents_text_is_held_and_explained():
    found = Alike(holder("Gov-04"), 0.97, instead=True)
    around = context(number="Gov-11", alike=found, past=Past(contents=frozenset({"before"})))
    (finding,) = check(document(), around)
    assert "its new version is about 97% the text of Gov-04" in finding.says
    assert finding.status is Status.HELD


def test_a_document_with_a_number_of_its_own_may_take_over_words():
    around = context(number="Gov-11", alike=Alike(holder("Gov-04"), 0.95))
    assert list(check(document(), around)) == []
