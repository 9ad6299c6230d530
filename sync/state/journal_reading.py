"""Reading the journal: filters, the chain's proof, and the erasing of personal values beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, update

from sync.state.chain import GENESIS, commitment, entry_hash
from sync.state.journal import Recorded, body_of, journal, journal_heads, personal
from sync.state.sql import load, load_all

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.ext.asyncio import AsyncConnection

    from sync.state.facts import Span

_PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which entries are wanted; None means any. `since` is included, `until` is not."""

    site_id: str | None = None
    document_id: str | None = None
    list_id: str | None = None
    item_id: str | None = None
    kind: str | None = None
    policy: str | None = None
    correlation_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    newest_first: bool = False
    limit: int | None = None


_EQUAL = ("site_id", "document_id", "list_id", "item_id", "kind", "policy", "correlation_id")


async def entries(tx: AsyncConnection, query: Query) -> list[Recorded]:
    """Give the entries asked for, in time order (within a site: in the chain's order)."""
    return load_all(Recorded, await tx.execute(_chosen(query)))


def _chosen(query: Query) -> Select[Any]:
    chosen = select(journal)
    for name in _EQUAL:
        if (value := getattr(query, name)) is not None:
            chosen = chosen.where(journal.c[name] == value)
    if query.since is not None:
        chosen = chosen.where(journal.c.at >= query.since)
    if query.until is not None:
        chosen = chosen.where(journal.c.at < query.until)
    order = (journal.c.at, journal.c.site_id, journal.c.seq)
    ordered = [column.desc() if query.newest_first else column.asc() for column in order]
    return chosen.order_by(*ordered).limit(query.limit)


async def moments(tx: AsyncConnection, kind: str, span: Span, limit: int) -> list[datetime]:
    """Give the next moments after `span.after` at which an entry of a kind was written."""
    query = select(journal.c.at).where(_within(kind, span)).order_by(journal.c.at).limit(limit)
    return list((await tx.execute(query)).scalars())


async def told_within(tx: AsyncConnection, kind: str, span: Span) -> set[str]:
    """Give the documents about which an entry of a kind was written in a span of time."""
    query = select(journal.c.document_id).where(_within(kind, span)).distinct()
    return {one for one in (await tx.execute(query)).scalars() if one}


def _within(kind: str, span: Span) -> ColumnElement[bool]:
    return (journal.c.kind == kind) & (journal.c.at > span.after) & (journal.c.at <= span.until)


async def about(
    tx: AsyncConnection, document_ids: Collection[str], query: Query
) -> dict[str, list[Recorded]]:
    """Give the entries asked for about these documents, each document's in time order."""
    found: dict[str, list[Recorded]] = {}
    chosen = _chosen(query).where(journal.c.document_id.in_(document_ids))
    for row in load_all(Recorded, await tx.execute(chosen)):
        found.setdefault(row.document_id or "", []).append(row)
    return found


async def ru_by_document(tx: AsyncConnection, site_id: str | None = None) -> dict[str, int]:
    """Sum the journalled resource units of each document."""
    query = select(journal.c.document_id, func.sum(journal.c.ru)).group_by(journal.c.document_id)
    query = query.where(journal.c.document_id.isnot(None))
    if site_id is not None:
        query = query.where(journal.c.site_id == site_id)
    return {document_id: int(total) for document_id, total in await tx.execute(query)}


async def verify(tx: AsyncConnection, site_id: str) -> int | None:
    """Prove a site's chain: None when it holds, else the first sequence number that does not.

    A changed, missing or added entry breaks it, so does a tail cut off (the head knows) and a
    personal value that is not the one committed to; an erased value does not.
    """
    seq, prev_hash = 0, GENESIS
    async for row, values in _chain(tx, site_id):
        expected = {"site_id": site_id, "seq": seq + 1, "prev_hash": prev_hash}
        if not _holds(row, expected, values):
            return seq + 1
        seq, prev_hash = row.seq, row.hash
    head = await tx.execute(select(journal_heads).where(journal_heads.c.site_id == site_id))
    known = head.first()
    recorded = (0, GENESIS) if known is None else (known.seq, known.hash)
    return None if recorded == (seq, prev_hash) else seq + 1


