"""Waivers: a finding rests until a day, by somebody entitled and for a reason (decisions 5 and 24).

A waiver is for one rule of one document, whatever its content. What blocks publication, takes a
file out of the open or quarantines it can't be waived. When it ends the file is looked at again and
the rule acts by its mode.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sharepoint_schema.dates import show_date
from sync import excuses, subjects
from sync.callers import Caller, NotEntitled, Role
from sync.errors import Missing
from sync.explaining import title_of
from sync.model import SITE_TIME, ExcuseKind, Severity
from sync.pausing import require_running
from sync.policies import policies
from sync.sig_records import Invalid, OutOfTurn
from sync.state import excuses as kept
from sync.state import items, journal, lists
from sync.state.excuses import ExcuseRow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sync.service import Service
    from sync.state.items import ItemRow

MAY = (Role.REGISTRAR, Role.NETWORK_DIRECTOR, Role.CLINICAL_DIRECTOR)
"""Who may let a rule rest: they answer for the documents, an administrator does not."""
MAY_END = (*MAY, Role.ADMIN)
WAIVE = "let a rule rest for a document"
REASON = 400  # characters


@dataclass(frozen=True, slots=True)
class Asked:
    """A waiver as it was asked for, not yet checked.

    `document` is a number, a key or a link; `policy` a rule's name or code; `until` the last day
    (UK). `origin` names the row or call it came from.
    """

    document: str
    policy: str
    until: date | None
    reason: str
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Waiver:
    """A waiver that holds, with the document it is for as it is called now."""

    row: ExcuseRow
    item: ItemRow | None


async def check(service: Service, asked: Asked) -> ExcuseRow:
    """Return the waiver as it would be recorded, `by` nobody yet; nothing is written.

    Raises Invalid with a sentence for every field that can't be as it is.
    """
    faults = list(_faults(service, asked))
    code = code_of(asked.policy)
    item = None
    try:
        item = await subjects.find(service, asked.document)
        if code is not None:
            faults += await _unfit(service, item, code)
    except Missing as unknown:
        faults.insert(0, ("document", unknown.says))
    if faults or item is None or code is None or asked.until is None:
        raise Invalid(faults)
    home = await service.place(item.list_id)
    return ExcuseRow(
        id=str(uuid.uuid4()),
        site_id=home.row.site_id,
        document_id=item.document_id,
        policy=code,
        kind=str(ExcuseKind.WAIVED),
        by="",
        at=service.now(),
        until=end_of(asked.until),
        reason=asked.reason.strip(),
        origin=asked.origin,
    )


async def grant(service: Service, caller: Caller, asked: Asked) -> tuple[ExcuseRow, str]:
    """Check and record a waiver. Returns it, with the id of the list to be nudged.

    Raises NotEntitled unless the caller is a registrar or a director in person, Invalid, and
    OutOfTurn while the site is paused.
    """
    entitled(caller)
    row = by(await check(service, asked), caller)
    await require_running(service, site_id=row.site_id)
    async with service.state.begin() as tx:
        return row, await write(tx, service, caller, row)


def entitled(caller: Caller) -> None:
    """Raise NotEntitled unless the caller may let a rule rest."""
    caller.need(*MAY, to=WAIVE)
    if not caller.person:
        raise NotEntitled(f"an app can't {WAIVE}; a registrar or a director does it in person")


def by(row: ExcuseRow, caller: Caller) -> ExcuseRow:
    """Return the waiver in the name of who gives it."""
    told = {name: getattr(row, name) for name in ExcuseRow.__dataclass_fields__}
    return ExcuseRow(**{**told, "by": caller.name})


async def write(tx: AsyncConnection, service: Service, caller: Caller, row: ExcuseRow) -> str:
    """Record a waiver in place of an earlier one for the same rule, journal it, have a look.

    Returns the id of the list the document is in.
    """
    for old in await kept.excuses_of(tx, row.document_id, row.at):
        if (old.policy, old.kind) == (row.policy, row.kind):
            await kept.end_excuse(tx, old.id, row.at)
    await kept.put_excuse(tx, row)
    await _journal(tx, service, (caller, "waived"), row)
    return await excuses.look_again(tx, row.document_id, row.at)


async def withdraw(service: Service, caller: Caller, waiver_id: str) -> tuple[ExcuseRow, str]:
    """End a waiver before its day. Returns it, with the id of the list to be nudged.

    Raises NotEntitled, Missing for no such waiver, OutOfTurn when it has ended or the site is
    paused.
    """
    caller.need(*MAY_END, to="withdraw a waiver")
    async with service.state.read() as tx:
        row = await kept.get_excuse(tx, waiver_id)
    if row is None or row.kind != ExcuseKind.WAIVED:
        raise Missing(f"there is no waiver {waiver_id}")
    await require_running(service, site_id=row.site_id)
    async with service.state.begin() as tx:
        return row, await end(tx, service, caller, row)


async def end(tx: AsyncConnection, service: Service, caller: Caller, row: ExcuseRow) -> str:
    """End a waiver and journal it; returns the list's id. Raises OutOfTurn when it has ended."""
    now = service.now()
    if not row.holds(now) or not await excuses.take_back(tx, row, now):
        raise OutOfTurn("it has ended already")
    await _journal(tx, service, (caller, "waiver withdrawn"), row)
    item = await items.item_of(tx, row.document_id)
    return item.list_id if item else ""


