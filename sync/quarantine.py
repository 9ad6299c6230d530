"""What lies in quarantine, and its way out: redacted, or found to be no patient's number.

An IG officer decides, by the API or by a column beside the file; both leave an order, and the
quarantine's keeper carries it out under its fenced lease, however often a worker dies. What is said
redacted is read and judged again first. A file goes back to its folder with its versions, then it
gets the audience it had; nothing is overwritten there, and nothing here repeats an identifier.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, Self

from sync.callers import Role
from sync.errors import Missing, Rejected
from sync.facts import document_of, reading_of
from sync.model import Context, Document, Severity
from sync.model.identifiers import masked
from sync.pausing import require_running
from sync.policies import judge
from sync.sig_records import Invalid, OutOfTurn
from sync.state import items, journal_reading, lists, remembered, work
from sync.tenant import access, documents

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sync.callers import Caller
    from sync.places import Place
    from sync.service import Service
    from sync.state.items import ItemRow
    from sync.state.journal import Recorded
    from sync.state.lists import ListRow
    from sync.tenant.shapes import FileFacts

AREA = "quarantine"
POLICY = "patient_identifier"
type How = Literal["redacted", "false positive"]
HOWS: tuple[How, ...] = ("redacted", "false positive")
MAY = "release a file from quarantine"
INHERITED: Mapping[str, Any] = MappingProxyType({"unique": False})
"""The audience of a file that has its library's."""
LONGEST = 500
"""Characters of a reason."""


@dataclass(frozen=True, slots=True)
class Order:
    """An officer's decision about one file: `by` as people read it, `oid` their object id."""

    how: How
    reason: str
    by: str
    oid: str
    source: str


@dataclass(frozen=True, slots=True)
class Home:
    """Where a quarantined file came from, and who could open it there (None: as its library)."""

    place: Place
    folder: str
    audience: Mapping[str, Any] | None
    since: Recorded


@dataclass(frozen=True, slots=True)
class Held:
    """A file in quarantine, as its officers are shown it: without its name."""

    document_id: str
    site: str
    came_from: str
    since: str
    says: str
    link: str
    ordered: str
    answer: str


