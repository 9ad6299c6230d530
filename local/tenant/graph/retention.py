"""Graph: the retention label of a file or folder, and the lock of a record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.tenant.call import Answer
from local.tenant.errors import bad_request, not_found
from local.tenant.graph import find, odata, shapes
from local.tenant.routing import Route
from local.tenant.store import access, principals, retention

if TYPE_CHECKING:
    import sqlite3

    from local.tenant.call import Call
    from local.tenant.store.ids import Item

_BEHAVIOUR = {
    retention.RETAIN: "retain",
    retention.RECORD: "retainAsRecord",
    retention.REGULATORY: "retainAsRegulatoryRecord",
}


def _shown(call: Call, row: sqlite3.Row) -> dict[str, Any]:
    free = retention.allowed(call.store, row)
    return {
        "@odata.context": odata.context("drives/items/retentionLabel/$entity"),
        "name": row["label"],
        "retentionSettings": {
            "behaviorDuringRetentionPeriod": _BEHAVIOUR[row["kind"]],
            "isDeleteAllowed": free[retention.DELETE],
            "isRecordLocked": bool(row["locked"]),
            "isMetadataUpdateAllowed": free[retention.PROPERTIES],
            "isContentUpdateAllowed": free[retention.CONTENTS],
            "isLabelUpdateAllowed": free[retention.RELABEL],
        },
        "isLabelAppliedExplicitly": True,
        "labelAppliedDateTime": row["at"],
        "labelAppliedBy": shapes.identity(call.store, row["actor"]),
    }


def _label(call: Call, item: Item) -> sqlite3.Row:
    row = retention.of(call.store, item["unique_id"])
    if row is None:
        raise not_found("The item has no retention label.")
    return row


def get(call: Call) -> Answer:
    _row, item = find.file(call)
    return Answer(body=_shown(call, _label(call, item)))


def _is_admin(call: Call, item: Item) -> bool:
    return access.may(call.store, call.who, access.of_item(item), "fullcontrol")


def update(call: Call) -> Answer:
    """Put a label on (201 the first time, then 200), or lock and unlock a record."""
    _row, item = find.file(call, "write")
    body, status = call.json(), 200
    settings = body.get("retentionSettings") or {}
    if "name" not in body and "isRecordLocked" not in settings:
        raise bad_request("name or retentionSettings.isRecordLocked is required.")
    if "name" in body:
        admin, actor = _is_admin(call, item), principals.actor_of(call.who)
        name = str(body["name"]) or None
        status = 200 if retention.apply(call.store, item, name, actor, admin=admin) else 201
    if "isRecordLocked" in settings:
        retention.lock(call.store, item, locked=bool(settings["isRecordLocked"]))
    return Answer(status, _shown(call, _label(call, item)))


def remove(call: Call) -> Answer:
    _row, item = find.file(call, "write")
    actor = principals.actor_of(call.who)
    retention.apply(call.store, item, None, actor, admin=_is_admin(call, item))
    return Answer(204)


_LABEL = "/drives/{drive}/items/{item}/retentionLabel"
ROUTES = (
    Route("GET", _LABEL, get, 1),
    Route("PATCH", _LABEL, update, 2),
    Route("DELETE", _LABEL, remove, 2),
)
