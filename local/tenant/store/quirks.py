"""Switches that make the service behave as badly as the real one does at times (field notes).

Each is off until set: for good by `POST /_local/settings`, or for single calls by a scripted fault
({"kind": "quirk"}), which lays its value over the store while one handler runs.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from local.tenant.errors import bad_request

if TYPE_CHECKING:
    from local.tenant.store.database import Store

CONTENT_LATE = "content_late"
OFFICE_WIPES_COLUMNS = "office_wipes_columns"
CONTENT_TYPE_SNAPS_BACK = "content_type_snaps_back"
REQUIRED_COLUMNS = "required_columns"
RECORDS_FREEZE_PROPERTIES = "records_freeze_properties"
DELTA_REPEATS = "delta_repeats"
DELTA_BARE_DELETES = "delta_bare_deletes"
DELIVERY_BATCH = "delivery_batch"
DELIVERY_BACKOFF = "delivery_backoff"
THROTTLE_STATUS = "throttle_status"
THROTTLE_RETRY_AFTER = "throttle_retry_after"
ANONYMOUS_LINKS = "anonymous_links"

QUIRKS: dict[str, tuple[Any, ...] | type] = {
    CONTENT_LATE: float,  # seconds between an upload's first event, at 0 bytes, and its content
    OFFICE_WIPES_COLUMNS: bool,  # a new Office version empties columns not among its properties
    CONTENT_TYPE_SNAPS_BACK: bool,  # a new version has the library's default content type again
    REQUIRED_COLUMNS: ("check_out", "refuse"),  # an upload that lacks a required column
    RECORDS_FREEZE_PROPERTIES: bool,  # the columns of a locked record cannot be edited either
    DELTA_REPEATS: bool,  # delta pages hold their items twice
    DELTA_BARE_DELETES: bool,  # a deleted item comes in delta with its id alone
    DELIVERY_BATCH: float,  # seconds for which notifications are gathered before they are sent
    DELIVERY_BACKOFF: ("hours",),  # after a failure the service waits 1, 2, 5, 13, 28, 57 hours
    THROTTLE_STATUS: (429, 503),  # how an app over its budget is refused
    THROTTLE_RETRY_AFTER: ("integer", "decimal", "none"),  # how it is told how long to wait
    ANONYMOUS_LINKS: ("forbid",),  # files cannot be shared with anyone, and such links are shut
}
_PREFIX = "quirk:"


def check(name: str, value: Any) -> None:
    """Raise 400 unless this is a switch and a value it takes (None turns it off)."""
    if name not in QUIRKS:
        raise bad_request(f"{name!r} is no setting; there are {', '.join(QUIRKS)}")
    kind = QUIRKS[name]
    if value is not None and not _fits(kind, value):
        takes = " or ".join(map(str, kind)) if isinstance(kind, tuple) else kind.__name__
        raise bad_request(f"{name} takes {takes}, not {value!r}")


def _fits(kind: tuple[Any, ...] | type, value: Any) -> bool:
    if isinstance(kind, tuple):
        return value in kind
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
    return isinstance(value, kind)


def put(store: Store, name: str, value: Any) -> None:
    """Set a switch for good; 400 for a name or value that there is not."""
    check(name, value)
    store.put(_PREFIX + name, json.dumps(value))


def get(store: Store, name: str) -> Any:
    """Return what a switch is set to, for this call or for good; None when it is off."""
    if name in store.overlay:
        return store.overlay[name]
    text = store.get(_PREFIX + name)
    return json.loads(text) if text else None


def every(store: Store) -> dict[str, Any]:
    """Return all switches as they are set."""
    return {name: get(store, name) for name in QUIRKS}
