"""A document refers only to documents that are in force."""

from dataclasses import replace

import pytest

from sharepoint_schema.standard import load_standard
from sync.policies.dead_reference import MOST, check, cited
from tests.policies.kit import context, document, reading


def citing(text):
    return document(read_as=reading(text))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("as [ToR-02] says", ["ToR-02"]),
        ("see Gov-09, Op-03 and Gov-09", ["Gov-09", "Op-03"]),
        ("Gov\u201104 with a non-breaking hyphen", ["Gov-04"]),
        ("non-Gov-04x, Xx-01, Gov-4, Gov-00, Gov-2026", []),
    ],
)
def test_the_numbers_a_text_cites(text, found):
    assert [str(one) for one in cited(citing(text), load_standard())] == found


def test_at_most_so_many_numbers_are_looked_up():
    text = " ".join(f"Gov-{nn:02}" for nn in range(1, 400))
    assert len(cited(citing(text), load_standard())) == MOST


def test_a_reference_to_what_is_in_force_is_left_alone():
    assert list(check(citing("see [ToR-02]"), context(cited={"ToR-02": ""}))) == []


def test_dead_references_are_named_with_what_became_of_them():
    around = context(cited={"ToR-02": "never issued", "Gov-09": "superseded", "Op-01": ""})
    (finding,) = check(citing("[ToR-02], Gov-09 and Op-01"), around)
    assert finding.says == (
        "The text refers to what is not in force: Gov-09 (superseded), ToR-02 (never issued)."
    )


def test_a_document_may_name_itself():
    assert list(check(citing("This is Gov-11."), context(cited={"Gov-11": "superseded"}))) == []


def test_the_standard_says_how_a_reference_looks():
    standard = load_standard()
    only = standard.references.model_copy(update={"patterns": ("[{number}]",)})
    around = replace(
        context(cited={"ToR-02": "void", "Gov-09": "void"}),
        standard=standard.model_copy(update={"references": only}),
    )
    (finding,) = check(citing("[ToR-02] and Gov-09"), around)
    assert "Gov-09" not in finding.says
