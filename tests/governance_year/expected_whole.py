"""What has to come of whole registers, of whoever has left, and of the day of a meeting."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from tests.governance_year.boards import BOARDS, name_of
from tests.governance_year.expected import DAY, OWNER, Post, british, days, months_after
from tests.governance_year.expected_rows import MANAGER, SITES
from tests.governance_year.facts import (
    AGENDA,
    FIRST,
    LEFT,
    MEETINGS,
    MEMBERS,
    ORGANISATIONS,
    PAPERS,
    REPORTS,
    TASKS,
)
from tests.governance_year.stage import CHAIRS, OPENED, SECRETARIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.governance_year.facts import Member, Paper

GROUPS = ("sig-breast-imaging", "sig-ct", "sig-data")
PROGRAMMES = ("core", "nob", "db", *GROUPS)
SENDS = {"neb": 21, "nob": 15, "db": 15, "cdf": 15}
"""How many of the organisations send a member: the trusts, and to the Executive Board all."""
MONTH = 12
JOINED = timedelta(days=28)
DECLARE = (30, 0, -28)
REPORT_BY = 7
REMIND = (6, 2)
IN_A_ROW = 3
NEXT_LOOK = date(2031, 10, 16)
"""When the risk of the one who left is next looked at: a fortnight before its review."""
TYPES = (
    "Policy",
    "Strategy",
    "Clinical guideline",
    "Clinical procedure",
    "Procedure",
    "Position statement",
    "Terms of reference",
    "Plan",
    "Form",
    "Template",
    "Register",
    "Other",
)


def look(post: Post, on: date) -> None:
    """Say what a morning's look at the registers finds."""
    for board in BOARDS:
        _seats(post, board, on)
        _absences(post, board, on)
    for site in PROGRAMMES:
        _programme(post, site, on)
    for group in GROUPS:
        _report(post, group, on)
    for member in MEMBERS:
        _declaration(post, member, on)
    for paper in PAPERS:
        _terms(post, paper, on)
    _single_days(post, on)
    for thing in {*BOARDS, *PROGRAMMES, *(one.number for one in PAPERS)}:
        post.looked(thing)


def _seats(post: Post, board: str, on: date) -> None:
    there = {one.organisation for one in MEMBERS if one.board == board and one.since < on}
    empty = [one for one in ORGANISATIONS[: SENDS[board]] if one not in there]
    if empty:
        says = (
            f"Members, {SITES[board]} | Members: No voting member from: {', '.join(empty)}."
            " Each of these organisations sends one voting member to this board."
            " Add who it is, or ask the organisation to name somebody."
        )
        post.line(SECRETARIES[board], (board, "seats"), (on.year, on.month), says)


def _absences(post: Post, board: str, on: date) -> None:
    held = [one for one in MEETINGS if one.board == board and not one.cancelled and one.on < on]
    last = held[-IN_A_ROW:]
    for who in sorted(set.intersection(*(set(one.absent) for one in last))):
        told = ", ".join(british(one.on) for one in last)
        says = (
            f"Meetings and attendance, {SITES[board]} | Meetings and attendance: {name_of(who)}"
            f" was not at the last 3 meetings ({told})."
            " A draft of a letter waits for the chair under Letters to members."
        )
        post.line(CHAIRS[board], (board, "absent", who), last[-1].on, says)
        if last[-1].on == on - DAY:
            post.event(on, "entry", f"{board}/letters", f"Attendance: {name_of(who)}")


def _programme(post: Post, site: str, on: date) -> None:
    work = (one for one in TASKS if one.site == site and one.area == "work_programme")
    if not any(one.entered < on and not (one.done and one.done < on) for one in work):
        says = (
            f"Work programme, {SITES[site]} | Work programme: There is no open work in the work"
            " programme. Add an entry to this register."
        )
        post.line(OWNER, (site, "empty"), (on.year, on.month), says)


