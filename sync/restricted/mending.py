"""Taking away what is too much, with the way back in the journal; told without title or content.

What is about to be taken is noted first: a worker that dies leaves the note, and the next check of
the library journals it before it looks (promise 3).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from sync import letters
from sync.errors import Terminal
from sync.model import Recipient
from sync.restricted.rules import Extra, Kind
from sync.state import items, journal, notices, remembered
from sync.state.sql import values_of
from sync.tenant import grant_writes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sync.places import Place
    from sync.restricted.rules import Circle
    from sync.service import Service
    from sync.tenant.grants import Library, Spot

POLICY = "restricted_access"
CORRECTED, SEEN = "access corrected", "access seen"
GIVE_BACK = "give_access_back"
WORDS: Mapping[Kind, str] = {
    Kind.INHERITS: "The whole library had taken over the site's access again.",
    Kind.LINK: "A sharing link opened it ({}).",
    Kind.PERSON: "{} could open it.",
    Kind.GROUP: "The group {} could open it.",
    Kind.APP: "The app {} could open it.",
    Kind.LEVEL: "The group {} could do more there than agreed.",
    Kind.MEMBER: "{} was in a group that opens the library.",
}
SCOPES: Mapping[str, str] = {
    "anonymous": "for anyone, without signing in",
    "organization": "for everyone in the organisation",
}


@dataclass(frozen=True, slots=True)
class Round:
    """One library under check: its place, its circle, when the round began, whether it acts.

    `groups` are the site's, as read when the check began.
    """

    service: Service
    place: Place
    circle: Circle
    began: datetime
    acts: bool
    library: Library

    @property
    def list_id(self) -> str:
        return self.place.row.id


async def put_right(here: Round, spot: Spot, found: Sequence[Extra]) -> None:
    """Take what was found away, or only write it down; journal it and tell it once."""
    entry = await _entry(here, spot, found)
    if here.acts:
        await _note(here, entry)
        try:
            await _take(here, spot, found)
        except Terminal:
            await _unnote(here)
            raise
    await _record(here, entry, _letters(here, spot, found) if here.acts else ())


async def finish_what_was_begun(service: Service, place: Place) -> None:
    """Journal what a check took away that did not live to write it down."""
    key = _key(place.row.id)
    async with service.state.begin() as tx:
        noted = await remembered.recall(tx, key)
        if noted is not None:
            at = datetime.fromisoformat(noted["at"])
            await journal.append(tx, place.row.site_id, journal.Entry(**{**noted, "at": at}))
            await remembered.forget(tx, key)


async def give_back(service: Service, place: Place, undo: Mapping[str, Any]) -> None:
    """Undo one correction by its recipe; an exception must be agreed on first, or it is retaken.

    A library's own inheritance and memberships of groups come back too.
    """
    tenant, row = service.tenant, place.row
    for one in undo["members"]:
        await grant_writes.rejoin(tenant, row, one["group"], one["principal"])
    if undo["inherits"]:
        await grant_writes.open_library(tenant, row)
        return
    back = msgspec.convert({"grants": undo["grants"], "links": undo["links"]}, grant_writes.Given)
    await grant_writes.share_again(tenant, row, undo["item_id"], back)


async def _take(here: Round, spot: Spot, found: Sequence[Extra]) -> None:
    tenant, row = here.service.tenant, here.place.row
    if any(one.kind is Kind.INHERITS for one in found):
        numbers = {title: one.number for title, one in here.library.groups.items()}
        wanted = {numbers[title]: level for title, level in here.circle.levels.items()}
        await grant_writes.close_library(tenant, row, wanted)
        return
    links = [one.link.id for one in found if one.link is not None]
    if links:
        await grant_writes.revoke(tenant, row, spot.item_id, links)
    holders = [one.holder for one in found if one.holder and one.kind in _WHOLE]
    if holders:
        await grant_writes.take(tenant, row, spot, [one.principal for one in holders])
    for one in found:
        if one.kind is Kind.LEVEL and one.holder is not None:
            await grant_writes.level(tenant, row, spot, one.holder, one.wanted)
        if one.kind is Kind.MEMBER and one.holder is not None:
            await grant_writes.expel(tenant, row, one.number, [one.holder.principal])


_WHOLE = frozenset({Kind.PERSON, Kind.GROUP, Kind.APP})


async def _entry(here: Round, spot: Spot, found: Sequence[Extra]) -> journal.Entry:
    """Return the journal's entry: numbers and roles, no names; people's addresses stand beside."""
    service, row = here.service, here.place.row
    async with service.state.read() as tx:
        known = await items.get_item(tx, row.id, spot.item_id) if spot.item_id else None
    undo = _recipe(spot, found)
    people = sorted({one.holder.address for one in found if one.holder and one.holder.is_person})
    people += sorted({who for one in found if one.link for who in one.link.people})
    mark = hashlib.sha256(json.dumps(undo, sort_keys=True).encode()).hexdigest()[:16]
    when = here.began if here.acts else here.began.date()
    return journal.Entry(
        at=service.now(),
        kind=CORRECTED if here.acts else SEEN,
        actor=service.settings.client_id,
        correlation_id=f"access:{row.id}:{here.began.isoformat()}",
        document_id=known.document_id if known else None,
        list_id=row.id,
        item_id=spot.item_id or None,
        policy=POLICY if not here.place.area.is_open else "external_sharing",
        schema_hash=service.schema_hash,
        before={"found": [_plain(one) for one in found]},
        after={"taken": len(found) if here.acts else 0},
        undo=undo if here.acts else None,
        idempotency_key=f"access:{row.id}:{spot.item_id}:{mark}:{when.isoformat()}",
        personal={"people": json.dumps(people)} if people else {},
    )


def _recipe(spot: Spot, found: Sequence[Extra]) -> dict[str, Any]:
    """Return how to give back what is taken, by numbers; it names nobody."""
    holders = [one.holder for one in found if one.holder and one.kind is not Kind.MEMBER]
    links = [one.link for one in found if one.link is not None]
    members = [one for one in found if one.kind is Kind.MEMBER and one.holder]
    return {
        "do": GIVE_BACK,
        "item_id": spot.item_id,
        "inherits": any(one.kind is Kind.INHERITS for one in found),
        **grant_writes.recipe(holders, links),
        "members": [
            {"group": one.number, "principal": one.holder.principal}
            for one in members
            if one.holder
        ],
    }


def _plain(extra: Extra) -> dict[str, Any]:
    told: dict[str, Any] = {"kind": str(extra.kind)}
    if extra.link is not None:
        told |= {"scope": extra.link.scope, "type": extra.link.type}
    if extra.holder is not None:
        told |= {"principal": extra.holder.principal, "roles": list(extra.holder.roles)}
    return told


async def _note(here: Round, entry: journal.Entry) -> None:
    async with here.service.state.begin() as tx:
        await remembered.remember(
            tx, _key(here.list_id), {**values_of(entry), "at": entry.at.isoformat()}
        )


async def _unnote(here: Round) -> None:
    async with here.service.state.begin() as tx:
        await remembered.forget(tx, _key(here.list_id))


async def _record(here: Round, entry: journal.Entry, letters: Sequence[notices.NewNotice]) -> None:
    async with here.service.state.begin() as tx:
        await journal.append(tx, here.place.row.site_id, entry)
        await _queue(tx, letters, here.service.now())
        await remembered.forget(tx, _key(here.list_id))


async def _queue(tx: AsyncConnection, letters: Sequence[notices.NewNotice], now: datetime) -> None:
    for letter in letters:
        await notices.queue_notice(tx, letter, now)


def _letters(here: Round, spot: Spot, found: Sequence[Extra]) -> list[notices.NewNotice]:
    """Return a mail for each owner and IG officer: who could open what, never what it holds."""
    place = here.place
    what = f"item {spot.item_id} of it" if spot.item_id else "the library as a whole"
    told = {"what": what, "list": place.list.title, "site": place.spec.title}
    words = here.service.standard.letters
    letter = letters.write(words, "access_narrowed", told, [_says(one) for one in found])
    addresses = (*place.address_of(Recipient.OWNER), *place.address_of(Recipient.IG_OFFICERS))
    mark = hashlib.sha256(letter.body()["text"].encode()).hexdigest()[:16]
    key = f"access:{here.list_id}:{here.began.isoformat()}:{mark}"
    return [
        letters.notice(here.service, letter, f"{key}:{address}", address)
        for address in dict.fromkeys(addresses)
    ]


def _says(extra: Extra) -> str:
    if extra.link is not None:
        return WORDS[extra.kind].format(SCOPES.get(extra.link.scope, "for named people"))
    name = extra.holder.title or extra.holder.address if extra.holder else ""
    return WORDS[extra.kind].format(name)


def _key(list_id: str) -> str:
    return f"access:{list_id}"
