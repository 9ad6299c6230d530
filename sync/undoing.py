"""Undo: every automatic act of the last 30 days, put back by its journal entry.

An undo looks first: where somebody changed the document since, it says who and what and does
nothing. It is journalled itself, and an excuse keeps the rules from doing the same again until the
content changes. Undoing an undo takes that excuse back, so that the rules act anew.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sync import excuses, renditions, undo_access, undo_steps
from sync.callers import Caller, Role
from sync.errors import Missing, VergerError
from sync.facts import document_of, reading_of
from sync.model import ExcuseKind
from sync.pausing import require_running
from sync.sig_records import Invalid, OutOfTurn
from sync.state import decisions, items, journal, journal_reading, sites
from sync.state import excuses as kept
from sync.tenant import documents
from sync.undo_steps import BOUND, CLOSING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sync.intents import Step
    from sync.model import Document
    from sync.places import Place
    from sync.service import Service
    from sync.state.excuses import ExcuseRow
    from sync.state.journal import Recorded

DAYS = 30
"""How long an act can be undone (issue 5); later the journal still tells what it was."""
ACTS = ("verdict", "published")
"""Kinds of entries that hold inverse steps."""
MAY = (Role.ADMIN, Role.REGISTRAR)
MAY_OPEN = (Role.ADMIN, Role.IG_OFFICER)
REASON = 400  # characters


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo did: `entry` as people name it ("core:17"), `done` the steps put back now.

    `list_id` is where the document is to be looked at; `links_gone` says that sharing links which
    were removed stay removed.
    """

    entry: str
    done: tuple[str, ...]
    policies: tuple[str, ...]
    list_id: str
    links_gone: bool = False
    again: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """One entry to be undone: its whole recipe, the document as it is now, and who asks."""

    caller: Caller
    reason: str
    name: str
    entry: Recorded
    steps: tuple[Step, ...]
    place: Place
    document: Document

    @property
    def origin(self) -> str:
        return origin_of(self.entry)

    @property
    def policies(self) -> tuple[str, ...]:
        """The rules whose remedies are undone."""
        if self.entry.kind == "published":
            return ("publication",)
        after = self.entry.after
        found = (one["policy"] for one in after["findings"])
        return tuple(dict.fromkeys(after.get("acting", found)))


async def undo_entry(service: Service, caller: Caller, name: str, reason: str = "") -> Undone:
    """Undo one journal entry, named "SITE:NUMBER" as in "core:17".

    Raises Invalid for what is no such name, Missing for no such entry, NotEntitled, OutOfTurn when
    it is no act, too old or undone, Overtaken when somebody changed the document since.
    """
    entry = await _entry(service, name)
    if entry.kind == "undone":
        return await _act_again(service, caller, name, entry)
    if entry.kind == undo_access.KIND:
        return await _give_back(service, caller, name, entry)
    return await _undo(service, await _plan(service, caller, name, entry, reason))


async def undo_document(
    service: Service, caller: Caller, document_id: str, reason: str = ""
) -> Undone:
    """Undo the last act on a document that is not undone yet. Raises as `undo_entry`."""
    since = service.now() - timedelta(days=DAYS)
    query = journal_reading.Query(document_id=document_id, since=since, newest_first=True)
    async with service.state.read() as tx:
        found = await journal_reading.entries(tx, query)
        undone = {one.after["undoes"] for one in found if one.kind == "undone"}
        names = [(await name_of(tx, one), one) for one in found if one.undo and one.kind in ACTS]
    for name, entry in names:
        if name not in undone:
            return await _undo(service, await _plan(service, caller, name, entry, reason))
    raise OutOfTurn(f"Verger did nothing to it in the last {DAYS} days that is left to be undone")


def origin_of(entry: Recorded) -> str:
    """Return how an entry is named in what came of it: an undo, its excuses."""
    return f"entry:{entry.site_id}:{entry.seq}"


async def name_of(tx: AsyncConnection, entry: Recorded) -> str:
    """Return the name by which people ask for an entry: its site's key and its number there."""
    site = await sites.find_site(tx, entry.site_id)
    return f"{site.site_key if site else entry.site_id}:{entry.seq}"


async def _entry(service: Service, name: str) -> Recorded:
    key, _, number = name.strip().rpartition(":")
    if not key or not number.isdecimal():
        raise Invalid([("entry", f"{name!r} is no entry of the journal, such as core:17")])
    async with service.state.read() as tx:
        site = await sites.get_site(tx, key)
        found = None
        if site is not None and site.site_id is not None:
            found = await journal_reading.get_entry(tx, site.site_id, int(number))
    if found is None:
        raise Missing(f"there is no entry {name} in the journal")
    return found