def _report(post: Post, group: str, on: date) -> None:
    """Remind of last month's report, and ask for it once a week of this month is over.

    Nothing is asked of a month before the group's site was opened.
    """
    last = on.replace(day=1) - DAY
    first, by = last.replace(day=1), last + REPORT_BY * DAY
    came = any(
        where == group and first + REPORT_BY * DAY <= day <= by and day < on
        for where, day in REPORTS
    )
    if came or last < OPENED:
        return
    reached = [left for left in REMIND if by - left * DAY <= on]
    says = "has not come" if on > by else f"is due by {british(by)}"
    if on > by or reached:
        whole = (
            f"Highlight reports, {SITES[group]} | Highlight reports: The highlight report for"
            f" {last:%B %Y} {says}. Add it to this register."
        )
        occasion = (first, "late" if on > by else min(reached))
        post.line(OWNER, (group, "report"), occasion, whole)


def _declaration_due(member: Member, on: date) -> date:
    declared = [day for day in member.declared if day < on]
    return months_after(max(declared), MONTH) if declared else member.since + JOINED


def _declaration(post: Post, member: Member, on: date) -> None:
    if member.since >= on:
        return
    due = _declaration_due(member, on)
    reached = [left for left in DECLARE if due - left * DAY <= on]
    if not reached:
        return
    late = due < on
    says = (
        f"Declarations of interest, {SITES[member.board]} | Declarations of interest: The"
        f" declaration of interests of {name_of(member.who)}"
        f" {'was' if late else 'is'} due on {british(due)}."
        " Add an entry to Declarations of interest; Nil return when there is nothing."
    )
    about = (member.board, "declare", member.who, due)
    for to in (member.who, *((SECRETARIES[member.board],) if late else ())):
        post.line(to, about, min(reached), says)


def _terms(post: Post, paper: Paper, on: date) -> None:
    if paper.kind != "Terms of reference":
        return
    took_place = [day for day, what, _ in paper.course if what == "reviewed" and day < on]
    due = months_after(max([paper.adopted, *took_place]), MONTH)
    if due < on:
        says = (
            f"Reviews, WMIN Core Team | Reviews: {paper.number} was to be reviewed by"
            f" {british(due)}. Terms of reference are reviewed every year. Review them, and add"
            " an entry to Reviews."
        )
        post.line(MANAGER, (paper.number, "terms"), due, says)


def _single_days(post: Post, on: date) -> None:
    if on == FIRST:
        for name in TYPES:
            post.event(on, "entry", "core/retention_schedule", name)
    if on == AGENDA[1]:
        post.event(on, "agenda", "neb/agendas", "opened")
    if on == AGENDA[1] + DAY:
        post.event(on, "agenda", "neb/agendas", "closed")
    if on == LEFT + DAY:
        _left(post, on)
    if on == NEXT_LOOK:
        post.event(on, "status", "core/risks Magnet quench", "Corrected -> In order")


def _left(post: Post, on: date) -> None:
    """Say that the one whose account was closed owned a risk, and who owns it now."""
    says = (
        "Risk register, WMIN Core Team | Magnet quench: Owner: somebody who is named here no longer"
        " has an account in use. Every open entry has an owner who can see to it. Choose"
        " somebody else under Owner."
    )
    for to in (OWNER, MANAGER):
        post.line(to, ("Magnet quench",), "left", says)
    post.event(on, "status", "core/risks Magnet quench", "In order -> Corrected")


def looked_at() -> frozenset[date]:
    """Return the days on which a look at a whole register can find something, and a few more.

    Each of these days has its eve looked at as well: nothing comes a day too soon.
    """
    own = frozenset(_days())
    eves = {on - DAY for on in own if on.day not in {REPORT_BY - left for left in REMIND}}
    return own | eves


def _days() -> Iterator[date]:
    yield from (on for on in days() if on.day in {1, REPORT_BY + 1})
    yield from (on for on in days() if on.day in {REPORT_BY - left for left in REMIND})
    yield from (AGENDA[1], AGENDA[1] + DAY, LEFT + DAY)
    yield from (one.on + DAY for one in MEETINGS if one.absent)
    for member in MEMBERS:
        yield member.since + DAY
        dues = [months_after(on, MONTH) for on in member.declared]
        for due in (*dues, member.since + JOINED):
            yield from (due - left * DAY for left in DECLARE)
            yield due + DAY
    for paper in PAPERS:
        if paper.kind == "Terms of reference":
            yield months_after(paper.adopted, MONTH) + DAY
