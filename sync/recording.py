"""The end of a look: shadow, facts, journal, promises, mail and work row, in one transaction.

An entry is made where a verdict changed or something was done, with what stood there before and how
to undo it. Nothing here names a file of a restricted place (decision 16).
"""

from __future__ import annotations

import hashlib
import json
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import msgspec

from sync import arrivals, breakers, checkouts, corrections, excuses, intents, kept, reviews, ties
from sync.changes import is_settled
from sync.errors import Stale
from sync.losses import POLICY, letters
from sync.model import Contain, Unpublish
from sync.notices import compose
from sync.remedies import REASON
from sync.state import (
    claims,
    digests,
    due,
    facts,
    items,
    journal,
    meter,
    notices,
    registry,
    similar,
    writes,
)
from sync.tenant.shapes import ChangedItem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sync.acting import Acted
    from sync.cases import Case
    from sync.losses import Loss
    from sync.model import Document, Finding
    from sync.remedies import Settlement
    from sync.state.items import ItemRow
    from sync.state.registry import RegistryRow

LANES = ("events", "events", "background")
"""The meter's words for the lanes of work, urgent first."""
NOTHING: Mapping[str, datetime] = MappingProxyType({})
NAMING = ("name", "values", "folder", "wrote")
"""What of an inverse step may name a file, or the person it is about."""
FENCE_SECONDS = 60.0
"""What a record may take; it begins by proving that the row is still this worker's."""


async def record(case: Case, acted: Acted, entry: RegistryRow | None) -> bool:
    """Record one look's outcome and close its row. False: news came meanwhile, look again."""
    now, there = case.service.now(), await arrivals.place_of(case, acted)
    async with case.service.state.begin() as tx:
        if not await claims.extend(tx, case.row, now, FENCE_SECONDS):
            raise Stale("another worker has taken this over", doing="record a verdict")
        if acted.moved_from is not None:
            await writes.rebind(tx, acted.moved_from, _key(acted.document))
        known = await items.get_item(tx, *_key(acted.document))
        await _shadow(tx, case, acted, known)
        if entry is not None:
            await registry.put_registry_row(tx, entry)
        if _is_news(acted, known):
            await _journal(tx, case, acted)
            told = excuses.told_before(acted.settlement, known)
            for notice in () if told else compose(case, acted, verdict_hash(acted)):
                await notices.queue_notice(tx, notice, now)
        await breakers.note(tx, case, acted)
        await ties.follow(tx, case, acted, known, listed=entry is not None)
        await _remember_likeness(tx, case, acted)
        await _promise(tx, acted, await _coming(tx, case, acted))
        await intents.forget(tx, acted.document.document_id)
        await meter.add_ru(tx, now, LANES[case.row.lane], round(case.units))
        closed = await claims.close(tx, case.row, now)
        if there is not None:
            await arrivals.look_there(tx, case, acted)
        return closed or acted.moved_from is not None


async def was_judged(case: Case) -> bool | None:
    """Close the row if its change was our own write, met by a drain before we had recorded it.

    Returns None when the row wants a look, True when it was closed, False when news came meanwhile.
    """
    told = (case.row.change or {}).get("item")
    if case.row.kind != "change" or told is None:
        return None
    item = msgspec.convert(told, ChangedItem)
    async with case.service.state.begin() as tx:
        known = await items.get_item(tx, case.row.list_id, case.row.item_id)
        if item.deleted or not is_settled(item, known):
            return None
        return await claims.close(tx, case.row)


async def gone(case: Case, entry: RegistryRow | None, loss: Loss | None = None) -> None:
    """Record that an item is no longer there; its document, number and facts stay.

    `loss` is what went before its retention had ended; the quality manager is told.
    """
    now, row = case.service.now(), case.row
    async with case.service.state.begin() as tx:
        known = await items.get_item(tx, row.list_id, row.item_id)
        if known is not None:
            await intents.forget(tx, known.document_id)
            await digests.withdraw(tx, known.document_id)
            await writes.mark_deleted(tx, row.list_id, row.item_id, now)
            await journal.append(tx, case.place.row.site_id, _gone(case, known, loss))
            for notice in letters(case, loss) if loss else ():
                await notices.queue_notice(tx, notice, now)
            await due.clear_due(tx, row.list_id, row.item_id)
        if entry is not None:
            await registry.put_registry_row(tx, entry)
        if known is not None:
            await ties.left(tx, case, known)
        await claims.close(tx, row)


async def ignored(case: Case) -> None:
    """Close the row of something that is no document."""
    async with case.service.state.begin() as tx:
        await claims.close(tx, case.row)


def _is_news(acted: Acted, known: ItemRow | None) -> bool:
    """Whether the verdict differs from the last one, or something was done."""
    return acted.wrote or known is None or known.reason_hash != verdict_hash(acted)


def verdict_hash(acted: Acted) -> str:
    """Return what tells two verdicts apart: the status and the words staff read (SHA-256, hex)."""
    settled = acted.settlement
    seen = [finding.says for finding in settled.observed]
    text = "\n".join([settled.shown, settled.reason, *seen])
    return hashlib.sha256(text.encode()).hexdigest()


