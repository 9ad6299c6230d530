"""Documents in their libraries: what changed, what a file is, and the few writes Verger makes.

Columns and moves go by SharePoint REST (`columns.py`, `moves.py`) and are offered here too, so
that a flow finds everything about a document in one place. Content is only ever read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sync.errors import Rejected, Stale
from sync.tenant import meter
from sync.tenant.columns import set_columns, set_columns_many
from sync.tenant.graph import Ask, Downloaded
from sync.tenant.moves import arrived, move
from sync.tenant.shapes import (
    ChangedItem,
    DriveItem,
    FileFacts,
    ItemsBody,
    Page,
    VersionsBody,
    Where,
    bare,
    item_path,
    list_path,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sync.model import Document, Person, Version
    from sync.tenant.client import Tenant

__all__ = [
    "ChangedItem",
    "FileFacts",
    "Page",
    "arrived",
    "changes",
    "content",
    "fields",
    "file_facts",
    "holder",
    "latest",
    "move",
    "rename",
    "set_columns",
    "set_columns_many",
    "versions",
]

PAGE_SIZE = 200  # items; performance.md: memory stays flat, and a page costs the same


async def changes(
    tenant: Tenant, where: Where, cursor: str | None = None, page_size: int = PAGE_SIZE
) -> AsyncIterator[Page]:
    """Yield the pages of changes since `cursor`; without one, of everything.

    The `cursor` of any page is where to go on, that of the final one where the next round begins.
    An item may come more than once: the last one counts. Cost: 1 unit a page, 2 for the first
    without a cursor. Raises CursorGone when the cursor (or a link while paging) has died.
    """
    link = cursor or f"{list_path(where)}/items/delta?$expand=fields&$top={page_size}"
    units = meter.SINGLE if cursor else meter.MANY
    while link:
        given = link.startswith("https://")
        doing = f"read the changes of list {where.id}"
        answer = await tenant.graph.send(Ask("GET", link, doing, units=units, cursor=given))
        page = _page(answer.read(ItemsBody), link)
        yield page
        link, units = ("" if page.final else page.cursor), meter.SINGLE


async def latest(tenant: Tenant, where: Where) -> str:
    """Return a cursor from which only later changes are told (2 units)."""
    doing = f"get the present cursor of list {where.id}"
    path = f"{list_path(where)}/items/delta?token=latest&$expand=fields"
    body = await tenant.graph.get(path, ItemsBody, doing=doing, units=meter.MANY)
    return _page(body, path).cursor


async def file_facts(tenant: Tenant, where: Where, item_id: str) -> FileFacts | None:
    """Return a file as it is now, columns and all (1 unit); None for a folder or a plain row."""
    path = f"{item_path(where, item_id)}?$expand=fields,driveItem"
    item = await tenant.graph.get(path, ChangedItem, doing=f"read item {item_id}")
    file = item.drive_item
    return None if file is None or file.file is None else FileFacts.of(item, file)


async def fields(tenant: Tenant, where: Where, item_id: str) -> dict[str, Any]:
    """Return an item's columns by internal name, empty ones left out (1 unit)."""
    path = f"{item_path(where, item_id)}?$expand=fields"
    item = await tenant.graph.get(path, ChangedItem, doing=f"read the columns of item {item_id}")
    return item.fields


async def content(tenant: Tenant, where: Where, item_id: str, limit: int) -> Downloaded:
    """Return a file's bytes and its eTag, "" when the answer bears none (1 unit).

    Raises Rejected with code "tooLarge" beyond `limit` bytes.
    """
    path = f"{item_path(where, item_id)}/driveItem/content"
    return await tenant.graph.download(path, limit=limit, doing=f"fetch item {item_id}")


async def holder(tenant: Tenant, where: Where, item_id: str) -> Person | None:
    """Return who has a file checked out (1 unit), None when nobody has."""
    path = f"{item_path(where, item_id)}/driveItem?$select=id,name,publication"
    file = await tenant.graph.get(path, DriveItem, doing=f"read who holds item {item_id}")
    return file.publication.by.person if file.publication and file.publication.by else None


async def versions(tenant: Tenant, where: Where, item_id: str) -> tuple[Version, ...]:
    """Return an item's versions, the newest first (2 units a page)."""
    doing = f"read the versions of item {item_id}"
    link: str | None = f"{item_path(where, item_id)}/versions"
    found: list[Version] = []
    while link:
        body = await tenant.graph.get(link, VersionsBody, doing=doing, units=meter.MANY)
        found += [one.version for one in body.value]
        link = body.next_link
    return tuple(found)


async def rename(tenant: Tenant, where: Where, document: Document, name: str) -> str:
    """Give a file another name in its folder (3 units) and return its file's new eTag.

    Raises Stale when it has changed since `document` was read, Rejected (`name_taken`) when another
    file has the name, Locked while somebody edits it.
    """
    doing = f"rename item {document.item_id}"  # no names: this text reaches logs
    now = await file_facts(tenant, where, document.item_id)
    if now is None or now.etag != document.etag:
        raise Stale("it has changed since it was judged", doing=doing)
    path = f"/drives/{now.drive_id}/items/{now.drive_item_id}"
    body = {"name": name, "@microsoft.graph.conflictBehavior": "fail"}
    headers = {"If-Match": now.file_etag}
    ask = Ask("PATCH", path, doing, body, headers, units=meter.WRITE)
    return bare((await tenant.graph.send(ask)).read(DriveItem).e_tag)


def _page(body: ItemsBody, link: str) -> Page:
    cursor = body.next_link or body.delta_link
    if cursor is None:
        raise Rejected("the page has neither a next link nor a delta link", doing=f"follow {link}")
    return Page(body.value, cursor, body.next_link is None)
