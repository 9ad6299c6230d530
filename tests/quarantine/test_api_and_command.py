"""The quarantine over the API and at the command line, by those who may and those who may not."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import azure.functions as func
import pytest
from rich.console import Console
from typer.testing import CliRunner

import cli.quarantine
from cli.main import app
from functions import answers, released, startup
from sync.callers import Caller, Role
from tests.quarantine.kit import Ward

if TYPE_CHECKING:
    from sync.hints import Nudge
    from tests import flow_kit

IRIS = Caller("iris", "Iris Grant", frozenset({Role.IG_OFFICER}))
ADA = Caller("ada", "Ada Lind", frozenset({Role.ADMIN}))


@dataclass
class Front:
    """The API of a desk's service, without a host: who calls, what they ask, what comes back."""

    desk: flow_kit.Desk
    sent: list[Nudge] = field(default_factory=list)
    caller: Caller = IRIS

    async def service(self) -> Any:
        return self.desk.service

    async def admit(self, authorization: str | None) -> Caller:
        assert authorization is None
        return self.caller

    async def send(self, nudges: list[Nudge]) -> None:
        self.sent += nudges

    async def ask(
        self, method: str, document_id: str = "", body: Any = None, who: Caller = IRIS
    ) -> tuple[int, Any]:
        self.caller = who
        req = func.HttpRequest(
            method=method,
            url="/api/quarantine",
            route_params={"document_id": document_id} if document_id else {},
            body=b"" if body is None else json.dumps(body).encode(),
        )
        work = released.listed if method == "GET" else released.ordered
        answer = await answers.answered(req, f"{method} quarantine", work)
        return answer.status_code, json.loads(answer.get_body())


@pytest.fixture
def front(desk, monkeypatch):
    here = Front(desk)
    monkeypatch.setattr(startup, "service", here.service)
    monkeypatch.setattr(startup, "nudges", lambda: here)
    monkeypatch.setattr(answers, "_door", lambda _service: here)
    return here


async def test_an_officer_sees_and_releases(front):
    ward = Ward(front.desk)
    row = await ward.take("seen.docx")
    status, told = await front.ask("GET")
    one = next(one for one in told["value"] if one["id"] == row.document_id)
    assert (status, one["cameFrom"], one["ordered"]) == (200, "Working documents", "")
    assert one["says"] == "The file's content holds an NHS number (in its text, line 1)."
    assert one["link"].endswith(f"/Quarantine/Forms/DispForm.aspx?ID={row.item_id}")
    assert "seen.docx" not in json.dumps(told)

    body = {"as": "False-positive", "reason": "no patient"}
    status, told = await front.ask("POST", row.document_id, body)
    assert (status, told["state"]) == (202, "ordered")
    assert [one.list_id for one in front.sent] == [row.list_id]


@pytest.mark.parametrize(
    ("who", "body", "status"),
    [
        (ADA, {"as": "redacted", "reason": "why"}, 403),
        (IRIS, {"as": "redacted", "reason": "taken out"}, 409),
        (IRIS, {"as": "elsewhere", "reason": "why"}, 422),
        (IRIS, {"as": "redacted"}, 422),
        (IRIS, {"as": "redacted", "reason": 7}, 422),
        (IRIS, {"as": "redacted", "reason": "why", "then": "what"}, 422),
    ],
)
async def test_what_may_not_be_is_refused_with_its_reason(front, who, body, status):
    row = await Ward(front.desk).take(f"kept {status} {len(body)} {who.name}{body['as']}.docx")
    got, told = await front.ask("POST", row.document_id, body, who)
    assert got == status
    assert not re.search(r"943\D?476", json.dumps(told))
    assert not front.sent


async def test_only_officers_see_what_lies_there(front):
    assert (await front.ask("GET", who=ADA))[0] == 403


async def test_a_document_that_is_not_there_is_not_found(front):
    body = {"as": "redacted", "reason": "why"}
    assert (await front.ask("POST", "no-such-id", body))[0] == 404


def run(*words: str) -> Any:
    return CliRunner().invoke(app, ["quarantine", *words], catch_exceptions=True)


@pytest.fixture
def line(monkeypatch):
    """Let the command talk to a list of canned answers, as the API would give them."""
    held = [{
        "id": "3f2a91c0-1111-4222-8333-444455556666",
        "site": "https://wmin.sharepoint.com/sites/core",
        "cameFrom": "Working documents",
        "since": "2026-11-24T10:00:00+00:00",
        "says": "The file's name holds an NHS number (in its name).",
        "link": "https://wmin.sharepoint.com/sites/core/Quarantine/Forms/DispForm.aspx?ID=7",
        "ordered": "",
        "answer": "",
    }]  # fmt: skip
    told = {"held": held, "asked": [], "then": held.clear}

    class Canned:
        @classmethod
        def open(cls, _file):
            return cls()

        def call(self, method, *path, body=None):
            if method == "GET":
                return {"value": list(told["held"])}
            told["asked"].append((path, body))
            told["then"]()
            return {}

    monkeypatch.setattr(cli.quarantine, "Api", Canned)
    monkeypatch.setattr(cli.quarantine, "console", Console(width=250))
    return told


def test_the_command_lists_what_lies_there(line):
    shown = run("list").output
    assert "3f2a91c0" in shown
    assert "Working documents" in shown
    assert json.loads(run("list", "--json").output) == line["held"]


def test_the_command_releases_by_the_beginning_of_an_id(line):
    ended = run("release", "3f2a91", "--as", "false-positive", "--reason", "no patient")
    assert ended.exit_code == 0, ended.output
    assert "It is back in Working documents" in ended.output
    ((path, body),) = line["asked"]
    assert path[1:] == ("3f2a91c0-1111-4222-8333-444455556666", "release")
    assert body == {"as": "false-positive", "reason": "no patient"}


def test_the_command_tells_why_a_file_stays(line):
    line["then"] = lambda: line["held"][0].update(answer="Not released: its name is taken.")
    ended = run("release", "3f2a91", "--as", "redacted", "--reason", "done")
    assert ended.exit_code == 1
    assert "Not released: its name is taken." in ended.output


@pytest.mark.parametrize("wanted", ["3f2a", "999999"])
def test_the_command_asks_for_an_id_that_means_one_file(line, wanted):
    ended = run("release", wanted, "--as", "redacted", "--reason", "done")
    assert ended.exit_code != 0
    assert "is not the id of one file in quarantine" in str(ended.exception)
    assert not line["asked"]
