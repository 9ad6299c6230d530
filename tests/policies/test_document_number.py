"""A controlled document has a number of its own, and the registry gives it out."""

from dataclasses import replace

import pytest

from sync.model import Rename, SetColumns, Severity, Status, Unclaimed
from sync.policies import control_block, file_name
from sync.policies.document_number import check
from tests.policies.kit import BLOCK, IN_ORDER, context, document, holder, reading

UNNUMBERED = {**IN_ORDER, "DocumentNumber": ""}
SILENT = reading(block=replace(BLOCK, document_number=""))
PLAIN = "Document Control Strategy.docx"


def found(subject, around):
    return list(check(subject, around))


@pytest.mark.parametrize("around", [context(number="Gov-11"), context(), context("working")])
def test_a_document_that_shows_its_number_is_left_alone(around):
    assert found(document(), around) == []


def test_a_number_just_given_goes_beside_the_file_and_to_its_author():
    subject = document(PLAIN, fields=UNNUMBERED, read_as=SILENT)
    (told,) = found(subject, context(number="Gov-12"))
    assert SetColumns({"DocumentNumber": "Gov-12"}) in told.remedies
    assert "Write Gov-12 into the control block" in told.how
    assert told.status is Status.NEEDS_YOU


def test_it_is_told_in_the_same_words_until_the_block_shows_it():
    before = document(PLAIN, fields=UNNUMBERED, read_as=SILENT)
    after = document(fields={**IN_ORDER, "DocumentNumber": "Gov-12"}, read_as=SILENT)
    (first,), (again,) = (found(one, context(number="Gov-12")) for one in (before, after))
    assert (first.says, first.how) == (again.says, again.how)
    assert not any(isinstance(one, SetColumns) for one in again.remedies)


@pytest.mark.parametrize("written", ["tbc", "Gov-??", "to be allocated", "n/a", "-"])
def test_words_in_the_numbers_place_are_quoted_with_the_number_to_write_there(written):
    read_as = reading(block=replace(BLOCK, document_number=written))
    subject = document(PLAIN, fields=UNNUMBERED, read_as=read_as)
    around = context(number="Gov-12")
    (told,) = found(subject, around)
    assert told.says == (
        "This document is Gov-12 in the registry;"
        f" its control block says “{written}” where the number goes."
    )
    assert told.how == (
        "Write Gov-12 into the control block in its place and upload the document again."
    )
    others = " ".join(one.says for one in control_block.check(subject, around))
    assert "Document Number" not in others, "it is told once"
    waiting = " ".join(one.says for one in control_block.check(subject, context()))
    assert f"Document Number is not understood ({written})" in waiting, "where none is given"


def test_a_file_without_a_block_only_has_its_column_filled_in():
    subject = document(PLAIN, fields=UNNUMBERED, read_as=reading(block=None))
    (told,) = found(subject, context(number="Gov-12"))
    assert (told.severity, told.remedies) == (
        Severity.NOTE,
        (SetColumns({"DocumentNumber": "Gov-12"}),),
    )


def test_where_no_number_is_given_out_a_document_without_one_is_told():
    subject = document(PLAIN, fields=UNNUMBERED, read_as=SILENT)
    (told,) = found(subject, context())
    assert told.says == "The document has no number."


@pytest.mark.parametrize("written", ["Gov 4", "Gov-4", "Gov/04", "No. 12"])
def test_a_number_that_cannot_be_read_is_to_be_corrected_and_none_is_promised(written):
    read_as = reading(block=replace(BLOCK, document_number=written))
    subject = document(PLAIN, fields=UNNUMBERED, read_as=read_as)
    assert found(subject, context()) == []
    (told,) = (one for one in control_block.check(subject, context()) if one.remedies)
    assert told.says == f"In the control block Document Number is not understood ({written})."
    assert told.how == "Correct the control block and upload the document again."


@pytest.mark.parametrize(
    ("claim", "words", "way"),
    [
        (Unclaimed("Gov-940", "far", "Gov-12"), "the highest so far is Gov-12", "ask a registrar"),
        (Unclaimed("Gov-940", "far"), "there is none so far", "ask a registrar"),
        (Unclaimed("Gov-13", "lapsed"), "has lapsed", "ask a registrar"),
        (Unclaimed("Gov-13", "void"), "never given out again", "Correct the number"),
    ],
)
def test_a_number_it_may_not_have_holds_the_document(claim, words, way):
    (told,) = found(document(), context(unclaimed=claim))
    assert (told.status, told.severity) == (Status.HELD, Severity.STOP)
    assert words in told.says
    assert way in told.how


def test_a_void_number_is_not_offered_to_a_registrar():
    (told,) = found(document(), context(unclaimed=Unclaimed("Gov-13", "void")))
    assert "registrar" not in told.how


def test_a_file_with_a_number_it_may_not_have_is_not_renamed():
    subject, around = document("mine.docx"), context(unclaimed=Unclaimed("Gov-11", "far"))
    (told,) = file_name.check(subject, around)
    assert "Nothing was renamed" in told.says
    assert not any(isinstance(one, Rename) for one in told.remedies)


def test_a_copy_is_another_rules_matter():
    around = context(copies=(holder("Gov-11", content_id="c1"),))
    assert found(document(), around) == []
