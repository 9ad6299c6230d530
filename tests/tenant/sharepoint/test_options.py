"""Query options of `_api`."""

from __future__ import annotations

import pytest

from local.tenant.errors import Refusal
from local.tenant.sharepoint.options import read_filter, read_options, read_token, show_token

ROW = {
    "Title": "Gov-04 strategy",
    "Id": 7,
    "Hidden": False,
    "Author": {"Title": "Helen"},
    "Due": None,
}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("Id eq 7", True),
        ("Id eq '7'", True),
        ("Id gt 7", False),
        ("Id ge 7 and Id lt 8", True),
        ("Title eq 'GOV-04 STRATEGY'", True),
        ("Title ne 'x'", True),
        ("startswith(Title,'Gov')", True),
        ("substringof('strat',Title)", True),
        ("substringof('strat',Title) eq true", True),
        ("not (Id eq 7)", False),
        ("(Id eq 1 or Id eq 7) and Hidden eq false", True),
        ("Id eq 1 or Id eq 7 and Hidden eq true", False),
        ("Author/Title eq 'Helen'", True),
        ("Due eq null", True),
        ("Due gt 3", False),
        ("Title eq 'it''s'", False),
    ],
)
def test_a_filter_is_a_question_about_shown_members(text, holds):
    assert read_filter(text)(ROW) is holds


@pytest.mark.parametrize("text", ["", "Id", "Id eq", "Id like 7", "Nope eq 1", "Id eq 7 Id"])
def test_a_filter_that_cannot_be_read_is_refused(text):
    with pytest.raises(Refusal) as refused:
        read_filter(text)(ROW)
    assert refused.value.status == 400


def test_select_and_expand_are_trees_and_a_page_is_bounded():
    options = read_options({"$select": "Id,Author/Title", "$expand": "Author", "$top": "9999"})
    assert options.wants("ID")
    assert not options.wants("Title")
    assert options.below("author").wants("title")
    assert options.top == 5000


@pytest.mark.parametrize("query", [{"$top": "-1"}, {"$skip": "x"}, {"$skiptoken": "elsewhere"}])
def test_a_bad_number_is_refused(query):
    with pytest.raises(Refusal):
        read_options(query)


def test_a_page_token_comes_back():
    assert read_token(show_token(42)) == 42
