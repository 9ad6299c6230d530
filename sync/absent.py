"""A list that was deleted: noted once, told once, and followed again when it comes back.

SharePoint keeps a deleted list for 93 days in the recycle bin of its site ("Restore deleted items
from the site collection recycle bin"), and it comes back as it was. So its documents are not
written down as gone: their numbers, verdicts and rows stay as they were last seen until a person
decides. Nothing hints at the list meanwhile, but the hourly look at silent lists, which finds it
when it is there again.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sync import letters
from sync.errors import Missing
from sync.state import journal, leases, lists, notices, remembered
from sync.tenant import lists as wire

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from sync.places import Place
    from sync.service import Service
    from sync.state.leases import Lease
    from sync.state.lists import ListRow

SURE_AFTER = timedelta(minutes=10)
"""Two looks so far apart must agree: a list can answer 404 for minutes and be there all the time
(graph-docs#631, onedrive-api-docs#1476)."""
BEGINNING = "absent:"

log = logging.getLogger("verger.absent")


async def note(service: Service, row: ListRow, lease: Lease) -> None:
    """Note that a list's feed was not found, and let its lease go; a second look makes sure.

    Until then its hint stays uncovered, so that the sweep hints at it again. Raises what the look
    at the list itself raises, unless it is not there either.
    """
    log.warning("the feed of %s of %s was not found", row.title, row.site_url)
    there = await _is_there(service, row)
    place = await service.place(row.id)
    async with service.state.begin() as tx:
        known = await remembered.recall(tx, BEGINNING + row.id)
        if there:
            await remembered.forget(tx, BEGINNING + row.id)
        elif known is None:
            first = {"since": service.now().isoformat(), "told": False}
            await remembered.remember(tx, BEGINNING + row.id, first)
        elif service.now() - _since(known) >= SURE_AFTER:
            await lists.set_drained(tx, lease, row.hint_seq, service.now())
            await _tell(tx, service, place, known)
        await leases.release(tx, lease)


async def back(service: Service, row: ListRow) -> None:
    """Note that a list is there: it is followed again, and what it holds is compared anew."""
    async with service.state.begin() as tx:
        known = await remembered.recall(tx, BEGINNING + row.id)
        if known is None:
            return
        await remembered.forget(tx, BEGINNING + row.id)
        if known["told"]:
            await journal.append(tx, row.site_id, _entry(service, row, "list back", known))


async def gone(tx: AsyncConnection) -> dict[str, datetime]:
    """Return since when (UTC) lists are gone, by id; without those that were not found but once."""
    found = await remembered.recall_all(tx, await remembered.keys(tx, BEGINNING))
    sure = {key: one for key, one in found.items() if one["told"]}
    return {key.removeprefix(BEGINNING): _since(one) for key, one in sure.items()}


def _since(known: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(known["since"])


async def _is_there(service: Service, row: ListRow) -> bool:
    try:
        await wire.columns(service.tenant, row)
    except Missing:
        return False
    return True


async def _tell(tx: AsyncConnection, service: Service, place: Place, known: dict[str, Any]) -> None:
    """Journal it and mail the site's owner, once for each time that the list goes."""
    row = place.row
    if known["told"]:
        return
    await remembered.remember(tx, BEGINNING + row.id, {**known, "told": True})
    await journal.append(tx, row.site_id, _entry(service, row, "list gone", known))
    told = {"list": place.list.title, "site": place.spec.title}
    letter = letters.write(service.standard.letters, "list_gone", told, (), row.site_url)
    key = f"list gone:{row.id}:{known['since']}:{place.spec.owner}"
    await notices.queue_notice(
        tx, letters.notice(service, letter, key, place.spec.owner), service.now()
    )


def _entry(service: Service, row: ListRow, kind: str, known: dict[str, Any]) -> journal.Entry:
    return journal.Entry(
        at=service.now(),
        kind=kind,
        actor=service.settings.client_id,
        correlation_id=f"{kind}:{row.id}",
        list_id=row.id,
        schema_hash=service.schema_hash,
        after={"since": known["since"]},
        idempotency_key=f"{kind}:{row.id}:{known['since']}",
    )
