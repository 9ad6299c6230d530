"""Equality impact assessments as their native list last said them, one row for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Column, Date, String, Table, delete, select

from sync.state.sql import Json, UtcTime, load_all, metadata, save, values_of

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

assessments = Table(
    "equality_assessments",
    metadata,
    Column("list_id", String, primary_key=True),
    Column("item_id", String, primary_key=True),
    Column("number", String, nullable=False, index=True),
    Column("assessed_on", Date),
    Column("missing", Json, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """One row: the document's number, the day, and in words for staff what is not filled in."""

    list_id: str
    item_id: str
    number: str
    assessed_on: date | None
    missing: list[str]
    seen_at: datetime


async def put_assessment(tx: AsyncConnection, row: Assessment) -> None:
    await save(tx, assessments, values_of(row))


async def get_assessment(tx: AsyncConnection, list_id: str, item_id: str) -> Assessment | None:
    here = (assessments.c.list_id == list_id) & (assessments.c.item_id == item_id)
    found = load_all(Assessment, await tx.execute(select(assessments).where(here)))
    return found[0] if found else None


async def all_assessments(tx: AsyncConnection) -> list[Assessment]:
    query = select(assessments).order_by(assessments.c.list_id, assessments.c.item_id)
    return load_all(Assessment, await tx.execute(query))


async def drop_assessment(tx: AsyncConnection, list_id: str, item_id: str) -> None:
    here = (assessments.c.list_id == list_id) & (assessments.c.item_id == item_id)
    await tx.execute(delete(assessments).where(here))


async def latest(tx: AsyncConnection, number: str) -> Assessment | None:
    """Give the assessment that counts for a number: the latest complete one, else the latest."""
    query = select(assessments).where(assessments.c.number == number)
    found = load_all(Assessment, await tx.execute(query.order_by(assessments.c.item_id)))
    return max(found, key=_weight, default=None)


def _weight(row: Assessment) -> tuple[bool, str]:
    return not row.missing, row.assessed_on.isoformat() if row.assessed_on else ""
