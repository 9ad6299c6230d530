"""A SIG site's way from a need to an approved order (Gov-12), and the asking for it to be opened.

need → the Network Director and the Clinical Director agree → the Operational Board approves and
minutes it → a sealed plan → opened; later asleep and awake again. Each step is taken by the one
role it belongs to, once, and recorded with the effect; what is missing is named. Carrying it out
is `sync.sig_sites`, in the provisioner's identity.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from sharepoint_schema.order import STEPS, SigOrder, SubKind
from sync.callers import Caller, NotEntitled, Role
from sync.sig_records import (
    APPROVED,
    BOARD,
    CLINICAL_DIRECTOR,
    DORMANT,
    FALLING_ASLEEP,
    NETWORK_DIRECTOR,
    OPEN,
    OPENING,
    PLANNED,
    REQUESTED,
    WAKING,
    WITHDRAWN,
    Errand,
    Event,
    Invalid,
    OutOfTurn,
    Record,
    StepMissing,
    errand,
    held,
    note,
    told,
)
from sync.state import requests as kept
from sync.state.requests import Decision, Request, changed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sync.service import Service

AGREEMENTS: Mapping[Role, str] = {
    Role.NETWORK_DIRECTOR: NETWORK_DIRECTOR,
    Role.CLINICAL_DIRECTOR: CLINICAL_DIRECTOR,
}
ASKERS = (
    Role.ADMIN,
    Role.REGISTRAR,
    Role.NETWORK_DIRECTOR,
    Role.CLINICAL_DIRECTOR,
    Role.BOARD_SECRETARY,
)


async def ask(service: Service, caller: Caller, wish: Mapping[str, Any]) -> Record:
    """Record a need for a SIG site. Returns the request, or the same caller's own earlier one.

    `wish` holds name, kind, chair, facilitator and, if there is one, need. Raises NotEntitled,
    Invalid naming every fault, OutOfTurn when another request holds the name.
    """
    caller.need(*ASKERS, to="ask for a SIG site")
    checked = _checked(service, wish)
    now = service.now()
    row = Request(
        id=str(uuid.uuid4()),
        slug=checked.slug,
        wish=_wish_of(checked),
        state=REQUESTED,
        requested_by=caller.oid,
        requested_at=now,
        changed_at=now,
    )
    async with service.state.begin() as tx:
        if not await kept.claim_slug(tx, row):
            return await _earlier(tx, caller, row)
        people = {"chair": checked.chair, "facilitator": checked.facilitator}
        event = Event("sig-requested", caller.oid, _unnamed(row.wish), people)
        await note(tx, row, event)
    return Record(row, {})


async def _earlier(tx: AsyncConnection, caller: Caller, row: Request) -> Record:
    """Give a repeated request its first answer: a lost answer is asked for again."""
    there = await kept.by_slug(tx, row.slug or "")
    if there is None or (there.requested_by, there.wish) != (caller.oid, row.wish):
        name = row.wish["name"]
        raise OutOfTurn(f"there is already a request for {name!r}; a group has one site")
    return Record(there, await kept.decisions_of(tx, there.id))


def _checked(service: Service, wish: Mapping[str, Any]) -> SigOrder:
    """Check a wish by the order's own rules, its decisions filled in for the moment."""
    today = service.today()
    stand_in = {"who": "-", "date": today}
    steps = {NETWORK_DIRECTOR: stand_in, CLINICAL_DIRECTOR: stand_in}
    steps[BOARD] = {"reference": "-", "date": today}
    kinds = {kind.code for kind in service.standard.sig_kinds}
    try:
        if extra := steps.keys() & wish.keys():
            raise Invalid((name, "is decided by its own step, not asked for") for name in extra)
        order = SigOrder.model_validate({**wish, **steps})
    except ValidationError as error:
        raise Invalid(_faults(error)) from error
    if order.kind not in kinds:
        raise Invalid([("kind", f"{order.kind!r} is none of {', '.join(sorted(kinds))}")])
    if strange := list(SubKind().check(wish)):
        raise Invalid(("sub_kind", f"{fault.says}; {fault.way_out}") for fault in strange)
    return order


