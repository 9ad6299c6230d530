"""Two breakers: a rule that corrects too many files at once, and a file corrected again and again.

A rule that has corrected its share of a library within a day only watches there from then on, until
an administrator lets it go on: a wrong parameter must not rename a whole library. Rules that close
a file, or take back what readers were never to see, only raise the alarm: a file left open cannot
be called back, while one closed too much is released. A correction that somebody else undoes each
time is given up for a day, and the file says who that is: two machines never fight for ever.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sharepoint_schema.dates import show_date
from sync import letters, notices
from sync.errors import Missing
from sync.explaining import paragraph, title_of
from sync.model import (
    SITE_TIME,
    Contain,
    Excuse,
    ExcuseKind,
    Finding,
    Recipient,
    SetColumns,
    Severity,
    Tell,
    Unpublish,
)
from sync.policies import policies
from sync.remedies import REASON, STATUS, settle
from sync.state import breakers as kept
from sync.state import items, journal, lists, sites, work
from sync.state import notices as outbox

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sync.acting import Acted
    from sync.cases import Case
    from sync.letters import Letter
    from sync.model import Document
    from sync.remedies import Rules, Settlement
    from sync.service import Service

SHOWN = "control_status"
"""Under this name the words beside a file are counted: no rule, but others may wipe them, too."""


@dataclass(frozen=True, slots=True)
class Reset:
    """One site in which a rule goes on: libraries concerned, files that are looked at again."""

    site: sites.Site
    lists: int
    files: int


async def settled(
    case: Case, document: Document, findings: Sequence[Finding], rules: Rules
) -> Settlement:
    """Settle as the rules say, as far as the breakers let them.

    Counts what is about to be corrected; raises the alarm when that opens a breaker.
    """
    now = case.service.now()
    async with case.service.state.read() as tx:
        open_ = await kept.open_breakers(tx, document.list_id)
        acts = await kept.acts_on(tx, document.list_id, document.document_id)
    rules = _watching(rules, {one.policy for one in open_ if one.stops})
    settlement = settle(document, findings, rules, now)
    fights = {
        policy: excuse
        for policy, wish in _wishes(settlement).items()
        if (excuse := _fight(case, document, acts.get(policy), wish))
    }
    if fights:
        findings = [_counted(one) if one.policy in fights else one for one in findings]
        rules = replace(rules, excused={**rules.excused, **fights})
        settlement = settle(document, findings, rules, now)
        begun = {policy: f"fight:{policy}:{acts[policy].done_at}" for policy in fights}
        told = [one for one in settlement.told if one.policy in fights]
        await _tell(case, document, [(one, fights[one.policy]) for one in told], begun)
    if stopped := await _admit(case, document, settlement):
        settlement = settle(document, findings, _watching(rules, stopped), now)
    return await _unless_wiped(case, document, settlement, acts.get(SHOWN))


async def _unless_wiped(
    case: Case, document: Document, settlement: Settlement, act: kept.Act | None
) -> Settlement:
    """Return the settlement; without the words beside the file where others wipe them each time."""
    wish = _shown(document, settlement)
    excuse = _fight(case, document, act, wish) if wish else None
    if act is None or excuse is None or excuse.until is None:
        return settlement
    wiped = Finding(
        says="Control status and Control reason of this file are changed by others each time.",
        expected="Only Verger fills in these two columns.",
        policy=SHOWN,
    )
    await _tell(case, document, [(wiped, excuse)], {SHOWN: f"fight:{SHOWN}:{act.done_at}"})
    return settlement.silent(excuse.until)


async def note(tx: AsyncConnection, case: Case, acted: Acted) -> None:
    """Count what a look has corrected, so that the same again and again is noticed."""
    if not acted.wrote:
        return
    now, document = case.service.now(), acted.document
    shown = _shown(document, acted.settlement)
    wishes = _wishes(acted.settlement) | ({SHOWN: shown} if shown else {})
    for policy, wish in wishes.items():
        done = kept.Act(
            list_id=case.row.list_id,
            policy=policy,
            document_id=document.document_id,
            at=now,
            wish=wish,
        )
        await kept.note_correction(tx, done, now - _window(case))


async def reset(service: Service, site: str | None, policy: str) -> list[Reset]:
    """Let a rule go on in the site of a key or an address, or everywhere; what waited is looked at.

    Returns the sites where its breaker was open or a file was held for being changed back. Raises
    Missing for an unknown site or rule.
    """
    if policy not in {*policies(), SHOWN}:
        raise Missing(f"{policy!r} is no rule; the rules are: {', '.join(policies())}")
    async with service.state.begin() as tx:
        known = await sites.all_sites(tx)
        here = [one for one in known if site in (None, one.site_key, one.url)]
        if site is not None and not here:
            names = ", ".join(one.site_key for one in known) or "none yet"
            raise Missing(f"{site!r} is no site that Verger follows; it follows {names}")
        told = [await _reset(tx, service, one, policy) for one in here if one.site_id]
        return [one for one in told if one.lists]


async def _reset(tx: AsyncConnection, service: Service, site: sites.Site, policy: str) -> Reset:
    now, site_id = service.now(), site.site_id or ""
    rows = await lists.all_lists(tx, site_id=site_id)
    closed = await kept.reset(tx, [row.id for row in rows], policy, now)
    looks = [
        work.NewWork(list_id=list_id, item_id=row.item_id, kind="due")
        for list_id in closed.lists
        for row in await items.items_of(tx, list_id)
        if row.document_id in closed.documents or _waited(row, policy)
    ]
    await work.put(tx, looks, now)
    if closed.lists:
        entry = journal.Entry(
            at=now,
            kind="breaker reset",
            actor=service.settings.client_id,
            correlation_id=f"breaker:{site.site_key}:{policy}",
            policy=policy,
            after={"lists": list(closed.lists), "files": len(looks)},
        )
        await journal.append(tx, site_id, entry)
    return Reset(site, len(closed.lists), len(looks))


def _waited(row: items.ItemRow, policy: str) -> bool:
    """Whether a breaker is what kept the rule from this file at its last look."""
    verdict = row.verdict or {}
    watched = any(one["policy"] == policy for one in verdict.get("observed", ()))
    return watched or any(
        one["policy"] == policy and one.get("excused") == ExcuseKind.BROKEN
        for one in verdict.get("findings", ())
    )


def _watching(rules: Rules, stopped: set[str]) -> Rules:
    """Return the rules with some of the policies only observing."""
    if not stopped:
        return rules
    return replace(rules, modes={**rules.modes, **dict.fromkeys(stopped, "observe")})


def _correcting(settlement: Settlement) -> Iterator[Finding]:
    """Yield the findings whose remedies run now."""
    for finding in settlement.standing:
        if finding.policy in settlement.acting and _acts(finding):
            yield finding


def _acts(finding: Finding) -> list[object]:
    return [one for one in finding.remedies if not isinstance(one, Tell)]


def _protects(finding: Finding, closing: frozenset[str]) -> bool:
    urgent = any(isinstance(one, Contain | Unpublish) for one in finding.remedies)
    return urgent or finding.policy in closing


def _wishes(settlement: Settlement) -> dict[str, str]:
    """Return what each policy corrects, as a hash (SHA-256, hex) to know the same again.

    What protects readers is never given up, so it is not among them.
    """
    wanted: dict[str, list[str]] = {}
    for finding in _correcting(settlement):
        if not _protects(finding, frozenset()):
            wanted.setdefault(finding.policy, []).append(repr(_acts(finding)))
    return {
        policy: hashlib.sha256("\n".join(sorted(told)).encode()).hexdigest()
        for policy, told in wanted.items()
    }


def _shown(document: Document, settlement: Settlement) -> str:
    """Return what is written beside the file, as a hash; "" when it stands there already.

    A new content comes without these columns at times, so the same words are then no repetition.
    """
    columns = [one.values for one in settlement.remedies if isinstance(one, SetColumns)]
    if not any(name in values for values in columns for name in (STATUS, REASON)):
        return ""
    words = f"{document.content_id}\n{settlement.shown}\n{settlement.reason}"
    return hashlib.sha256(words.encode()).hexdigest()


def _window(case: Case) -> timedelta:
    return timedelta(hours=case.service.standard.breakers.hours)


def _fight(case: Case, document: Document, act: kept.Act | None, wish: str) -> Excuse | None:
    """Return why a correction is given up for now; None where it has not been undone so often."""
    most = case.service.standard.breakers.corrections
    if act is None or act.wish != wish or act.times < most or act.done_at is None:
        return None
    until = max(act.done_at, document.modified_at or act.done_at) + _window(case)
    if until <= case.service.now():
        return None
    day = show_date(until.astimezone(SITE_TIME).date())
    reason = (
        f"Verger put this right {act.times} times, and each time it was changed back,"
        f" last by {_rival(case, document)}. Verger leaves it alone until {day}."
        " Agree on what is right, or stop the flow that changes it back."
        " An administrator can then let Verger go on at once."
    )
    return Excuse(ExcuseKind.BROKEN, by="Verger", reason=reason, until=until)


def _rival(case: Case, document: Document) -> str:
    """Return who changed the file last, as staff may call it: a person, or an app by its name."""
    who = document.modified_by
    if who.mail:
        return f"{who.name or who.mail} (or a flow that runs in that name)"
    if who.name and who.id != case.service.settings.client_id:
        return f"the app or flow “{who.name}”"
    return "an app or a flow"


def _counted(finding: Finding) -> Finding:
    """Return a finding so that it is shown, also where it was only a note until now."""
    return finding if finding.counts else replace(finding, severity=Severity.FIX)


async def _tell(
    case: Case,
    document: Document,
    fought: Sequence[tuple[Finding, Excuse]],
    begun: Mapping[str, str],
) -> None:
    """Mail author and owner that a correction is given up; once by what is `begun`, by policy."""
    to = (Tell(Recipient.AUTHOR), Tell(Recipient.OWNER))
    async with case.service.state.begin() as tx:
        for finding, excuse in fought:
            told = replace(finding, how=excuse.says, remedies=to)
            key = begun[finding.policy]
            for notice in notices.ahead(case, document, told, key):
                await outbox.queue_notice(tx, notice, case.service.now())


async def _admit(case: Case, document: Document, settlement: Settlement) -> set[str]:
    """Count the file for each rule that is about to correct it; returns the rules that may not."""
    wanted: dict[str, bool] = {}  # whether the rule may be stopped
    for one in _correcting(settlement):
        if one.counts:
            stops = not _protects(one, case.place.closing)
            wanted[one.policy] = wanted.get(one.policy, True) and stops
    if not wanted:
        return set()
    limits, now = case.service.standard.breakers, case.service.now()
    allowance = kept.Allowance(now - _window(case), limits.share, limits.least, limits.most)
    stopped = set()
    async with case.service.state.begin() as tx:
        for policy in sorted(wanted):  # one order, so that two workers never wait in a ring
            act = kept.Act(
                list_id=document.list_id,
                policy=policy,
                document_id=document.document_id,
                at=now,
            )
            breaker = await kept.admit(tx, act, allowance, stops=wanted[policy])
            if breaker.tripped_at == now:
                await _alarm(tx, case, breaker)
            if breaker.tripped_at is not None and breaker.stops:
                stopped.add(policy)
    return stopped


async def _alarm(tx: AsyncConnection, case: Case, breaker: kept.Breaker) -> None:
    """Journal that a breaker opened, and mail those who run Verger."""
    place, now = case.place, case.service.now()
    entry = journal.Entry(
        at=now,
        kind="breaker opened",
        actor=case.service.settings.client_id,
        correlation_id=f"breaker:{breaker.list_id}:{breaker.policy}",
        list_id=breaker.list_id,
        policy=breaker.policy,
        schema_hash=case.service.schema_hash,
        after={"files": breaker.acted, "stops": breaker.stops},
        idempotency_key=f"breaker:{breaker.list_id}:{breaker.policy}:{now.isoformat()}",
    )
    await journal.append(tx, place.row.site_id, entry)
    letter = _letter(case, breaker)
    admins = case.service.roles.people.get("admins", ()) or (place.spec.owner,)
    for address in dict.fromkeys(admins):
        key = f"{entry.idempotency_key}:{address}"
        await outbox.queue_notice(tx, letters.notice(case.service, letter, key, address), now)


def _letter(case: Case, breaker: kept.Breaker) -> Letter:
    place, standard = case.place, case.service.standard
    told = {
        "hours": str(standard.breakers.hours),
        "rule": title_of(breaker.policy),
        "files": str(breaker.acted),
        "list": place.list.title,
        "site": place.spec.title,
    }
    points = [paragraph(_advice(case, breaker))]
    return letters.write(standard.letters, "breaker", told, points, place.folder_url)


def _advice(case: Case, breaker: kept.Breaker) -> Finding:
    command = f"verger resume {case.place.spec.key} --policy {breaker.policy}"
    if breaker.stops:
        return Finding(
            says="That is more than was expected, so the rule only watches there from now on.",
            expected="What it did stays, and can be undone file by file.",
            how=f"When its corrections are right, let it go on with: {command}",
        )
    return Finding(
        says="That is more than was expected. The rule goes on, because it protects readers.",
        expected="A file that was closed wrongly can be released; one left open cannot be unread.",
        how=f"When you have looked into it, close this alarm with: {command}",
    )
