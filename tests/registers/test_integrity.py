"""A decision is held against its board's own registers; status and findings show what is open."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, time, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from cli import findings, status
from sharepoint_schema.working_days import next_working_day
from sync import digest, notices, standing, sweep
from sync.errors import Rejected
from sync.model import SITE_TIME
from sync.state import lists
from sync.state import notices as outbox
from tests import flow_kit
from tests import tenant_kit as kit
from tests.ratification.kit import NEB_NAME, Boardroom
from tests.registers.kit import add, delete, edit, fields_of, mails_to, number_of

SITE = "/sites/neb"
INTEREST = "Shares in Zenotron Scanners Ltd"


@pytest.fixture(scope="module", name="tenant")
def _tenant(folder):
    with flow_kit.core(folder) as tenant:
        for template in ("neb",):
            asyncio.run(flow_kit.open_core(tenant, folder / "state", template))
        yield tenant


async def shown(desk) -> tuple[list[dict[str, Any]], dict[str, list[dict[str, Any]]]]:
    """Return what `verger findings` and `verger status` show of lists followed as on a real site.

    The kit opens them without a subscription, and so unwatched.
    """
    await watch(desk, policed=True)
    told = await findings._look(desk.service), await status.look(desk.service)  # noqa: SLF001 - what the commands print
    await watch(desk, policed=False)
    return told


async def watch(desk, *, policed: bool) -> None:
    async with desk.service.state.begin() as tx:
        for row in await lists.all_lists(tx):
            await lists.register_list(tx, replace(row, policed=policed))


async def decide(desk, number: str, **more) -> str:
    """Have the Executive Board approve a document ten days ago; returns what its row says."""
    boards = Boardroom(desk)
    boards.draft(number, f"{number} Zenotron Contract Strategy V1.docx", title="Zenotron Contract")
    await desk.settle()
    day = desk.service.today() - timedelta(days=10)
    row = await boards.decide(number, "Approved", NEB_NAME, day, **more)
    state, reason = await boards.shown(row)
    assert state == "Recorded", reason
    return reason


async def test_a_decision_shows_whose_interests_bear_on_it_and_not_which(desk):
    day = (desk.service.today() - timedelta(days=30)).isoformat()
    told = {"Interest": INTEREST, "DeclaredOn": day, "Title": "2026"}
    helen = number_of(desk, kit.HELEN, SITE)
    await add(desk, "declarations", **told, DeclaredByLookupId=helen)
    reason = await decide(desk, "Gov-71")
    assert "Helen Ward (an interest of theirs names what is decided)" in reason
    assert INTEREST not in reason
    assert "Shares" not in reason


async def test_a_decision_without_its_meeting_says_so_there_and_to_the_boards_secretary(desk):
    reason = await decide(desk, "Gov-72")
    assert "It says there was a quorum, but no meeting of" in reason
    said = [one.says for one in await standing.look(desk.service)]
    assert any(says.startswith("Gov-72 was approved with a quorum") for says in said)
    seen, stands = await shown(desk)
    (whole,) = [one for one in seen if one["list"] == "Meetings and attendance"]
    assert whole["status"] == "Needs you"
    assert {"decision_quorum"} <= {one["policy"] for one in whole["findings"]}
    (board,) = [one for one in stands["registers"] if one["list"] == "Meetings and attendance"]
    assert board["lacks"] == len(whole["findings"])


async def test_an_entry_that_needs_somebody_stands_in_findings_and_status(desk):
    row = await add(desk, "members", Title="Nobody yet")
    assert (await fields_of(desk, "members", row))["ControlStatus"] == "Needs you"
    seen, stands = await shown(desk)
    (one,) = [one for one in seen if one["file"] == "Nobody yet"]
    assert (one["status"], one["list"]) == ("Needs you", "Members")
    assert one["findings"][0]["policy"] == "row_complete"
    (members,) = [one for one in stands["registers"] if one["list"] == "Members"]
    assert (members["open"], members["needs"]) == (1, 1)


async def test_mail_that_cannot_leave_is_shown_and_sent_once_it_can(desk):
    mail = outbox.NewNotice(
        idempotency_key="to be refused",
        recipient=kit.SAM,
        subject="One that is refused",
        body={"html": "<p>Hello</p>", "text": "Hello"},
    )
    settings = desk.service.settings
    desk.service.tenant.settings = SimpleNamespace(**{**vars(settings), "mailbox": ""})
    async with desk.service.state.begin() as tx:
        await outbox.queue_notice(tx, mail, desk.service.now())
    await notices.deliver(desk.service)
    desk.service.tenant.settings = settings
    (failed,) = (await shown(desk))[1]["mail"]
    assert (failed["to"], failed["tries"], failed["again"]) == (kit.SAM, 1, "")
    assert "VERGER_MAILBOX is missing" in failed["reason"]
    async with desk.service.state.begin() as tx:
        assert await outbox.send_again(tx) == 1
    await notices.deliver(desk.service)
    assert (await shown(desk))[1]["mail"] == []
    assert [one["subject"] for one in mails_to(desk, kit.SAM)].count(mail.subject) == 1


async def test_the_digest_is_one_readable_mail_with_a_heading_for_each_register(desk):
    day = next_working_day(desk.service.today() + timedelta(days=1))
    at = datetime.combine(day, time(9), SITE_TIME)
    desk.tenant.advance((at - desk.service.now()).total_seconds())
    assert await digest.make_out(desk.service), "the next working morning brings it"
    await sweep.sweep(desk.service)
    bodies = [one["body"] for who in (kit.HELEN, kit.DIRECTOR) for one in mails_to(desk, who)]
    (body, *_) = [one for one in bodies if "What waits for you" in one]
    assert '<html lang="en-GB">' in body
    assert "<h2>Meetings and attendance, " in body or "<h2>Members, " in body


async def test_a_decision_follows_its_meeting_whenever_the_attendance_comes(desk):
    boards, number, day = Boardroom(desk), "Gov-73", desk.service.today() - timedelta(days=12)
    boards.draft(number, f"{number} Zenotron Contract Strategy V1.docx", title="Zenotron Contract")
    await desk.settle()
    row = await boards.decide(number, "Approved", NEB_NAME, day)

    async def doubts() -> str:
        await desk.settle("decisions")
        says = (await boards.shown(row))[1]
        return says.partition("It says there was a quorum, but ")[2].partition(".")[0]

    assert (await doubts()).startswith("no meeting of")
    member = {"MemberKind": "Voting", "MemberOrganisation": "Trust 2", "MemberSince": "2020-01-01"}
    for upn in (kit.HELEN, kit.SAM):
        person = number_of(desk, upn, SITE)
        await add(desk, "members", Title=upn, MemberPersonLookupId=person, **member)
    held = {"Title": "NEB", "MeetingDate": day.isoformat(), "MeetingStatus": "Held"}
    meeting = await add(desk, "meetings", **held)
    assert await doubts() == ""
    await edit(desk, "meetings", meeting, **present(desk, kit.DIRECTOR))
    assert "makes no quorum" in await doubts()
    await edit(desk, "meetings", meeting, **present(desk, kit.HELEN, kit.SAM))
    assert await doubts() == ""
    await delete(desk, "meetings", meeting)
    assert (await doubts()).startswith("no meeting of")


def present(desk, *people: str) -> dict[str, Any]:
    numbers = [int(number_of(desk, upn, SITE)) for upn in people]
    return {
        "AttendeesLookupId@odata.type": "Collection(Edm.Int32)",
        "AttendeesLookupId": numbers,
    }


async def test_one_register_that_fails_keeps_no_other_from_being_looked_at(desk, monkeypatch):
    seen, real = [], standing._look  # noqa: SLF001 - made to fail once

    async def look(service, place):
        seen.append(place.list.key)
        if len(seen) == 1:
            raise Rejected("the list says no", doing="look")
        return await real(service, place)

    monkeypatch.setattr(standing, "_look", look)
    desk.tenant.advance(86_400)
    with pytest.raises(ExceptionGroup, match="1 registers could not"):
        await standing.look(desk.service)
    assert len(seen) > 1