def _faults(error: ValidationError) -> Iterator[tuple[str, str]]:
    for fault in error.errors(include_url=False, include_context=False):
        yield ".".join(map(str, fault["loc"])), fault["msg"]


def _wish_of(order: SigOrder) -> dict[str, Any]:
    whole = order.model_dump(mode="json", exclude_none=True)
    return {name: value for name, value in whole.items() if name not in {s.key for s in STEPS}}


def _unnamed(wish: Mapping[str, Any]) -> dict[str, Any]:
    return {name: wish[name] for name in wish if name not in {"chair", "facilitator"}}


async def agree(
    service: Service,
    caller: Caller,
    request_id: str,
    role: Role | None = None,
    on: date | None = None,
) -> Record:
    """Record a director's agreement. `role` says which, for someone who has both.

    `on` is the UK day it was given, today unless said. Raises NotEntitled for anyone else, and for
    the director who gave the other agreement.
    """
    director = _director(caller, role)
    step = AGREEMENTS[director]
    caller.decide(director, "agree for that office")
    async with service.state.begin() as tx:
        record = await held(tx, request_id, REQUESTED, "agree to")
        if (taken := record.decisions.get(step)) is not None:
            return _again(
                record,
                f"the {director} has agreed already",
                same=taken.decided_by == caller.oid,
            )
        if any(one.decided_by == caller.oid for one in record.decisions.values()):
            raise NotEntitled("one person can't give both directors' agreements (Gov-12)")
        return await _decide(tx, service, caller, record, (step, on or service.today(), None))


def _director(caller: Caller, role: Role | None) -> Role:
    if role is not None and role not in AGREEMENTS:
        raise Invalid([("as", f"is one of {', '.join(AGREEMENTS)}")])
    if role is not None:
        return role
    held = [one for one in AGREEMENTS if one in caller.roles]
    if len(held) > 1:
        raise Invalid([("as", f"say for which office you agree: {' or '.join(held)}")])
    if not held:
        caller.need(*AGREEMENTS, to="agree to a SIG site")
    return held[0]


async def approve(
    service: Service, caller: Caller, request_id: str, reference: str, on: date
) -> tuple[Record, list[Errand]]:
    """Record the Operational Board's minute: its reference and the day of the meeting.

    Raises StepMissing while an agreement is missing, Invalid for a day that can't be.
    """
    caller.decide(Role.BOARD_SECRETARY, "record the Operational Board's minute")
    async with service.state.begin() as tx:
        record = await held(tx, request_id, REQUESTED, "approve", APPROVED, PLANNED)
        if (taken := record.decisions.get(BOARD)) is not None:
            same = (taken.reference, taken.on) == (reference, on)
            return _again(record, "another minute is recorded already", same=same), []
        _in_order(record, on, service.today())
        _in_words(record, reference, on)
        record = await _decide(tx, service, caller, record, (BOARD, on, reference))
    return record, [errand(service, record.request)]


def _in_order(record: Record, on: date, today: date) -> None:
    absent = [one for one in STEPS if one.key != BOARD and one.key not in record.decisions]
    if absent:
        raise StepMissing("; ".join(f"{one.says} (Gov-12)" for one in absent))
    if on > today:
        raise Invalid([("date", "is in the future; record the minute after the meeting")])
    if any(one.on > on for one in record.decisions.values()):
        raise Invalid([("date", "is before a director's agreement; both agree first (Gov-12)")])


def _in_words(record: Record, reference: str, on: date) -> None:
    """Check the minute as the order will have it, so that a wrong one is refused now."""
    known = {step: told(one) for step, one in record.decisions.items()}
    minute = {"reference": reference, "date": on}
    try:
        SigOrder.model_validate({**record.request.wish, **known, BOARD: minute})
    except ValidationError as error:
        raise Invalid(_faults(error)) from error


def _again(record: Record, says: str, *, same: bool) -> Record:
    """Answer a repeated step as the first time; another one in its place is refused."""
    if not same:
        raise OutOfTurn(says)
    return record


