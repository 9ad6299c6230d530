"""Publishing under content approval: what only Verger may do in a controlled library.

SharePoint REST: Graph v1.0 can put a draft forward but neither approves nor takes a version back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from sync.errors import Missing
from sync.tenant import meter
from sync.tenant.graph import Ask, segment
from sync.tenant.shapes import ChangedItem, DriveItem, Where, bare, item_path, list_path

if TYPE_CHECKING:
    from sync.tenant.client import Tenant
    from sync.tenant.sharepoint import SiteContext

APPROVED, DENIED, PENDING, DRAFT = 0, 1, 2, 3
"""SharePoint's own numbers of a file's approval status."""
COMMENT = 1023
"""Characters of a comment on publishing or approving."""


class _Drive(msgspec.Struct, frozen=True):
    """A library as a drive."""

    id: str


async def approve(
    tenant: Tenant, where: Where, unique_id: str, comment: str, *, draft: bool
) -> None:
    """Approve a file's newest version; a draft becomes the next major first (2 or 4 units).

    Never repeated by itself: the file is looked at anew. Raises Locked while somebody edits it.
    """

    def act(context: SiteContext) -> None:
        file = context.web.get_file_by_id(unique_id)
        if draft:
            file.publish(comment[:COMMENT])
            context.execute_query()
        file.approve(comment[:COMMENT])
        context.execute_query()

    units = meter.REST * (2 if draft else 1)
    doing = f"approve the file {unique_id}"
    await tenant.sharepoint.call(where.site_url, act, doing=doing, units=units, repeatable=False)


async def unpublish(tenant: Tenant, where: Where, unique_id: str, comment: str) -> None:
    """Make a file's published version a draft again (2 units): readers see the one before it."""

    def act(context: SiteContext) -> None:
        context.web.get_file_by_id(unique_id).unpublish(comment[:COMMENT])
        context.execute_query()

    doing = f"take back the published version of {unique_id}"
    await tenant.sharepoint.call(
        where.site_url, act, doing=doing, units=meter.REST, repeatable=False
    )


async def rendition(tenant: Tenant, where: Where, item_id: str, limit: int) -> bytes:
    """Return a file as PDF (1 unit), drawn by Microsoft 365.

    Raises Rejected where it can't be drawn (a kind of file that has no PDF, or "tooLarge").
    """
    path = f"{item_path(where, item_id)}/driveItem/content?format=pdf"
    return (
        await tenant.graph.download(path, limit=limit, doing=f"draw item {item_id} as PDF")
    ).data


async def rendition_at(tenant: Tenant, where: Where, name: str, limit: int) -> bytes:
    """Return the file of that name at a library's root as PDF (2 units). Raises as `rendition`."""
    path = f"{await _path(tenant, where, name)}?format=pdf"
    return (await tenant.graph.download(path, limit=limit, doing=f"draw a file of {where.id}")).data


async def put_file(
    tenant: Tenant, where: Where, name: str, data: bytes, kind: str = "application/pdf"
) -> str:
    """Put a file at a library's root in place of one of that name (3 units); returns its eTag."""
    path = await _path(tenant, where, name)
    headers = {"Content-Type": kind}
    doing = f"put a file into library {where.id}"
    ask = Ask("PUT", path, doing, data, headers, units=meter.WRITE)
    return bare((await tenant.graph.send(ask)).read(DriveItem).e_tag)


async def file_at(tenant: Tenant, where: Where, name: str, limit: int) -> bytes:
    """Return the bytes of the file of that name at a library's root (2 units).

    Raises Missing when there is none, Rejected "tooLarge" beyond `limit` bytes.
    """
    path = await _path(tenant, where, name)
    return (
        await tenant.graph.download(path, limit=limit, doing=f"fetch a file of {where.id}")
    ).data


async def version_content(
    tenant: Tenant, where: Where, item_id: str, label: str, limit: int
) -> bytes:
    """Return the bytes of an earlier version, named as SharePoint does ("1.0"; 2 units).

    Raises Missing when it is no longer kept, Rejected for the newest version, which the service
    gives out as the file itself only.
    """
    path = f"{item_path(where, item_id)}?$expand=driveItem"
    item = await tenant.graph.get(path, ChangedItem, doing=f"read item {item_id}")
    if item.drive_item is None:
        raise Missing(f"item {item_id} is no file")
    file = item.drive_item
    drive = segment(file.parent_reference.drive_id)
    link = f"/drives/{drive}/items/{segment(file.id)}/versions/{segment(label)}/content"
    return (
        await tenant.graph.download(link, limit=limit, doing=f"fetch {label} of item {item_id}")
    ).data


async def _path(tenant: Tenant, where: Where, name: str) -> str:
    """Return the path of a file's content at a library's root."""
    drive = await tenant.graph.get(
        f"{list_path(where)}/drive?$select=id", _Drive, doing=f"find the drive of {where.id}"
    )
    return f"/drives/{segment(drive.id)}/root:/{quote(name, safe='')}:/content"
