"""What our own state knows, as rows that rules about registers read like another register's.

Documents of the registry, their equality impact assessments, and what the bodies decided.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.model import Item
from sync.state import assessments, decisions, items, registry

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sync.state.assessments import Assessment
    from sync.state.decisions import DecisionRow
    from sync.state.registry import RegistryRow


LINK, GONE = "DocumentLink", "GoneSince"
"""Where a document's file is found; since when it was seen gone, which stands in no list."""


async def read(tx: AsyncConnection, areas: Collection[str]) -> dict[str, list[Item]]:
    """Return the rows of those of these areas that our state stands in for; {} for none."""
    return {area: await READERS[area](tx) for area in sorted(READERS.keys() & set(areas))}


async def _documents(tx: AsyncConnection) -> list[Item]:
    rows = await registry.all_registry_rows(tx)
    gone = await items.gone_since(
        tx, [one.document_id for one in rows if not one.columns.get(LINK)]
    )
    return [_document(row, gone.get(row.document_id)) for row in rows]


async def _assessments(tx: AsyncConnection) -> list[Item]:
    return [_assessment(row) for row in await assessments.all_assessments(tx)]


async def _decisions(tx: AsyncConnection) -> list[Item]:
    return [decided(row) for row in await decisions.all_decisions(tx)]


READERS: Mapping[str, Callable[[AsyncConnection], Awaitable[list[Item]]]] = {
    "registry": _documents,
    "equality_assessments": _assessments,
    "decisions": _decisions,
}
"""How each is read, by the key of the list that shows it to staff."""


def _document(row: RegistryRow, gone: datetime | None) -> Item:
    """Return a document's row, and since when (UTC, ISO form) its file is gone, where it is."""
    return Item(
        site="",
        list_id=row.list_id,
        item_id=row.list_item_id or "",
        document_id=row.document_id,
        fields={**row.columns, GONE: gone.isoformat() if gone else None},
    )


def _assessment(row: Assessment) -> Item:
    """Return an assessment: its number, its day, and in EiaMissing what it does not say yet."""
    return Item(
        site="",
        list_id=row.list_id,
        item_id=row.item_id,
        fields={
            "EiaNumber": row.number,
            "EiaDate": row.assessed_on,
            "EiaMissing": ", ".join(row.missing),
        },
    )


def decided(row: DecisionRow) -> Item:
    """Return a decision by the columns of its list; DecisionBody is the body's code."""
    return Item(
        site="",
        list_id=row.list_id or "",
        item_id=row.item_id or "",
        document_id=row.id,
        fields={
            "DecisionDocument": row.number,
            "DecisionVersion": row.label,
            "DecisionBody": row.body,
            "DecisionKind": row.kind,
            "MeetingDate": row.on,
            "MinuteReference": row.reference,
            "Quorate": "Yes" if row.quorate else "No",
        },
    )
