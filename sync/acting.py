"""Carrying remedies out, one by one, each repeatable: what stood there before is kept for the undo.

Before the first write the intent is noted; a worker that dies half-way leaves the note, and the
next one finishes the same thing (promise 3). Nothing is forced: a lock, a changed eTag or a record
label comes out as the error it is, and the row waits or is parked.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

from sync.errors import Missing, Rejected
from sync.model import (
    Contain,
    Document,
    Finding,
    Keep,
    Move,
    Remedy,
    Rename,
    SetColumns,
    Severity,
    Status,
    Value,
)
from sync.state import lists, remembered
from sync.tenant import access, documents

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sync.places import Place
    from sync.remedies import Settlement
    from sync.service import Service


class NameTaken(Rejected):
    """The name a file should get turned out to belong to another; `name` is that name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is taken", code="nameAlreadyExists")
        self.name = name


@dataclass(frozen=True, slots=True)
class Intent:
    """What a worker was about to do, and what it had found: survives its death."""

    findings: tuple[Finding, ...] = ()
    before: Mapping[str, Any] = field(default_factory=dict, hash=False)
    undo: tuple[Mapping[str, Any], ...] = ()

    @classmethod
    def of(cls, note: Mapping[str, Any] | None) -> Self:
        """Read a note back; None gives an empty intent."""
        if not note:
            return cls()
        found = tuple(_finding(one) for one in note["findings"])
        return cls(found, note["before"], tuple(note["undo"]))

    def note(self) -> dict[str, Any]:
        """Return the JSON of this intent."""
        told = [_plain(finding) for finding in self.findings]
        return {"findings": told, "before": dict(self.before), "undo": list(self.undo)}

    def still_true(self, document: Document) -> Intent:
        """Keep the findings whose remedies are seen in effect; drop what others overtook."""
        held = tuple(
            replace(one, remedies=())
            for one in self.findings
            if one.remedies and all(in_effect(document, remedy) for remedy in one.remedies)
        )
        return replace(self, findings=held) if held else Intent()


@dataclass(frozen=True, slots=True)
class Acted:
    """A document after its remedies, and what the record needs of them.

    `document` is as it is now; `before` what the remedies changed; `undo` the inverse steps, last
    first; `moved_from` the (list, item) it had before a move; `wrote` whether anything was written.
    """

    document: Document
    settlement: Settlement
    number: str = ""
    before: Mapping[str, Any] = field(default_factory=dict, hash=False)
    undo: tuple[Mapping[str, Any], ...] = ()
    moved_from: tuple[str, str] | None = None
    wrote: bool = False


def in_effect(document: Document, remedy: Remedy) -> bool:
    """Whether the document already is as the remedy would make it."""
    match remedy:
        case Rename(name):
            return document.name == name
        case SetColumns(values):
            return all(document.column(name) == _text(value) for name, value in values.items())
        case Move(area):
            return document.area == area
    return True


async def carry_out(service: Service, place: Place, acted: Acted, earlier: Intent) -> Acted:
    """Run the settlement's remedies in their order and read back what came of them.

    Raises Locked, Stale, BlockedByRecord … as the tenant does, and NameTaken.
    """
    acted = replace(acted, before=earlier.before, undo=earlier.undo)
    remedies = acted.settlement.remedies
    if remedies:
        await _note(service, acted)
    for remedy in remedies:
        acted = await _do(service, place, acted, remedy)
    return await _read_back(service, acted) if acted.wrote else acted


async def _note(service: Service, acted: Acted) -> None:
    document, settlement = acted.document, acted.settlement
    seen = {"name": document.name, "area": document.area, "list_id": document.list_id}
    intent = Intent(settlement.told, {**seen, **acted.before}, acted.undo)
    async with service.state.begin() as tx:
        await remembered.remember(tx, intent_key(document.document_id), intent.note())


def intent_key(document_id: str) -> str:
    return f"intent:{document_id}"


async def _do(service: Service, place: Place, acted: Acted, remedy: Remedy) -> Acted:
    match remedy:
        case Contain():
            return await _contain(service, place, acted, remedy.keep)
        case Rename():
            return await _rename(service, place, acted, remedy.name)
        case SetColumns():
            return await _set_columns(service, place, acted, remedy.values)
        case Move():
            return await _move(service, place, acted, remedy.area)
    raise TypeError(f"{remedy} is not a remedy that is carried out")


