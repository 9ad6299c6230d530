"""A verdict that rests on another document is given anew when the other one changes.

A document cites numbers, copies, claims or resembles what is registered: how each look saw the
other is kept (`sync.state.ties`) in the transaction that read it. Whatever changes a number's
document opens work for those that saw it otherwise, in the background lane, so that no verdict is
left standing on what no longer is.
"""

from __future__ import annotations

import hashlib
import logging
from typing import TYPE_CHECKING

from sharepoint_schema.numbers import Number
from sync.past import fate_of
from sync.state import items, numbers, ties, work
from sync.state.ties import Standing, Tie

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from sharepoint_schema.standard import Standard
    from sync.acting import Acted
    from sync.cases import Case
    from sync.model import Context, Document
    from sync.state.items import ItemRow

MOST = 1000
"""Documents judged anew for one change of a number; an audit finds the rest."""

log = logging.getLogger("verger.ties")


async def keep(tx: AsyncConnection, document: Document, known: Context) -> None:
    """Keep how a document sees the numbers it cites and those it copies, claims or resembles."""
    own = document.document_id
    others = [*known.holders.values(), *known.copies]
    others += [known.alike.holder] if known.alike else []
    met = {one.number for one in others if one.document_id != own}
    seen = {number: (await _standing(tx, number, known.standard)).mark for number in met}
    cited = {number: fate for number, fate in known.cited.items() if number != known.number}
    found = [Tie(own, "cited", number, fate) for number, fate in cited.items()]
    found += [Tie(own, "met", number, mark) for number, mark in seen.items()]
    await ties.put_ties(tx, own, found)


async def mark_of(tx: AsyncConnection, number: str, standard: Standard) -> str:
    """Return what tells the present state of a number's document; "" where there is none."""
    return (await _standing(tx, number, standard)).mark


async def follow(
    tx: AsyncConnection, case: Case, acted: Acted, before: ItemRow | None, *, listed: bool
) -> None:
    """After a look was written down: see to those whom its document concerns, if it changed.

    `before` is the document's row before the look; `listed` says that its registry row changed.
    """
    if not acted.number:
        return
    after = await items.get_item(tx, acted.document.list_id, acted.document.item_id)
    same = before is not None and before.number == acted.number and _mark(before) == _mark(after)
    if listed or not same:
        await look_again(tx, case, acted.number)


async def look_again(tx: AsyncConnection, case: Case, number: str) -> int:
    """Open work for the documents that see a number otherwise than it now is; at most MOST.

    Returns how many.
    """
    now = await _standing(tx, number, case.service.standard)
    found = await ties.out_of_date(tx, now, case.place.area.quarantine, MOST)
    if len(found) == MOST:
        log.warning("%s concerns %s documents or more; an audit looks at the rest", number, MOST)
    rows = [
        work.NewWork(list_id=list_id, item_id=item_id, kind="due", lane=work.Lane.BACKGROUND)
        for list_id, item_id in found
    ]
    await work.put(tx, rows, case.service.now())
    return len(found)


async def _standing(tx: AsyncConnection, number: str, standard: Standard) -> Standing:
    asked = Number.parse(number)
    known, fate = await numbers.get_number(tx, asked), await fate_of(tx, asked, standard)
    row = await items.item_of(tx, known.document_id) if known and known.document_id else None
    if row is None:
        return Standing(number, fate)
    content_id = "" if row.deleted_at else row.content_id or ""
    return Standing(number, fate, _mark(row, fate), row.document_id, content_id)


def _mark(row: ItemRow | None, fate: str = "") -> str:
    """Return what tells two states of a number's document apart (SHA-256, 16 hex digits)."""
    if row is None:
        return ""
    gone = "gone" if row.deleted_at else fate
    parts = (row.document_id, row.content_id or "", row.label or "", row.list_id, row.name, gone)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
