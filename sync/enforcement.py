"""One changed item, from its work row to its recorded verdict: look, judge, settle, act, record.

Nothing here decides what is right (policies do), what is done about it (remedies do) or how it is
written (acting does). A bad item waits or is parked alone; it never blocks its list.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

from sync import identity, notices, recording, registry
from sync.acting import Acted, Intent, NameTaken, carry_out, intent_key
from sync.cases import Case
from sync.errors import Locked, Terminal, Transient
from sync.facts import Gone, Ignored, look
from sync.hints import Nudge
from sync.policies import judge
from sync.remedies import settle
from sync.state import claims, due, remembered
from sync.tenant.meter import metered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync.model import Document, Finding
    from sync.remedies import Settlement
    from sync.service import Service
    from sync.state.work import Work

CHUNK = 4
LEASE_SECONDS = 180
TRIES = 5
"""Claims of a row whose worker died each time; then it is parked for a person (the poison row)."""
FIRST_WAIT, LONGEST_WAIT = 5.0, 1800.0
"""Seconds before another look at what was locked; doubled at each look."""

log = logging.getLogger("verger.enforcement")


async def work_off(service: Service, nudge: Nudge) -> list[Nudge]:
    """Claim one chunk of the nudged list and work it off, side by side. Returns later nudges."""
    wish = claims.Claim(
        owner=str(uuid.uuid4()),
        now=service.now(),
        seconds=LEASE_SECONDS,
        limit=CHUNK,
        list_id=nudge.list_id,
    )
    async with service.state.begin() as tx:
        rows = await claims.claim(tx, wish)
    ends = await asyncio.gather(*(attend(service, row) for row in rows), return_exceptions=True)
    faults = [end for end in ends if isinstance(end, BaseException)]
    if faults:  # a bug: these rows' leases lapse, they are tried again and parked in the end
        raise BaseExceptionGroup(f"{len(faults)} of {len(rows)} rows failed", faults)
    waits = [end for end in ends if isinstance(end, float)]
    return [Nudge(nudge.list_id, nudge.at, nudge.correlation, wait) for wait in waits]


async def attend(service: Service, row: Work) -> float | None:
    """Work one row off. Returns seconds until it is worth another look, None when it is done."""
    if row.attempts > TRIES and not row.reason:
        await _park(service, row, f"its worker died {TRIES} times; see the function app's log")
        return None
    try:
        with metered() as bill:
            return await _attend(Case(service, await service.place(row.list_id), row, bill))
    except Transient as error:
        return await _wait(service, row, error)
    except Terminal as error:
        await _park(service, row, str(error))
        return None


async def _attend(case: Case) -> float | None:
    if await recording.was_judged(case):
        return None
    seen = await look(case.service, case.place, case.row)
    if isinstance(seen, Gone):
        await recording.gone(case)
        return None
    if isinstance(seen, Ignored):
        await recording.ignored(case)
        return None
    acted = await _put_right(case, seen)
    entry = await registry.follow(case.service, case.place, acted)
    closed = await recording.record(case, acted, entry)
    await notices.deliver(case.service)
    return None if closed else 0.0


async def _put_right(case: Case, document: Document) -> Acted:
    """Judge and act; a target name that turns out to be taken is judged once more, knowing it."""
    try:
        return await _judge_and_act(case, document, frozenset())
    except NameTaken as taken:
        return await _judge_and_act(case, document, frozenset({taken.name.casefold()}))


async def _judge_and_act(case: Case, document: Document, taken: frozenset[str]) -> Acted:
    service, place = case.service, case.place
    known = await identity.context(service, place, document, taken)
    earlier = await _earlier(service, document)
    fresh = judge(document, known)
    said = {finding.policy for finding in fresh}
    findings = [*fresh, *(one for one in earlier.findings if one.policy not in said)]
    acted = Acted(document, await _settle(case, document, findings), known.number)
    return await carry_out(service, place, acted, earlier)


async def _earlier(service: Service, document: Document) -> Intent:
    """Return what a worker that died half-way had found and begun, as far as it still holds."""
    async with service.state.read() as tx:
        note = await remembered.recall(tx, intent_key(document.document_id))
    return Intent.of(note).still_true(document)


async def _settle(case: Case, document: Document, findings: Sequence[Finding]) -> Settlement:
    now = case.service.now()
    async with case.service.state.read() as tx:
        promised = await due.promises(tx, case.row.list_id, case.row.item_id)
    return settle(document, findings, case.place.rules(promised), now)


async def _wait(service: Service, row: Work, error: Transient) -> float:
    """Give the row back for a later look, growing while a lock stays; never force anything."""
    grown = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (row.attempts - 1))
    asked = FIRST_WAIT if error.retry_after is None else max(1.0, error.retry_after)
    wait = max(grown, asked) if isinstance(error, Locked) else asked
    async with service.state.begin() as tx:
        until = service.now() + timedelta(seconds=wait)
        await claims.retry(tx, row, until, str(error))
    log.info("%s/%s waits %.0f s: %s", row.list_id, row.item_id, wait, error)
    return wait


async def _park(service: Service, row: Work, reason: str) -> None:
    log.warning("%s/%s is parked: %s", row.list_id, row.item_id, reason)
    async with service.state.begin() as tx:
        await claims.park(tx, row, reason)
