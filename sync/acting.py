"""Carrying remedies out, one by one, each repeatable: what stood there before is kept for the undo.

Before each write the intent is noted with the way back (`sync.intents`); a worker that dies
half-way leaves the note, and the next one finishes the same thing (promise 3). Nothing is forced: a
lock, a changed eTag or a record label comes out as the error it is: the row waits or is parked.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sync import intents, moving, renditions, sharing
from sync.errors import Missing, Rejected, Stale
from sync.intents import Intent
from sync.model import (
    Contain,
    Document,
    Keep,
    Move,
    Remedy,
    Rename,
    Revoke,
    SetColumns,
    Unpublish,
    Value,
)
from sync.state import journal, lists
from sync.tenant import access, documents, publishing
from sync.tenant.shapes import after_a_write

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sync.model import Finding
    from sync.places import Place
    from sync.remedies import Settlement
    from sync.service import Service


MODERATION = "_ModerationStatus"
JUST_NOW = 3.0
"""Seconds for which a file counts as being what its download said it was."""


class NameTaken(Rejected):
    """The name a file should get turned out to belong to another; `name` is that name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is taken", code="nameAlreadyExists")
        self.name = name


@dataclass(frozen=True, slots=True)
class Acted:
    """A document after its remedies, and what the record needs of them.

    `document` is as it is now; `before` what the remedies changed; `undo` the inverse steps, last
    first; `moved_from` the (list, item) it had before a move; `wrote` whether anything was written;
    `foreign` whether what was judged is another document's content in this one's place; `resumed`
    are the policies whose remedies a worker that died had carried out, `kept` what it had found
    with those remedies; `review` is the review date
    of a document in force, `author` the mailbox of whoever answers for it, where that is asked.
    """

    document: Document
    settlement: Settlement
    number: str = ""
    before: Mapping[str, Any] = field(default_factory=dict, hash=False)
    undo: tuple[Mapping[str, Any], ...] = ()
    moved_from: tuple[str, str] | None = None
    wrote: bool = False
    foreign: bool = False
    taken: tuple[Remedy, ...] = ()
    resumed: frozenset[str] = frozenset()
    kept: tuple[Finding, ...] = ()
    review: date | None = None
    author: str = ""

    @property
    def acting(self) -> frozenset[str]:
        """The policies whose remedies were carried out, by whichever worker."""
        return self.settlement.acting | self.resumed

    @property
    def remedies(self) -> tuple[Remedy, ...]:
        """Everything that was done about the findings told, by whichever worker."""
        return (*self.taken, *self.settlement.remedies)


async def carry_out(service: Service, place: Place, acted: Acted, earlier: Intent) -> Acted:
    """Run the settlement's remedies in their order.

    `earlier` is what a worker that died had done of it. Raises Stale when the file is no longer
    what was judged, Locked, BlockedByRecord … as the tenant does, and NameTaken.
    """
    acted = replace(
        acted,
        before=earlier.before,
        undo=earlier.undo,
        taken=earlier.taken,
        resumed=frozenset(finding.policy for finding in earlier.findings),
        kept=earlier.kept,
    )
    remedies = acted.settlement.remedies
    if remedies and not _needs_no_look(service, acted):
        acted = await _still_judged(service, place, acted)
    for remedy in remedies:
        acted = await _do(service, place, acted, remedy)
    if acted.moved_from is not None or moving.move_of(acted.taken) is not None:
        return await _settle_in(service, acted)
    if place.area.is_open:
        await moving.tidy(service, acted.document)
    else:
        await moving.lead_again(service, acted.document)
    return acted


def _needs_no_look(service: Service, acted: Acted) -> bool:
    """Whether the file's state need not be asked for again before the first remedy.

    A rename looks for itself. Columns need no look where the download itself said, a moment ago,
    that the file was as the feed told: it saves a unit on every upload that is in order.
    """
    remedies = acted.settlement.remedies
    if isinstance(remedies[0], Rename):
        return True
    document, reading = acted.document, acted.document.reading
    if reading is None or reading.etag != document.etag:
        return False
    columns = all(isinstance(one, SetColumns) for one in remedies)
    return columns and service.now().timestamp() - reading.fetched_at <= JUST_NOW


