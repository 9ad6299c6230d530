"""What has to come of single entries and documents: reminders, escalations, statuses."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from tests.governance_year.acts import NEB, NOB, approver_of
from tests.governance_year.expected import (
    DAY,
    OWNER,
    Entry,
    Ladder,
    Post,
    british,
    climb,
    months_after,
    worked,
    worked_days_after,
)
from tests.governance_year.facts import ENTERED, LEFT, MEETINGS, REQUESTS, TASKS
from tests.governance_year.rounds import ROUNDS, RoundEntry
from tests.governance_year.stage import LEAVER, SECRETARIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from tests.governance_year.facts import Meeting, Paper, Request, Risk, Task, Year

type Running = Iterable[tuple[Ladder, date | None]]

SITES = {
    "core": "WMIN Core Team",
    "neb": "Network Executive Board",
    "nob": "Network Operational Board",
    "db": "Digital Board",
    "cdf": "Clinical Directors' Forum",
    "sig-breast-imaging": "SIG Breast imaging",
    "sig-ct": "SIG CT",
    "sig-data": "SIG Data",
}
MANAGER, NOB_SECRETARY = "helen.ward", SECRETARIES["nob"]
MONTHS = ((15, 1), (8, 3), (4, 6), (1, 12))
"""From which score a risk is reviewed after how many months."""
RED = 15
CORRECTED = "Corrected"


@dataclass(frozen=True, slots=True)
class Words:
    """What a register's reminder of an entry says, but for the date."""

    register: str
    site: str
    title: str
    what: str
    how: str

    def __call__(self, due: date, was: str) -> str:
        where = f"{self.register}, {SITES[self.site]}"
        return f"{where} | {self.title}: {self.what} {was} due on {british(due)}. {self.how}"


def entries(year: Year) -> Iterator[Entry | Document | RiskEntry]:
    yield from map(RiskEntry.of, year.risks)
    yield from map(Document, year.papers)
    yield from map(_meeting, MEETINGS)
    yield from map(_task, TASKS)
    yield from map(RequestEntry.of, REQUESTS)
    yield from map(RoundEntry.of, ROUNDS)


class RiskEntry(Entry):
    """A risk; it is told at once when it turns red."""

    risk: Risk

    @classmethod
    def of(cls, risk: Risk) -> RiskEntry:
        made = cls(
            where="core/risks",
            title=risk.title,
            clocks=partial(_risk_clocks, risk),
            since=ENTERED,
            acts=frozenset(on for on, _ in risk.course),
        )
        made.risk = risk
        return made

    def look(self, post: Post, today: date, as_of: date) -> None:
        super().look(post, today, as_of)
        now, before = _score(self.risk, as_of), _score(self.risk, as_of - DAY)
        if as_of == today == ENTERED:
            before = 0
        if today == as_of and now >= RED > before:
            about = f"This is about “{self.title}” in Risk register, WMIN Core Team."
            says = f"This risk is now Extreme: its score is {now}."
            subject = "Risk register: something needs you today"
            post.event(today, "mail", SECRETARIES["neb"], f"{subject} | {about} {says}")


def _score(risk: Risk, as_of: date) -> int:
    scores = [risk.likelihood * risk.impact]
    for on, what in risk.course:
        if on <= as_of and "x" in what:
            likelihood, impact = what.split("x")
            scores.append(int(likelihood) * int(impact))
    return scores[-1]


def _months(score: int) -> int:
    return next(months for least, months in MONTHS if score >= least)


def _review_of(risk: Risk, as_of: date) -> date:
    """Return when a risk is next reviewed: by its band, and never later than that."""
    reviewed = risk.reviewed
    due = months_after(reviewed, _months(_score(risk, ENTERED)))
    for on, what in risk.course:
        if on > as_of:
            break
        latest = months_after(reviewed, _months(_score(risk, on)))
        if what == "reviewed":
            reviewed = on
            due = months_after(on, _months(_score(risk, on)))
        else:
            due = min(due, latest)
    return due


