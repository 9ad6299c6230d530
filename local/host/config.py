"""What a function app is configured by: host.json, app settings and the bindings' `%NAME%`.

The rules are the real host's: an app setting `AzureFunctionsJobHost__a__b` overrides `a.b` of
host.json; `%NAME%` and `connection` must name app settings that exist.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local.host.errors import HostError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

OVERRIDE = "AzureFunctionsJobHost__"
LEVELS = {
    "Trace": "DEBUG",
    "Debug": "DEBUG",
    "Information": "INFO",
    "Warning": "WARNING",
    "Error": "ERROR",
    "Critical": "CRITICAL",
    "None": "CRITICAL",
}
"""host.json's log levels and Python's."""
BATCH = 32
"""The largest batch the queue service hands out at once."""


@dataclass(frozen=True, slots=True)
class QueueOptions:
    """`extensions.queues` of host.json; times in seconds."""

    batch_size: int = 16
    new_batch_threshold: int = 8
    max_dequeue_count: int = 5
    visibility_timeout: float = 0.0
    max_polling_interval: float = 60.0
    base64: bool = True


@dataclass(frozen=True, slots=True)
class HostOptions:
    """What of host.json this host obeys; times in seconds."""

    queues: QueueOptions
    route_prefix: str = "api"
    function_timeout: float | None = 1800.0
    log_level: str = "INFO"


def seconds(text: object) -> float:
    """Read a .NET time span such as `00:00:30` or `1.00:00:00`; returns seconds.

    >>> seconds("00:10:00")
    600.0
    """
    hit = re.fullmatch(r"(?:(\d+)\.)?(\d+):(\d+):(\d+(?:\.\d+)?)", str(text))
    if hit is None:
        raise HostError(f"{text!r} in host.json is not a time span such as 00:00:30")
    days, hours, minutes, rest = (float(part or 0) for part in hit.groups())
    return days * 86_400 + hours * 3_600 + minutes * 60 + rest


def read_host_json(folder: Path, settings: Mapping[str, str]) -> HostOptions:
    """Read `host.json` of the app in `folder`, overridden by its app settings."""
    found = _load(folder / "host.json")
    if found.get("version") != "2.0":
        raise HostError(f'{folder / "host.json"} has to say "version": "2.0"')
    for name, value in settings.items():
        if name.lower().startswith(OVERRIDE.lower()):
            _override(found, name[len(OVERRIDE) :].split("__"), value)
    timeout = found.get("functionTimeout", "00:30:00")
    return HostOptions(
        queues=_queue_options(_at(found, "extensions", "queues")),
        route_prefix=str(_at(found, "extensions", "http").get("routePrefix", "api")),
        function_timeout=None if timeout == "-1" else seconds(timeout),
        log_level=_level(str(_at(found, "logging", "logLevel").get("default", "Information"))),
    )


def _level(text: str) -> str:
    if text not in LEVELS:
        raise HostError(f"{text!r} in host.json is not a log level: {', '.join(LEVELS)}")
    return LEVELS[text]


def _queue_options(found: Mapping[str, Any]) -> QueueOptions:
    standard = QueueOptions()
    batch = int(found.get("batchSize", standard.batch_size))
    if not 1 <= batch <= BATCH:
        raise HostError(f"queues.batchSize is {batch}; the service hands out 1 to {BATCH}")
    return QueueOptions(
        batch_size=batch,
        new_batch_threshold=int(found.get("newBatchThreshold", batch // 2)),
        max_dequeue_count=int(found.get("maxDequeueCount", standard.max_dequeue_count)),
        visibility_timeout=seconds(found.get("visibilityTimeout", "00:00:00")),
        max_polling_interval=seconds(found.get("maxPollingInterval", "00:01:00")),
        base64=str(found.get("messageEncoding", "base64")).lower() == "base64",
    )


def read_settings(path: Path | None) -> dict[str, str]:
    """Read the app settings of this process: the environment, then `Values` of a settings file."""
    settings = dict(os.environ)
    if path is not None:
        values = _load(path).get("Values", {})
        settings.update({str(name): str(value) for name, value in values.items()})
    return settings


def resolve(text: str, settings: Mapping[str, str]) -> str:
    """Put app settings in place of `%NAME%`; raises HostError when one is missing."""

    def value(hit: re.Match[str]) -> str:
        return setting(hit[1], settings, f"%{hit[1]}%")

    return re.sub(r"%([^%]+)%", value, text)


def setting(name: str, settings: Mapping[str, str], where: str) -> str:
    """Return an app setting; raises HostError naming `where` it is used."""
    if name not in settings:
        raise HostError(f"{where} needs the app setting {name}, which is not set")
    return settings[name]


def _load(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as missing:
        raise HostError(f"there is no {path}") from missing
    except ValueError as wrong:
        raise HostError(f"{path} is not JSON: {wrong}") from wrong
    if not isinstance(found, dict):
        raise HostError(f"{path} does not hold a JSON object")
    return found


def _at(found: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    for name in names:
        found = found.get(name, {})
    return found


def _override(found: dict[str, Any], names: list[str], value: str) -> None:
    for name in names[:-1]:
        found = found.setdefault(_known(found, name), {})
    found[_known(found, names[-1])] = value


def _known(found: Mapping[str, Any], name: str) -> str:
    """Return the member's own spelling: settings compare without case."""
    return next((known for known in found if known.lower() == name.lower()), name)
