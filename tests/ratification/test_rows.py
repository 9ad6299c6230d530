"""Rows of the Decisions list: who may, what is refused and why, what comes of each."""

from __future__ import annotations

from datetime import date

import pytest

from sync.state import decisions, work
from sync.state.journal_reading import Query, entries
from tests import tenant_kit as kit
from tests.ratification.kit import NEB, NEB_NAME, NOB, NOB_NAME

WHOLE = {
    "DecisionDocument": "Gov-60",
    "DecisionVersion": "V1",
    "DecisionBody": NOB_NAME,
    "DecisionKind": "Recommended",
    "MeetingDate": "2026-11-05T00:00:00Z",
    "MinuteReference": "NOB 2026/11 item 4",
    "Quorate": True,
}


@pytest.fixture
async def paper(boards):
    """A draft in the library, looked at."""
    item = boards.draft("Gov-60")
    await boards.desk.settle()
    return item


async def recorded(boards, item):
    row = await boards.record(item)
    async with boards.desk.service.state.read() as tx:
        return await decisions.decisions_of(tx, row.document_id)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"DecisionDocument": "Gov-99"}, "Document number: there is no document Gov-99"),
        ({"DecisionDocument": "the policy"}, "Document number: 'the policy' is not a document"),
        ({"DecisionVersion": "V3"}, "Version: there is no V3 of Gov-60; it is V1."),
        ({"DecisionVersion": "final"}, "Version: 'final' is not a version such as"),
        ({"DecisionKind": None}, "Decision: '' is none of recommended"),
        ({"DecisionBody": None}, "Body: '' is no body of the network"),
        ({"MeetingDate": None}, "Meeting date: is missing"),
        ({"MeetingDate": "2031-01-02T00:00:00Z"}, "Meeting date: is in the future"),
        ({"MinuteReference": None}, "Minute: is missing"),
    ],
)
async def test_a_row_that_cant_be_recorded_says_why_beside_it(boards, paper, change, says):
    told = {name: value for name, value in (WHOLE | change).items() if value is not None}
    row_id = await boards.row(**told)
    await boards.desk.settle("decisions")
    status, reason = await boards.shown(row_id)
    assert status == "Needs you"
    assert says in reason
    assert await recorded(boards, paper) == []


async def test_only_a_secretary_or_a_registrar_decides_and_the_refusal_is_journalled(boards, paper):
    row_id = await boards.row(kit.SAM, **WHOLE)
    await boards.desk.settle("decisions")
    status, reason = await boards.shown(row_id)
    assert (status, await recorded(boards, paper)) == ("Needs you", [])
    assert reason == "Only a Board secretary or a Registrar may record what a body decided."
    async with boards.desk.service.state.read() as tx:
        site = await boards.desk.service.place(await boards.desk.list_id("decisions"))
        found = await entries(tx, Query(site_id=site.row.site_id, kind="refused"))
    assert found[-1].after["why"] == "NotEntitled"


async def test_a_field_set_by_somebody_without_the_right_decides_nothing(boards, paper):
    row_id = await boards.row(kit.SAM, **WHOLE)
    path = f"{await boards.path()}/{row_id}/fields"
    helen = boards.desk.person(kit.HELEN)
    helen.patch(path, json={"MovedBy": "the chair"}).raise_for_status()
    await boards.desk.settle("decisions")
    assert (await boards.shown(row_id))[0] == "Needs you"
    assert await recorded(boards, paper) == []


async def test_a_row_put_right_is_recorded_once_and_stays_as_it_was(boards):
    item = boards.draft("Gov-61")
    await boards.desk.settle()
    row_id = await boards.row(**{**WHOLE, "DecisionDocument": "Gov-61", "DecisionVersion": "V2"})
    await boards.desk.settle("decisions")
    path = f"{await boards.path()}/{row_id}/fields"
    helen = boards.desk.person()
    right = {"DecisionVersion": "V1", "Conflicts": "A member owns shares", "PresentCount": 9}
    helen.patch(path, json=right).raise_for_status()
    await boards.desk.settle("decisions")
    assert (await boards.shown(row_id))[0] == "Recorded"
    [one] = await recorded(boards, item)
    assert (one.kind, one.body, one.on, one.present) == ("recommended", "NOB", NOB, 9)
    assert one.people["conflicts of interest"] == "A member owns shares"
    row = await boards.record(item)
    assert one.content_id == row.content_id

    helen.patch(path, json={"DecisionKind": "Approved"}).raise_for_status()
    await boards.desk.settle("decisions")
    assert "does not change" in (await boards.shown(row_id))[1]
    assert await recorded(boards, item) == [one]


