"""What the boards' secretaries do: members and their declarations, meetings, papers and minutes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from local.demo.writing import to_docx
from tests.governance_year.facts import AGENDA, ENTERED, MEETINGS, MEMBERS, SAME_DAYS
from tests.governance_year.stage import SECRETARIES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from tests.governance_year.facts import Meeting, Member
    from tests.governance_year.staff import Staff

BOARDS = tuple(SAME_DAYS)


def name_of(who: str) -> str:
    """Return somebody as their account shows them."""
    return f"Member {who[-2:]}"


def enter_members(staff: Staff, board: str) -> None:
    """Enter a board's members and what they declared before the first day."""
    there = [one for one in MEMBERS if one.board == board and one.since <= ENTERED]
    who = SECRETARIES[board]
    staff.enter((board, "members"), [_member(staff, one) for one in there], who)
    told = [_declared(staff, one, on) for one in there for on in one.declared if on <= ENTERED]
    staff.enter((board, "declarations"), told, who)


def _member(staff: Staff, one: Member) -> dict[str, Any]:
    return {
        "Title": name_of(one.who),
        "MemberPersonLookupId": staff.number(one.board, one.who),
        "MemberKind": "Voting",
        "MemberOrganisation": one.organisation,
        "MemberSince": one.since.isoformat(),
    }


def _declared(staff: Staff, one: Member, on: date) -> dict[str, Any]:
    return {
        "Title": f"{name_of(one.who)} {on:%d/%m/%Y}",
        "DeclaredByLookupId": staff.number(one.board, one.who),
        "NilReturn": True,
        "DeclaredOn": on.isoformat(),
    }


def enter_meetings(staff: Staff, board: str) -> None:
    """Enter a board's meetings of the year, and those before it as they were held."""
    found = [one for one in MEETINGS if one.board == board]
    staff.enter((board, "meetings"), [_meeting(staff, one) for one in found], SECRETARIES[board])


def _meeting(staff: Staff, one: Meeting) -> dict[str, Any]:
    row: dict[str, Any] = {"Title": one.title, "MeetingDate": one.on.isoformat()}
    if one.on > ENTERED:
        return row
    sent = {"PapersSent": one.papers, "MinutesSent": one.minutes}
    known = {key: on.isoformat() for key, on in sent.items() if on and on <= ENTERED}
    return row | known | _held(staff, one)


def _held(staff: Staff, one: Meeting) -> dict[str, Any]:
    there = [
        who.who
        for who in MEMBERS
        if who.board == one.board and who.since <= one.on and who.who not in one.absent
    ]
    return {"MeetingStatus": "Held", **staff.people(one.board, "Attendees", there)}


def acts() -> Iterator[tuple[date, Callable[[Staff], None]]]:
    """Yield what is done on which day."""
    for meeting in MEETINGS:
        if meeting.cancelled:
            yield meeting.cancelled, partial(_change, meeting, MeetingStatus="Cancelled")
            continue
        if meeting.papers:
            yield meeting.papers, partial(_change, meeting, PapersSent=meeting.papers.isoformat())
        yield meeting.on, partial(_hold, meeting)
        if meeting.minutes:
            yield (
                meeting.minutes,
                partial(_change, meeting, MinutesSent=meeting.minutes.isoformat()),
            )
    for member in MEMBERS:
        yield member.since, partial(_join, member)
        for on in member.declared:
            yield on, partial(_declare, member, on)
    yield AGENDA[0], _publish_agenda


def _change(meeting: Meeting, staff: Staff, **fields: Any) -> None:
    place = (meeting.board, "meetings")
    staff.change(place, meeting.title, SECRETARIES[meeting.board], **fields)


def _hold(meeting: Meeting, staff: Staff) -> None:
    _change(meeting, staff, **_held(staff, meeting))


def _join(member: Member, staff: Staff) -> None:
    who = SECRETARIES[member.board]
    staff.enter((member.board, "members"), [_member(staff, member)], who)


def _declare(member: Member, on: date, staff: Staff) -> None:
    row = _declared(staff, member, on)
    staff.enter((member.board, "declarations"), [row], SECRETARIES[member.board])


def _publish_agenda(staff: Staff) -> None:
    board, name = ("neb", "agendas"), f"NEB {AGENDA[1].isoformat()} agenda.docx"
    who = SECRETARIES["neb"]
    staff.upload(board, name, to_docx("Agenda", ["1. Welcome", "2. Red risks"]), who)
    staff.publish(board, name, who)
