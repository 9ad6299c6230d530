"""What the permission check sees of files in open libraries, and the rule about sharing them.

The feed tells nothing of sharing. The rolling check notes which files are shared beyond the
network's own people and opens their rows; a look at such a file reads its access anew, so that the
rule judges what is, not what was.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from sync.model import Admitted, Audience, Crowd, Revoke, SharingLink
from sync.policies.external_sharing import outward
from sync.restricted.rules import EVERYONE, EVERYONE_BUT_GUESTS, GROUP_OF_ENTRA, Extra, Kind
from sync.state import checks, work

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from typing import Any

    from sync.model import Document
    from sync.places import Place
    from sync.service import Service
    from sync.tenant.grants import Holder, Spot

POLICY = "external_sharing"


async def with_audience(service: Service, place: Place, document: Document) -> Document:
    """Return the document with who can open it, where the check found it shared outward.

    Costs nothing for any other file, about 11 units for such a one, 7 more where it is shared with
    a group of the directory.
    """
    if POLICY not in place.area.policies:
        return document
    async with service.state.read() as tx:
        known = await checks.is_shared(tx, place.row.id, document.item_id)
    if not known:
        return document
    spots = await _grants().spots(service.tenant, place.row, [document.item_id])
    audience = await _audience(service, place, spots[0]) if spots else Audience()
    if not _is_outward(service, audience):
        async with service.state.begin() as tx:
            await checks.forget_shared(tx, place.row.id, document.item_id)
    return replace(document, audience=audience)


async def _audience(service: Service, place: Place, spot: Spot) -> Audience:
    """Return a file's access; whom its library is open to is read where that matters."""
    audience = audience_of(spot)
    if all(one.scope != "group" for one in audience.crowds):
        return audience
    library = await _grants().library(service.tenant, place.row)
    return audience_of(spot, readers_of(library.spot))


async def note_items(
    service: Service,
    place: Place,
    spots: Sequence[Spot],
    between: tuple[int, int | None],
    readers: Collection[int],
) -> int:
    """Open rows for the files of a page that are shared outward, and for those that no longer are.

    `between` are the item numbers the page covers, `readers` whom the library itself lets in;
    returns how many are shared outward.
    """
    list_id = place.row.id
    out = {
        one.item_id
        for one in spots
        if not one.is_folder and _is_outward(service, audience_of(one, readers))
    }
    async with service.state.begin() as tx:
        known = await checks.shared_between(tx, list_id, *between)
        for item_id in out - known:
            await checks.note_shared(tx, list_id, item_id)
        rows = [
            work.NewWork(list_id=list_id, item_id=one, kind="permission", lane=work.Lane.URGENT)
            for one in sorted(out ^ known)
        ]
        await work.put(tx, rows, service.now())
    return len(out)


def readers_of(library: Spot) -> frozenset[int]:
    """Return the site's numbers of all that a library itself lets in."""
    return frozenset(one.principal for one in library.holders)


def audience_of(spot: Spot, readers: Collection[int] = ()) -> Audience:
    """Return a place's access in the model's words; the site's own groups and apps widen nothing.

    Nor does a group of the directory that is among the library's own `readers`.
    """
    people = tuple(
        Admitted(one.principal, one.address)
        for one in spot.holders
        if one.is_person and not one.is_own_account
    )
    links = tuple(SharingLink(one.id, one.scope, one.type, one.people) for one in spot.links)
    crowds = tuple(
        Crowd(one.principal, scope)
        for one in spot.holders
        if (scope := _crowd(one)) and not (scope == "group" and one.principal in readers)
    )
    return Audience(spot.unique, people, links, crowds)


def _crowd(holder: Holder) -> str:
    """Return which crowd a holder stands for, in the words of `Crowd`; "" for anybody else."""
    login = holder.login.lower()
    if EVERYONE_BUT_GUESTS in login:
        return "organization"
    if any(one in login for one in EVERYONE):
        return "everyone"
    return "group" if login.startswith(GROUP_OF_ENTRA) else ""


def outward_at(service: Service, spot: Spot, readers: Collection[int]) -> list[Extra]:
    """Return what is shared outward at a folder, or at an open library itself."""
    found = outward(audience_of(spot, readers), service.standard)
    links = [Extra(Kind.LINK, link=one) for one in spot.links if one.id in found.links]
    holders = [
        Extra(Kind.GROUP if _crowd(one) else Kind.PERSON, one)
        for one in spot.holders
        if one.principal in found.people
    ]
    return [*links, *holders]


async def step_back(
    service: Service, place: Place, document: Document, remedy: Revoke
) -> Mapping[str, Any]:
    """Return the inverse step of a revocation: what is shared now of what it takes away."""
    spots = await _grants().spots(service.tenant, place.row, [document.item_id])
    holders = [one for spot in spots for one in spot.holders if one.principal in remedy.people]
    links = [one for spot in spots for one in spot.links if one.id in remedy.links]
    return {
        "do": "share_again",
        **_writes().recipe(holders, links),
    }


async def revoke(service: Service, place: Place, document: Document, remedy: Revoke) -> None:
    """Take links and people's access away from a file; what is gone already is no error.

    It is known as shared no more, so that a check that finds it shared anew opens its row anew.
    """
    grants, writes = _grants(), _writes()
    if remedy.links:
        await writes.revoke(service.tenant, place.row, document.item_id, remedy.links)
    spots = await grants.spots(service.tenant, place.row, [document.item_id])
    for spot in spots:
        held = {one.principal for one in spot.holders} & set(remedy.people)
        if held and spot.unique:
            await writes.take(service.tenant, place.row, spot, sorted(held))
    async with service.state.begin() as tx:
        await checks.forget_shared(tx, place.row.id, document.item_id)


async def share_again(
    service: Service, place: Place, item_id: str, step: Mapping[str, Any]
) -> None:
    """Undo a revocation by its step; a link comes back under a new address."""
    writes = _writes()
    back = msgspec.convert({"grants": step["grants"], "links": step["links"]}, writes.Given)
    await writes.share_again(service.tenant, place.row, item_id, back)


def _is_outward(service: Service, audience: Audience) -> bool:
    return outward(audience, service.standard) != Revoke()


def _grants() -> Any:
    from sync.tenant import grants  # noqa: PLC0415 - with office365, which costs a second

    return grants


def _writes() -> Any:
    from sync.tenant import grant_writes  # noqa: PLC0415 - as above

    return grant_writes
