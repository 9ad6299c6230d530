"""Recording what a body decided about a document: by a row of the Decisions list, or by the API.

A decision is bound to the document's content as it was when the decision was entered, whichever of
the two is heard of first; one about a version that is not there is refused. The document is then
looked at anew, and published if nothing is missing.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sharepoint_schema.naming import guess_name
from sync.callers import Caller, NotEntitled, Role
from sync.model import parse_label, parse_number
from sync.ratification import Kind, Standing, State, route_of, stand
from sync.sig_records import Invalid
from sync.state import decisions as kept
from sync.state import facts, items, journal, lists, numbers, work
from sync.state.decisions import DecisionRow
from sync.tenant.documents import versions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sharepoint_schema.labels import Label
    from sharepoint_schema.numbers import Number
    from sync.service import Service
    from sync.state.items import ItemRow

NAMESPACE = uuid.UUID("6f6c8f0e-5f1d-5a55-9e0f-6d1f0c9d7a52")
RECORDERS = (Role.BOARD_SECRETARY, Role.REGISTRAR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A decision as it was told, not yet checked.

    `body` is a code or a name; `on` the meeting's day (UK), `reference` its minute; `people` holds
    who moved it, conflicts of interest and who withdrew. `row` is the (list, item) it stands in and
    `entered` when that was filled in (aware, UTC); None is now.
    """

    number: str
    label: str
    kind: str
    body: str
    on: date | None
    reference: str
    quorate: bool
    present: int | None = None
    people: Mapping[str, str] = field(default_factory=dict)
    row: tuple[str, str] | None = None
    entered: datetime | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """The document a decision is about: its shadow row, number and content's history."""

    item: ItemRow
    number: Number
    history: tuple[facts.Facts, ...]


async def prepare(service: Service, caller: Caller, told: Told) -> DecisionRow:
    """Check a decision and return it as it will be recorded; nothing is written.

    Raises NotEntitled unless the caller is a person and the body's secretary or a registrar;
    Invalid with a sentence for every field that can't be as it is.
    """
    caller.need(*RECORDERS, to="record what a body decided")
    if not caller.person:
        raise NotEntitled("an app can't record a decision; the body's secretary does it in person")
    if faults := list(_faults(service, told)):
        raise Invalid(faults)
    subject = await _subject(service, told.number)
    subject = await _as_entered(service, subject, told.entered)
    content_id = _content(subject, parse_label(told.label))
    body = service.standard.body_in(told.body)
    if body is None or told.on is None:  # said above already; here for the type checker
        raise Invalid([("body", "is not known")])
    facts_of_it = (subject.item.document_id, content_id, told.kind, body.code, told.on.isoformat())
    name = ":".join(told.row) if told.row else ":".join((*facts_of_it, told.reference))
    return DecisionRow(
        id=str(uuid.uuid5(NAMESPACE, name)),
        document_id=subject.item.document_id,
        number=str(subject.number),
        label=str(parse_label(told.label)),
        content_id=content_id,
        kind=told.kind,
        body=body.code,
        on=told.on,
        reference=told.reference,
        quorate=told.quorate,
        present=told.present,
        people=dict(told.people),
        decided_by=caller.oid,
        at=service.now(),
        source=caller.source,
        list_id=told.row[0] if told.row else None,
        item_id=told.row[1] if told.row else None,
    )


async def write(tx: AsyncConnection, row: DecisionRow) -> bool:
    """Record a decision once, journal it and have the document looked at; False if it was known."""
    if not await kept.put_decision(tx, row):
        return False
    item = await items.item_of(tx, row.document_id)
    home = await lists.get_list(tx, item.list_id) if item else None
    if item is None or home is None:
        return True
    entry = journal.Entry(
        at=row.at,
        kind="decided",
        actor=row.decided_by,
        correlation_id=row.id,
        document_id=row.document_id,
        list_id=item.list_id,
        item_id=item.item_id,
        after={
            "kind": row.kind,
            "body": row.body,
            "on": row.on.isoformat(),
            "reference": row.reference,
            "quorate": row.quorate,
            "label": row.label,
            "content_id": row.content_id,
            "by way of": row.source,
        },
        idempotency_key=f"decided:{row.id}",
        personal={name: text for name, text in row.people.items() if text},
    )
    await journal.append(tx, home.site_id, entry)
    look = work.NewWork(list_id=item.list_id, item_id=item.item_id, kind="due")
    await work.put(tx, [look], row.at)
    return True


