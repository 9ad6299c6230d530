"""The matrix as a table: every call on the way of a file, every way in which a call goes wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tests import tenant_kit
from tests.faults.kit import File, Trouble, draft, tender

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

GRAPH, REST = "graph", "sharepoint"


class Operation(NamedTuple):
    """One call on a file's way: which file takes it, and what it looks like on the wire.

    `writes` calls may have been carried out although no answer came.
    """

    file: Callable[[], File]
    match: dict[str, Any]
    writes: bool = True


def _call(surface: str, method: str, path: str) -> dict[str, Any]:
    return {"surface": surface, "method": method, "path": path, "app": tenant_kit.ENFORCER}


OPERATIONS = {
    "delta page": Operation(draft, _call(GRAPH, "GET", "/items/delta$"), writes=False),
    "content": Operation(draft, _call(GRAPH, "GET", "/driveItem/content$"), writes=False),
    "item read": Operation(draft, _call(GRAPH, "GET", r"/items/\d+$"), writes=False),
    "rename": Operation(draft, _call(GRAPH, "PATCH", r"/drives/[^/]+/items/\w+$")),
    "column write": Operation(draft, _call(REST, "POST", "/ValidateUpdateListItem$")),
    "registry row": Operation(draft, _call(GRAPH, "POST", "/lists/[^/]+/items$")),
    "audience read": Operation(tender, _call(REST, "GET", r"/Items\(\d+\)$"), writes=False),
    "containment": Operation(tender, _call(REST, "POST", "/BreakRoleInheritance")),
    "circle": Operation(tender, _call(REST, "POST", "/AddRoleAssignment")),
    "tags": Operation(tender, _call(REST, "POST", "/ValidateUpdateListItem$")),
    "move": Operation(tender, _call(REST, "POST", "/SP.MoveCopyUtil.MoveFileByPath")),
    "where it went": Operation(tender, _call(REST, "GET", "/GetFileById"), writes=False),
    "let in again": Operation(tender, _call(GRAPH, "POST", "/invite$")),
    "link left": Operation(tender, _call(GRAPH, "PUT", r"\.url:/content$")),
}
"""Mail and subscriptions have rules of their own: test_mail.py, test_subscriptions.py."""


def _refuse(status: int, code: str = "serviceNotAvailable", **more: Any) -> dict[str, Any]:
    return {"kind": "refuse", "status": status, "code": code, **more}


THROTTLED = "429/503 with or without Retry-After"
LOCKS = "423 in three shapes"
READS = {
    "429, told to wait": (THROTTLED, Trouble(_refuse(429, "TooManyRequests", retry_after="7"), 2)),
    "429, told nothing": (THROTTLED, Trouble(_refuse(429, "TooManyRequests"), 2)),
    "429 beyond a call's patience": (
        THROTTLED,
        Trouble(_refuse(429, "TooManyRequests", retry_after="211")),
    ),
    "503, told nothing": (THROTTLED, Trouble(_refuse(503), 2)),
    "503 longer than a call's attempts": (THROTTLED, Trouble(_refuse(503), 7)),
    "500": ("", Trouble(_refuse(500, "generalException"))),
    "cut before": ("", Trouble({"kind": "drop"})),
    "cut after": ("", Trouble({"kind": "drop", "after": True})),
    "cut again and again": ("", Trouble({"kind": "drop"}, 7)),
    "token lapsed": ("", Trouble({"kind": "lapse"})),
}
"""What can befall any call; by the line of the field notes it comes from, if it is one of them."""
WRITES = {
    "503, but done": (THROTTLED, Trouble(_refuse(503, after=True))),
    "504, but done, twice": ("", Trouble(_refuse(504, after=True), 2)),
    "423 resourceLocked": (LOCKS, Trouble(_refuse(423, "resourceLocked"), 2)),
    "423 accessDenied": (LOCKS, Trouble(_refuse(423, "accessDenied"), 2)),
    "423 notAllowed": (LOCKS, Trouble(_refuse(423, "notAllowed", inner="resourceLocked"), 2)),
    "412": ("", Trouble(_refuse(412, "resourceModified"))),
}
"""What can befall a write besides."""


def cells() -> Iterator[tuple[str, str]]:
    """Yield operation and fault of every cell."""
    for name, operation in OPERATIONS.items():
        for fault in (*READS, *(WRITES if operation.writes else ())):
            yield name, fault


def trouble(fault: str) -> Trouble:
    return (READS | WRITES)[fault][1]


QUICK = (
    ("delta page", "503, told nothing"),
    ("content", "cut after"),
    ("rename", "503, but done"),
    ("column write", "token lapsed"),
    ("registry row", "cut after"),
    ("containment", "429, told to wait"),
    ("move", "cut after"),
)
"""The handful of cells that `make test` tries: one for each kind of effect."""
