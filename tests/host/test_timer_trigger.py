"""Timer triggers as the real host runs them (functions-notes, one test per line)."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from local.host.bindings import Function, TimerTrigger
from local.host.errors import HostError, InvocationFailed
from local.host.storage.blobs import Conditions
from local.host.timer_listener import CONTAINER, Schedule, TimerListener
from tests.host.hosting import RunningHost, eventually, hourly, until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from local.host.clock import Clock
    from local.host.storage.account import StorageAccount
    from local.host.worker import Firing

STATUS = "timers/verger/Host.Functions.sweep/status"
LOCK = "locks/verger/Host.Functions.sweep.Listener"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "after", "expected"),
    [
        ("0 */5 * * * *", "2026-11-24T09:31:00", "2026-11-24T09:35:00"),
        ("*/20 * * * * *", "2026-11-24T09:31:05", "2026-11-24T09:31:20"),
        ("30 0 8 * * 1-5", "2026-11-27T09:00:00", "2026-11-30T08:00:30"),
        ("0 0 0 13 * 5", "2026-11-24T00:00:00", "2027-08-13T00:00:00"),  # Friday AND the 13th
        ("0 0 1 29 2 *", "2026-11-24T00:00:00", "2028-02-29T01:00:00"),
        ("0 30 1 * * Sun", "2026-03-28T12:00:00", "2026-03-29T01:30:00"),  # no summer time: UTC
        ("*/10 * * * *", "2026-11-24T09:31:00", "2026-11-24T09:40:00"),  # five fields
    ],
)
def test_a_schedule_has_six_fields_and_means_day_and_weekday(
    schedule: str, after: str, expected: str
) -> None:
    assert Schedule(schedule).after(at(after)) == at(expected)


@pytest.mark.parametrize("text", ["", "0 0 0 0 0 0 0 0", "hourly", "61 * * * * *"])
def test_a_schedule_nobody_can_read_is_refused(text: str) -> None:
    with pytest.raises(HostError, match="is not a schedule"):
        Schedule(text)


class Rig:
    """Timer listeners of one function over a real storage; what was fired is noted."""

    def __init__(self, account: StorageAccount, clock: Clock) -> None:
        account.blobs.ensure(CONTAINER)
        self.blobs, self.clock = account.blobs, clock
        self.fired: list[dict[str, Any]] = []
        self.fails = False

    def listener(self, schedule: str = "", *, startup: bool = False) -> TimerListener:
        trigger = TimerTrigger(
            "timer", schedule or hourly(), run_on_startup=startup, use_monitor=True
        )
        function = Function("1", "sweep", trigger, ())
        return TimerListener(function, trigger, self.blobs, self.clock)

    async def fire(self, _: Function, firing: Firing) -> None:
        self.fired.append(json.loads(firing.data.json))
        if self.fails:
            raise InvocationFailed("as told")

    async def during(self, listener: TimerListener, condition: Callable[[], object]) -> None:
        """Run a listener until the condition holds, then stop it."""
        task = asyncio.create_task(listener.run(self.fire))
        await eventually(condition)
        listener.stop()
        await asyncio.wait_for(task, 10)

    def status(self) -> dict[str, str] | None:
        blob = self.blobs.find(CONTAINER, STATUS)
        return None if blob is None else json.loads(blob.content)


@pytest.fixture
def rig(account: StorageAccount, clock: Clock) -> Rig:
    return Rig(account, clock)


def move(tmp_path: Path, seconds: int) -> None:
    fresh = tmp_path / "clock.new"
    fresh.write_text(str(seconds))
    fresh.replace(tmp_path / "clock")


async def test_the_first_start_writes_a_status_and_fires_nothing(rig: Rig) -> None:
    await rig.during(rig.listener(), rig.status)
    status = rig.status()
    assert status is not None
    assert set(status) == {"Last", "Next", "LastUpdated"}
    assert rig.fired == []


async def test_it_fires_when_the_clock_reaches_its_time(rig: Rig, tmp_path: Path) -> None:
    listener = rig.listener()
    task = asyncio.create_task(rig.during(listener, lambda: len(rig.fired) == 2))
    await eventually(rig.status)
    move(tmp_path, 3600)
    await eventually(lambda: rig.fired)
    move(tmp_path, 7200)
    await asyncio.wait_for(task, 10)
    assert [fired["IsPastDue"] for fired in rig.fired] == [False, False]
    assert rig.fired[1]["ScheduleStatus"]["Last"] > rig.fired[0]["ScheduleStatus"]["Last"]


async def test_a_run_missed_while_the_host_was_down_is_past_due(rig: Rig, tmp_path: Path) -> None:
    await rig.during(rig.listener(), rig.status)
    move(tmp_path, 4 * 3600)
    await rig.during(rig.listener(), lambda: rig.fired)
    assert [fired["IsPastDue"] for fired in rig.fired] == [True], "four missed, one run"
    await rig.during(rig.listener(), lambda: rig.blobs.get(CONTAINER, LOCK).leased)
    assert len(rig.fired) == 1


async def test_a_changed_schedule_is_not_past_due(rig: Rig, tmp_path: Path) -> None:
    await rig.during(rig.listener(), rig.status)
    before = rig.status()
    move(tmp_path, 2 * 3600)
    await rig.during(rig.listener("0 0 0 1 1 *"), lambda: rig.status() != before)
    assert rig.fired == []


async def test_run_on_startup_runs_at_the_start(rig: Rig) -> None:
    await rig.during(rig.listener(startup=True), lambda: rig.fired)
    assert [fired["IsPastDue"] for fired in rig.fired] == [False]


async def test_a_failed_run_is_a_run(rig: Rig) -> None:
    rig.fails = True
    await rig.during(rig.listener(startup=True), lambda: rig.fired)
    status = rig.status()
    assert status is not None
    assert not status["Last"].startswith("0001")


async def test_a_timer_of_seconds_keeps_no_status(rig: Rig) -> None:
    await rig.during(rig.listener("* * * * * *"), lambda: rig.fired)
    assert rig.status() is None
    assert rig.fired[0]["ScheduleStatus"] is None


async def test_only_the_holder_of_the_lease_fires(
    rig: Rig, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    second = rig.listener(startup=True)
    await rig.during(rig.listener(), rig.status)
    foreign = rig.blobs.acquire(CONTAINER, LOCK, 60)
    task = asyncio.create_task(second.run(rig.fire))
    await eventually(lambda: "sweep runs elsewhere" in caplog.text)
    assert rig.fired == []
    move(tmp_path, 61)  # the other host died: its lease ends, the next try gets it
    await eventually(lambda: rig.fired)
    assert rig.blobs.get(CONTAINER, LOCK).lease != foreign
    second.stop()
    await asyncio.wait_for(task, 10)


async def test_a_lost_lease_stops_the_firing(
    rig: Rig, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    listener = rig.listener()
    task = asyncio.create_task(listener.run(rig.fire))
    await eventually(rig.status)
    rig.blobs.break_(CONTAINER, LOCK)
    rig.blobs.acquire(CONTAINER, LOCK, -1)
    move(tmp_path, 31)
    await eventually(lambda: "sweep lost its lease" in caplog.text)
    await eventually(lambda: "sweep runs elsewhere" in caplog.text)
    move(tmp_path, 7200)
    await eventually(lambda: caplog.text.count("sweep runs elsewhere") > 1)
    assert rig.fired == []
    listener.stop()
    await asyncio.wait_for(task, 10)


async def test_the_lease_is_given_back_at_the_end(rig: Rig) -> None:
    await rig.during(rig.listener(), rig.status)
    assert not rig.blobs.get(CONTAINER, LOCK).leased
    rig.blobs.delete(CONTAINER, LOCK, Conditions())


def test_timers_run_in_a_real_host(kitchen: RunningHost) -> None:
    until(lambda: kitchen.notes("at_start"))
    answer = kitchen.http.post("/admin/functions/hourly", headers=kitchen.master())
    assert answer.status_code == 202
    by_hand = until(lambda: kitchen.notes("hourly"))[0]
    assert by_hand["hourly"] is False
    (kitchen.folder / "clock").write_text("3600")
    until(lambda: len(kitchen.notes("hourly")) == 2)
