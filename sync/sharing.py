"""What the permission check sees of files in open libraries, and the rule about sharing them.

The feed tells nothing of sharing. The rolling check notes which files are shared beyond the
network's own people and opens their rows; a look at such a file reads its access anew, so that the
rule judges what is, not what was.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from sync.model import Admitted, Audience, Revoke, SharingLink
from sync.policies.external_sharing import outward
from sync.restricted.rules import Extra, Kind
from sync.state import checks, work

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from sync.model import Document
    from sync.places import Place
    from sync.service import Service
    from sync.tenant.grants import Spot

POLICY = "external_sharing"


async def with_audience(service: Service, place: Place, document: Document) -> Document:
    """Return the document with who can open it, where the check found it shared outward.

    Costs nothing for any other file, about 11 units for such a one.
    """
    if POLICY not in place.area.policies:
        return document
    async with service.state.read() as tx:
        known = await checks.is_shared(tx, place.row.id, document.item_id)
    if not known:
        return document
    spots = await _grants().spots(service.tenant, place.row, [document.item_id])
    audience = audience_of(spots[0]) if spots else Audience()
    if not _is_outward(service, audience):
        async with service.state.begin() as tx:
            await checks.forget_shared(tx, place.row.id, document.item_id)
    return replace(document, audience=audience)


async def note_items(
    service: Service, place: Place, spots: Sequence[Spot], between: tuple[int, int | None]
) -> int:
    """Open rows for the files of a page that are shared outward, and for those that no longer are.

    `between` are the item numbers the page covers; returns how many are shared outward.
    """
    out = {
        one.item_id for one in spots if not one.is_folder and _is_outward(service, audience_of(one))
    }
    list_id = place.row.id
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


def audience_of(spot: Spot) -> Audience:
    """Return a place's access in the model's words; groups, apps and own accounts are no people."""
    people = tuple(
        Admitted(one.principal, one.address)
        for one in spot.holders
        if one.is_person and not one.is_own_account
    )
    links = tuple(SharingLink(one.id, one.scope, one.type, one.people) for one in spot.links)
    return Audience(spot.unique, people, links)


def outward_at(service: Service, spot: Spot) -> list[Extra]:
    """Return what is shared outward at a folder, or at an open library itself."""
    found = outward(audience_of(spot), service.standard)
    links = [Extra(Kind.LINK, link=one) for one in spot.links if one.id in found.links]
    people = [Extra(Kind.PERSON, one) for one in spot.holders if one.principal in found.people]
    return [*links, *people]


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
