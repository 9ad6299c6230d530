"""What Verger last wrote into the document registry's list, one row for each document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, String, Table, delete, select

from sync.model.identifiers import all_masked
from sync.state.sql import Json, UtcTime, load, load_all, metadata, save, values_of

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

registry = Table(
    "registry",
    metadata,
    Column("document_id", String, primary_key=True),
    Column("number", String, index=True),
    Column("list_id", String, nullable=False),
    Column("list_item_id", String),
    Column("columns", Json, nullable=False),
    Column("etag", String),
    Column("written_at", UtcTime, nullable=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryRow:
    """One document's row: `columns` as we last wrote them, so a staff edit shows as a difference.

    A number without a document (reserved, lapsed, void) has a row too: its `document_id` is then
    the number itself ("Gov-13").
    `list_id` is the registry's list, `list_item_id` None until the row has been made there.
    """

    document_id: str
    number: str | None
    list_id: str
    list_item_id: str | None
    columns: dict[str, Any]
    etag: str | None
    written_at: datetime


async def put_registry_row(tx: AsyncConnection, row: RegistryRow) -> None:
    """Keep what was written; a list row or a number that another document had is this one's now."""
    same = (registry.c.list_id == row.list_id) & (registry.c.list_item_id == row.list_item_id)
    theirs = registry.c.document_id != row.document_id
    taken = same | (registry.c.number == row.number)
    await tx.execute(delete(registry).where(theirs, taken))
    await save(tx, registry, all_masked(values_of(row)))


async def find_registry_number(tx: AsyncConnection, number: str) -> RegistryRow | None:
    """Find the row of a number, whether a document has it or it only waits for one."""
    query = select(registry).where(registry.c.number == number)
    return load(RegistryRow, (await tx.execute(query.limit(1))).first())


async def get_registry_row(tx: AsyncConnection, document_id: str) -> RegistryRow | None:
    query = select(registry).where(registry.c.document_id == document_id)
    return load(RegistryRow, (await tx.execute(query)).first())


async def find_registry_item(
    tx: AsyncConnection, list_id: str, list_item_id: str
) -> RegistryRow | None:
    """Find the document that a row of the registry's list stands for."""
    here = (registry.c.list_id == list_id) & (registry.c.list_item_id == list_item_id)
    return load(RegistryRow, (await tx.execute(select(registry).where(here))).first())


async def all_registry_rows(tx: AsyncConnection) -> list[RegistryRow]:
    """Give every row, by number; documents without a number come last."""
    last = registry.c.number.is_(None)
    query = select(registry).order_by(last, registry.c.number, registry.c.document_id)
    return load_all(RegistryRow, await tx.execute(query))


async def drop_registry_row(tx: AsyncConnection, document_id: str) -> None:
    await tx.execute(delete(registry).where(registry.c.document_id == document_id))
