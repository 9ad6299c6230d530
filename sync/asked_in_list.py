"""The list "SIG requests" on the core team's site: Gov-12 followed in SharePoint itself.

A row asks, ticks and a minute decide. What somebody set counts for that person alone, by the
version history, and only in a role of the roles file (decision 24): whoever saves the row again, or
is let at the list, decides nothing. What was decided stays decided when a tick is taken away.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sync import requests
from sync.callers import Caller, NotEntitled, Role, in_list
from sync.model import SITE_TIME
from sync.sig_records import (
    BOARD,
    REQUESTED,
    Invalid,
    OutOfTurn,
    Record,
    StepMissing,
    find,
)
from sync.state import journal, lists, remembered
from sync.state import requests as kept
from sync.state.requests import changed
from sync.tenant import rows
from sync.tenant.row_history import RowVersion, history, setter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sync.service import Service
    from sync.sig_records import Errand
    from sync.state.lists import ListRow
    from sync.tenant.shapes import ChangedItem

AREA = "sig_requests"
NAME, MINUTE, MINUTE_DAY = "Title", "BoardMinute", "BoardMinuteDate"
STATUS, REASON = "RequestStatus", "RequestReason"
TICKS: Mapping[str, Role] = {
    "DirectorAgrees": Role.NETWORK_DIRECTOR,
    "ClinicalAgrees": Role.CLINICAL_DIRECTOR,
}
WISH: Mapping[str, str] = {
    "name": NAME,
    "kind": "SigKind",
    "chair": "SigChair",
    "facilitator": "SigFacilitator",
    "need": "SigNeed",
}
REFUSALS = (NotEntitled, StepMissing, OutOfTurn, Invalid)
NEEDS_YOU = "Needs you"


@dataclass(slots=True)
class Look:
    """One row being followed: its history, and what of it was refused so far."""

    service: Service
    place: ListRow
    row: ChangedItem
    versions: tuple[RowVersion, ...]
    record: Record | None
    refused: list[str]
    errands: list[Errand]

    def said(self, column: str) -> Any:
        return self.versions[0].fields.get(column)

    def author(self, column: str) -> tuple[Caller, date]:
        """Return who gave a column its value, in the roles that person has, and the UK day."""
        version = setter(self.versions, column)
        when = version.last_modified_date_time.astimezone(SITE_TIME).date()
        return in_list(self.service, version.last_modified_by), when


async def follow(service: Service) -> list[Errand]:
    """Follow every row of the list once. Returns nudges for the provisioner.

    2 resource units for 200 rows, 2 more for a row that has changed, 2 for one to be written.
    """
    async with service.state.read() as tx:
        places = [one for one in await lists.all_lists(tx) if one.area == AREA]
    errands = []
    for place in places:
        async for row in rows.every(service.tenant, place):
            errands += await _follow(service, place, row)
    return errands


async def _follow(service: Service, place: ListRow, row: ChangedItem) -> list[Errand]:
    key = f"sig-row:{place.id}:{row.id}"
    async with service.state.read() as tx:
        noted = await remembered.recall(tx, key)
        found = await kept.by_item(tx, place.id, row.id)
    record = None if found is None else await find(service, found.id)
    if noted is not None and noted["tag"] == row.tag:
        await _show(service, place, row, (record, noted["refused"]))
        return []
    versions = await history(service.tenant, place, row.id)
    look = Look(service, place, row, versions, record, [], [])
    await _take(look)
    async with service.state.begin() as tx:
        await remembered.remember(tx, key, {"tag": row.tag, "refused": look.refused})
    await _show(service, place, row, (look.record, look.refused))
    return look.errands


async def _take(look: Look) -> None:
    """Take what the row says step by step; one that is refused does not hide the others."""
    try:
        await _ask(look)
    except REFUSALS as refusal:
        await _refused(look, NAME, refusal)
    if look.record is None or look.record.request.state != REQUESTED:
        return
    for column, role in TICKS.items():
        try:
            await _agree(look, column, role)
        except REFUSALS as refusal:
            await _refused(look, column, refusal)
    try:
        await _approve(look)
    except REFUSALS as refusal:
        await _refused(look, MINUTE, refusal)


async def _ask(look: Look) -> None:
    wish = {name: look.said(column) for name, column in WISH.items()}
    told = {name: text for name, text in wish.items() if text}
    kinds = {kind.name: kind.code for kind in look.service.standard.sig_kinds}
    told["kind"] = kinds.get(str(told.get("kind")), "")
    if look.record is None:
        caller, _ = look.author(NAME)
        record = await requests.ask(look.service, caller, told)
        look.record = await _bind(look, record)
    elif look.record.request.wish != told:
        raise OutOfTurn("what is asked for stays as it was; withdraw the request and ask anew")


async def _bind(look: Look, record: Record) -> Record:
    """Tie a request to its row, so that the row is followed and shows where it stands."""
    here = {"list_id": look.place.id, "item_id": look.row.id}
    async with look.service.state.begin() as tx:
        there = await kept.lock_request(tx, record.request.id)
        if there is None or there.item_id not in {None, look.row.id}:
            raise OutOfTurn("another row of this list asks for the same group")
        row = changed(there, there.changed_at, **here)
        await kept.put_request(tx, row)
    return Record(row, record.decisions)


async def _agree(look: Look, column: str, role: Role) -> None:
    record = look.record
    if record is None or not look.said(column) or requests.AGREEMENTS[role] in record.decisions:
        return
    caller, when = look.author(column)
    look.record = await requests.agree(look.service, caller, record.request.id, role, when)


async def _approve(look: Look) -> None:
    """Record the minute once reference and day are both there, by one who may."""
    record, reference, day = look.record, look.said(MINUTE), look.said(MINUTE_DAY)
    if record is None or not (reference and day) or BOARD in record.decisions:
        return
    caller, _ = look.author(MINUTE)
    dated_by, _ = look.author(MINUTE_DAY)
    dated_by.need(Role.BOARD_SECRETARY, to="date the Operational Board's minute")
    minute = (str(reference).strip(), _day(str(day)))
    found = await requests.approve(look.service, caller, record.request.id, *minute)
    look.record, errands = found
    look.errands += errands


def _day(text: str) -> date:
    """Read a date column: SharePoint stores the site's midnight, in UTC."""
    return datetime.fromisoformat(text).astimezone(SITE_TIME).date()