@dataclass(frozen=True, slots=True)
class Note:
    """What is kept of a decision until it is carried out, or refused: then `answer` says why.

    `content_id` is what was looked at before the file was moved, "" until then.
    """

    document_id: str
    order: Order | None = None
    content_id: str = ""
    answer: str = ""

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        """Read a note back from its JSON."""
        order = told["order"]
        return cls(**{**told, "order": Order(**order) if order else None})


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that may be released: as it is now, and where it goes."""

    document: Document
    home: Home


def order_of(caller: Caller, how: str, reason: str) -> Order:
    """Return a caller's decision as an order.

    Raises NotEntitled unless an IG officer in person decides, Invalid when `how` is none of `HOWS`
    or no reason is given.
    """
    caller.decide(Role.IG_OFFICER, MAY)
    plain = how.strip().casefold().replace("-", " ")
    faults = [] if plain in HOWS else [("as", f"is one of: {', '.join(HOWS)}")]
    said = masked(" ".join(reason.split()))
    if not said or len(said) > LONGEST:
        faults.append(("reason", f"says why, in at most {LONGEST} characters"))
    if faults:
        raise Invalid(faults)
    way = next(one for one in HOWS if one == plain)
    return Order(way, said, caller.name, caller.oid, caller.source)


async def held(service: Service) -> list[Held]:
    """Return every file in quarantine, the newest last."""
    async with service.state.read() as tx:
        here = [row for row in await lists.all_lists(tx) if row.area == AREA]
    found = []
    for row in here:
        place = await service.place(row.id)
        async with service.state.read() as tx:
            found += [await _held(tx, place, one) for one in await items.items_of(tx, row.id)]
    return sorted(found, key=lambda one: one.since)


async def order(service: Service, document_id: str, wanted: Order) -> str:
    """Take an order down and have the file's quarantine look at it; returns the list's id.

    Raises Missing when no such document lies in quarantine, OutOfTurn when it may not go back now:
    an identifier is still there, its place is taken, or the site is paused.
    """
    async with service.state.read() as tx:
        item = await items.item_of(tx, document_id)
        row = await lists.get_list(tx, item.list_id) if item else None
    if item is None or row is None or row.area != AREA or item.deleted_at is not None:
        raise Missing("no such document lies in quarantine")
    await require_running(service, list_id=row.id)
    found = await checked(service, await service.place(row.id), item.item_id, wanted)
    if await _taken(service, found):
        raise _name_taken()
    async with service.state.begin() as tx:
        await remember(tx, (row.id, item.item_id), Note(document_id, wanted))
        again = work.NewWork(list_id=row.id, item_id=item.item_id, kind="audit")
        await work.put(tx, [again], service.now())
    return row.id


async def checked(service: Service, place: Place, item_id: str, wanted: Order) -> Checked:
    """Return a quarantined file that may go back, and where to.

    Raises Missing when it is gone, OutOfTurn with the reason when it may not.
    """
    file = await documents.file_facts(service.tenant, place.row, item_id)
    async with service.state.read() as tx:
        known = await items.get_item(tx, place.row.id, item_id)
    if file is None or known is None:
        raise Missing("no such document lies in quarantine")
    home = await home_of(service, known.document_id)
    document = await _read(service, place, known, file)
    if wanted.how == "redacted":
        _no_longer_there(service, home, document)
    elif not document.content_id:
        raise OutOfTurn("its content can't be read, so nothing can be remembered of it")
    return Checked(document, home)


async def home_of(service: Service, document_id: str) -> Home:
    """Return where a document was when it was quarantined, by the journal's undo recipe.

    OutOfTurn when the journal knows no quarantine of it, or its list is followed no longer.
    """
    async with service.state.read() as tx:
        query = journal_reading.Query(document_id=document_id, kind="verdict", newest_first=True)
        entry = next((one for one in await journal_reading.entries(tx, query) if _moved(one)), None)
        if entry is None:
            raise OutOfTurn("the journal does not say where it came from; move it back by hand")
        beside = await journal_reading.personal_of(tx, entry.site_id, entry.seq)
    steps = {one["do"]: one for one in entry.undo}
    hidden = {one["do"]: one for one in json.loads(beside.get("undo") or "[]")}
    audience = steps.get("restore_audience", {}).get("audience")
    folder = hidden.get("move", {}).get("folder") or steps["move"].get("folder") or ""
    return Home(await service.place(steps["move"]["list_id"]), folder, audience, entry)


async def go_back(service: Service, place: Place, found: Checked) -> Document:
    """Move a file back and give it its audience; returns it as it is there.

    Raises OutOfTurn when its name is taken there or its folder is gone; Locked while somebody edits
    it, and what else the tenant raises.
    """
    document, home = found.document, found.home
    target = home.place.row
    try:
        item_id = await documents.move(
            service.tenant, place.row, document, target, keep_both=False, folder=home.folder
        )
    except Rejected as error:
        if error.name_taken:
            raise _name_taken() from error
        raise
    except Missing as error:
        raise OutOfTurn("the folder it came from is gone; make it again first") from error
    return await open_again(service, home, document.document_id, item_id)


async def moved_back(service: Service, note: Note) -> tuple[Home, Document, Order, str] | None:
    """Finish what a worker did not live to record; None when the file is not where it came from.

    Returns its place, the file there, the order and the content it was given for.
    """
    async with service.state.read() as tx:
        known = await items.item_of(tx, note.document_id)
    if note.order is None or known is None or not known.unique_id:
        return None
    home = await home_of(service, note.document_id)
    item_id = await documents.arrived(service.tenant, known.unique_id, home.place.row)
    if item_id is None:
        return None
    back = await open_again(service, home, note.document_id, item_id)
    return home, back, note.order, note.content_id


async def open_again(service: Service, home: Home, document_id: str, item_id: str) -> Document:
    """Give a file that is back the audience it had; a sharing link that was removed stays so."""
    where = home.place.row
    await access.restore(service.tenant, where, item_id, home.audience or INHERITED)
    file = await documents.file_facts(service.tenant, where, item_id)
    if file is None:
        raise Missing(f"item {item_id} is gone")
    return document_of(home.place, item_id, document_id, file, None)


async def remember(tx: AsyncConnection, key: tuple[str, str], note: Note) -> None:
    """Keep a note about the quarantined file (list, item)."""
    await remembered.remember(tx, _key(*key), asdict(note))


async def recall(tx: AsyncConnection, key: tuple[str, str]) -> Note | None:
    """Return the note about the quarantined file (list, item), None when there is none."""
    told = await remembered.recall(tx, _key(*key))
    return Note.of(told) if told else None


async def forget(tx: AsyncConnection, key: tuple[str, str]) -> None:
    await remembered.forget(tx, _key(*key))


def _key(list_id: str, item_id: str) -> str:
    return f"release:{list_id}:{item_id}"


def _moved(entry: Recorded) -> bool:
    """Whether an entry is the one that took a file to quarantine: contained, then moved."""
    found = (entry.after or {}).get("findings", ())
    ours = any(one["policy"] == POLICY for one in found)
    return ours and any(step["do"] == "move" for step in entry.undo or ())


async def _read(service: Service, place: Place, known: ItemRow, file: FileFacts) -> Document:
    """Read a quarantined file's content as the rule about identifiers needs it."""
    asking = replace(place, area=replace(place.area, policies=frozenset({POLICY})))
    reading = await reading_of(service, asking, known.item_id, file)
    return document_of(asking, known.item_id, known.document_id, file, reading)