async def record(service: Service, caller: Caller, told: Told) -> tuple[DecisionRow, str]:
    """Check and record a decision. Returns it, with the id of the list to be nudged."""
    row = await prepare(service, caller, told)
    async with service.state.begin() as tx:
        await write(tx, row)
        item = await items.item_of(tx, row.document_id)
    return row, item.list_id if item else ""


async def standing(service: Service, row: DecisionRow) -> Standing:
    """Return where the decided content stands, this decision counted, recorded or not yet."""
    async with service.state.read() as tx:
        item = await items.item_of(tx, row.document_id)
        known = await kept.decisions_of(tx, row.document_id)
        past = await facts.history(tx, row.document_id)
    if item is None:
        return Standing(State.DRAFT)
    guess = guess_name(item.name, service.standard.series_codes)
    series, title = row.number.partition("-")[0], guess.title or ""
    chosen = past[-1].facts["columns"].get("DocumentType", "") if past else ""
    by_name = {one.name: one for one in service.standard.types}
    kind = by_name.get(chosen) or service.standard.type_of(title, series)
    route = route_of(service.standard, kind, title)
    if route is None:
        return Standing(State.DRAFT)
    every = [one.decision for one in known if one.id != row.id]
    return stand(route, [*every, row.decision], row.content_id)


def _faults(service: Service, told: Told) -> Iterator[tuple[str, str]]:
    if parse_number(told.number) is None:
        yield "document", f"{told.number!r} is not a document number such as Gov-04"
    if parse_label(told.label) is None:
        yield "version", f"{told.label!r} is not a version such as V0.3 or V1"
    if told.kind not in tuple(Kind):
        yield "kind", f"{told.kind!r} is none of {', '.join(Kind)}"
    if service.standard.body_in(told.body) is None:
        yield "body", f"{told.body!r} is no body of the network"
    if told.on is None:
        yield "date", "is missing: the day of the meeting"
    elif told.on > service.today():
        yield "date", "is in the future; record the decision after the meeting"
    if not told.reference:
        yield "reference", "is missing: the minute that says so"


async def _subject(service: Service, text: str) -> Subject:
    number = parse_number(text)
    async with service.state.read() as tx:
        row = await numbers.get_number(tx, number) if number else None
        item = await items.item_of(tx, row.document_id) if row and row.document_id else None
        past = await facts.history(tx, item.document_id) if item else []
    if number is None or item is None or item.deleted_at is not None:
        raise Invalid([("document", f"there is no document {text} in the library")])
    return Subject(item, number, tuple(past))


async def _as_entered(service: Service, subject: Subject, entered: datetime | None) -> Subject:
    """Return the document as it was when the decision was entered (2 units for a row).

    Another text may have been saved since, before this row was read. Raises Invalid where that one
    was never seen, so that nobody can say what the board decided about.
    """
    if entered is None:
        return subject
    async with service.state.read() as tx:
        home = await lists.get_list(tx, subject.item.list_id)
    found = await versions(service.tenant, home, subject.item.item_id) if home else ()
    later = [one for one in found if one.at is not None and one.at > entered]
    if not later or len(later) == len(found):  # the present text; or a history cut short
        return subject
    then = found[len(later)].label
    seen = [one for one in subject.history if one.facts["sharepoint_version"] == then]
    if not seen:
        says = "was changed after this row was filled in; fill in a new row for the text decided on"
        raise Invalid([("version", f"{subject.number} {says}")])
    past = seen[-1]
    item = replace(
        subject.item, content_id=past.facts["content_id"] or None, label=past.facts["label"] or None
    )
    return replace(
        subject,
        item=item,
        history=tuple(one for one in subject.history if one.valid_from <= past.valid_from),
    )


def _content(subject: Subject, label: Label | None) -> str:
    """Return the content that bears a label: the present one, else the last that ever did."""
    now = subject.item.label or "without a version"
    if str(label) in _labels(subject):
        if not subject.item.content_id:
            says = f"{subject.number} can't be read, so nobody can say what was decided about"
            raise Invalid([("version", says)])
        return subject.item.content_id
    for one in reversed(subject.history):
        if one.facts["columns"].get("VersionLabel") == str(label) and one.facts["content_id"]:
            return str(one.facts["content_id"])
    raise Invalid([("version", f"there is no {label} of {subject.number}; it is {now}")])


def _labels(subject: Subject) -> set[str]:
    """Return the labels that the present content bears: its own, and its published version's."""
    own = {subject.item.label or ""}
    version = subject.history[-1].facts["sharepoint_version"] if subject.history else ""
    major, _, minor = str(version).partition(".")
    return own | ({f"V{major}"} if minor == "0" and major != "0" else set())
