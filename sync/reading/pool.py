"""Read files in processes of their own, each with a hard time limit.

A hostile file may hang a parser or exhaust memory. The reader process is killed when its seconds
are over; the next file gets a fresh one. The process is started plainly (not by multiprocessing,
which would run the Functions worker's own main module again) and ends by itself when we do.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe
from typing import TYPE_CHECKING, Self

import msgspec

from sync.model import Reading, ReadState
from sync.reading.content import raw_hash
from sync.reading.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Mapping

START_SECONDS = 60.0
"""A cold instance compiles its modules first; this is no limit on a file."""
PASSED_ON = (
    "PATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "HOME", "TMPDIR", "SYSTEMROOT",
)  # fmt: skip
"""All that a reader process learns of our environment: what an interpreter needs to start.

A file that gets the better of a parser shall find no key, no connection string, no certificate.
"""


def environment(ours: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a reader process: a few of our variables, and where modules lie."""
    kept = {name: ours[name] for name in PASSED_ON if name in ours}
    return kept | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


@dataclass(frozen=True, slots=True)
class Request:
    """What a reader process is sent ahead of the file's bytes."""

    name: str
    limits: Limits


class Reader:
    """One reader process and the pipe to it."""

    def __init__(self, process: subprocess.Popen[bytes], pipe: Connection) -> None:
        self._process = process
        self._pipe = pipe

    @classmethod
    def start(cls) -> Self:
        """Start a process and wait until it says that it is ready."""
        ours, theirs = Pipe()
        with theirs:
            process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-m", "sync.reading.worker", str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                env=environment(os.environ),
            )
        reader = cls(process, ours)
        if not ours.poll(START_SECONDS) or ours.recv_bytes() != b"ready":
            reader.close()
            raise RuntimeError("The process that reads files did not start.")
        return reader

    def ask(self, data: bytes, request: Request) -> Reading | None:
        """Return the reading; None when the process died or its seconds are over."""
        try:
            self._pipe.send_bytes(msgspec.msgpack.encode(request))
            self._pipe.send_bytes(data)
            if not self._pipe.poll(request.limits.seconds):
                return None
            return msgspec.msgpack.decode(self._pipe.recv_bytes(), type=Reading)
        except (EOFError, OSError):  # it died: the file was too much for the parser
            return None

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def close(self) -> None:
        """End the process at once; what it was reading is lost and that is meant."""
        self._pipe.close()
        self._process.kill()
        self._process.wait()


class Pool:
    """A few reader processes, started when needed and kept for the next file."""

    def __init__(self, size: int) -> None:
        self._idle: list[Reader] = []
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(size)

    def read(self, data: bytes, name: str, limits: Limits) -> Reading:
        """Read one file; blocks while all readers are busy."""
        with self._places:
            reader = self._take()
            reading = reader.ask(data, Request(name, limits))
            if reading is None:
                stuck = reader.alive
                reader.close()
                return _given_up(data, limits, stuck=stuck)
            self._keep(reader, reading.state)
            return reading

    def close(self) -> None:
        """End the idle readers."""
        with self._lock:
            idle, self._idle = self._idle, []
        for reader in idle:
            reader.close()

    @property
    def idle(self) -> tuple[int, ...]:
        """Process ids of the readers that wait for a file."""
        with self._lock:
            return tuple(reader.pid for reader in self._idle)

    def _keep(self, reader: Reader, state: ReadState) -> None:
        """Use a process again unless a file may have left it short of memory or in disorder."""
        if state in {ReadState.TOO_LARGE, ReadState.UNREADABLE}:
            reader.close()
            return
        with self._lock:
            self._idle.append(reader)

    def _take(self) -> Reader:
        with self._lock:
            while self._idle:
                reader = self._idle.pop()
                if reader.alive:
                    return reader
                reader.close()
        return Reader.start()


def read_within(data: bytes, name: str, limits: Limits | None = None) -> Reading:
    """Read a file within its limits, in a process that is killed when its seconds are over.

    Blocks for at most `limits.seconds` (plus the start of a process); call it from a thread.
    """
    bounds = limits or Limits()
    if len(data) > bounds.size:
        why = f"The file is larger than {bounds.size // 2**20} MiB."
        return _unread(data, ReadState.TOO_LARGE, why)
    if not data:
        return _unread(data, ReadState.EMPTY, "The file is empty (0 bytes).")
    return _POOL.read(data, name, bounds)


def close_readers() -> None:
    """End all idle reader processes; the next reading starts a new one."""
    _POOL.close()


def _unread(data: bytes, state: ReadState, why: str) -> Reading:
    digest = raw_hash(data)
    return Reading(state, why, content_id=digest, raw_hash=digest)


def _given_up(data: bytes, limits: Limits, *, stuck: bool) -> Reading:
    if stuck:
        why = f"Reading the file took longer than {limits.seconds:g} seconds."
        return _unread(data, ReadState.TOO_LARGE, why)
    return _unread(data, ReadState.UNREADABLE, "The file broke the program that reads it.")


_POOL = Pool(max(2, os.cpu_count() or 2))
atexit.register(close_readers)
