"""Every register of the network: rules judge a row, columns are put right, people are told.

What a register asks for stands in its list's `entries:` and in its `policies:`, which are those of
`sync.policies.rows`. One way for all: judge, settle by mode, write beside the row, remember, tell
people, and look again when the next date comes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sync import clocks, decided, entering, following, telling
from sync.identity import identify
from sync.keepers import Kept, show
from sync.model import SetColumns
from sync.model.rows import is_closed, waits
from sync.policies.rows import judge
from sync.registers import TITLE, context_of, item_of, kept_columns, register_of, wire_values
from sync.remedies import REASON, STATUS, settle
from sync.state import digests, due, facts, items, journal, register_rows
from sync.state.work import NewWork, put

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sync.cases import Case
    from sync.model import Finding, Item, Value
    from sync.model.rows import RowContext
    from sync.remedies import Settlement
    from sync.state.items import ItemRow
    from sync.state.register_rows import RegisterRow
    from sync.state.work import Work
    from sync.telling import Telling
    from sync.tenant.shapes import ChangedItem

CLOCK = "row_due"
ONE_DAY = timedelta(days=1)
"""Under which name a row's next look stands among the promised dates."""
TOLD = (STATUS, REASON)


async def keep(case: Case, row: ChangedItem) -> Kept:
    """Keep one row; 2 resource units when something is written beside it."""
    key = (case.row.list_id, case.row.item_id)
    async with case.service.state.begin() as tx:
        known = await register_rows.get_row(tx, *key)
        promised = await due.promises(tx, *key)
        own = (
            None if row.deleted else await identify(tx, key, row.unique_id, "", case.service.now())
        )
    if own is None:
        return Kept(entries=_gone(case, known), effect=_Dropped(case))
    item = item_of(case.place, row, own.document_id)
    context = await context_of(case.service, case.place, item, known)
    settled = _settled(case, item, context, promised)
    values = _values(settled)
    etag = await show(case, row, wire_values(case.place, values))
    await entering.enter(case.service, case.place, settled.entries)
    seen = Seen(
        case,
        replace(item, fields={**item.fields, **values}),
        settled,
        own,
        known.columns if known else {},
        telling.asked(settled.told, known.asked if known else {}, case.service.now()),
    )
    told = telling.spoken(settled)
    letters = await telling.tellings(case.service, case.place, seen.item, told, seen.asked)
    return Kept(etag, _entries(seen, row), _Effect(seen, letters))


def _settled(
    case: Case, item: Item, context: RowContext, promised: Mapping[str, datetime]
) -> Settlement:
    """Judge a row and settle it; what other rules follow from is judged as it is being put right.

    A date that moves on in this look is not told as overdue in the same one.
    """
    names, now = case.place.area.policies, case.service.now()
    rules = case.place.rules(promised, put_right=())
    findings = judge(item, context, names)
    settled = settle(item, findings, rules, now)
    written = {name: value for name, value in _values(settled).items() if name not in TOLD}
    if not written:
        return settled
    setting = {one.policy for one in findings if _sets(one)}
    will_be = replace(item, fields={**item.fields, **written})
    others = judge(will_be, context, names - setting)
    return settle(item, [*(one for one in findings if one.policy in setting), *others], rules, now)


def _sets(finding: Finding) -> bool:
    return any(isinstance(one, SetColumns) for one in finding.remedies)


def _values(settled: Settlement) -> dict[str, Value]:
    changed = [one.values for one in settled.remedies if isinstance(one, SetColumns)]
    return {name: value for values in changed for name, value in values.items()}


@dataclass(frozen=True, slots=True)
class Seen:
    """A row as it stands after its look, what was found, and what was known of it before."""

    case: Case
    item: Item
    settled: Settlement
    known: ItemRow
    before: Mapping[str, str]
    asked: dict[str, str]

    @property
    def verdict(self) -> dict[str, Any]:
        return {
            "status": str(self.settled.status or ""),
            "findings": [_plain(one) for one in self.settled.told],
            "observed": [_plain(one) for one in self.settled.observed],
        }

    @property
    def row(self) -> register_rows.RegisterRow:
        return register_rows.RegisterRow(
            list_id=self.item.list_id,
            item_id=self.item.item_id,
            site_id=self.case.place.row.site_id,
            area=self.case.place.area.key,
            document_id=self.item.document_id,
            columns=kept_columns(self.case.place, self.item),
            open=not is_closed(self.item, register_of(self.case.place)),
            seen_at=self.case.service.now(),
            asked=self.asked,
        )

    @property
    def looks(self) -> dict[str, datetime]:
        """When the row is looked at again: as promised to staff, and when a date is reached."""
        coming = self._next_date()
        return {**self.settled.due, **({CLOCK: coming} if coming else {})}

    def _next_date(self) -> datetime | None:
        register, today = register_of(self.case.place), self.case.service.today()
        if is_closed(self.item, register):
            return None
        running = (one for one in register.clocks if not waits(self.item, one))
        dates = ((one, self.item.date_column(one.column)) for one in running)
        coming = [clocks.following(one, day, today) for one, day in dates if day is not None]
        return clocks.earliest([*coming, *([today + ONE_DAY] if register.daily else [])])


