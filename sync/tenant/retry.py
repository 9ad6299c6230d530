"""The one retry. Only Throttled and Unavailable are tried again here; the rest is for the flow.

A locked file (423) or a stale eTag (412) is not mended by asking again: it goes to the flow, which
parks it or reads anew. When one call is throttled the whole app pauses, for the quota is the app's.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from typing import TYPE_CHECKING

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception
from tenacity.stop import stop_after_attempt, stop_before_delay

from sync.errors import Throttled, Unavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

ATTEMPTS = 5
DEADLINE = 60.0  # seconds of waiting in one call; a longer wait is for the flow to park
FIRST_WAIT = 0.5  # seconds; doubled at each attempt
LONGEST_WAIT = 20.0
DEFAULT_PAUSE = 5.0  # seconds, when we are throttled without being told for how long
RETRIED = (Throttled, Unavailable)
WINDOW = 60.0  # seconds over which SharePoint counts an app's resource units


class Gate:
    """The app's pace against one tenant: a shared pause after a 429, and a budget for each minute.

    Lives on one event loop. `clock` is monotonic seconds; `sleep` waits for that many.
    """

    def __init__(
        self,
        units_per_minute: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._budget = units_per_minute
        self._clock = clock
        self._until = 0.0
        self._spent: deque[tuple[float, int]] = deque()
        self._sum = 0
        self.sleep = sleep

    def hold(self, seconds: float) -> None:
        """Let nobody through for so long; a shorter pause never shortens a longer one."""
        self._until = max(self._until, self._clock() + seconds)

    def wait_for(self, units: int) -> float:
        """Return the seconds until a call of this cost may start, 0.0 for at once."""
        now = self._clock()
        while self._spent and now - self._spent[0][0] >= WINDOW:
            self._sum -= self._spent.popleft()[1]
        pause = max(0.0, self._until - now)
        if self._spent and self._sum + units > self._budget:
            pause = max(pause, self._spent[0][0] + WINDOW - now)
        return pause

    async def enter(self, units: int, doing: str) -> None:
        """Wait for our turn and book the units. Raises Throttled when that would take too long."""
        while (pause := self.wait_for(units)) > 0:
            if pause > DEADLINE:
                raise Throttled("the app is paused", doing=doing, retry_after=pause)
            await self.sleep(pause + random.uniform(0, 0.1))  # noqa: S311 — spreads the restart
        self._spent.append((self._clock(), units))
        self._sum += units


class Retry:
    """Runs a call until it succeeds, fails for good, or its attempts or its time are used up."""

    def __init__(self, gate: Gate, *, attempts: int = ATTEMPTS, deadline: float = DEADLINE) -> None:
        self.gate = gate
        self._attempts = attempts
        self._deadline = deadline

    async def run[T](
        self,
        call: Callable[[], Awaitable[T]],
        *,
        doing: str,
        units: int = 1,
        repeatable: bool = True,
    ) -> T:
        """Return what `call` returns.

        `units` is its cost in resource units, booked at each attempt. A call that is not
        `repeatable` (a mail, a new row) is tried again only when it certainly was not carried out.
        Raises the last error, unchanged.
        """

        async def attempt() -> T:
            await self.gate.enter(units, doing)
            try:
                return await call()
            except Throttled as error:
                self.gate.hold(DEFAULT_PAUSE if error.retry_after is None else error.retry_after)
                raise

        retrying = AsyncRetrying(
            retry=retry_if_exception(lambda error: _again(error, repeatable=repeatable)),
            wait=_wait,
            stop=stop_after_attempt(self._attempts) | stop_before_delay(self._deadline),
            sleep=self.gate.sleep,
            reraise=True,
        )
        result: T = await retrying(attempt)
        return result


def _again(error: BaseException, *, repeatable: bool) -> bool:
    if not isinstance(error, RETRIED):
        return False
    return repeatable or not error.maybe_done


def _wait(state: RetryCallState) -> float:
    """Full jitter over a doubling wait, never less than the service asked for (seconds)."""
    ceiling = min(LONGEST_WAIT, FIRST_WAIT * 2**state.attempt_number)
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, RETRIED) else None
    return (asked or 0.0) + random.uniform(FIRST_WAIT / 2, ceiling)  # noqa: S311 — spreads, hides nothing