async def listed(service: Service) -> list[Waiver]:
    """Return every waiver that holds, the one that ends first first."""
    async with service.state.read() as tx:
        rows = await kept.all_excuses(tx, service.now(), kind=str(ExcuseKind.WAIVED))
        found = [Waiver(row, await items.item_of(tx, row.document_id)) for row in rows]
    return sorted(found, key=lambda one: one.row.until or datetime.max.replace(tzinfo=UTC))


async def closed(service: Service, waiver: Waiver) -> bool:
    """Whether a waiver's document lies where its name is nobody's business."""
    if waiver.item is None:
        return True
    async with service.state.read() as tx:
        known = await lists.get_list(tx, waiver.item.list_id)
    return known is None or not (await service.place(known.id)).area.is_open


def code_of(policy: str) -> str | None:
    """Return the rule's code for "File name", "file_name" or "file name"; None for no rule."""
    code = policy.strip().lower().replace(" ", "_")
    by_title = {title_of(one).lower(): one for one in policies()}
    return code if code in policies() else by_title.get(policy.strip().lower())


def end_of(day: date) -> datetime:
    """Return the moment at which a UK day ends (aware, UTC)."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=SITE_TIME) + timedelta(days=1)
    return midnight.astimezone(UTC)


def _faults(service: Service, asked: Asked) -> Iterator[tuple[str, str]]:
    code = code_of(asked.policy)
    if code is None:
        yield "policy", f"{asked.policy!r} is no rule, such as file name or review date"
    elif code in service.standard.contains_first:
        says = "protects patients or commercial secrets and can't be waived"
        yield "policy", f"{title_of(code)} {says}; an IG officer can release the file"
    most = service.standard.waivers.most_days
    last = service.today() + timedelta(days=most)
    if asked.until is None:
        yield "until", "is missing: the last day on which the rule rests"
    elif not service.today() <= asked.until <= last:
        yield "until", f"is from today to {show_date(last)}: a waiver is for {most} days at most"
    if not asked.reason.strip():
        yield "reason", "is missing: why the rule should rest"
    elif len(asked.reason.strip()) > REASON:
        yield "reason", f"is longer than {REASON} characters"


async def _unfit(service: Service, item: ItemRow, code: str) -> list[tuple[str, str]]:
    """Say why the rule can't rest here: it does not apply, or it blocks publication."""
    place = await service.place(item.list_id)
    if code not in place.area.policies:
        return [("policy", f"{title_of(code)} does not apply in {place.list.title}")]
    found = (item.verdict or {}).get("findings", ())
    stops = any(one["policy"] == code and one["severity"] == Severity.STOP for one in found)
    says = "what it found blocks publication and can't be waived; it has to be put right"
    return [("policy", f"{title_of(code)}: {says}")] if stops else []


async def _journal(
    tx: AsyncConnection, service: Service, what: tuple[Caller, str], row: ExcuseRow
) -> None:
    caller, kind = what
    item = await items.item_of(tx, row.document_id)
    entry = journal.Entry(
        at=service.now(),
        kind=kind,
        actor=caller.oid,
        correlation_id=f"waiver:{row.id}",
        document_id=row.document_id,
        list_id=item.list_id if item else None,
        item_id=item.item_id if item else None,
        policy=row.policy,
        after={
            "until": row.until.isoformat() if row.until else "",
            "by way of": caller.source,
            "origin": row.origin,
        },
        idempotency_key=f"{kind}:{row.id}",
        personal={"reason": row.reason},
    )
    await journal.append(tx, row.site_id, entry)
