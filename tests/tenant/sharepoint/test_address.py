"""Addresses under `_api` are read as OData v3 spells them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.tenant.errors import Refusal
from local.tenant.sharepoint.address import parse_literal, parse_path


def steps(path: str, query: dict[str, str] | None = None) -> list[tuple[str, tuple, dict]]:
    return [(s.name, s.values, dict(s.named)) for s in parse_path(path, query or {})]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/_api/Web", [("web", (), {})]),
        ("/_API/web/", [("web", (), {})]),
        (
            "/_api/Web/lists/GetByTitle('Registry')/items(7)/File/versions",
            [
                ("web", (), {}),
                ("lists", (), {}),
                ("getbytitle", ("Registry",), {}),
                ("items", (7,), {}),
                ("file", (), {}),
                ("versions", (), {}),
            ],
        ),
        (
            "/_api/web/lists(guid'dfddade1-4729-428d-881e-7fedf3cae50d')",
            [("web", (), {}), ("lists", ("dfddade1-4729-428d-881e-7fedf3cae50d",), {})],
        ),
        (
            "/_api/Web/GetFileByServerRelativePath(DecodedUrl='/sites/a/O''Brien (final).docx')",
            [
                ("web", (), {}),
                (
                    "getfilebyserverrelativepath",
                    (),
                    {"decodedurl": "/sites/a/O'Brien (final).docx"},
                ),
            ],
        ),
        (
            "/_api/x/checkin(comment='v1, ratified',checkInType=1)",
            [("x", (), {}), ("checkin", (), {"comment": "v1, ratified", "checkintype": 1})],
        ),
        ("/_api/x/y(true,null,-3,2.5)", [("x", (), {}), ("y", (True, None, -3, 2.5), {})]),
        ("/_api/x/y()", [("x", (), {}), ("y", (), {})]),
    ],
)
def test_an_address_becomes_its_segments(path, expected):
    assert steps(path) == expected


def test_an_alias_is_looked_up_in_the_query():
    path = "/_api/SP.MoveCopyUtil.MoveFile(overwrite=@a1)"
    assert steps(path, {"@a1": "true"}) == [("sp.movecopyutil.movefile", (), {"overwrite": True})]


@pytest.mark.parametrize("path", ["/web", "/_api/x('open", "/_api/lists(7", "/_api/y(@nobody)"])
def test_a_malformed_address_is_refused_with_400(path):
    with pytest.raises(Refusal) as refused:
        parse_path(path, {})
    assert refused.value.status == 400


@given(st.text())
def test_a_quoted_string_comes_back_as_it_was(text):
    assert parse_literal("'" + text.replace("'", "''") + "'", {}) == text
