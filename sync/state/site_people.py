"""Whom a site's numbers stand for: SharePoint keeps people in columns by a number of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Column, String, Table, select

from sync.state.sql import UtcTime, load, load_all, metadata, save, values_of

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

site_people = Table(
    "site_people",
    metadata,
    Column("site_id", String, primary_key=True),
    Column("number", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("mail", String, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePerson:
    """One entry of a site's list of people; `mail` is "" for one without a mailbox, or gone."""

    site_id: str
    number: str
    name: str
    mail: str
    seen_at: datetime


async def put_person(tx: AsyncConnection, row: SitePerson) -> None:
    await save(tx, site_people, values_of(row))


async def get_person(tx: AsyncConnection, site_id: str, number: str) -> SitePerson | None:
    here = (site_people.c.site_id == site_id) & (site_people.c.number == number)
    return load(SitePerson, (await tx.execute(select(site_people).where(here))).first())


async def people_of(tx: AsyncConnection, site_id: str) -> dict[str, SitePerson]:
    """Give everybody known of a site, by number."""
    found = await tx.execute(select(site_people).where(site_people.c.site_id == site_id))
    return {row.number: row for row in load_all(SitePerson, found)}
