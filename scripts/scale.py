"""What Verger does past one machine: a day of 500 sites simulated on measured costs. `make scale`.

Pure arithmetic in steps of a few seconds, no tenant and no clock: files arrive, are hinted at, wait
for a worker and for resource units, and are judged. Deterministic by seed. Writes docs/scale.md.
"""

from __future__ import annotations

import math
import random
import sys
from collections import Counter, deque
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import NamedTuple

STEP = 5.0  # seconds
HOUR, DAY = 3_600.0, 86_400.0
SITES, LIBRARIES, DOCUMENTS = 500, 10_000, 1_000_000
ENOUGH = 180.0  # seconds at p99 from an upload to its verdict: when another instance is not needed
MOST_INSTANCES = 30
NORMAL_DAY, BACKGROUND_DAY, BACKGROUND_MINUTE = 0.95, 0.75, 0.7  # sync/tenant/pace.py
NOTHING = 1e-6  # of a file: what dividing leaves
AHEAD = 128  # rows of a burst that another list's upload waits behind (sync/changes.py)


class Band(NamedTuple):
    """A licence band: resource units an app has a minute; a day's are 960 times as many."""

    licences: str
    minute: int


BANDS = (
    Band("up to 1,000", 1_250),
    Band("up to 5,000", 2_500),
    Band("up to 15,000", 3_750),
    Band("up to 50,000", 5_000),
    Band("above 50,000", 6_250),
)


@dataclass(frozen=True)
class Costs:
    """What was measured (docs/benchmarks.md) or is assumed; change a line and run again."""

    in_order: float = 5.8  # RU a file of a burst; 6.0 alone
    again: float = 2.0  # RU of a re-upload that is right already
    corrected: float = 8.2  # RU: renamed, columns, registry row, mail
    contained: float = 47.0  # RU: permissions are 5 each
    first_look: float = 1.01  # RU a file of an adoption that is observed: its content, 1/200 page
    files_a_second: float = 12.0  # by one instance with one core: 81 ms of processor time a file
    hint: float = 60.0  # seconds: notifications are gathered for up to about a minute
    unhinted: float = LIBRARIES * 5.0  # RU a day: each silent library is read every five hours
    upkeep: float = LIBRARIES / 9.8 * 2 + SITES * 20.0  # RU a day: renewals, drift, access checks


SHARES = {"in_order": 0.80, "corrected": 0.14, "again": 0.0575, "contained": 0.0025}
"""How a day's changes fall out (assumed)."""


@dataclass(frozen=True)
class Scenario:
    """Files by the second of their arrival: `changes` over a day, `bulk` from an hour on."""

    name: str
    changes: int = 0
    bulk: int = 0
    bulk_from: float = 10 * HOUR
    bulk_for: float = HOUR
    background: bool = False
    days: int = 2


SCENARIOS = (
    Scenario("a working day: 30,000 changes", changes=30_000),
    Scenario("the same and 100,000 files imported into one library", changes=30_000, bulk=100_000),
    Scenario("adoption: 1,000,000 files looked at once", changes=30_000, bulk=DOCUMENTS,
             bulk_from=0, bulk_for=STEP, background=True, days=14),
)  # fmt: skip


@dataclass
class Lot:
    """Files that arrived in one step: still to be judged, and what one costs."""

    at: float
    count: float
    units: float


@dataclass
class Outcome:
    """What a run came to; files and units are whole-run sums, `waits` seconds by files."""

    arrived: float = 0.0
    done: float = 0.0
    backlog: float = 0.0
    worst: float = 0.0
    units: float = 0.0
    waits: list[tuple[float, float]] = field(default_factory=list)
    bulk_done: float = 0.0
    limited: Counter[str] = field(default_factory=Counter)

    def percentile(self, part: float) -> float:
        """Return the wait (seconds) that this part of the staff's changes did not exceed."""
        total = sum(count for _, count in self.waits)
        seen = 0.0
        for wait, count in sorted(self.waits):
            seen += count
            if seen >= part * total:
                return wait
        return math.inf

    @property
    def bottleneck(self) -> str:
        return self.limited.most_common(1)[0][0] if self.limited else "none: nothing waits"


