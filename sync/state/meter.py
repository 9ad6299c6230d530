"""The ledger of resource units: how much each lane spent in each minute, over all processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Column, Integer, String, Table, func, select

from sync.state.sql import UtcTime, insert_into, metadata

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

meter = Table(
    "meter",
    metadata,
    Column("minute", UtcTime, primary_key=True),
    Column("lane", String, primary_key=True),
    Column("ru", Integer, nullable=False),
)


async def add_ru(tx: AsyncConnection, moment: datetime, lane: str, ru: int) -> None:
    """Add resource units to the minute that `moment` lies in."""
    minute = moment.replace(second=0, microsecond=0)
    insert = insert_into(tx, meter).values(minute=minute, lane=lane, ru=ru)
    await tx.execute(
        insert.on_conflict_do_update(
            index_elements=list(meter.primary_key), set_={"ru": meter.c.ru + insert.excluded.ru}
        )
    )


async def ru_spent(tx: AsyncConnection, since: datetime, until: datetime) -> dict[str, int]:
    """Sum the resource units of each lane over the minutes that begin in [since, until)."""
    during = (meter.c.minute >= since) & (meter.c.minute < until)
    query = select(meter.c.lane, func.sum(meter.c.ru)).where(during).group_by(meter.c.lane)
    return {lane: int(total) for lane, total in await tx.execute(query.order_by(meter.c.lane))}
