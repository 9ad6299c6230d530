"""Queue triggers as the real host runs them (functions-notes, one test per line)."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Self

import pytest
from azure.storage.queue import QueueClient

from local.host.bindings import Function, QueueTrigger
from local.host.config import QueueOptions
from local.host.errors import InvocationFailed
from local.host.queue_listener import HIDDEN, Handler, QueueListener
from local.host.worker import Result
from tests.host.hosting import eventually, until

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from local.host.clock import Clock
    from local.host.storage.account import StorageAccount
    from local.host.worker import Firing
    from tests.host.hosting import RunningHost

FUNCTION = Function("1", "judge", QueueTrigger("msg", "work"), ())


def test_a_message_runs_its_function_and_is_deleted(kitchen: RunningHost) -> None:
    kitchen.send("work", "Grüße")
    until(lambda: kitchen.depth("work") == 0)
    note = next(note for note in kitchen.notes("work") if note["work"] == "Grüße")
    assert (note["count"], len(note["id"]), note["inserted"][:2]) == (1, 36, "20")


def test_a_put_wakes_the_listener_at_once(kitchen: RunningHost) -> None:
    until(lambda: kitchen.depth("work") == 0)
    with kitchen.queue("work") as queue:
        seconds = [put_and_wait(kitchen, queue, f"wake {n}") for n in range(5)]
    assert min(seconds) < 0.5, "the longest poll is 2 s"


def put_and_wait(kitchen: RunningHost, queue: QueueClient, text: str) -> float:
    begun = time.monotonic()
    queue.send_message(text)
    until(lambda: any(note["work"] == text for note in kitchen.notes("work")))
    return time.monotonic() - begun


def test_a_failing_message_is_tried_to_its_count_and_buried_without_a_second_grave(
    kitchen: RunningHost,
) -> None:
    kitchen.send("work", "fail always")
    until(lambda: kitchen.notes("poison"))
    tries = [note["count"] for note in kitchen.notes("work") if note["work"] == "fail always"]
    assert tries == [1, 2, 3]
    until(lambda: "there is no poison of poison" in kitchen.log())
    assert [note["count"] for note in kitchen.notes("poison")] == [1]
    assert kitchen.depth("work-poison") == 1
    assert kitchen.depth("work") == 0


def test_a_list_output_makes_one_message_each_and_base64_both_ways(kitchen: RunningHost) -> None:
    kitchen.http.post("/api/putlist", json=["one", "two"])
    until(lambda: {"one", "two"} <= {note["work"] for note in kitchen.notes("work")})


def test_what_is_not_base64_goes_to_the_poison_queue(kitchen: RunningHost) -> None:
    with QueueClient.from_connection_string(kitchen.told["storage"], "later") as queue:
        queue.send_message("not base64!")
    until(lambda: "later-poison" in kitchen.log())
    with QueueClient.from_connection_string(kitchen.told["storage"], "later-poison") as queue:
        assert [message.content for message in queue.receive_messages()] == ["not base64!"]


def test_a_delayed_copy_over_the_wire_comes_in_its_time(kitchen: RunningHost) -> None:
    kitchen.send("later", "first")
    until(lambda: len(kitchen.notes("later")) == 2)
    first, second = kitchen.notes("later")
    assert (first["later"], second["later"]) == ("first", "second")
    assert 0.9 < second["at"] - first["at"] < 5


def test_a_queue_function_can_be_run_by_hand(kitchen: RunningHost) -> None:
    answer = kitchen.http.post(
        "/admin/functions/work", json={"input": "by hand"}, headers=kitchen.master()
    )
    assert answer.status_code == 202
    until(lambda: any(note["work"] == "by hand" for note in kitchen.notes("work")))


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [("nosuch", b"{}", 404), ("echo", b"{}", 400), ("work", b"[]", 400), ("work", b"{", 400)],
)
def test_what_cannot_be_run_by_hand_is_refused(
    kitchen: RunningHost, path: str, body: bytes, expected: int
) -> None:
    answer = kitchen.http.post(f"/admin/functions/{path}", content=body, headers=kitchen.master())
    assert answer.status_code == expected


class Held:
    """A worker whose functions end when the test says so."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.go = asyncio.Event()
        self.fails = False

    async def invoke(self, _: Function, firing: Firing) -> Result:
        self.begun.append(firing.data.string)
        await self.go.wait()
        if self.fails:
            raise InvocationFailed("as told")
        return Result({}, None)


