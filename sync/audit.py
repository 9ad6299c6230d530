"""Judge everything that is there, by the same way as an event: rows in SQL, nudges, workers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sync.changes import nudges
from sync.hints import Hint, Nudge
from sync.state import lists, work
from sync.tenant import documents

if TYPE_CHECKING:
    from sync.service import Service
    from sync.state.lists import ListRow
    from sync.tenant.shapes import Page


async def audit(service: Service, site_url: str | None = None) -> tuple[int, list[Nudge]]:
    """Put a row for every file of every policed list (of one site, or all).

    Returns how many rows there are and the nudges for them. The lists' cursors stay where they are.
    """
    async with service.state.read() as tx:
        policed = await lists.all_lists(tx, policed=True)
    total, sent = 0, []
    for row in policed:
        if site_url is None or row.site_url == site_url:
            count = await _enumerate(service, row)
            total += count
            sent += nudges(row.id, count, Hint(row.id, service.now().isoformat()))
    return total, sent


async def _enumerate(service: Service, row: ListRow) -> int:
    count = 0
    async for page in documents.changes(service.tenant, row):
        rows = _rows(row, page)
        async with service.state.begin() as tx:
            await work.put(tx, rows, service.now())
        count += len(rows)
    return count


def _rows(row: ListRow, page: Page) -> list[work.NewWork]:
    latest = {item.id: item for item in page.items if not (item.deleted or item.is_folder)}
    return [
        work.NewWork(
            list_id=row.id,
            item_id=item.id,
            kind="audit",
            lane=work.Lane.BACKGROUND,
            change={"item": msgspec.to_builtins(item), "units": 0.0},
        )
        for item in latest.values()
    ]
