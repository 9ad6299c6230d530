"""What a rule would have done, by the facts recorded: before and after a change of its parameters.

Every look of the time asked for is judged again by the rules as they are and as they would be.
Nothing is written and Microsoft 365 is not asked. What a rule judges by and is not kept (the text,
above all) can't be replayed: then the verdict given at the time counts while only modes change, and
otherwise the look is counted as not replayed, with what was missing. What staff had excused does
not count here: a simulation is about the rule.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from sync.errors import Misconfigured, Missing
from sync.kept import NotKept, document_then
from sync.looks import Period, looks_of
from sync.parameters import MODES, parts_of, with_values
from sync.policies import policies
from sync.state import lists, sites
from sync.trials import Effect, Outcome, ask, outcome, recorded
from sync.world import read_world

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sharepoint_schema.standard import Mode, Standard
    from sync.looks import Look
    from sync.model import Document
    from sync.places import Place
    from sync.service import Service
    from sync.state.lists import ListRow
    from sync.trials import Found
    from sync.world import Told, World

EXAMPLES = 10
NOTHING: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked: a policy, since when (aware), `path=value` words, a site (address or key)."""

    policy: str
    since: datetime
    values: Sequence[str] = ()
    site: str | None = None
    examples: int = EXAMPLES


@dataclass(slots=True)
class Counted:
    """One list: looks judged again, and the files by the weightiest effect before and after.

    `different` are the files about which the change makes a difference; `recorded` counts the looks
    told by the verdict given then, `not_replayed` those that could not be, by what was missing.
    """

    site: str
    list: str
    looks: int = 0
    recorded: int = 0
    files: set[str] = field(default_factory=set)
    different: set[str] = field(default_factory=set)
    before: dict[str, Effect] = field(default_factory=dict)
    after: dict[str, Effect] = field(default_factory=dict)
    not_replayed: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Example:
    """One look: `file` is "" and nothing is quoted where the place keeps its names to itself."""

    site: str
    list: str
    file: str
    at: datetime
    before: Outcome | None
    after: Outcome | None


@dataclass(frozen=True, slots=True)
class Simulated:
    """The answer: `changed` is False when no value was set, so that both sides are the same."""

    policy: str
    since: datetime
    until: datetime
    changed: bool
    lists: tuple[Counted, ...]
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """The rule, as it is and as it would be; `mode` is the one asked for, None to keep the place's.

    `judges_alike` says that only modes were set, so that what was found stays found.
    """

    policy: str
    now: Standard
    then: Standard
    mode: Mode | None
    judges_alike: bool


async def simulate(service: Service, wish: Wish) -> Simulated:
    """Replay what is recorded. Raises Misconfigured for an unknown policy, path or value.

    Raises Missing for a site that Verger does not follow.
    """
    trial = _trial(service, wish)
    until = service.now()
    async with service.state.read() as tx:
        followed = {one.id: one for one in await lists.all_lists(tx)}
    chosen = await _chosen(service, followed.values(), wish)
    counts = {one: Counted(row.site_url, row.title) for one, row in chosen.items()}
    examples: deque[Example] = deque(maxlen=wish.examples)
    async with service.state.read() as tx:
        world = await read_world(tx, followed, until)
        async for look in looks_of(tx, Period(followed, wish.since, until)):
            await world.advance(tx, look.at)
            if look.found.list_id in chosen:
                place = await service.place(look.found.list_id)
                told = await replayed(tx, world, look, place)
                examples += _count(world, told, trial, counts[place.row.id])
    return Simulated(
        wish.policy, wish.since, until, bool(wish.values), tuple(counts.values()), tuple(examples)
    )


async def replayed(tx: AsyncConnection, world: World, look: Look, place: Place) -> Told:
    """Return a look's document with what was known besides it then."""
    return await world.told(tx, look, place, found_then(look, place))


def found_then(look: Look, place: Place, besides: Mapping[str, object] = NOTHING) -> Document:
    """Return the document as the look found it; `besides` is what is known where no fact is."""
    declared = {one.name for one in (*place.spec.columns, *place.spec.columns_of(place.list))}
    return document_then(look.found, place.area.key, declared, besides)


def _trial(service: Service, wish: Wish) -> Trial:
    known = policies()
    if wish.policy not in known:
        raise Misconfigured(f"there is no policy {wish.policy}; there are {', '.join(known)}")
    parts, own = parts_of(wish.values), known[wish.policy].parameters
    strange = sorted(parts - own - {MODES})
    if strange:
        reads = ", ".join(sorted(own))
        raise Misconfigured(f"{wish.policy} does not go by {', '.join(strange)}; it reads {reads}")
    then = with_values(service.standard, wish.values)
    modes = {one.partition("=")[0].strip() for one in wish.values}
    asked = then.modes[wish.policy] if f"{MODES}.{wish.policy}" in modes else None
    return Trial(wish.policy, service.standard, then, asked, parts <= {MODES})


async def _chosen(service: Service, followed: Iterable[ListRow], wish: Wish) -> dict[str, ListRow]:
    """Return the lists that the policy applies to, by id, in the order they are told."""
    async with service.state.read() as tx:
        keys = {one.url: one.site_key for one in await sites.all_sites(tx)}
    here = [row for row in followed if wish.site in (None, row.site_url, keys.get(row.site_url))]
    if wish.site is not None and not here:
        known = ", ".join(sorted(keys.values())) or "none yet"
        raise Missing(f"{wish.site} is not a site that Verger follows; it follows {known}")
    return {
        row.id: row
        for row in sorted(here, key=lambda row: (row.site_url, row.title))
        if wish.policy in (await service.place(row.id)).area.policies
    }


def _count(world: World, told: Told, trial: Trial, counted: Counted) -> list[Example]:
    """Count one look, and return it as an example where it is one."""
    look, place = told.look, told.place
    try:
        sides = _replay(world, told, trial)
    except NotKept as lacking:
        if not trial.judges_alike or look.said is None:
            counted.not_replayed[lacking.what] += 1
            return []
        counted.recorded += 1
        said = recorded(trial.policy, look.said)
        sides = said, said
    usual = place.modes[trial.policy]
    before, after = outcome(sides[0], usual), outcome(sides[1], trial.mode or usual)
    counted.looks += 1
    counted.files.add(look.document_id)
    _weigh(counted.before, look, before)
    _weigh(counted.after, look, after)
    changed = trial.mode is not None or not trial.judges_alike
    if before != after:
        counted.different.add(look.document_id)
    if before == after if changed else before is None:
        return []
    return [_example(look, place, before, after)]


def _replay(world: World, told: Told, trial: Trial) -> tuple[list[Found], list[Found]]:
    now = ask(trial.policy, told.document, world.under(told, trial.now))
    if trial.judges_alike:
        return now, now
    return now, ask(trial.policy, told.document, world.under(told, trial.then))


def _weigh(effects: dict[str, Effect], look: Look, found: Outcome | None) -> None:
    if found is not None:
        known = effects.get(look.document_id, found.effect)
        effects[look.document_id] = max(known, found.effect)


def _example(look: Look, place: Place, before: Outcome | None, after: Outcome | None) -> Example:
    name = place.shown(look.found.facts["name"])

    def quoted(one: Outcome | None) -> Outcome | None:
        return one if one is None or name else Outcome(one.effect, ())

    return Example(
        place.row.site_url, place.row.title, name, look.at, quoted(before), quoted(after)
    )
