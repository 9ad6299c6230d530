"""Small values that outlive a process and belong to no table of their own, by key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, String, Table, delete, select

from sync.model.identifiers import all_masked
from sync.state.sql import Json, metadata, save

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.ext.asyncio import AsyncConnection

remembered = Table(
    "remembered",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", Json),
)


async def remember(tx: AsyncConnection, key: str, value: Any) -> None:
    """Keep a JSON value under a key, in place of what stood there; without any NHS number in it."""
    await save(tx, remembered, {"key": key, "value": all_masked(value)})


async def recall(tx: AsyncConnection, key: str) -> Any:
    """Give the value kept under a key; None when there is none."""
    return await tx.scalar(select(remembered.c.value).where(remembered.c.key == key))


async def recall_all(tx: AsyncConnection, keys: Collection[str]) -> dict[str, Any]:
    """Give the values kept under these keys, without those that there are none for."""
    rows = await tx.execute(select(remembered).where(remembered.c.key.in_(keys)))
    return {row.key: row.value for row in rows}


async def recall_beginning(tx: AsyncConnection, beginning: str) -> dict[str, Any]:
    """Give the values kept under all keys that begin so."""
    here = remembered.c.key.startswith(beginning, autoescape=True)
    rows = await tx.execute(select(remembered).where(here))
    return {row.key: row.value for row in rows}


async def keys(tx: AsyncConnection, beginning: str) -> list[str]:
    """Give the keys that begin so, in order."""
    here = remembered.c.key.startswith(beginning, autoescape=True)
    return list((await tx.execute(select(remembered.c.key).where(here).order_by("key"))).scalars())


async def forget(tx: AsyncConnection, key: str) -> None:
    await tx.execute(delete(remembered).where(remembered.c.key == key))
