"""Entries that one register makes in another: a certificate, a letter's draft, an agenda item.

Each is made once, however often its cause is looked at: what was entered is remembered, and an
entry is looked for by its EntryKey first. A draft that the chair deletes does not come back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.errors import Rejected
from sync.registers import wire_values
from sync.state import lists, remembered
from sync.tenant import rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sync.model import Enter
    from sync.places import Place
    from sync.service import Service
    from sync.state.lists import ListRow

KEY = "EntryKey"


async def enter(service: Service, place: Place, wanted: Iterable[Enter]) -> None:
    """Make these entries (4 units for one that is new, none for one made before).

    Raises Rejected where neither the site nor the core site has the register it is to stand in.
    """
    for remedy in wanted:
        home = await _home(service, place, remedy.area)
        known = f"entered:{home.id}:{remedy.once}"
        async with service.state.read() as tx:
            entered = await remembered.recall(tx, known)
        if entered and not remedy.always:
            continue
        if await rows.find(service.tenant, home, KEY, remedy.once) is None:
            there = await service.place(home.id)
            values = wire_values(there, {**remedy.values, KEY: remedy.once})
            await rows.create(service.tenant, home, values)
        async with service.state.begin() as tx:
            await remembered.remember(tx, known, value=True)


async def _home(service: Service, place: Place, area: str) -> ListRow:
    async with service.state.read() as tx:
        own = await lists.find_area(tx, place.row.site_id, area)
        every = [row for row in await lists.all_lists(tx) if row.area == area]
    if own is None and len(every) != 1:
        raise Rejected(f"there is no register {area!r} for an entry of {place.list.title}")
    return own or every[0]
