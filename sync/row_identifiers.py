"""NHS numbers in the rows of lists that have a keeper of their own, and so no rules about rows.

A register's rows are judged by its rules (`row_patient_identifier` among them); those of decisions,
waivers, exceptions, requests and the registry are looked at here, after their keeper: the
information governance officers are told at once, and the journal says in which column, never what.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sharepoint_schema.registers import Register
from sync import telling
from sync.model.identifiers import WITHHELD
from sync.model.rows import RowContext
from sync.places import modes_of
from sync.policies.patient_identifier import Sure
from sync.policies.rows import judge
from sync.policies.rows.row_patient_identifier import NAME, holding
from sync.registers import item_of
from sync.state import items, journal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sync.cases import Case
    from sync.keepers import Kept
    from sync.model import Finding, Item
    from sync.telling import Telling
    from sync.tenant.shapes import ChangedItem

COLUMNS = "identifiers"
"""Under which word an item's verdict names the columns in which a number stands."""
NO_REGISTER = Register(source="Gov-04, information governance: no patient identifiers")


async def guard(case: Case, row: ChangedItem, kept: Kept) -> Kept:
    """Return what a keeper made of a row, and what is to be told of a patient's number in it."""
    area = case.place.list
    if area.entries is not None or area.template != "list" or row.deleted:
        return kept
    item = item_of(case.place, row, f"{case.row.list_id}/{row.id}")
    async with case.service.state.read() as tx:
        known = await items.get_item(tx, case.row.list_id, row.id)
    before = list((known.verdict or {}).get(COLUMNS, ())) if known else []
    now = holding(item, case.service.standard.patient, Sure.YES)
    if now == before:
        return kept
    findings = judge(item, _context(case, before), (NAME,)) if now else []
    told = await telling.tellings(case.service, case.place, item, _spoken(case, findings))
    entries = (*kept.entries, _entry(case, item, findings))
    return replace(kept, entries=entries, effect=_Effect(case, kept.effect, now, told))


def _context(case: Case, before: Sequence[str]) -> RowContext:
    """Return what the rule may know; what it found before is withheld, so that it is not news."""
    declared = case.place.spec.columns_of(case.place.list)
    return RowContext(
        today=case.service.today(),
        standard=case.service.standard,
        area=case.place.area.key,
        register=NO_REGISTER,
        titles={one.name: one.title for one in declared},
        before=dict.fromkeys(before, WITHHELD),
    )


def _spoken(case: Case, findings: Sequence[Finding]) -> Sequence[Finding]:
    """Return what is told: nothing where this installation only observes."""
    service = case.service
    declared = {NAME: service.standard.modes[NAME]}
    modes = modes_of(declared, service.standard, service.overrides)
    return () if modes[NAME] == "observe" else findings


@dataclass(frozen=True, slots=True)
class _Effect:
    """What the keeper does in the closing transaction, then what is remembered and told of it."""

    case: Case
    first: Callable[[AsyncConnection], Awaitable[None]] | None
    columns: list[str]
    told: Sequence[Telling]

    async def __call__(self, tx: AsyncConnection) -> None:
        if self.first is not None:
            await self.first(tx)
        item = await items.get_item(tx, self.case.row.list_id, self.case.row.item_id)
        if item is not None:
            verdict = {**(item.verdict or {}), COLUMNS: self.columns}
            await items.put_item(tx, replace(item, verdict=verdict))
        about = f"{self.case.row.list_id}/{self.case.row.item_id}"
        await telling.queue(tx, self.case.service, about, self.told)


def _entry(case: Case, item: Item, findings: Sequence[Finding]) -> journal.Entry:
    row = case.row
    said = [{"policy": one.policy, "says": one.says} for one in findings]
    return journal.Entry(
        at=case.service.now(),
        kind="identifiers",
        actor=case.service.settings.client_id,
        correlation_id=f"{row.list_id}/{row.item_id}/{row.generation}",
        document_id=item.document_id,
        list_id=row.list_id,
        item_id=row.item_id,
        schema_hash=case.service.schema_hash,
        after={"findings": said},
        idempotency_key=f"identifiers:{row.list_id}:{row.item_id}:{row.first_seen_at.isoformat()}",
    )