def _no_longer_there(service: Service, home: Home, document: Document) -> None:
    """Raise OutOfTurn while the file would be quarantined again, or can't be read."""
    area = replace(home.place.area, policies=frozenset({POLICY}))
    context = Context(today=service.today(), standard=service.standard, area=area)
    stops = [one for one in judge(document, context) if one.severity is Severity.STOP]
    if stops:
        raise OutOfTurn(f"it is not redacted: {' '.join(one.says for one in stops)}".rstrip("."))


async def _taken(service: Service, found: Checked) -> bool:
    home = found.home
    async with service.state.read() as tx:
        there = await items.names_in_folder(tx, home.place.row.id, home.folder)
    return items.name_key(found.document.name) in there


def _name_taken() -> OutOfTurn:
    says = "another file has its name where it came from by now; rename this one here first,"
    return OutOfTurn(f"{says} or that one there")


async def _held(tx: AsyncConnection, place: Place, item: ItemRow) -> Held:
    row = place.row
    query = journal_reading.Query(document_id=item.document_id, newest_first=True)
    entries = [one for one in await journal_reading.entries(tx, query) if _moved(one)]
    source = await _source(tx, entries[0]) if entries else None
    note = await recall(tx, (row.id, item.item_id)) or Note(item.document_id)
    found = (item.verdict or {}).get("findings", ())
    return Held(
        document_id=item.document_id,
        site=row.site_url,
        came_from=source.title if source else "",
        since=(entries[0].at if entries else item.seen_at).isoformat(),
        says=" ".join(one["says"] for one in found if one["policy"] == POLICY),
        link=place.form_url(item.item_id),
        ordered=note.order.how if note.order else "",
        answer=note.answer,
    )


async def _source(tx: AsyncConnection, entry: Recorded) -> ListRow | None:
    step = next(one for one in entry.undo if one["do"] == "move")
    return await lists.get_list(tx, step["list_id"])
