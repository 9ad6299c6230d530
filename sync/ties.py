"""A verdict that rests on another document is given anew when the other one changes.

A document cites numbers, copies, claims or resembles what is registered: how each look saw the
other is kept (`sync.state.ties`) in the transaction that read it. Whatever changes a number's
document opens work for those that saw it otherwise, in the background lane, so that no verdict is
left standing on what no longer is. So does a file that takes or leaves a name another should have.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from sharepoint_schema.numbers import Number
from sync.past import fate_of
from sync.policies.file_name import agreed_name
from sync.state import items, numbers, remembered, ties, work
from sync.state.ties import Standing, Tie

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sharepoint_schema.standard import Standard
    from sync.acting import Acted
    from sync.cases import Case
    from sync.model import Context, Document
    from sync.service import Service
    from sync.state.items import ItemRow

NAMING = "file_name"
MOST = 1000
"""Documents judged anew for one change of a number; an audit sees to the rest (`catch_up`)."""
MORE = "ties:more:"
"""Beginning of the keys that note which numbers concern more documents than were judged anew."""

log = logging.getLogger("verger.ties")


async def keep(
    tx: AsyncConnection, document: Document, known: Context, claimed: Sequence[Number]
) -> None:
    """Keep how a document sees the numbers it cites and those it copies, claims or resembles.

    `claimed` are the numbers it bears; one that is nobody's yet may become another document's.
    """
    own = document.document_id
    others = [*known.holders.values(), *known.copies]
    others += [known.alike.holder] if known.alike else []
    met = {one.number for one in others if one.document_id != own}
    met |= {str(one) for one in claimed} - known.holders.keys() - {known.number}
    seen = {number: (await _standing(tx, number, known.standard)).mark for number in met}
    cited = {number: fate for number, fate in known.cited.items() if number != known.number}
    found = [Tie(own, "cited", number, fate) for number, fate in cited.items()]
    found += [Tie(own, "met", number, mark) for number, mark in seen.items()]
    await ties.put_ties(tx, own, [*found, *_named(document, known)])


def _named(document: Document, known: Context) -> list[Tie]:
    """Return how a file sees the name it should have and has not; nothing where no rule asks."""
    target = agreed_name(document, known) if NAMING in known.area.policies else None
    if target is None or target == document.name:
        return []
    key = ties.place_key(document.list_id, document.folder, target)
    seen = "taken" if target.lower() in known.taken else "free"
    return [Tie(document.document_id, "named", key, seen)]


async def mark_of(tx: AsyncConnection, number: str, standard: Standard) -> str:
    """Return what tells the present state of a number's document; "" where there is none."""
    return (await _standing(tx, number, standard)).mark


async def follow(
    tx: AsyncConnection, case: Case, acted: Acted, before: ItemRow | None, *, listed: bool
) -> None:
    """After a look was written down: see to those whom its document concerns, if it changed.

    `before` is the document's row before the look; `listed` says that its registry row changed.
    """
    home = acted.moved_from[0] if acted.moved_from else acted.document.list_id
    seen = replace(before, list_id=home) if before else None
    await _names_changed(tx, case, seen, acted.document)
    if before and before.number and before.number != acted.number:
        await _heir_again(tx, case, before)
    if not acted.number:
        return
    after = await items.get_item(tx, acted.document.list_id, acted.document.item_id)
    same = before is not None and before.number == acted.number and _mark(before) == _mark(after)
    if listed or not same:
        await look_again(tx, case, acted.number)


async def _heir_again(tx: AsyncConnection, case: Case, before: ItemRow) -> None:
    """Look at whose number it is now: what a deleted bearer published counts until it is back."""
    known = await numbers.get_number(tx, Number.parse(before.number or ""))
    heir = await items.item_of(tx, known.document_id) if known and known.document_id else None
    if heir and heir.deleted_at is None and heir.document_id != before.document_id:
        await _open(tx, case, [(heir.list_id, heir.item_id)])


async def left(tx: AsyncConnection, case: Case, gone: ItemRow) -> None:
    """See to those whom a document that is gone concerned: by its number, and by its name."""
    await _names_changed(tx, case, gone, None)
    if gone.number:
        await look_again(tx, case, gone.number)


async def _names_changed(
    tx: AsyncConnection, case: Case, before: ItemRow | None, now: Document | None
) -> None:
    """Open work for files that wait for the name this one had, or count on the one it has now."""
    freed = ties.place_key(before.list_id, before.folder, before.name) if before else ""
    took = ties.place_key(now.list_id, now.folder, now.name) if now else ""
    freed = "" if freed == took else freed  # one just met or restored is known by its name already
    quarantine = case.place.area.quarantine
    found = await ties.who_would_have(tx, freed, took, quarantine, MOST)
    own = (now.list_id, now.item_id) if now else None  # it has just been given that very name
    await _open(tx, case, [one for one in found if one != own])


async def look_again(tx: AsyncConnection, case: Case, number: str) -> int:
    """Open work for the documents that see a number otherwise than it now is; at most MOST.

    Returns how many.
    """
    now = await _standing(tx, number, case.service.standard)
    found = await ties.out_of_date(tx, now, case.place.area.quarantine, MOST)
    if len(found) == MOST:
        log.warning("%s concerns %s documents or more; an audit looks at the rest", number, MOST)
        await remembered.remember(tx, f"{MORE}{number}", value=True)
    await _open(tx, case, found)
    return len(found)


async def catch_up(service: Service, without: str) -> int:
    """Open work for all documents that changes of numbers left standing as they were, beyond MOST.

    Areas called `without` are left out, as elsewhere. Returns how many.
    """
    opened = 0
    async with service.state.begin() as tx:
        for key in await remembered.keys(tx, MORE):
            now = await _standing(tx, key.removeprefix(MORE), service.standard)
            found = await ties.out_of_date(tx, now, without, None)
            await work.put(tx, _again(found), service.now())
            await remembered.forget(tx, key)
            opened += len(found)
    return opened


async def _open(tx: AsyncConnection, case: Case, found: Sequence[tuple[str, str]]) -> None:
    """Have each document looked at once more, after everything that staff wait for."""
    await work.put(tx, _again(found), case.service.now())
    case.opened.update(list_id for list_id, _ in found)


def _again(found: Sequence[tuple[str, str]]) -> list[work.NewWork]:
    lane = work.Lane.BACKGROUND
    return [work.NewWork(list_id=a, item_id=b, kind="due", lane=lane) for a, b in found]


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
