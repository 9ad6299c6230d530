"""How long a new instance takes to answer Graph's first handshake. `make bench`.

`python -m benchmarks.cold [runs]`. Each run is a process of its own that imports the function app
as Azure's worker does, hands it a validation request and ends. Once with the bytecode that lies
beside the sources and once with none at all (an empty PYTHONPYCACHEPREFIX), the standard library's
neither. What it must not import on the way is listed, too.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks import common
from tests.tenant_kit import ROOT, TENANT_ID

if TYPE_CHECKING:
    from collections.abc import Mapping

RUNS = common.argument(1, 5)
WITH, WITHOUT = 0.5, 1.3
"""Seconds (issue 7)."""
HEAVY = ("msgraph", "office365", "httpx", "sqlalchemy", "pydantic", "azure.identity")
HANDSHAKE = f"""
import asyncio, sys
import azure.functions as func
import function_app
from functions import webhook
function_app.app.get_functions()
ask = func.HttpRequest(method="POST", url="https://v/api/webhook/x", body=b"", headers={{}},
                       params={{"validationToken": "Validation: 1+2"}}, route_params={{}})
answer = asyncio.run(webhook.webhook.build("").get_user_function()(ask, None, None))
assert answer.status_code == 200 and answer.get_body() == b"Validation: 1+2"
print(",".join(name for name in {HEAVY!r} if name in sys.modules))
"""


@dataclass(frozen=True, slots=True)
class Start:
    """One start: seconds by the clock, processor seconds, MiB at most, heavy modules imported."""

    wall: float
    cpu: float
    memory: float
    heavy: str


def start(extra: Mapping[str, str]) -> Start:
    """Start a process, have it answer, wait for its end."""
    environ = {
        name: value for name, value in os.environ.items() if not name.startswith("VERGER")
    } | {"VERGER_TENANT_ID": TENANT_ID, "VERGER_WEBHOOK_KEYS": "k1:" + "ab" * 32, **extra}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", HANDSHAKE],
        cwd=ROOT, env=environ, check=True, capture_output=True, text=True,
    )  # fmt: skip
    wall = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Start(wall, cpu, after.ru_maxrss / 1024, done.stdout.strip())


def without() -> Start:
    """Start once with no bytecode anywhere."""
    with tempfile.TemporaryDirectory() as empty:
        return start({"PYTHONPYCACHEPREFIX": empty, "PYTHONDONTWRITEBYTECODE": "1"})


def main() -> int:
    """Measure both ways; returns 1 when a goal was missed."""
    book = common.Book("cold", 1, RUNS)
    start({})  # writes the bytecode, warms the disk's cache
    warm = [start({}) for _ in range(RUNS)]
    cold = [without() for _ in range(RUNS)]
    for what, runs, goal in (("with bytecode", warm, WITH), ("without any", cold, WITHOUT)):
        book.add(f"start to first handshake, {what}", [one.wall for one in runs], "s", goal)
        book.add(f"processor time of it, {what}", [one.cpu for one in runs], "s", goal)
    book.add("memory of it at most, all runs", [warm[0].memory], "MiB")
    heavy = {name for one in warm for name in one.heavy.split(",") if name}
    book.add(f"of {', '.join(HEAVY)} it imports", [float(len(heavy))], "modules", 0.0)
    return book.save()


if __name__ == "__main__":
    sys.exit(main())
