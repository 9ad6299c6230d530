"""A timer trigger: NCRONTAB in UTC, one holder by blob lease, and a status that survives.

Source: functions-notes, and Azure WebJobs' TimerListener and StorageScheduleMonitor.
"""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from croniter import CroniterError, croniter

from local.host.errors import HostError, InvocationFailed
from local.host.protos import PROTOS
from local.host.storage.blobs import Conditions, Content
from local.host.storage.errors import Refusal
from local.host.worker import Firing

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from local.host.bindings import Function, TimerTrigger
    from local.host.clock import Clock
    from local.host.storage.blobs import Blobs

    type Fire = Callable[[Function, Firing], Awaitable[None]]

CONTAINER = "azure-webjobs-hosts"
LOCKS = "locks/"
LEASE = 60
"""Seconds of the singleton's lease, renewed at half-time; others try again as often."""
FIELDS = 6
NEVER = datetime(1, 1, 1, tzinfo=UTC)
log = logging.getLogger("verger.host")


class Schedule:
    """Six NCRONTAB fields, seconds first; five fields mean second 0."""

    def __init__(self, text: str) -> None:
        self._text = text if len(text.split()) == FIELDS else f"0 {text}"
        try:
            self.after(datetime(2000, 1, 1, tzinfo=UTC))
        except CroniterError as wrong:
            raise HostError(
                f"{text!r} is not a schedule such as '0 */5 * * * *': {wrong}"
            ) from wrong

    def after(self, moment: datetime) -> datetime:
        """Return the first occurrence after `moment` (UTC)."""
        # NCRONTAB asks for day of month AND day of week; croniter does only when told so.
        cron = croniter(
            self._text, moment, ret_type=datetime, second_at_beginning=True, day_or=False
        )
        found: datetime = cron.get_next()
        return found

    def frequent(self, moment: datetime) -> bool:
        """Tell whether it occurs more often than each minute: then it keeps no status."""
        first = self.after(moment)
        return self.after(first) - first < timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Status:
    """When it ran last, runs next, and when that was written (UTC)."""

    last: datetime
    next: datetime
    updated: datetime

    def as_json(self) -> dict[str, str]:
        pairs = (("Last", self.last), ("Next", self.next), ("LastUpdated", self.updated))
        return {name: moment.isoformat() for name, moment in pairs}

    @classmethod
    def parse(cls, text: bytes) -> Status:
        found = json.loads(text)
        moments = (found[name] for name in ("Last", "Next", "LastUpdated"))
        return cls(*(datetime.fromisoformat(moment) for moment in moments))


class Monitor:
    """The status blob of one timer."""

    def __init__(self, name: str, schedule: Schedule, blobs: Blobs, clock: Clock) -> None:
        self._blob = f"timers/verger/Host.Functions.{name}/status"
        self._schedule = schedule
        self._blobs = blobs
        self._clock = clock

    def read(self) -> Status | None:
        blob = self._blobs.find(CONTAINER, self._blob)
        return None if blob is None else Status.parse(blob.content)

    def write(self, last: datetime) -> Status:
        """Note a run; returns the status as written."""
        now = self._clock.utc()
        status = Status(last, self._schedule.after(now), now)
        body = json.dumps(status.as_json()).encode()
        self._blobs.put(CONTAINER, self._blob, Content(body, "application/json"), Conditions())
        return status

    def past_due(self) -> bool:
        """Tell whether a run was missed; writes the first status, and one for a new schedule."""
        status = self.read()
        if status is None:
            self.write(NEVER)
            return False
        since = status.updated if status.last == NEVER else max(status.last, status.updated)
        if self._schedule.after(since) != status.next:
            status = self.write(status.last)
        return self._clock.utc() > status.next


class TimerListener:
    """Runs one timer function at its times, while it holds the timer's lease."""

    def __init__(
        self, function: Function, trigger: TimerTrigger, blobs: Blobs, clock: Clock
    ) -> None:
        self._function = function
        self._trigger = trigger
        self._schedule = Schedule(trigger.schedule)
        self._blobs = blobs
        self._clock = clock
        self._monitor: Monitor | None = None
        if trigger.use_monitor and not self._schedule.frequent(clock.utc()):
            self._monitor = Monitor(function.name, self._schedule, blobs, clock)
        self._lock = f"{LOCKS}verger/Host.Functions.{function.name}.Listener"
        self._lease = ""
        self._woken = asyncio.Event()
        self._stopping = False

    async def run(self, fire: Fire) -> None:
        """Hold the lease and fire until `stop`; without it, try again each 60 seconds."""
        while not self._stopping:
            self._woken.clear()
            if not self._acquire():
                await self._clock.wait(LEASE, self._woken)
                continue
            renewal = asyncio.create_task(self._renew())
            await self._fire_at_its_times(fire)
            renewal.cancel()
            self._release()

    def stop(self) -> None:
        """Fire no more; a function that runs is waited for."""
        self._stopping = True
        self._woken.set()

    def firing(self, *, past_due: bool = False) -> Firing:
        """Return what the function is called with."""
        status = self._monitor.read() if self._monitor else None
        info: dict[str, Any] = {
            "Schedule": {"AdjustForDST": True},
            "ScheduleStatus": status.as_json() if status else None,
            "IsPastDue": past_due,
        }
        return Firing(PROTOS.TypedData(json=json.dumps(info)))

    async def _fire_at_its_times(self, fire: Fire) -> None:
        past_due = self._monitor is not None and self._monitor.past_due()
        if past_due or self._trigger.run_on_startup:
            await self._fire(fire, past_due=past_due)
        while self._live():
            due = self._schedule.after(self._clock.utc())
            while self._live() and (left := (due - self._clock.utc()).total_seconds()) > 0:
                await self._clock.wait(left, self._woken)
            if self._live():
                await self._fire(fire, past_due=False)

    def _live(self) -> bool:
        return bool(self._lease) and not self._stopping

    async def _fire(self, fire: Fire, *, past_due: bool) -> None:
        begun = self._clock.utc()
        try:
            await fire(self._function, self.firing(past_due=past_due))
        except InvocationFailed as failed:  # a failed run is a run: the next is at its time
            log.error("timer: %s", failed)  # noqa: TRY400  # the worker logged the traceback
        if self._monitor:
            self._monitor.write(begun)

    def _acquire(self) -> bool:
        if self._blobs.find(CONTAINER, self._lock) is None:
            self._blobs.put(CONTAINER, self._lock, Content(b""), Conditions())
        try:
            self._lease = self._blobs.acquire(CONTAINER, self._lock, LEASE)
        except Refusal as refusal:
            log.info("%s runs elsewhere: %s", self._function.name, refusal)
            return False
        return True

    async def _renew(self) -> None:
        while True:
            await self._clock.wait(LEASE / 2)
            try:
                self._blobs.renew(CONTAINER, self._lock, self._lease)
            except Refusal as refusal:
                log.warning("%s lost its lease: %s", self._function.name, refusal)
                self._lease = ""
                self._woken.set()
                return

    def _release(self) -> None:
        if self._lease:
            self._blobs.release(CONTAINER, self._lock, self._lease)
            self._lease = ""
