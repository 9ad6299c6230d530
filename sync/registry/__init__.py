"""The document registry follows the files: one row for each number, in a native list.

The truth of a number is its allocation in SQL; the row in SharePoint is what staff read. It is
written only when it would say something else than it does. The documents of every site are
registered in the site's own registry or, where it has none, in the network's one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sync.errors import Missing, Rejected, Unavailable
from sync.registry.columns import AREA, COPIED, GONE, NUMBER, TITLE, columns_of, without_file
from sync.state import items, lists
from sync.state.registry import RegistryRow, find_registry_number, get_registry_row
from sync.tenant import rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sync.acting import Acted
    from sync.places import Place
    from sync.service import Service
    from sync.state.lists import ListRow

__all__ = ["AREA", "GONE", "columns_of", "follow", "home_of", "withdraw", "write"]

_EMPTIED = dict.fromkeys(COPIED)


async def home_of(tx: AsyncConnection, site_id: str) -> ListRow | None:
    """Return the registry of a site's documents: the site's own, else the network's only one."""
    own = await lists.find_area(tx, site_id, AREA)
    if own is not None:
        return own
    every = [row for row in await lists.all_lists(tx) if row.area == AREA]
    return every[0] if len(every) == 1 else None


async def follow(service: Service, place: Place, acted: Acted) -> RegistryRow | None:
    """Bring the document's registry row in step. Returns what was written, None when nothing was.

    Where documents are not controlled, the row of one that had a number says that it left. Nothing
    is written where every rule only observes (decision 6). 2 resource units when something
    is. Raises what writing a list row raises.
    """
    if acted.settlement.status is None or acted.moved_from is not None:
        return None
    if not place.area.controlled:  # also of one whose arrival here was heard of before its leaving
        return await withdraw(service, place, acted.document.item_id)
    if not acted.number:
        return None
    document_id = acted.document.document_id
    async with service.state.read() as tx:
        home = await home_of(tx, place.row.site_id)
        own = await get_registry_row(tx, document_id)
        known = own or await find_registry_number(tx, acted.number)
    title = str(own.columns[TITLE]) if own and acted.foreign else ""
    wanted = columns_of(acted.document, acted.number, title)
    if home is None or (own is not None and own.columns == wanted):
        return None
    item_id = await write(service, home, known, wanted)
    return RegistryRow(
        document_id=document_id,
        number=acted.number,
        list_id=home.id,
        list_item_id=item_id,
        columns=wanted,
        etag=None,
        written_at=service.now(),
    )


async def withdraw(
    service: Service, place: Place, item_id: str, number: str = ""
) -> RegistryRow | None:
    """Let the row of a document say that its file is not there; its title and link go with it.

    `number` is the one a document got in the very look that took it away: it is listed, too.
    Returns what was written, None for a document without a number.
    """
    async with service.state.read() as tx:
        item = await items.get_item(tx, place.row.id, item_id)
        known = await get_registry_row(tx, item.document_id) if item else None
        home = await home_of(tx, place.row.site_id)
    told = known.number if known else number
    if item is None or home is None or not told:
        return None
    wanted = without_file(told, item.document_id, known.columns if known else {})
    if known is not None and known.columns == wanted:
        return None
    return RegistryRow(
        document_id=item.document_id,
        number=told,
        list_id=home.id,
        list_item_id=await write(service, home, known, wanted),
        columns=wanted,
        etag=None,
        written_at=service.now(),
    )


async def write(
    service: Service, home: ListRow, known: RegistryRow | None, wanted: Mapping[str, Any]
) -> str:
    """Create or update a row; a number whose row exists already (a dead worker's) is updated.

    Returns the row's item id. Columns that Verger does not keep stay as they are.
    """
    if known is not None and known.list_item_id is not None:
        emptied = _EMPTIED if TITLE in wanted else {}
        try:
            await rows.update(service.tenant, home, known.list_item_id, {**emptied, **wanted})
        except Missing:  # staff removed the row; its number still is, so the row is made anew
            pass
        else:
            return known.list_item_id
    try:
        return await rows.create(service.tenant, home, wanted)
    except (Rejected, Unavailable) as error:
        if isinstance(error, Unavailable) and not error.maybe_done:
            raise
        item_id = await rows.find(service.tenant, home, NUMBER, wanted[NUMBER])
        if item_id is None:
            raise
        await rows.update(service.tenant, home, item_id, wanted)
        return item_id
