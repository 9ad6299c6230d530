"""Which number a document has: given by the registry, once and for ever (decision 7).

A document that names a free number of a known series claims it; one that names none is given the
next; one that names a reserved number is the document it was kept for. A number far above the
highest one given out is most likely mistyped, and would leave a gap that nobody can explain: it
waits until a registrar adds it to the registry. All of it is a row in SQL under the lock of its
series, so two people who ask at once get two numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sharepoint_schema.naming import guess_name
from sharepoint_schema.numbers import Number
from sync.model import Unclaimed, parse_number
from sync.policies._truth import Identity, has_odd_number, identity_of, type_of
from sync.state import items, numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sharepoint_schema.standard import Standard
    from sync.model import Context, Document, Finding
    from sync.places import Place
    from sync.service import Service

POLICY = "document_number"
"""The rule under which numbers are given out; where it only observes, none is."""


def candidates(service: Service, document: Document) -> list[Number]:
    """Return the numbers a document names, the weightiest source first: block, column, name."""
    return named(service.standard, document)


def named(standard: Standard, document: Document) -> list[Number]:
    """Return the same by the series of this standard."""
    series = standard.series_codes
    block = document.block.number if document.block else None
    column = parse_number(document.column("DocumentNumber"))
    name = guess_name(document.name, series).number
    told = (number for number in (block, column, name) if number and number.series in series)
    return list(dict.fromkeys(told))


async def number_of(
    tx: AsyncConnection,
    service: Service,
    place: Place,
    document: Document,
    wanted: Sequence[Number],
) -> Number | Unclaimed | None:
    """Return the document's number; in a controlled place it gets the free one it names.

    Unclaimed says why the registry does not let it have the one it names; None is for a number of
    another document's, and for a document that names none.
    """
    own = [
        one for one in await numbers.numbers_of(tx, document.document_id) if one.state == "issued"
    ]
    if own:
        return own[0].number
    if not (place.area.controlled and wanted):
        return None
    return await _claim(tx, service, document, wanted[0])


async def _claim(
    tx: AsyncConnection, service: Service, document: Document, number: Number
) -> Number | Unclaimed | None:
    highest = await numbers.hold_series(tx, number.series)
    row = await numbers.get_number(tx, number)
    if row is None and number.nn > highest + service.standard.numbering.furthest:
        top = str(Number(number.series, highest)) if highest else ""
        return Unclaimed(str(number), "far", top)
    if row is not None and row.state in {"lapsed", "void"}:
        return Unclaimed(str(number), "lapsed" if row.state == "lapsed" else "void")
    if row is not None and row.state == "reserved":
        await numbers.give_reserved(tx, number, document.document_id)
        return number
    row = await numbers.claim_existing(tx, number, document.document_id, service.now())
    own = row.document_id == document.document_id
    return number if own or await _came_back(tx, row, document) else None


async def _came_back(tx: AsyncConnection, row: numbers.NumberRow, document: Document) -> bool:
    """Pass a number on to a file that its deleted document was uploaded again as.

    Again means: the same content, or the same name. Anything else under a dead document's number
    is for the registry to decide.
    """
    dead = await items.item_of(tx, row.document_id) if row.document_id else None
    if dead is None or dead.deleted_at is None:
        return False
    same_name = items.name_key(dead.name) == items.name_key(document.name)
    if not (same_name or (dead.content_id and dead.content_id == document.content_id)):
        return False
    await numbers.pass_on(tx, row.number, document.document_id)
    return True


async def issue(
    service: Service,
    place: Place,
    document: Document,
    context: Context,
    findings: Iterable[Finding],
) -> Number | None:
    """Give the next number to a controlled document that names none; None where none is due.

    None is due to a copy, to a file that cannot be read (its block may name one) or that is taken
    out of the open, and nowhere while the rule only observes.
    """
    closing = any(one.counts and one.policy in place.closing for one in findings)
    if closing or not _is_due(service, place, document, context):
        return None
    series = service.standard.series_for(type_of(document, context))
    async with service.state.begin() as tx:
        return await numbers.allocate(tx, series, document.document_id, service.now())


def _is_due(service: Service, place: Place, document: Document, context: Context) -> bool:
    applies = POLICY in place.area.policies and place.modes.get(POLICY) != "observe"
    readable = document.reading is not None and document.reading.readable
    if not (place.area.controlled and applies and readable) or context.number:
        return False
    silent = not candidates(service, document) and not has_odd_number(document)
    return silent and identity_of(document, context)[0] is Identity.OWN
