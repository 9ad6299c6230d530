"""What our own records tell of a document before this look, and of the numbers it cites.

Nothing here asks Microsoft 365: facts, numbers and registry rows are ours (decision 15).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.model import Past, parse_label
from sync.policies import wiped_columns
from sync.policies._truth import Published, published_as
from sync.state import facts, items, numbers, registry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sharepoint_schema.labels import Label
    from sharepoint_schema.numbers import Number
    from sharepoint_schema.standard import Standard
    from sync.model import Document
    from sync.state.facts import Facts

NEVER_ISSUED, GONE = "never issued", "no longer there"


async def past_of(tx: AsyncConnection, document: Document, number: Number | None) -> Past:
    """Return what earlier looks saw of a document, and of others that bore its number before it."""
    own = await facts.history(tx, document.document_id)
    return past_from(own, await _before(tx, document, number), document)


def past_from(rows: Sequence[Facts], before: Sequence[Facts], document: Document) -> Past:
    """Return the same from a document's own facts, and those of earlier bearers of its number."""
    own = [row for row in rows if not _foreign(row)]
    published: dict[str, str] = {}
    for row in [*(one for one in before if not _foreign(one)), *own]:
        label = _published(row)
        if label is not None:
            published.setdefault(str(label), row.facts["content_id"])
    return Past(
        published=published,
        highest=_highest(own, document),
        contents=frozenset(row.facts["content_id"] for row in own if row.facts["content_id"]),
        emptied=emptied(own, document),
        unpublished=frozenset(
            row.facts["content_id"] for row in own if row.facts.get(facts.UNPUBLISHED)
        ),
        had_block=_had_block(own, document),
    )


def _had_block(rows: Sequence[Facts], document: Document) -> bool:
    other = [row for row in rows if row.facts["content_id"] not in {"", document.content_id}]
    return bool(other and other[-1].facts.get("block"))


def emptied(rows: Sequence[Facts], document: Document) -> dict[str, str]:
    """Return the last values of columns that the present content came without.

    A column that was emptied while the content stayed the same was emptied by somebody.
    """
    found = {}
    for name in wiped_columns.WORDS:
        if document.content_id and not document.column(name):
            value = _last(rows, document.content_id, name)
            if value:
                found[name] = value
    return found


async def fates(tx: AsyncConnection, cited: Sequence[Number], standard: Standard) -> dict[str, str]:
    """Return what became of each number, "" for one in force; the words are for staff."""
    return {str(number): await fate_of(tx, number, standard) for number in cited}


async def fate_of(tx: AsyncConnection, number: Number, standard: Standard) -> str:
    """Return what became of a number, "" while its document is in force; a word for staff."""
    known = await numbers.get_number(tx, number)
    if known is None:
        return NEVER_ISSUED
    if known.state != "issued" or known.document_id is None:
        return str(known.state)
    row = await registry.get_registry_row(tx, known.document_id)
    status = str(row.columns.get("DocumentStatus") or "") if row else ""
    if status in standard.references.dead:
        return status.lower()
    item = await items.item_of(tx, known.document_id)
    return GONE if item is not None and item.deleted_at is not None else ""


async def _before(tx: AsyncConnection, document: Document, number: Number | None) -> list[Facts]:
    """Return the facts of deleted documents that bore the number before it was passed on."""
    bearers = await items.bearers(tx, str(number)) if number else []
    others = [one for one in bearers if one != document.document_id]
    found = [row for one in others for row in await facts.history(tx, one)]
    return sorted((row for row in found if not _foreign(row)), key=lambda row: row.valid_from)


def _foreign(row: Facts) -> bool:
    """Whether that look met another document's content in this one's place."""
    return bool(row.facts.get("foreign"))


def published_in(row: Facts) -> Label | None:
    """Return the label under which a look found the document's own content published, or None."""
    return None if _foreign(row) else _published(row)


def _published(row: Facts) -> Label | None:
    """Return the label under which SharePoint had this content published, None for a draft."""
    state = published_as(row.facts.get("sharepoint_version", ""))
    return state.label if state and row.facts["content_id"] else None


def _highest(rows: Sequence[Facts], document: Document) -> Label | None:
    """Return the highest label of a look with other content; a coming V1 counts once published."""
    found = (
        _in_force(row, published_as(row.facts.get("sharepoint_version", "")))
        for row in rows
        if row.facts["content_id"] not in {"", document.content_id}
    )
    return max((label for label in found if label), default=None)


def _in_force(row: Facts, state: Published | None) -> Label | None:
    if state is not None and state.label:
        return state.label
    label = parse_label(row.facts.get("label", ""))
    draft = label is not None and not label.published
    return label if label and draft and (state is None or state.allows(label)) else None


def _last(rows: Sequence[Facts], content_id: str, name: str) -> str:
    for row in reversed(rows):
        value: str = row.facts["columns"].get(name, "")
        if row.facts["content_id"] == content_id:
            if value:
                return ""
        elif row.facts["content_id"]:
            return value
    return ""
