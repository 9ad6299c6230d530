"""Publishing what the boards approved: name, version, columns, notices, in one repeatable order.

A document is published in the look that finds its chain of decisions complete and nothing in the
way of the version it would become. Whatever a dead worker had done of it is found done; the
publication is recorded last, with its journal entry and its mail, and only then is it one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from sharepoint_schema.dates import show_date
from sharepoint_schema.months import add_months
from sync import letters
from sync.errors import Missing, Rejected, Stale
from sync.facts import document_of
from sync.intents import plain
from sync.model import (
    ExcuseKind,
    Finding,
    Publication,
    Recipient,
    Severity,
    Tell,
)
from sync.policies import judge
from sync.policies import publication as rule
from sync.policies._truth import title_of, type_of
from sync.policies.file_name import agreed_name
from sync.ratification import State, told
from sync.remedies import same
from sync.state import decisions as kept
from sync.state import journal, notices
from sync.tenant import documents, publishing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sharepoint_schema.letters import Kind
    from sync.cases import Case
    from sync.model import Context, Decision, Document, Excuse, Value
    from sync.remedies import Settlement
    from sync.tenant.shapes import FileFacts

POLICY = "publication"
STATUS = "DocumentStatus"


@dataclass(frozen=True, slots=True)
class Coming:
    """A version about to be published: document and context as they will be, `was` as it is."""

    document: Document
    context: Context
    approval: Decision
    values: Mapping[str, Value]
    was: Document

    @property
    def label(self) -> str:
        return str(self.values["VersionLabel"])

    @property
    def row(self) -> Publication:
        return self.context.publications[-1]


async def follow(
    case: Case, document: Document, known: Context, excused: Mapping[str, Excuse]
) -> tuple[Document, Context, tuple[Finding, ...]] | None:
    """Publish a document whose chain is complete; None where nothing is due.

    `excused` holds by policy what is not acted on: an undone publication is not taken up again, a
    false alarm is no stop.
    Returns the document and the context as they are then, and what kept it from being published.
    Raises what SharePoint raises; the next look goes on where this one stopped.
    """
    if not _watches(case) or POLICY in excused or not rule.is_due(document, known):
        return None
    coming = foresee(document, known)
    found = judge(coming.document, coming.context)
    stops = [one for one in found if one.severity is Severity.STOP and not _alarm(one, excused)]
    if stops:
        return document, known, (_held_up(stops[0]),)
    document = await _publish(case, document, coming)
    await _record(case, document, coming)
    return document, coming.context, ()


def _alarm(finding: Finding, excused: Mapping[str, Excuse]) -> bool:
    excuse = excused.get(finding.policy)
    return excuse is not None and excuse.kind is ExcuseKind.FALSE_POSITIVE


def with_status(
    case: Case, settlement: Settlement, document: Document, known: Context
) -> Settlement:
    """Return the settlement with the Document status among the columns it writes."""
    state = rule.status_of(document, known) if _watches(case) else None
    if state is None or settlement.closed or same(document, STATUS, str(state)):
        return settlement
    return settlement.also({STATUS: str(state)})


def foresee(document: Document, known: Context) -> Coming:
    """Return a document as its publication makes it: version, columns, name. Pure."""
    approval = rule.standing_of(document, known).approval
    if approval is None:
        raise ValueError("only a document with a complete chain of decisions is published")
    label = rule.next_label(document)
    values = _columns(document, known, approval)
    review = values["ReviewDate"]
    made = Publication(
        label=str(label),
        content_id=document.content_id,
        adopted=approval.on,
        approved_by=str(values["ApprovedBy"]),
        review=review if isinstance(review, date) else None,
    )
    context = replace(known, publications=(*known.publications, made))
    fields = {**document.fields, **values, rule.MODERATION: rule.APPROVED}
    version = f"{label.major}.0"
    published = replace(document, fields=fields, sharepoint_version=version)
    name = agreed_name(published, context)
    if name and name.lower() not in context.taken:
        published = replace(published, name=name)
    return Coming(published, context, approval, values, document)


def _columns(document: Document, known: Context, approval: Decision) -> dict[str, Value]:
    """Return what the columns say of an adopted document (decision 4: decisions win)."""
    block, standard = document.block, known.standard
    kind = type_of(document, known)
    months = kind.review_months if kind else standard.review.default_months
    asked = block.review_on if block else None
    review = _review_asked(document, known, asked)
    body = standard.body(approval.body).name
    own = block.approved_by.strip() if block else ""
    later = [day for day in (review, asked) if day and day > approval.on]
    return {
        "VersionLabel": str(rule.next_label(document)),
        "DateAdopted": approval.on,
        "ReviewDate": later[0] if later else add_months(approval.on, months),
        "ApprovedBy": own or f"{body} {show_date(approval.on)} ({approval.reference})",
        STATUS: str(State.CURRENT),
    }


def _review_asked(document: Document, known: Context, asked: date | None) -> date | None:
    """Return the column's review date, unless it is only what the version before left there."""
    review = document.date_column("ReviewDate")
    left = known.publications[-1].review if known.publications else None
    return None if asked and review == left else review


def _held_up(stop: Finding) -> Finding:
    return Finding(
        says=f"Every decision is recorded, but the document can't be published yet: {stop.says}",
        expected=stop.expected,
        how=stop.how,
        severity=Severity.STOP,
        remedies=(Tell(Recipient.AUTHOR),),
        policy=POLICY,
        version=stop.version,
    )


def _watches(case: Case) -> bool:
    mode = case.place.modes.get(POLICY, "observe")
    return POLICY in case.place.area.policies and mode != "observe"


