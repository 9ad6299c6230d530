"""Every controlled document has its columns filled in."""

from dataclasses import replace

import pytest

from sharepoint_schema.standard import load_standard
from sync.model import Past, SetColumns, Status
from sync.policies.required_metadata import check
from tests.policies.kit import BLOCK, IN_ORDER, context, document, reading


def bare(version="1.0", block=None, fields=None):
    return document(fields=fields or {}, read_as=reading(block=block), version=version)


def test_a_document_whose_columns_are_filled_in_is_left_alone():
    assert list(check(document(), context())) == []


def test_what_name_and_title_show_is_filled_in_where_no_block_says_it():
    draft = replace(bare("0.1"), name="Gov-11 Document Control Strategy V0.1.docx")
    (filled,) = check(draft, context())
    assert filled.remedies == (
        SetColumns({"DocumentNumber": "Gov-11", "DocumentType": "Strategy"}),
    )
    assert not filled.counts


def test_a_published_document_is_asked_for_what_nothing_shows():
    _, asked = check(bare("1.0"), context())
    assert asked.says == "Not filled in: Date adopted, Approved by, Target audience."
    assert asked.status is Status.NEEDS_YOU


@pytest.mark.parametrize("column", ["DateAdopted", "ApprovedBy", "TargetAudience"])
def test_what_the_block_says_is_not_asked_for(column):
    fields = {name: value for name, value in IN_ORDER.items() if name != column}
    assert list(check(bare(block=BLOCK, fields=fields), context())) == []


def test_an_audience_that_neither_says_is_asked_for():
    fields = IN_ORDER | {"TargetAudience": ""}
    subject = bare(block=replace(BLOCK, target_audience=""), fields=fields)
    (asked,) = check(subject, context())
    assert "Target audience" in asked.says


def test_a_column_that_an_upload_emptied_is_not_asked_for():
    fields = IN_ORDER | {"TargetAudience": ""}
    subject = bare(block=replace(BLOCK, target_audience=""), fields=fields)
    assert list(check(subject, context(past=Past(emptied={"TargetAudience": "all"})))) == []


def test_a_type_may_require_columns_of_its_own():
    standard = load_standard()
    kinds = tuple(
        one.model_copy(update={"requires": ("Sensitivity",)}) if one.code == "strategy" else one
        for one in standard.types
    )
    around = replace(context(), standard=standard.model_copy(update={"types": kinds}))
    (asked,) = check(document(), around)
    assert asked.says == "Not filled in: Sensitivity."


def test_a_title_that_shows_no_type_is_asked_for_it():
    subject = document(
        "Gov-11 Notes V0.1.docx", fields={}, read_as=reading(block=None), version="0.1"
    )
    *_, asked = check(subject, context())
    assert asked.says == "Not filled in: Document type."