def is_closed(case: Case, acted: Acted) -> bool:
    """Whether the place, or what was done, forbids naming the file anywhere."""
    contained = any(isinstance(one, Contain) for one in acted.remedies)
    return contained or acted.settlement.closed or not case.place.area.is_open


async def _shadow(tx: AsyncConnection, case: Case, acted: Acted, known: ItemRow | None) -> None:
    document, settled = acted.document, acted.settlement
    row = items.ItemRow(
        list_id=document.list_id,
        item_id=document.item_id,
        document_id=document.document_id,
        name=document.name,
        folder=document.folder,
        seen_at=case.service.now(),
        unique_id=document.unique_id,
        drive_item_id=document.drive_item_id or None,
        etag=document.etag,
        ctag=document.ctag or None,
        number=acted.number or None,
        label=_label(document),
        content_id=_content(acted, known),
        raw_hash=document.reading.raw_hash if document.reading else None,
        control_status=settled.shown or None,
        reason_hash=verdict_hash(acted),
        verdict=_kept(case, acted) if _is_news(acted, known) or known is None else known.verdict,
        features=_features(case, known),
    )
    await items.put_item(tx, row)
    if acted.wrote and document.etag:
        await writes.note_own_write(tx, row.list_id, row.item_id, document.etag)
    seen = facts.Facts(
        document_id=document.document_id,
        list_id=document.list_id,
        item_id=document.item_id,
        valid_from=row.seen_at,
        source=case.row.kind,
        facts=_facts(case, acted, closed=is_closed(case, acted))
        | ({"foreign": True} if acted.foreign else {})
        | ({facts.CHECKED_OUT: True} if document.checked_out_by else {})
        | ({facts.UNPUBLISHED: True} if _unpublishes(settled) else {}),
    )
    await facts.add_facts(tx, seen)


def _unpublishes(settled: Settlement) -> bool:
    return any(isinstance(one, Unpublish) for one in settled.remedies)


async def _remember_likeness(tx: AsyncConnection, case: Case, acted: Acted) -> None:
    """Keep what a registered document's text is like, so that copies of it are known."""
    reading = acted.document.reading
    least = case.service.standard.copies.words
    if acted.number and not acted.foreign and reading and reading.words >= least:
        key = acted.document.document_id
        await similar.put_likeness(tx, key, reading.text_id, reading.likeness)


def _features(case: Case, known: ItemRow | None) -> dict[str, Any]:
    """Return what the item has cost so far: looks, and resource units over all of them."""
    before = (known.features if known else None) or {"looks": 0, "units": 0.0}
    return {"looks": before["looks"] + 1, "units": round(before["units"] + case.units, 2)}


def _content(acted: Acted, known: ItemRow | None) -> str | None:
    """Return what counts as the document's content; another document's never does (decision 3)."""
    before = known.content_id if known else None
    return before if acted.foreign else acted.document.content_id or before


def _label(document: Document) -> str | None:
    """Return the label as the file says it, else as its column does."""
    said = document.block.label if document.block else None
    return str(said) if said else document.column("VersionLabel") or None


def _facts(case: Case, acted: Acted, *, closed: bool) -> dict[str, Any]:
    """Return what simulation and time travel replay: declared columns, features; never text.

    People and times are not among them: they are the journal's, where they can be erased. Who gave
    an excuse is told in the Control reason, which is left out then.
    """
    document, hidden = acted.document, {REASON, kept.TITLE} if closed else set[str]()
    if acted.settlement.excused:
        hidden.add(REASON)
    declared = [one.name for one in case.place.spec.columns_of(case.place.list)]
    columns = {
        name: document.column(name)
        for name in (*declared, *kept.BESIDES)
        if document.column(name) and name not in hidden
    }
    reading = document.reading
    return {
        "name": "" if closed else document.name,
        "columns": columns,
        "sharepoint_version": document.sharepoint_version,
        "label": _label(document) or "",
        "content_id": document.content_id,
        "reading": str(reading.state) if reading else "",
        "characters": len(reading.text) if reading else 0,
        **kept.features(document, closed=closed),
    }


def _verdict(case: Case, acted: Acted) -> dict[str, Any]:
    """Return the verdict as it is kept; of a closed file only the closing rules' words stay."""
    settled, closed = acted.settlement, is_closed(case, acted)

    def told(finding: Finding) -> dict[str, str]:
        silent = closed and finding.policy not in case.place.closing
        return {
            "policy": finding.policy,
            "version": finding.version,
            "severity": str(finding.severity),
            "status": str(finding.status),
            "says": "" if silent else finding.says,
            **excused(finding.policy),
        }

    def excused(policy: str) -> dict[str, str]:
        """Who excused it stands beside the file, not in the chain (decision 16)."""
        excuse = settled.excused.get(policy)
        return {"excused": str(excuse.kind)} if excuse else {}

    return {
        "status": settled.shown,
        "findings": [told(one) for one in settled.told],
        "observed": [told(one) for one in settled.observed],
    }


