"""What there is on the first day of the year, and what people do in it: tables, and nothing else.

Both the staff that act (`staff.py`) and the calculator of what has to come of it (`expected.py`)
read these; neither knows the other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

YEAR = 2031
ENTERED = date(2031, 3, 31)
"""A Monday: the day on which everything that is there at the start is entered."""
FIRST, LAST = date(2031, 4, 1), date(2032, 4, 1)
"""The same day of two years; between them lie a 29 February and Easter twice."""


def day(text: str) -> date:
    """Read "14/05" as a day of this year, "14/05/30" as one of 2030."""
    parts = [int(one) for one in text.split("/")]
    return date(2000 + parts[2] if len(parts) == 3 else YEAR, parts[1], parts[0])


def _table(name: str) -> list[str]:
    """Return a table's lines below its heading."""
    return Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines()[1:]


@dataclass(frozen=True, slots=True)
class Paper:
    """A controlled document, adopted on a day; `course` is what becomes of its review."""

    number: str
    title: str
    kind: str
    author: str
    adopted: date
    course: tuple[tuple[date, str, date], ...] = ()
    """What is done when: "reviewed" or "put off", and the new review date."""

    @property
    def name(self) -> str:
        return f"{self.number} {self.title} V1.docx"


def _papers(table: list[str]) -> tuple[Paper, ...]:
    found = []
    for line in table:
        number, title, kind, author, adopted, *course = (one.strip() for one in line.split("|"))
        acts = (one.split() for one in course if one)
        told = tuple((day(when), what.replace("-", " "), day(new)) for when, what, new in acts)
        found.append(Paper(number, title, kind, author, day(adopted), told))
    return tuple(found)


PAPERS = _papers(_table("papers.txt"))


@dataclass(frozen=True, slots=True)
class Risk:
    """A risk with its likelihood and impact, last reviewed on a day, and what happens to it."""

    title: str
    owner: str
    likelihood: int
    impact: int
    reviewed: date
    mitigation: date | None = None
    course: tuple[tuple[date, str], ...] = ()
    """When, and what: "reviewed", "closed", or likelihood x impact as in "5x4"."""


def _risks(table: list[str]) -> tuple[Risk, ...]:
    found = []
    for line in table:
        cells = [one.strip() for one in f"{line}|".split("|")]
        title, owner, score, reviewed, mitigated, *course = cells
        likelihood, impact = (int(one) for one in score.split("x"))
        acts = (one.split(maxsplit=1) for one in course if one)
        told = tuple((day(when), what) for when, what in acts)
        due = day(mitigated) if mitigated else None
        found.append(Risk(title, owner, likelihood, impact, day(reviewed), due, told))
    return tuple(found)


RISKS = _risks(_table("risks.txt"))


@dataclass(frozen=True, slots=True)
class Meeting:
    """A board's meeting; papers and minutes sent on these days, None for never."""

    board: str
    on: date
    papers: date | None
    minutes: date | None
    absent: tuple[str, ...] = ()
    cancelled: date | None = None

    @property
    def title(self) -> str:
        return f"{self.board.upper()} {self.on:%d/%m/%Y}"


HELD = {
    "neb": "28/01 25/02 25/03 29/04 27/05 24/06 29/07 26/08 30/09 28/10 25/11 16/12"
    " 27/01/32 24/02/32 30/03/32",
    "nob": "21/01 18/02 18/03 22/04 20/05 17/06 22/07 19/08 23/09 21/10 18/11 09/12"
    " 20/01/32 17/02/32 23/03/32",
}
"""The Forum meets on the Executive Board's days, the Digital Board on the Operational Board's."""
SAME_DAYS = {"neb": "neb", "cdf": "neb", "nob": "nob", "db": "nob"}
VOTING = {"neb": 21, "nob": 15, "db": 5, "cdf": 5}
WEEK = timedelta(days=7)
NEVER = {("nob", day("17/02/32")), ("db", day("22/07")), ("cdf", day("24/06"))}
"""Meetings of which no minutes were ever sent."""
LATE = {("neb", day("28/10")): day("24/10"), ("db", day("18/11")): day("17/11")}
"""Meetings whose papers went out after their day."""
CANCELLED = {("cdf", day("30/09")): day("16/09")}
MISSING = {
    ("neb", "member07"): ("24/06", "29/07", "26/08", "30/09", "28/10"),
    ("db", "member02"): ("19/08", "23/09", "21/10"),
    ("db", "member03"): ("21/10",),
    ("db", "member04"): ("21/10",),
}
"""Who was not at which meetings; everybody else was there."""


