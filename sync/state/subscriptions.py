"""Change notifications we asked for: one per list, a second one on a restricted library's drive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sqlalchemy import Column, ForeignKey, Integer, String, Table, delete, select

from sync.state.sql import UtcTime, load, load_all, metadata, save, values_of

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("subscription_id", String, primary_key=True),
    Column("list_id", String, ForeignKey("lists.id"), nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("resource", String, nullable=False),
    Column("expires_at", UtcTime, nullable=False, index=True),
    Column("key_id", String, nullable=False),
    Column("state", String, nullable=False),
    Column("failures", Integer, nullable=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One subscription as last seen; `key_id` names the webhook key its clientState was made with.

    `kind` is "list" (its hint starts a drain) or "security" (its hint starts a permission check);
    `failures` counts renewals that failed in a row.
    """

    subscription_id: str
    list_id: str
    kind: Literal["list", "security"]
    resource: str
    expires_at: datetime
    key_id: str
    state: str = "active"
    failures: int = 0


async def put_subscription(tx: AsyncConnection, row: Subscription) -> None:
    await save(tx, subscriptions, values_of(row))


async def get_subscription(tx: AsyncConnection, subscription_id: str) -> Subscription | None:
    query = select(subscriptions).where(subscriptions.c.subscription_id == subscription_id)
    return load(Subscription, (await tx.execute(query)).first())


async def all_subscriptions(
    tx: AsyncConnection, *, list_id: str | None = None, expiring_by: datetime | None = None
) -> list[Subscription]:
    """Give subscriptions, soonest to expire first; of one list, or those that expire by then."""
    query = select(subscriptions).order_by(
        subscriptions.c.expires_at, subscriptions.c.subscription_id
    )
    if list_id is not None:
        query = query.where(subscriptions.c.list_id == list_id)
    if expiring_by is not None:
        query = query.where(subscriptions.c.expires_at <= expiring_by)
    return load_all(Subscription, await tx.execute(query))


async def drop_subscription(tx: AsyncConnection, subscription_id: str) -> None:
    query = delete(subscriptions).where(subscriptions.c.subscription_id == subscription_id)
    await tx.execute(query)
