"""What one policed upload costs: resource units, requests, processor time. `make bench`.

Real flows against the local tenant in a process of its own, whose processor time is not counted.
Resource units are SharePoint's documented 1/2/5, `_api` calls assumed at 2 and 5.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from local.demo.writing import Control, to_docx
from sync.tenant.meter import metered
from tests import flow_kit
from tests import tenant_kit as kit

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 and __name__ == "__main__" else 40
TITLE = "Booking Plan for Scanner {}"
CLOSING = {
    "sensitive: contained, moved, mail": "COMMERCIAL IN CONFIDENCE\nlot",
    "NHS number: quarantined, 2 mails": "Patient, NHS number 943 476 5919, visit",
}
"""Texts of files that are closed first: permission calls are most of what that costs."""


def document(number: int) -> tuple[str, bytes]:
    """Return a published plan in order, by its right name, and its bytes."""
    adopted = date.today() - timedelta(days=30)  # noqa: DTZ011 - a day is enough
    title = TITLE.format(number)
    approved = f"Core Team meeting {adopted:%d/%m/%Y}"
    control = Control(title, "V1", f"Op-{number:02d}", approved, "all staff").adopted(adopted)
    return f"Op-{number:02d} {title} V1.docx", to_docx(title, ("Scanners are booked.",), control)


def closing(number: int, text: str) -> tuple[str, bytes]:
    """Return a file of the open library that has to be taken out of the open."""
    return f"Notes {number}.txt", f"{text} {number}".encode()


async def measure(
    desk: flow_kit.Desk, what: str, files: list[tuple[str, bytes]], area: str = "controlled"
) -> None:
    """Upload a burst and print what bringing it to rest cost a file."""
    for name, data in files:
        item = desk.upload(name, data, area)
        if area == "controlled":
            desk.publish(item)
    begun, cpu = time.perf_counter(), time.process_time()
    with metered() as bill:
        await desk.settle(area)
        await desk.settle("registry")  # our own rows come back by its feed
    spent, used = time.perf_counter() - begun, time.process_time() - cpu
    each = len(files)
    print(
        f"{what:<34} {bill.units / each:6.2f} RU  {bill.requests / each:5.2f} requests  "
        f"{1000 * used / each:7.1f} ms CPU  {1000 * spent / each:7.1f} ms",
    )


async def main(folder: Path, tenant: Any) -> None:
    """Prepare one site and measure uploads that are right, wrong, and looked at again."""
    (folder / "state").mkdir()
    await flow_kit.open_core(tenant, folder / "state")
    made = [document(number) for number in range(1, 3 * COUNT)]
    async with flow_kit.desk(tenant, folder / "state") as desk:
        await measure(desk, "warm-up", made[:1])
        print(f"a file, mean over a burst of {COUNT}")
        await measure(desk, "in order", made[1 : 1 + COUNT])
        wrong = [(f"wrong name {name}", data) for name, data in made[1 + COUNT : 1 + 2 * COUNT]]
        await measure(desk, "misnamed: renamed, columns, mail", wrong)
        few = max(2, COUNT // 4)
        for what, text in CLOSING.items():
            made = [closing(number, text) for number in range(few + 1)]
            await measure(desk, "warm-up", made[:1], "working")
            await measure(desk, what, made[1:], "working")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        running = kit.spawn(Path(place) / "tenant")
        try:
            asyncio.run(main(Path(place), running.tenant))
        finally:
            running.tenant.close()