def _meetings() -> tuple[Meeting, ...]:
    return tuple(
        _meeting(board, on)
        for board, days in SAME_DAYS.items()
        for on in map(day, HELD[days].split())
    )


def _meeting(board: str, on: date) -> Meeting:
    """Return a meeting as a rule: papers a week before, minutes one week or two after."""
    after = on + (2 * WEEK if SAME_DAYS[board] == "neb" else WEEK)
    gone = ((where, who) for (where, who), days in MISSING.items() if on in map(day, days))
    return Meeting(
        board,
        on,
        LATE.get((board, on), on - WEEK),
        None if (board, on) in NEVER else after,
        tuple(who for where, who in gone if where == board),
        CANCELLED.get((board, on)),
    )


MEETINGS = _meetings()


@dataclass(frozen=True, slots=True)
class Member:
    """A voting member of a board since a day, and when they declared their interests."""

    board: str
    who: str
    organisation: str
    since: date
    declared: tuple[date, ...]


ORGANISATIONS = (
    "The Dudley Group",
    *(f"Trust {number}" for number in range(2, 16)),
    *(f"Integrated Care Board {number}" for number in range(1, 7)),
)
DECLARED = {
    "neb": ("10/06/30", "27/05"),
    "nob": ("11/11/30", "18/11"),
    "db": ("03/02/31", "20/01/32"),
    "cdf": ("03/02/31", "20/01/32"),
}
"""When the members of a board declared, and when they did so again."""
LATE_AGAIN = {("neb", "member10"): "26/08", ("cdf", "member05"): "30/03/32"}
NEW = Member("neb", "member21", ORGANISATIONS[20], day("22/07"), (day("19/08"),))
"""Who joined in the year; the seat was empty until then."""


def _members() -> tuple[Member, ...]:
    found = []
    for board, count in VOTING.items():
        for number in range(1, count + 1):
            who = f"member{number:02}"
            if (board, who) == (NEW.board, NEW.who):
                continue
            first, again = DECLARED[board]
            days = (day(first), day(LATE_AGAIN.get((board, who), again)))
            name = ORGANISATIONS[number - 1]
            found.append(Member(board, who, name, day("01/04/29"), days))
    return tuple(found)


MEMBERS = (*_members(), NEW)


@dataclass(frozen=True, slots=True)
class Task:
    """An entry with an owner and a day: an action, a piece of work, a clinical matter."""

    site: str
    area: str
    title: str
    owner: str
    due: date
    done: date | None
    entered: date = ENTERED


def _tasks(table: list[str]) -> tuple[Task, ...]:
    found = []
    for line in table:
        site, area, title, owner, due, done, entered = (one.strip() for one in line.split("|"))
        told = day(done) if done else None
        since = day(entered) if entered else ENTERED
        found.append(Task(site, area, title, owner, day(due), told, since))
    return tuple(found)


TASKS = _tasks(_table("tasks.txt"))


@dataclass(frozen=True, slots=True)
class Request:
    """A request for information; `paused` are the days of a question back and of its answer."""

    title: str
    owner: str
    received: date
    answered: date
    paused: tuple[date, date] | None = None


REQUESTS = (
    Request("Waiting times", "helen.ward", day("03/06"), day("24/06")),
    Request("Spending on agency staff", "sam.price", day("02/09"), day("07/10")),
    Request(
        "Scanner ages", "helen.ward", day("25/11"), day("13/01/32"), (day("02/12"), day("16/12"))
    ),
)
REPORTED = "01/04 06/05 03/06 01/07 05/08 02/09 07/10 04/11 02/12 06/01/32 03/02/32 02/03/32"
FORGOTTEN = {("sig-data", day("01/07")), ("sig-ct", day("06/01/32"))}
"""The days on which the groups report, and who did not."""
REPORTS = tuple(
    (group, on)
    for group in ("sig-breast-imaging", "sig-ct", "sig-data")
    for on in map(day, REPORTED.split())
    if (group, on) not in FORGOTTEN
)
LEFT = day("16/09")
"""The day on which lea.dorn's account was closed."""
AGENDA = (day("20/05"), day("27/05"))
"""When the Executive Board's agenda was published, and for which meeting."""


@dataclass(frozen=True, slots=True)
class Year:
    """All of it, or a part of it for a shorter run."""

    papers: tuple[Paper, ...] = PAPERS
    risks: tuple[Risk, ...] = RISKS
    first: date = FIRST
    last: date = LAST
    days: tuple[date, ...] = field(init=False)

    def __post_init__(self) -> None:
        count = (self.last - self.first).days + 1
        object.__setattr__(
            self, "days", tuple(self.first + timedelta(days=n) for n in range(count))
        )
