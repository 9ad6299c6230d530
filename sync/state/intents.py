"""What Verger is about to do to a document, noted before it does it.

A worker that is killed between an effect and its record leaves the note behind; the next look then
knows that what it finds half done is its own doing, and can tell staff and journal why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, String, Table, delete, select

from sync.state.sql import Json, UtcTime, metadata, save

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

intents = Table(
    "intents",
    metadata,
    Column("document_id", String, primary_key=True),
    Column("note", Json, nullable=False),
    Column("at", UtcTime, nullable=False),
)


async def put_intent(tx: AsyncConnection, document_id: str, note: Any, now: datetime) -> None:
    """Note what is about to be done, in place of an earlier note; commit it before acting."""
    await save(tx, intents, {"document_id": document_id, "note": note, "at": now})


async def get_intent(tx: AsyncConnection, document_id: str) -> Any:
    """Give the note an unfinished look left behind; None when there is none."""
    return await tx.scalar(select(intents.c.note).where(intents.c.document_id == document_id))


async def clear_intent(tx: AsyncConnection, document_id: str) -> None:
    """Take the note back, in the transaction that journals what was done."""
    await tx.execute(delete(intents).where(intents.c.document_id == document_id))
