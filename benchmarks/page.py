"""Write the figures of `benchmarks/results` into docs/benchmarks.md, between its two marks."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from benchmarks.common import RESULTS
from tests.tenant_kit import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- figures: python -m benchmarks.page -->", "<!-- end of figures -->"
TITLES = {
    "audit": "An audit of {size:,} files in order",
    "burst": "Uploads: alone, and {size:,} at once",
    "cold": "A new instance",
}


def tables() -> Iterator[str]:
    """Yield one table for each run that is kept."""
    runs = [json.loads(path.read_text("utf-8")) for path in RESULTS.glob("*.json")]
    for run in sorted(runs, key=lambda one: (one["benchmark"], one["size"])):
        yield f"### {TITLES[run['benchmark']].format(size=run['size'])}\n"
        yield f"{machine(run)}\n"
        yield "| what | figure | goal | |\n|---|---:|---:|---|"
        yield from map(line, run["figures"])
        yield from (f"| {what} | not run | | {why} |" for what, why in run["not_run"].items())
        yield ""


def line(figure: dict[str, Any]) -> str:
    """Return a table's line: a missed goal says by what factor."""
    value, goal, unit = figure["value"], figure["goal"], figure["unit"]
    if goal is None:
        return f"| {figure['what']} | {value:,.2f} {unit} | | |"
    sense = "≥" if figure["at_least"] else "≤"
    word = "met" if figure["met"] else f"**missed**{_by(value, goal, least=figure['at_least'])}"
    return f"| {figure['what']} | {value:,.2f} {unit} | {sense} {goal:,.2f} | {word} |"


def _by(value: float, goal: float, *, least: bool) -> str:
    above, below = (goal, value) if least else (value, goal)
    return f", by a factor of {above / below:.2g}" if below else ""


def machine(run: dict[str, Any]) -> str:
    """Return the machine's class and the versions, in a line."""
    told, packages = run["machine"], run["machine"]["packages"]
    versions = ", ".join(f"{name} {number}" for name, number in packages.items())
    return (
        f"Median of {run['runs']}; {told['cores']} cores, {told['memory_gib']} GiB,"
        f" {told['system']} on {told['architecture']}, load {told['load_before']} before;"
        f" Python {told['python']}, {versions}."
    )


def main() -> None:
    """Put the tables into the page."""
    text = PAGE.read_text("utf-8")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    told = "\n".join(tables())
    PAGE.write_text(f"{before}{BEGIN}\n\n{told}\n{END}{after}", "utf-8")
    sys.stdout.write(f"{PAGE.relative_to(ROOT)} written\n")


if __name__ == "__main__":
    main()
