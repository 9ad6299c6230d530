"""The nets below the webhook: rows nobody works on, dates that came, mail unsent, quiet lists."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sync import notices
from sync.changes import CHUNK
from sync.hints import Hint, Message, Nudge
from sync.state import backlog, due, lists

if TYPE_CHECKING:
    from sync.service import Service

SILENT_FOR = timedelta(hours=4)
"""A list not drained for so long is drained unhinted by the hourly look: a lost hint costs 5 h."""
MOST_NUDGES = 32
"""Nudges a sweep puts for one list; the next sweep sees to the rest."""


async def sweep(service: Service) -> list[Message]:
    """Open rows whose date has come, send waiting mail, and say which lists want a worker."""
    now = service.now()
    async with service.state.begin() as tx:
        await due.take_due(tx, now)
        ready = await backlog.ready_lists(tx, now)
        late = await lists.undrained(tx)
    await notices.deliver(service)
    at = now.isoformat()
    nudges = [
        Nudge(list_id, at)
        for list_id, rows in ready.items()
        for _ in range(min(MOST_NUDGES, -(-rows // CHUNK)))
    ]
    return [*(Hint(list_id, at) for list_id in late), *nudges]


async def hint_all(service: Service) -> list[Hint]:
    """Return a hint for each list that has been silent, so that a lost notification is made up."""
    now = service.now()
    async with service.state.read() as tx:
        quiet = await lists.silent_since(tx, now - SILENT_FOR)
    return [Hint(list_id, now.isoformat()) for list_id in quiet]
