"""The dates a client gives to a file: fileSystemInfo, which sync tools set to the original's.

SharePoint shows them as Created and Modified, and counts setting them as a change of its own.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from local.tenant.errors import bad_request
from local.tenant.store import versions
from local.tenant.store.versions import Write

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from local.tenant.store.database import Store
    from local.tenant.store.ids import Item

_MEMBERS = {"createdDateTime": "created", "lastModifiedDateTime": "modified"}


def given(body: Mapping[str, Any]) -> dict[str, str]:
    """Return the dates of a body's fileSystemInfo by column, as the tenant writes them."""
    info = body.get("fileSystemInfo") or {}
    return {column: _stamp(info[name]) for name, column in _MEMBERS.items() if info.get(name)}


def put(
    store: Store, list_row: sqlite3.Row, item: Item, dates: Mapping[str, str], how: Write
) -> Item:
    """Give an item these dates; a file in a versioned library gets a version, if `how` says so."""
    if not dates:
        return item
    if "created" in dates:
        store.run(
            "UPDATE items SET created=? WHERE unique_id=?", dates["created"], item["unique_id"]
        )
        item = {**item, "created": dates["created"]}
    new = {"modified": dates.get("modified", store.stamp()), "modified_by": how.actor}
    write = Write(how.who, version=how.version and item["kind"] == "file", touch=False)
    return versions.commit(store, list_row, item, new, write)


def _stamp(text: object) -> str:
    try:
        read = datetime.fromisoformat(str(text))
    except ValueError as error:
        raise bad_request(
            f"{text!r} is not a date and time such as 2026-11-24T09:30:00Z"
        ) from error
    dated = read if read.tzinfo else read.replace(tzinfo=UTC)
    return dated.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