async def chains(tx: AsyncConnection) -> list[str]:
    """Give the ids of all sites that have a journal, by head or by an entry without one."""
    heads = select(journal_heads.c.site_id).union(select(journal.c.site_id))
    return sorted((await tx.execute(heads)).scalars())


async def heads(tx: AsyncConnection) -> dict[str, tuple[int, str]]:
    """Give the number and hash of the newest entry of each site's chain, by the site's id."""
    rows = await tx.execute(select(journal_heads))
    return {row.site_id: (row.seq, row.hash) for row in rows}


async def length(tx: AsyncConnection, site_id: str) -> int:
    """Count a site's entries."""
    query = select(func.count()).select_from(journal).where(journal.c.site_id == site_id)
    return int((await tx.execute(query)).scalar_one())


async def get_entry(tx: AsyncConnection, site_id: str, seq: int) -> Recorded | None:
    here = (journal.c.site_id == site_id) & (journal.c.seq == seq)
    return load(Recorded, (await tx.execute(select(journal).where(here))).first())


def _holds(row: Recorded, place: Mapping[str, Any], values: Mapping[str, tuple[str, str]]) -> bool:
    if (row.seq, row.prev_hash) != (place["seq"], place["prev_hash"]):
        return False
    if any(row.commitments.get(name) != commitment(*pair) for name, pair in values.items()):
        return False
    return row.hash == entry_hash(body_of(row, place, row.commitments))


async def _chain(
    tx: AsyncConnection, site_id: str
) -> AsyncIterator[tuple[Recorded, dict[str, tuple[str, str]]]]:
    """Walk a chain with its kept values page by page: a proof needs no more memory than that."""
    seq = 0
    while True:
        here = select(journal).where(journal.c.site_id == site_id, journal.c.seq > seq)
        page = load_all(Recorded, await tx.execute(here.order_by(journal.c.seq).limit(_PAGE)))
        values = await _values(tx, site_id, seq)
        for row in page:
            yield row, values.get(row.seq, {})
        if len(page) < _PAGE:
            return
        seq = page[-1].seq


async def _values(
    tx: AsyncConnection, site_id: str, after: int
) -> dict[int, dict[str, tuple[str, str]]]:
    here = (personal.c.site_id == site_id) & (personal.c.value.isnot(None))
    page = (personal.c.seq > after) & (personal.c.seq <= after + _PAGE)
    kept = select(personal).where(here, page)
    found: dict[int, dict[str, tuple[str, str]]] = {}
    for row in await tx.execute(kept):
        found.setdefault(row.seq, {})[row.field] = (row.salt, row.value)
    return found


async def personal_of(tx: AsyncConnection, site_id: str, seq: int) -> dict[str, str | None]:
    """Give an entry's personal values by field; None stands for one that was erased."""
    here = (personal.c.site_id == site_id) & (personal.c.seq == seq)
    rows = await tx.execute(select(personal.c.field, personal.c.value).where(here))
    return {row.field: row.value for row in rows}


async def erase_entry(tx: AsyncConnection, site_id: str, seq: int) -> int:
    """Erase one entry's personal values and their salts; returns how many."""
    here = (personal.c.site_id == site_id) & (personal.c.seq == seq)
    gone = update(personal).where(here, personal.c.value.isnot(None))
    return (await tx.execute(gone.values(salt=None, value=None))).rowcount


async def erase_value(tx: AsyncConnection, value: str) -> int:
    """Erase one person's value (such as a mail address) wherever it stands; returns how many."""
    gone = update(personal).where(personal.c.value == value)
    return (await tx.execute(gone.values(salt=None, value=None))).rowcount
