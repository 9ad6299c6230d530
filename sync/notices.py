"""Mail to staff: one message for each change of verdict, plain, with a link, sent once.

A mail is queued in the transaction that records its reason, under a key made of the document and
the verdict, so that a second look or a second worker queues nothing. Subjects name no file: what
must not be read by others does not stand on a locked phone's screen.
"""

from __future__ import annotations

import html
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sync.errors import Terminal, Transient
from sync.explaining import paragraph
from sync.model import Contain, Keep, Move, Recipient, Status, Tell
from sync.model.identifiers import names_one
from sync.remedies import by_when
from sync.state import notices as outbox
from sync.tenant import notices as post

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from sync.acting import Acted
    from sync.model import Document, Finding
    from sync.places import Place
    from sync.service import Service

CLAIM_SECONDS = 120
AGAIN = timedelta(minutes=5)
SUBJECTS = {
    Status.CORRECTED: "Your document was put right",
    Status.WAIVED: "Your document was put right",  # what is waived is not what is mailed about
    Status.NEEDS_YOU: "Your document needs something from you",
    Status.HELD: "Your document is held until someone looks at it",
    Status.NOT_CHECKED: "Your document could not be checked",
}
"""Subject lines by verdict; none names a file."""


FOR_OFFICERS = "A file is waiting for you in quarantine"


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail's parts before it is laid out; `due` are the days Verger acts, by policy."""

    opening: str
    findings: tuple[Finding, ...]
    link: str
    due: Mapping[str, datetime] = field(default_factory=dict, hash=False)

    @property
    def address(self) -> str:
        """The link, "" where the address itself names what no mail may repeat."""
        return "" if names_one(self.link) else self.link

    @property
    def points(self) -> list[str]:
        """One paragraph for each finding, as beside the file."""
        return [paragraph(one, by_when(one.policy, self.due)) for one in self.findings]


def compose(place: Place, acted: Acted, key: str) -> Iterator[outbox.NewNotice]:
    """Yield the mails this verdict asks for; `key` tells the verdict from every other one.

    The state the file is in is part of a mail's key: a verdict that comes back later is told again.
    """
    document, settled = acted.document, acted.settlement
    if settled.status is None or settled.status not in SUBJECTS:
        return
    roles: dict[str, Recipient] = {}
    for role in settled.tell:
        for address in _addresses(place, document, role):
            roles.setdefault(address, role)
    for address, role in roles.items():
        letter = _letter(place, acted, role)
        officer = role is Recipient.IG_OFFICERS
        yield outbox.NewNotice(
            idempotency_key=f"{document.document_id}:{document.etag}:{key}:{address}",
            recipient=address,
            document_id=document.document_id,
            subject=FOR_OFFICERS if officer else SUBJECTS[settled.status],
            body={"html": as_html(letter), "text": as_text(letter)},
        )


def ahead(
    place: Place, document: Document, finding: Finding, key: str
) -> Iterator[outbox.NewNotice]:
    """Yield the mails of one finding that is told before its verdict can stand beside the file.

    `key` says what makes it the same again, so that it is told once while it lasts.
    """
    opening = f"This is about “{document.name}” in {place.list.title}, {place.spec.title}."
    letter = Letter(opening, (finding,), document.web_url)
    roles = [one.to for one in finding.remedies if isinstance(one, Tell)]
    told = (one for role in roles for one in _addresses(place, document, role))
    for address in dict.fromkeys(told):
        yield outbox.NewNotice(
            idempotency_key=f"{document.document_id}:{key}:{address}",
            recipient=address,
            document_id=document.document_id,
            subject=SUBJECTS[Status.NEEDS_YOU],
            body={"html": as_html(letter), "text": as_text(letter)},
        )


def _letter(place: Place, acted: Acted, role: Recipient) -> Letter:
    """Return what one role reads; of a file taken aside only why it was, and no more."""
    counted = tuple(one for one in acted.settlement.standing if one.counts)
    closing = tuple(one for one in counted if one.policy in place.closing)
    if role is Recipient.IG_OFFICERS:
        return Letter(
            "A file was taken aside because it may hold information about a patient. Only you can"
            " open it. Please look at it, then set Quarantine decision and a reason beside it:"
            " redacted, once the number is out of it, or a false positive.",
            tuple(replace(one, expected="", how="") for one in closing),
            _by_number(place, acted),
        )
    due = acted.settlement.due
    return Letter(_opening(place, acted), closing or counted, _link(acted), due)


def as_text(letter: Letter) -> str:
    """Lay a letter out as plain text."""
    points = "\n".join(f"- {point}" for point in letter.points)
    link = f"\n\nThe document: {letter.address}" if letter.address else ""
    return f"{letter.opening}\n\n{points}{link}\n\nVerger, for the network's document control"


def as_html(letter: Letter) -> str:
    """Lay a letter out as simple, accessible HTML."""
    points = "".join(f"<li>{html.escape(point)}</li>" for point in letter.points)
    address = html.escape(letter.address, quote=True)
    link = f'<p><a href="{address}">Open the document</a></p>' if address else ""
    opening = html.escape(letter.opening)
    return (
        f'<html lang="en-GB"><body><p>{opening}</p><ul>{points}</ul>{link}'
        "<p>Verger, for the network's document control</p></body></html>"
    )


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
        key=notice.idempotency_key,
    )
    failure: tuple[str, bool] | None = None
    try:
        await post.send_mail(service.tenant, letter)
    except Transient as error:  # one that may have left is not sent twice, and shown as failed
        failure = (str(error), not error.maybe_done)
    except Terminal as error:
        failure = (str(error), False)
    now = service.now()
    async with service.state.begin() as tx:
        if failure is None:
            return await outbox.mark_sent(tx, notice, now)
        await outbox.mark_failed(tx, notice, failure[0], now + AGAIN if failure[1] else None)
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


def _opening(place: Place, acted: Acted) -> str:
    document = acted.document
    if Contain(Keep.IG_OFFICERS) in acted.remedies:
        return (
            "A file you put into SharePoint was taken aside, because it may hold information about"
            " a patient. Only the information governance officers can open it now."
        )
    if any(isinstance(one, Move) for one in acted.remedies):
        return "A file you put into SharePoint now lies in the restricted library of its site."
    return f"This is about “{document.name}” in {place.list.title}, {place.spec.title}."


def _link(acted: Acted) -> str:
    return "" if Contain(Keep.IG_OFFICERS) in acted.remedies else acted.document.web_url
