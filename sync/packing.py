"""The publication pack for the members' page: what was published, superseded, withdrawn since.

Made from the publications on record, the registry and the journal. A document that lies in a
closed place, is marked as sensitive or has a finding that closes it is left out altogether, even
its number. What is in force comes with its PDF, else with the published file itself, and then only
if its content is the content that was published. The pack is made, not posted.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sharepoint_schema.naming import guess_name
from sync.errors import Missing
from sync.in_force import published_bytes
from sync.model import SITE_TIME, Status, parse_number
from sync.model.identifiers import masked
from sync.pack_index import Entry, Pack, zipped
from sync.policies.publication import PUT_AWAY
from sync.renditions import AREA, name_of
from sync.state import decisions, facts, items, journal_reading, lists, registry
from sync.tenant import publishing
from sync.undoing import origin_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import date, datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sync.pack_index import Kind
    from sync.places import Place
    from sync.service import Service
    from sync.state.decisions import PublicationRow
    from sync.state.facts import Facts
    from sync.state.items import ItemRow

WITHHELD = "Its content was changed or is not there; ask the network's core team."
HELD = "It is held at present; ask the network's core team."
OPEN_MARKING = "Official"
"""The one value of the Sensitivity column that may leave the network; "" is none."""

log = logging.getLogger("verger.pack")


@dataclass(frozen=True, slots=True)
class Past:
    """One document's publications, oldest first, and what our records say of it now.

    `columns` are the registry's; `undone` are labels whose publication was undone, with the moment.
    """

    rows: tuple[PublicationRow, ...]
    item: ItemRow
    place: Place
    columns: Mapping[str, str]
    course: tuple[Facts, ...]
    undone: tuple[tuple[str, datetime], ...] = ()

    @property
    def current(self) -> PublicationRow | None:
        """The version in force, None when there is none any more."""
        return self.rows[-1] if self.rows and self.left_at is None else None

    @property
    def left_at(self) -> datetime | None:
        """When the document was deleted, moved out of the controlled library, or put away."""
        since = self.item.deleted_at
        for one in reversed(self.course):
            told = one.facts.get("columns", {}).get("DocumentStatus", "")
            if self.place.area.controlled and told not in PUT_AWAY:
                break
            since = one.valid_from
        return since

    def open_to_members(self, closing: Collection[str]) -> bool:
        """Whether members may know of it: no place, marking or `closing` finding hides it."""
        last = self.course[-1].facts.get("columns", {}) if self.course else {}
        found = (self.item.verdict or {}).get("findings", ())
        return (
            self.place.area.is_open
            and last.get("Sensitivity", "") in {"", OPEN_MARKING}
            and not any(one["policy"] in closing for one in found)
        )


async def pack(service: Service, since: date) -> tuple[Pack, bytes]:
    """Return the pack of `since` (a day, UK time) to today, and its .zip.

    Costs 1 to 4 units for each file in it. Raises what reading from Microsoft 365 raises; a file
    that can't be had for good is left out, and its line says so.
    """
    until = service.today()
    files: dict[str, bytes] = {}
    told: list[Entry] = []
    for past in await _pasts(service):
        now = past.current
        for entry in entries(past, since, until):
            is_current = now is not None and (entry.kind, entry.label) == ("published", now.label)
            told.append(await _filled(service, past, entry, files) if is_current else entry)
    made = Pack(service.standard.name, since, until, tuple(sorted(told, key=_order)))
    return made, zipped(made, files)


def entries(past: Past, since: date, until: date) -> Iterator[Entry]:
    """Yield what happened to a document from `since` to `until`. Pure."""

    def within(moment: datetime | None) -> date | None:
        day = moment.astimezone(SITE_TIME).date() if moment else None
        return day if day and since <= day <= until else None

    for row in past.rows:
        if day := within(row.at):
            yield _entry(past, row, "published", day)
        if day := within(row.superseded_at):
            yield _entry(past, row, "superseded", day)
    if past.rows and (day := within(past.left_at)):
        yield _entry(past, past.rows[-1], "withdrawn", day)
    kept = {row.label for row in past.rows}
    for label, moment in past.undone:
        if label not in kept and (day := within(moment)):
            yield replace(_entry(past, None, "withdrawn", day), label=label)


def _entry(past: Past, row: PublicationRow | None, kind: Kind, on: date) -> Entry:
    return Entry(
        kind=kind,
        on=on,
        number=row.number if row else past.item.number or "",
        title=_title(past),
        label=row.label if row else "",
        type=past.columns.get("DocumentType", ""),
        adopted=row.adopted if row else None,
        review=row.review if row else None,
        approved_by=row.approved_by if row else "",
        audience=past.columns.get("TargetAudience", ""),
    )


def _title(past: Past) -> str:
    said = past.columns.get("Title") or guess_name(past.item.name, ()).title or ""
    return masked(said)


def _order(entry: Entry) -> tuple[str, int, str, date]:
    number = parse_number(entry.number)
    series, nn = (number.series, number.nn) if number else ("", 0)
    return series, nn, entry.label, entry.on


async def _filled(service: Service, past: Past, entry: Entry, files: dict[str, bytes]) -> Entry:
    """Return a line with its file, which is put among `files`; or with why there is none."""
    if past.item.control_status == Status.HELD:
        return replace(entry, note=HELD)
    row = past.rows[-1]
    found = await _pdf(service, past, row) if row.pdf == decisions.MADE else None
    found = found or await _original(service, past, row)
    if found is None:
        return replace(entry, note=WITHHELD)
    name, data = found
    files[name] = data
    return replace(entry, file=name)


async def _pdf(service: Service, past: Past, row: PublicationRow) -> tuple[str, bytes] | None:
    """Return the PDF of what is in force, None when somebody took it away."""
    async with service.state.read() as tx:
        target = await lists.find_area(tx, past.place.row.site_id, AREA)
    name, limit = name_of(service, row, past.item), service.standard.limits.bytes
    if target is None:
        return None
    try:
        return masked(name), await publishing.file_at(service.tenant, target, name, limit)
    except Missing:
        log.warning("the PDF of %s is not among the published ones", row.number)
        return None


async def _original(service: Service, past: Past, row: PublicationRow) -> tuple[str, bytes] | None:
    """Return the published file, as it is now or as an earlier version; None if it is not there."""
    data = await published_bytes(service, past.place.row, past.item, row)
    if data is None:
        return None
    extension = past.item.name.rpartition(".")[2]
    return f"{row.number} {_title(past)} {row.label}.{extension}", data


async def _pasts(service: Service) -> list[Past]:
    """Return every document ever published of which members may know, in a fixed order."""
    async with service.state.read() as tx:
        undone = await _undone(tx)
        rows = await decisions.all_publications(tx)
        told = await registry.all_registry_rows(tx)
        known = [
            (document_id, item, await facts.history(tx, document_id))
            for document_id in sorted({*undone, *(row.document_id for row in rows)})
            if (item := await items.item_of(tx, document_id)) is not None
        ]
    columns = {row.document_id: _texts(row.columns) for row in told}
    found = [
        Past(
            rows=tuple(row for row in rows if row.document_id == key),
            item=item,
            place=await service.place(item.list_id),
            columns=columns.get(key, {}),
            course=tuple(course),
            undone=tuple(undone.get(key, ())),
        )
        for key, item, course in known
    ]
    return [one for one in found if one.open_to_members(service.standard.contains_first)]


async def _undone(tx: AsyncConnection) -> dict[str, list[tuple[str, datetime]]]:
    """Return by document the labels whose publication was undone, from the journal."""
    acts = await journal_reading.entries(tx, journal_reading.Query(kind="published"))
    ends = await journal_reading.entries(tx, journal_reading.Query(kind="undone"))
    at = {one.correlation_id: one.at for one in ends}
    found: dict[str, list[tuple[str, datetime]]] = {}
    for one in acts:
        moment = at.get(origin_of(one))
        if moment is not None and one.document_id:
            label = str((one.after or {}).get("label", ""))
            found.setdefault(one.document_id, []).append((label, moment))
    return found


def _texts(columns: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in columns.items() if value is not None}
