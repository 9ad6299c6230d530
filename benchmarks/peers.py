"""The same work by other clients, in the same run, where they are installed here.

msgraph-sdk's typed models and office365-rest-python-client sign in and connect as Verger does (its
transport, its tokens), so that only what they do themselves differs.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import httpx
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph.generated.models.field_value_set import FieldValueSet
from msgraph.generated.sites.item.lists.item.items.items_request_builder import (
    ItemsRequestBuilder,
)
from tenacity import retry, retry_if_exception_type, stop_after_attempt

from sync.state import lists
from sync.tenant import documents

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from benchmarks.common import Book
    from sync.state.lists import ListRow
    from tests.flow_kit import Desk

SOME, PAGE = 600, 200
"""Items that a slow client reads, and how many come at a time."""
EDITS, AT_ONCE = 48, 16
RCLONE = "it signs in as a person by a browser only; see tests/foreign for what it does here"


async def listing(book: Book, desk: Desk, list_id: str) -> None:
    """Note what a listed item with its columns costs: decoded by Verger, and by the peers."""
    async with desk.service.state.read() as tx:
        row = await lists.get_list(tx, list_id)
    if row is None:
        raise LookupError(list_id)
    ways: dict[str, Callable[[Desk, ListRow], Awaitable[int]]] = {
        "Verger: a page of delta, decoded": _ours,
        "msgraph-sdk: typed models": _typed,
        "office365-rest-python-client": _office365,
    }
    for what, read in ways.items():
        await read(desk, row)  # imports, sign-in
        taken = []
        for _ in range(book.runs):
            begun = time.process_time()
            count = await read(desk, row)
            taken.append(1e6 * (time.process_time() - begun) / count)
        book.add(f"{what}, an item", taken, "µs")
    book.skip("rclone", RCLONE)


async def _ours(desk: Desk, row: ListRow) -> int:
    count = 0
    async for page in documents.changes(desk.service.tenant, row):
        count += len(page.items)
        if count >= SOME:
            break
    return count


async def _typed(desk: Desk, row: ListRow) -> int:
    query = ItemsRequestBuilder.ItemsRequestBuilderGetQueryParameters(expand=["fields"], top=PAGE)
    wanted = RequestConfiguration(query_parameters=query)
    builder = _items(desk, row)
    page = await builder.get(request_configuration=wanted)
    count = len(page.value)
    while page.odata_next_link and count < SOME:
        page = await builder.with_url(page.odata_next_link).get()
        count += len(page.value)
    return count


async def _office365(desk: Desk, row: ListRow) -> int:
    def read(context: Any) -> int:
        found = context.web.lists.get_by_id(row.id).items.top(SOME).get().execute_query()
        return len(found)

    return await desk.service.tenant.sharepoint.call(row.site_url, read, doing="list", units=2)


async def editing(book: Book, desk: Desk, list_id: str, numbers: list[str]) -> None:
    """Note what one small write of columns costs, many at once, by msgraph-sdk's typed models."""
    async with desk.service.state.read() as tx:
        row = await lists.get_list(tx, list_id)
    if row is None:
        raise LookupError(list_id)
    builder, gate = _items(desk, row), asyncio.Semaphore(AT_ONCE)

    @retry(retry=retry_if_exception_type(httpx.TransportError), stop=stop_after_attempt(3))
    async def edit(at: int) -> None:  # a connection may have been closed by the server meanwhile
        async with gate:
            values = FieldValueSet(additional_data={"TargetAudience": f"all staff {at}"})
            await builder.by_list_item_id(numbers[at % len(numbers)]).fields.patch(values)

    await edit(0)
    taken = []
    for _ in range(book.runs):
        begun = time.process_time()
        await asyncio.gather(*map(edit, range(EDITS)))
        taken.append(1e3 * (time.process_time() - begun) / EDITS)
    book.add("msgraph-sdk: one typed PATCH of columns", taken, "ms")


def _items(desk: Desk, row: ListRow) -> Any:
    site = desk.service.tenant.graph.client.sites.by_site_id(row.site_id)
    return site.lists.by_list_id(row.id).items
