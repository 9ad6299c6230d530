"""What follows a publication: its record, mail, the PDF; and that a dead worker loses nothing."""

from __future__ import annotations

import json

import azure.functions as func
import pytest

from cli import status
from functions import decided, startup
from sync import publication, renditions
from sync.callers import Caller, NotEntitled, Role
from sync.errors import Unavailable
from sync.sig_records import Invalid
from sync.state import notices
from sync.state.journal_reading import Query, entries
from sync.tenant import publishing
from tests import tenant_kit as kit
from tests.ratification.kit import NEB, NEB_NAME, NOB, NOB_NAME

SECRETARY = Caller("oid-1", "Sec Retary", frozenset({Role.BOARD_SECRETARY}))
TOLD = {
    "version": "V1",
    "kind": "Recommended",
    "body": "NOB",
    "date": "05/11/2026",
    "reference": "NOB 2026/11 item 4",
    "quorate": True,
    "conflicts": "none",
}


async def test_a_publication_is_journalled_with_its_way_back_and_the_author_is_told(boards):
    item = boards.draft("Gov-80")
    await boards.desk.settle()
    await boards.adopt("Gov-80")
    row = await boards.record(item)
    place = await boards.desk.service.place(row.list_id)
    async with boards.desk.service.state.read() as tx:
        found = await entries(tx, Query(site_id=place.row.site_id, kind="published"))
        mail = await notices.all_notices(tx, document_id=row.document_id)
    [entry] = [one for one in found if one.document_id == row.document_id]
    assert entry.after["label"] == "V1"
    assert [step["do"] for step in entry.undo] == ["set_columns", "unpublish"]
    assert entry.undo[1]["version"] == "1.0"
    [told] = [one for one in mail if one.subject == "Your document is published"]
    assert "Gov-80 Image Sharing Strategy, V1 was approved by the" in told.body["text"]


async def test_a_guideline_comes_to_the_board_above_for_information(boards):
    title = "Contrast Guideline"
    data = boards.write("Gov-85", title=title, approved_by=f"{NOB_NAME} 19/11/2026")
    item = boards.desk.upload(f"Gov-85 {title} V1.docx", data)
    await boards.desk.settle()
    await boards.decide("Gov-85", "Endorsed", "Clinical Directors' Forum", NOB)
    assert boards.fields(item)["DocumentStatus"] == "Awaiting approval"
    await boards.decide("Gov-85", "Approved", NOB_NAME, NEB)
    row = await boards.record(item)
    async with boards.desk.service.state.read() as tx:
        mail = await notices.all_notices(tx, document_id=row.document_id)
    [told] = [one for one in mail if one.subject == "A document for information"]
    assert f"comes to the {NEB_NAME} for information" in told.body["text"]
    assert told.recipient == kit.DIRECTOR


async def test_a_worker_that_dies_before_the_record_leaves_it_to_the_next(boards, monkeypatch):
    item = boards.draft("Gov-81")
    await boards.desk.settle()
    await boards.decide("Gov-81", "Recommended", NOB_NAME, NOB)
    record, deaths = publication._record, []  # noqa: SLF001 - where the worker dies

    async def dies(*told):
        if not deaths:
            deaths.append(told)
            raise Unavailable("the worker is gone", retry_after=0.0)
        await record(*told)

    monkeypatch.setattr(publication, "_record", dies)
    await boards.decide("Gov-81", "Approved", NEB_NAME, NEB)
    boards.desk.tenant.advance(60)
    await boards.desk.settle()
    assert deaths
    assert [one.label for one in await boards.publications(item)] == ["V1"]
    assert boards.versions(item) == ["1.0"]
    assert boards.fields(item)["ControlStatus"] != "Held"


