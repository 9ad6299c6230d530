"""What a list holds, read whole before anything about it is tightened or taken away.

Pages of 5,000 rows by id (2 units each, assumed), so that no list view threshold is met.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sync.tenant import rest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from sync.tenant.client import Tenant

PAGE = 5000
NEXT = "odata.nextLink"
FILE = 0
_BY_ID = frozenset({"user", "lookup"})


async def rows(
    tenant: Tenant, site_url: str, list_id: str, members: str
) -> AsyncIterator[Mapping[str, Any]]:
    """Yield the rows of a list, folders too, with these members ("Id,Status")."""
    path: str | None = f"Web/Lists(guid'{list_id}')/Items?$select={members}&$top={PAGE}"
    while path:
        page = await rest.read(tenant, site_url, path, doing=f"read what list {list_id} holds")
        for row in page["value"]:
            yield row
        link = page.get(NEXT)
        path = None if link is None else str(link).partition("/_api/")[2]


async def file_ids(tenant: Tenant, site_url: str, list_id: str) -> list[str]:
    """Return the ids of a library's files, without its folders."""
    found = rows(tenant, site_url, list_id, "Id,FileSystemObjectType")
    return [str(row["Id"]) async for row in found if row["FileSystemObjectType"] == FILE]


async def values(
    tenant: Tenant, site_url: str, list_id: str, column: str, kind: str
) -> dict[str, Any]:
    """Return a column's values that are not empty, by the row's id."""
    member = f"{column}Id" if kind in _BY_ID else column
    found = rows(tenant, site_url, list_id, f"Id,{member}")
    return {str(row["Id"]): row[member] async for row in found if row[member] not in (None, "", [])}
