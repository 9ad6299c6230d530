"""Facts: what was seen of a document and when, only ever added to.

Simulation replays them and time travel reads them.

Columns, names, block fields, feature counts and the audience: never text, never an identifier.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, insert, select

from sync.model.identifiers import all_masked
from sync.state.sql import Json, UtcTime, load, load_all, metadata, values_of

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

CHECKED_OUT = "checked_out"
"""The fact that somebody has the file checked out; who is never among the facts."""
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


async def facts_until(tx: AsyncConnection, list_id: str, until: datetime) -> list[Facts]:
    """Give one list's facts from the first observation on, in the order they became true."""
    here = (facts.c.list_id == list_id) & (facts.c.valid_from < until)
    query = select(*_COLUMNS).where(here)
    return load_all(Facts, await tx.execute(query.order_by(facts.c.valid_from, facts.c.id)))
