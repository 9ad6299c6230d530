"""What staff ask for beside a file with one click: the proposed name now, or a waiver.

The click sets the column Control request, which comes back as any other change of the file. It
counts when a person set it, by the version history (decision 24): SharePoint has let that person
edit the file, which is what a rename by hand would have taken. It is emptied once it was seen to.
A waiver is only asked for: the row it makes in the list Waivers waits for a reason and a decision.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sync.explaining import title_of
from sync.model import Rename, Severity, Status
from sync.places import WAIVERS
from sync.state import journal, lists
from sync.tenant import rows
from sync.tenant.row_history import history, setter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sync.cases import Case
    from sync.model import Document, Finding, Person, Value
    from sync.remedies import Rules, Settlement

COLUMN = "ControlRequest"
USE_NAME, WAIVER = "Use the proposed name", "Ask for a waiver"
ROW_DOCUMENT, ROW_RULE, ROW_TITLE = "WaiverDocument", "WaiverPolicy", "Title"
TEXT_LIMIT = 255
"""Characters of a single-line text column in SharePoint."""


async def heeded(
    case: Case, document: Document, findings: Sequence[Finding], rules: Rules
) -> Rules:
    """Return the rules under which the proposed name is taken now, if a person asked for that.

    2 resource units when something is asked for, none otherwise. A rule that only observes here
    stays silent, whoever asks.
    """
    if document.column(COLUMN) != USE_NAME:
        return rules
    proposing = {one.policy for one in findings if _proposes(one) and rules.speaks(one.policy)}
    if not proposing or (person := await _asker(case, document)) is None:
        return rules
    await _journal(case, document, person)
    now = dict.fromkeys(proposing, case.service.now())
    return replace(rules, promised={**rules.promised, **now})


async def answered(case: Case, document: Document, settlement: Settlement) -> Settlement:
    """Return the settlement with the request emptied; where nothing is written, it stays.

    Puts down in the list Waivers what a person asks a waiver for (2 resource units a rule).
    """
    asked = document.column(COLUMN)
    if not asked or settlement.status is None or settlement.closed:
        return settlement
    if asked == WAIVER and (person := await _asker(case, document)) is not None:
        await _journal(case, document, person)
        await _ask(case, document, settlement, person)
    emptied: Mapping[str, Value] = {COLUMN: None}
    return settlement.also(emptied)


def _proposes(finding: Finding) -> bool:
    return any(isinstance(one, Rename) for one in finding.remedies)


async def _asker(case: Case, document: Document) -> Person | None:
    """Return the person who set the request, None when it was an app."""
    versions = await history(case.service.tenant, case.place.row, document.item_id)
    by = setter(versions, COLUMN).last_modified_by if versions else None
    return by.person if by and by.user else None


async def _ask(case: Case, document: Document, settlement: Settlement, person: Person) -> None:
    """Add a row for each rule that waits for somebody, unless one for this file is there."""
    async with case.service.state.read() as tx:
        place = await lists.find_area(tx, case.place.row.site_id, WAIVERS)
    if place is None:
        return
    link = document.web_url if len(document.web_url) <= TEXT_LIMIT else document.document_id
    tenant = case.service.tenant
    there = await rows.find_all(tenant, place, ROW_DOCUMENT, link)
    known = {str(row.fields.get(ROW_RULE)) for row in there}
    for policy in dict.fromkeys(_waiting(settlement)):
        if title_of(policy) not in known:
            title = f"Asked for by {person.name or person.mail}"
            row = {ROW_TITLE: title, ROW_DOCUMENT: link, ROW_RULE: title_of(policy)}
            await rows.create(tenant, place, row)


def _waiting(settlement: Settlement) -> Iterator[str]:
    """Yield the rules for which a waiver can be given: they ask somebody, and stop nothing."""
    for one in settlement.standing:
        waits = one.policy in settlement.due or one.status is Status.NEEDS_YOU
        if one.severity is Severity.FIX and waits:
            yield one.policy


async def _journal(case: Case, document: Document, person: Person) -> None:
    entry = journal.Entry(
        at=case.service.now(),
        kind="asked",
        actor=person.id,
        correlation_id=f"{case.row.list_id}/{case.row.item_id}/{case.row.generation}",
        document_id=document.document_id,
        list_id=document.list_id,
        item_id=document.item_id,
        schema_hash=case.service.schema_hash,
        after={"asks": document.column(COLUMN)},
        idempotency_key=f"{document.document_id}:asked:{document.etag}",
    )
    async with case.service.state.begin() as tx:
        await journal.append(tx, case.place.row.site_id, entry)
