"""The nets below the webhook: rows nobody works on, dates that came, mail unsent, quiet lists."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sync import notices
from sync.changes import CHUNK, MOST_NUDGES
from sync.hints import SILENT, Hint, Message, Nudge
from sync.pacing import standing
from sync.state import backlog, due, lists

if TYPE_CHECKING:
    from sync.service import Service

SILENT_FOR = timedelta(hours=4)
"""A list not drained for so long is drained unhinted by the hourly look: a lost hint costs 5 h."""


async def sweep(service: Service) -> list[Message]:
    """Open rows whose date has come, send waiting mail, and say which lists want a worker.

    While the service's pause or the day's budget keeps changes from being read, no list is hinted
    at again: each hint waits in the queue by itself.
    """
    now = service.now()
    async with service.state.begin() as tx:
        await due.take_due(tx, now)
        ready = await backlog.ready_lists(tx, now)
        late = await lists.undrained(tx)
    await notices.deliver(service)
    if (await standing(service.state, service.settings)).held:
        late = []
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
    return [Hint(list_id, now.isoformat(), kind=SILENT) for list_id in quiet]