async def _plan(service: Service, caller: Caller, name: str, entry: Recorded, reason: str) -> Plan:
    """Read what is to be put back, and how the document stands now; nothing is written."""
    if entry.kind not in ACTS or not entry.undo:
        raise OutOfTurn(f"{name} is nothing that Verger did to a document")
    _recent(service, name, entry)
    if len(reason) > REASON:
        raise Invalid([("reason", f"is longer than {REASON} characters")])
    steps = await _steps(service, entry)
    async with service.state.read() as tx:
        item = await items.item_of(tx, entry.document_id or "")
    if item is None or item.deleted_at is not None:
        raise OutOfTurn("the document is no longer there")
    place = await service.place(item.list_id)
    _entitled(caller, place, steps)
    await require_running(service, list_id=item.list_id)
    document = await _document(service, place, item.item_id, item.document_id)
    return Plan(caller, reason.strip(), name, entry, steps, place, document)


def _recent(service: Service, name: str, entry: Recorded) -> None:
    if entry.at < service.now() - timedelta(days=DAYS):
        raise OutOfTurn(f"{name} is more than {DAYS} days old; put it back by hand")


async def _steps(service: Service, entry: Recorded) -> tuple[Step, ...]:
    """Return the whole recipe: what may not stand in the chain is kept beside it, erasable."""
    async with service.state.read() as tx:
        beside = (await journal_reading.personal_of(tx, entry.site_id, entry.seq)).get("undo", "")
    if beside is None:
        raise OutOfTurn("what stood there before was erased; put it back by hand")
    hidden = {one["do"]: one for one in json.loads(beside or "[]")}
    return tuple({**step, **hidden.get(step["do"], {})} for step in entry.undo)


def _entitled(caller: Caller, place: Place, steps: Sequence[Step]) -> None:
    """Raise NotEntitled: who may see a file decides about it (decisions 8 and 24)."""
    if place.area.kind == "quarantine":
        caller.need(Role.IG_OFFICER, to="undo a quarantine")
    elif any(step["do"] in CLOSING for step in steps):
        caller.need(*MAY_OPEN, to="give a contained file its readers back")
    else:
        caller.need(*MAY, to="undo what Verger did")


async def _document(service: Service, place: Place, item_id: str, document_id: str) -> Document:
    file = await documents.file_facts(service.tenant, place.row, item_id)
    if file is None:
        raise OutOfTurn("the document is no longer there")
    reading = await reading_of(service, place, item_id, file, wanted=True)
    return document_of(place, item_id, document_id, file, reading)


async def _undo(service: Service, plan: Plan) -> Undone:
    """Excuse first, so that no look in between acts again; then put back; then record."""
    await _not_undone(service, plan.name, plan.entry)
    wanted = await _wanted(service, plan)
    given = await _excuse(service, plan)
    document, done = plan.document, list[str]()
    try:
        for step in wanted:
            place = await service.place(document.list_id)
            document = await undo_steps.put_back(service, place, document, step)
            done.append(step["do"])
            document = await _again(service, document)
    except VergerError:
        if not done:  # nothing was changed: then nothing is excused either
            await _take_back(service, given)
        raise
    return await _record(service, plan, done)


async def _not_undone(service: Service, name: str, entry: Recorded) -> None:
    origin = origin_of(entry)
    async with service.state.read() as tx:
        query = journal_reading.Query(kind="undone", correlation_id=origin, limit=1)
        if await journal_reading.entries(tx, query):
            raise OutOfTurn(f"{name} is undone already")


async def _give_back(service: Service, caller: Caller, name: str, entry: Recorded) -> Undone:
    """Undo what a check of permissions took away; nothing is judged anew by it."""
    _recent(service, name, entry)
    await _not_undone(service, name, entry)
    await undo_access.undo(service, caller, name, entry)
    return Undone(name, ("access",), (entry.policy or "",), "")


async def _wanted(service: Service, plan: Plan) -> list[Step]:
    """Return the steps still to be put back. Raises Overtaken before anything is done."""
    wanted = []
    for step in plan.steps:
        if step["do"] in BOUND and _other_content(plan):
            raise undo_steps.changed_content(plan.document)
        back = undo_steps.is_back(step, plan.document)
        if step["do"] == "restore_audience":
            moved = any(one["do"] == "move" for one in plan.steps)
            back = await undo_steps.audience_is_back(
                service, plan.place, plan.document, step, moved=moved
            )
        if not back:
            wanted.append(step)
    return wanted