async def test_a_recorded_row_looked_at_again_is_left_alone(boards):
    item = boards.draft("Gov-66")
    await boards.desk.settle()
    first = await boards.decide("Gov-66", "Recommended", NOB_NAME, NOB)
    await boards.decide("Gov-66", "Approved", NEB_NAME, NEB)
    told, mark = await boards.shown(first), boards.desk.mark()
    state, list_id = boards.desk.service.state, await boards.desk.list_id("decisions")
    again = work.NewWork(list_id=list_id, item_id=first, kind="audit")
    async with state.begin() as tx:
        await work.put(tx, [again], boards.desk.service.now())
    await boards.desk.work_off("decisions")
    assert (await boards.shown(first), boards.desk.writes(mark)) == (told, {})
    assert len(await recorded(boards, item)) == 2


async def test_rows_of_one_document_say_together_what_it_still_needs_and_none_waits(boards):
    item = boards.draft("Gov-67")
    await boards.desk.settle()
    about = {"DecisionDocument": "Gov-67", "DecisionVersion": "V1"}
    first = await boards.row(**WHOLE | about)
    await boards.desk.drain("decisions")
    assert set(await boards.desk.work_off("decisions")) == {0}
    assert (
        "still needs the approval of the Network Executive Board" in (await boards.shown(first))[1]
    )
    approved = {
        "DecisionKind": "Approved",
        "DecisionBody": NEB_NAME,
        "MeetingDate": f"{NEB.isoformat()}T00:00:00Z",
    }
    second = await boards.row(**WHOLE | about | approved)
    await boards.desk.drain("decisions")
    assert set(await boards.desk.work_off("decisions")) == {0}
    for row_id in (first, second):
        status, reason = await boards.shown(row_id)
        assert (status, "still needs" in reason) == ("Recorded", False)
    assert len(await recorded(boards, item)) == 2


async def test_a_meeting_without_a_quorum_is_recorded_and_does_not_count(boards):
    item = boards.draft("Gov-62")
    await boards.desk.settle()
    row_id = await boards.decide("Gov-62", "Recommended", NOB_NAME, NOB, Quorate=False)
    assert "no quorum" in (await boards.shown(row_id))[1]
    assert boards.fields(item)["DocumentStatus"] == "Draft"


async def test_a_decision_about_an_earlier_text_is_kept_for_that_text(boards):
    item = boards.draft("Gov-63", version="V0.1", adopted_on="", history=())
    await boards.desk.settle()
    old = (await boards.record(item)).content_id
    name = boards.fields(item)["FileLeafRef"]
    boards.desk.upload(name, boards.write("Gov-63", "New.", version="V0.2", adopted_on=""))
    await boards.desk.settle()
    await boards.decide("Gov-63", "Recommended", NOB_NAME, NOB, DecisionVersion="V0.1")
    assert [one.content_id for one in await recorded(boards, item)] == [old]
    assert boards.fields(item)["DocumentStatus"] == "Draft"


async def test_the_board_above_approves_what_was_passed_on_to_it(boards):
    title = "Position Statement on Reporting"
    item = boards.desk.upload(f"Gov-64 {title} V1.docx", boards.write("Gov-64", title=title))
    await boards.desk.settle()
    row_id = await boards.decide("Gov-64", "Escalated", NOB_NAME, NOB)
    assert "approval of the Network Executive Board" in (await boards.shown(row_id))[1]
    await boards.decide("Gov-64", "Approved", NEB_NAME, NEB)
    assert [one.label for one in await boards.publications(item)] == ["V1"]


async def test_what_still_stands_in_the_way_of_an_approved_document_is_told(boards):
    title = "Reporting Procedure"
    data = boards.write("Gov-65", title=title, approved_by=f"{NOB_NAME} 05/11/2026")
    item = boards.desk.upload(f"Gov-65 {title} V1.docx", data)
    await boards.desk.settle()
    await boards.decide("Gov-65", "Approved", NOB_NAME, NEB)
    assert await boards.publications(item) == []
    fields = boards.fields(item)
    assert fields["DocumentStatus"] == "Awaiting approval"
    assert "Every decision is recorded, but the document can't be" in fields["ControlReason"]


def test_the_day_of_a_meeting_is_the_sites_day():
    from sync.keepers.decisions import _day  # noqa: PLC0415 - the edge of a column's value

    assert _day("2026-06-30T23:00:00Z") == date(2026, 7, 1)
    assert _day(None) is None
