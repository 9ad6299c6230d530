"""The shadow: what each item was when last seen, and the document it is.

A document has its own id, bound to (list, item); number, drive item, content and place are
attributes that may change. Resync, echo detection and copy search compare with the shadow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, ForeignKey, Index, String, Table, or_, select

from sync.model.identifiers import all_masked, masked
from sync.state.sql import Json, UtcTime, load, load_all, metadata, save, values_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection

items = Table(
    "items",
    metadata,
    Column("list_id", String, ForeignKey("lists.id"), primary_key=True),
    Column("item_id", String, primary_key=True),
    Column("document_id", String, nullable=False, index=True),
    Column("unique_id", String, index=True),
    Column("drive_item_id", String, index=True),
    Column("etag", String),
    Column("ctag", String),
    Column("own_etag", String),
    Column("name", String, nullable=False),
    Column("name_key", String, nullable=False),
    Column("folder", String, nullable=False),
    Column("number", String, index=True),
    Column("label", String),
    Column("title", String),
    Column("content_id", String, index=True),
    Column("raw_hash", String),
    Column("control_status", String, index=True),
    Column("reason_hash", String),
    Column("verdict", Json),
    Column("features", Json),
    Column("seen_at", UtcTime, nullable=False),
    Column("deleted_at", UtcTime),
    Index(None, "list_id", "folder", "name_key"),
)
# These belong to sync.state.writes: a look at an item must not wipe what another write noted.
_OWN = ("own_etag",)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """One item as last seen. `folder` is the path inside the library, empty at its root.

    `verdict` is the last one given, `reason_hash` tells whether staff were told of it; `features`
    are counts only, never text. `own_etag` is the eTag our last write left behind.
    """

    list_id: str
    item_id: str
    document_id: str
    name: str
    seen_at: datetime
    folder: str = ""
    unique_id: str | None = None
    drive_item_id: str | None = None
    etag: str | None = None
    ctag: str | None = None
    own_etag: str | None = None
    number: str | None = None
    label: str | None = None
    title: str | None = None
    content_id: str | None = None
    raw_hash: str | None = None
    control_status: str | None = None
    reason_hash: str | None = None
    verdict: Any = None
    features: Any = None
    deleted_at: datetime | None = None


_COLUMNS = [items.c[name] for name in ItemRow.__dataclass_fields__]
_LIVE = items.c.deleted_at.is_(None)


def name_key(name: str) -> str:
    """Fold a name the way SharePoint compares names: without regard to case."""
    return name.casefold()


async def put_item(tx: AsyncConnection, row: ItemRow) -> None:
    """Write what was seen; the notes on our own writes stay as they are.

    Names and the verdict are kept without any NHS number in them.
    """
    name, told = (
        masked(row.name),
        {"folder": masked(row.folder), "verdict": all_masked(row.verdict)},
    )
    values = values_of(row) | told | {"name": name, "name_key": name_key(name)}
    await save(tx, items, values, keep=_OWN)


async def get_item(tx: AsyncConnection, list_id: str, item_id: str) -> ItemRow | None:
    found = await tx.execute(_rows(at(list_id, item_id)))
    return load(ItemRow, found.first())


async def get_items(
    tx: AsyncConnection, list_id: str, item_ids: Collection[str]
) -> dict[str, ItemRow]:
    """Give the known ones of a feed page's items, by item id."""
    found = await _all(tx, (items.c.list_id == list_id) & items.c.item_id.in_(item_ids))
    return {row.item_id: row for row in found}


async def items_of(tx: AsyncConnection, list_id: str) -> list[ItemRow]:
    """Give every live item of one list, for an audit or a comparison."""
    return await _all(tx, (items.c.list_id == list_id) & _LIVE)


async def of_documents(tx: AsyncConnection, document_ids: Collection[str]) -> list[ItemRow]:
    """Give the items these documents are or were, those that are gone too."""
    return await _all(tx, items.c.document_id.in_(document_ids))


