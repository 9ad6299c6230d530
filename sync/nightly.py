"""Every night each site is compared with its schema; what drifted is told and, by mode, mended."""

from __future__ import annotations

import hashlib
import html
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sharepoint_schema.order import SigOrder
from sync.drift import agreeing, check, mode_of
from sync.errors import VergerError
from sync.provisioning import Provisioner
from sync.state import journal, notices, remembered, sites

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sharepoint_schema.expand import SiteSpec
    from sync.drift import Report
    from sync.plan import Plan, Step
    from sync.service import Service
    from sync.site_state import SiteState

APPLIED = "applied"
SUBJECT = "A site no longer is as the network agreed"


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
    async with service.state.read() as tx:
        known = await sites.all_sites(tx)
    here = [row for row in known if row.state == APPLIED and key in (None, row.site_key, row.url)]
    return [await check_one(service, row, at_once=at_once) for row in here]


async def look_all(service: Service, key: str | None = None) -> list[Checked]:
    """Compare as `check_all` does; nothing is written anywhere."""
    async with service.state.read() as tx:
        known = await sites.all_sites(tx)
    here = [row for row in known if row.state == APPLIED and key in (None, row.site_key, row.url)]
    return [Checked(await check(service.tenant, spec_of(service, row))) for row in here]


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
    try:
        done = await Provisioner(service.tenant).mend(spec, ripe, _Unrecorded())
    except VergerError as error:  # told, and tried again the next night
        return Checked(second, (), str(error))
    await _record(service, row, done.steps)
    return Checked(second, done.steps)


def spec_of(service: Service, row: sites.Site) -> SiteSpec:
    """Return what a site in state should be."""
    order = None if row.order is None else SigOrder.model_validate_json(json.dumps(row.order))
    return service.spec(row.template, order)


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
    days = service.standard.review.grace_days
    async with service.state.begin() as tx:
        for step in steps:
            if mode_of(spec, step, usual) == "observe":
                continue
            says = f"{step.target} on {row.url}: {step.says()}."
            due = f"It is put back in {days} days if it is still so."
            notice = notices.NewNotice(
                idempotency_key=f"{_key(row)}:{step.id}:{_mark(step)}",
                recipient=spec.owner,
                subject=SUBJECT,
                body={
                    "text": f"{says}\n\n{due}",
                    "html": f"<p>{html.escape(says)}</p><p>{html.escape(due)}</p>",
                },
            )
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
