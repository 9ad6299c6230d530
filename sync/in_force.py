"""The very bytes that were published, wherever SharePoint keeps them by now."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from sharepoint_schema.labels import Label
from sync.errors import Missing, Rejected
from sync.facts import limits_of
from sync.reading.pool import read_within
from sync.tenant import documents, publishing

if TYPE_CHECKING:
    from sync.service import Service
    from sync.state.decisions import PublicationRow
    from sync.state.items import ItemRow
    from sync.state.lists import ListRow

log = logging.getLogger("verger.in_force")


async def published_bytes(
    service: Service, where: ListRow, item: ItemRow, row: PublicationRow
) -> bytes | None:
    """Return what a publication published, out of the file or of its history (1 to 3 units).

    None where neither has it any more: other content is never given out for it (decision 2).
    Raises what may pass, such as Throttled.
    """
    try:
        data = await _content(service, where, item, row)
    except (Missing, Rejected) as error:
        log.warning("%s %s can't be had: %s", row.number, row.label, error)
        return None
    reading = await asyncio.to_thread(read_within, data, item.name, limits_of(service))
    return data if reading.content_id == row.content_id else None


async def _content(service: Service, where: ListRow, item: ItemRow, row: PublicationRow) -> bytes:
    limit = service.standard.limits.bytes
    if item.content_id == row.content_id:
        return (await documents.content(service.tenant, where, item.item_id, limit)).data
    version = f"{Label.parse(row.label).major}.0"
    return await publishing.version_content(service.tenant, where, item.item_id, version, limit)
