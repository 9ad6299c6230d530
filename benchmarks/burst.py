"""Many uploads into one library: lost, drained, judged, at what price. `make bench`.

`python -m benchmarks.burst [files] [runs]`. Real uploads to the local tenant, in a process of its
own; a notification for each through the webhook's own code; then the hints are drained and the
chunks worked off side by side, as the queues' triggers do, until nothing waits. Files are parsed in
processes of their own (`sync.reading.pool`), whose time is not counted. The goals are those of
issue 7, set for 10,000 files; units and time a file hardly move with their number.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import azure.functions as func

from benchmarks import common, peers
from benchmarks.upload import document
from functions import webhook
from sync import changes, enforcement
from sync.hints import Hint, Nudge, client_state, parse_keys
from sync.state import backlog, items
from sync.tenant.meter import metered
from tests import flow_kit
from tests import tenant_kit as kit

SIZE = common.argument(1, 100)
RUNS = common.argument(2, 3)
WORKERS = 4
"""Queue messages one instance works on at once in this benchmark."""
UNITS, FEED, DRAINS, ANSWER_MS, A_SECOND = 5.1, 0.05, 60.0, 100.0, 60.0
LONE_MS, BURST_MS = 5.0, 1.0
KEYS = "k1:" + "ab" * 32


class Out:
    """What the queue's binding is given."""

    text = ""

    def set(self, text: str) -> None:
        self.text = text


class Trace:
    """The caller's trace, as the worker gives it."""

    class trace_context:  # noqa: N801 - the worker library's name
        trace_parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


async def knock(list_id: str, count: int) -> tuple[list[Hint], list[float]]:
    """Send a notification for each file; returns the hints and how long each answer took, in ms."""
    handler = webhook.webhook.build("").get_user_function()
    state = client_state(parse_keys(KEYS), kit.TENANT_ID, list_id)
    body = json.dumps({"value": [{"clientState": state, "tenantId": kit.TENANT_ID}]}).encode()
    hints, took = [], []
    for _ in range(count):
        ask = func.HttpRequest(
            method="POST",
            url=f"https://v/api/webhook/{list_id}",
            body=body,
            route_params={"list_id": list_id},
            params={},
            headers={},
        )
        out, begun = Out(), time.perf_counter()
        await handler(ask, out, Trace())
        took.append(1e3 * (time.perf_counter() - begun))
        hints.append(Hint.parse(out.text))
    return hints, took


async def drained(desk: flow_kit.Desk, hints: list[Hint]) -> list[Nudge]:
    """Drain for each hint, some at a time; most find that another drain saw to theirs."""
    gate, found = asyncio.Semaphore(WORKERS), []

    async def one(hint: Hint) -> None:
        async with gate:
            found.extend(await changes.drain(desk.service, hint))

    await asyncio.gather(*map(one, hints))
    return found


async def worked_off(desk: flow_kit.Desk, list_id: str, nudges: list[Nudge]) -> None:
    """Work the chunks off, some at a time, until none is left."""
    gate = asyncio.Semaphore(WORKERS)

    async def one(nudge: Nudge) -> None:
        async with gate:
            await enforcement.work_off(desk.service, nudge)

    await asyncio.gather(*map(one, nudges))
    while await _ready(desk, list_id):
        await enforcement.work_off(desk.service, Nudge(list_id, desk.service.now().isoformat()))


async def _ready(desk: flow_kit.Desk, list_id: str) -> bool:
    async with desk.service.state.read() as tx:
        return list_id in await backlog.ready_lists(tx, desk.service.now())


def upload(desk: flow_kit.Desk, numbers: range) -> None:
    """Upload and publish as staff."""
    for number in numbers:
        desk.publish(desk.upload(*document(number)))


async def measure(desk: flow_kit.Desk, numbers: range) -> dict[str, Any]:
    """Upload, notify, drain, work off; returns what it took."""
    list_id, count = await desk.list_id("controlled"), len(numbers)
    await asyncio.to_thread(upload, desk, numbers)
    hints, took = await knock(list_id, count)
    with common.clocked() as spent, metered() as bill:
        await worked_off(desk, list_id, await drained(desk, hints))
    async with desk.service.state.read() as tx:
        known = await items.items_of(tx, list_id)
    wanted = {document(number)[0] for number in numbers}
    lost = wanted - {one.name for one in known if one.control_status == "In order"}
    feed = bill.by_operation["GET delta"]
    return {
        "lost": float(len(lost)),
        "units": bill.units / count,
        "feed": feed / count,
        "drains": float(feed),
        "answer": sorted(took)[int(0.99 * (count - 1))],
        "rate": count / spent.wall,
        "cpu": 1e3 * spent.cpu / count,
    }


def told(book: common.Book, lone: list[dict[str, Any]], burst: list[dict[str, Any]]) -> None:
    """Print and note the figures against their goals."""

    def add(what: str, runs: list[dict[str, Any]], name: str, unit: str, *goal: float) -> None:
        book.add(what, [one[name] for one in runs], unit, *goal)

    add("lone upload: units", lone, "units", "RU", 6.0)
    add("lone upload: processor time, parsing apart", lone, "cpu", "ms", LONE_MS)
    add("files lost or not in order", burst, "lost", "files", 0.0)
    add("units a file", burst, "units", "RU", UNITS)
    add("units of it for the feed", burst, "feed", "RU", FEED)
    add("pages of the feed read", burst, "drains", "pages", DRAINS)
    add("hint answered, p99", burst, "answer", "ms", ANSWER_MS)
    add("processor time an event, parsing apart", burst, "cpu", "ms", BURST_MS)
    book.add("files a second", [one["rate"] for one in burst], "files/s", A_SECOND, at_least=True)


async def main(folder: Path, tenant: kit.Tenant) -> int:
    """Measure lone uploads, bursts, and a peer's write for comparison."""
    (folder / "state").mkdir()
    await flow_kit.open_core(tenant, folder / "state")
    book = common.Book("burst", SIZE, RUNS)
    async with flow_kit.desk(tenant, folder / "state") as desk:
        await measure(desk, range(1, 3))  # imports, sign-in, form digest
        lone = [await measure(desk, range(n, n + 1)) for n in range(3, 3 + 2 * RUNS)]
        first = [10 + 2 * RUNS + run * SIZE for run in range(RUNS)]
        burst = [await measure(desk, range(n, n + SIZE)) for n in first]
        told(book, lone, burst)
        list_id = await desk.list_id("working")
        made = [desk.upload(f"note {n}.txt", b"words", "working") for n in range(4)]
        await desk.settle("working")
        rows = [(await desk.shadow(one)).item_id for one in made]
        await peers.editing(book, desk, list_id, rows)
    return book.save()


if __name__ == "__main__":
    os.environ |= {"VERGER_TENANT_ID": kit.TENANT_ID, "VERGER_WEBHOOK_KEYS": KEYS}
    with tempfile.TemporaryDirectory() as place:
        running = kit.spawn(Path(place) / "tenant", common.SEED)
        try:
            sys.exit(asyncio.run(main(Path(place), running.tenant)))
        finally:
            running.tenant.close()
