"""Hours of ordinary work on one machine: memory and backlog stay bounded. `make soak MINUTES=30`.

The whole product in its own processes, as `make run` starts it; invented staff upload, overwrite
and publish without a pause, never far ahead of Verger. Every few seconds the resident memory of the
function app (its readers of files with it) and the open work are noted. Exit status 0 if memory
does not grow beyond noise after the first third, the backlog stays small, and nothing is left.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
from rich.console import Console

from local.demo.world import HELEN
from local.demo.writing import Control, to_docx
from sync.state import backlog
from tests.story import kit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.demo.staff import Person, Uploaded
    from local.demo.stage import Stage
    from local.demo.watch import Watch

SEED = 20261124
EVERY = 5.0
"""Seconds between two samples."""
AHEAD = 12
"""Rows of work that staff may be ahead of Verger; then they wait, as people who read do."""
MOST_OPEN = 60
"""Rows of work that may ever be open at once."""
NOISE_MB, NOISE = 16.0, 0.10
"""How much the memory may grow over the last two thirds: so many MB, or this share of it."""
SETTLES = 120.0
PAGE_KB = 1024


@dataclass(frozen=True, slots=True)
class Sample:
    """What was seen `at` so many seconds: resident memory (MB) and rows of work that are open."""

    at: float
    memory: float
    open: int


@dataclass
class Day:
    """Staff at work in one library; `acts` counts what they did."""

    helen: Person
    library: str
    chance: random.Random = field(default_factory=lambda: random.Random(SEED))  # noqa: S311 - repeatable
    files: list[Uploaded] = field(default_factory=list)
    acts: int = 0

    def act(self) -> None:
        """Do one thing; what is refused (checked out, moved away) is left alone."""
        self.acts += 1
        some = self.chance.random()
        try:
            if not self.files or some < 0.5:  # noqa: PLR2004 - half of all acts are new files
                self.files.append(self._upload(self.acts))
            elif some < 0.8:  # noqa: PLR2004 - overwritten most often
                self.helen.upload(
                    self.library, self.chance.choice(self.files).name, _data(self.acts)
                )
            else:
                self.helen.publish(self.chance.choice(self.files), "as agreed")
        except httpx.HTTPStatusError:
            self.acts -= 1

    def _upload(self, number: int) -> Uploaded:
        wrong = self.chance.random() < 0.1  # noqa: PLR2004 - one name in ten is wrong
        name = f"op-{number} plan v0.1.docx" if wrong else f"Op-{number:02} Plan {number} V0.1.docx"
        return self.helen.upload(self.library, name, _data(number))


def _data(number: int) -> bytes:
    title = f"Plan {number}"
    control = Control(title, "V0.1", f"Op-{number:02}", "", "all staff of the network")
    return to_docx(title, (f"What is planned for week {number}.",), control)


def memory_of(pid: int) -> float:
    """Return the resident memory of a process and of all it started, in MB."""
    return sum(_resident(one) for one in _family(pid))


def _family(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            yield from _family(int(child))


def _resident(pid: int) -> float:
    try:
        told = Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:  # it ended meanwhile
        return 0.0
    line = next((one for one in told.splitlines() if one.startswith("VmRSS")), "VmRSS: 0 kB")
    return int(line.split()[1]) / PAGE_KB


def growth(samples: list[Sample]) -> float:
    """Return by how much (MB) memory grew over the last two thirds, by the median of all slopes."""
    late = samples[len(samples) // 3 :]
    slopes = [(b.memory - a.memory) / (b.at - a.at) for a, b in combinations(late, 2)]
    return statistics.median(slopes) * (late[-1].at - late[0].at)


def soak(here: Stage, watch: Watch, day: Day, minutes: float) -> list[Sample]:
    """Let staff work for so long; returns a sample for every few seconds of it."""

    def waiting() -> int:
        return kit.ask(here, backlog.counts).open

    begun = time.monotonic()
    samples: list[Sample] = []
    while (passed := time.monotonic() - begun) < minutes * 60:
        day.act()
        watch.until(lambda: waiting() < AHEAD, SETTLES)
        if passed >= len(samples) * EVERY:
            samples.append(Sample(passed, memory_of(here.host.process.pid), waiting()))
    return samples


def faults(here: Stage, watch: Watch, samples: list[Sample]) -> Iterator[str]:
    """Yield what did not hold, in words."""
    grown, typical = growth(samples), statistics.median(one.memory for one in samples)
    if grown > max(NOISE_MB, NOISE * typical):
        yield f"memory grew by {grown:.0f} MB"
    if (most := max(one.open for one in samples)) > MOST_OPEN:
        yield f"{most} rows were open at once"
    if not watch.until(lambda: not kit.left_over(here), SETTLES):
        yield f"left over: {kit.left_over(here)}"
    if broken := kit.ask(here, kit.broken_chains):
        yield f"the journal breaks: {broken}"


def main(minutes: float) -> int:
    """Soak for so many minutes, print what was seen, and return the exit status."""
    console = Console(width=160)
    with tempfile.TemporaryDirectory(prefix="verger-soak-") as folder:
        opened = kit.open_folder(Path(folder) / "opened", console)
        with kit.playing(opened, Path(folder) / "data") as (here, watch):
            helen = here.person(HELEN)
            day = Day(helen, helen.library("/sites/core", "Controlled documents"))
            samples = soak(here, watch, day, minutes)
            wrong = list(faults(here, watch, samples))
            memory = [one.memory for one in samples]
            console.print(
                f"{minutes:g} minutes, {day.acts} acts; memory {memory[0]:.0f} to {memory[-1]:.0f}"
                f" MB, at most {max(memory):.0f}, grown by {growth(samples):+.1f} MB since a third;"
                f" at most {max(one.open for one in samples)} rows open"
            )
    console.print("\n".join(wrong) or "nothing grew, nothing was left")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 30))
