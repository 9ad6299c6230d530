"""Numbers kept for documents that do not exist yet: asked for by a row of the registry."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sharepoint_schema.dates import show_date
from sync import letters
from sync.model import SITE_TIME
from sync.numbering import POLICY
from sync.registry.columns import SERIES, TITLE, TYPE, unbound
from sync.state import due, items, lists, notices, numbers, work
from sync.state.registry import RegistryRow, find_registry_item, put_registry_row

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sharepoint_schema.numbers import Number
    from sync.service import Service
    from sync.state.lists import ListRow

LAPSES = "reservation"
"""The promise under which a reservation's last day is kept."""


def series_of(service: Service, fields: Mapping[str, Any]) -> str:
    """Return the series of a new row: the one chosen there, else its type's."""
    standard = service.standard
    chosen = str(fields.get(SERIES) or "")
    if chosen in standard.series_codes:
        return chosen
    named = str(fields.get(TYPE) or "").casefold()
    kind = next((one for one in standard.types if one.name.casefold() == named), None)
    return standard.series_for(kind)


async def reserve(
    service: Service, home: ListRow, item_id: str, fields: Mapping[str, Any], number: Number | None
) -> RegistryRow | None:
    """Keep a number for a row: the next of its series, or this very one. Repeatable.

    Returns the row as it is kept; None when the very number was given out before.
    """
    async with service.state.begin() as tx:
        known = await find_registry_item(tx, home.id, item_id)
        if known is not None:  # kept by a worker that did not live to write it beside the row
            return known
        series = number.series if number else series_of(service, fields)
        await numbers.hold_series(tx, series)
        note = str(fields.get(TITLE) or "")
        if number is None:
            number = await numbers.reserve(tx, series, note, service.now())
        elif not await numbers.reserve_this(tx, number, note, service.now()):
            return None
        return await keep_for(tx, service, (home.id, item_id), number, fields)


async def keep_for(
    tx: AsyncConnection,
    service: Service,
    key: tuple[str, str],
    number: Number,
    fields: Mapping[str, Any],
) -> RegistryRow:
    """Bind a reserved number to its row and set the day it lapses."""
    until = service.now() + timedelta(days=service.standard.numbering.reserved_days)
    await due.clear_due(tx, *key, LAPSES)
    await due.set_due(tx, *key, LAPSES, until)
    told = {name: fields[name] for name in (TITLE, TYPE, SERIES) if fields.get(name)}
    row = RegistryRow(
        document_id=str(number),
        number=str(number),
        list_id=key[0],
        list_item_id=key[1],
        columns={**told, **unbound(str(number), "reserved", until)},
        etag=None,
        written_at=service.now(),
    )
    await put_registry_row(tx, row)
    return row


async def tell(tx: AsyncConnection, service: Service, row: RegistryRow, mail: str) -> None:
    """Queue the mail that tells who asked which number is kept, if they have a mailbox."""
    if not mail:
        return
    title = row.columns.get(TITLE, "")
    days = service.standard.numbering.reserved_days
    until = show_date((row.written_at + timedelta(days=days)).astimezone(SITE_TIME).date())
    told = {"number": row.number, "title": title, "until": until}
    letter = letters.write(service.standard.letters, "number_kept", told)
    key = f"number:{row.number}:{row.list_id}:{row.list_item_id}"
    await notices.queue_notice(tx, letters.notice(service, letter, key, mail), service.now())


async def lapse(
    tx: AsyncConnection, row: RegistryRow, number: Number, day: datetime
) -> RegistryRow:
    """Let a reservation lapse: the number stays listed, and is never given to another."""
    shown = show_date(day.astimezone(SITE_TIME).date())
    return await set_state(tx, row, number, ("lapsed", f"lapsed on {shown}"))


async def set_state(
    tx: AsyncConnection, row: RegistryRow, number: Number, told: tuple[numbers.NumberState, str]
) -> RegistryRow:
    """Set what became of a number without a document, and return the row that says so."""
    state, note = told
    await numbers.set_number_state(tx, number, state, note)
    await due.clear_due(tx, row.list_id, row.list_item_id or "", LAPSES)
    fresh = replace(row, columns={**row.columns, **unbound(str(number), state)})
    await put_registry_row(tx, fresh)
    return fresh


async def look_again(tx: AsyncConnection, now: datetime) -> int:
    """Have every held claim of a number judged again: a registrar has let one in. Returns rows."""
    held = [
        work.NewWork(list_id=one.list_id, item_id=one.item_id, kind="audit")
        for place in await lists.all_lists(tx)
        for one in await items.items_of(tx, place.id)
        if _waits_for_number(one)
    ]
    await work.put(tx, held, now)
    return len(held)


def _waits_for_number(row: items.ItemRow) -> bool:
    found = (row.verdict or {}).get("findings", ())
    return any(one["policy"] == POLICY and one["status"] == "Held" for one in found)