@dataclass(frozen=True, slots=True)
class _Effect:
    """What is remembered, promised and told in the transaction that closes the row."""

    seen: Seen
    told: tuple[Telling, ...]

    async def __call__(self, tx: AsyncConnection) -> None:
        service, row = self.seen.case.service, self.seen.row
        await register_rows.put_row(tx, row)
        await self._shadow(tx)
        await facts.add_facts(tx, _facts(self.seen))
        await due.clear_due(tx, row.list_id, row.item_id)
        for policy, moment in self.seen.looks.items():
            await due.set_due(tx, row.list_id, row.item_id, policy, moment)
        await telling.queue(tx, service, row.document_id, self.told)
        await self._documents(tx)
        await decided.follow(tx, self.seen.case, self.seen.before, row.columns)
        await following.follow(tx, self.seen.case, self.seen.before, row.columns)

    async def _documents(self, tx: AsyncConnection) -> None:
        """Have the files looked at of the document that a new or changed row is about."""
        column = register_of(self.seen.case.place).document
        if column is None or self.seen.row.columns == self.seen.before:
            return
        there = await items.find_by_number(tx, self.seen.item.column(column))
        again = [NewWork(list_id=one.list_id, item_id=one.item_id, kind="audit") for one in there]
        await put(tx, again, self.seen.case.service.now())

    async def _shadow(self, tx: AsyncConnection) -> None:
        """Keep the verdict with the item, as a file's is kept."""
        seen = self.seen
        if (item := await items.get_item(tx, seen.item.list_id, seen.item.item_id)) is not None:
            status, private = seen.settled.status, seen.case.place.list.own_only
            name = "" if private else seen.item.column(TITLE)
            told = replace(item, name=name, control_status=status, verdict=seen.verdict)
            await items.put_item(tx, told)


@dataclass(frozen=True, slots=True)
class _Dropped:
    """What a row that was deleted leaves behind: its facts, and nothing to wait for or be told."""

    case: Case

    async def __call__(self, tx: AsyncConnection) -> None:
        key = (self.case.row.list_id, self.case.row.item_id)
        if (known := await register_rows.get_row(tx, *key)) is not None:
            await digests.withdraw(tx, known.document_id)
            await decided.follow(tx, self.case, known.columns, {})
            await following.follow(tx, self.case, known.columns, {})
        await register_rows.drop_row(tx, *key)
        await due.clear_due(tx, *key)


def _facts(seen: Seen) -> facts.Facts:
    """Return the columns whose course is kept; never people, who stand in the journal."""
    register = register_of(seen.case.place)
    named = (*register.kept, *register.closed, *(one.column for one in register.clocks), STATUS)
    return facts.Facts(
        document_id=seen.item.document_id,
        list_id=seen.item.list_id,
        item_id=seen.item.item_id,
        valid_from=seen.case.service.now(),
        source=seen.case.row.kind,
        facts={name: seen.item.column(name) for name in dict.fromkeys(named)},
    )


def _plain(finding: Finding) -> dict[str, Any]:
    return {
        "policy": finding.policy,
        "version": finding.version,
        "severity": str(finding.severity),
        "status": str(finding.status),
        "says": finding.says,
    }


def _entries(seen: Seen, row: ChangedItem) -> tuple[journal.Entry, ...]:
    """Return the journal's entry where the verdict changed or columns were put right."""
    corrected = {name: value for name, value in _values(seen.settled).items() if name not in TOLD}
    if seen.known.verdict == seen.verdict and not corrected:
        return ()
    before = {name: row.fields.get(name) for name in corrected}
    after = {**seen.verdict, "columns": _texts(corrected)}
    return (_entry(seen.case, seen.item.document_id, "register", before, after),)


def _gone(case: Case, known: RegisterRow | None) -> tuple[journal.Entry, ...]:
    """Return the journal's entry of a deleted row, with what the register keeps the course of."""
    if known is None:
        return ()
    register = register_of(case.place)
    named = () if case.place.list.own_only else (*register.kept, *register.closed)
    before = {name: known.columns[name] for name in named if known.columns.get(name)}
    return (_entry(case, known.document_id, "gone", before, {}),)


def _entry(
    case: Case, document_id: str, kind: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> journal.Entry:
    row = case.row
    return journal.Entry(
        at=case.service.now(),
        kind=kind,
        actor=case.service.settings.client_id,
        correlation_id=f"{row.list_id}/{row.item_id}/{row.generation}",
        document_id=document_id,
        list_id=row.list_id,
        item_id=row.item_id,
        schema_hash=case.service.schema_hash,
        before=dict(before) or None,
        after=dict(after) or None,
        idempotency_key=f"{kind}:{row.list_id}:{row.item_id}:{look_of(row)}",
        ru=round(case.units),
    )


def look_of(row: Work) -> str:
    """Return which look this is: generations begin anew with each row of work."""
    return f"{row.first_seen_at.isoformat()}/{row.generation}"


def _texts(values: Mapping[str, Value]) -> dict[str, str]:
    return {name: "" if value is None else str(value) for name, value in values.items()}
