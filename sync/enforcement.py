"""One changed item, from its work row to its recorded verdict: look, judge, settle, act, record.

Nothing here decides what is right (policies do), what is done about it (remedies do) or how it is
written (acting does). A bad item waits or is parked alone; it never blocks its list.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sync import (
    asking,
    breakers,
    checkouts,
    corrections,
    excuses,
    identity,
    intents,
    keepers,
    losses,
    moving,
    notices,
    numbering,
    publication,
    recording,
    registry,
    renditions,
    reviews,
    sharing,
)
from sync.acting import Acted, NameTaken, carry_out
from sync.cases import Case
from sync.errors import Locked, Terminal, Transient
from sync.facts import Gone, Ignored, document_of, look, reading_of
from sync.hints import Nudge
from sync.intents import Intent
from sync.policies import judge
from sync.policies._truth import Identity, identity_of, in_force_until
from sync.state import backlog, claims, due, items, lists
from sync.tenant import documents
from sync.tenant.meter import metered
from sync.tenant.pace import lane

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
    opened: set[str] = set()
    tried = (attend(service, row, opened) for row in rows)
    ends = await asyncio.gather(*tried, return_exceptions=True)
    faults = [end for end in ends if isinstance(end, BaseException)]
    if faults:  # a bug: these rows' leases lapse, they are tried again and parked in the end
        raise BaseExceptionGroup(f"{len(faults)} of {len(rows)} rows failed", faults)
    waits = [end for end in ends if isinstance(end, float)]
    later = [Nudge(nudge.list_id, nudge.at, nudge.correlation, wait) for wait in waits]
    if rows and (await service.place(nudge.list_id)).list.keeper:
        opened |= await _woken(service, nudge)
    return [*later, *(Nudge(one, nudge.at, nudge.correlation) for one in sorted(opened))]


async def _woken(service: Service, nudge: Nudge) -> set[str]:
    """Return where a keeper's rows may have opened work, such as a document decided about.

    A nudge too many finds nothing; a lost one is made up by the sweep.
    """
    async with service.state.read() as tx:
        return set(await backlog.ready_lists(tx, service.now())) - {nudge.list_id}


async def attend(service: Service, row: Work, opened: set[str]) -> float | None:
    """Work one row off. Returns seconds until it is worth another look, None when it is done.

    Lists in which that opened work for other files are added to `opened`.
    """
    if row.deaths >= TRIES:
        says = f"its worker died {row.deaths} times in a row, last before"
        when = f"{service.now():%d/%m/%Y %H:%M} UTC"
        await _park(service, row, f"{says} {when}; see the log for list {row.list_id}")
        return None
    try:
        with metered() as bill, lane(row.lane):
            place = await service.place(row.list_id)
            return await _attend(Case(service, place, row, bill, opened))
    except Transient as error:
        return await _wait(service, row, error)
    except Terminal as error:
        await _park(service, row, str(error))
        return None


async def _attend(case: Case) -> float | None:
    if (judged := await recording.was_judged(case)) is not None:
        return None if judged else 0.0
    if case.place.list.keeper:
        again = await keepers.attend(case)
        await notices.deliver(case.service)
        return again
    seen = await look(case.service, case.place, case.row)
    if isinstance(seen, Ignored):
        await recording.ignored(case)
        return None
    acted = await follow_move(case) if isinstance(seen, Gone) else await _put_right(case, seen)
    if acted is None:
        await renditions.left(case)
        await moving.left(case)
        entry = await registry.withdraw(case.service, case.place, case.row.item_id)
        await recording.gone(case, entry, await losses.weigh(case))
        await notices.deliver(case.service)
        return None
    await renditions.follow(case, acted, closed=recording.is_closed(case, acted))
    if acted.moved_from is not None:
        gone = case.row.item_id
        entry = await registry.withdraw(case.service, case.place, gone, acted.number)
    else:
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
    document = await sharing.with_audience(service, place, document)
    earlier = await _earlier(service, document)
    document = earlier.by_author(document)
    known = await identity.context(service, place, document, taken)
    fresh = judge(document, known)
    if await numbering.issue(service, place, document, known, fresh):
        known = await identity.context(service, place, document, taken)
        fresh = judge(document, known)
    excused = await excuses.of(service, document)
    if (decided := await publication.follow(case, document, known, excused)) is not None:
        document, known, held_up = decided
        fresh = [*judge(document, known), *held_up]
    said = {finding.policy for finding in fresh}
    findings = [*fresh, *(one for one in earlier.findings if one.policy not in said)]
    acted = Acted(
        document,
        publication.with_status(case, await _settle(case, document, findings), document, known),
        known.number,
        foreign=identity_of(document, known)[0] is Identity.OTHER,
        review=in_force_until(document, known),
    )
    acted = replace(acted, author=await reviews.answering(case, acted))
    await checkouts.tell(case, document, acted.settlement.standing)
    return await carry_out(service, place, acted, earlier)


async def _earlier(service: Service, document: Document) -> Intent:
    """Return what a worker that died half-way had found and begun, as far as it still holds."""
    async with service.state.read() as tx:
        intent = await intents.recall(tx, document.document_id)
    return intent.still_true(document)


async def follow_move(case: Case) -> Acted | None:
    """Finish what a worker did not live to record: the item is gone because it was being moved.

    Returns the document at its new place, None when it was not on its way there. The new place may
    have no feed of ours (quarantine), so this row sees it through, by the rules it was found under.
    """
    service, row = case.service, case.row
    async with service.state.read() as tx:
        known = await items.get_item(tx, row.list_id, row.item_id)
        intent = await intents.recall(tx, known.document_id) if known else Intent()
        target = await lists.find_area(tx, case.place.row.site_id, intent.target)
    if known is None or target is None or not known.unique_id:
        return None
    item_id = await documents.arrived(service.tenant, known.unique_id, target)
    file = await documents.file_facts(service.tenant, target, item_id) if item_id else None
    if item_id is None or file is None:
        return None
    reading = await reading_of(service, replace(case.place, row=target), item_id, file)
    place = await service.place(target.id)
    document = intent.by_author(document_of(place, item_id, known.document_id, file, reading))
    earlier = intent.still_true(document)
    settlement = await _settle(case, document, earlier.findings)
    moved = Acted(document, settlement, known.number or "", moved_from=(row.list_id, row.item_id))
    return await carry_out(service, place, moved, earlier)


async def _settle(case: Case, document: Document, findings: Sequence[Finding]) -> Settlement:
    now = case.service.now()
    async with case.service.state.read() as tx:
        promised = await due.promises(tx, case.row.list_id, case.row.item_id)
        known = await items.get_item(tx, document.list_id, document.item_id)
        excused = await excuses.standing(tx, document.document_id, document.content_id, now)
    put_right = corrections.earlier(known, document)
    rules = case.place.rules(promised, put_right=put_right, excused=excused)
    rules = await asking.heeded(case, document, findings, rules)
    settlement = await breakers.settled(case, document, findings, rules)
    return await asking.answered(case, document, settlement)


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