async def gone(
    tx: AsyncConnection, list_ids: Collection[str]
) -> list[tuple[datetime, str, str | None]]:
    """Give what the lists had and lost, in the order it went: when, document and number."""
    here = items.c.list_id.in_(list_ids) & items.c.deleted_at.isnot(None)
    query = select(items.c.deleted_at, items.c.document_id, items.c.number).where(here)
    rows = await tx.execute(query.order_by(items.c.deleted_at, items.c.document_id))
    return [(row.deleted_at, row.document_id, row.number) for row in rows]


async def item_of(tx: AsyncConnection, document_id: str) -> ItemRow | None:
    """Find where a document is now; a deleted one is found at its last place."""
    query = _rows(items.c.document_id == document_id).order_by(None)
    found = await tx.execute(query.order_by(items.c.deleted_at.isnot(None), items.c.seen_at.desc()))
    return load(ItemRow, found.first())


async def gone_since(tx: AsyncConnection, document_ids: Collection[str]) -> dict[str, datetime]:
    """Give when these documents were seen gone (UTC), the last time, without those still there."""
    here = items.c.document_id.in_(document_ids)
    columns = (items.c.document_id, items.c.deleted_at)
    found = (await tx.execute(select(*columns).where(here).order_by(items.c.deleted_at))).all()
    there = {row.document_id for row in found if row.deleted_at is None}
    return {row.document_id: row.deleted_at for row in found if row.document_id not in there}


async def find_by_unique_id(tx: AsyncConnection, unique_id: str) -> list[ItemRow]:
    """Find items by listItemUniqueId, deleted ones too: a restored file keeps its document."""
    return await _all(tx, items.c.unique_id == unique_id)


async def find_by_content(tx: AsyncConnection, content_id: str) -> list[ItemRow]:
    """Find every live item that holds this content: the search for uncontrolled copies."""
    return await _all(tx, (items.c.content_id == content_id) & _LIVE)


async def find_by_number(tx: AsyncConnection, number: str) -> list[ItemRow]:
    """Find every live item that carries this document number ("Gov-04")."""
    return await _all(tx, (items.c.number == number) & _LIVE)


async def bearers(tx: AsyncConnection, number: str) -> list[str]:
    """Give the ids of all documents last seen to bear a number, deleted ones too."""
    query = select(items.c.document_id).where(items.c.number == number).distinct()
    return list((await tx.execute(query.order_by(items.c.document_id))).scalars())


async def names_in_folder(
    tx: AsyncConnection, list_id: str, folder: str, beginning: str = ""
) -> dict[str, str]:
    """Map each taken name (as `name_key` folds it) of a folder to its item's id.

    `beginning` narrows to names that begin so, by the index: a folder may hold thousands.
    """
    here = (items.c.list_id == list_id) & (items.c.folder == folder) & _LIVE
    if beginning:
        key = name_key(beginning)
        here &= (items.c.name_key >= key) & (items.c.name_key < f"{key}\U0010ffff")
    rows = await tx.execute(select(items.c.name_key, items.c.item_id).where(here))
    return {row.name_key: row.item_id for row in rows}


async def under(tx: AsyncConnection, list_id: str, folders: Collection[str]) -> list[str]:
    """Give the ids of the live items that were last seen in these folders, or further inside."""
    inside = (items.c.folder.startswith(f"{one}/", autoescape=True) for one in folders)
    here = or_(items.c.folder.in_(folders), *inside)
    query = select(items.c.item_id).where((items.c.list_id == list_id) & here & _LIVE)
    return list((await tx.execute(query)).scalars())


async def not_seen_since(tx: AsyncConnection, list_id: str, moment: datetime) -> list[ItemRow]:
    """Give live items that a full enumeration begun at `moment` did not meet: they are gone."""
    return await _all(tx, (items.c.list_id == list_id) & (items.c.seen_at < moment) & _LIVE)


def at(list_id: str, item_id: str) -> ColumnElement[bool]:
    return (items.c.list_id == list_id) & (items.c.item_id == item_id)


def _rows(where: ColumnElement[bool]) -> Any:
    return select(*_COLUMNS).where(where).order_by(items.c.list_id, items.c.item_id)


async def _all(tx: AsyncConnection, where: ColumnElement[bool]) -> list[ItemRow]:
    return load_all(ItemRow, await tx.execute(_rows(where)))
