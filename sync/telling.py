"""What is told to people about registers: at once, or as a line of their daily digest.

What is told comes from the rule's finding, the words around it from the standard. Each message has
a key, so that it is told once however often a row is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync import letters, recipients
from sync.model import Notify
from sync.state import digests, notices

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sync.model import Finding, Item
    from sync.places import Place
    from sync.service import Service


@dataclass(frozen=True, slots=True)
class Telling:
    """One thing to tell one mailbox, about the entry `name` of a register on a site."""

    key: str
    to: str
    register: str
    site: str
    name: str
    says: str
    link: str
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
                found += [_telling(place, row, finding, remedy, one) for one in told]
    return tuple(found)


def _telling(place: Place, row: Item, finding: Finding, remedy: Notify, to: str) -> Telling:
    return Telling(
        key=f"{row.document_id}:{finding.policy}:{remedy.once}:{to}",
        to=to,
        register=place.list.title,
        site=place.spec.title,
        name=_name(place, row),
        says=" ".join(part for part in (finding.says, finding.expected, finding.how) if part),
        link=row.web_url,
        at_once=remedy.at_once,
    )


def _name(place: Place, row: Item) -> str:
    """Return an entry's title; its number where it has none, or where only some may read it."""
    number = f"entry {row.item_id}"
    return number if place.list.own_only else row.column("Title") or number


async def queue(tx: AsyncConnection, service: Service, told: Sequence[Telling]) -> None:
    """Queue mails and digest lines; one that was told already is left out."""
    for one in told:
        if one.at_once:
            await notices.queue_notice(tx, _letter(service, one), service.now())
        else:
            await digests.queue_line(tx, _line(service, one))


def _line(service: Service, one: Telling) -> digests.Line:
    return digests.Line(
        key=one.key,
        recipient=one.to,
        section=f"{one.register}, {one.site}",
        says=f"{one.name}: {one.says}",
        link=one.link,
        queued_at=service.now(),
    )


def _letter(service: Service, one: Telling) -> notices.NewNotice:
    told = {"name": one.name, "list": one.register, "site": one.site}
    letter = letters.write(service.standard.letters, "at_once", told, [one.says], one.link)
    return letters.notice(service, letter, one.key, one.to)
