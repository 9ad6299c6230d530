"""$filter, $search and $orderby over the directory's rows, as Microsoft documents them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.tenant.errors import Refusal
from local.tenant.graph.odata_rows import Filter, ordered, search

ROW = {
    "displayName": "Helen Ward",
    "mail": "helen.ward@dgft.nhs.example",
    "accountEnabled": True,
    "jobTitle": None,
    "age": 41,
    "groupTypes": ["Unified"],
    "assignedLicenses": [{"skuId": "cbdc14ab", "disabledPlans": []}],
    "siteCollection": {"root": {}},
}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("displayName eq 'helen ward'", True),
        ("displayName ne 'Helen Ward'", False),
        ("startswith(displayName, 'He')", True),
        ("endsWith(mail,'nhs.example')", True),
        ("contains(mail,'nobody')", False),
        ("accountEnabled eq true and age ge 41", True),
        ("age gt 41 or age lt 41", False),
        ("jobTitle eq null", True),
        ("NOT(groupTypes/any(s:s eq 'Unified'))", False),
        ("groupTypes/any(s: startswith(s, 'Uni'))", True),
        ("groupTypes/all(s:s eq 'Unified')", True),
        ("groupTypes/any()", True),
        ("assignedLicenses/any(u:u/skuId eq cbdc14ab)", True),
        ("siteCollection/root ne null", True),
        ("displayName in ('x', 'Helen Ward')", True),
        ("(age eq 1 or age eq 41) and not startswith(mail,'x')", True),
        ("displayName eq 'O''Brien'", False),
    ],
)
def test_a_filter_says_whether_a_row_passes(expression, expected):
    assert Filter(expression).matches(ROW) is expected


@pytest.mark.parametrize(
    "expression",
    [
        "displayName",
        "eq 'x'",
        "displayName eq",
        "displayName like 'x'",
        "(a eq 1",
        "a eq 1) ",
        "'x'",
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(expression):
    with pytest.raises(Refusal) as caught:
        Filter(expression)
    assert (caught.value.status, caught.value.code) == (400, "Request_UnsupportedQuery")


def test_a_filter_tells_what_it_looks_at():
    read = Filter("groupTypes/any(s:s eq 'Unified') and siteCollection/root ne null")
    assert read.names == {"groupTypes", "siteCollection"}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('"displayName:war"', True),
        ('"displayName:ard"', False),
        ('"displayName:x" OR "mail:helen"', True),
        ('"displayName:x" AND "mail:helen"', False),
    ],
)
def test_search_finds_words_by_their_beginning(expression, expected):
    assert search(expression)(ROW) is expected


def test_search_without_a_property_is_refused():
    with pytest.raises(Refusal):
        search("ward")


@given(st.lists(st.fixed_dictionaries({"a": st.text("ab"), "b": st.text("ab")})))
def test_ordering_by_two_keys_is_ordering_by_the_pair(rows):
    assert ordered(rows, "a,b") == sorted(rows, key=lambda row: (row["a"], row["b"]))
    assert [row["a"] for row in ordered(rows, "a desc")] == sorted(
        (r["a"] for r in rows), reverse=True
    )
