"""A SIG's site made, put to sleep and woken: what the provisioner does for a request.

What is to be done stands in the request's state, so a nudge may come twice or never (decision 14)
and a kill at any moment is made good by the next one. Nothing is made without the recorded order.
"""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sync import dormancy
from sync.errors import Terminal, Transient
from sync.opening import FollowedLists, KeptProgress, Opening
from sync.plan import PlanBlocked, SealMismatch
from sync.provisioning import Provisioner
from sync.sig_records import (
    APPROVED,
    DORMANT,
    FALLING_ASLEEP,
    OPEN,
    OPENING,
    PLANNED,
    UNDER_WAY,
    WAKING,
    Event,
    OutOfTurn,
    Record,
    errand,
    find,
    held,
    note,
)
from sync.state import leases, lists
from sync.state import requests as kept
from sync.state.notices import queue_notice
from sync.state.requests import changed
from sync.welcome import welcomes

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sharepoint_schema.expand import SiteSpec
    from sync.plan import Plan
    from sync.service import Service
    from sync.sig_records import Errand
    from sync.site_state import SiteState
    from sync.state.nudges import Nudges
    from sync.state.requests import Request

TEMPLATE = "sig"
LEASE_SECONDS = 900
"""Longer than a function may run (host.json, functionTimeout): one worker at a time per request."""
AGAIN = 30.0
"""Seconds before another try at what was busy or out of reach."""
RESTS: Mapping[str, str] = {
    APPROVED: PLANNED,
    OPENING: PLANNED,
    FALLING_ASLEEP: OPEN,
    WAKING: DORMANT,
}
"""Where a request waits for a person when what was under way can't be done."""

log = logging.getLogger("verger.sig_sites")


@dataclass(frozen=True, slots=True)
class Job:
    """One request being worked on, with what was decided; `hints` reach the enforcer's queue."""

    service: Service
    hints: Nudges
    record: Record

    @property
    def request(self) -> Request:
        return self.record.request

    def opening(self, *, asleep: bool = False) -> Opening:
        """Return the site as the order wants it. Raises StepMissing without a whole order."""
        order = self.record.order()
        spec: SiteSpec = self.service.spec(TEMPLATE, order)
        if asleep:
            return Opening(self.service, TEMPLATE, dormancy.asleep(spec), order, DORMANT)
        return Opening(self.service, TEMPLATE, spec, order)

    def event(self, kind: str, **after: object) -> Event:
        return Event(kind, self.service.settings.client_id, after)


async def waiting(service: Service) -> list[Errand]:
    """Return a nudge for each request that the provisioner has something to do for."""
    async with service.state.read() as tx:
        rows = await kept.all_requests(tx, states=UNDER_WAY)
    return [errand(service, row) for row in rows]


async def carry_out(service: Service, hints: Nudges, request_id: str) -> list[Errand]:
    """Do what a request's state asks for. Returns a later nudge when it had to be put off.

    What can't be done leaves the request at rest with its trouble written down, for a person.
    """
    async with service.state.begin() as tx:
        name, owner = f"provision:{request_id}", str(uuid.uuid4())
        lease = await leases.acquire(tx, name, owner, service.now(), LEASE_SECONDS)
    record = await find(service, request_id)
    if lease is None:
        return [errand(service, record.request, AGAIN)]
    try:
        later = await _attempt(Job(service, hints, record))
    finally:
        async with service.state.begin() as tx:
            await leases.release(tx, lease)
    return later or await _meanwhile(service, record.request)


async def _meanwhile(service: Service, before: Request) -> list[Errand]:
    """Return a nudge at once for a step asked for while this worker still held the lease.

    Its own nudge found the request busy: who sees that it is planned may open it the same second.
    """
    now = (await find(service, before.id)).request
    news = now.state in UNDER_WAY and now.state != before.state
    return [errand(service, now)] if news else []


async def _attempt(job: Job) -> list[Errand]:
    work = WORK.get(job.request.state)
    if work is None:
        return []
    try:
        await work(job)
    except OutOfTurn as error:  # withdrawn, or moved on by a person, while we were at it
        log.info("request %s: %s", job.request.id, error)
    except Transient as error:
        await _trouble(job, str(error), job.request.state)
        return [errand(job.service, job.request, error.retry_after or AGAIN)]
    except SealMismatch as error:
        await _planned(job, error.plan, str(error))
    except Terminal as error:
        await _trouble(job, str(error), RESTS[job.request.state])
    return []