async def _still_judged(service: Service, place: Place, acted: Acted) -> Acted:
    """Make sure that the file is in the state that was judged; Stale sends it back to be looked at.

    Also learns its drive item, which the feed leaves out.
    """
    document = acted.document
    file = await documents.file_facts(service.tenant, place.row, document.item_id)
    if file is None:
        raise Missing(f"item {document.item_id} is gone")
    if file.etag != document.etag:
        raise Stale("it changed after it was read", retry_after=1.0)
    known = replace(document, drive_item_id=file.drive_item_id, ctag=file.ctag)
    return replace(acted, document=known)


async def _noted(service: Service, acted: Acted, step: intents.Step) -> Acted:
    """Write down what was found and the way back from the step that is taken next."""
    document = acted.document
    seen = {"name": document.name, "area": document.area, "list_id": document.list_id}
    before = {**seen, **acted.before}
    if "values" in step:
        before["columns"] = {**step["values"], **before.get("columns", {})}
    undo = intents.with_step(acted.undo, step)
    noted = replace(acted, before=before, undo=undo, wrote=True)
    intent = Intent(
        findings=intents.whole(acted.settlement.told, acted.kept),
        before=before,
        undo=noted.undo,
        author=document.modified_by,
        modified_at=document.modified_at,
    )
    async with service.state.begin() as tx:
        await intents.remember(tx, document.document_id, intent)
    return noted


async def _do(service: Service, place: Place, acted: Acted, remedy: Remedy) -> Acted:
    match remedy:
        case Contain():
            return await _contain(service, place, acted, remedy.keep)
        case Revoke():
            return await _revoke(service, place, acted, remedy)
        case Unpublish():
            return await _unpublish(service, place, acted)
        case Rename():
            return await _rename(service, place, acted, remedy.name)
        case SetColumns():
            return await _set_columns(service, place, acted, remedy.values)
        case Move():
            return await _move(service, place, acted, remedy.area)
    raise TypeError(f"{remedy} is not a remedy that is carried out")


async def _contain(service: Service, place: Place, acted: Acted, keep: Keep) -> Acted:
    """Take the open audience away; the circle that stays is decisions 8's."""
    document = acted.document
    quarantine = keep is Keep.IG_OFFICERS
    people = [] if quarantine else [document.created_by]
    groups = ["ig_officers"] if quarantine else ["owners", "restricted_readers"]
    titles = [place.spec.group(key).title for key in groups]
    noted = [acted]

    async def note(had: Mapping[str, Any]) -> None:
        step = {"do": "restore_audience", "audience": had}
        noted.append(await _noted(service, acted, step))

    circle = access.Circle(tuple(titles), tuple(people))
    await access.contain(service.tenant, place.row, document, circle, note)
    await _journal_containment(service, place, document)
    await renditions.withdraw(service, place.row.site_id, document.document_id)
    return replace(noted[-1], document=document)


async def _journal_containment(service: Service, place: Place, document: Document) -> None:
    """Record a containment as soon as it stands: a lock may keep the rest waiting for days."""
    entry = journal.Entry(
        at=service.now(),
        kind="contained",
        actor=service.settings.client_id,
        correlation_id=f"{document.list_id}/{document.item_id}",
        document_id=document.document_id,
        list_id=document.list_id,
        item_id=document.item_id,
        schema_hash=service.schema_hash,
        after={"contained": True},
        idempotency_key=f"{document.document_id}:contained:{document.ctag or document.etag}",
    )
    async with service.state.begin() as tx:
        await journal.append(tx, place.row.site_id, entry)


async def _revoke(service: Service, place: Place, acted: Acted, remedy: Revoke) -> Acted:
    """Take single accesses away; the file itself, and its eTag, stay as they are."""
    step = await sharing.step_back(service, place, acted.document, remedy)
    acted = await _noted(service, acted, step)
    await sharing.revoke(service, place, acted.document, remedy)
    return acted