def _risk_clocks(risk: Risk, as_of: date) -> Running:
    if any(on <= as_of and what == "closed" for on, what in risk.course):
        return
    owner = OWNER if risk.owner == LEAVER and as_of >= LEFT else risk.owner
    review = Words(
        "Risk register",
        "core",
        risk.title,
        "The review of this risk",
        "Review the risk, then set Last reviewed to that day.",
    )
    rungs = {14: (owner,), 0: (owner,), -14: (owner, OWNER, NOB_SECRETARY)}
    yield Ladder("review", rungs, review), _review_of(risk, as_of)
    done = Words(
        "Risk register",
        "core",
        risk.title,
        "What is done about this risk",
        "Bring the entry up to date, or agree a new date.",
    )
    sam = "sam.price"
    yield Ladder("mitigation", {14: (sam,), 0: (sam,), -14: (sam, owner)}, done), risk.mitigation


def _meeting(meeting: Meeting) -> Entry:
    acts = (meeting.cancelled, meeting.papers, meeting.on, meeting.minutes)
    if meeting.cancelled:
        acts = (meeting.cancelled,)
    return Entry(
        where=f"{meeting.board}/meetings",
        title=meeting.title,
        clocks=partial(_meeting_clocks, meeting),
        since=ENTERED,
        acts=frozenset(on for on in acts if on),
    )


def _meeting_clocks(meeting: Meeting, as_of: date) -> Running:
    if meeting.cancelled and meeting.cancelled <= as_of:
        return
    secretary = SECRETARIES[meeting.board]
    told = partial(Words, "Meetings and attendance", meeting.board, meeting.title)
    how = "Send them, then set {} sent on."
    if not (meeting.papers and meeting.papers <= as_of):
        rungs = {7: (secretary,), 0: (secretary,), -2: (secretary, OWNER)}
        says = told("Sending the papers of this meeting", how.format("Papers"))
        yield Ladder("papers", rungs, says), worked_days_after(meeting.on, -5)
    if not (meeting.minutes and meeting.minutes <= as_of):
        rungs = {3: (secretary,), 0: (secretary,), -5: (secretary, OWNER)}
        says = told("Sending the minutes of this meeting", how.format("Minutes"))
        yield Ladder("minutes", rungs, says), worked_days_after(meeting.on, 10)


TASK_WORDS = {
    "action_log": (
        "Action log",
        "This action",
        "Mark it Done, or agree a new date and change it here.",
        (7, 0, -7),
    ),
    "work_programme": (
        "Work programme",
        "This piece of work",
        "Bring its status up to date, or agree a new date.",
        (30, 7, 0, -14),
    ),
    "clinical_governance": (
        "Clinical governance log",
        "This matter",
        "Close it with what was learnt, or agree a new date.",
        (14, 0, -14),
    ),
}


def _task(task: Task) -> Entry:
    return Entry(
        where=f"{task.site}/{task.area}",
        title=task.title,
        clocks=partial(_task_clocks, task),
        since=task.entered,
        acts=frozenset([task.done] if task.done else []),
    )


def _task_clocks(task: Task, as_of: date) -> Running:
    if task.done and task.done <= as_of:
        return
    register, what, how, days = TASK_WORDS[task.area]
    rungs = {left: (task.owner, *([OWNER] if left == days[-1] else [])) for left in days}
    says = Words(register, task.site, task.title, what, how)
    yield Ladder("task", rungs, says), task.due


class RequestEntry(Entry):
    """A request; once it goes on, it says until the next look that its date was put right."""

    request: Request

    @classmethod
    def of(cls, request: Request) -> RequestEntry:
        made = cls(
            where="core/information_requests",
            title=request.title,
            clocks=partial(_request_clocks, request),
            since=request.received,
            acts=frozenset([*(request.paused or ()), request.answered]),
        )
        made.request = request
        return made

    def look(self, post: Post, today: date, as_of: date) -> None:
        goes_on = self.request.paused[1] if self.request.paused else None
        if self._status == CORRECTED and as_of < today and not self._reaches(today):
            return
        super().look(post, today, as_of)
        if goes_on == as_of == today:
            post.event(today, "status", f"{self.where} {self.title}", f"In order -> {CORRECTED}")
            self._status = CORRECTED

    def _reaches(self, today: date) -> bool:
        """Whether a rung falls on this day."""
        running = list(_request_clocks(self.request, today - DAY))
        return any(due and (due - today).days in ladder.rungs for ladder, due in running)


