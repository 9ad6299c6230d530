"""Access exceptions: who may open restricted files for a time though they are not of the circle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Column, ForeignKey, String, Table, select, update

from sync.model.identifiers import all_masked
from sync.state.sql import UtcTime, load, load_all, metadata, save, values_of

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

exceptions = Table(
    "access_exceptions",
    metadata,
    Column("list_id", String, ForeignKey("lists.id"), primary_key=True),
    Column("item_id", String, primary_key=True),
    Column("library_id", String, ForeignKey("lists.id"), nullable=False, index=True),
    Column("file_id", String, nullable=False),
    Column("person", String, nullable=False),
    Column("until", UtcTime, nullable=False, index=True),
    Column("asked_by", String, nullable=False),
    Column("agreed_by", String, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessException:
    """One agreed exception, kept under the row of the native list that it was asked in.

    `library_id` is the restricted library, `file_id` the item there ("" for every file); `person`
    the mail address, lower case, of who may open it `until` then (aware, UTC). `asked_by` and
    `agreed_by` are object ids. `ended_at` is set once it no longer counts.
    """

    list_id: str
    item_id: str
    library_id: str
    file_id: str
    person: str
    until: datetime
    asked_by: str
    agreed_by: str
    at: datetime
    ended_at: datetime | None = None


async def put_exception(tx: AsyncConnection, row: AccessException) -> None:
    await save(tx, exceptions, all_masked(values_of(row)))


async def exception_of(tx: AsyncConnection, list_id: str, item_id: str) -> AccessException | None:
    """Give the exception that a row of the native list was recorded as."""
    here = (exceptions.c.list_id == list_id) & (exceptions.c.item_id == item_id)
    return load(AccessException, (await tx.execute(select(exceptions).where(here))).first())


async def in_force(tx: AsyncConnection, library_id: str, now: datetime) -> list[AccessException]:
    """Give the exceptions for a library that count at this moment."""
    here = (exceptions.c.library_id == library_id) & (exceptions.c.until > now)
    query = select(exceptions).where(here & exceptions.c.ended_at.is_(None))
    return load_all(AccessException, await tx.execute(query))


async def run_out(tx: AsyncConnection, now: datetime) -> list[AccessException]:
    """Give the exceptions whose time is over and that have not been ended yet."""
    over = (exceptions.c.until <= now) & exceptions.c.ended_at.is_(None)
    query = select(exceptions).where(over).order_by(exceptions.c.until, exceptions.c.item_id)
    return load_all(AccessException, await tx.execute(query))


async def end(tx: AsyncConnection, row: AccessException, now: datetime) -> None:
    """End an exception; one that has ended keeps its moment."""
    here = (exceptions.c.list_id == row.list_id) & (exceptions.c.item_id == row.item_id)
    ended = update(exceptions).where(here & exceptions.c.ended_at.is_(None))
    await tx.execute(ended.values(ended_at=now))
