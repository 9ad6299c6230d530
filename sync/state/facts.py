"""Facts: what was seen of a document and when, only ever added to.

Simulation replays them and time travel reads them.

Columns, names, block fields, feature counts and the audience: never text, never an identifier.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, insert, select

from sync.model.identifiers import all_masked
from sync.state.sql import Json, UtcTime, load, load_all, metadata, values_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Collection
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection

CHECKED_OUT = "checked_out"
"""The fact that somebody has the file checked out; who is never among the facts."""
PAGE = 50
"""Rows that a walk holds in memory at once, for each list; and documents, with all their facts."""
UNPUBLISHED = "unpublished"
"""The fact that this look made a draft of what had been published past the boards."""

facts = Table(
    "facts",
    metadata,
    Column("id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True),
    Column("document_id", String, nullable=False),
    Column("list_id", String, nullable=False),
    Column("item_id", String, nullable=False),
    Column("valid_from", UtcTime, nullable=False),
    Column("source", String, nullable=False),
    Column("facts", Json, nullable=False),
    Index(None, "document_id", "valid_from"),
    Index(None, "list_id", "valid_from"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What `source` (feed, audit, undo …) said of a document, true from `valid_from` on."""

    document_id: str
    list_id: str
    item_id: str
    valid_from: datetime
    source: str
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Span:
    """A span of time (aware, UTC): `after` is not in it, `until` is."""

    after: datetime
    until: datetime


_COLUMNS = [facts.c[name] for name in Facts.__dataclass_fields__]


async def add_facts(tx: AsyncConnection, row: Facts) -> bool:
    """Add facts unless they repeat what was already true at that moment; True when added.

    They are kept without any NHS number in them.
    """
    row = replace(row, facts=all_masked(row.facts))
    known = await facts_at(tx, row.document_id, row.valid_from)
    same_place = known is not None and (known.list_id, known.item_id) == (row.list_id, row.item_id)
    if known is not None and same_place and known.facts == row.facts:
        return False
    await tx.execute(insert(facts).values(values_of(row)))
    return True


async def facts_at(tx: AsyncConnection, document_id: str, moment: datetime) -> Facts | None:
    """Give what was true at `moment`; None means not recorded: the first observation came later."""
    then = (facts.c.document_id == document_id) & (facts.c.valid_from <= moment)
    latest = select(*_COLUMNS).where(then).order_by(facts.c.valid_from.desc(), facts.c.id.desc())
    return load(Facts, (await tx.execute(latest.limit(1))).first())


async def true_since(tx: AsyncConnection, document_id: str, name: str) -> datetime | None:
    """Tell since when a fact has been true without a break; None when it is not, or not known."""
    since = None
    for row in reversed(await history(tx, document_id)):
        if not row.facts.get(name):
            break
        since = row.valid_from
    return since


async def history(tx: AsyncConnection, document_id: str) -> list[Facts]:
    """Give all facts of a document in the order they became true."""
    query = select(*_COLUMNS).where(facts.c.document_id == document_id)
    return load_all(Facts, await tx.execute(query.order_by(facts.c.valid_from, facts.c.id)))


async def facts_between(
    tx: AsyncConnection, list_id: str, since: datetime, until: datetime
) -> list[Facts]:
    """Give one list's facts that became true in [since, until): what a simulation replays."""
    when = (facts.c.valid_from >= since) & (facts.c.valid_from < until)
    query = select(*_COLUMNS).where(facts.c.list_id == list_id, when)
    return load_all(Facts, await tx.execute(query.order_by(facts.c.valid_from, facts.c.id)))


async def in_order(
    tx: AsyncConnection, list_ids: Collection[str], until: datetime
) -> AsyncIterator[Facts]:
    """Walk the lists' facts that became true before `until`, in that order, a page at a time."""
    walks = [_of_list(tx, one, until) for one in sorted(list_ids)]
    heads = [(*found, at) for at, walk in enumerate(walks) if (found := await anext(walk, None))]
    heapq.heapify(heads)
    while heads:
        _, _, row, at = heads[0]
        yield row
        found = await anext(walks[at], None)
        if found is None:
            heapq.heappop(heads)
        else:
            heapq.heapreplace(heads, (*found, at))


async def _of_list(
    tx: AsyncConnection, list_id: str, until: datetime
) -> AsyncGenerator[tuple[datetime, int, Facts]]:
    order = (facts.c.valid_from, facts.c.id)
    here = (facts.c.list_id == list_id) & (facts.c.valid_from < until)
    query = select(facts.c.id, *_COLUMNS).where(here).order_by(*order).limit(PAGE)
    page = (await tx.execute(query)).all()
    while page:
        for row in page:
            told = {name: row._mapping[name] for name in Facts.__dataclass_fields__}  # noqa: SLF001 - SQLAlchemy's public name for it
            yield row.valid_from, row.id, Facts(**told)
        last = page[-1]
        since, later = facts.c.valid_from >= last.valid_from, facts.c.valid_from > last.valid_from
        after = query.where(since & (later | (facts.c.id > last.id)))
        page = (await tx.execute(after)).all() if len(page) == PAGE else []


async def moments(tx: AsyncConnection, list_ids: Collection[str], span: Span) -> list[datetime]:
    """Give the next moments after `span.after` at which a fact of the lists became true."""
    here = facts.c.list_id.in_(list_ids) & _within(span)
    query = select(facts.c.valid_from).where(here).order_by(facts.c.valid_from).limit(PAGE)
    return list((await tx.execute(query)).scalars())


async def seen_within(tx: AsyncConnection, list_ids: Collection[str], span: Span) -> set[str]:
    """Give the documents of which a fact of the lists became true in a span of time."""
    here = facts.c.list_id.in_(list_ids) & _within(span)
    return set((await tx.execute(select(facts.c.document_id).where(here).distinct())).scalars())


async def seen_by(
    tx: AsyncConnection, list_ids: Collection[str], moment: datetime, after: str
) -> list[str]:
    """Give the next documents after `after`, by id, of which a fact was true by `moment`."""
    here = facts.c.list_id.in_(list_ids) & (facts.c.valid_from <= moment)
    query = select(facts.c.document_id).where(here, facts.c.document_id > after).distinct()
    return list((await tx.execute(query.order_by(facts.c.document_id).limit(PAGE))).scalars())


def _within(span: Span) -> ColumnElement[bool]:
    return (facts.c.valid_from > span.after) & (facts.c.valid_from <= span.until)


async def histories(
    tx: AsyncConnection, document_ids: Collection[str], until: datetime
) -> dict[str, list[Facts]]:
    """Give these documents' facts that became true before `until`, each in that order."""
    found: dict[str, list[Facts]] = {}
    here = facts.c.document_id.in_(document_ids) & (facts.c.valid_from < until)
    query = select(*_COLUMNS).where(here).order_by(facts.c.valid_from, facts.c.id)
    for row in load_all(Facts, await tx.execute(query)):
        found.setdefault(row.document_id, []).append(row)
    return found
