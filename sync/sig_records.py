"""The record of a SIG's site: what was asked for, what was decided, where it stands (Gov-12).

Every flow about a group's site reads and holds its record here, and journals by it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sharepoint_schema.order import STEPS, SigOrder
from sync.errors import Missing, Rejected
from sync.hints import Message
from sync.state import journal
from sync.state import requests as kept

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sync.service import Service
    from sync.state.requests import Decision, Request

REQUESTED, APPROVED, PLANNED = "requested", "approved", "planned"
OPENING, OPEN = "opening", "open"
FALLING_ASLEEP, DORMANT, WAKING = "falling asleep", "dormant", "waking"
WITHDRAWN = "withdrawn"
UNDER_WAY = frozenset({APPROVED, OPENING, FALLING_ASLEEP, WAKING})
"""States in which the provisioner has something to do."""
UNBUILT = frozenset({REQUESTED, APPROVED, PLANNED})
"""States in which nothing has been made yet."""

NETWORK_DIRECTOR, CLINICAL_DIRECTOR, BOARD = (step.key for step in STEPS)


class Invalid(Rejected):
    """What was sent can't be used; `faults` are field and sentence."""

    def __init__(self, faults: Iterable[tuple[str, str]]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{field}: {says}" for field, says in self.faults))


class StepMissing(Rejected):
    """A step of Gov-12 has not been taken; the sentence names each one and its way out."""


class OutOfTurn(Rejected):
    """The request is not where this step belongs (taken already, withdrawn, open …)."""


class Errand(Message):
    """A nudge for the provisioner: there is something to do for this request.

    The message's id is the request's; what is to be done stands in state (decision 14).
    """

    queue = "provision"


@dataclass(frozen=True, slots=True)
class Record:
    """A request with what was decided about it, by step."""

    request: Request
    decisions: Mapping[str, Decision]

    @property
    def missing(self) -> tuple[str, ...]:
        """Return what Gov-12 still asks for, as sentences."""
        return tuple(step.says for step in STEPS if step.key not in self.decisions)

    def order(self) -> SigOrder:
        """Return the signed-off order. Raises StepMissing, naming every step that is missing."""
        if self.missing:
            raise StepMissing("; ".join(self.missing) + " (Gov-12)")
        known = {step: told(one) for step, one in self.decisions.items()}
        return SigOrder.model_validate({**self.request.wish, **known})


def told(one: Decision) -> dict[str, Any]:
    """Return a decision as the order has it."""
    if one.step == BOARD:
        return {"reference": one.reference, "date": one.on}
    return {"who": one.who, "date": one.on}


@dataclass(frozen=True, slots=True)
class Event:
    """What the journal is told: `actor` is an object id, `personal` what may have to be erased."""

    kind: str
    actor: str
    after: Any = None
    personal: Mapping[str, str] = field(default_factory=dict)


async def find(service: Service, request_id: str) -> Record:
    """Return a request with its decisions. Raises Missing."""
    async with service.state.read() as tx:
        return await _found(tx, request_id, await kept.get_request(tx, request_id))


async def by_slug(service: Service, slug: str) -> Record | None:
    """Return the request that holds a group's address; None when nobody has asked for it."""
    async with service.state.read() as tx:
        row = await kept.by_slug(tx, slug)
        return None if row is None else Record(row, await kept.decisions_of(tx, row.id))


async def every(service: Service) -> list[Record]:
    """Return all requests, oldest first."""
    async with service.state.read() as tx:
        rows = await kept.all_requests(tx)
        return [Record(row, await kept.decisions_of(tx, row.id)) for row in rows]


def errand(service: Service, row: Request, delay: float = 0) -> Errand:
    """Return the provisioner's nudge for a request, hidden for `delay` seconds."""
    return Errand(row.id, service.now().isoformat(), "", delay)


async def held(tx: AsyncConnection, request_id: str, first: str, word: str, *others: str) -> Record:
    """Read and hold a request that is in one of these states; OutOfTurn says where it is."""
    record = await _found(tx, request_id, await kept.lock_request(tx, request_id))
    state = record.request.state
    if state not in {first, *others}:
        raise OutOfTurn(f"it is {state}; there is nothing to {word}")
    return record


async def _found(tx: AsyncConnection, request_id: str, row: Request | None) -> Record:
    if row is None:
        raise Missing(f"there is no request {request_id}")
    return Record(row, await kept.decisions_of(tx, row.id))


def chain_of(row: Request) -> str:
    """Return the journal's chain for a request: its site's, once there is one."""
    return row.site_id or f"sig-{row.slug}"


async def note(tx: AsyncConnection, row: Request, event: Event) -> None:
    """Journal an event of a request with its effect, at the moment the request was changed."""
    entry = journal.Entry(
        at=row.changed_at,
        kind=event.kind,
        actor=event.actor,
        correlation_id=row.id,
        after=event.after,
        personal=event.personal,
    )
    await journal.append(tx, chain_of(row), entry)
