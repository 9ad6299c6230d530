"""A row that staff add to the registry: a wish for a number, a number let in, or a known one."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from sync.callers import Role, in_list
from sync.keepers import Kept, show
from sync.model import parse_number
from sync.registry import reserving
from sync.registry.columns import NOTE, NUMBER, NUMBER_STATUS, OWNED, STATUS, TITLE, differing
from sync.state import due, items, journal, numbers, work
from sync.state.registry import RegistryRow, find_registry_number, put_registry_row
from sync.tenant.row_history import history, setter

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from sharepoint_schema.numbers import Number
    from sync.cases import Case
    from sync.tenant.shapes import By, ChangedItem

MAY = (Role.REGISTRAR, Role.ADMIN)
"""Who may set a review date, let a number in or withdraw one, by the roles file."""


def is_ours(case: Case, by: By) -> bool:
    """Whether Verger itself wrote it: the flow that did is about to record it."""
    return (
        by.user is None
        and by.application is not None
        and (by.application.id == case.service.settings.client_id)
    )


async def new_row(case: Case, row: ChangedItem) -> Kept:
    """Take a row nobody has seen: 2 units to write beside it, 2 to learn who chose a number."""
    if is_ours(case, row.created_by):
        return Kept()  # made by the flow that is about to record it
    said = str(row.fields.get(NUMBER) or "").strip()
    if not str(row.fields.get(TITLE) or "").strip():
        return await _refused(case, row, "Give the row a title: what the document will be called.")
    if not said:
        home = case.place.row
        kept = await reserving.reserve(case.service, home, row.id, row.fields, None)
        return await _reserved(case, row, kept)
    number = parse_number(said)
    if number is None or number.series not in case.service.standard.series_codes:
        wrong = f"{said} is no document number such as Gov-04. Leave it out to get the next one."
        return await _refused(case, row, wrong)
    return await _numbered(case, row, number)


async def _numbered(case: Case, row: ChangedItem, number: Number) -> Kept:
    async with case.service.state.read() as tx:
        given = await numbers.get_number(tx, number)
        known = await find_registry_number(tx, str(number))
    if given is None:
        return await _let_in(case, row, number)
    if known is None:
        return await _follows(case, row, given)
    return await _merged(case, row, known)


async def _let_in(case: Case, row: ChangedItem, number: Number) -> Kept:
    """Let a number in that was never given out, if a registrar set it."""
    versions = await history(case.service.tenant, case.place.row, row.id)
    caller = in_list(case.service, setter(versions, NUMBER).last_modified_by)
    if not (caller.person and caller.roles.intersection(MAY)):
        says = (
            "Only a registrar may choose a number. Leave it out, and Verger gives you the next one."
        )
        return await _refused(case, row, says)
    kept = await reserving.reserve(case.service, case.place.row, row.id, row.fields, number)
    if kept is None:
        return await _refused(
            case, row, f"{number} was given out in this very moment; look for its row."
        )
    return await _reserved(case, row, kept)


async def _reserved(case: Case, row: ChangedItem, kept: RegistryRow | None) -> Kept:
    """Show the number beside the row that asked for it, and tell who asked."""
    if kept is None:
        return Kept()
    owned = {name: kept.columns[name] for name in (NUMBER, NUMBER_STATUS)}
    days = case.service.standard.numbering.reserved_days
    says = f"{kept.number} is kept for this document for {days} days. Upload it with this number."
    etag = await show(case, row, {**owned, STATUS: "", NOTE: says})
    entry = journal.Entry(
        at=case.service.now(),
        kind="number reserved",
        actor=row.created_by.person.id,
        correlation_id=f"{case.row.list_id}/{row.id}",
        list_id=case.row.list_id,
        item_id=row.id,
        after={"number": kept.number},
        idempotency_key=f"number:{kept.number}:reserved:{case.row.list_id}:{row.id}",
    )
    return Kept(etag, (entry,), partial(_announce, case, kept, row.created_by.person.mail))


async def _announce(case: Case, kept: RegistryRow, mail: str, tx: AsyncConnection) -> None:
    await reserving.tell(tx, case.service, kept, mail)
    await reserving.look_again(tx, case.service.now())


async def _follows(case: Case, row: ChangedItem, given: numbers.NumberRow) -> Kept:
    """Have the document of a number that has no row yet fill this one in."""
    says = f"{given.number} has its document already; Verger fills this row in from it."
    etag = await show(case, row, {NOTE: says})
    return Kept(etag, effect=partial(_have_judged, case, given.document_id or ""))


async def _have_judged(case: Case, document_id: str, tx: AsyncConnection) -> None:
    item = await items.item_of(tx, document_id)
    if item is not None and item.deleted_at is None:
        fresh = work.NewWork(list_id=item.list_id, item_id=item.item_id, kind="audit")
        await work.put(tx, [fresh], case.service.now())


async def _merged(case: Case, row: ChangedItem, known: RegistryRow) -> Kept:
    """Make a row that staff added for a known number that number's own row."""
    wanted = differing(known.columns, row.fields, OWNED)
    says = f"{known.number} is in the registry already; this is its row now."
    etag = await show(case, row, {**wanted, NOTE: says})
    fresh = replace(known, list_id=case.row.list_id, list_item_id=row.id)
    before = replace(case, row=replace(case.row, item_id=known.list_item_id or row.id))
    return Kept(etag, effect=partial(moved, before, fresh))


async def _refused(case: Case, row: ChangedItem, says: str) -> Kept:
    return Kept(await show(case, row, {STATUS: "Needs you", NOTE: says}))


async def moved(case: Case, fresh: RegistryRow, tx: AsyncConnection) -> None:
    """Keep the new row; a reservation's last day goes with it."""
    promised = await due.promises(tx, case.row.list_id, case.row.item_id)
    await due.clear_due(tx, case.row.list_id, case.row.item_id)
    for name, moment in promised.items():
        await due.set_due(tx, fresh.list_id, fresh.list_item_id or "", name, moment)
    await put_registry_row(tx, fresh)
