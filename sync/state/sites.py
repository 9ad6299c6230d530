"""The sites Verger prepared: from which template and order, and how far an apply came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Integer, String, Table, select

from sync.state.sql import Json, UtcTime, load, load_all, metadata, save, values_of

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

sites = Table(
    "sites",
    metadata,
    Column("site_key", String, primary_key=True),
    Column("url", String, nullable=False, unique=True),
    Column("site_id", String, index=True),
    Column("template", String, nullable=False),
    Column("order", Json),
    Column("state", String, nullable=False),
    Column("seal", String),
    Column("applied_at", UtcTime),
)
steps = Table(
    "steps",
    metadata,
    Column("site_key", String, primary_key=True),
    Column("seal", String, primary_key=True),
    Column("step_id", String, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("detail", Json),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One site by its key ("core", "sig-breast-imaging"); `site_id` is None until it exists.

    `order` is the signed-off order it was made from, `seal` the hash of the plan last applied.
    """

    site_key: str
    url: str
    template: str
    state: str
    site_id: str | None = None
    order: Any = None
    seal: str | None = None
    applied_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How one step of a sealed plan went; a resumed apply passes over those that are done."""

    site_key: str
    seal: str
    step_id: str
    position: int
    state: str
    at: datetime
    detail: Any = None


async def put_site(tx: AsyncConnection, row: Site) -> None:
    await save(tx, sites, values_of(row))


async def get_site(tx: AsyncConnection, site_key: str) -> Site | None:
    return load(Site, (await tx.execute(select(sites).where(sites.c.site_key == site_key))).first())


async def find_site(tx: AsyncConnection, site_id: str) -> Site | None:
    """Find a site by Microsoft's id for it."""
    return load(Site, (await tx.execute(select(sites).where(sites.c.site_id == site_id))).first())


async def all_sites(tx: AsyncConnection) -> list[Site]:
    return load_all(Site, await tx.execute(select(sites).order_by(sites.c.site_key)))


async def put_step(tx: AsyncConnection, row: Step) -> None:
    await save(tx, steps, values_of(row))


async def steps_of(tx: AsyncConnection, site_key: str, seal: str) -> list[Step]:
    """Give what is recorded of one sealed plan's steps, in the plan's order."""
    here = (steps.c.site_key == site_key) & (steps.c.seal == seal)
    query = select(steps).where(here).order_by(steps.c.position, steps.c.step_id)
    return load_all(Step, await tx.execute(query))
