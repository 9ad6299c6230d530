"""Document numbers: the row here is the truth of an allocation, the registry's list row follows it.

The next number is the highest ever seen in its series plus one: a gap is never filled, and a number
once given is never given again, whatever becomes of its document.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import Column, Integer, String, Table, insert, select, update

from sharepoint_schema.numbers import Number
from sync.model.identifiers import masked
from sync.state.sql import UtcTime, insert_into, load, load_all, metadata

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

type NumberState = Literal["issued", "reserved", "lapsed", "void"]

series_heads = Table(
    "series_heads",
    metadata,
    Column("series", String, primary_key=True),
    Column("highest", Integer, nullable=False),
)
numbers = Table(
    "numbers",
    metadata,
    Column("series", String, primary_key=True),
    Column("nn", Integer, primary_key=True),
    Column("state", String, nullable=False),
    Column("document_id", String, index=True),
    Column("issued_at", UtcTime, nullable=False),
    Column("note", String),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberRow:
    """What became of one number; `document_id` is None where no document ever had it."""

    series: str
    nn: int
    state: NumberState
    document_id: str | None
    issued_at: datetime
    note: str | None

    @property
    def number(self) -> Number:
        return Number(self.series, self.nn)


async def allocate(tx: AsyncConnection, series: str, document_id: str, now: datetime) -> Number:
    """Issue the next number of a series; a document that has one in it already keeps that one."""
    highest = await _lock_head(tx, series)
    for row in await numbers_of(tx, document_id):
        if row.series == series and row.state == "issued":
            return row.number
    fresh = Number(series, highest + 1)
    await _enter(tx, fresh, "issued", document_id, now)
    return fresh


async def claim_existing(
    tx: AsyncConnection, number: Number, document_id: str, now: datetime
) -> NumberRow:
    """Enter a number found on a document, if nobody has it; returns the row as it stands.

    The claim succeeded when the row is issued to `document_id`; otherwise it names who has the
    number (or that it is reserved, lapsed or void), and nothing was changed.
    """
    await _lock_head(tx, number.series)
    if await get_number(tx, number) is None:
        await _enter(tx, number, "issued", document_id, now)
    row = await get_number(tx, number)
    assert row is not None  # noqa: S101 - entered above, under the series' lock
    return row


async def reserve(tx: AsyncConnection, series: str, note: str, now: datetime) -> Number:
    """Set the next number aside for a document that does not exist yet."""
    fresh = Number(series, await _lock_head(tx, series) + 1)
    await reserve_this(tx, fresh, note, now)
    return fresh


async def reserve_this(tx: AsyncConnection, number: Number, note: str, now: datetime) -> bool:
    """Set this very number aside, as a registrar asks; False when it was given out before.

    The series goes on above it.
    """
    await _lock_head(tx, number.series)
    if await get_number(tx, number) is not None:
        return False
    await _enter(tx, number, "reserved", None, now)
    return await set_number_state(tx, number, "reserved", note)


async def hold_series(tx: AsyncConnection, series: str) -> int:
    """Keep others from the series until the transaction ends; returns its highest count, or 0."""
    return await _lock_head(tx, series)


async def series_highest(tx: AsyncConnection) -> dict[str, int]:
    """Give the highest count ever seen in each series."""
    query = select(series_heads.c.series, series_heads.c.highest).order_by(series_heads.c.series)
    return {row.series: row.highest for row in await tx.execute(query)}


async def set_number_state(
    tx: AsyncConnection, number: Number, state: NumberState, note: str
) -> bool:
    """Let a number lapse, or void it, and say why; False when it is unknown."""
    change = update(numbers).where(_is(number)).values(state=state, note=masked(note))
    return (await tx.execute(change)).rowcount == 1


async def give_reserved(tx: AsyncConnection, number: Number, document_id: str) -> bool:
    """Issue a reserved number to the document it waited for; False when it is not reserved."""
    change = update(numbers).where(_is(number), numbers.c.state == "reserved")
    return (await tx.execute(change.values(state="issued", document_id=document_id))).rowcount == 1


async def pass_on(tx: AsyncConnection, number: Number, document_id: str) -> None:
    """Issue a number to the document that its deleted one came back as."""
    await _lock_head(tx, number.series)
    await tx.execute(update(numbers).where(_is(number)).values(document_id=document_id))


async def get_number(tx: AsyncConnection, number: Number) -> NumberRow | None:
    return load(NumberRow, (await tx.execute(select(numbers).where(_is(number)))).first())


async def numbers_of(tx: AsyncConnection, document_id: str) -> list[NumberRow]:
    """Give every number a document was ever given."""
    query = select(numbers).where(numbers.c.document_id == document_id)
    return load_all(NumberRow, await tx.execute(query.order_by(numbers.c.series, numbers.c.nn)))


async def all_numbers(tx: AsyncConnection, series: str | None = None) -> list[NumberRow]:
    """List every number and what became of it, by series and count."""
    query = select(numbers).order_by(numbers.c.series, numbers.c.nn)
    if series is not None:
        query = query.where(numbers.c.series == series)
    return load_all(NumberRow, await tx.execute(query))


def _is(number: Number) -> Any:
    return (numbers.c.series == number.series) & (numbers.c.nn == number.nn)


async def _lock_head(tx: AsyncConnection, series: str) -> int:
    """Make sure the series has a head, hold it until the transaction ends, and read it."""
    first = insert_into(tx, series_heads).values(series=series, highest=0)
    await tx.execute(first.on_conflict_do_nothing(index_elements=[series_heads.c.series]))
    head = select(series_heads.c.highest).where(series_heads.c.series == series)
    highest: int = (await tx.execute(head.with_for_update())).scalar_one()
    return highest


async def _enter(
    tx: AsyncConnection, number: Number, state: NumberState, document_id: str | None, now: datetime
) -> None:
    row = {"series": number.series, "nn": number.nn, "state": state, "document_id": document_id}
    await tx.execute(insert(numbers).values(**row, issued_at=now))
    lower = (series_heads.c.series == number.series) & (series_heads.c.highest < number.nn)
    await tx.execute(update(series_heads).where(lower).values(highest=number.nn))
