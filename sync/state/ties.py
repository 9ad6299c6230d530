"""What a document's last verdict took other documents for, by number: cited, or meeting it.

"cited" is a number the text cites, with its fate ("" in force); "met" is a number whose document
this one copies, claims or resembles, with a mark of that document as it was (never its name).
"named" is the hash of the name it should have, in its folder: "taken" by another file, or "free".
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sqlalchemy import Column, Index, String, Table, delete, exists, insert, select

from sync.state.items import items, name_key
from sync.state.lists import lists
from sync.state.sql import load_all, metadata, values_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection

type Kind = Literal["cited", "met", "named"]
type Key = tuple[str, str]

ties = Table(
    "ties",
    metadata,
    Column("document_id", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("number", String, primary_key=True),
    Column("taken_for", String, nullable=False),
    Index(None, "number", "kind", "taken_for"),
)


@dataclass(frozen=True, slots=True)
class Tie:
    """One document's view of one number."""

    document_id: str
    kind: Kind
    number: str
    taken_for: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A number as it is now: `fate` and `mark` as ties hold them, whose it is and what it holds."""

    number: str
    fate: str
    mark: str = ""
    document_id: str = ""
    content_id: str = ""


async def ties_of(tx: AsyncConnection, document_id: str) -> set[Tie]:
    query = select(ties).where(ties.c.document_id == document_id)
    return set(load_all(Tie, await tx.execute(query)))


async def put_ties(tx: AsyncConnection, document_id: str, wanted: Collection[Tie]) -> None:
    """Keep a document's present ties in place of those before; nothing is written twice."""
    if await ties_of(tx, document_id) == set(wanted):
        return
    await tx.execute(delete(ties).where(ties.c.document_id == document_id))
    if wanted:
        await tx.execute(insert(ties), [values_of(one) for one in wanted])


def place_key(list_id: str, folder: str, name: str) -> str:
    """Return what stands for a name in a folder (SHA-256, hex), in any case of its letters."""
    return hashlib.sha256("\n".join((list_id, folder, name_key(name))).encode()).hexdigest()


async def who_would_have(
    tx: AsyncConnection, freed: str, took: str, without: str, most: int
) -> list[Key]:
    """Give (list, item) of live documents that saw one name taken, or the other one free.

    `freed` and `took` are place keys, "" for none; areas called `without` are left out, as below.
    """
    was_taken = (ties.c.number == freed) & (ties.c.taken_for == "taken")
    was_free = (ties.c.number == took) & (ties.c.taken_for == "free")
    query = (
        select(items.c.list_id, items.c.item_id)
        .join(ties, ties.c.document_id == items.c.document_id)
        .join(lists, lists.c.id == items.c.list_id)
        .where(ties.c.kind == "named", was_taken | was_free)
        .where(items.c.deleted_at.is_(None), lists.c.area != without)
        .order_by(items.c.list_id, items.c.item_id)
        .limit(most)
    )
    return [(row.list_id, row.item_id) for row in await tx.execute(query)]


async def out_of_date(
    tx: AsyncConnection, now: Standing, without: str, most: int | None
) -> list[Key]:
    """Give (list, item) of live documents that see a number otherwise than it is, at most `most`.

    Those too that hold the same content and know nothing of the number yet. Items of the areas
    called `without` are left out: they have no feed, and a person looks there.
    """
    here = (ties.c.document_id == items.c.document_id) & (ties.c.number == now.number)
    cited = (ties.c.kind == "cited") & (ties.c.taken_for != now.fate)
    met = (ties.c.kind == "met") & (ties.c.taken_for != now.mark)
    wrong = exists().where(here, cited | met)
    query = (
        select(items.c.list_id, items.c.item_id)
        .join(lists, lists.c.id == items.c.list_id)
        .where(items.c.deleted_at.is_(None), lists.c.area != without)
        .where(items.c.document_id != now.document_id, wrong | _copies(now, here))
        .order_by(items.c.list_id, items.c.item_id)
        .limit(most)
    )
    return [(row.list_id, row.item_id) for row in await tx.execute(query)]


def _copies(now: Standing, here: ColumnElement[bool]) -> ColumnElement[bool]:
    known = exists().where(here, ties.c.kind == "met")
    return (items.c.content_id == now.content_id) & (items.c.content_id != "") & ~known
