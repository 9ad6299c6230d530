"""Exceptions whose time is over: ended, journalled, and their library asked to be checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.state import checks, exceptions, journal, lists, work

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from sync.service import Service
    from sync.state.exceptions import AccessException

ENDED = "access exception ended"


async def end_what_is_over(service: Service) -> int:
    """End the exceptions that have run out; returns how many. Their keeper tells beside the row.

    Those of a paused site last until it is resumed.
    """
    now = service.now()
    async with service.state.begin() as tx:
        paused = await lists.paused(tx)
        over = [one for one in await exceptions.run_out(tx, now) if one.library_id not in paused]
        for one in over:
            await _end(tx, service, one)
            again = work.NewWork(list_id=one.list_id, item_id=one.item_id, kind="audit")
            await work.put(tx, [again], now)
    return len(over)


async def _end(tx: AsyncConnection, service: Service, one: AccessException) -> None:
    now = service.now()
    await exceptions.end(tx, one, now)
    await checks.ask(tx, one.library_id, now)
    home = await lists.get_list(tx, one.list_id)
    if home is not None:
        await journal.append(tx, home.site_id, ended(service, one))


def ended(service: Service, one: AccessException) -> journal.Entry:
    """Return the entry for an exception's end; whom it was for stands beside it, erasable."""
    return journal.Entry(
        at=service.now(),
        kind=ENDED,
        actor=service.settings.client_id,
        correlation_id=f"{one.list_id}/{one.item_id}",
        list_id=one.list_id,
        item_id=one.item_id,
        before={"library": one.library_id, "file": one.file_id, "until": one.until.isoformat()},
        idempotency_key=f"{ENDED}:{one.list_id}:{one.item_id}:{one.until.isoformat()}",
        personal={"person": one.person},
    )
