"""When a rule changes, the files already there are looked at first; only then anything acts.

Each list's rules are written down as its verdicts were given by them. When a policy's version, mode
or parameters differ, every file it applies to is asked about from what is recorded, or read (never
written to) where the facts can't tell. What would change is counted. Up to a small share of a
library Verger goes on by itself: a corrected typing error in the standard should not wait for
anybody. Above it an administrator says go, for then many people would hear of it on one day. Acting
means rows of the background lane for exactly these files, behind everything that staff do. All of
it keeps within the resource units of an hour, and goes on where it was.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sync.errors import Missing, Transient
from sync.hints import Nudge
from sync.looking_ahead import Today, look_ahead, read_today
from sync.rulebook import mark_of, rules_now, turns
from sync.state import journal, lists, meter, rulesets, sites, work
from sync.state.rulesets import Change, RuleEffect
from sync.tenant.meter import metered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sync.places import Place
    from sync.rulebook import Turn
    from sync.service import Service
    from sync.state.items import ItemRow
    from sync.state.lists import ListRow

LANE, BACKGROUND = "rules", "background"
"""The meter's words for looking ahead, and for the looks of the background lane."""
BATCH, BATCHES = 50, 40
"""Files between two places to go on; and how many times so many in one run of the timer."""
USUAL_UNITS = 8
"""Resource units that a look with its remedies is taken to cost, of one not looked at yet."""
HOUR = timedelta(hours=1)

log = logging.getLogger("verger.rejudging")


@dataclass(slots=True)
class Run:
    """One run of the timer: what is left of the hour's units; our records are read once."""

    service: Service
    left: int
    _today: Today | None = field(default=None)

    async def today(self) -> Today:
        if self._today is None:
            self._today = await read_today(self.service)
        return self._today


@dataclass(slots=True)
class Seen:
    """What one batch brought: how many files, how many of them were read, at what price."""

    position: str
    files: int = 0
    fetched: int = 0
    units: int = 0
    effects: list[RuleEffect] = field(default_factory=list)
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """A change under way, for `verger status`: `would_change` of `files` looked at so far."""

    list_id: str
    site: str
    list: str
    policies: tuple[str, ...]
    state: str
    files: int
    fetched: int
    would_change: int
    put: int


async def rejudge(service: Service) -> list[Nudge]:
    """Take every change of the rules as far as this hour's resource units go.

    Returns nudges for the lists in which files were put up for judgement. Paused lists wait.
    """
    async with service.state.read() as tx:
        followed = await lists.all_lists(tx)
        left = await _left(tx, service)
    run, at = Run(service, left), service.now().isoformat()
    return [Nudge(row.id, at) for row in followed if not row.paused and await _advance(run, row)]


async def report(service: Service) -> list[Report]:
    """Return the changes under way, the oldest first."""
    async with service.state.read() as tx:
        rows = {one.id: one for one in await lists.all_lists(tx)}
        return [await _report(tx, rows[one.list_id], one) for one in await rulesets.all_changes(tx)]


async def go(service: Service, policy: str, by: str, site: str | None = None) -> list[Report]:
    """Let the changes of a policy that wait act, on one site (its address or key) or on all.

    `by` is who says so, an object id; it is journalled. Raises Missing when none waits.
    """
    async with service.state.begin() as tx:
        rows = {one.id: one for one in await lists.all_lists(tx)}
        keys = {one.url: one.site_key for one in await sites.all_sites(tx)}
        chosen = [
            one
            for one in await rulesets.all_changes(tx)
            if one.state == "waiting"
            and policy in one.policies
            and site in (None, rows[one.list_id].site_url, keys.get(rows[one.list_id].site_url))
        ]
        if not chosen:
            raise Missing(f"no change of {policy} waits for a go; see: verger status")
        for change in chosen:
            await _decide(tx, service, rows[change.list_id], change, by)
        return [await _report(tx, rows[one.list_id], one) for one in chosen]