@dataclass
class Pace:
    """The units left in the minute and in the day."""

    minute: float
    now: float = 0.0
    today: float = 0.0
    day: int = 0

    def open(self, at: float, upkeep: float) -> None:
        """Begin a step: a bucket of one minute refills, what is due anyway is taken first."""
        if int(at // DAY) != self.day:
            self.day, self.today = int(at // DAY), 0.0
        self.now = min(self.minute, self.now + self.minute * STEP / 60) - upkeep
        self.today += upkeep

    def room(self, *, background: bool) -> tuple[float, float]:
        """Return the units to be had now, and today."""
        share = BACKGROUND_DAY if background else NORMAL_DAY
        kept = self.minute * STEP / 60 * (1 - BACKGROUND_MINUTE) if background else 0.0
        return max(0.0, self.now - kept), max(0.0, self.minute * 960 * share - self.today)


def simulate(
    band: Band, scenario: Scenario, instances: int, costs: Costs | None = None, seed: int = 7
) -> Outcome:
    """Run a scenario in one licence band with so many instances of one core."""
    costs = costs or Costs()
    arrivals = _arrivals(scenario, costs, seed)
    pace, out = Pace(band.minute, now=band.minute), Outcome()
    staff: deque[Lot] = deque()
    bulk: deque[Lot] = deque()
    for step in range(int(scenario.days * DAY / STEP)):
        at = step * STEP
        pace.open(at, (costs.unhinted + costs.upkeep) * STEP / DAY)
        for queue, lots in zip((staff, bulk), arrivals, strict=True):
            for lot in lots.get(step, ()):
                out.arrived += lot.count
                queue.append(lot)
        hands = instances * costs.files_a_second * STEP
        rate = min(instances * costs.files_a_second, band.minute / 60 / costs.in_order)
        behind = AHEAD / rate if bulk else 0.0
        hands -= _work(staff, pace, hands, out, (at, behind, False))
        _work(bulk, pace, hands, out, (at, -1.0, scenario.background))
        waiting = sum(lot.count for lot in (*staff, *bulk)) if (staff or bulk) else 0.0
        out.worst = max(out.worst, waiting)
        if not waiting and at > scenario.bulk_from + scenario.bulk_for and at >= DAY:
            break
    out.backlog = sum(lot.count for lot in (*staff, *bulk))
    return out


def _work(
    queue: deque[Lot], pace: Pace, hands: float, out: Outcome, how: tuple[float, float, bool]
) -> float:
    """Judge what hands and units allow, oldest first; returns how many files that was."""
    at, behind, background = how
    done = 0.0
    while queue:
        lot = queue[0]
        now, today = pace.room(background=background)
        limits = {
            "processor": hands - done,
            "units a minute": now / lot.units,
            "units a day": today / lot.units,
        }
        least = min(limits, key=lambda name: limits[name])
        count = min(lot.count, max(0.0, limits[least]))
        if count < lot.count:
            out.limited[least] += 1
        _take(lot, count, pace, out)
        done += count
        if behind >= 0:
            out.waits.append((at - lot.at + behind, count))
        else:
            out.bulk_done = at
        if lot.count > NOTHING:
            return done
        queue.popleft()
    return done


def _take(lot: Lot, count: float, pace: Pace, out: Outcome) -> None:
    lot.count -= count
    pace.now -= count * lot.units
    pace.today += count * lot.units
    out.done += count
    out.units += count * lot.units


def _arrivals(scenario: Scenario, costs: Costs, seed: int) -> tuple[dict[int, list[Lot]], ...]:
    """Return the lots of staff's changes and of the bulk, by the step their hint comes in."""
    chance = random.Random(seed)  # noqa: S311 - a simulation, not a secret
    staff: dict[int, list[Lot]] = {}
    kinds, weights = list(SHARES), list(SHARES.values())
    for _ in range(scenario.changes):
        # two humps, before and after lunch (hours of the day)
        hour = chance.gauss(10.5, 1.2) if chance.random() < 0.55 else chance.gauss(15.0, 1.3)  # noqa: PLR2004 - the morning's share
        at = min(max(hour, 7.0), 19.0) * HOUR
        units = getattr(costs, chance.choices(kinds, weights)[0])
        heard = at + chance.uniform(0, costs.hint)
        staff.setdefault(int(heard // STEP), []).append(Lot(at, 1.0, units))
    bulk: dict[int, list[Lot]] = {}
    steps = max(1, int(scenario.bulk_for / STEP)) if scenario.bulk else 0
    unit = costs.first_look if scenario.background else costs.in_order
    for step in range(steps):
        at = scenario.bulk_from + step * STEP
        heard = int((at + (0 if scenario.background else costs.hint)) // STEP)
        bulk.setdefault(heard, []).append(Lot(at, scenario.bulk / steps, unit))
    return staff, bulk


def needed(band: Band, scenario: Scenario) -> tuple[int, Outcome]:
    """Return the fewest instances beyond which more bring nothing, and what they bring."""
    best = simulate(band, scenario, 1)
    for instances in range(2, MOST_INSTANCES + 1):
        quick = best.percentile(0.99) <= ENOUGH and not scenario.bulk
        if best.bottleneck != "processor" or quick:
            return instances - 1, best
        best = simulate(band, scenario, instances)
    return MOST_INSTANCES, best


MOVES = {
    "processor": "more instances",
    "units a minute": "a higher licence band, a second app for imports, or fewer calls a file",
    "units a day": "the next day, a higher licence band, or fewer calls a file",
    "none: nothing waits": "nothing needed",
}


def page() -> str:
    """Return docs/scale.md."""
    costs = Costs()
    told = (f"{100 * part:g} % {name.replace('_', ' ')}" for name, part in SHARES.items())
    parts = [INTRO.format(**asdict(costs), ahead=AHEAD, shares=", ".join(told))]
    for scenario in SCENARIOS:
        parts += [f"\n## {scenario.name[0].upper()}{scenario.name[1:]}\n", HEAD]
        parts += [_line(band, scenario) for band in BANDS]
    parts.append(OUTRO)
    return "\n".join(parts)


def _line(band: Band, scenario: Scenario) -> str:
    instances, out = needed(band, scenario)
    bulk = _span(out.bulk_done - scenario.bulk_from) if scenario.bulk else "-"
    cells = (
        band.licences,
        f"{band.minute:,}",
        str(instances),
        _span(out.percentile(0.5)),
        _span(out.percentile(0.99)),
        f"{out.worst:,.0f}",
        bulk if out.backlog < 1 else f"{out.backlog:,.0f} left",
        f"{out.units:,.0f}",
        out.bottleneck,
        MOVES[out.bottleneck],
    )
    return f"| {' | '.join(cells)} |"


def _span(seconds: float) -> str:
    if seconds < 120:  # noqa: PLR2004 - two minutes read better as seconds
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 2 * HOUR else f"{seconds / HOUR:.1f} h"


HEAD = (
    "| licences | RU a minute | instances | p50 | p99 | most waiting | bulk done after | RU used "
    "| first bottleneck | what moves it |\n|---|---|---|---|---|---|---|---|---|---|"
)
INTRO = """\
# Past one machine

Written by `make scale` (`scripts/scale.py`): a simulation, not a measurement. 500 sites, 10,000
libraries, 1,000,000 documents; files arrive, are hinted at within {hint:.0f} s, wait for a worker
and for resource units, and are judged. p50 and p99 run from a staff member's upload to its verdict.
"Instances" is the number beyond which one more brings nothing.

Inputs: an instance of one core of its own judges {files_a_second:g} files a second (81 ms of
processor time a file, the burst of docs/benchmarks.md, where tenant and database share two cores).
Resource units a file: in order {in_order:g}, re-uploaded as it was {again:g}, corrected
{corrected:g}, contained {contained:g}, first looked at in an adoption {first_look:g}.
Assumed: a day's changes are {shares}; {unhinted:,.0f} RU a day for
silent libraries and {upkeep:,.0f} for renewals, drift and access.

The pace is the product's (`sync/tenant/pace.py`): staff's changes may use the whole minute and 95 %
of the day, background work 70 % and 75 %; a burst keeps another list's upload behind {ahead} rows
at most (`sync/changes.py`).
"""
OUTRO = """
Not modelled: the database (a look makes some 25 short transactions, and PostgreSQL on two cores
bears thousands a second), locked files, throttling by Microsoft below the documented budget.
"""


def main() -> None:
    target = Path(__file__).resolve().parent.parent / "docs" / "scale.md"
    text = page()
    target.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