class Rig:
    """A listener over a real storage and a held worker."""

    def __init__(self, account: StorageAccount, clock: Clock, **options: Any) -> None:
        self.queues, self.clock = account.queues, clock
        self.queues.ensure("work")
        self.options = QueueOptions(base64=False, max_polling_interval=0.1, **options)
        self.worker = Held()
        handler = Handler(self.worker, self.queues, self.options, clock)  # type: ignore[arg-type]
        self.listener = QueueListener(FUNCTION, "work", handler, self.options)

    async def __aenter__(self) -> Self:
        self.task = asyncio.create_task(self.listener.run(self.queues, self.clock))
        return self

    async def __aexit__(self, *_: object) -> None:
        self.worker.go.set()
        self.listener.stop()
        await asyncio.wait_for(self.task, 10)

    async def begun(self, count: int) -> None:
        await eventually(lambda: len(self.worker.begun) >= count)


async def test_a_batch_is_taken_and_a_new_one_only_below_the_threshold(
    account: StorageAccount, clock: Clock
) -> None:
    async with Rig(account, clock, batch_size=3, new_batch_threshold=1) as rig:
        for number in range(9):
            rig.queues.put("work", str(number))
        await rig.begun(3)
        held = [m.text for m in rig.queues.peek("work", most=32)]
        assert held == ["3", "4", "5", "6", "7", "8"], "two batches at most: 3 + 1"
        rig.worker.go.set()
        await rig.begun(9)


async def test_a_running_message_is_hidden_ten_minutes_and_renewed_when_the_clock_moves(
    account: StorageAccount, clock: Clock, tmp_path: Path
) -> None:
    async with Rig(account, clock) as rig:
        rig.queues.put("work", "long")
        await rig.begun(1)
        first = rig.queues.next_visible("work")
        assert first == pytest.approx(clock.now() + HIDDEN, abs=5)
        (tmp_path / "clock").write_text(str(HIDDEN / 2))
        await eventually(lambda: rig.queues.next_visible("work") != first)
        assert rig.queues.next_visible("work") == pytest.approx(clock.now() + HIDDEN, abs=5)
    assert rig.queues.count("work") == 0, "deleted with the renewed receipt"


async def test_a_failed_message_waits_for_the_visibility_timeout(
    account: StorageAccount, clock: Clock, tmp_path: Path
) -> None:
    async with Rig(account, clock, visibility_timeout=30.0) as rig:
        rig.worker.fails = True
        rig.worker.go.set()
        rig.queues.put("work", "again")
        await rig.begun(1)
        await eventually(lambda: (rig.queues.next_visible("work") or 0) <= clock.now() + 31)
        assert rig.queues.peek("work") == []
        (tmp_path / "clock").write_text("31")
        await rig.begun(2)


async def test_a_message_taken_too_often_is_buried_unrun(
    account: StorageAccount, clock: Clock
) -> None:
    queues = account.queues
    queues.ensure("work")
    queues.put("work", "tired")
    for _ in range(5):
        taken = queues.get("work")[0]
        queues.release("work", taken.id, taken.receipt, hide=0)
    async with Rig(account, clock) as rig:
        await eventually(lambda: not queues.count("work"))
        assert rig.worker.begun == []
    assert [m.text for m in queues.peek("work-poison")] == ["tired"]


def test_the_order_is_never_promised_but_nothing_is_lost(kitchen: RunningHost) -> None:
    texts = {f"many {number}" for number in range(60)}
    kitchen.send("work", *texts)
    until(lambda: texts <= {note["work"] for note in kitchen.notes("work")})
