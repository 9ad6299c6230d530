"""HTTP triggers as the real host serves them (functions-notes, one test per line)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from local.host.bindings import Function, HttpTrigger
from local.host.errors import HostError
from local.host.http_front import Routes

if TYPE_CHECKING:
    from tests.host.hosting import RunningHost


def key(host: RunningHost, name: str = "echo") -> dict[str, str]:
    return {"x-functions-key": host.keys["functions"][name]}


def test_route_parameters_body_and_method_reach_the_function(kitchen: RunningHost) -> None:
    answer = kitchen.http.post("/api/Echo/controlled/7", content="ü", headers=key(kitchen))
    seen = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (201, "application/json")
    assert (seen["method"], seen["body"]) == ("POST", "ü")
    assert seen["route"] == {"area": "controlled", "number": "7"}


def test_an_optional_route_parameter_may_be_absent(kitchen: RunningHost) -> None:
    answer = kitchen.http.get("/api/echo/controlled", headers=key(kitchen))
    assert answer.json()["route"] == {"area": "controlled"}


def test_header_names_are_lower_cased(kitchen: RunningHost) -> None:
    answer = kitchen.http.get("/api/echo/a", headers={**key(kitchen), "X-Graph-ID": "AbC"})
    assert answer.json()["headers"]["x-graph-id"] == "AbC"


def test_repeated_query_keys_are_joined_and_empty_values_dropped(kitchen: RunningHost) -> None:
    answer = kitchen.http.get("/api/echo/a?n=1&empty=&n=2&bare", headers=key(kitchen))
    assert answer.json()["params"] == {"n": "1,2"}


def test_a_wrong_method_is_not_found(kitchen: RunningHost) -> None:
    assert kitchen.http.delete("/api/echo/a", headers=key(kitchen)).status_code == 404
    assert kitchen.http.get("/api/nowhere").status_code == 404
    assert kitchen.http.get("/echo/a", headers=key(kitchen)).status_code == 404


@pytest.mark.parametrize(
    ("path", "name", "expected"),
    [
        ("/api/echo/a", "", 401),
        ("/api/echo/a", "wrong", 401),
        ("/api/echo/a", "function echo", 201),
        ("/api/echo/a", "function open_to_all", 401),
        ("/api/echo/a", "default", 201),
        ("/api/echo/a", "master", 201),
        ("/api/echo/master/only", "default", 401),
        ("/api/echo/master/only", "master", 200),
        ("/api/open", "", 200),
        ("/admin/host/status", "default", 401),
        ("/admin/host/status", "master", 200),
    ],
)
def test_a_key_opens_what_it_is_for(
    kitchen: RunningHost, path: str, name: str, expected: int
) -> None:
    given = kitchen.keys.get(name) or kitchen.keys["functions"].get(name.removeprefix("function "))
    headers = {"x-functions-key": given or name} if name else {}
    assert kitchen.http.get(path, headers=headers).status_code == expected


def test_the_header_wins_over_the_query(kitchen: RunningHost) -> None:
    code = kitchen.keys["default"]
    assert kitchen.http.get(f"/api/echo/a?code={code}").status_code == 201
    answer = kitchen.http.get(f"/api/echo/a?code={code}", headers={"x-functions-key": "wrong"})
    assert answer.status_code == 401


def test_a_text_is_an_answer_and_nothing_is_none(kitchen: RunningHost) -> None:
    answer = kitchen.http.get("/api/open")
    assert (answer.text, answer.headers["content-type"]) == (
        "open to GET",
        "text/plain; charset=utf-8",
    )
    assert kitchen.http.get("/api/nothing").status_code == 500


def test_a_failure_is_a_500_that_shows_nothing_of_the_inside(kitchen: RunningHost) -> None:
    answer = kitchen.http.get("/api/fails")
    assert (answer.status_code, answer.content) == (500, b"")
    assert "RuntimeError: the inside" in kitchen.log()


def test_cookies_arrive_one_by_one_without_empty_attributes(kitchen: RunningHost) -> None:
    assert kitchen.http.get("/api/cookies").headers.get_list("set-cookie") == [
        "a=1; Max-Age=0; Secure; SameSite=Lax",
        "b=2; Path=/x; HttpOnly",
    ]


def test_the_callers_trace_goes_on_and_a_missing_one_is_begun(kitchen: RunningHost) -> None:
    mine = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    headers = {**key(kitchen), "traceparent": mine}
    assert kitchen.http.get("/api/echo/a", headers=headers).json()["trace"] == mine
    begun = kitchen.http.get("/api/echo/a", headers=key(kitchen)).json()["trace"]
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", begun)


@pytest.mark.parametrize(
    ("body", "messages"),
    [
        ("plain words", ["plain words"]),
        ('["a", "b", {"c": 1}]', ["a", "b", '{"c": 1}']),
        ('{"a": 1}', ['{"a": 1}']),
        ("[draft] words", ["[draft] words"]),
        ("[]", []),
    ],
)
def test_a_text_output_is_split_when_it_is_a_json_array(
    kitchen: RunningHost, body: str, messages: list[str]
) -> None:
    assert kitchen.http.post("/api/put", content=body).status_code == 202
    with kitchen.queue("written") as queue:
        assert [message.content for message in queue.receive_messages()] == messages
        queue.clear_messages()


@pytest.mark.parametrize("body", ['{"a": ', "[1, }]"])
def test_an_output_that_begins_like_json_and_is_not_fails(kitchen: RunningHost, body: str) -> None:
    assert kitchen.http.post("/api/put", content=body).status_code == 500
    assert kitchen.depth("written") == 0


def routed(route: str, *methods: str) -> Function:
    return Function(route, route, HttpTrigger("req", route, methods or ("GET",), "FUNCTION"), ())


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/documents/new", "documents/new"),
        ("/api/documents/12", "documents/{number:int}"),
        ("/api/documents/Gov-04", "documents/{name}"),
        ("/api/documents/", "{*rest}"),
        ("/api/anything/at/all", "{*rest}"),
    ],
)
def test_the_more_literal_route_wins(path: str, expected: str) -> None:
    templates = ("{*rest}", "documents/{name}", "documents/{number:int}", "documents/new")
    found = Routes("api", [routed(template) for template in templates]).find("GET", path)
    assert found is not None
    assert found[0].function.name == expected


@pytest.mark.parametrize("template", ["a{b}", "{a:regex(x)}", "{a:decimal}"])
def test_a_route_we_do_not_serve_is_refused_at_the_start(template: str) -> None:
    with pytest.raises(HostError, match="does not"):
        Routes("api", [routed(template)])