async def _publish(case: Case, document: Document, coming: Coming) -> Document:
    """Bring the file to where `coming` says, step by step; each step is left out where done."""
    service, where = case.service, case.place.row
    before = await _facts(case, document)
    if before.etag != document.etag:
        raise Stale("it changed after it was judged", retry_after=1.0)
    name = await _rename(case, document, coming.document.name)
    if not rule.is_approved(document):
        comment = f"{told(coming.approval, service.standard)}, {coming.approval.reference}"
        draft = not rule.is_major(document)
        await publishing.approve(service.tenant, where, document.unique_id, comment, draft=draft)
        await _same_content(case, document, before)
    values = {
        column: value
        for column, value in coming.values.items()
        if not same(document, column, value)
    }
    if values:
        await documents.set_columns(
            service.tenant, where, document.item_id, values, left_by=document
        )
    after = await _facts(case, document)
    seen = document_of(case.place, document.item_id, document.document_id, after, document.reading)
    written = {**seen.fields, **coming.values}
    return replace(seen, name=name, fields=written, modified_by=document.modified_by)


async def _rename(case: Case, document: Document, name: str) -> str:
    """Give the file its published name; a name that is taken is told by the rule about names."""
    if name == document.name:
        return name
    try:
        await documents.rename(case.service.tenant, case.place.row, document, name)
    except Rejected as error:
        if not error.name_taken:
            raise
        return document.name
    return name


async def _same_content(case: Case, document: Document, before: FileFacts) -> None:
    """Take the approval back if somebody saved other content in that very moment."""
    now = await _facts(case, document)
    if now.ctag != before.ctag:
        why = "Changed while it was being published"
        where = case.place.row
        await publishing.unpublish(case.service.tenant, where, document.unique_id, why)
        raise Stale("its content changed while it was being published", retry_after=1.0)


async def _facts(case: Case, document: Document) -> FileFacts:
    found = await documents.file_facts(case.service.tenant, case.place.row, document.item_id)
    if found is None:
        raise Missing(f"item {document.item_id} is gone")
    return found


async def _record(case: Case, document: Document, coming: Coming) -> None:
    """Record the publication with its journal entry and mail; the earlier one is superseded."""
    now, made = case.service.now(), coming.row
    row = kept.PublicationRow(
        document_id=document.document_id,
        label=made.label,
        number=coming.context.number,
        content_id=made.content_id,
        adopted=made.adopted,
        review=made.review,
        approved_by=made.approved_by,
        at=now,
    )
    async with case.service.state.begin() as tx:
        if not await kept.put_publication(tx, row):
            return
        await journal.append(tx, case.place.row.site_id, _entry(case, document, coming))
        for notice in _letters(case, document, coming):
            await notices.queue_notice(tx, notice, now)


def _entry(case: Case, document: Document, coming: Coming) -> journal.Entry:
    values = {name: str(value) for name, value in coming.values.items()}
    return journal.Entry(
        at=case.service.now(),
        kind="published",
        actor=case.service.settings.client_id,
        correlation_id=f"{document.list_id}/{document.item_id}/{case.row.generation}",
        document_id=document.document_id,
        list_id=document.list_id,
        item_id=document.item_id,
        schema_hash=case.service.schema_hash,
        before={"label": coming.context.publications[-2].label if _earlier(coming) else ""},
        after={
            "label": coming.label,
            "content_id": document.content_id,
            "name": document.name,
            "columns": values,
        },
        undo=_way_back(document, coming),
        idempotency_key=f"{document.document_id}:published:{coming.label}:{document.etag}",
        personal={"modified_by": document.modified_by.id} if document.modified_by.id else {},
    )


def _way_back(document: Document, coming: Coming) -> list[dict[str, Any]]:
    """Return the inverse steps, last first: columns, version, name."""
    old = {name: coming.was.column(name) for name in coming.values}
    wrote = {name: plain(value) for name, value in coming.values.items()}
    steps: list[dict[str, Any]] = [
        {"do": "set_columns", "values": old, "wrote": wrote},
        {"do": "unpublish", "version": document.sharepoint_version},
    ]
    if coming.was.name != document.name:
        steps.append({"do": "rename", "name": coming.was.name, "wrote": document.name})
    return steps


def _earlier(coming: Coming) -> bool:
    return len(coming.context.publications) > 1


def _letters(case: Case, document: Document, coming: Coming) -> Iterator[notices.NewNotice]:
    """Tell the author, and the body that has it for information."""
    standard = case.service.standard
    title = title_of(coming.document, coming.context)
    says = {
        "number": coming.context.number,
        "title": title,
        "label": coming.label,
        "decided": told(coming.approval, standard),
    }
    author = document.created_by.mail or case.place.spec.owner
    yield _letter(case, document, "published", says, author)
    route = rule.route_for(coming.document, coming.context)
    if route is None or not route.information_to:
        return
    says["body"] = standard.body(route.information_to).name
    for address in secretaries(case, route.information_to) or (case.place.spec.owner,):
        yield _letter(case, document, "for_information", says, address)


def secretaries(case: Case, body: str) -> tuple[str, ...]:
    """Return a body's secretaries as the roles file names them: its own, else every board's."""
    people = case.service.roles.people
    return people.get(f"{body.lower()}_secretaries") or people.get("board_secretaries") or ()


def _letter(
    case: Case, document: Document, kind: Kind, says: Mapping[str, str], to: str
) -> notices.NewNotice:
    words = case.service.standard.letters
    letter = letters.write(words, kind, says, address=document.web_url)
    key = f"{document.document_id}:published:{says['label']}:{letter.subject}:{to}"
    return letters.notice(case.service, letter, key, to, document.document_id)
