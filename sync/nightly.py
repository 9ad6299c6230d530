"""Every night each site is compared with its schema; what drifted is told and, by mode, mended.

A dormant group's site is compared with what it is while it sleeps. A site that is being opened, put
to sleep or woken is left alone until that has ended; one that an operator paused is only looked at.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sync import dormancy, letters
from sync.drift import agreeing, check, mode_of
from sync.errors import VergerError
from sync.provisioning import Provisioner
from sync.sig_records import DORMANT, UNDER_WAY
from sync.state import journal, lists, notices, remembered, requests, sites

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sharepoint_schema.expand import SiteSpec
    from sync.drift import Report
    from sync.plan import Plan, Step
    from sync.service import Service
    from sync.site_state import SiteState

APPLIED = "applied"
KEPT = frozenset({APPLIED, DORMANT})
"""States of a site that is to conform."""
PAUSED = "the site is paused; nothing is written until: verger resume"


@dataclass(frozen=True, slots=True)
class Checked:
    """One site after its check: what was found, what was put right, what stood in the way."""

    report: Report
    mended: tuple[Step, ...] = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class _Unrecorded:
    """Mending keeps no progress: the next check finds what is left."""

    async def unfinished(self) -> tuple[str, Collection[str]] | None:
        return None

    async def begin(self, plan: Plan) -> None: ...

    async def taken(self, step: Step) -> None: ...

    async def finish(self, seal: str, site: SiteState) -> None: ...


async def check_all(
    service: Service, key: str | None = None, *, at_once: bool = False
) -> list[Checked]:
    """Check every site that was applied, or the one with this key or address, and act by mode.

    `at_once` puts right now what would be put right after the grace days, or never.
    """
    return [await check_one(service, row, at_once=at_once) for row in await _here(service, key)]


async def look_all(service: Service, key: str | None = None) -> list[Checked]:
    """Compare as `check_all` does; nothing is written anywhere."""
    here = await _here(service, key)
    return [Checked(await check(service.tenant, spec_of(service, row))) for row in here]


async def _here(service: Service, key: str | None) -> list[sites.Site]:
    """Return the sites to be looked at: those that are kept, and not on their way elsewhere."""
    async with service.state.read() as tx:
        known = [row for row in await sites.all_sites(tx) if row.state in KEPT]
        moving = {row.site_id for row in await requests.all_requests(tx, states=UNDER_WAY)}
    here = [row for row in known if key in (None, row.site_key, row.url)]
    return [row for row in here if row.site_id not in moving]


async def check_one(service: Service, row: sites.Site, *, at_once: bool = False) -> Checked:
    """Check one site; two reads must agree before anything is put right."""
    spec = spec_of(service, row)
    first = await check(service.tenant, spec)
    if first.state == "conforms":
        await _remember(service, row, {})
        return Checked(first)
    second = await check(service.tenant, spec)
    steps = agreeing(first, second)
    since = await _since(service, row, steps)
    ripe = [step for step in steps if at_once or _ripe(service, spec, step, since[step.id])]
    await _tell(service, row, spec, [step for step in steps if step not in ripe])
    if not ripe:
        return Checked(second)
    if row.state != DORMANT and await _paused(service, row):
        return Checked(second, (), PAUSED)
    try:
        done = await Provisioner(service.tenant).mend(spec, ripe, _Unrecorded())
    except VergerError as error:  # told, and tried again the next night
        return Checked(second, (), str(error))
    await _record(service, row, done.steps)
    return Checked(second, done.steps)


def spec_of(service: Service, row: sites.Site) -> SiteSpec:
    """Return what a site in state should be, awake or asleep."""
    spec = service.spec_of(row)
    return dormancy.asleep(spec) if row.state == DORMANT else spec


async def _paused(service: Service, row: sites.Site) -> bool:
    async with service.state.read() as tx:
        return any(one.paused for one in await lists.all_lists(tx, site_id=row.site_id))


def lacking(step: Step) -> str:
    """Return what is wrong, in words, where a step would put it right."""
    if step.change == "create":
        said = "something of it is missing" if step.kind == "binding" else "it is not there"
        return f"{said} ({step.reason})"
    if step.change == "remove":
        return f"it should not be there ({step.reason})"
    return step.says()


def _ripe(service: Service, spec: SiteSpec, step: Step, since: datetime) -> bool:
    usual = service.overrides.get("drift") or service.standard.drift
    mode = mode_of(spec, step, usual)
    grace = timedelta(days=service.standard.review.grace_days)
    return mode == "enforce" or (mode == "warn" and service.now() - since >= grace)


async def _since(
    service: Service, row: sites.Site, steps: Sequence[Step]
) -> Mapping[str, datetime]:
    """Return since when each difference is known; one that changed in kind counts anew."""
    async with service.state.read() as tx:
        kept: dict[str, dict[str, str]] = await remembered.recall(tx, _key(row)) or {}
    now = service.now().isoformat()
    fresh = {
        step.id: {
            "mark": _mark(step),
            "since": kept[step.id]["since"]
            if kept.get(step.id, {}).get("mark") == _mark(step)
            else now,
        }
        for step in steps
    }
    await _remember(service, row, fresh)
    return {name: datetime.fromisoformat(one["since"]) for name, one in fresh.items()}


async def _remember(service: Service, row: sites.Site, found: Mapping[str, Any]) -> None:
    async with service.state.begin() as tx:
        await remembered.remember(tx, _key(row), found)


def _key(row: sites.Site) -> str:
    return f"drift:{row.site_key}"


def _mark(step: Step) -> str:
    told = json.dumps([step.before, step.after], sort_keys=True, ensure_ascii=False, default=list)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


async def _tell(service: Service, row: sites.Site, spec: SiteSpec, steps: Sequence[Step]) -> None:
    """Queue one mail to the site's owner for each difference that is new; observe tells nobody."""
    usual = service.overrides.get("drift") or service.standard.drift
    days = str(service.standard.review.grace_days)
    async with service.state.begin() as tx:
        for step in steps:
            if mode_of(spec, step, usual) == "observe":
                continue
            told = {"what": step.target, "address": row.url, "lacking": lacking(step), "days": days}
            letter = letters.write(service.standard.letters, "drift", told, address=row.url)
            key = f"{_key(row)}:{step.id}:{_mark(step)}"
            notice = letters.notice(service, letter, key, spec.owner)
            await notices.queue_notice(tx, notice, service.now())


async def _record(service: Service, row: sites.Site, steps: Sequence[Step]) -> None:
    """Write down what was put right, with what was there before, so that it can be undone."""
    async with service.state.begin() as tx:
        for step in steps:
            at = service.now()
            recipe = {"kind": "drift", "step": step.id, "before": step.before}
            entry = journal.Entry(
                at=at,
                kind="drift corrected",
                actor=service.settings.client_id,
                correlation_id=step.id,
                schema_hash=service.schema_hash,
                before=step.before,
                after=step.after,
                undo=recipe,
                idempotency_key=f"{_key(row)}:{step.id}:{_mark(step)}:{at.isoformat()}",
            )
            await journal.append(tx, row.site_id or row.site_key, entry)
