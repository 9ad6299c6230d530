"""What an audit of files in order costs: units, processor time, memory. `make bench`.

`python -m benchmarks.audit [files] [runs]`; 1_000_000 files want 10 GiB of free disk. The files are
made by the local tenant and their shadows written as looks leave them, since judging so many would
take days; the audit itself is the real one, through the real client, from the tenant's pages.
"""

from __future__ import annotations

import asyncio
import gc
import statistics
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import common, peers
from sync import audit
from sync.tenant.meter import metered
from tests import flow_kit
from tests import tenant_kit as kit
from tests.budgets.kit import IN_ORDER, NUMBERED, as_judged, fill, policed, rules_written

if TYPE_CHECKING:
    from tests.flow_kit import Desk

SIZE = common.argument(1, 20_000)
RUNS = common.argument(2, 3)
PER_PAGE = 200
UNITS, MICROSECONDS, GROWTH = 1.1, 50.0, 30.0
"""Goals of issue 7: units against pages, processor time an item, MiB more than a tenth needs."""


async def measure(desk: Desk, list_id: str, count: int) -> tuple[common.Spent, Any, float]:
    """Audit one library anew; returns time, bill and by how many MiB memory rose."""
    await policed(desk.service, list_id)
    gc.collect()
    held = common.fresh_peak()
    with common.clocked() as spent, metered() as bill:
        begun = await audit.begin(desk.service, anew=True)
    if (begun.listed, begun.proven) != (count, count):
        raise SystemExit(f"{begun.proven} of {begun.listed} files proven, {count} expected")
    return spent, bill, common.peak() - held


async def prepare(desk: Desk, area: str, count: int) -> str:
    """Fill a library with files that have been judged; returns its list id."""
    list_id = await desk.list_id(area)
    name = "Op-{n:07} Plan V1.docx"
    await asyncio.to_thread(
        fill, desk.tenant, list_id, count, name, columns=NUMBERED | IN_ORDER, bytes=0
    )
    await as_judged(desk.service, list_id)
    return list_id


async def main(folder: Path, tenant: kit.Tenant) -> int:
    """Measure a library of SIZE files, and one of a tenth to see that memory stays flat."""
    (folder / "state").mkdir()
    await flow_kit.open_core(tenant, folder / "state")
    book = common.Book("audit", SIZE, RUNS)
    async with flow_kit.desk(tenant, folder / "state") as desk:
        tenth = await prepare(desk, "controlled", SIZE // 10)
        whole = await prepare(desk, "working", SIZE)
        await rules_written(desk.service)
        small = [await measure(desk, tenth, SIZE // 10) for _ in range(RUNS)]
        large = [await measure(desk, whole, SIZE) for _ in range(RUNS)]
        told(book, small, large)
        await peers.listing(book, desk, whole)
    return book.save()


def told(book: common.Book, small: list[Any], large: list[Any]) -> None:
    """Print and note the figures against their goals."""
    goal = UNITS * (SIZE / PER_PAGE + 1)
    book.add(f"audit of {SIZE:,} files in order", [b.units for _, b, _ in large], "RU", goal)
    each = [1e6 * spent.cpu / SIZE for spent, _, _ in large]
    book.add("processor time an item", each, "µs", MICROSECONDS)
    book.add("seconds by the clock", [spent.wall for spent, _, _ in large], "s")
    tenth = statistics.median(rose for *_, rose in small)
    book.add(f"memory it takes for {SIZE // 10:,} files", [rose for *_, rose in small], "MiB")
    grown = [rose - tenth for *_, rose in large]
    book.add(f"and more of it for {SIZE:,} files", grown, "MiB", GROWTH)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        if why := common.lacks_room(SIZE, Path(place)):
            common.Book("audit", SIZE, RUNS).skip(f"audit of {SIZE:,} files", why)
            sys.exit(0)
        running = kit.spawn(Path(place) / "tenant", common.SEED)
        try:
            sys.exit(asyncio.run(main(Path(place), running.tenant)))
        finally:
            running.tenant.close()
