"""What is told to people about registers: at once, or as a line of their daily digest.

What is told comes from the rule's finding, the words around it from the standard. Each message has
a key, so that it is told once however often a row is looked at. What was found, done and found
again is told again; what is done before the digest goes out is withdrawn from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from sync import letters, recipients
from sync.model import Notify
from sync.state import digests, notices

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sync.model import Finding, Item, Remedy
    from sync.places import Place
    from sync.remedies import Settlement
    from sync.service import Service

type Asked = Mapping[str, str]
"""What people are told of an entry, each by its rule and occasion, and since which look."""
EVENTS: Asked = MappingProxyType({})


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
    about: str | None


def asked(findings: Iterable[Finding], before: Asked | None, now: datetime) -> dict[str, str]:
    """Return what these findings ask of people, and since which look: what is new, since `now`.

    `before` is what the last look returned; what it found and this one does not is forgotten. None
    stands for a look of a release that kept nothing: it told what still stands.
    """
    since = f"@{round(now.timestamp()):x}"  # ten decimal digits could pass for an NHS number
    occasions = (_occasion(finding, one) for finding, one in _notifying(findings))
    return {one: "" if before is None else before.get(one, since) for one in occasions}


def spoken(settled: Settlement) -> tuple[Finding, ...]:
    """Return what is told of a row; what Verger has just put right itself is told as news."""
    return tuple(
        replace(one, remedies=tuple(map(_news, one.remedies)))
        if one.policy in settled.acting
        else one
        for one in settled.told
    )


def _news(remedy: Remedy) -> Remedy:
    return replace(remedy, news=True) if isinstance(remedy, Notify) else remedy


async def tellings(
    service: Service, place: Place, row: Item, findings: Sequence[Finding], since: Asked = EVENTS
) -> tuple[Telling, ...]:
    """Return what these findings have to be told, and to which mailboxes.

    `since` is as by `asked`; nothing where each finding is an event that never comes again.
    Raises what reading a person of the site raises: nothing was told then, and the row waits.
    """
    found = []
    for finding, remedy in _notifying(findings):
        occasion = _occasion(finding, remedy)
        key = f"{row.document_id}:{occasion}{since.get(occasion, '')}"
        told = await recipients.addresses(service, place, row, remedy.to)
        found += [_telling(place, row, finding, remedy, (key, one)) for one in told]
    return tuple(found)


def _notifying(findings: Iterable[Finding]) -> Iterator[tuple[Finding, Notify]]:
    for finding in findings:
        for remedy in finding.remedies:
            if isinstance(remedy, Notify):
                yield finding, remedy


def _occasion(finding: Finding, remedy: Notify) -> str:
    return f"{finding.policy}:{remedy.once}"


def _telling(
    place: Place, row: Item, finding: Finding, remedy: Notify, whom: tuple[str, str]
) -> Telling:
    key, to = whom
    return Telling(
        key=f"{key}:{to}",
        to=to,
        register=place.list.title,
        site=place.spec.title,
        name=_name(place, row),
        says=" ".join(part for part in (finding.says, finding.expected, finding.how) if part),
        link=row.web_url,
        at_once=remedy.at_once,
        about=None if remedy.news else row.document_id,
    )


def _name(place: Place, row: Item) -> str:
    """Return an entry's title; its number where it has none, or where only some may read it."""
    number = f"entry {row.item_id}"
    return number if place.list.own_only else row.column("Title") or number


async def queue(tx: AsyncConnection, service: Service, about: str, told: Sequence[Telling]) -> None:
    """Queue mails and digest lines about an entry; one that was told already is left out.

    `told` is all there is to tell: a line that waits and is not among it is withdrawn, since what
    it asks for was done or is now another's to do.
    """
    await digests.withdraw(tx, about, [one.key for one in told])
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
        about=one.about,
    )


def _letter(service: Service, one: Telling) -> notices.NewNotice:
    told = {"name": one.name, "list": one.register, "site": one.site}
    letter = letters.write(service.standard.letters, "at_once", told, [one.says], one.link)
    return letters.notice(service, letter, one.key, one.to)