async def _left(tx: AsyncConnection, service: Service) -> int:
    """Return what is left of this hour's units once the open background rows are paid for."""
    now = service.now()
    spent = await meter.ru_spent(tx, now - HOUR, now + HOUR)
    open_rows = await rulesets.background_rows(tx)
    used = spent.get(LANE, 0) + spent.get(BACKGROUND, 0) + open_rows * USUAL_UNITS
    return service.standard.rules_change.units_an_hour - used


async def _advance(run: Run, row: ListRow) -> bool:
    """Take one list's change a step on. Returns whether work was put up."""
    place = await run.service.place(row.id)
    now = rules_now(run.service, place)
    async with run.service.state.begin() as tx:
        before = await rulesets.rules_of(tx, row.id)
        change = await rulesets.get_change(tx, row.id)
        changed = turns(before, now)
        if not before or not changed:  # the first rules we know of, or the old ones again
            if not before:
                await rulesets.put_rules(tx, row.id, now.values())
            await rulesets.end_change(tx, row.id)
            return False
        if change is None or change.mark != mark_of(changed):
            change = _fresh(run.service, row, changed)
            await rulesets.begin_change(tx, change)
    if change.state == "looking":
        return await _look_on(run, place, changed, change)
    return change.state == "acting" and await _act_on(run, place, changed, change)


def _fresh(service: Service, row: ListRow, changed: Sequence[Turn]) -> Change:
    return Change(
        list_id=row.id,
        mark=mark_of(changed),
        policies=[one.policy for one in changed],
        state="looking",
        begun_at=service.now(),
    )


async def _look_on(run: Run, place: Place, changed: Sequence[Turn], change: Change) -> bool:
    """Look at further files; at the end, decide. Returns whether work was put up."""
    for _ in range(BATCHES):
        async with run.service.state.read() as tx:
            batch = await rulesets.items_after(tx, change.list_id, change.position, BATCH)
        if not batch:
            return await _weigh(run, place, changed, change)
        seen = await _batch(run, place, changed, batch, Seen(change.position))
        moved = replace(
            change,
            position=seen.position,
            files=change.files + seen.files,
            fetched=change.fetched + seen.fetched,
        )
        if not await _keep(run, change, moved, seen) or seen.stopped:
            return False
        change = moved
    return False


async def _batch(
    run: Run, place: Place, changed: Sequence[Turn], batch: Sequence[ItemRow], seen: Seen
) -> Seen:
    """Look at files until the batch, the hour's units or Microsoft 365's patience is at its end."""
    today = await run.today()
    for item in batch:
        if run.left <= 0:
            seen.stopped = True
            return seen
        with metered() as bill:
            try:
                ahead = await look_ahead(today, place, changed, item)
            except Transient as error:  # the next run of the timer goes on here
                log.info("looking ahead waits at %s/%s: %s", place.row.id, item.item_id, error)
                seen.stopped = True
                return seen
            finally:
                seen.units += bill.units
                run.left -= bill.units
        seen.position = item.item_id
        seen.files += 1
        if ahead is not None:
            seen.fetched += ahead.fetched
            if ahead.says:
                effect = RuleEffect(list_id=place.row.id, item_id=item.item_id, says=ahead.says)
                seen.effects.append(effect)
    return seen


async def _keep(run: Run, before: Change, after: Change, seen: Seen) -> bool:
    """Write a batch down with the place to go on; False when another run has been there."""
    async with run.service.state.begin() as tx:
        if seen.units:
            await meter.add_ru(tx, run.service.now(), LANE, seen.units)
        if not await rulesets.move_on(tx, before, after):
            return False
        await rulesets.put_effects(tx, seen.effects)
        return True