async def _decide(
    tx: AsyncConnection,
    service: Service,
    caller: Caller,
    record: Record,
    taken: tuple[str, date, str | None],
) -> Record:
    """Write one step down, with its journal entry; the last one makes the request approved."""
    step, on, reference = taken
    now = service.now()
    decision = Decision(
        request_id=record.request.id,
        step=step,
        decided_by=caller.oid,
        who=caller.name,
        on=on,
        reference=reference,
        at=now,
        source=caller.source,
    )
    await kept.put_decision(tx, decision)
    found = Record(record.request, {**record.decisions, step: decision})
    state = REQUESTED if found.missing else APPROVED
    row = changed(record.request, now, state=state)
    await kept.put_request(tx, row)
    after = {"step": step, "on": on.isoformat(), "reference": reference, "by way of": caller.source}
    await note(tx, row, Event("sig-decided", caller.oid, after, {"who": caller.name}))
    return Record(row, found.decisions)


async def withdraw(service: Service, caller: Caller, request_id: str) -> Record:
    """Take a request back before anything is built; its name is free again."""
    async with service.state.begin() as tx:
        record = await held(tx, request_id, REQUESTED, "withdraw", APPROVED, PLANNED)
        if caller.oid != record.request.requested_by:
            caller.need(Role.ADMIN, to="withdraw somebody else's request")
        row = changed(record.request, service.now(), state=WITHDRAWN)
        await note(tx, row, Event("sig-withdrawn", caller.oid))
        row = changed(row, service.now(), slug=None)
        await kept.put_request(tx, row)
    return Record(row, record.decisions)


async def plan_again(
    service: Service, caller: Caller, request_id: str
) -> tuple[Record, list[Errand]]:
    """Have the plan made anew, because the tenant or the schema has changed since."""
    caller.need(Role.ADMIN, to="have a site planned")
    async with service.state.begin() as tx:
        record = await held(tx, request_id, APPROVED, "plan", PLANNED)
        record.order()
        row = changed(record.request, service.now(), state=APPROVED, plan=None, seal=None)
        await kept.put_request(tx, row)
    return Record(row, record.decisions), [errand(service, row)]


async def open_site(
    service: Service, caller: Caller, request_id: str, seal: str
) -> tuple[Record, list[Errand]]:
    """Have the site made by the plan of this seal. Repeated while it is being made, nudges again.

    Raises StepMissing while an approval is missing, OutOfTurn when the seal is another's.
    """
    caller.need(Role.ADMIN, to="open a site")
    async with service.state.begin() as tx:
        record = await held(tx, request_id, PLANNED, "open", REQUESTED, APPROVED, OPENING)
        record.order()
        if record.request.seal is None:
            raise OutOfTurn("the plan is still being made; read it and approve its seal")
        if record.request.seal != seal:
            raise OutOfTurn("that is not the seal of the plan there is now; read the plan again")
        row = changed(record.request, service.now(), state=OPENING, trouble=None)
        await kept.put_request(tx, row)
        await note(tx, row, Event("sig-opening", caller.oid, {"seal": seal}))
    return Record(row, record.decisions), [errand(service, row)]


async def turn(
    service: Service, caller: Caller, request_id: str, *, sleep: bool
) -> tuple[Record, list[Errand]]:
    """Put a group's site to sleep, or wake it. Repeated while it is under way, nudges again."""
    word, first, state = ("put to sleep", OPEN, FALLING_ASLEEP)
    if not sleep:
        word, first, state = ("wake", DORMANT, WAKING)
    caller.need(Role.ADMIN, Role.BOARD_SECRETARY, to=f"{word} a group's site")
    async with service.state.begin() as tx:
        record = await held(tx, request_id, first, word, state)
        row = changed(record.request, service.now(), state=state, trouble=None)
        if sleep:
            row = changed(row, service.now(), slept_at=record.request.slept_at or service.now())
        await kept.put_request(tx, row)
        if record.request.state == first:
            await note(tx, row, Event(f"sig-{state.replace(' ', '-')}", caller.oid))
    return Record(row, record.decisions), [errand(service, row)]