async def test_the_pdf_lies_beside_under_one_name_and_is_replaced(boards, monkeypatch):
    item = boards.draft("Gov-82")
    await boards.desk.settle()
    await boards.adopt("Gov-82")

    content = {"pdf": b"%PDF-1.7 V1"}

    async def drawn(*_told):
        return content["pdf"]

    monkeypatch.setattr(publishing, "rendition", drawn)
    await renditions.draw_waiting(boards.desk.service)
    assert [one.pdf_says for one in await boards.publications(item)] == [None]
    assert [one.pdf for one in await boards.publications(item)] == ["made"]
    path = await boards.pdf("Gov-82 Image Sharing Strategy.pdf")
    first = boards.desk.person().get(path).json()
    assert await renditions.draw_waiting(boards.desk.service) == 0

    two = boards.write("Gov-82", "It says more.", version="V2")
    boards.desk.upload(boards.fields(item)["FileLeafRef"], two)
    await boards.desk.settle()
    for kind, body, on in (("Recommended", NOB_NAME, NOB), ("Approved", NEB_NAME, NEB)):
        await boards.decide("Gov-82", kind, body, on, DecisionVersion="V2")
    content["pdf"] = b"%PDF-1.7 V2"
    assert await renditions.draw_waiting(boards.desk.service) == 1
    second = boards.desk.person().get(f"{path}:/content", follow_redirects=True)
    assert second.content == b"%PDF-1.7 V2"
    assert boards.desk.person().get(path).json()["id"] == first["id"], "links to it go on working"
    assert [one.pdf for one in await boards.publications(item)] == ["withdrawn", "made"]


async def test_trouble_with_a_pdf_puts_it_off_and_never_holds_the_document_up(boards, monkeypatch):
    item = boards.draft("Gov-83")
    await boards.desk.settle()
    await boards.adopt("Gov-83")

    async def busy(*_told):
        raise Unavailable("the converter is busy")

    monkeypatch.setattr(publishing, "rendition", busy)
    assert await renditions.draw_waiting(boards.desk.service) == 0
    [one] = await boards.publications(item)
    assert (one.pdf, one.pdf_tries) == ("waiting", 1)
    assert one.pdf_not_before > boards.desk.service.now()
    assert boards.fields(item)["DocumentStatus"] == "Current"
    found = (await status.look(boards.desk.service))["pdf"]
    [told] = [row for row in found if row["number"] == "Gov-83"]
    assert told["label"] == "V1"
    assert "the converter is busy. It is tried again" in told["reason"]


def asked(method, body=None, **params):
    raw = json.dumps(body or {}).encode()
    return func.HttpRequest(method, "/api/decisions", params=params, body=raw)


@pytest.fixture
def nudged(monkeypatch):
    sent = []

    class Sender:
        async def send(self, messages):
            sent.extend(messages)

    monkeypatch.setattr(startup, "nudges", Sender)
    return sent


async def test_a_decision_by_the_api_counts_like_a_row_and_is_recorded_once(boards, nudged):
    item = boards.draft("Gov-84")
    await boards.desk.settle()
    body = TOLD | {"document": "Gov-84"}
    answer = await decided.recorded(boards.desk.service, SECRETARY, asked("POST", body))
    again = await decided.recorded(boards.desk.service, SECRETARY, asked("POST", body))
    assert (answer.status, answer.body["id"]) == (201, again.body["id"])
    assert answer.body["missing"] == ["the approval of the Network Executive Board"]
    assert nudged[0].list_id == (await boards.record(item)).list_id
    await boards.desk.settle()
    assert boards.fields(item)["DocumentStatus"] == "Awaiting approval"

    shown = await decided.listed(boards.desk.service, SECRETARY, asked("GET", document="Gov-84"))
    assert [one["kind"] for one in shown.body["value"]] == ["recommended"]


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"quorate": "yes"}, ["quorate"]),
        ({"present": True}, ["present"]),
        ({"seal": "x"}, ["seal"]),
        ({"date": "soon"}, ["date"]),
        ({"body": 7}, ["body"]),
        ({"document": "Gov-999"}, ["document"]),
    ],
)
async def test_what_the_api_cant_read_is_named(boards, nudged, change, fields):
    body = TOLD | {"document": "Gov-84"} | change
    with pytest.raises(Invalid) as refusal:
        await decided.recorded(boards.desk.service, SECRETARY, asked("POST", body))
    assert [name for name, _ in refusal.value.faults] == fields
    assert nudged == []


@pytest.mark.parametrize(
    "caller",
    [
        Caller("a", "A Reader", frozenset({Role.READER})),
        Caller("b", "an app", frozenset({Role.REGISTRAR}), person=False),
    ],
)
async def test_who_may_not_decide_by_row_may_not_by_the_api(boards, nudged, caller):
    with pytest.raises(NotEntitled):
        await decided.recorded(
            boards.desk.service, caller, asked("POST", TOLD | {"document": "Gov-84"})
        )
    assert nudged == []