async def _weigh(run: Run, place: Place, changed: Sequence[Turn], change: Change) -> bool:
    """Decide after the last file: nothing to do, a small share, or a matter for a person."""
    service, rules = run.service, run.service.standard.rules_change
    async with service.state.begin() as tx:
        found = await rulesets.count_effects(tx, change.list_id)
        alone = found <= max(rules.few, rules.alone * change.files)
        if not alone:
            await rulesets.move_on(tx, change, replace(change, state="waiting"))
            log.warning("%d of %d files of %s: a change of rules waits for a go",
                        found, change.files, place.row.title)  # fmt: skip
            return False
        acting = await _decide(tx, service, place.row, change, service.settings.client_id)
    return acting is not None and await _act_on(run, place, changed, acting)


async def _decide(
    tx: AsyncConnection, service: Service, row: ListRow, change: Change, by: str
) -> Change | None:
    """Let a change act and journal who let it; None when another run was quicker."""
    now = service.now()
    acting = replace(change, state="acting", go_by=by, go_at=now)
    if not await rulesets.move_on(tx, change, acting):
        return None
    found = await rulesets.count_effects(tx, change.list_id)
    entry = journal.Entry(
        at=now,
        kind="rules change let act",
        actor=by,
        correlation_id=f"rules:{change.mark}",
        list_id=row.id,
        schema_hash=service.schema_hash,
        after={"policies": change.policies, "files": change.files, "would_change": found},
        idempotency_key=f"rules:{row.id}:{change.mark}:{change.begun_at.isoformat()}:go",
    )
    await journal.append(tx, row.site_id, entry)
    return acting


async def _act_on(run: Run, place: Place, changed: Sequence[Turn], change: Change) -> bool:
    """Put up for judgement as many files as the hour's units allow; the last ones end it."""
    service, now = run.service, run.service.now()
    most = max(0, run.left // USUAL_UNITS)
    async with service.state.begin() as tx:
        waiting = await rulesets.effects_of(tx, change.list_id, most + 1, put=False)
        chosen = waiting[:most]
        await rulesets.put_effects(tx, [replace(one, put_at=now) for one in chosen])
        await work.put(tx, [_row(one) for one in chosen], now)
        if len(waiting) <= most:
            await _end(tx, service, place, changed, change)
    run.left -= len(chosen) * USUAL_UNITS
    return bool(chosen)


def _row(effect: RuleEffect) -> work.NewWork:
    lane = work.Lane.BACKGROUND
    return work.NewWork(list_id=effect.list_id, item_id=effect.item_id, kind="audit", lane=lane)


async def _end(
    tx: AsyncConnection, service: Service, place: Place, changed: Sequence[Turn], change: Change
) -> None:
    """Write the new rules down as those in force, and in the journal what they are."""
    found = await rulesets.count_effects(tx, change.list_id)
    entry = journal.Entry(
        at=service.now(),
        kind="rules changed",
        actor=service.settings.client_id,
        correlation_id=f"rules:{change.mark}",
        list_id=change.list_id,
        schema_hash=service.schema_hash,
        before={one.policy: list(one.before.mark) for one in changed if one.before},
        after={
            "rules": {one.policy: list(one.after.mark) for one in changed if one.after},
            "files": change.files,
            "read": change.fetched,
            "judged_anew": found,
        },
        idempotency_key=f"rules:{change.list_id}:{change.mark}:{change.begun_at.isoformat()}",
    )
    await journal.append(tx, place.row.site_id, entry)
    await rulesets.put_rules(tx, change.list_id, rules_now(service, place).values())
    await rulesets.end_change(tx, change.list_id)


async def _report(tx: AsyncConnection, row: ListRow, change: Change) -> Report:
    return Report(
        list_id=row.id,
        site=row.site_url,
        list=row.title,
        policies=tuple(change.policies),
        state=change.state,
        files=change.files,
        fetched=change.fetched,
        would_change=await rulesets.count_effects(tx, row.id),
        put=await rulesets.count_effects(tx, row.id, put=True),
    )
