"""What has to come of the year, worked out from the tables alone, one morning after the other.

Nothing of the product is asked here, least of all its ladders and its calendar: each day is gone
through by brute force, each rung is told once, and what gathers on days that are not worked goes
out on the next one, the last word about each date only. What was done by then is not told.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from tests.governance_year.events import Event
from tests.governance_year.facts import ENTERED, FIRST, LAST, day

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

DAY = timedelta(days=1)
HOLIDAYS = frozenset(
    day(one)
    for one in (
        *("11/04", "14/04", "05/05", "26/05", "25/08", "25/12", "26/12"),
        *("01/01/32", "26/03/32", "29/03/32"),
    )
)
"""England's bank holidays from April 2031 to March 2032 (gov.uk/bank-holidays: Easter is on 13
April 2031 and on 28 March 2032)."""
OWNER = "nadia.drew"


def worked(on: date) -> bool:
    return on.weekday() < 5 and on not in HOLIDAYS


def worked_days_after(start: date, count: int) -> date:
    """Return the count-th day worked after a day; before it for a negative count."""
    on, left, step = start, abs(count), DAY if count > 0 else -DAY
    while left:
        on += step
        left -= worked(on)
    return on


def months_after(start: date, count: int) -> date:
    """Count months on; the tables name no day that a month may lack."""
    month = start.month - 1 + count
    return date(start.year + month // 12, month % 12 + 1, start.day)


def british(on: date) -> str:
    return f"{on:%d/%m/%Y}"


type About = tuple[object, ...]
type Line = tuple[str, About, object]
"""Who is told of what, and on which occasion."""


@dataclass(slots=True)
class Post:
    """Lines that wait for somebody's next digest, and all events that came.

    What a line is `about` begins with the entry, document or site it is asked of.
    """

    events: list[Event] = field(default_factory=list)
    _told: dict[object, set[Line]] = field(default_factory=lambda: defaultdict(set))
    _asked: set[Line] = field(default_factory=set)
    _waiting: dict[tuple[str, About], str] = field(default_factory=dict)

    def line(self, to: str, about: About, occasion: object, says: str) -> None:
        """Put a line down for somebody, once for each occasion; the latest about a thing stays."""
        told, line = self._told[about[0]], (to, about, occasion)
        self._asked.add(line)
        if line not in told:
            told.add(line)
            self._waiting[to, about] = says

    def looked(self, at: object) -> None:
        """End a look: what it no longer found is not told any more, and anew when it comes back."""
        asked = {one for one in self._asked if one[1][0] == at}
        still = {(to, about) for to, about, _ in asked}
        for to, about, _ in self._told[at] - asked:
            if (to, about) not in still:
                self._waiting.pop((to, about), None)
        self._told[at] &= asked
        self._asked -= asked

    def event(self, on: date, kind: str, who: str, says: str) -> None:
        self.events.append(Event(on, kind, who, says))

    def morning(self, on: date) -> None:
        """Send what waits, on a day that is worked."""
        if worked(on):
            lines = {(to, says) for (to, _), says in self._waiting.items()}
            self.events += [Event(on, "digest", to, says) for to, says in lines]
            self._waiting.clear()


@dataclass(frozen=True, slots=True)
class Ladder:
    """Who is reminded how many days before a date, and in which words.

    `says` makes the line from the date and whether it "is" or "was" due.
    """

    key: str
    rungs: Mapping[int, tuple[str, ...]]
    says: Callable[[date, str], str]


def climb(post: Post, about: str, ladder: Ladder, due: date, today: date) -> None:
    """Tell the last rung that a date has come to."""
    reached = [left for left in ladder.rungs if due - timedelta(days=left) <= today]
    if reached:
        rung = min(reached)
        for to in dict.fromkeys(ladder.rungs[rung]):
            says = ladder.says(due, "was" if due < today else "is")
            post.line(to, (about, ladder.key, due), rung, says)


@dataclass(slots=True)
class Entry:
    """A row of a register as its facts change: the dates that run, and what is done when."""

    where: str
    title: str
    clocks: Callable[[date], Iterable[tuple[Ladder, date | None]]]
    """The ladders and dates that run after the acts up to and with a day."""
    since: date
    acts: frozenset[date]
    lacks: Callable[[date], bool] = lambda _on: False
    _status: str = "In order"

    def look(self, post: Post, today: date, as_of: date) -> None:
        """Judge the row on a day, by what had been done with it up to `as_of`."""
        late = self.lacks(as_of)
        for ladder, due in self.clocks(as_of):
            if due is not None:
                climb(post, f"{self.where} {self.title}", ladder, due, today)
                late = late or due < today
        post.looked(f"{self.where} {self.title}")
        status = "Needs you" if late else "In order"
        if status != self._status:
            post.event(today, "status", f"{self.where} {self.title}", f"{self._status} -> {status}")
            self._status = status


def days() -> Iterator[date]:
    on = FIRST
    while on <= LAST:
        yield on
        on += DAY


def events(year: object) -> list[Event]:
    """Return everything that has to come of the year, in order."""
    from tests.governance_year import expected_rows, expected_whole  # noqa: PLC0415 - they need this

    post = Post()
    entries = list(expected_rows.entries(year))
    for one in entries:
        if one.since == ENTERED:
            one.look(post, ENTERED, ENTERED)
    for on in days():
        before = on - DAY
        for one in entries:
            if one.since < on:
                one.look(post, on, before)
        expected_whole.look(post, on)
        post.morning(on)
        for one in entries:
            if on in one.acts or on == one.since:
                one.look(post, on, on)
    return sorted(post.events)


def looked_at() -> frozenset[date]:
    """Return the days on which a look at whole registers can find something, and a few besides."""
    from tests.governance_year import expected_whole  # noqa: PLC0415 - it needs this module

    return expected_whole.looked_at()
