"""Whatever the wire answers becomes one of our own errors, with status and code kept."""

import json
from datetime import UTC, datetime

import httpx
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from kiota_abstractions.api_error import APIError

from sync.errors import (
    BlockedByRecord,
    CursorGone,
    Locked,
    Missing,
    Refused,
    Rejected,
    Stale,
    Throttled,
    Unavailable,
    VergerError,
)
from sync.tenant.translate import cursor_gone, from_answer, retry_after, translated

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def graph(code, message="words", inner=None):
    error = {"code": code, "message": message}
    if inner:
        error["innerError"] = {"code": inner}
    return json.dumps({"error": error}).encode()


def rest(code, message="words"):
    told = {"code": code, "message": {"lang": "en-US", "value": message}}
    return json.dumps({"error": told}).encode()


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, graph("invalidRequest"), Rejected),
        (401, graph("InvalidAuthenticationToken"), Refused),
        (403, graph("accessDenied"), Refused),
        (404, graph("itemNotFound"), Missing),
        (404, rest("-2147024894, System.IO.FileNotFoundException"), Missing),
        (408, b"", Unavailable),
        (409, graph("nameAlreadyExists"), Rejected),
        (412, graph("resourceModified"), Stale),
        (409, rest("-2130575305, Microsoft.SharePoint.SPException"), Stale),
        (423, graph("resourceLocked"), Locked),
        (423, graph("accessDenied"), Locked),
        (423, graph("notAllowed", inner="resourceLocked"), Locked),
        (403, graph("accessDenied", inner="resourceLocked"), Locked),
        (409, graph("notAllowed", inner="resourceCheckedOut"), Locked),
        (423, rest("-2130575306, Microsoft.SharePoint.SPFileCheckOutException"), Locked),
        (423, graph("notAllowed", "The item is locked by a retention label"), BlockedByRecord),
        (403, graph("accessDenied", "This record is locked"), BlockedByRecord),
        (429, graph("TooManyRequests"), Throttled),
        (500, b"<html>", Unavailable),
        (500, rest("-2147024860, Microsoft.SharePoint.SPQueryThrottledException"), Rejected),
        (500, rest("-2130575162, Microsoft.SharePoint.SPException"), Rejected),
        (500, rest("-2130575163, Microsoft.SharePoint.SPException"), Rejected),
        (500, rest("-2130575273, Microsoft.SharePoint.SPException"), Rejected),
        (501, graph("notImplemented"), Rejected),
        (502, b"", Unavailable),
        (503, b"", Unavailable),
        (504, b"", Unavailable),
    ],
)
def test_each_answer_has_its_error(status, body, kind):
    error = from_answer("do it", status, {}, body)
    assert type(error) is kind
    assert error.status == status
    assert str(error).startswith(f"could not do it: {status}")


def test_a_503_with_a_wait_is_throttling():
    error = from_answer("do it", 503, {"Retry-After": "7"}, b"")
    assert isinstance(error, Throttled)
    assert error.retry_after == 7


@pytest.mark.parametrize(
    "body", [graph("nameAlreadyExists"), rest("-2130575342, Microsoft.SharePoint.SPException")]
)
def test_a_taken_name_is_told_by_its_code(body):
    error = from_answer("rename it", 409, {}, body)
    assert isinstance(error, Rejected)
    assert error.name_taken


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "120"}, 120.0),
        ({"retry-after": "2.128"}, 2.128),
        ({"Retry-After": "Tue, 24 Nov 2026 09:00:30 GMT"}, 30.0),
        ({"Retry-After": "Tue, 24 Nov 2026 08:00:00 GMT"}, 0.0),
        ({"Retry-After": "-3"}, 0.0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "inf"}, None),
        ({"RateLimit-Reset": "9"}, 9.0),
        ({"Retry-After": "5", "RateLimit-Reset": "9"}, 9.0),
        ({}, None),
    ],
)
def test_a_wait_is_read_in_every_form_it_was_seen_in(headers, seconds):
    assert retry_after(headers, NOW) == seconds


@given(status=st.integers(400, 599), body=st.binary(max_size=200), wait=st.text(max_size=20))
def test_no_answer_whatsoever_breaks_the_translation(status, body, wait):
    error = from_answer("do it", status, {"Retry-After": wait}, body)
    assert isinstance(error, VergerError)


@given(st.recursive(st.none() | st.text() | st.integers(), lambda x: st.lists(x) | st.dictionaries(
    st.sampled_from(["error", "code", "message", "value", "innerError"]), x)))  # fmt: skip
def test_no_json_whatsoever_breaks_the_translation(data):
    error = from_answer("do it", 400, {}, json.dumps(data).encode())
    assert isinstance(error, VergerError)


@pytest.mark.parametrize("status", [400, 404, 410])
def test_a_dead_cursor_is_told_with_the_way_to_begin_anew(status):
    link = "https://graph.microsoft.com/v1.0/sites/s/lists/l/items/delta?token=x"
    body = graph("resyncChangesApplyDifferences")
    dead = cursor_gone(from_answer("follow", status, {}, body), {"Location": link})
    assert isinstance(dead, CursorGone)
    assert (dead.kind, dead.location) == ("resyncChangesApplyDifferences", link)


def test_another_error_of_a_delta_stays_what_it_is():
    error = from_answer("follow", 503, {}, b"")
    assert cursor_gone(error, {}) is error


def _response(status, body=b""):
    answer = requests.Response()
    answer.status_code = status
    answer._content = body  # noqa: SLF001 - requests has no other way to make one
    return answer


@pytest.mark.parametrize(
    ("raised", "kind", "maybe_done"),
    [
        (httpx.ConnectError("no way"), Unavailable, False),
        (httpx.ReadTimeout("late"), Unavailable, True),
        (httpx.ReadError("cut"), Unavailable, True),
        (requests.ConnectTimeout("no way"), Unavailable, False),
        (requests.ReadTimeout("late"), Unavailable, True),
        (requests.ConnectionError("cut"), Unavailable, True),
        (requests.HTTPError(response=_response(404)), Missing, None),
        (APIError("gone", 404, {}), Missing, None),
        (APIError("busy", 429, {"retry-after": "3"}), Throttled, False),
    ],
)
def test_what_is_raised_instead_of_an_answer_is_translated_with_its_cause(raised, kind, maybe_done):
    with pytest.raises(kind) as caught, translated("do it"):
        raise raised
    assert caught.value.__cause__ is raised
    assert getattr(caught.value, "maybe_done", None) is maybe_done
