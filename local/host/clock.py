"""One clock for the storage and the host: real time plus an offset somebody else may write.

The offset lives in a file of decimal seconds, so that the tenant's `/_local/clock` moves the
tenant, this host and the product together (decision 22). Without a file it is real time.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class ClockUnreadable(Exception):
    """The clock file holds something that is not a number of seconds."""


class Clock:
    """Seconds since 1970 (UTC), moved by the number in a file; and a way to wait for the move."""

    WATCH = 0.2
    """Seconds of real time between two looks at the file while somebody waits."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._seen: tuple[int, int, int] | None = None
        self._offset = 0.0

    def offset(self) -> float:
        """Return the seconds added to real time; a missing file means none."""
        if self._path is None:
            return 0.0
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            return 0.0
        seen = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        if seen != self._seen:
            self._offset, self._seen = _parse(self._path, self._offset), seen
        return self._offset

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time() + self.offset()

    def utc(self) -> datetime:
        """Return the same moment as a date and time in UTC."""
        return datetime.fromtimestamp(self.now(), UTC)

    async def wait(self, seconds: float, woken: asyncio.Event | None = None) -> bool:
        """Wait until `seconds` have passed on this clock, the event is set, or the clock moved.

        Returns True when the wait was cut short (event or move), False when the time is over.
        """
        event = woken or asyncio.Event()
        started, offset = time.monotonic(), self.offset()
        while (left := seconds - (time.monotonic() - started)) > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(event.wait(), min(left, self._patience()))
            if event.is_set() or self.offset() != offset:
                return True
        return event.is_set()

    def _patience(self) -> float:
        """Without a file nobody can move the clock, so nobody needs to look."""
        return 3600.0 if self._path is None else self.WATCH


def _parse(path: Path, before: float) -> float:
    """Read the file; one that is empty is just being written, and means what it said before."""
    text = path.read_text(encoding="ascii").strip()
    try:
        return float(text) if text else before
    except ValueError as wrong:
        raise ClockUnreadable(
            f"the clock file {path} holds {text!r}; it should hold seconds such as 86400"
        ) from wrong
