"""Fenced leases: one drain at a time per list, and a holder that stalled can no longer write.

Each taking over raises the fence by one; whoever writes under a lease checks its fence in the same
transaction, so a holder that slept through its lease is refused instead of trusted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Column, Integer, String, Table, select, update

from sync.errors import Stale
from sync.state.sql import UtcTime, insert_into, metadata

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

leases = Table(
    "leases",
    metadata,
    Column("name", String, primary_key=True),
    Column("owner", String, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("until", UtcTime, nullable=False),
)


FREE = datetime(1970, 1, 1, tzinfo=UTC)
"""Until when a lease that was let go is held."""


class LeaseLost(Stale):
    """Another holder took the lease over; what was about to be written belongs to it now."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease held: `name` is the list's id (or another unit's), `fence` says which holding."""

    name: str
    owner: str
    fence: int
    until: datetime


async def acquire(
    tx: AsyncConnection, name: str, owner: str, now: datetime, seconds: float
) -> Lease | None:
    """Take a free or lapsed lease for `seconds`; None when another holds it."""
    until = now + timedelta(seconds=seconds)
    insert = insert_into(tx, leases).values(name=name, owner=owner, fence=1, until=until)
    taken = await tx.scalar(
        insert.on_conflict_do_update(
            index_elements=[leases.c.name],
            set_={"owner": owner, "fence": leases.c.fence + 1, "until": until},
            where=leases.c.until <= now,
        ).returning(leases.c.fence)
    )
    return None if taken is None else Lease(name, owner, taken, until)


async def renew(tx: AsyncConnection, lease: Lease, now: datetime, seconds: float) -> Lease:
    """Hold on for `seconds` from now; raises LeaseLost when another took over."""
    await require(tx, lease)
    until = now + timedelta(seconds=seconds)
    await tx.execute(update(leases).where(leases.c.name == lease.name).values(until=until))
    return Lease(lease.name, lease.owner, lease.fence, until)


async def release(tx: AsyncConnection, lease: Lease) -> None:
    """Let go; the row stays, so that the fence never counts backwards.

    It is free to everyone from here on, also to whoever looked at the clock before we did and then
    waited for this transaction: a hint that found it "held until now" would be left to the sweep.
    """
    mine = (leases.c.name == lease.name) & (leases.c.fence == lease.fence)
    await tx.execute(update(leases).where(mine).values(until=FREE))


async def require(tx: AsyncConnection, lease: Lease) -> None:
    """Raise LeaseLost unless the fence is still ours; nobody can take over until this commits."""
    current = select(leases.c.fence).where(leases.c.name == lease.name).with_for_update()
    if await tx.scalar(current) != lease.fence:
        raise LeaseLost(f"the lease on {lease.name} held by {lease.owner} was taken over")
