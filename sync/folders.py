"""A folder that is renamed or moved takes its files along, and the feed tells of the folder alone.

Where a file lies may make it one for the restricted library, so its files are looked at again. For
that each folder's last path is remembered; the files are found by the path they were last seen at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from sync.model.identifiers import masked
from sync.state import items, remembered, work
from sync.tenant.shapes import server_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sync.places import Place
    from sync.tenant.shapes import ChangedItem


def path_in(place: Place, item: ChangedItem) -> str:
    """Return the path of a feed's item inside its library, its own name at the end."""
    root = unquote(urlsplit(place.folder_url).path).strip("/")
    return server_path(item.web_url).strip("/").removeprefix(root).strip("/")


def folder_of(place: Place, item: ChangedItem) -> str:
    """Return the path of the folder that a feed's item lies in, "" at the library's root."""
    return path_in(place, item).rpartition("/")[0]


async def follow(
    tx: AsyncConnection, place: Place, told: Iterable[ChangedItem], now: datetime
) -> int:
    """Note where a feed's folders lie; open a row for each file of one that lay elsewhere before.

    Returns how many rows were opened. They wait behind what staff changed themselves.
    """
    folders = [one for one in told if one.is_folder and not one.deleted]
    here = {_key(place, one.id): masked(path_in(place, one)) for one in folders}
    before = await remembered.recall_all(tx, here) if here else {}
    left = {before[key]: path for key, path in here.items() if before.get(key, path) != path}
    if left:
        here = await _inside(tx, place, left) | here
    for key, path in here.items():
        if before.get(key) != path:
            await remembered.remember(tx, key, path)
    files = await items.under(tx, place.row.id, left) if left else []
    await work.put(tx, [_row(place, one) for one in files], now)
    return len(files)


async def _inside(tx: AsyncConnection, place: Place, left: Mapping[str, str]) -> dict[str, str]:
    """Return the new paths of all folders inside those that `left` an old path for a new one."""
    known = await remembered.recall_beginning(tx, _key(place, ""))
    return {
        key: new + path[len(old) :]
        for old, new in left.items()
        for key, path in known.items()
        if path.startswith(f"{old}/")
    }


def _row(place: Place, item_id: str) -> work.NewWork:
    lane = work.Lane.BACKGROUND
    return work.NewWork(list_id=place.row.id, item_id=item_id, kind="due", lane=lane)


def _key(place: Place, item_id: str) -> str:
    return f"folder:{place.row.id}:{item_id}"
