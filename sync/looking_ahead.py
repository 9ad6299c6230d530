"""What a change of the rules would bring for one file: from the facts, or by reading the file.

Nothing is written to Microsoft 365 and nobody is told anything.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from sync import identity, sharing
from sync.errors import Missing, Terminal
from sync.facts import document_of, reading_of
from sync.kept import NotKept
from sync.looks import Look
from sync.model import Person
from sync.past import fates
from sync.policies import dead_reference
from sync.rulebook import Subject, weigh
from sync.simulation import found_then
from sync.state import checks, lists
from sync.state.facts import CHECKED_OUT, history
from sync.tenant import documents
from sync.world import read_world

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sync.model import Document
    from sync.places import Place
    from sync.rulebook import Turn
    from sync.service import Service
    from sync.state.items import ItemRow
    from sync.trials import Outcome
    from sync.world import Told, World

UNREADABLE = "it could not be looked at"


@dataclass(frozen=True, slots=True)
class Today:
    """What our records say now, of all lists: read once for many files."""

    service: Service
    world: World


@dataclass(frozen=True, slots=True)
class Ahead:
    """What a file's verdict would become: by policy [before, after], {} when nothing changes.

    `fetched` says that the file had to be read from Microsoft 365.
    """

    says: dict[str, list[str]]
    fetched: bool = False


async def read_today(service: Service) -> Today:
    """Return our records as they are."""
    now = service.now()
    async with service.state.read() as tx:
        followed = {one.id: one for one in await lists.all_lists(tx)}
        world = await read_world(tx, followed, now)
        await world.advance(tx, now)
    return Today(service, world)


async def look_ahead(
    today: Today, place: Place, changed: Sequence[Turn], item: ItemRow
) -> Ahead | None:
    """Return what the changed rules would bring for one file; None for one not judged yet, or gone.

    Costs nothing where the facts can tell, else what reading the file costs. Raises Transient.
    """
    async with today.service.state.read() as tx:
        rows = await history(tx, item.document_id)
        if not rows:
            return None
        look = Look(today.service.now(), rows[-1], tuple(rows[:-1]), item.verdict, last=True)
        shared = await checks.is_shared(tx, item.list_id, item.item_id)
        besides = {"name": item.name} | ({} if shared else {"audience": None})
        document = found_then(look, place, besides)
        told = await today.world.told(tx, look, place, document)
    try:
        return Ahead(_differences(today, told, changed))
    except NotKept:  # the facts can't tell: read the file itself
        return await _fetched(today, told, changed, item)


async def _fetched(
    today: Today, told: Told, changed: Sequence[Turn], item: ItemRow
) -> Ahead | None:
    try:
        document = await _read(today.service, told, item)
    except Missing:
        return None
    except Terminal:  # a look of its own will say why, and park
        return Ahead({one.policy: [UNREADABLE, UNREADABLE] for one in changed}, fetched=True)
    async with today.service.state.read() as tx:
        more = await _besides(tx, today.service, told.place, document)
    whole = replace(told, document=document, known={**told.known, **more})
    try:
        return Ahead(_differences(today, whole, changed), fetched=True)
    except NotKept as lacking:
        says = f"{UNREADABLE}: {lacking.what} is not known"
        return Ahead({one.policy: [says, says] for one in changed}, fetched=True)


async def _read(service: Service, told: Told, item: ItemRow) -> Document:
    """Read the file as a look does, without identifying, claiming or writing anything."""
    place = told.place
    file = await documents.file_facts(service.tenant, place.row, item.item_id)
    if file is None:
        raise Missing(f"item {item.item_id} is gone")
    reading = await reading_of(service, place, item.item_id, file)
    document = document_of(place, item.item_id, item.document_id, file, reading)
    held = Person() if told.look.found.facts.get(CHECKED_OUT) else None
    return await sharing.with_audience(service, place, replace(document, checked_out_by=held))


async def _besides(
    tx: AsyncConnection, service: Service, place: Place, document: Document
) -> dict[str, Any]:
    """Return what hangs on the text, which no facts hold."""
    cited = dead_reference.cited(document, service.standard)
    return {
        "alike": await identity.alike(tx, service, place, document),
        "strays": await identity.strays(tx, service, document),
        "cited": await fates(tx, cited, service.standard),
    }


def _differences(today: Today, told: Told, changed: Sequence[Turn]) -> dict[str, list[str]]:
    under = partial(today.world.under, told)
    subject = Subject(told.document, under, today.service.standard, told.look.said)
    pairs = {one.policy: weigh(one, subject) for one in changed}
    return {
        policy: [_said(before), _said(after)]
        for policy, (before, after) in pairs.items()
        if before != after
    }


def _said(found: Outcome | None) -> str:
    """Return what is done about a finding, never its words: they may name the file."""
    return "nothing" if found is None else found.effect.says
