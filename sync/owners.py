"""Entries of registers whose owner has left: found once a day, and looked at at once.

The rule `owner_left` then tells those in charge and, in time, names the site's owner instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync import recipients
from sync.accounts import has_left
from sync.state import lists, register_rows, remembered
from sync.state.work import NewWork, put

if TYPE_CHECKING:
    from sync.places import Place
    from sync.service import Service
    from sync.state.register_rows import RegisterRow

POLICY = "owner_left"
KEY = "owners:day"


async def look(service: Service) -> int:
    """Have the open entries looked at whose owner has left; once a day. Returns how many.

    Costs 2 units for each person not asked about for a week. Nothing is written to SharePoint.
    """
    today = service.today().isoformat()
    async with service.state.read() as tx:
        done = await remembered.recall(tx, KEY)
        followed = await lists.all_lists(tx)
    if done == today:
        return 0
    places = [await service.place(row.id) for row in followed if not row.paused]
    watched = {one.row.id: one for one in places if one.modes.get(POLICY, "observe") != "observe"}
    async with service.state.read() as tx:
        rows = await register_rows.rows_of(tx, {one.area.key for one in watched.values()})
    left = [row for row in rows if row.open and await _left(service, watched.get(row.list_id), row)]
    again = [NewWork(list_id=one.list_id, item_id=one.item_id, kind="audit") for one in left]
    async with service.state.begin() as tx:
        await put(tx, again, service.now())
        await remembered.remember(tx, KEY, today)
    return len(left)


async def _left(service: Service, place: Place | None, row: RegisterRow) -> bool:
    if place is None or place.list.entries is None:
        return False
    told = {row.columns.get(column, "") for column in place.list.entries.answering}
    numbers = sorted({one for each in told for one in each.split(";") if one})
    addresses = [await recipients.mailbox(service, place, one) for one in numbers]
    return any([await has_left(service, one) for one in addresses if one])
