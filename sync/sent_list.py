"""The sent list in SharePoint: a database restored from an older copy mails nothing twice (23).

Each minute what left is noted there, one row for all of it: digests only, no address, no subject.
Before a process sends its first mail it reads what the list has that its database does not know.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sync import ledger
from sync.errors import CursorGone
from sync.state import notices as outbox
from sync.state import sent
from sync.state.sent import Handles
from sync.tenant import documents

if TYPE_CHECKING:
    from sync.service import Service
    from sync.state.lists import ListRow
    from sync.tenant.shapes import ChangedItem, Page

KEPT = timedelta(days=90)
"""How long a sent mail stays noted: longer than the oldest backup that can be restored (Azure
Database for PostgreSQL keeps 35 days at most, "Backup and restore", flexible server)."""
MOST = 500
"""Mails noted in one row: some 33,000 characters, of the 63,999 that a column of notes takes."""


async def flush(service: Service) -> int:
    """Note in SharePoint what was sent since the last time. Returns how many mails.

    One request for each MOST of them, none when nothing was sent. A row that was made and not
    answered is made again: a mail noted twice is no harm.
    """
    noted = 0
    while told := await _unnoted(service):
        home = await ledger.home(service)
        if home is None:
            return noted
        lines = "\n".join(f"{one.key} {one.content}" for one in map(Handles.of, told))
        row = await ledger.write(service, home, ledger.SENT, lines)
        async with service.state.begin() as tx:
            await sent.mark_noted(tx, told, row)
        noted += len(told)
    return noted


async def went_before(service: Service, notice: outbox.Notice) -> bool:
    """Say whether a claimed mail left already, by what the sent list told; settle it if it did.

    The first call of a process reads the list: one request when it holds nothing new. Raises what
    the reading raises; nothing is sent until it has succeeded.
    """
    await catch_up(service)
    async with service.state.begin() as tx:
        if not await sent.use_up(tx, notice):
            return False
        await outbox.mark_sent(tx, notice, service.now())
    return True


async def catch_up(service: Service) -> None:
    """Learn, once in a process, of the mails that left without this database knowing."""
    if service.sent_list_read:
        return
    home = await ledger.home(service)
    if home is None:  # no core site yet, or a database that has not heard of it
        return
    async with service.state.read() as tx:
        since = await sent.cursor(tx, home.id)
    try:
        await _read(service, home, since)
    except CursorGone:
        await _read(service, home, None)
    service.sent_list_read = True


async def prune(service: Service) -> int:
    """Remove rows, and forget mails, that are older than KEPT. Returns how many rows."""
    before = service.now() - KEPT
    async with service.state.begin() as tx:
        await sent.forget_before(tx, before)
    home = await ledger.home(service)
    return 0 if home is None else await ledger.remove(service, home, ledger.SENT, before)


async def _unnoted(service: Service) -> list[outbox.Notice]:
    async with service.state.read() as tx:
        return await sent.unnoted(tx, service.now() - KEPT, MOST)


async def _read(service: Service, home: ListRow, since: str | None) -> None:
    async for page in documents.changes(service.tenant, home, since):
        await _learn(service, home, page)


async def _learn(service: Service, home: ListRow, page: Page) -> None:
    """Take in one page: what this database itself noted, or sent and did not note, is not news."""
    rows = {one.id: one for one in page.items if ledger.kind_of(one) == ledger.SENT}
    async with service.state.begin() as tx:
        known = await sent.noted_rows(tx, list(rows))
        own = {Handles.of(one) for one in await sent.unnoted(tx, service.now() - KEPT, MOST)}
        for row in (one for key, one in rows.items() if key not in known):
            news = [one for one in _handles(row) if one not in own]
            await sent.learn(tx, news, datetime.fromisoformat(row.fields["Title"]))
        await sent.keep_cursor(tx, home.id, page.cursor)


def _handles(row: ChangedItem) -> list[Handles]:
    """Return what a row notes; a line that somebody spoilt by hand notes nothing."""
    pairs = (line.split() for line in ledger.entry_of(row).splitlines())
    return [Handles(*pair) for pair in pairs if len(pair) == 2]  # noqa: PLR2004 - key and content
