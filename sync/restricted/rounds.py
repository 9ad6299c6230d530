"""The rolling check: round after round through restricted, quarantine and shared-from libraries.

A round reads a library as a whole, then its items page by page; its cursor is kept after each page.
It spends at most the standard's resource units in an hour. A hint of the security subscription asks
for a round out of turn.
"""

from __future__ import annotations

import logging
import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sync.errors import Terminal, VergerError
from sync.restricted import mending, widening
from sync.restricted.circles import checked_here, circle_of, mode_of
from sync.restricted.mending import Round
from sync.restricted.rules import extras, strangers
from sync.sharing import note_items, outward_at, readers_of
from sync.state import checks, leases, lists, meter, sites
from sync.tenant import grants
from sync.tenant.meter import metered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync.hints import Hint
    from sync.places import Place
    from sync.restricted.rules import Extra
    from sync.service import Service
    from sync.state.checks import Check
    from sync.state.leases import Lease
    from sync.tenant.grants import Spot

LANE = "permissions"
LEASE_SECONDS = 180
HOUR = timedelta(hours=1)
PARTS = 20
"""Into how many parts an hour's budget is split: one visit spends one, so that the changes of the
day are not held up by a burst of checks.
"""
TOGETHER = 20
"""Items whose access is read in one request."""
KEPT_STATES = frozenset({"applied", "dormant"})

log = logging.getLogger("verger.access")


async def asked(service: Service, hint: Hint) -> bool:
    """Check the hinted library now, as far as the budget goes; False when it has to wait.

    A round that began after the hint came has seen what it was about.
    """
    at = min(datetime.fromisoformat(hint.at), service.now())
    async with service.state.begin() as tx:
        if await lists.get_list(tx, hint.list_id) is None:
            log.warning("a hint names list %s, which is none of ours", hint.list_id)
            return True
        known = await checks.get_check(tx, hint.list_id)
        if known.began_at is not None and known.began_at >= at:
            return True
        await checks.ask(tx, hint.list_id, service.now())
    return await check_list(service, hint.list_id)


async def go_round(service: Service) -> list[str]:
    """Check what is due, the libraries asked for first; returns the ids of those done whole.

    One visit spends a part of the hour's budget at most, and ends the library it is at.
    """
    done = []
    allowed = service.standard.access.units_an_hour
    start = await _spent(service)
    for list_id in await _due(service):
        spent = await _spent(service)
        if spent >= allowed or spent - start >= allowed / PARTS:
            break
        try:
            if await check_list(service, list_id):
                done.append(list_id)
        except VergerError as error:  # one library must not end the check of all others
            log.warning("the access of list %s could not be checked: %s", list_id, error)
    return done


async def check_list(service: Service, list_id: str) -> bool:
    """Take a library's round to its end, from where it stopped. False: not free, or no budget."""
    async with service.state.begin() as tx:
        owner, now = str(uuid.uuid4()), service.now()
        lease = await leases.acquire(tx, f"access:{list_id}", owner, now, LEASE_SECONDS)
    if lease is None:
        return False
    try:
        return await _check(service, await service.place(list_id), lease)
    finally:
        async with service.state.begin() as tx:
            await leases.release(tx, lease)


async def _check(service: Service, place: Place, lease: Lease) -> bool:
    if not checked_here(place):
        return True
    await mending.finish_what_was_begun(service, place)
    async with service.state.read() as tx:
        check = await checks.get_check(tx, place.row.id)
    if not check.under_way:
        check = replace(check, cursor=0, began_at=service.now(), found=0)
    here: Round | None = None
    while await _spent(service) < service.standard.access.units_an_hour:
        with metered() as bill:
            here = here or await _open(service, place, check)
            check, whole = await _step(here, check)
        async with service.state.begin() as tx:
            await leases.renew(tx, lease, service.now(), LEASE_SECONDS)
            await meter.add_ru(tx, service.now(), LANE, bill.units)
            await checks.put_check(tx, check)
        if whole:
            return True
    return False


async def _open(service: Service, place: Place, check: Check) -> Round:
    library = await grants.library(service.tenant, place.row)
    began = check.began_at or service.now()
    circle = await circle_of(service, place)
    async with service.state.read() as tx:
        row = await lists.get_list(tx, place.row.id)
    acts = mode_of(service, place) == "enforce" and row is not None and not row.paused
    return Round(service, place, circle, began, acts, library)


