"""The link that stays where a file lay: a small Internet shortcut (`.url`), which SharePoint opens.

It is written only where the name is free, and known again by its words, so that a worker that died
half-way leaves one link, and nobody's own file is ever replaced.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from sync.errors import Missing, Rejected
from sync.tenant import meter
from sync.tenant.graph import Ask, segment
from sync.tenant.lists import drive_id
from sync.tenant.shapes import DriveItem, Where, bare

if TYPE_CHECKING:
    from sync.tenant.client import Tenant

LIMIT = 4096
"""Bytes of a shortcut; what is larger is somebody's own file."""


def shortcut(address: str) -> bytes:
    """Return the content of an Internet shortcut to an address."""
    return f"[InternetShortcut]\r\nURL={address}\r\n".encode()


async def leave(tenant: Tenant, where: Where, path: str, address: str) -> DriveItem | None:
    """Put a shortcut at `path` inside a library (2 units); None when another file lies there.

    One that leads to the same address already counts as put (3 units more).
    """
    drive, doing = await drive_id(tenant, where), f"leave a link in library {where.id}"
    way = f"/drives/{segment(drive)}/root:/{quote(path)}:/content"
    data = shortcut(address)
    try:
        return await _put(tenant, f"{way}?@microsoft.graph.conflictBehavior=fail", data, doing)
    except Rejected as error:
        if not error.name_taken:
            raise
    ours = await _is_ours(tenant, way, data, doing)
    return await _put(tenant, way, data, doing) if ours else None


def unique_id(made: DriveItem) -> str:
    """Return a file's UniqueId, which is what its eTag is made of."""
    return bare(made.e_tag).partition(",")[0]


async def remove(tenant: Tenant, where: Where, drive_item_id: str) -> None:
    """Put a shortcut into the recycle bin (2 units); one that is gone already is no error."""
    path = f"/drives/{segment(await drive_id(tenant, where))}/items/{segment(drive_item_id)}"
    doing = f"remove a link of library {where.id}"
    try:
        await tenant.graph.send(Ask("DELETE", path, doing, units=meter.WRITE))
    except Missing:
        return


async def _put(tenant: Tenant, path: str, data: bytes, doing: str) -> DriveItem:
    headers = {"Content-Type": "application/internet-shortcut"}
    ask = Ask("PUT", path, doing, data, headers, units=meter.WRITE)
    return (await tenant.graph.send(ask)).read(DriveItem)


async def _is_ours(tenant: Tenant, way: str, data: bytes, doing: str) -> bool:
    try:
        return (await tenant.graph.download(way, limit=LIMIT, doing=doing)).data == data
    except Missing:  # it went meanwhile
        return True
    except Rejected as error:
        if error.code != "tooLarge":
            raise
        return False
