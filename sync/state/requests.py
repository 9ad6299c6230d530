"""Requests for SIG sites and what was decided about them: the record Gov-12 asks for.

A request keeps its address (`slug`) to itself until it is withdrawn. A decision is written once and
never changed; together they are the order that a site is made from.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Date, ForeignKey, Index, String, Table, select

from sync.model.identifiers import all_masked
from sync.state.sql import Json, UtcTime, insert_into, load, load_all, metadata, save, values_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

requests = Table(
    "sig_requests",
    metadata,
    Column("id", String, primary_key=True),
    Column("slug", String, unique=True),
    Column("wish", Json, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("requested_by", String, nullable=False),
    Column("requested_at", UtcTime, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    Column("plan", Json),
    Column("seal", String),
    Column("trouble", String),
    Column("site_id", String, index=True),
    Column("slept_at", UtcTime),
    Column("list_id", String),
    Column("item_id", String),
    Index(None, "list_id", "item_id"),
)
decisions = Table(
    "sig_decisions",
    metadata,
    Column("request_id", String, ForeignKey("sig_requests.id"), primary_key=True),
    Column("step", String, primary_key=True),
    Column("decided_by", String, nullable=False),
    Column("who", String, nullable=False),
    Column("on", Date, nullable=False),
    Column("reference", String),
    Column("at", UtcTime, nullable=False),
    Column("source", String, nullable=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request. `wish` is what was asked for (name, kind, chair, facilitator, need).

    `slug` is None once withdrawn; `plan` is the sealed plan as JSON; `trouble` what last stood in
    the way of provisioning; `list_id` and `item_id` name its row in SharePoint, if it has one.
    """

    id: str
    slug: str | None
    wish: dict[str, Any]
    state: str
    requested_by: str
    requested_at: datetime
    changed_at: datetime
    plan: Any = None
    seal: str | None = None
    trouble: str | None = None
    site_id: str | None = None
    slept_at: datetime | None = None
    list_id: str | None = None
    item_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One step of Gov-12 as taken: by whom (object id and name), dated, seen by us `at`.

    `reference` is the minute's; `source` says where it was given: "api" or "list".
    """

    request_id: str
    step: str
    decided_by: str
    who: str
    on: date
    reference: str | None
    at: datetime
    source: str


def _kept(row: Request) -> dict[str, Any]:
    """Return a request as it is written: its words masked, its sealed plan as it was sealed."""
    values = values_of(row)
    return {**all_masked(values), "plan": values["plan"]}


async def put_request(tx: AsyncConnection, row: Request) -> None:
    await save(tx, requests, _kept(row))


async def claim_slug(tx: AsyncConnection, row: Request) -> bool:
    """Add a request unless another one holds its slug; tells whether it was added."""
    insert = insert_into(tx, requests).values(_kept(row))
    fresh = insert.on_conflict_do_nothing(index_elements=[requests.c.slug])
    return await tx.scalar(fresh.returning(requests.c.id)) is not None


async def get_request(tx: AsyncConnection, request_id: str) -> Request | None:
    query = select(requests).where(requests.c.id == request_id)
    return load(Request, (await tx.execute(query)).first())


async def lock_request(tx: AsyncConnection, request_id: str) -> Request | None:
    """Read a request and hold it: what was read stays true until the transaction ends."""
    query = select(requests).where(requests.c.id == request_id).with_for_update()
    return load(Request, (await tx.execute(query)).first())


async def by_slug(tx: AsyncConnection, slug: str) -> Request | None:
    query = select(requests).where(requests.c.slug == slug)
    return load(Request, (await tx.execute(query)).first())


async def by_item(tx: AsyncConnection, list_id: str, item_id: str) -> Request | None:
    """Find the request that a row of the list in SharePoint stands for."""
    here = (requests.c.list_id == list_id) & (requests.c.item_id == item_id)
    return load(Request, (await tx.execute(select(requests).where(here))).first())


async def all_requests(
    tx: AsyncConnection, *, states: Collection[str] | None = None
) -> list[Request]:
    """Give the requests, oldest first; those in these states when any are named."""
    query = select(requests).order_by(requests.c.requested_at, requests.c.id)
    if states is not None:
        query = query.where(requests.c.state.in_(states))
    return load_all(Request, await tx.execute(query))


async def put_decision(tx: AsyncConnection, row: Decision) -> None:
    """Write a decision down. The caller holds the request, so the step is known to be open."""
    await tx.execute(decisions.insert().values(values_of(row)))


async def decisions_of(tx: AsyncConnection, request_id: str) -> dict[str, Decision]:
    """Give what was decided about a request, by step."""
    query = select(decisions).where(decisions.c.request_id == request_id)
    rows = load_all(Decision, await tx.execute(query.order_by(decisions.c.at, decisions.c.step)))
    return {row.step: row for row in rows}


def changed(row: Request, now: datetime, **values: Any) -> Request:
    """Return the request with some of it changed at this moment."""
    return replace(row, changed_at=now, **values)
