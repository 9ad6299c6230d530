"""A board's year: members, declarations, meetings against the quorum, papers in time, letters."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from sharepoint_schema.months import add_months
from sharepoint_schema.site import load_template
from sharepoint_schema.standard import load_standard
from sharepoint_schema.working_days import add_working_days, next_working_day
from sync import standing
from sync.state import register_rows
from tests import flow_kit
from tests import tenant_kit as kit
from tests.registers.kit import (
    add,
    delete,
    edit,
    fields_of,
    home_of,
    let_pass,
    mails_to,
    number_of,
    remembered,
    rows_in,
)

NEB = "/sites/neb"


@pytest.fixture(scope="module", name="tenant")
def _tenant(folder):
    with flow_kit.core(folder) as tenant:
        for template in ("neb",):
            asyncio.run(flow_kit.open_core(tenant, folder / "state", template))
        yield tenant


@pytest.fixture(name="board")
async def _board(desk):
    """Seat Helen and Sam, once for the file."""
    async with desk.service.state.read() as tx:
        seated = await register_rows.rows_of(tx, {"members"})
    if not seated:
        await add(desk, "members", **member(desk, kit.HELEN))
        await add(desk, "members", **member(desk, kit.SAM, MemberOrganisation="Trust 3"))
    return desk


def member(desk, upn: str, **more):
    return {
        "Title": upn.partition("@")[0],
        "MemberPersonLookupId": number_of(desk, upn, NEB),
        "MemberKind": "Voting",
        "MemberOrganisation": "Trust 2",
        "MemberSince": (desk.service.today() - timedelta(days=400)).isoformat(),
        **more,
    }


def test_the_members_choices_are_the_networks_organisations():
    members = next(one for one in load_template("neb").lists if one.key == "members")
    choices = next(one.choices for one in members.columns if one.name == "MemberOrganisation")
    assert choices[:-1] == tuple(one.name for one in load_standard().organisations)
    assert len(choices) == 15 + 6 + 1


async def told(desk) -> list[str]:
    return [one.says for one in await standing.look(desk.service)]


async def test_a_board_says_who_is_missing_and_who_has_not_declared(board):
    said = await told(board)
    assert any("No voting member from: The Dudley Group, Trust 4," in says for says in said)
    assert any("declaration of interests of Helen Ward was due" in says for says in said)
    assert await told(board) == [], "a register is looked at as a whole once a day"


async def test_papers_and_minutes_are_due_around_the_meeting(desk):
    meeting = next_working_day(desk.service.today() + timedelta(days=30))
    row = await add(desk, "meetings", Title="NEB", MeetingDate=meeting.isoformat())
    seen = await fields_of(desk, "meetings", row)
    papers = add_working_days(meeting, -5)
    assert seen["PapersDue"].startswith(papers.isoformat())
    assert seen["MinutesDue"].startswith(add_working_days(meeting, 10).isoformat())
    await let_pass(desk, "meetings", papers)
    bodies = [one["body"] for one in mails_to(desk, kit.DIRECTOR)]
    assert any("papers of this meeting" in body for body in bodies)


async def test_the_quorum_is_counted_and_what_was_typed_is_put_right(board):
    row = await hold(board, 3)
    seen = await fields_of(board, "meetings", row)
    assert (seen["VotingPresent"], seen["Quorate"]) == (1, "Yes")
    await edit(board, "meetings", row, Quorate="No")
    seen = await fields_of(board, "meetings", row)
    assert (seen["Quorate"], seen["ControlStatus"]) == ("Yes", "Corrected")


async def test_members_entered_late_and_put_right_are_counted_in_meetings_held_since(board):
    before, since = await hold(board, 9), await hold(board, 3)
    asked = {one: await looks(board, one) for one in (before, since)}
    joined = (board.service.today() - timedelta(days=5)).isoformat()
    late = [
        await add(board, "members", **member(board, who, MemberSince=joined))
        for who in (kit.DIRECTOR, kit.IG_OFFICER)
    ]
    await board.settle("meetings")
    seen = await fields_of(board, "meetings", since)
    assert (seen["VotingPresent"], seen["Quorate"]) == (1, "No"), "one of four"
    assert (await fields_of(board, "meetings", before))["Quorate"] == "Yes", "one of two"
    assert await looks(board, before) == asked[before], "a meeting before they joined is let alone"
    await edit(board, "members", late[0], MemberKind="Non-voting")
    await delete(board, "members", late[1])
    await board.settle("meetings")
    assert (await fields_of(board, "meetings", since))["Quorate"] == "Yes"


async def looks(desk, row: str):
    """Return when a meeting was last looked at."""
    desk.tenant.advance(1)
    known = await remembered(desk, "meetings", row)
    return known.seen_at


async def test_after_three_absences_a_letter_waits_for_the_chair_once(board):
    for back in (30, 20, 10):
        await hold(board, back)
    for days in (1, 2):
        day = next_working_day(board.service.today() + timedelta(days=days))
        await let_pass(board, "meetings", day)
        assert any("Sam Price was not at the last 3 meetings" in says for says in await told(board))
        await board.settle("letters")
    async with board.service.state.read() as tx:
        (letter,) = await register_rows.rows_of(tx, {"letters"})
    assert letter.columns["LetterTo"] == number_of(board, kit.SAM, NEB)
    assert "Dear Sam Price" in letter.columns["LetterText"]

    await delete(board, "letters", letter.item_id, kit.DIRECTOR)
    await let_pass(board, "meetings", next_working_day(day + timedelta(days=1)))
    await board.settle("letters")
    async with board.service.state.read() as tx:
        assert await register_rows.rows_of(tx, {"letters"}) == [], "the chair wants none"


async def hold(desk, days_ago: int) -> str:
    """Enter a meeting at which only Helen was."""
    day = (desk.service.today() - timedelta(days=days_ago)).isoformat()
    helen = [int(number_of(desk, kit.HELEN, NEB))]
    there = {"AttendeesLookupId@odata.type": "Collection(Edm.Int32)", "AttendeesLookupId": helen}
    fields = {
        "Title": "NEB",
        "MeetingDate": day,
        "MeetingStatus": "Held",
        "PapersSent": day,
        **there,
    }
    return await add(desk, "meetings", **fields)


async def test_a_declaration_is_for_a_year_and_a_nil_return_counts(board):
    sam = number_of(board, kit.SAM, NEB)
    today = board.service.today()
    refused = board.person(kit.SAM).post(
        await path_of(board, "declarations"),
        json={"fields": {"Title": "Mine", "DeclaredByLookupId": sam}},
    )
    assert refused.status_code == 400, "neither an interest nor a nil return"
    row = await add(
        board,
        "declarations",
        kit.SAM,
        Title="Nothing to declare",
        DeclaredByLookupId=sam,
        NilReturn=True,
        DeclaredOn=today.isoformat(),
    )
    fields = await fields_of(board, "declarations", row)
    assert fields["DeclarationReview"].startswith(add_months(today, 12).isoformat())
    await let_pass(board, "declarations", next_working_day(today + timedelta(days=1)))
    said = await told(board)
    assert any("declaration of interests of Helen Ward" in says for says in said)
    assert not any("declaration of interests of Sam Price" in says for says in said)


async def test_a_matter_raised_in_confidence_reaches_the_boards_agenda_without_its_author(board):
    raised = {"Title": "Our reporting times", "IntakeMatter": "We are far behind the others"}
    matter = await add(board, "anonymous_intake", kit.SAM, **raised)
    intake = await path_of(board, "anonymous_intake")
    for upn, status in ((kit.SAM, 200), (kit.DIRECTOR, 200), (kit.HELEN, 404)):
        assert board.person(upn).get(f"{intake}/{matter}").status_code == status, upn
    text = "Reporting times across the network"
    for told_now in ({"IntakeText": text}, {"IntakeStatus": "For the agenda"}):
        await edit(board, "anonymous_intake", matter, kit.DIRECTOR, **told_now)
    await board.settle("agenda_items")
    (entry,) = await rows_in(board, "agenda_items")
    assert entry.columns["AgendaMatter"] == text
    agenda = await path_of(board, "agenda_items")
    seen = board.person(kit.HELEN).get(f"{agenda}/{entry.item_id}?$expand=fields").text
    assert not any(word in seen for word in ("Sam Price", kit.SAM, raised["IntakeMatter"]))


async def path_of(desk, area: str) -> str:
    home = await home_of(desk, area)
    return f"/v1.0/sites/{home.site_id}/lists/{home.id}/items"