def _other_content(plan: Plan) -> bool:
    then = (plan.entry.after or {}).get("content_id")
    return bool(then) and then != plan.document.content_id


async def _again(service: Service, document: Document) -> Document:
    """Read the file anew between two steps: the next one needs its present eTag and address."""
    place = await service.place(document.list_id)
    file = await documents.file_facts(service.tenant, place.row, document.item_id)
    if file is None:
        raise Missing("the document vanished while it was put back")
    return document_of(place, document.item_id, document.document_id, file, document.reading)


async def _excuse(service: Service, plan: Plan) -> list[ExcuseRow]:
    """Keep the rules from doing it again to this content, from now on.

    Content that can't be told from other content is excused for as long as acts can be undone.
    """
    now = service.now()
    content = plan.document.content_id
    rows = [
        kept.ExcuseRow(
            id=str(uuid.uuid4()),
            site_id=plan.entry.site_id,
            document_id=plan.document.document_id,
            policy=policy,
            kind=str(ExcuseKind.UNDONE),
            by=plan.caller.name,
            at=now,
            content_id=content,
            until=None if content else now + timedelta(days=DAYS),
            reason=plan.reason,
            origin=plan.origin,
        )
        for policy in plan.policies
    ]
    async with service.state.begin() as tx:
        known = {row.policy for row in await kept.by_origin(tx, plan.origin) if row.holds(now)}
        fresh = [row for row in rows if row.policy not in known]
        for row in fresh:
            await kept.put_excuse(tx, row)
    return fresh


async def _take_back(service: Service, given: Sequence[ExcuseRow]) -> None:
    async with service.state.begin() as tx:
        for row in given:
            await kept.end_excuse(tx, row.id, service.now())


async def _record(service: Service, plan: Plan, done: Sequence[str]) -> Undone:
    """Journal the undo and have the document looked at: its status then says who undid what."""
    now, document_id = service.now(), plan.document.document_id
    label = str(plan.entry.after["label"]) if plan.entry.kind == "published" else ""
    if label:
        await renditions.withdraw(service, plan.place.row.site_id, document_id, label)
    async with service.state.begin() as tx:
        item = await items.item_of(tx, document_id)
        await journal.append(tx, plan.entry.site_id, _undone(service, plan, done, item))
        if label:
            await decisions.withdraw_publication(tx, document_id, label)
        list_id = await excuses.look_again(tx, document_id, now)
    links = [one for step in plan.steps for one in step.get("audience", {}).get("links", ())]
    return Undone(plan.name, tuple(done), plan.policies, list_id, links_gone=bool(links))


def _undone(
    service: Service, plan: Plan, done: Sequence[str], item: items.ItemRow | None
) -> journal.Entry:
    return journal.Entry(
        at=service.now(),
        kind="undone",
        actor=plan.caller.oid,
        correlation_id=plan.origin,
        document_id=plan.document.document_id,
        list_id=item.list_id if item else plan.document.list_id,
        item_id=item.item_id if item else plan.document.item_id,
        schema_hash=service.schema_hash,
        after={
            "undoes": plan.name,
            "done": list(done),
            "policies": list(plan.policies),
            "content_id": plan.document.content_id,
        },
        idempotency_key=f"undone:{plan.origin}",
        personal={"reason": plan.reason} if plan.reason else {},
    )


async def _act_again(service: Service, caller: Caller, name: str, entry: Recorded) -> Undone:
    """Take an undo back: its excuses end, and the rules judge and act as if it had not been."""
    caller.need(*MAY, to="let the rules act again")
    now, undoes = service.now(), entry.after
    async with service.state.begin() as tx:
        rows = [row for row in await kept.by_origin(tx, entry.correlation_id) if row.holds(now)]
        if not rows:
            raise OutOfTurn(f"{name} excuses nothing any more; the rules act already")
        for row in rows:
            await kept.end_excuse(tx, row.id, now)
        await journal.append(tx, entry.site_id, _resumed(service, caller, name, entry))
        list_id = await excuses.look_again(tx, entry.document_id or "", now)
    return Undone(name, (), tuple(undoes["policies"]), list_id, again=True)


def _resumed(service: Service, caller: Caller, name: str, entry: Recorded) -> journal.Entry:
    after: Mapping[str, Any] = {"undoes": name, "policies": entry.after["policies"]}
    return journal.Entry(
        at=service.now(),
        kind="undo taken back",
        actor=caller.oid,
        correlation_id=entry.correlation_id,
        document_id=entry.document_id,
        list_id=entry.list_id,
        item_id=entry.item_id,
        after=after,
        idempotency_key=f"undo taken back:{entry.site_id}:{entry.seq}",
    )
