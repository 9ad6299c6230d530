"""functionTimeout as the real host enforces it: the worker is restarted, neighbours and all.

A thread watches the deadlines, so that a function that hogs the event loop is caught too.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

log = logging.getLogger("verger.host")


class Watchdog:
    """Calls `bite` once, with the function's name, when an invocation outlives `limit` seconds."""

    def __init__(self, limit: float | None, bite: Callable[[str], None]) -> None:
        self._limit = limit
        self._bite = bite
        self._running: dict[int, tuple[float, str]] = {}
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._ended = False

    def start(self) -> None:
        if self._limit is not None:
            threading.Thread(target=self._guard, name="watchdog", daemon=True).start()

    def stop(self) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    @contextlib.contextmanager
    def watch(self, name: str) -> Iterator[None]:
        """Watch one invocation from here to the end of the block."""
        number = next(self._numbers)
        with self._changed:
            self._running[number] = (time.monotonic() + (self._limit or 0), name)
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                del self._running[number]

    def _guard(self) -> None:
        name = self._overdue()
        if name is not None:
            log.error("%s ran longer than functionTimeout (%s s)", name, self._limit)
            self._bite(name)

    def _overdue(self) -> str | None:
        """Wait for the first invocation past its deadline; None when the host ends."""
        with self._changed:
            while not self._ended:
                if not self._running:
                    self._changed.wait()
                    continue
                deadline, name = min(self._running.values())
                left = deadline - time.monotonic()
                if left <= 0:
                    return name
                self._changed.wait(left)
        return None
