"""What each call costs in SharePoint's resource units, and who gets the bill.

Documented costs (SharePoint, "How to avoid getting throttled or blocked", table of resource units):
1 for a single item, a delta with token, a download; 2 for a query of many items, a create, update,
delete or upload, a delta without token; 5 for anything with permissions. SharePoint REST has no
fixed cost: 2, and 5 for permissions, are assumed (decision 33).
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SINGLE = 1
MANY = 2
WRITE = 2
PERMISSIONS = 5
REST = 2

_PERMISSION_CALL = re.compile(
    rb"roleassignments|roleinheritance|sharelink|effectivepermissions", re.IGNORECASE
)
# a part of a $batch opens with its own request line
_PART = re.compile(rb"^(?:GET|POST|MERGE|PATCH|PUT|DELETE) (https://\S+) HTTP/1\.1", re.MULTILINE)


class Bill:
    """What was used while it was open: resource units, HTTP requests, and units by operation.

    Several threads may add to one bill at once.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.units = 0
        self.requests = 0
        self.by_operation: Counter[str] = Counter()

    def add(self, operation: str, units: int, requests: int) -> None:
        with self._lock:
            self.units += units
            self.requests += requests
            self.by_operation[operation] += units

    def __repr__(self) -> str:
        return f"Bill(units={self.units}, requests={self.requests})"


_open: ContextVar[tuple[Bill, ...]] = ContextVar("open bills", default=())


@contextmanager
def metered() -> Iterator[Bill]:
    """Open a bill for the calls made inside, in this task and those it starts.

    Bills nest: an outer one also pays for what is done within an inner one.
    """
    bill = Bill()
    mark = _open.set((*_open.get(), bill))
    try:
        yield bill
    finally:
        _open.reset(mark)


def charge(operation: str, units: int, requests: int = 1) -> None:
    """Add a call to every open bill. A refused or throttled call costs the same as a good one."""
    for bill in _open.get():
        bill.add(operation, units, requests)


def rest_units(url: str, body: bytes | str | None) -> int:
    """Return the assumed units of one SharePoint REST request; a $batch pays for each part."""
    if not url.lower().endswith("/$batch"):
        return _rest_cost(url.encode())
    raw = body.encode() if isinstance(body, str) else (body or b"")
    return sum(_rest_cost(part) for part in _PART.findall(raw))


def _rest_cost(url: bytes) -> int:
    return PERMISSIONS if _PERMISSION_CALL.search(url) else REST