def _request_clocks(request: Request, as_of: date) -> Running:
    if request.answered <= as_of:
        return
    count = 20
    if request.paused and request.paused[0] <= as_of:
        since, until = request.paused
        if as_of < until:
            return
        count += sum(worked(since + n * DAY) for n in range(1, (until - since).days + 1))
    says = Words(
        "Information requests",
        "core",
        request.title,
        "The answer to this request",
        "Answer it, then set Answered on and Outcome.",
    )
    mine, both = (request.owner,), (request.owner, OWNER)
    rungs = {14: mine, 7: mine, 2: both, 0: both, -1: both}
    yield Ladder("answer", rungs, says), worked_days_after(request.received, count)


@dataclass(slots=True)
class Document:
    """A published document: its review date runs, and its status follows from it."""

    paper: Paper
    since: date = ENTERED
    _state: str = "Current"
    _mailed: set[date] = field(default_factory=set)

    @property
    def acts(self) -> frozenset[date]:
        return frozenset(on for on, _, _ in self.paper.course)

    def look(self, post: Post, today: date, as_of: date) -> None:
        if as_of == today == ENTERED:
            self._published(post)
        due = months_after(self.paper.adopted, 12)
        for on, _, new in self.paper.course:
            if on <= as_of:
                due = new
        climb(post, self.paper.name, self._ladder(self._mailed_to(today)), due, today)
        post.looked(self.paper.name)
        state = "Current" if today < due else "Under review" if today == due else "Overdue"
        if state != self._state:
            self._turned(post, today, state)
        if state == "Overdue" and due not in self._mailed:
            self._mailed.add(due)
            self._asked(post, today, due)

    def _turned(self, post: Post, today: date, state: str) -> None:
        post.event(today, "document", self.paper.name, f"{self._state} -> {state}")
        late = (self._state == "Overdue", state == "Overdue")
        if late[0] != late[1]:
            told = "In order -> Needs you" if late[1] else "Needs you -> In order"
            post.event(today, "status", f"core/controlled {self.paper.name}", told)
        self._state = state

    def _asked(self, post: Post, today: date, due: date) -> None:
        about = f"This is about “{self.paper.name}” in Controlled documents, WMIN Core Team."
        says = (
            f"Review date: The review was due on {british(due)}. A document is reviewed by its"
            " review date. Review the document, then set the new date in the Review date column."
        )
        subject = "Your document needs something from you"
        who = self._mailed_to(today)
        on = today  # that a day has come can wait for a day that is worked
        while not worked(on):
            on += DAY
        post.event(on, "mail", who, f"{subject} | {about} {says}")

    def _mailed_to(self, today: date) -> str:
        """Return who changed it last: whoever keeps the reviews, once she has set a new date."""
        edited = any(on < today for on, _, _ in self.paper.course)
        return MANAGER if edited else self.paper.author

    def _published(self, post: Post) -> None:
        paper = self.paper
        told = f"approved by the {approver_of(paper)} on {british(paper.adopted)} and is published."
        says = f"Your document is published | {paper.number} {paper.title}, V1 was {told}"
        post.event(ENTERED, "mail", paper.author, says)

    def _ladder(self, mailed: str) -> Ladder:
        """Return who has it in the digest: on the first late day not the one who is mailed."""
        usual = tuple(dict.fromkeys((self.paper.author, MANAGER)))
        told = {NEB: SECRETARIES["neb"], NOB: SECRETARIES["nob"]}
        board = told.get(approver_of(self.paper), OWNER)
        if self.paper.kind == "Terms of reference":
            board = OWNER
        rungs = dict.fromkeys((90, 30, 7, 0), usual)
        rungs[-1] = tuple(one for one in usual if one != mailed)
        return Ladder("review", rungs | dict.fromkeys((-14, -28), (*usual, board)), self._says)

    def _says(self, due: date, was: str) -> str:
        return (
            f"Controlled documents, WMIN Core Team | {self.paper.name}: its review"
            f" {was} due on {british(due)}."
            " Review it, record that under Reviews and set the new date."
        )
