"""Mail to staff: one message for each change of verdict, plain, with a link, sent once.

A mail is queued in the transaction that records its reason, under a key made of the document and
the verdict, so that a second look or a second worker queues nothing. Its words are the standard's
(`letters:`), its layout `sync.letters`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sync import leavers, letters, sent_list
from sync.errors import Terminal, Transient, VergerError
from sync.explaining import paragraph
from sync.model import Contain, Keep, Move, Recipient, Status, Tell
from sync.remedies import by_when
from sync.state import notices as outbox
from sync.state.sent import handle_of
from sync.tenant import notices as post

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sharepoint_schema.letters import Kind
    from sync.acting import Acted
    from sync.cases import Case
    from sync.letters import Letter
    from sync.model import Document, Finding
    from sync.places import Place
    from sync.service import Service

CLAIM_SECONDS = 120
AGAIN = timedelta(minutes=5)
"""After how long a mail that did not leave is tried again, the first time; then later each time."""
AT_MOST = timedelta(hours=1)
KINDS: Mapping[Status, Kind] = {
    Status.CORRECTED: "corrected",
    Status.WAIVED: "corrected",  # what is waived is not what is mailed about
    Status.NEEDS_YOU: "needs_you",
    Status.HELD: "held",
    Status.NOT_CHECKED: "not_checked",
}
"""Which of the standard's mails a verdict is told by."""


def compose(case: Case, acted: Acted, key: str) -> Iterator[outbox.NewNotice]:
    """Yield the mails this verdict asks for; `key` tells the verdict from every other one.

    The state the file is in is part of a mail's key: a verdict that comes back later is told again.
    """
    document = acted.document
    for address, role in readers(case.place, acted).items():
        yield letters.notice(
            case.service,
            _letter(case, acted, role),
            f"{document.document_id}:{document.etag}:{key}:{address}",
            address,
            document.document_id,
        )


def readers(place: Place, acted: Acted) -> dict[str, Recipient]:
    """Return the mailboxes that this verdict is told to, each with the role it reads in."""
    settled = acted.settlement
    roles: dict[str, Recipient] = {}
    for role in settled.tell if settled.status in KINDS else ():
        for address in _addresses(place, acted.document, role):
            roles.setdefault(address, role)
    return roles


def ahead(case: Case, document: Document, finding: Finding, key: str) -> Iterator[outbox.NewNotice]:
    """Yield the mails of one finding that is told before its verdict can stand beside the file.

    `key` says what makes it the same again, so that it is told once while it lasts.
    """
    told = told_of(case.place, document)
    words = case.service.standard.letters
    letter = letters.write(words, "reminded", told, [paragraph(finding)], document.web_url)
    roles = [one.to for one in finding.remedies if isinstance(one, Tell)]
    found = (one for role in roles for one in _addresses(case.place, document, role))
    for address in dict.fromkeys(found):
        once = f"{document.document_id}:{key}:{address}"
        yield letters.notice(case.service, letter, once, address, document.document_id)


def told_of(place: Place, document: Document) -> dict[str, str]:
    """Return what every mail about a file may say of it: its name and where it lies."""
    return {"name": document.name, "list": place.list.title, "site": place.spec.title}


def _letter(case: Case, acted: Acted, role: Recipient) -> Letter:
    """Return what one role reads; of a file taken aside only why it was, and no more."""
    place, words = case.place, case.service.standard.letters
    told = told_of(place, acted.document)
    counted = tuple(one for one in acted.settlement.standing if one.counts)
    closing = tuple(one for one in counted if one.policy in place.closing)
    if role is Recipient.IG_OFFICERS:
        why = [paragraph(replace(one, expected="", how="")) for one in closing]
        return letters.write(words, "officers", told, why, _by_number(place, acted))
    due = acted.settlement.due
    points = [paragraph(one, by_when(one.policy, due)) for one in closing or counted]
    return letters.write(words, _kind(case, acted), told, points, _link(acted))


async def deliver(service: Service) -> int:
    """Send what is queued and due. Returns how many left; one that fails is tried again later."""
    sent = 0
    while True:
        async with service.state.begin() as tx:
            batch = await outbox.claim_notices(tx, service.now(), CLAIM_SECONDS, limit=1)
        if not batch:
            return sent
        for notice in batch:
            sent += await _send(service, notice)


async def _send(service: Service, notice: outbox.Notice) -> bool:
    letter = post.Mail(
        to=notice.recipient,
        subject=notice.subject,
        html=notice.body["html"],
        text=notice.body["text"],
        key=handle_of(notice.idempotency_key),
    )
    try:
        if await sent_list.went_before(service, notice) or await leavers.pass_on(service, notice):
            return False
    except VergerError as error:  # nothing left yet, whatever failed
        return await _failed(service, notice, str(error), again=True)
    try:
        await post.send_mail(service.tenant, letter)
    except Transient as error:  # one that may have left is not sent twice, and shown as failed
        return await _failed(service, notice, str(error), again=not error.maybe_done)
    except Terminal as error:
        return await _failed(service, notice, str(error), again=False)
    async with service.state.begin() as tx:
        return await outbox.mark_sent(tx, notice, service.now())


async def _failed(service: Service, notice: outbox.Notice, why: str, *, again: bool) -> bool:
    """Note that a mail did not leave, and when it is tried again if it is. Returns False."""
    at = service.now() + min(AGAIN * notice.attempts, AT_MOST) if again else None
    async with service.state.begin() as tx:
        await outbox.mark_failed(tx, notice, why, at)
    return False


def _addresses(place: Place, document: Document, role: Recipient) -> tuple[str, ...]:
    """Return a role's mailboxes; someone without one is stood in for by the library's owner."""
    people = {
        Recipient.AUTHOR: document.modified_by,
        Recipient.UPLOADER: document.created_by,
        Recipient.HOLDER: document.checked_out_by,
    }
    if role not in people:
        return place.address_of(role)
    person = people[role]
    return (person.mail,) if person and person.mail else place.address_of(Recipient.OWNER)


def _by_number(place: Place, acted: Acted) -> str:
    """Return the address of a quarantined file that does not hold its name: by its list item."""
    library = place.spec.place("quarantine").url
    return f"{place.row.site_url}/{library}/Forms/DispForm.aspx?ID={acted.document.item_id}"


def _kind(case: Case, acted: Acted) -> Kind:
    """Return which mail this is: of where a file was taken, else of its verdict.

    That a day has come is no answer to anybody, and rests on days that are not worked.
    """
    if Contain(Keep.IG_OFFICERS) in acted.remedies:
        return "quarantined"
    if any(isinstance(one, Move) for one in acted.remedies):
        return "moved"
    kind = KINDS[acted.settlement.status or Status.NEEDS_YOU]
    return "reminded" if kind == "needs_you" and case.row.kind == "due" else kind


def _link(acted: Acted) -> str:
    return "" if Contain(Keep.IG_OFFICERS) in acted.remedies else acted.document.web_url
