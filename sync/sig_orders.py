"""The order a group's site is made from and kept by: what is on record, never what a file says.

An order file names the group. That its directors agreed and the board approved was said by the
people themselves (`sync.requests`); a file that claims it decides nothing (Gov-12).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sharepoint_schema.order import STEPS
from sync.sig_records import (
    APPROVED,
    BOARD,
    DORMANT,
    OPEN,
    PLANNED,
    REQUESTED,
    OutOfTurn,
    Record,
    StepMissing,
    by_slug,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sharepoint_schema.order import SigOrder, SigWish
    from sync.service import Service


@dataclass(frozen=True, slots=True)
class Recorded:
    """A whole order on record; `asleep` when its group is dormant now."""

    order: SigOrder
    asleep: bool = False


async def recorded(service: Service, wish: SigWish) -> Recorded | None:
    """Return the order on record for what a file asks for; None when it is not whole yet.

    Raises OutOfTurn when something else was asked for in that group's name.
    """
    record = await by_slug(service, wish.slug)
    if record is None or record.missing:
        return None
    _same(record, wish)
    return Recorded(record.order(), record.request.state == DORMANT)


async def demanded(service: Service, wish: SigWish) -> SigOrder:
    """Return the recorded order of an open site, so that its schema may be applied again.

    Raises StepMissing or OutOfTurn, each with the next command, for a site that is not open.
    """
    record = await by_slug(service, wish.slug)
    if record is None:
        raise StepMissing(
            f"nobody has asked for the group {wish.name!r} on record; what an order file says of"
            " agreements counts for nothing (Gov-12). Next: verger sig request FILE"
        )
    _same(record, wish)
    row = record.request
    if row.state != OPEN:
        decided = record.decisions.keys()
        what = "; ".join(record.missing) or f"the site is not open, its request is {row.state}"
        follow = "; ".join(next_steps(wish.name, row.state, decided))
        kind = StepMissing if record.missing else OutOfTurn
        raise kind(f"{what} (Gov-12). Next: {follow}")
    return record.order()


def _same(record: Record, wish: SigWish) -> None:
    """Refuse a file that asks for something else than what was decided upon."""
    asked = wish.model_dump(mode="json", exclude_none=True)
    on_record = record.request.wish
    other = sorted(
        name for name in asked.keys() | on_record.keys() if asked.get(name) != on_record.get(name)
    )
    if other:
        told = "; ".join(f"{one} is {on_record.get(one)!r} on record" for one in other)
        raise OutOfTurn(f"the order file is not what was decided upon: {told}")


def next_steps(name: str, state: str, decided: Collection[str]) -> tuple[str, ...]:
    """Return the commands that take a request on from where it stands, by whom each."""
    return tuple(_steps(name, state, decided))


def _steps(name: str, state: str, decided: Collection[str]) -> Iterator[str]:
    if state == REQUESTED:
        agreements = [step for step in STEPS if step.key != BOARD and step.key not in decided]
        for step in agreements:
            office = step.key.replace("_", " ").title()
            yield f'verger sig agree "{name}" (by the {office})'
        if not agreements:
            yield f'verger sig approve "{name}" --minute REFERENCE (by the Board secretary)'
    elif state in {APPROVED, PLANNED}:
        yield f'verger sig open "{name}" (by an Admin)'
    elif state == DORMANT:
        yield f'verger sig wake "{name}" (by an Admin or the Board secretary)'
    elif state != OPEN:
        yield "verger sig list, until the provisioner is done"
