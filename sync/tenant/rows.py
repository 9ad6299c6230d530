"""Rows of plain lists (registry, risk register): found, added, changed through Graph.

A plain list may make versions as it likes, so unlike a document's columns these go by Graph.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sync.errors import Missing
from sync.tenant import meter
from sync.tenant.graph import Ask
from sync.tenant.shapes import ChangedItem, ItemsBody, Where, item_path, list_path

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from sync.tenant.client import Tenant

PAGE_SIZE = 200
# Graph's own name for "filter even where there is no index"; ours are indexed, small lists need not
NOT_INDEXED = {"Prefer": "HonorNonIndexedQueriesWarningMayFailRandomly"}


async def find(tenant: Tenant, where: Where, column: str, value: str) -> str | None:
    """Return the item id of the first row whose column equals `value`, else None (2 units)."""
    rows = await find_all(tenant, where, column, value)
    return rows[0].id if rows else None


async def find_all(
    tenant: Tenant, where: Where, column: str, value: str
) -> tuple[ChangedItem, ...]:
    """Return the rows whose column equals `value` (2 units)."""
    literal = value.replace("'", "''")
    query = quote(f"fields/{column} eq '{literal}'", safe="/'")
    path = f"{list_path(where)}/items?$expand=fields&$filter={query}"
    doing = f"find the row with {column} {value!r}"
    ask = Ask("GET", path, doing, headers=NOT_INDEXED, units=meter.MANY)
    return tuple((await tenant.graph.send(ask)).read(ItemsBody).value)


async def get(tenant: Tenant, where: Where, item_id: str) -> ChangedItem:
    """Return a row as it is now, columns and all (1 unit); Missing when it is gone."""
    path = f"{item_path(where, item_id)}?$expand=fields"
    return await tenant.graph.get(path, ChangedItem, doing=f"read row {item_id}")


async def every(tenant: Tenant, where: Where) -> AsyncIterator[ChangedItem]:
    """Yield all rows of a list (2 units a page of 200)."""
    link: str | None = f"{list_path(where)}/items?$expand=fields&$top={PAGE_SIZE}"
    while link:
        doing = f"read the rows of list {where.id}"
        body = await tenant.graph.get(link, ItemsBody, doing=doing, units=meter.MANY)
        for row in body.value:
            yield row
        link = body.next_link


async def create(tenant: Tenant, where: Where, fields: Mapping[str, Any]) -> str:
    """Add a row and return its item id (2 units).

    Not tried again when it may have been added (`maybe_done`): look for it first.
    """
    body = {"fields": dict(fields)}
    doing = f"add a row to list {where.id}"
    ask = Ask("POST", f"{list_path(where)}/items", doing, body, units=meter.WRITE)
    return (await tenant.graph.send(ask)).read(ChangedItem).id


async def update(
    tenant: Tenant, where: Where, item_id: str, fields: Mapping[str, Any], etag: str = ""
) -> dict[str, Any]:
    """Change columns of a row (2 units) and return its columns after it.

    With `etag` (as given by Graph, `ChangedItem.tag`), raises Stale when the row has changed since.
    """
    headers = {"If-Match": etag} if etag else {}
    doing = f"change row {item_id} of list {where.id}"
    path = f"{item_path(where, item_id)}/fields"
    ask = Ask("PATCH", path, doing, dict(fields), headers, units=meter.WRITE)
    told: dict[str, Any] = (await tenant.graph.send(ask)).read(dict[str, Any])
    return told


async def remove(tenant: Tenant, where: Where, item_id: str) -> None:
    """Put a row into the recycle bin (2 units); one that is gone already is no error."""
    doing = f"remove row {item_id} of list {where.id}"
    ask = Ask("DELETE", item_path(where, item_id), doing, units=meter.WRITE)
    try:
        await tenant.graph.send(ask)
    except Missing:
        return