async def _contain(service: Service, place: Place, acted: Acted, keep: Keep) -> Acted:
    """Take the open audience away; the circle that stays is decisions 8's."""
    document = await _with_drive_item(service, place, acted.document)
    quarantine = keep is Keep.IG_OFFICERS
    people = [] if quarantine else [document.created_by]
    groups = ["ig_officers"] if quarantine else ["owners", "restricted_readers"]
    titles = [place.spec.group(key).title for key in groups]
    had = await access.contain(service.tenant, place.row, document, titles, people)
    if had is None:  # it was contained already
        return acted
    step = {"do": "restore_audience", "audience": had}
    return replace(acted, document=document, undo=(step, *acted.undo), wrote=True)


async def _with_drive_item(service: Service, place: Place, document: Document) -> Document:
    """Return the document with its drive item, which the feed leaves out: links hang on it."""
    file = await documents.file_facts(service.tenant, place.row, document.item_id)
    if file is None:
        raise Missing(f"{document.name} is gone")
    return replace(document, drive_item_id=file.drive_item_id)


async def _rename(service: Service, place: Place, acted: Acted, name: str) -> Acted:
    document = acted.document
    try:
        etag = await documents.rename(service.tenant, place.row, document, name)
    except Rejected as error:
        if error.name_taken:
            raise NameTaken(name) from error
        raise
    step = {"do": "rename", "name": document.name}
    address = f"{document.web_url.rpartition('/')[0]}/{quote(name)}"
    renamed = replace(document, name=name, etag=etag, web_url=address)
    return replace(acted, document=renamed, undo=(step, *acted.undo), wrote=True)


async def _set_columns(
    service: Service, place: Place, acted: Acted, values: Mapping[str, Value]
) -> Acted:
    document = acted.document
    await documents.set_columns(
        service.tenant, place.row, document.item_id, values, left_by=document
    )
    old = {name: document.column(name) for name in values}
    step = {"do": "set_columns", "values": old}
    changed = replace(document, fields={**document.fields, **values})
    before = {**acted.before, "columns": old}
    return replace(acted, document=changed, before=before, undo=(step, *acted.undo), wrote=True)


async def _move(service: Service, place: Place, acted: Acted, area: str) -> Acted:
    document = acted.document
    async with service.state.read() as tx:
        target = await lists.find_area(tx, place.row.site_id, area)
    if target is None:
        raise Rejected(f"the site {place.row.site_url} has no area {area} to move a file to")
    item_id = await documents.move(service.tenant, place.row, document, target)
    step = {"do": "move", "list_id": document.list_id, "folder": document.folder}
    moved = replace(document, list_id=target.id, item_id=item_id, area=area, folder="")
    return replace(
        acted,
        document=moved,
        undo=(step, *acted.undo),
        moved_from=(document.list_id, document.item_id),
        wrote=True,
    )


async def _read_back(service: Service, acted: Acted) -> Acted:
    """Learn the eTag our writes left behind, so that their echo is known when it comes."""
    document = acted.document
    place = await service.place(document.list_id)
    file = await documents.file_facts(service.tenant, place.row, document.item_id)
    if file is None:
        raise Missing(f"{document.name} is gone")
    seen = replace(
        document,
        etag=file.etag,
        ctag=file.ctag,
        name=file.name,
        web_url=file.web_url,
        drive_item_id=file.drive_item_id,
    )
    return replace(acted, document=seen)


def _plain(finding: Finding) -> dict[str, Any]:
    remedies = [{"kind": type(one).__name__, **_fields(one)} for one in finding.remedies]
    return {**asdict(replace(finding, remedies=())), "remedies": remedies}


def _fields(remedy: Remedy) -> dict[str, Any]:
    if isinstance(remedy, SetColumns):
        return {"values": {name: _text(value) for name, value in remedy.values.items()}}
    return asdict(remedy)


_KINDS = {kind.__name__: kind for kind in (Contain, Rename, SetColumns, Move)}


def _finding(plain: Mapping[str, Any]) -> Finding:
    remedies = []
    for one in plain["remedies"]:
        kind = _KINDS.get(one["kind"])
        if kind is not None:  # a Tell has no effect to be seen
            remedies.append(kind(**{name: value for name, value in one.items() if name != "kind"}))
    return Finding(
        **{
            **plain,
            "remedies": tuple(remedies),
            "severity": Severity(plain["severity"]),
            "status": Status(plain["status"]),
        }
    )


def _text(value: Value) -> str:
    return "" if value is None else str(value).strip()
