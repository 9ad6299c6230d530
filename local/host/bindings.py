"""A function's bindings, read from the worker's metadata: what triggers it, what it writes.

A binding this host does not serve is a refusal, not a function that silently never runs.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local.host.config import resolve, setting
from local.host.errors import HostError
from local.host.storage.errors import Refusal
from local.host.storage.queues import check_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

STORAGE = "AzureWebJobsStorage"
METHODS = ("GET", "POST", "DELETE", "HEAD", "PATCH", "PUT", "OPTIONS")


@dataclass(frozen=True, slots=True)
class HttpTrigger:
    """`level` is ANONYMOUS, FUNCTION or ADMIN; `route` a template without the prefix."""

    param: str
    route: str
    methods: tuple[str, ...]
    level: str


@dataclass(frozen=True, slots=True)
class QueueTrigger:
    param: str
    queue: str


@dataclass(frozen=True, slots=True)
class TimerTrigger:
    """`schedule` is an NCRONTAB expression of six fields, in UTC."""

    param: str
    schedule: str
    run_on_startup: bool
    use_monitor: bool


@dataclass(frozen=True, slots=True)
class QueueOutput:
    """`param` is the argument's name, or `$return`."""

    param: str
    queue: str


type Trigger = HttpTrigger | QueueTrigger | TimerTrigger


@dataclass(frozen=True, slots=True)
class Function:
    """One function of the app, as the host sees it."""

    id: str
    name: str
    trigger: Trigger
    outputs: tuple[QueueOutput, ...]

    def queues(self) -> set[str]:
        """Return the queues this function reads or writes."""
        written = {output.queue for output in self.outputs}
        return written | ({self.trigger.queue} if isinstance(self.trigger, QueueTrigger) else set())


class _Reader:
    """Reads one function's raw bindings, given as JSON texts."""

    def __init__(self, name: str, settings: Mapping[str, str]) -> None:
        self._name = name
        self._settings = settings

    def read(self, ident: str, raw: Iterable[str]) -> Function:
        triggers: list[Trigger] = []
        outputs: list[QueueOutput] = []
        for text in raw:
            binding = json.loads(text)
            kind = binding["type"]
            if kind in TRIGGERS:
                triggers.append(TRIGGERS[kind](self, binding))
            elif kind == "queue":
                outputs.append(QueueOutput(binding["name"], self._queue(binding)))
            elif kind != "http":
                raise HostError(f"{self._name}: this host does not serve {kind} bindings")
        if len(triggers) != 1:
            raise HostError(f"{self._name} has {len(triggers)} triggers; it needs one")
        return Function(ident, self._name, triggers[0], tuple(outputs))

    def http(self, binding: Mapping[str, Any]) -> HttpTrigger:
        methods = [method.upper() for method in binding.get("methods") or METHODS]
        return HttpTrigger(
            binding["name"],
            str(binding.get("route") or self._name),
            tuple(methods),
            str(binding.get("authLevel", "FUNCTION")).upper(),
        )

    def queue(self, binding: Mapping[str, Any]) -> QueueTrigger:
        return QueueTrigger(binding["name"], self._queue(binding))

    def timer(self, binding: Mapping[str, Any]) -> TimerTrigger:
        return TimerTrigger(
            binding["name"],
            resolve(str(binding["schedule"]), self._settings),
            bool(binding.get("runOnStartup", False)),
            bool(binding.get("useMonitor", True)),
        )

    def _queue(self, binding: Mapping[str, Any]) -> str:
        where = f"the connection of {self._name}"
        target = setting(str(binding["connection"]), self._settings, where)
        if target != self._settings[STORAGE]:
            raise HostError(f"{where} names another storage account than this host's own")
        queue = resolve(str(binding["queueName"]), self._settings)
        try:
            check_name(queue)
        except Refusal as refusal:
            raise HostError(
                f"{self._name}: {queue!r} is no queue name: {refusal.says}"
            ) from refusal
        return queue


TRIGGERS: dict[str, Callable[[_Reader, Mapping[str, Any]], Trigger]] = {
    "httpTrigger": _Reader.http,
    "queueTrigger": _Reader.queue,
    "timerTrigger": _Reader.timer,
}


def read_function(
    name: str, ident: str, raw: Iterable[str], settings: Mapping[str, str]
) -> Function:
    """Read one function from its metadata; `raw` are the bindings as JSON texts."""
    return _Reader(name, settings).read(ident, raw)