async def _unpublish(service: Service, place: Place, acted: Acted) -> Acted:
    """Take a version back that readers were never to see; what was published before it stays."""
    document = acted.document
    step = {"do": "approve", "version": document.sharepoint_version}
    acted = await _noted(service, acted, step)
    why = "Not approved yet: see Control reason"
    await publishing.unpublish(service.tenant, place.row, document.unique_id, why)
    file = await documents.file_facts(service.tenant, place.row, document.item_id)
    if file is None:
        raise Missing(f"item {document.item_id} is gone")
    fields = {**document.fields, MODERATION: file.fields.get(MODERATION)}
    version = str(file.fields.get("_UIVersionString") or "")
    taken_back = replace(document, etag=file.etag, fields=fields, sharepoint_version=version)
    return replace(acted, document=taken_back)


async def _rename(service: Service, place: Place, acted: Acted, name: str) -> Acted:
    document = acted.document
    step = {"do": "rename", "name": document.name, "wrote": name}
    acted = await _noted(service, acted, step)
    try:
        etag = await documents.rename(service.tenant, place.row, document, name)
    except Rejected as error:
        if error.name_taken:
            raise NameTaken(name) from error
        raise
    address = f"{document.web_url.rpartition('/')[0]}/{quote(name)}"
    renamed = replace(document, name=name, etag=etag, web_url=address)
    return replace(acted, document=renamed)


async def _set_columns(
    service: Service, place: Place, acted: Acted, values: Mapping[str, Value]
) -> Acted:
    document = acted.document
    old = {name: document.column(name) for name in values}
    wrote = {name: intents.plain(value) for name, value in values.items()}
    acted = await _noted(service, acted, {"do": "set_columns", "values": old, "wrote": wrote})
    await documents.set_columns(
        service.tenant, place.row, document.item_id, values, left_by=document
    )
    written = {**document.fields, **values}
    etag = after_a_write(document.etag)
    return replace(acted, document=replace(document, fields=written, etag=etag))


async def _move(service: Service, place: Place, acted: Acted, area: str) -> Acted:
    document = acted.document
    async with service.state.read() as tx:
        target = await lists.find_area(tx, place.row.site_id, area)
    if target is None:
        raise Rejected(f"the site {place.row.site_url} has no area {area} to move a file to")
    home = {"list_id": document.list_id, "folder": document.folder}
    step = {"do": "move", **home, "wrote": target.id}
    acted = await _still_judged(service, place, acted)
    document = acted.document
    acted = await _noted(service, acted, step)
    item_id = await documents.move(service.tenant, place.row, document, target)
    moved = replace(document, list_id=target.id, item_id=item_id, area=area, folder="")
    return replace(
        acted,
        document=moved,
        moved_from=(document.list_id, document.item_id),
    )


async def _settle_in(service: Service, acted: Acted) -> Acted:
    """See a moved file through: its facts there, the uploader's access, the link where it lay.

    Each way back is noted right after its write, whose answer it needs: whoever takes this over
    comes here again, and each write may be repeated.
    """
    acted = await _read_back(service, acted)
    move = moving.move_of(acted.remedies)
    way = next((step for step in acted.undo if step["do"] == "move"), None)
    if move is None or way is None:
        return acted
    document = acted.document
    await moving.tidy(service, document, but=way["list_id"])
    place = await service.place(document.list_id)
    if (step := await moving.admit(service, place, document, move)) is not None:
        acted = await _noted(service, acted, step)
    if move.stub:
        home = await service.place(way["list_id"])
        before = {"folder": way.get("folder", ""), "name": acted.before["name"]}
        link = place.form_url(document.item_id)
        if (step := await moving.leave_link(service, home, before, document, link)) is not None:
            acted = await _noted(service, acted, step)
    return acted


async def _read_back(service: Service, acted: Acted) -> Acted:
    """Learn what the file is called and tagged where it was moved to.

    Content that changed in the very moment of the move was never judged: then no eTag is kept as
    ours, and the new place's feed brings the file to a look of its own.
    """
    document = acted.document
    place = await service.place(document.list_id)
    file = await documents.file_facts(service.tenant, place.row, document.item_id)
    if file is None:
        raise Missing(f"item {document.item_id} is gone")
    overtaken = bool(document.ctag) and file.ctag != document.ctag
    seen = replace(
        document,
        etag="" if overtaken else file.etag,
        ctag=file.ctag,
        name=file.name,
        web_url=file.web_url,
        drive_item_id=file.drive_item_id,
    )
    return replace(acted, document=seen)
