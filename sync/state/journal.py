"""The journal: what was found and done, one hash chain per site, kept with the effect itself.

An entry holds no display names and no titles of restricted places. Personal values stand beside the
chain, which holds only salted commitments to them: erasing a value does not break it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    insert,
    select,
    update,
)

from sync.model.identifiers import all_masked
from sync.state.chain import GENESIS, commitment, entry_hash, new_salt
from sync.state.sql import Json, UtcTime, insert_into, load, metadata

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

journal_heads = Table(
    "journal_heads",
    metadata,
    Column("site_id", String, primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("hash", String, nullable=False),
)
journal = Table(
    "journal",
    metadata,
    Column("site_id", String, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("prev_hash", String, nullable=False),
    Column("hash", String, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("kind", String, nullable=False),
    Column("actor", String, nullable=False),
    Column("correlation_id", String, nullable=False),
    Column("document_id", String),
    Column("list_id", String),
    Column("item_id", String),
    Column("policy", String),
    Column("policy_version", String),
    Column("schema_hash", String),
    Column("before", Json),
    Column("after", Json),
    Column("undo", Json),
    Column("idempotency_key", String, unique=True),
    Column("ru", Integer, nullable=False),
    Column("commitments", Json, nullable=False),
    Index(None, "document_id", "at"),
    Index(None, "at"),
    Index(None, "correlation_id"),
    Index(None, "list_id", "item_id"),
)
personal = Table(
    "personal",
    metadata,
    Column("site_id", String, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("field", String, primary_key=True),
    Column("salt", String),
    Column("value", String, index=True),
    ForeignKeyConstraint(["site_id", "seq"], ["journal.site_id", "journal.seq"]),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is to be recorded.

    `actor` is an object id; `before`, `after` and `undo` (the recipe) are JSON; `ru` is the cost
    in resource units; `personal` maps a field to a value that may have to be erased one day. A
    second entry with the same `idempotency_key` is the first one.
    """

    at: datetime
    kind: str
    actor: str
    correlation_id: str
    document_id: str | None = None
    list_id: str | None = None
    item_id: str | None = None
    policy: str | None = None
    policy_version: str | None = None
    schema_hash: str | None = None
    before: Any = None
    after: Any = None
    undo: Any = None
    idempotency_key: str | None = None
    ru: int = 0
    personal: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded(Entry):
    """An entry in its chain; `personal` is read apart, by `journal_reading.personal_of`."""

    site_id: str
    seq: int
    prev_hash: str
    hash: str
    commitments: dict[str, str]


_BODY = [name for name in Entry.__dataclass_fields__ if name != "personal"]


def body_of(row: Entry, place: Mapping[str, Any], commitments: Mapping[str, str]) -> dict[str, Any]:
    """Put together what is hashed: the entry, its place in the chain, and its commitments."""
    body = {name: getattr(row, name) for name in _BODY}
    return body | dict(place) | {"commitments": dict(commitments)}


async def append(tx: AsyncConnection, site_id: str, entry: Entry) -> Recorded:
    """Append to the site's chain; its head stays locked until the effect's transaction ends.

    A known idempotency key appends nothing and gives back the entry recorded first. Whatever an
    entry tells, an NHS number in it is left out.
    """
    entry = _without_numbers(entry)
    seq, prev_hash = await _lock_head(tx, site_id)
    known = await _by_key(tx, entry.idempotency_key)
    if known is not None:
        return known
    salted = {name: (new_salt(), value) for name, value in entry.personal.items()}
    commitments = {name: commitment(*pair) for name, pair in salted.items()}
    place = {"site_id": site_id, "seq": seq + 1, "prev_hash": prev_hash}
    body = body_of(entry, place, commitments)
    body["hash"] = entry_hash(body)
    await tx.execute(insert(journal).values(body))
    await _keep_personal(tx, site_id, seq + 1, salted)
    head = update(journal_heads).where(journal_heads.c.site_id == site_id)
    await tx.execute(head.values(seq=seq + 1, hash=body["hash"]))
    return Recorded(**body)


def _without_numbers(entry: Entry) -> Entry:
    told = {name: all_masked(getattr(entry, name)) for name in ("before", "after", "undo")}
    return replace(entry, **told, personal=all_masked(entry.personal))


async def _lock_head(tx: AsyncConnection, site_id: str) -> tuple[int, str]:
    here = journal_heads.c.site_id == site_id
    head = select(journal_heads.c.seq, journal_heads.c.hash).where(here).with_for_update()
    found = (await tx.execute(head)).first()
    if found is None:
        first = insert_into(tx, journal_heads).values(site_id=site_id, seq=0, hash=GENESIS)
        await tx.execute(first.on_conflict_do_nothing(index_elements=[journal_heads.c.site_id]))
        found = (await tx.execute(head)).one()
    return found.seq, found.hash


async def _by_key(tx: AsyncConnection, key: str | None) -> Recorded | None:
    if key is None:
        return None
    found = await tx.execute(select(journal).where(journal.c.idempotency_key == key))
    return load(Recorded, found.first())


async def _keep_personal(
    tx: AsyncConnection, site_id: str, seq: int, salted: Mapping[str, tuple[str, str]]
) -> None:
    rows = [
        {"site_id": site_id, "seq": seq, "field": name, "salt": salt, "value": value}
        for name, (salt, value) in salted.items()
    ]
    if rows:
        await tx.execute(insert(personal), rows)
