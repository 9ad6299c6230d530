"""Undo and waivers by the API and by the command: who may, what is answered, who is nudged."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import azure.functions as func
import pytest
from rich.console import Console
from typer.testing import CliRunner

import cli.undo
import cli.waive
from cli.main import app
from functions import controlled, startup
from sync import undoing
from sync.callers import Caller, NotEntitled, Role
from sync.errors import Missing
from sync.sig_records import Invalid
from sync.state import journal_reading as journal

ADMIN = Caller("oid-admin", "Ada Min", frozenset({Role.ADMIN}))
REGISTRAR = Caller("oid-registrar", "Helen Ward", frozenset({Role.REGISTRAR}))
READER = Caller("oid-reader", "Sam Reed", frozenset({Role.READER}))
NOBODY = Caller("oid-nobody", "No Body", frozenset())


class Queue:
    """Keeps the nudges it is given."""

    def __init__(self):
        self.sent = []

    async def send(self, messages):
        self.sent += messages


@pytest.fixture(autouse=True)
def queue(monkeypatch):
    kept = Queue()
    monkeypatch.setattr(startup, "nudges", lambda: kept)
    return kept


def asks(body=None, **route):
    data = b"" if body is None else json.dumps(body).encode()
    return func.HttpRequest("POST", "https://verger.example/api", body=data, route_params=route)


async def wrongly_named(boards, number):
    item = boards.draft(number, name=f"{number}_image sharing (final) v1.docx")
    await boards.desk.settle()
    row = await boards.desk.shadow(item)
    async with boards.desk.service.state.read() as tx:
        query = journal.Query(document_id=row.document_id, kind="verdict")
        [entry] = await journal.entries(tx, query)
        return item, row, await undoing.name_of(tx, entry)


def name_now(boards, item):
    path = f"/v1.0/drives/{item['parentReference']['driveId']}/items/{item['id']}"
    return boards.desk.person().get(path).json()["name"]


async def test_the_api_undoes_an_entry_and_has_the_document_looked_at(boards, queue):
    item, row, name = await wrongly_named(boards, "Gov-80")
    told = await controlled.undone(boards.desk.service, ADMIN, asks({"entry": name}))
    assert told.body["entry"] == name
    assert "rename" in told.body["done"]
    assert [one.list_id for one in queue.sent] == [row.list_id]
    assert name_now(boards, item) == "Gov-80_image sharing (final) v1.docx"


async def test_the_api_undoes_the_last_act_on_a_document_by_number_key_or_link(boards):
    service = boards.desk.service
    for number, way in (("Gov-81", "number"), ("Gov-82", "document_id"), ("Gov-83", "link")):
        item, row, name = await wrongly_named(boards, number)
        named = {
            "number": number,
            "document_id": row.document_id,
            "link": f"{item['webUrl'].rpartition('/')[0]}/{row.name}".replace(" ", "%20"),
        }
        told = await controlled.undone(service, REGISTRAR, asks({"document": named[way]}))
        assert told.body["entry"] == name


async def test_what_can_be_undone_is_listed_until_it_is(boards):
    service = boards.desk.service
    _, row, name = await wrongly_named(boards, "Gov-86")
    ask = func.HttpRequest("GET", "https://verger.example", params={"document": "Gov-86"}, body=b"")
    with pytest.raises(NotEntitled):
        await controlled.undoable(service, READER, ask)
    [act] = (await controlled.undoable(service, ADMIN, ask)).body["value"]
    assert (act["entry"], act["document"], act["name"]) == (name, "Gov-86", row.name)
    assert {"rename", "set_columns"} <= set(act["done"])
    assert "file_name" in act["policies"]
    await undoing.undo_entry(service, ADMIN, name)
    assert (await controlled.undoable(service, ADMIN, ask)).body["value"] == []


@pytest.mark.parametrize("body", [{}, {"entry": "core:1", "document": "Gov-1"}, {"entri": "x"}])
async def test_an_undo_names_one_thing(boards, body):
    with pytest.raises(Invalid):
        await controlled.undone(boards.desk.service, ADMIN, asks(body))


async def test_who_may_not_undo_does_not_learn_which_documents_there_are(boards):
    with pytest.raises(NotEntitled):
        await controlled.undone(boards.desk.service, READER, asks({"document": "Gov-9999"}))
    with pytest.raises(Missing):
        await controlled.undone(boards.desk.service, ADMIN, asks({"document": "Gov-9999"}))


async def test_a_waiver_by_the_api_is_listed_and_withdrawn(boards, queue):
    service = boards.desk.service
    await wrongly_named(boards, "Gov-84")
    day = service.today() + timedelta(days=10)
    body = {
        "document": "Gov-84",
        "policy": "review_date",
        "until": f"{day:%d/%m/%Y}",
        "reason": "The board meets later",
    }
    with pytest.raises(NotEntitled):
        await controlled.waived(service, READER, asks(body))
    made = await controlled.waived(service, REGISTRAR, asks(body))
    assert made.status == 201
    assert made.body["until"] == day.isoformat()

    with pytest.raises(NotEntitled):
        await controlled.listed(service, NOBODY, asks())
    listed = (await controlled.listed(service, READER, asks())).body["value"]
    [found] = [one for one in listed if one["id"] == made.body["id"]]
    assert (found["document"], found["by"], found["policy"]) == (
        "Gov-84",
        "Helen Ward",
        "review_date",
    )
    ended = await controlled.withdrawn(service, ADMIN, asks(waiver_id=found["id"]))
    assert ended.body["ended"]
    listed = (await controlled.listed(service, READER, asks())).body["value"]
    assert found["id"] not in {one["id"] for one in listed}
    assert len(queue.sent) == 2


@pytest.mark.parametrize("until", ["tomorrow", "32/01/2027"])
async def test_a_day_that_is_none_is_said_so(boards, until):
    body = {"document": "Gov-84", "policy": "file_name", "until": until, "reason": "x"}
    with pytest.raises(Invalid, match="is not a day"):
        await controlled.waived(boards.desk.service, REGISTRAR, asks(body))


@pytest.fixture(autouse=True)
def _wide(monkeypatch):
    for module in (cli.undo, cli.waive):
        monkeypatch.setattr(module, "console", Console(width=200))


async def test_the_command_undoes_with_the_apps_settings(boards, tmp_path, monkeypatch):
    item, _, name = await wrongly_named(boards, "Gov-85")
    settings = boards.desk.service.settings
    monkeypatch.setenv("VERGER_SETTINGS", "")
    told = settings.model_dump(mode="json", exclude_none=True, exclude_unset=True)
    file = tmp_path / "enforcer.env"
    file.write_text("\n".join(f"VERGER_{key.upper()}='{value}'" for key, value in told.items()))
    words = ["undo", name, "--reason", "As the board knows it", "--settings", str(file)]
    found = await asyncio.to_thread(CliRunner().invoke, app, words)
    assert found.exit_code == 0, found.output
    listed = ["undo", "--list", "--json", "--document", "Gov-85", "--settings", str(file)]
    assert json.loads((await asyncio.to_thread(CliRunner().invoke, app, listed)).output) == []
    assert f"{name} is undone" in found.output
    assert "its old name" in found.output
    assert name_now(boards, item) == "Gov-85_image sharing (final) v1.docx"
    await boards.desk.settle()
    assert "Undone by an administrator" in boards.fields(item)["ControlReason"]


@pytest.mark.parametrize(
    "words",
    [
        ["undo"],
        ["undo", "core:1", "--document", "Gov-04"],
        ["waive"],
        ["waive", "Gov-04"],
        ["waive", "Gov-04", "file_name", "--list"],
    ],
)
def test_a_command_that_does_not_say_what_is_refused(words):
    assert CliRunner().invoke(app, words).exit_code == 2


def test_the_command_waives_lists_and_ends_by_the_api(monkeypatch):
    calls = []

    class Api:
        def call(self, method, *path, body=None):
            calls.append((method, path, body))
            one = {"id": "w1", "policy": "file_name", "until": "2027-03-31"}
            more = {"document": "Gov-04", "name": "", "by": "Helen Ward", "reason": "Printed"}
            return {"value": [{**one, **more}]} if method == "GET" else one

    monkeypatch.setattr(cli.waive.Api, "open", lambda _: Api())
    run = CliRunner().invoke
    made = run(
        app, ["waive", "Gov-04", "file_name", "--until", "31/03/2027", "--reason", "Printed"]
    )
    assert "file_name rests until 31/03/2027" in made.output
    assert "31/03/2027" in run(app, ["waive", "--list"]).output
    assert json.loads(run(app, ["waive", "--list", "--json"]).output)[0]["id"] == "w1"
    assert "acts again" in run(app, ["waive", "--withdraw", "w1"]).output
    assert [(method, path) for method, path, _ in calls] == [
        ("POST", ("waivers",)),
        ("GET", ("waivers",)),
        ("GET", ("waivers",)),
        ("DELETE", ("waivers", "w1")),
    ]
