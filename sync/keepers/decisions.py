"""The list "Decisions": a secretary writes down what the body decided, as the minute says.

A row counts by who set its fields, told by the version history (decision 24). What is recorded
stays recorded: a correction is a row of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from sharepoint_schema.dates import show_date
from sync import board_says, deciding, ties
from sync.callers import Caller, NotEntitled, Role, in_list
from sync.deciding import Told
from sync.keepers import Kept, show
from sync.model import SITE_TIME, parse_number
from sync.sig_records import Invalid
from sync.state import decisions, items, journal, work
from sync.state import ties as kept_ties
from sync.state.ties import Tie
from sync.tenant.row_history import RowVersion, history, setter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sync.cases import Case
    from sync.state.decisions import DecisionRow
    from sync.tenant.shapes import ChangedItem

DOCUMENT, VERSION, KIND, BODY = (
    "DecisionDocument",
    "DecisionVersion",
    "DecisionKind",
    "DecisionBody",
)
DAY, MINUTE, QUORATE = "MeetingDate", "MinuteReference", "Quorate"
DECIDING = (DOCUMENT, VERSION, KIND, BODY, DAY, MINUTE, QUORATE)
"""What makes a decision; each must have been set by somebody who may."""
PEOPLE: Mapping[str, str] = {
    "moved by": "MovedBy",
    "conflicts of interest": "Conflicts",
    "withdrew": "Withdrew",
}
MAY = (Role.REGISTRAR, Role.BOARD_SECRETARY)
PRESENT = "PresentCount"
STATUS, REASON = "DecisionStatus", "DecisionReason"
RECORDED, NEEDS_YOU = "Recorded", "Needs you"
FIXED = "What is recorded does not change; add a row of its own for another decision."


@dataclass(frozen=True, slots=True)
class Look:
    """A row with its history, the newest version first."""

    case: Case
    row: ChangedItem
    versions: Sequence[RowVersion]


async def keep(case: Case, row: ChangedItem) -> Kept:
    """Record a decision that is whole and entitled; say beside the row what became of it."""
    if row.deleted:
        return Kept()
    async with case.service.state.read() as tx:
        known = await decisions.decision_of_row(tx, case.row.list_id, row.id)
    if known is not None:
        return await _recorded(case, row, known)
    versions = await history(case.service.tenant, case.place.row, row.id)
    look = Look(case, row, versions)
    told = _told(look)
    number = str(parse_number(told.number) or "")
    mark = await _mark_of(case, number)
    try:
        found = await deciding.prepare(case.service, _caller(look), told)
    except NotEntitled as refusal:
        return await _refused(look, refusal)
    except Invalid as refusal:
        refused = await _refused(look, refusal)
        return replace(refused, effect=partial(_await_document, case, number, mark))
    kept = await _recorded(case, row, found)
    return Kept(kept.etag, kept.entries, partial(_write, case, found))


async def _mark_of(case: Case, number: str) -> str:
    async with case.service.state.read() as tx:
        return await ties.mark_of(tx, number, case.service.standard) if number else ""


async def _await_document(case: Case, number: str, mark: str, tx: AsyncConnection) -> None:
    """Have a refused row looked at again once its document is another than the one just seen.

    A decision can be heard of before the very document, or the version, that it is about.
    """
    item = await items.get_item(tx, case.row.list_id, case.row.item_id)
    if item is None or not number:
        return
    await kept_ties.put_ties(tx, item.document_id, [Tie(item.document_id, "met", number, mark)])
    if await ties.mark_of(tx, number, case.service.standard) != mark:  # it came meanwhile
        again = work.NewWork(list_id=item.list_id, item_id=item.item_id, kind="audit")
        await work.put(tx, [again], case.service.now())


async def _write(case: Case, row: DecisionRow, tx: AsyncConnection) -> None:
    """Record it, and have every row of the document say anew what it still needs.

    This one too: another of its rows may have been recorded while this one's words were found.
    """
    item = await items.get_item(tx, case.row.list_id, case.row.item_id)
    if item is not None:
        await kept_ties.put_ties(tx, item.document_id, ())
    await deciding.write(tx, row)
    rows = [one for one in await decisions.decisions_of(tx, row.document_id) if one.item_id]
    again = [
        work.NewWork(list_id=one.list_id or "", item_id=one.item_id or "", kind="audit")
        for one in rows
    ]
    await work.put(tx, again, case.service.now())


async def _recorded(case: Case, row: ChangedItem, found: DecisionRow) -> Kept:
    says = f"Recorded for {found.number} {found.label}, word for word as it was on "
    says += f"{show_date(found.at.astimezone(SITE_TIME).date())}."
    if not found.quorate:
        says += " The meeting had no quorum, so this decision does not count."
    standing = await deciding.standing(case.service, found)
    if standing.missing:
        lacking = " and ".join(step.words(case.service.standard) for step in standing.missing)
        says += f" The document still needs {lacking}."
    says = " ".join([says, *await board_says.about(case.service, found)])
    if _differs(row, found):
        says += f" {FIXED}"
    etag = await show(case, row, {STATUS: RECORDED, REASON: says})
    return Kept(etag)


def _differs(row: ChangedItem, found: DecisionRow) -> bool:
    told = (row.fields.get(DOCUMENT), row.fields.get(MINUTE))
    kind = str(row.fields.get(KIND, "")).casefold()
    return told != (found.number, found.reference) or kind != found.kind


async def _refused(look: Look, refusal: NotEntitled | Invalid) -> Kept:
    """Say beside the row what is missing or not allowed, and journal it once for this state."""
    says = _sentence(refusal)
    etag = await show(look.case, look.row, {STATUS: NEEDS_YOU, REASON: says})
    entry = journal.Entry(
        at=look.case.service.now(),
        kind="refused",
        actor=setter(look.versions, KIND).last_modified_by.person.id,
        correlation_id=f"{look.case.row.list_id}/{look.row.id}",
        list_id=look.case.row.list_id,
        item_id=look.row.id,
        after={"what": "decision", "why": type(refusal).__name__, "says": says},
        idempotency_key=f"decision:{look.case.row.list_id}:{look.row.id}:{look.row.etag}",
    )
    return Kept(etag, (entry,))


WORDS: Mapping[str, str] = {
    "document": "Document number",
    "version": "Version",
    "kind": "Decision",
    "body": "Body",
    "date": "Meeting date",
    "reference": "Minute",
}


def _sentence(refusal: NotEntitled | Invalid) -> str:
    if isinstance(refusal, NotEntitled):
        return f"{refusal.says[:1].upper()}{refusal.says[1:]}."
    return "\n".join(f"{WORDS.get(name, name)}: {says}." for name, says in refusal.faults)


def _told(look: Look) -> Told:
    fields = look.row.fields
    present = fields.get(PRESENT)
    return Told(
        number=_text(fields, DOCUMENT),
        label=_text(fields, VERSION),
        kind=_text(fields, KIND).casefold(),
        body=_text(fields, BODY),
        on=_day(fields.get(DAY)),
        reference=_text(fields, MINUTE),
        quorate=bool(fields.get(QUORATE)),
        present=None if present is None else int(float(present)),
        people={what: _text(fields, column) for what, column in PEOPLE.items()},
        row=(look.case.row.list_id, look.row.id),
        entered=max(setter(look.versions, name).last_modified_date_time for name in DECIDING),
    )


def _caller(look: Look) -> Caller:
    """Return who set the decision; without any role unless all who set a field of it may."""
    service = look.case.service
    body = service.standard.body_in(_text(look.row.fields, BODY))
    code = body.code if body else ""
    callers = [
        in_list(service, setter(look.versions, name).last_modified_by, code) for name in DECIDING
    ]
    last = callers[DECIDING.index(KIND)]
    may = all(one.roles.intersection(MAY) for one in callers)
    roles = last.roles.intersection(MAY) if may else frozenset()
    return replace(last, roles=roles, person=all(one.person for one in callers))


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return "" if value is None else str(value).strip()


def _day(value: Any) -> date | None:
    """Read a date column: SharePoint stores the site's midnight, in UTC."""
    return datetime.fromisoformat(str(value)).astimezone(SITE_TIME).date() if value else None