async def _refused(look: Look, column: str, refusal: Exception) -> None:
    """Keep a refusal for the row, and journal it once for this state of the row."""
    says = getattr(refusal, "says", str(refusal))
    look.refused.append(f"{says[:1].upper()}{says[1:]}.")
    caller, _ = look.author(column)
    entry = journal.Entry(
        at=look.service.now(),
        kind="refused",
        actor=caller.oid,
        correlation_id=f"{look.place.id}:{look.row.id}",
        list_id=look.place.id,
        item_id=look.row.id,
        after={"what": f"SIG request, {column}", "why": type(refusal).__name__, "says": says},
        idempotency_key=f"sig-row:{look.place.id}:{look.row.id}:{look.row.tag}:{column}",
    )
    async with look.service.state.begin() as tx:
        await journal.append(tx, look.place.site_id, entry)


async def _show(
    service: Service,
    place: ListRow,
    row: ChangedItem,
    outcome: tuple[Record | None, list[str]],
) -> None:
    """Write status and reason beside the row, only when it says something else."""
    wanted = _words(*outcome)
    if any(row.fields.get(name, "") != text for name, text in wanted.items()):
        await rows.update(service.tenant, place, row.id, wanted)


def _words(record: Record | None, refused: list[str]) -> dict[str, str]:
    status = NEEDS_YOU
    waits = list(refused)
    if record is not None:
        state = record.request.state
        status = NEEDS_YOU if refused else state.capitalize()
        waits += [f"{one[:1].upper()}{one[1:]}." for one in record.missing]
        waits += [record.request.trouble] if record.request.trouble else []
    return {STATUS: status, REASON: "\n".join(waits)}