async def _step(here: Round, check: Check) -> tuple[Check, bool]:
    """Look at the library if the round begins, and at a page of its items. Whether that was all."""
    found = 0
    if check.cursor == 0:
        found, taken = await _whole(here)
        check = replace(check, members=await widening.tell(here, check.members, taken))
    service, row = here.service, here.place.row
    page = await grants.own_page(service.tenant, row, check.cursor)
    spots: list[Spot] = []
    for start in range(0, len(page.item_ids), TOGETHER):
        part = page.item_ids[start : start + TOGETHER]
        spots += await grants.spots(service.tenant, row, part)
    if here.place.area.is_open:
        between, readers = (check.cursor, page.last), readers_of(here.library.spot)
        found += await note_items(service, here.place, spots, between, readers)
        spots = [one for one in spots if one.is_folder]
    found += await _judge(here, spots)
    whole = page.last is None
    check = replace(check, found=check.found + found, cursor=page.last or 0)
    return (replace(check, finished_at=service.now()) if whole else check), whole


async def _whole(here: Round) -> tuple[int, frozenset[int]]:
    """Judge the library itself and its groups: how much was found, and who was taken out."""
    spot = here.library.spot
    found = await _judge(here, [spot])
    if here.place.area.is_open:
        return found, frozenset()
    standard = here.service.standard
    members = list(strangers(here.library.groups, here.circle, standard.is_internal))
    if members:
        await mending.put_right(here, spot, members)
    out = frozenset(one.holder.principal for one in members if one.holder)
    return found + len(members), out


async def _judge(here: Round, spots: Sequence[Spot]) -> int:
    """Put right what is too much at each place; one that can't be never ends the round."""
    wrong = [(spot, found) for spot in spots if (found := _extras(here, spot))]
    for spot, found in wrong:
        try:
            await mending.put_right(here, spot, found)
        except Terminal as error:
            log.warning("%s/%s stays open: %s", here.list_id, spot.item_id, error)
    await _make_sure(here, [spot.item_id for spot, _ in wrong if spot.item_id])
    return sum(len(found) for _, found in wrong)


async def _make_sure(here: Round, item_ids: Sequence[str]) -> None:
    """Look again at what was put right: a write that was accepted may not have taken effect."""
    if not here.acts or not item_ids:
        return
    for spot in await grants.spots(here.service.tenant, here.place.row, item_ids):
        if _extras(here, spot):
            says = "%s/%s is still open to more than agreed; the next round tries again"
            log.error(says, here.list_id, spot.item_id)


def _extras(here: Round, spot: Spot) -> list[Extra]:
    if here.place.area.is_open:
        return outward_at(here.service, spot, readers_of(here.library.spot))
    return extras(spot, here.circle)


async def _due(service: Service) -> list[str]:
    """Return the libraries to be checked now: asked for, begun, never checked, longest ago."""
    now = service.now()
    async with service.state.read() as tx:
        kept = {row.site_id for row in await sites.all_sites(tx) if row.state in KEPT_STATES}
        rows = [row for row in await lists.all_lists(tx) if row.site_id in kept]
        known = await checks.all_checks(tx)
    here = [row.id for row in rows if checked_here(await service.place(row.id))]
    states = [known.get(list_id) or checks.Check(list_id=list_id) for list_id in here]
    again = now - timedelta(hours=service.standard.access.every_hours)
    due = [one for one in states if one.wanted or one.under_way or _older(one, again)]
    return [one.list_id for one in sorted(due, key=_turn)]


def _older(check: Check, moment: datetime) -> bool:
    return check.finished_at is None or check.finished_at <= moment


def _turn(check: Check) -> tuple[bool, bool, float]:
    last = check.finished_at.timestamp() if check.finished_at else 0.0
    return not check.wanted, not check.under_way, last


async def _spent(service: Service) -> int:
    """Return the units that checks cost in the last hour."""
    now = service.now()
    async with service.state.read() as tx:
        told = await meter.ru_spent(tx, now - HOUR, now + HOUR)
    return told.get(LANE, 0)
