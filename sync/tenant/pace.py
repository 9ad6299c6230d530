"""The app's pace against one tenant: one pause for all, a budget for each minute and each day.

The quota is the app's, not the process's, so what may be spent is drawn from one `Book`, kept in
memory for a process on its own and in SQL where several share the app (`Ledger`, sync.pacing). A
process draws some seconds' worth at a time and gives back what it did not use: no request waits for
SQL, and together they never spend more than the budget.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
import uuid
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol

from sync.errors import Throttled, VergerError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping

DEADLINE = 65.0  # seconds of waiting in one call; a longer wait, beyond a full minute, is parked
WINDOW = 60.0  # seconds over which SharePoint counts an app's resource units
DAY = 86_400.0  # seconds; the day's count begins anew at midnight UTC
DAY_PER_MINUTE = 960
"""A day's budget by a minute's: 1.2 M to 1,250, and so in every licence band (SharePoint, "How to
avoid getting throttled or blocked", limits by licence count)."""
FRESH = 3.0
"""Seconds for which drawn units may be spent, and a refusal stands: so late a process learns of
another's pause."""
DRAWS = 20
"""A full minute's budget is drawn in about so many draws, over all processes."""

log = logging.getLogger("verger.pace")


class Lane(IntEnum):
    """Who goes first, as in the work rows: containment, the day's changes, the background."""

    URGENT = 0
    NORMAL = 1
    BACKGROUND = 2


MINUTE_SHARE: Mapping[Lane, float] = {Lane.URGENT: 1.0, Lane.NORMAL: 1.0, Lane.BACKGROUND: 0.7}
"""How far a lane may fill the minute's budget: what people wait for finds the rest free."""
DAY_SHARE: Mapping[Lane, float] = {Lane.URGENT: 1.0, Lane.NORMAL: 0.95, Lane.BACKGROUND: 0.75}
"""How far a lane may fill the day's: the last twentieth is for taking files out of the open."""

_lane: ContextVar[Lane] = ContextVar("lane", default=Lane.NORMAL)


@contextmanager
def lane(which: int) -> Iterator[None]:
    """Have the calls made inside, in this task and those it starts, go by this lane."""
    mark = _lane.set(Lane(which))
    try:
        yield
    finally:
        _lane.reset(mark)


def current_lane() -> Lane:
    """Return the lane by which calls made here and now go."""
    return _lane.get()


class Spent(NamedTuple):
    """Units drawn at a moment (seconds since 1970), by a draw's id."""

    at: float
    units: int
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a process asks of the ledger: at least `units`, better `size`, for one lane.

    `used` gives back earlier draws (id and the units really spent); `hold` tells of a pause that
    the service asked for: seconds from now, and its words.
    """

    units: int
    size: int
    lane: Lane
    minute: int
    used: Mapping[str, int] = field(default_factory=dict)
    hold: tuple[float, str] | None = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """The ledger's answer: units granted under an id, or seconds to wait and the reason."""

    id: str = ""
    units: int = 0
    wait: float = 0.0
    says: str = ""


class Ledger(Protocol):
    """Where the processes of one app meet."""

    async def draw(self, wish: Wish) -> Drawn:
        """Carry a wish out, atomically over all processes."""


@dataclass(slots=True)
class Book:
    """What one app has spent and until when it is held. Moments are seconds since 1970."""

    held_until: float = 0.0
    says: str = ""
    day: int = 0
    spent: int = 0
    draws: list[Spent] = field(default_factory=list)

    def carry_out(self, wish: Wish, now: float) -> Drawn:
        """Give back, hold and draw, in this order."""
        self._turn_page(now)
        self._give_back(wish.used)
        if wish.hold is not None:
            self.hold(now + wish.hold[0], wish.hold[1])
        refused = self._refusal(wish, now)
        return refused or self._grant(wish, now)

    def hold(self, until: float, says: str) -> None:
        """Let nobody through until then; a shorter pause never shortens a longer one."""
        if until > self.held_until:
            self.held_until, self.says = until, says

    def _turn_page(self, now: float) -> None:
        self.draws = [one for one in self.draws if now - one.at < WINDOW + FRESH]
        if self.day != (today := int(now // DAY)):
            self.day, self.spent = today, 0

    def _give_back(self, used: Mapping[str, int]) -> None:
        """Book what was really spent; of a process that died, what it drew counts as spent."""
        for place, one in enumerate(self.draws):
            if one.id in used:
                left = one.units - used[one.id]
                self.draws[place] = one._replace(units=used[one.id])
                if int(one.at // DAY) == self.day:
                    self.spent -= left

    def _refusal(self, wish: Wish, now: float) -> Drawn | None:
        if self.held_until > now:
            return Drawn(wait=self.held_until - now, says=self.says)
        if self.spent and self.spent + wish.units > self._day_limit(wish):
            says = f"the day's budget of {wish.minute * DAY_PER_MINUTE:,} resource units is spent"
            return Drawn(wait=(self.day + 1) * DAY - now, says=f"{says} for {_called(wish.lane)}")
        late = self._full_for(wish, now)
        return Drawn(wait=late, says="the minute's budget is spent") if late > 0 else None

    def _full_for(self, wish: Wish, now: float) -> float:
        """Return the seconds until the minute has room; a call dearer than it goes on its own."""
        total = sum(one.units for one in self.draws)
        late = 0.0
        for one in sorted(self.draws):
            if total + wish.units <= _minute_limit(wish):
                break
            total -= one.units
            late = one.at + WINDOW + FRESH - now
        return late

    def _grant(self, wish: Wish, now: float) -> Drawn:
        room = _minute_limit(wish) - sum(one.units for one in self.draws)
        most = min(wish.size, room, self._day_limit(wish) - self.spent)
        made = Spent(now, max(wish.units, most), str(uuid.uuid4()))
        if not made.units:
            return Drawn()
        self.draws.append(made)
        self.spent += made.units
        return Drawn(made.id, made.units)

    @staticmethod
    def _day_limit(wish: Wish) -> int:
        return int(wish.minute * DAY_PER_MINUTE * DAY_SHARE[wish.lane])


def _minute_limit(wish: Wish) -> int:
    return int(wish.minute * MINUTE_SHARE[wish.lane])


def _called(which: Lane) -> str:
    return "background work" if which is Lane.BACKGROUND else "all but containment"


class Alone:
    """The ledger of a process that shares the app with no other."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._book = Book()
        self._clock = clock

    async def draw(self, wish: Wish) -> Drawn:
        return self._book.carry_out(wish, self._clock())


@dataclass(slots=True)
class _Purse:
    """Units drawn and not yet spent."""

    id: str
    drawn: int
    left: int
    until: float

    def take(self, units: int, now: float) -> bool:
        if now >= self.until or units > self.left:
            return False
        self.left -= units
        return True


class _Told(NamedTuple):
    """What the last answer said of the app's minute: units left, until when."""

    left: int
    until: float


class Gate:
    """Where every call of the app waits for its turn.

    Lives on one event loop; only `heed` may be called from elsewhere. `clock` is monotonic
    seconds; `sleep` waits for that many.
    """

    def __init__(
        self,
        units_per_minute: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        ledger: Ledger | None = None,
    ) -> None:
        self._budget = units_per_minute
        self._clock = clock
        self._ledger = ledger or Alone(clock)
        self._drawing = asyncio.Lock()
        self._purses: dict[Lane, _Purse] = {}
        self._refused: dict[Lane, tuple[float, Drawn]] = {}
        self._until = 0.0
        self._says = ""
        self._told = _Told(0, 0.0)
        self.sleep = sleep

    def hold(self, seconds: float, says: str = "the service asked for a pause") -> None:
        """Let nobody through for so long; a shorter pause never shortens a longer one."""
        if (until := self._clock() + seconds) > self._until:
            self._until, self._says = until, says

    def heed(self, headers: Mapping[str, str]) -> None:
        """Believe RateLimit-Remaining and -Reset (SharePoint, preview, from 80 % of a minute on).

        Half of what is left is taken for ours: another process hears of the same rest.
        """
        left, reset = headers.get("RateLimit-Remaining"), headers.get("RateLimit-Reset")
        if left and reset and left.isdecimal() and reset.isdecimal():
            self._told = _Told(int(left) // 2, self._clock() + int(reset))

    def wait_for(self, units: int) -> float:
        """Return the seconds until a call of this cost may ask for its turn, 0.0 for at once."""
        now = self._clock()
        pause = max(0.0, self._until - now)
        if now < self._told.until and (units > self._told.left or _lane.get() is Lane.BACKGROUND):
            pause = max(pause, self._told.until - now)
        return pause

    async def enter(self, units: int, doing: str) -> None:
        """Wait for our turn and book the units. Raises Throttled when that would take too long."""
        while (turn := await self._turn(units)).wait > 0:
            if turn.wait > DEADLINE:
                raise Throttled(f"the app is paused: {turn.says}", doing=doing,
                                retry_after=turn.wait)  # fmt: skip
            await self.sleep(turn.wait + random.uniform(0, 0.1))  # noqa: S311 — spreads the restart
        self._told = self._told._replace(left=self._told.left - units)

    async def close(self) -> None:
        """Give back what was drawn and not spent: short-lived processes would fill the minute."""
        async with self._drawing:
            used = {one.id: one.drawn - one.left for one in self._purses.values()}
            self._purses.clear()
            if not used:
                return
            nothing = Wish(units=0, size=0, lane=Lane.URGENT, minute=self._budget, used=used)
            try:
                await self._ledger.draw(nothing)
            except VergerError as error:
                log.warning("drawn units count as spent for a minute: %s", error)

    async def _turn(self, units: int) -> Drawn:
        """Return an empty answer when the units are ours, else how long to wait and why."""
        which = _lane.get()
        if (known := self._known(which, units)) is not None:
            return known
        async with self._drawing:
            if (known := self._known(which, units)) is not None:  # another task has drawn
                return known
            return await self._draw(which, units)

    def _known(self, which: Lane, units: int) -> Drawn | None:
        """Return what can be said without the ledger, None when it has to be asked."""
        now = self._clock()
        if now < self._until:  # a pause that the ledger does not know of yet
            return None
        if (pause := self.wait_for(units)) > 0:
            return Drawn(wait=pause, says="the service says that the minute is nearly full")
        asked, refusal = self._refused.get(which, (now, Drawn()))
        if now < asked + min(FRESH, refusal.wait):
            return Drawn(wait=asked + refusal.wait - now, says=refusal.says)
        purse = self._purses.get(which)
        return Drawn() if purse is not None and purse.take(units, now) else None

    async def _draw(self, which: Lane, units: int) -> Drawn:
        now = self._clock()
        untold = (self._until - now, self._says) if self._until > now else None
        old = self._purses.pop(which, None)
        wish = Wish(
            units=units,
            size=max(units, self._budget // DRAWS),
            lane=which,
            minute=self._budget,
            used={} if old is None else {old.id: old.drawn - old.left},
            hold=untold,
        )
        drawn = await self._ledger.draw(wish)
        if untold is not None:
            self._until = 0.0  # the ledger knows, and says so to all
        self._refused[which] = (self._clock(), drawn)
        if drawn.wait > 0:
            self._say(drawn)
            return drawn
        self._purses[which] = _Purse(drawn.id, drawn.units, drawn.units - units, now + FRESH)
        return Drawn()

    def _say(self, refused: Drawn) -> None:
        if refused.wait > DEADLINE:
            log.warning("nothing is asked of Microsoft 365 for %.0f s: %s", refused.wait,
                        refused.says)  # fmt: skip
