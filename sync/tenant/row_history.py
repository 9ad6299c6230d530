"""Who set a column of a list row to what it says: told by the row's version history."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from sync.tenant import meter
from sync.tenant.shapes import By, Where, item_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync.tenant.client import Tenant


class RowVersion(msgspec.Struct, frozen=True, rename="camel"):
    """One version of a row: its columns then, who saved it, and when (aware, in UTC)."""

    id: str
    last_modified_date_time: datetime
    last_modified_by: By = By()
    fields: dict[str, Any] = msgspec.field(default_factory=dict)


class _Versions(msgspec.Struct):
    value: list[RowVersion]
    next_link: str | None = msgspec.field(name="@odata.nextLink", default=None)


async def history(tenant: Tenant, where: Where, item_id: str) -> tuple[RowVersion, ...]:
    """Return a row's versions with their columns, the newest first (2 units a page)."""
    link: str | None = f"{item_path(where, item_id)}/versions?$expand=fields"
    found: list[RowVersion] = []
    while link:
        doing = f"read who changed row {item_id} of list {where.id}"
        body = await tenant.graph.get(link, _Versions, doing=doing, units=meter.MANY)
        found += body.value
        link = body.next_link
    return tuple(found)


def setter(versions: Sequence[RowVersion], column: str) -> RowVersion:
    """Return the version that gave a column the value it has now; later ones left it alone.

    `versions` is a whole history, the newest first; IndexError when it is empty.
    """
    found = versions[0]
    for older in versions[1:]:
        if older.fields.get(column) != found.fields.get(column):
            break
        found = older
    return found
