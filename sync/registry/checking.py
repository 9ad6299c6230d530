"""Is the registry complete? Every number accounted for, every file listed, one Current of each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sharepoint_schema.numbers import Number
from sync.registry.columns import GONE, NOTE, NUMBER, TITLE
from sync.registry.rebuilding import survey
from sync.state import numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sync.registry.rebuilding import Survey
    from sync.service import Service
    from sync.state.numbers import NumberRow

CURRENT = "Current"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it should be: `kind` is the same word for the same fault."""

    kind: str
    number: str
    says: str


@dataclass(frozen=True, slots=True)
class Listed:
    """What became of a number: issued, reserved, lapsed, void, or never given out."""

    number: str
    state: str
    note: str


@dataclass(frozen=True, slots=True)
class Completeness:
    """The report: what is wrong, and every number up to the highest of its series."""

    faults: tuple[Fault, ...]
    numbers: tuple[Listed, ...]

    @property
    def complete(self) -> bool:
        return not self.faults


async def check(service: Service) -> Completeness:
    """Compare every registry with its files and its numbers (costs: see `rebuilding`)."""
    surveys = await survey(service)
    async with service.state.read() as tx:
        given = await numbers.all_numbers(tx)
        heads = await numbers.series_highest(tx)
    listed = tuple(_listed(given, heads))
    faults = [fault for one in surveys for fault in _faults(one)]
    gaps = [_gap(one) for one in listed if one.state == "never given out"]
    told = sorted([*faults, *gaps], key=lambda one: (one.kind, one.number, one.says))
    return Completeness(tuple(told), listed)


def _faults(found: Survey) -> Iterator[Fault]:
    for document in found.loose:
        status = document.column("ControlStatus") or "not judged yet"
        yield Fault("file without a row", "", f"{document.name} has no number ({status}).")
    for change in found.changes():
        one = change.wanted
        if not change.item_id:
            kind = "file without a row" if one.document else "number without a row"
            yield Fault(kind, one.number, f"{one.number} has no row in the registry.")
        else:
            names = ", ".join(sorted(change.columns))
            yield Fault("row out of step", one.number, f"The row of {one.number} differs: {names}.")
    for one in found.wanted:
        if one.state == "issued" and one.document is None:
            yield Fault("row without a file", one.number, GONE)
    for row in found.strays:
        said = str(row.fields.get(NUMBER))
        why = str(row.fields.get(NOTE) or "nobody gave this number out").rstrip(".")
        title = row.fields.get(TITLE) or "a row without a title"
        yield Fault("row of no number", said, f"{title}: {why}.")
    yield from _currents(found)


def _currents(found: Survey) -> Iterator[Fault]:
    """Tell the numbers that more than one file calls Current, whoever holds the number."""
    files = [*(one.document for one in found.wanted if one.document), *found.loose]
    said = Counter(one.column(NUMBER) for one in files if one.column("DocumentStatus") == CURRENT)
    for number, count in said.items():
        if number and count > 1:
            yield Fault("two Currents", number, f"{count} files are the current {number}.")


def _listed(given: Sequence[NumberRow], heads: dict[str, int]) -> Iterator[Listed]:
    known = {(row.series, row.nn): row for row in given}
    for series, highest in heads.items():
        for nn in range(1, highest + 1):
            row = known.get((series, nn))
            number = str(Number(series, nn))
            if row is None:
                yield Listed(number, "never given out", "")
            else:
                yield Listed(number, row.state, row.note or "")


def _gap(one: Listed) -> Fault:
    says = "It was never given out. A registrar adds a row and writes Void beside it to say so."
    return Fault("gap", one.number, f"{one.number}: {says}")


def by_state(listed: Iterable[Listed]) -> dict[str, int]:
    """Return how many numbers are issued, reserved, lapsed, void or were never given out."""
    return dict(Counter(one.state for one in listed))
