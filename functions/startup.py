"""One service and one queue client for the whole process, opened at first use.

A failed opening is not kept: the next message tries again.
"""

from __future__ import annotations

import asyncio
import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sync.service import Service
    from sync.state.nudges import Nudges


async def service() -> Service:
    """Return the process's service; raises what stopped it from opening (Misconfigured …)."""
    opening = _opening()
    try:
        return await asyncio.shield(opening)
    except BaseException:
        if opening.done():
            _opening.cache_clear()
        raise


@cache
def _opening() -> asyncio.Task[Service]:
    from sync.service import open_service

    return asyncio.ensure_future(open_service())


@cache
def nudges() -> Nudges:
    """Return the sender of queue messages, on the app's own storage."""
    from sync.state.nudges import Nudges

    return Nudges.from_environment(os.environ)


@cache
def others() -> Nudges:
    """Return the sender to the other app's queues: VERGER_STORAGE where it is not our storage."""
    from sync.state.nudges import CONNECTION, Nudges

    told = os.environ.get("VERGER_STORAGE")
    return Nudges.from_environment({**os.environ, **({CONNECTION: told} if told else {})})
