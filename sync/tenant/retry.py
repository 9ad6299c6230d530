"""The one retry. Only Throttled and Unavailable are tried again here; the rest is for the flow.

A locked file (423) or a stale eTag (412) is not mended by asking again: it goes to the flow, which
parks it or reads anew. When one call is throttled the whole app pauses, for the quota is the app's
(`sync.tenant.pace`).
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception
from tenacity.stop import stop_after_attempt, stop_before_delay

from sync.errors import Throttled, Unavailable
from sync.tenant.pace import DEADLINE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sync.tenant.pace import Gate

ATTEMPTS = 5
FIRST_WAIT = 0.5  # seconds; doubled at each attempt
LONGEST_WAIT = 20.0
DEFAULT_PAUSE = 5.0  # seconds, when we are throttled without being told for how long
RETRIED = (Throttled, Unavailable)


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
                pause = DEFAULT_PAUSE if error.retry_after is None else error.retry_after
                self.gate.hold(pause, f"Microsoft 365 asked for it ({error.status or 'throttled'})")
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
