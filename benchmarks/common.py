"""What the benchmarks share: medians, the machine's class, one way to print and keep figures.

`benchmarks/results/<name>-<size>.json` holds a run: each figure with its goal, and whether it is
met. Figures are medians of several runs. Of the machine only its class is kept.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import statistics
import sys
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests import tenant_kit as kit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

RESULTS = Path(__file__).parent / "results"
GIB = 1024**3
MIB = 1024**2
NEEDED = 10 * GIB
"""Free bytes below which a run of a million files is skipped (decision 33)."""
MILLION = 1_000_000
PACKAGES = ("msgraph-sdk", "office365-rest-python-client", "msgspec", "sqlalchemy", "httpx")
SEED = kit.SEED.replace("owner:", "  throttle: false\nowner:", 1)
"""A tenant that answers as fast as it can: what is measured is Verger, not its allowance."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One line: what was measured, in which unit, its goal (None: told only, no goal is set).

    A goal is the most it may be, with `at_least` the least.
    """

    what: str
    value: float
    unit: str
    goal: float | None = None
    at_least: bool = False

    @property
    def met(self) -> bool | None:
        if self.goal is None:
            return None
        return self.value >= self.goal if self.at_least else self.value <= self.goal


@dataclass(slots=True)
class Book:
    """The figures of one benchmark; `not_run` gives the reason for each line that there is none."""

    name: str
    size: int
    runs: int
    figures: list[Figure] = field(default_factory=list)
    not_run: dict[str, str] = field(default_factory=dict)

    def add(
        self,
        what: str,
        values: Sequence[float],
        unit: str,
        goal: float | None = None,
        *,
        at_least: bool = False,
    ) -> None:
        """Note the median of the runs and print it."""
        one = Figure(what, round(statistics.median(values), 3), unit, goal, at_least)
        self.figures.append(one)
        sense = ">=" if at_least else "<="
        met = "met" if one.met else "NOT MET"
        wanted = "" if goal is None else f"  goal {sense} {goal:,.2f}  {met}"
        print(f"{one.what:<58} {one.value:>12,.2f} {unit:<10}{wanted}", flush=True)

    def skip(self, what: str, why: str) -> None:
        """Note that something was not run, and why."""
        self.not_run[what] = why
        print(f"{what:<58} not run: {why}", flush=True)

    def save(self) -> int:
        """Write the JSON; returns 1 when a goal was missed, else 0 (for the exit status)."""
        RESULTS.mkdir(exist_ok=True)
        told = {
            "benchmark": self.name,
            "size": self.size,
            "runs": self.runs,
            "machine": machine(),
            "figures": [asdict(one) | {"met": one.met} for one in self.figures],
            "not_run": self.not_run,
        }
        path = RESULTS / (
            f"{self.name}.json" if self.size == 1 else f"{self.name}-{self.size}.json"
        )
        path.write_text(json.dumps(told, indent=2) + "\n", "utf-8")
        return int(any(one.met is False for one in self.figures))


def machine() -> dict[str, Any]:
    """Return the machine's class and the versions that count; no names, no paths."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(pages / GIB),
        "architecture": platform.machine(),
        "system": platform.system(),
        "load_before": round(_LOAD, 1),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
    }


_LOAD = os.getloadavg()[0]


@dataclass(slots=True)
class Spent:
    """Processor seconds (user and system, all threads of this process) and seconds by the clock."""

    cpu: float = 0.0
    wall: float = 0.0


@contextmanager
def clocked() -> Iterator[Spent]:
    """Measure what is inside; the tenant, a process of its own, is not counted."""
    spent = Spent()
    cpu, wall = time.process_time(), time.perf_counter()
    yield spent
    spent.cpu, spent.wall = time.process_time() - cpu, time.perf_counter() - wall


def fresh_peak() -> float:
    """Forget the peak of this process's memory so far; returns what it holds now, in MiB."""
    Path("/proc/self/clear_refs").write_text("5", "ascii")  # proc(5): resets VmHWM
    return _memory("VmRSS")


def peak() -> float:
    """Return this process's peak of memory since `fresh_peak`, in MiB."""
    return _memory("VmHWM")


def _memory(name: str) -> float:
    found = re.search(
        rf"^{name}:\s+(\d+) kB", Path("/proc/self/status").read_text("ascii"), re.MULTILINE
    )
    return int(found[1]) / 1024 if found else 0.0


def lacks_room(size: int, folder: Path) -> str:
    """Return why a run of this size can't be made here, "" when it can."""
    free = shutil.disk_usage(folder).free
    if size >= MILLION and free < NEEDED:
        return f"{free / GIB:.0f} GiB are free, {NEEDED // GIB} are needed"
    return ""


def argument(at: int, default: int) -> int:
    """Return a whole number from the command line, e.g. a size."""
    return int(sys.argv[at].replace("_", "")) if len(sys.argv) > at else default
