"""Which document somebody means: by its number, its key, or a link to it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from sync.errors import Missing
from sync.model import parse_number
from sync.state import items, lists, numbers

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from sync.service import Service
    from sync.state.items import ItemRow


async def find(service: Service, text: str) -> ItemRow:
    """Return where the document meant by `text` is: "Gov-04", its key, or its address.

    Raises Missing with a sentence when there is none, or it is no longer there.
    """
    said = text.strip()
    async with service.state.read() as tx:
        found = await _find(service, tx, said)
    if found is None or found.deleted_at is not None:
        raise Missing(f"there is no document {said!r} here; give its number, or a link to it")
    return found


async def _find(service: Service, tx: AsyncConnection, said: str) -> ItemRow | None:
    if said.lower().startswith("https://"):
        return await _by_link(service, tx, said)
    if (number := parse_number(said)) is not None:
        row = await numbers.get_number(tx, number)
        return await items.item_of(tx, row.document_id) if row and row.document_id else None
    try:
        key = str(uuid.UUID(said))
    except ValueError:
        return None
    return await items.item_of(tx, key)


async def _by_link(service: Service, tx: AsyncConnection, link: str) -> ItemRow | None:
    """Find a file by its path, or by the id that an editor's link carries (?sourcedoc={…}).

    The host is not compared: all sites are of one tenant, and on one machine it has two names.
    """
    parts = urlsplit(link)
    for told in parse_qs(parts.query).get("sourcedoc", ()):
        found = await items.find_by_unique_id(tx, told.strip("{}").lower())
        return next((row for row in found if row.deleted_at is None), None)
    path = unquote(parts.path)
    for home in await lists.all_lists(tx):
        root = unquote(urlsplit((await service.place(home.id)).folder_url).path)
        if path.lower().startswith(f"{root.lower()}/"):
            folder, _, name = path[len(root) :].strip("/").rpartition("/")
            taken = await items.names_in_folder(tx, home.id, folder, name)
            item_id = taken.get(items.name_key(name))
            return await items.get_item(tx, home.id, item_id) if item_id else None
    return None
