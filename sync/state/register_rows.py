"""Rows of registers as last seen: what rules compare with, and what windows and reports show."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import Boolean, Column, Index, String, Table, delete, select

from sync.state.sql import Json, UtcTime, load, load_all, metadata, save, values_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

REVIEWS = "reviews"
PUT_OFF = "Put off"
"""The outcome of a review that did not take place yet."""

register_rows = Table(
    "register_rows",
    metadata,
    Column("list_id", String, primary_key=True),
    Column("item_id", String, primary_key=True),
    Column("site_id", String, nullable=False),
    Column("area", String, nullable=False),
    Column("document_id", String, nullable=False),
    Column("columns", Json, nullable=False),
    Column("open", Boolean, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("asked", Json),
    Index(None, "area", "site_id"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterRow:
    """One entry: `area` is the list's key, `document_id` the row's identity with us (UUID text).

    `columns` are the declared ones by internal name as text, dates in ISO form, people as the
    site's numbers for them ("12", several with ";"). `open` is false for one that is over. The
    verdict stands with the item (`sync.state.items`). `asked` says what people are being told of
    the entry, and since which look (`sync.telling.asked`); None for a row last seen by a release
    that did not keep it.
    """

    list_id: str
    item_id: str
    site_id: str
    area: str
    document_id: str
    columns: dict[str, str]
    open: bool
    seen_at: datetime
    asked: dict[str, str] | None = field(default_factory=dict)


async def put_row(tx: AsyncConnection, row: RegisterRow) -> None:
    await save(tx, register_rows, values_of(row))


async def get_row(tx: AsyncConnection, list_id: str, item_id: str) -> RegisterRow | None:
    here = (register_rows.c.list_id == list_id) & (register_rows.c.item_id == item_id)
    return load(RegisterRow, (await tx.execute(select(register_rows).where(here))).first())


async def drop_row(tx: AsyncConnection, list_id: str, item_id: str) -> None:
    here = (register_rows.c.list_id == list_id) & (register_rows.c.item_id == item_id)
    await tx.execute(delete(register_rows).where(here))


async def rows_of(
    tx: AsyncConnection, areas: Collection[str], site_ids: Collection[str] | None = None
) -> list[RegisterRow]:
    """Give the rows of these registers in a fixed order, of all sites or of some."""
    query = select(register_rows).where(register_rows.c.area.in_(areas))
    if site_ids is not None:
        query = query.where(register_rows.c.site_id.in_(site_ids))
    query = query.order_by(register_rows.c.list_id, register_rows.c.item_id)
    return load_all(RegisterRow, await tx.execute(query))


async def reviewed_on(tx: AsyncConnection, number: str) -> frozenset[date]:
    """Give the review dates that the register of reviews has given a document of this number.

    One that says neither why the review is put off nor what the review found gives none.
    """
    if not number:
        return frozenset()
    rows = await rows_of(tx, {REVIEWS})
    told = (row.columns for row in rows if row.columns.get("ReviewNumber") == number)
    dates = (columns.get("ReviewNewDate", "") for columns in told if _reasoned(columns))
    return frozenset(date.fromisoformat(day) for day in dates if day)


def _reasoned(columns: Mapping[str, str]) -> bool:
    put_off = columns.get("ReviewOutcome") == PUT_OFF
    return bool(columns.get("ReviewReason" if put_off else "ReviewEffect"))
