"""The list "Waivers": anyone asks for a rule to rest, a registrar or a director approves.

A decision counts by who set it (decision 24), and for what the row said at that moment. What was
approved stays as it was approved; another day or another rule is a row of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from sharepoint_schema.dates import show_date
from sync import waiving
from sync.callers import Caller, NotEntitled, in_list
from sync.explaining import title_of
from sync.keepers import Kept, show
from sync.model import SITE_TIME
from sync.sig_records import Invalid
from sync.state import excuses as kept
from sync.state import journal
from sync.tenant.row_history import RowVersion, history, setter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sync.cases import Case
    from sync.errors import Refused
    from sync.state.excuses import ExcuseRow
    from sync.tenant.shapes import ChangedItem

DOCUMENT, POLICY, UNTIL, REASON = "WaiverDocument", "WaiverPolicy", "WaiverUntil", "WaiverReason"
DECISION = "WaiverDecision"
STATUS, OUTCOME = "WaiverStatus", "WaiverOutcome"
ASKED = (DOCUMENT, POLICY, UNTIL, REASON)
"""What is decided about; a change of it after the decision needs a decision of its own."""
WORDS: Mapping[str, str] = {
    "document": "Document",
    "policy": "Rule",
    "until": "Until",
    "reason": "Reason",
}
APPROVED, DECLINED, WITHDRAWN = "Approved", "Declined", "Withdrawn"
WAITING, NEEDS_YOU, ENDED = "Waiting for a decision", "Needs you", "Ended"


@dataclass(frozen=True, slots=True)
class Look:
    """A row with its history, the newest version first, and the decision that stands in it."""

    case: Case
    row: ChangedItem
    versions: Sequence[RowVersion]
    decision: str

    @property
    def origin(self) -> str:
        return f"row:{self.case.row.list_id}:{self.row.id}"

    @property
    def decider(self) -> Caller:
        """Who set the decision."""
        return in_list(self.case.service, setter(self.versions, DECISION).last_modified_by)


async def keep(case: Case, row: ChangedItem) -> Kept:
    """Grant, decline or withdraw what the row asks for; say beside it what became of it.

    A row that was deleted leaves a waiver as it is: nobody knows who deleted it.
    """
    if row.deleted:
        return Kept()
    versions = await history(case.service.tenant, case.place.row, row.id)
    look = Look(case, row, versions, str(row.fields.get(DECISION) or ""))
    async with case.service.state.read() as tx:
        known = await kept.by_origin(tx, look.origin)
    try:
        return await (_granted(look, known[-1]) if known else _fresh(look))
    except (NotEntitled, Invalid) as refusal:
        return await _refused(look, refusal)


async def _fresh(look: Look) -> Kept:
    """Answer a row that no waiver came of yet."""
    if look.decision in {DECLINED, WITHDRAWN}:
        return Kept(await _show(look, look.decision, "The rule goes on acting."))
    found = await waiving.check(look.case.service, _asked(look))
    if look.decision != APPROVED:
        says = "A registrar or a director decides: set Decision to Approved or Declined."
        return Kept(await _show(look, WAITING, says))
    decider = look.decider
    waiving.entitled(decider)
    if _changed_since(look):
        says = "It was changed after it was approved. Please approve it again."
        raise Invalid([("", says)])
    waiver = waiving.by(found, decider)
    etag = await _show(look, APPROVED, _says(waiver))
    return Kept(etag, effect=partial(_grant, look, decider, waiver))


async def _grant(look: Look, decider: Caller, waiver: ExcuseRow, tx: Any) -> None:
    await waiving.write(tx, look.case.service, decider, waiver)


async def _granted(look: Look, waiver: ExcuseRow) -> Kept:
    """Answer a row whose waiver is recorded: it stands, or it is withdrawn."""
    service = look.case.service
    if not waiver.holds(service.now()):
        says = f"It ended. {title_of(waiver.policy)} acts again."
        return Kept(await _show(look, ENDED, says))
    if look.decision != WITHDRAWN:
        return Kept(await _show(look, APPROVED, _says(waiver)))
    decider = look.decider
    decider.need(*waiving.MAY_END, to="withdraw a waiver")
    etag = await _show(look, WITHDRAWN, f"{title_of(waiver.policy)} acts again.")
    return Kept(etag, effect=partial(_end, look, decider, waiver))


async def _end(look: Look, decider: Caller, waiver: ExcuseRow, tx: Any) -> None:
    await waiving.end(tx, look.case.service, decider, waiver)


def _says(waiver: ExcuseRow) -> str:
    day = waiver.excuse.last_day
    until = show_date(day) if day else "further notice"
    says = f"{title_of(waiver.policy)} rests until {until}, by {waiver.by}."
    return f"{says} Changes to this row change nothing; to end it, set Decision to Withdrawn."


def _changed_since(look: Look) -> bool:
    """Whether what was decided about reads otherwise now than when the decision was set."""
    then = setter(look.versions, DECISION).fields
    return any(then.get(name) != look.row.fields.get(name) for name in ASKED)


async def _refused(look: Look, refusal: Refused | Invalid) -> Kept:
    """Say beside the row what is missing or not allowed, and journal it once for this state."""
    says = _sentence(refusal)
    etag = await _show(look, NEEDS_YOU, says)
    entry = journal.Entry(
        at=look.case.service.now(),
        kind="refused",
        actor=look.versions[0].last_modified_by.person.id,
        correlation_id=f"{look.case.row.list_id}/{look.row.id}",
        list_id=look.case.row.list_id,
        item_id=look.row.id,
        after={"what": "waiver", "why": type(refusal).__name__},
        idempotency_key=f"waiver:{look.case.row.list_id}:{look.row.id}:{look.row.etag}",
    )
    return Kept(etag, (entry,))


def _sentence(refusal: Refused | Invalid) -> str:
    if isinstance(refusal, Invalid):
        lines = (f"{WORDS[name]}: {says}." if name else says for name, says in refusal.faults)
        return "\n".join(lines)
    return f"{refusal.says[:1].upper()}{refusal.says[1:]}."


async def _show(look: Look, status: str, says: str) -> str:
    return await show(look.case, look.row, {STATUS: status, OUTCOME: says})


def _asked(look: Look) -> waiving.Asked:
    fields = look.row.fields
    document, policy, reason = (
        str(fields.get(name) or "").strip() for name in (DOCUMENT, POLICY, REASON)
    )
    return waiving.Asked(document, policy, _day(fields.get(UNTIL)), reason, look.origin)


def _day(value: Any) -> date | None:
    """Read a date column: SharePoint stores the site's midnight, in UTC."""
    return datetime.fromisoformat(str(value)).astimezone(SITE_TIME).date() if value else None
