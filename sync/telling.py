"""What is told to people about registers: at once, or as a line of their daily digest.

Words come from the rule's finding; a subject names no entry and nobody. Each message has a key, so
that it is told once however often a row is looked at.
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync import recipients
from sync.model import Notify
from sync.state import digests, notices

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sync.model import Finding, Item
    from sync.places import Place
    from sync.service import Service

SIGNED = "Verger, for the network's governance"


@dataclass(frozen=True, slots=True)
class Telling:
    """One thing to tell one mailbox. `section` is the register's name, `name` the entry's."""

    key: str
    to: str
    section: str
    name: str
    says: str
    link: str
    subject: str
    at_once: bool


async def tellings(
    service: Service, place: Place, row: Item, findings: Iterable[Finding]
) -> tuple[Telling, ...]:
    """Return what these findings have to be told, and to which mailboxes.

    Raises what reading a person of the site raises: nothing was told then, and the row waits.
    """
    found = []
    for finding in findings:
        for remedy in finding.remedies:
            if isinstance(remedy, Notify):
                told = await recipients.addresses(service, place, row, remedy.to)
                found += [_telling(service, place, row, finding, remedy, one) for one in told]
    return tuple(found)


def _telling(  # noqa: PLR0913, PLR0917 - the six are what a message is made of
    service: Service, place: Place, row: Item, finding: Finding, remedy: Notify, to: str
) -> Telling:
    register = place.list.title
    return Telling(
        key=f"{row.document_id}:{finding.policy}:{remedy.once}:{to}",
        to=to,
        section=f"{register}, {place.spec.title}",
        name=row.column("Title") or f"entry {row.item_id}",
        says=" ".join(part for part in (finding.says, finding.expected, finding.how) if part),
        link=row.web_url,
        subject=service.standard.letters.at_once.format(register=register),
        at_once=remedy.at_once,
    )


async def queue(tx: AsyncConnection, service: Service, told: Sequence[Telling]) -> None:
    """Queue mails and digest lines; one that was told already is left out."""
    for one in told:
        if one.at_once:
            await notices.queue_notice(tx, _letter(one), service.now())
        else:
            await digests.queue_line(tx, _line(service, one))


def _line(service: Service, one: Telling) -> digests.Line:
    return digests.Line(
        key=one.key,
        recipient=one.to,
        section=one.section,
        says=f"{one.name}: {one.says}",
        link=one.link,
        queued_at=service.now(),
    )


def _letter(one: Telling) -> notices.NewNotice:
    opening = f"This is about “{one.name}” in {one.section}."
    return notices.NewNotice(
        idempotency_key=one.key,
        recipient=one.to,
        subject=one.subject,
        body={
            "text": f"{opening}\n\n{one.says}\n\n{one.link}\n\n{SIGNED}",
            "html": page(
                f"<p>{html.escape(opening)}</p><p>{html.escape(one.says)}</p>{open_link(one.link)}"
            ),
        },
    )


def open_link(address: str, words: str = "Open the entry") -> str:
    """Return a paragraph with a link, "" without an address."""
    return f'<p><a href="{html.escape(address, quote=True)}">{words}</a></p>' if address else ""


def page(inside: str) -> str:
    """Return a simple, accessible mail around its paragraphs."""
    return f'<html lang="en-GB"><body>{inside}<p>{html.escape(SIGNED)}</p></body></html>'
