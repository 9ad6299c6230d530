"""A host as a process of its own, as `make run` starts it; and waiting for what it does."""

from __future__ import annotations

import asyncio
import json
import selectors
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
from azure.storage.queue import (
    LinearRetry,
    QueueClient,
    TextBase64DecodePolicy,
    TextBase64EncodePolicy,
)

if TYPE_CHECKING:
    from collections.abc import Callable

APPS = Path(__file__).parent / "apps"
ROOT = Path(__file__).parents[2]
PATIENCE = 30.0


def until[T](question: Callable[[], T], seconds: float = PATIENCE) -> T:
    """Ask until the answer is true; fails with the last answer after `seconds`."""
    pause, asked = threading.Event(), 0.0
    while not (answer := question()):
        assert asked < seconds, f"still {answer!r} after {seconds} s"
        pause.wait(0.02)
        asked += 0.02
    return answer


def hourly() -> str:
    """Return a schedule once an hour whose moment is half an hour from the test's own."""
    return f"0 {(datetime.now(UTC).minute + 30) % 60} * * * *"


async def eventually(question: Callable[[], object], seconds: float = 10.0) -> None:
    """Let the loop run until the answer is true; fails after `seconds`."""
    async with asyncio.timeout(seconds):
        while not question():  # noqa: ASYNC110  # asks files and databases, which set no event
            await asyncio.sleep(0.01)


def command(app: str, folder: Path, *more: str, **settings: str) -> list[str]:
    """Return the command line for an app under `apps/` on the data in `folder`."""
    values = {"NOTES": str(folder / "notes"), **settings}
    file = folder / "settings.json"
    file.write_text(json.dumps({"Values": values}))
    return [
        *(sys.executable, "-m", "local.host", "--app", str(APPS / app)),
        *("--data", str(folder / "data"), "--settings", str(file)),
        *("--clock", str(folder / "clock"), *more),
    ]


class RunningHost:
    """A started host: its line of JSON, its log, its queues and what its functions noted."""

    def __init__(self, app: str, folder: Path, *more: str, **settings: str) -> None:
        self.folder = folder
        self._log = (folder / "log").open("ab")
        self.process = subprocess.Popen(
            command(app, folder, *more, **settings),
            stdout=subprocess.PIPE,
            stderr=self._log,
            cwd=ROOT,
        )
        self.told: dict[str, Any] = json.loads(self._line())
        self.keys: dict[str, Any] = json.loads(Path(self.told["keys"]).read_text())
        self.http = httpx.Client(base_url=self.told["address"], timeout=PATIENCE)

    def _line(self) -> bytes:
        assert self.process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            assert selector.select(PATIENCE), self.log()
        line = self.process.stdout.readline()
        assert line, self.log()
        return line

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def queue(self, name: str) -> QueueClient:
        return QueueClient.from_connection_string(
            self.told["storage"],
            name,
            retry_policy=LinearRetry(backoff=1, retry_total=15, random_jitter_range=0),
            message_encode_policy=TextBase64EncodePolicy(),
            message_decode_policy=TextBase64DecodePolicy(),
        )

    def send(self, name: str, *texts: str) -> None:
        with self.queue(name) as queue:
            for text in texts:
                queue.send_message(text)

    def depth(self, name: str) -> int:
        with self.queue(name) as queue:
            return queue.get_queue_properties().approximate_message_count or 0

    def notes(self, key: str) -> list[dict[str, Any]]:
        """Return what the functions noted under `key`, in order."""
        path = self.folder / "notes"
        lines = path.read_text().splitlines() if path.exists() else []
        return [note for note in map(json.loads, lines) if key in note]

    def master(self) -> dict[str, str]:
        return {"x-functions-key": self.keys["master"]}

    def end(self, *, kill: bool = False) -> int:
        """Stop the process (SIGTERM, or SIGKILL) and return its exit status."""
        if self.process.poll() is None:
            self.process.kill() if kill else self.process.terminate()
        status = self.process.wait(PATIENCE)
        self.http.close()
        self._log.close()
        assert self.process.stdout is not None
        self.process.stdout.close()
        return status