async def _trouble(job: Job, says: str, state: str) -> None:
    log.warning("request %s, %s: %s", job.request.id, job.request.state, says)
    async with job.service.state.begin() as tx:
        record = await held(tx, job.request.id, job.request.state, "do")
        row = changed(record.request, job.service.now(), state=state, trouble=says)
        await kept.put_request(tx, row)
        if state != record.request.state:
            await note(tx, row, job.event("sig-stopped", doing=record.request.state, says=says))


async def _plan(job: Job) -> None:
    opening = job.opening()
    plan = await _provisioner(job, opening).plan(opening.spec)
    if plan.blocked:
        raise PlanBlocked(plan)
    await _planned(job, plan, None)


async def _planned(job: Job, plan: Plan, trouble: str | None) -> None:
    """Keep the sealed plan for a person to read; nothing is made before its seal is approved."""
    values = {"state": PLANNED, "plan": dict(plan.as_json()), "seal": plan.seal}
    event = job.event("sig-planned", seal=plan.seal, steps=len(plan.steps))
    async with job.service.state.begin() as tx:
        await _move(tx, job, event, **values, trouble=trouble)


async def _open(job: Job) -> None:
    opening = job.opening()
    seal = job.request.seal or ""
    progress = KeptProgress(opening)
    applied = await _provisioner(job, opening).apply(opening.spec, seal, progress)
    if not applied.steps:  # it was all there: a worker died after its last step
        await progress.finish(seal, applied.site)
    async with job.service.state.begin() as tx:
        row = replace(job.request, site_id=applied.site.id)
        event = job.event("sig-opened", seal=seal, decisions=_decided(job.record))
        await _move(tx, replace(job, record=replace(job.record, request=row)), event,
                    state=OPEN, site_id=applied.site.id, plan=None, trouble=None)  # fmt: skip
        for notice in welcomes(job.service, row, opening.spec, opening.address):
            await queue_notice(tx, notice, job.service.now())


def _decided(record: Record) -> dict[str, dict[str, str | None]]:
    """Return the decision record that stays with the site: no names, they stand in its file."""
    return {
        step: {"by": one.decided_by, "on": one.on.isoformat(), "reference": one.reference,
               "by way of": one.source}
        for step, one in record.decisions.items()
    }  # fmt: skip


async def _sleep(job: Job) -> None:
    """Take away all writing. Listening has ended before, in the enforcer's identity (`silence`)."""
    opening = job.opening(asleep=True)
    site = await _settled(opening, Provisioner(job.service.tenant))
    left = dormancy.writers_left(opening.spec, site)
    says = f"still more than readers, by staff's own doing: {', '.join(left)}" if left else None
    async with job.service.state.begin() as tx:
        await lists.pause(tx, paused=True, site_id=job.request.site_id)
        await _move(tx, job, job.event("sig-asleep"), state=DORMANT, trouble=says)


async def _wake(job: Job) -> None:
    """Give back what the order gives, have changes heard of again, and start the clocks."""
    opening = job.opening()
    await _settled(opening, _provisioner(job, opening))
    service, since = job.service, job.request.slept_at
    async with service.state.begin() as tx:
        if since is not None:
            slept = service.now() - since
            await dormancy.postpone(tx, job.request.site_id or "", since, slept)
        await lists.pause(tx, paused=False, site_id=job.request.site_id)
        await _move(tx, job, job.event("sig-awake"), state=OPEN, slept_at=None, trouble=None)


async def _settled(opening: Opening, provisioner: Provisioner) -> SiteState:
    """Bring a site that is there to a spec; its kept row follows also when nothing was to do."""
    progress = KeptProgress(opening)
    begun = await progress.unfinished()
    plan = await provisioner.plan(opening.spec)
    covered = begun is not None and all(step.covered(begun[1]) for step in plan.steps)
    seal = begun[0] if begun is not None and covered else plan.seal
    applied = await provisioner.apply(opening.spec, seal, progress)
    if not applied.steps:
        await progress.finish(seal, applied.site)
    return applied.site


async def _move(tx: AsyncConnection, job: Job, event: Event, **values: object) -> None:
    """Move a request on if it is still where this work began, with the event in the journal."""
    record = await held(tx, job.request.id, job.request.state, "do")
    row = changed(record.request, job.service.now(), **values)
    await kept.put_request(tx, row)
    await note(tx, row, event)


def _provisioner(job: Job, opening: Opening) -> Provisioner:
    return Provisioner(job.service.tenant, FollowedLists(opening, job.hints))


WORK: Mapping[str, Callable[[Job], Awaitable[None]]] = {
    APPROVED: _plan,
    OPENING: _open,
    FALLING_ASLEEP: _sleep,
    WAKING: _wake,
}