def _kept(case: Case, acted: Acted) -> dict[str, Any]:
    """Return the verdict as the shadow holds it: with what the file goes on calling corrected."""
    silent = is_closed(case, acted)
    told = [
        one for one in acted.settlement.put_right if one.policy in case.place.closing or not silent
    ]
    return _verdict(case, acted) | {"put_right": corrections.kept(told)}


async def _journal(tx: AsyncConnection, case: Case, acted: Acted) -> None:
    document = acted.document
    done = [step["do"] for step in acted.undo]
    named = _open_part(case, acted, {"name": document.name})
    entry = journal.Entry(
        at=case.service.now(),
        kind="verdict",
        actor=case.service.settings.client_id,
        correlation_id=f"{case.row.list_id}/{case.row.item_id}/{case.row.generation}",
        document_id=document.document_id,
        list_id=document.list_id,
        item_id=document.item_id,
        schema_hash=case.service.schema_hash,
        before=_open_part(case, acted, acted.before),
        after={
            **named,
            **_verdict(case, acted),
            "done": done,
            "acting": sorted(acted.acting),
            "content_id": document.content_id,
        },
        undo=_undo(case, acted) or None,
        idempotency_key=f"{document.document_id}:{document.etag}:{verdict_hash(acted)}",
        ru=round(case.units),
        personal=_personal(case, acted),
    )
    await journal.append(tx, case.place.row.site_id, entry)


def _open_part(case: Case, acted: Acted, values: Mapping[str, Any]) -> dict[str, Any]:
    if not is_closed(case, acted):
        return intents.without(values, REASON)
    return {name: value for name, value in values.items() if name not in {"name", "columns"}}


def _undo(case: Case, acted: Acted) -> list[dict[str, Any]]:
    """Return the inverse steps; of a file that must not be named, its old name stands beside."""
    steps = [intents.without(step, REASON) for step in acted.undo]
    if not is_closed(case, acted):
        return [_nameless(step) if "audience" in step else step for step in steps]
    return [_nameless(step) for step in steps]


def _nameless(step: Mapping[str, Any]) -> dict[str, Any]:
    """Return an inverse step without names: an audience keeps the site's numbers and role ids."""
    plain = {name: value for name, value in step.items() if name not in NAMING}
    if "audience" in plain:
        grants = [{**one, "login": "", "title": ""} for one in plain["audience"]["grants"]]
        plain["audience"] = {**plain["audience"], "grants": grants}
    return plain


def _personal(case: Case, acted: Acted) -> dict[str, str]:
    """Return what stands beside the chain, erasable: who changed the file, names kept out of it."""
    beside = {"modified_by": acted.document.modified_by.id}
    if is_closed(case, acted):
        hidden = [{"do": step["do"], **_naming(step)} for step in acted.undo if _naming(step)]
        beside["undo"] = json.dumps(hidden) if hidden else ""
    return {name: value for name, value in beside.items() if value}


def _naming(step: Mapping[str, Any]) -> dict[str, Any]:
    return {name: step[name] for name in NAMING if name in step}


def _gone(case: Case, known: ItemRow, loss: Loss | None) -> journal.Entry:
    return journal.Entry(
        at=case.service.now(),
        kind="gone",
        actor=case.service.settings.client_id,
        correlation_id=f"{case.row.list_id}/{case.row.item_id}/{case.row.generation}",
        document_id=known.document_id,
        list_id=known.list_id,
        item_id=known.item_id,
        policy=None if loss is None else POLICY,
        before={"control_status": known.control_status},
        after=None if loss is None else {"says": loss.says},
        idempotency_key=f"{known.document_id}:gone:{known.etag}",
    )


async def _coming(tx: AsyncConnection, case: Case, acted: Acted) -> dict[str, datetime]:
    """Tell of the review that draws near; return when the file is only looked at again.

    A line that waits for a digest is withdrawn once the review is no longer due.
    """
    lines = tuple(reviews.lines(case, acted))
    await digests.withdraw(tx, acted.document.document_id, [one.key for one in lines])
    for line in lines:
        await digests.queue_line(tx, line)
    looks = await checkouts.look_again(tx, case, acted.document)
    return {**looks, **reviews.looks(case, acted)}


async def _promise(
    tx: AsyncConnection, acted: Acted, looks: Mapping[str, datetime] = NOTHING
) -> None:
    """Keep the dates promised to staff in step with the findings that wait for them.

    `looks` are moments by policy at which the file is only looked at again.
    """
    key = _key(acted.document)
    looks = {**looks, **acted.settlement.looks}
    promised = acted.settlement.due
    for policy in await due.promises(tx, *key):
        if policy not in promised:  # a look's moment moves with its cause, a promise stands
            await due.clear_due(tx, *key, policy)
    for policy, moment in {**looks, **promised}.items():
        await due.set_due(tx, *key, policy, moment)


def _key(document: Document) -> tuple[str, str]:
    return document.list_id, document.item_id
