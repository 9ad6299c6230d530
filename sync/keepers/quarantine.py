"""The quarantine: an IG officer decides beside a file, and the file goes back where it came from.

The decision counts by who set its column, told by the version history (decision 24). An order that
came by the API is carried out here, too, so that there is one way back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from sync import intents, letters, notices, quarantine
from sync.callers import NotEntitled, in_list
from sync.errors import NotReady
from sync.explaining import paragraph
from sync.facts import document_of
from sync.keepers import Kept
from sync.model import ExcuseKind, Finding
from sync.quarantine import AREA, POLICY, Note
from sync.sig_records import Invalid, OutOfTurn
from sync.state import claims, items, journal, work, writes
from sync.state import excuses as excused
from sync.state import notices as outbox
from sync.tenant import documents
from sync.tenant.row_history import history, setter
from sync.tenant.shapes import after_a_write

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from sync.cases import Case
    from sync.model import Document
    from sync.quarantine import Checked, Home, Order
    from sync.tenant.shapes import ChangedItem

LOOK_AGAIN = 1.0
"""Seconds until a file that is just being brought here is looked at again."""
DECISION, REASON, ANSWER = "QuarantineDecision", "QuarantineReason", "QuarantineAnswer"
LOOKED = {
    "redacted": "The information governance officers took the NHS number out of it.",
    "false positive": "The information governance officers looked at it: what seemed to be an NHS"
    " number is none.",
}


@dataclass(frozen=True, slots=True)
class Release:
    """What is recorded of a file that is back: `document` as it is there, `old` its key here."""

    case: Case
    old: tuple[str, str]
    home: Home
    document: Document
    order: Order
    content_id: str


async def keep(case: Case, row: ChangedItem) -> Kept:
    """Carry out what was decided about a file; say beside it why when it can't be.

    Raises NotReady for a file whose move here is not recorded yet: its verdict, its mails and the
    way back are the other worker's to record.
    """
    if row.deleted:
        return await _left(case, row)
    if await _arriving(case, row):
        raise NotReady("its move here is still being recorded", retry_after=LOOK_AGAIN)
    if row.is_folder:
        return Kept()
    key = (case.row.list_id, row.id)
    try:
        order = await _ordered(case, row)
        if order is None:
            return Kept()
        found = await quarantine.checked(case.service, case.place, row.id, order)
        note = await _noted(case, key, found, order)
        back = await quarantine.go_back(case.service, case.place, found)
    except (NotEntitled, Invalid, OutOfTurn) as refusal:
        return await _refused(case, row, refusal)
    return _kept(Release(case, key, found.home, back, order, note.content_id))


async def _arriving(case: Case, row: ChangedItem) -> bool:
    """Whether the row that brings the file here is open still, where the file was before."""
    async with case.service.state.read() as tx:
        for known in await items.find_by_unique_id(tx, row.unique_id):
            begun = (await intents.recall(tx, known.document_id)).target == case.place.area.key
            elsewhere = known.list_id != case.row.list_id
            if begun and elsewhere and await claims.get_work(tx, known.list_id, known.item_id):
                return True
    return False


async def _noted(case: Case, key: tuple[str, str], found: Checked, order: Order) -> Note:
    """Note what is begun; a false alarm is kept in mind before the file lies in the open again."""
    note = Note(found.document.document_id, order, found.document.content_id)
    async with case.service.state.begin() as tx:
        if order.how == "false positive":
            await excused.put_excuse(tx, _excuse(case, key, note, order))
        await quarantine.remember(tx, key, note)
    return note


def _kept(release: Release) -> Kept:
    return Kept(entries=(_released(release),), effect=partial(_record, release))


async def _ordered(case: Case, row: ChangedItem) -> Order | None:
    """Return the order that waits, by the API or beside the file; None when nothing is decided."""
    async with case.service.state.read() as tx:
        waiting = await quarantine.recall(tx, (case.row.list_id, row.id))
    decided = str(row.fields.get(DECISION) or "").strip()
    if waiting is not None and waiting.order is not None:
        return waiting.order
    if not decided:
        return None
    versions = await history(case.service.tenant, case.place.row, row.id)
    caller = in_list(case.service, setter(versions, DECISION).last_modified_by)
    return quarantine.order_of(caller, decided, str(row.fields.get(REASON) or ""))


async def _record(release: Release, tx: AsyncConnection) -> None:
    """Bind the document to its old place, have it looked at there, tell the uploader."""
    document, now = release.document, release.case.service.now()
    new = (document.list_id, document.item_id)
    await writes.rebind(tx, release.old, new)
    known = await items.get_item(tx, *new)
    if known is not None:  # not looked at there yet: its eTag is nobody's
        await items.put_item(tx, replace(known, folder=document.folder, etag=None, deleted_at=None))
    look = work.NewWork(list_id=new[0], item_id=new[1], kind="audit")
    await work.put(tx, [look], now)
    await outbox.queue_notice(tx, _letter(release), now)
    await quarantine.forget(tx, release.old)


def _excuse(case: Case, key: tuple[str, str], note: Note, order: Order) -> excused.ExcuseRow:
    return excused.ExcuseRow(
        id=f"{note.document_id}:{note.content_id}:{':'.join(key)}",
        site_id=case.place.row.site_id,
        document_id=note.document_id,
        policy=POLICY,
        kind=str(ExcuseKind.FALSE_POSITIVE),
        content_id=note.content_id,
        by=f"{order.by}, IG officer",
        reason=order.reason,
        at=case.service.now(),
        origin=f"row:{':'.join(key)}",
    )


def _released(release: Release) -> journal.Entry:
    case, document, order = release.case, release.document, release.order
    return journal.Entry(
        at=case.service.now(),
        kind="released",
        actor=order.oid,
        correlation_id=f"{case.row.list_id}/{case.row.item_id}/{case.row.generation}",
        document_id=document.document_id,
        list_id=document.list_id,
        item_id=document.item_id,
        policy=POLICY,
        schema_hash=case.service.schema_hash,
        before={"area": AREA, "list_id": case.row.list_id, "item_id": case.row.item_id},
        after={
            "how": order.how,
            "source": order.source,
            "area": document.area,
            "content_id": release.content_id,
        },
        idempotency_key=f"released:{':'.join(release.old)}",
        ru=round(case.units),
        personal={"reason": order.reason},
    )


def _letter(release: Release) -> outbox.NewNotice:
    document, place = release.document, release.home.place
    points = [paragraph(Finding(says=LOOKED[release.order.how], policy=AREA))]
    told = notices.told_of(place, document)
    service = release.case.service
    letter = letters.write(service.standard.letters, "released", told, points, document.web_url)
    key, to = f"released:{':'.join(release.old)}", document.created_by.mail or place.spec.owner
    return letters.notice(service, letter, key, to, document.document_id)


async def _refused(
    case: Case, row: ChangedItem, refusal: NotEntitled | Invalid | OutOfTurn
) -> Kept:
    """Say beside the file why it stays, end an order that came by the API, journal it once."""
    says = f"Not released: {_sentence(refusal)}."
    etag = await _show(case, row, says)
    entry = journal.Entry(
        at=case.service.now(),
        kind="refused",
        actor=case.service.settings.client_id,
        correlation_id=f"{case.row.list_id}/{row.id}",
        list_id=case.row.list_id,
        item_id=row.id,
        policy=POLICY,
        after={"what": "release", "why": type(refusal).__name__, "says": says},
        idempotency_key=f"release:{case.row.list_id}:{row.id}:{row.etag}",
    )
    effect = partial(_answered, (case.row.list_id, row.id), says)
    return Kept(etag, (entry,), effect)


async def _answered(key: tuple[str, str], says: str, tx: AsyncConnection) -> None:
    known = await items.get_item(tx, *key)
    if known is not None:
        await quarantine.remember(tx, key, Note(known.document_id, answer=says))


def _sentence(refusal: NotEntitled | Invalid | OutOfTurn) -> str:
    if isinstance(refusal, Invalid):
        names = {"as": "Quarantine decision", "reason": "Reason for the decision"}
        return "; ".join(f"{names.get(name, name)} {says}" for name, says in refusal.faults)
    return refusal.says


async def _show(case: Case, row: ChangedItem, says: str) -> str:
    """Write the answer beside the file without a version; returns its eTag then, "" unwritten."""
    if str(row.fields.get(ANSWER) or "") == says:
        return ""
    file = await documents.file_facts(case.service.tenant, case.place.row, row.id)
    if file is None:
        return ""
    document = document_of(case.place, row.id, "", file, None)
    await documents.set_columns(
        case.service.tenant, case.place.row, row.id, {ANSWER: says}, left_by=document
    )
    return after_a_write(file.etag)


async def _left(case: Case, row: ChangedItem) -> Kept:
    """Finish what a worker did not live to record, or note that an officer took the file out."""
    key = (case.row.list_id, row.id)
    async with case.service.state.read() as tx:
        note = await quarantine.recall(tx, key)
        known = await items.get_item(tx, *key)
    back = await quarantine.moved_back(case.service, note) if note else None
    if back is not None:
        return _kept(Release(case, key, *back))
    gone = (_gone(case, known.document_id),) if known is not None else ()
    return Kept(entries=gone, effect=partial(_forgotten, key))


async def _forgotten(key: tuple[str, str], tx: AsyncConnection) -> None:
    await quarantine.forget(tx, key)


def _gone(case: Case, document_id: str) -> journal.Entry:
    return journal.Entry(
        at=case.service.now(),
        kind="gone",
        actor=case.service.settings.client_id,
        correlation_id=f"{case.row.list_id}/{case.row.item_id}/{case.row.generation}",
        document_id=document_id,
        list_id=case.row.list_id,
        item_id=case.row.item_id,
        before={"area": AREA},
        idempotency_key=f"{document_id}:gone:{case.row.list_id}:{case.row.item_id}",
    )
