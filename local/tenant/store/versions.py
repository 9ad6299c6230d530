"""Versions, check-out, publishing and approval: what each write does to an item's history.

A library with minor versions counts drafts (0.1, 0.2 … 1.1) until one is published as a major; any
other list counts majors. Levels are SharePoint's: 1 published, 2 draft, 255 checked out. Moderation
0 approved, 1 denied, 2 pending, 3 draft. `items` holds the newest state, `versions` every state,
the newest among them, so that a write without a new version changes that row in place.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local.tenant.errors import Refusal, bad_request, not_found
from local.tenant.store import (
    calculated,
    changes,
    lists,
    locks,
    principals,
    retention,
    validation,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from local.tenant.call import Principal
    from local.tenant.store.database import Store
    from local.tenant.store.ids import Item

TABLES = """
CREATE TABLE IF NOT EXISTS versions (
  unique_id TEXT NOT NULL, major INTEGER NOT NULL, minor INTEGER NOT NULL, name TEXT NOT NULL,
  fields TEXT NOT NULL, content_type TEXT NOT NULL, size INTEGER NOT NULL, sha TEXT NOT NULL,
  modified TEXT NOT NULL, modified_by TEXT NOT NULL, comment TEXT NOT NULL, level INTEGER NOT NULL,
  moderation INTEGER NOT NULL, PRIMARY KEY (unique_id, major, minor)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS versions_by_blob ON versions(sha);
"""

PUBLISHED, DRAFT, CHECKED_OUT = 1, 2, 255
APPROVED, DENIED, PENDING, UNFINISHED = 0, 1, 2, 3
_STATE = (
    "name",
    "fields",
    "content_type",
    "size",
    "sha",
    "modified",
    "modified_by",
    "comment",
    "level",
    "moderation",
)
COLUMNS = ("unique_id", "major", "minor", *_STATE)  # of a version's row
_WRITTEN = (*_STATE, "etag", "ctag", "major", "minor", "published", "checkout", "seq")


@dataclass(frozen=True, slots=True)
class Write:
    """How a write is done: by whom, with a new version or in place, moving Modified or not."""

    who: Principal
    version: bool = True
    touch: bool = True
    content: bool = False
    kind: str = "update"

    @property
    def actor(self) -> str:
        return principals.actor_of(self.who)


def label(item: Mapping[str, Any]) -> str:
    return f"{item['major']}.{item['minor']}"


def commit(
    store: Store, list_row: sqlite3.Row, item: Item, new: Mapping[str, Any], how: Write
) -> Item:
    """Write `new` members of the item: eTag, cTag, version, Modified and the change log follow.

    This is the only function that changes an item's row after its birth.
    """
    retention.require(store, item, retention.CONTENTS if how.content else retention.PROPERTIES)
    state: Item = {**item, **new, "etag": item["etag"] + 1, "ctag": item["ctag"] + how.content}
    if how.touch:
        state.update(modified=store.stamp(), modified_by=how.actor)
    if how.version and not item["checkout"] and "major" not in new:
        state.update(comment="", **_next(lists.settings(list_row), item))
    known = calculated.settled(store, list_row["id"], state, json.loads(state["fields"]))
    state["fields"] = json.dumps(known)
    state["published"] = _published(state)
    state["seq"] = changes.record(store, state, how.kind, how.actor)
    store.run(
        f"UPDATE items SET {'=?, '.join(_WRITTEN)}=? WHERE unique_id=?",
        *(state[name] for name in _WRITTEN),
        item["unique_id"],
    )
    if not state["checkout"]:
        keep(store, state)
        _trim(store, lists.settings(list_row), state)
    return state


def _next(settings: Mapping[str, Any], item: Mapping[str, Any]) -> dict[str, Any]:
    """Which version a write makes, by the list's settings."""
    moderated = bool(settings["EnableModeration"])
    if settings["EnableMinorVersions"]:
        return {
            "major": item["major"],
            "minor": item["minor"] + 1,
            "level": DRAFT,
            "moderation": UNFINISHED if moderated else APPROVED,
        }
    grows = settings["EnableVersioning"] or not item["major"]
    return {
        "major": item["major"] + 1 if grows else item["major"],
        "minor": 0,
        "level": DRAFT if moderated else PUBLISHED,
        "moderation": PENDING if moderated else APPROVED,
    }


def first(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the version of a new item: 0.1 where minor versions are kept, else 1.0."""
    return _next(settings, {"major": 0, "minor": 0})


def next_major(settings: Mapping[str, Any], item: Mapping[str, Any]) -> dict[str, Any]:
    """Return the version that publication makes: pending where content approval is on."""
    moderated = bool(settings["EnableModeration"])
    return {
        "major": item["major"] + 1,
        "minor": 0,
        "level": DRAFT if moderated else PUBLISHED,
        "moderation": PENDING if moderated else APPROVED,
    }


def _published(state: Mapping[str, Any]) -> str:
    """Return the label that readers see: this state's when it is published, else the one before."""
    return label(state) if state["level"] == PUBLISHED else str(state["published"])


def keep(store: Store, item: Mapping[str, Any]) -> None:
    """Write the item's state into its version row."""
    store.run(
        f"INSERT OR REPLACE INTO versions ({', '.join(COLUMNS)})"
        f" VALUES ({','.join('?' * len(COLUMNS))})",
        *(item[name] for name in COLUMNS),
    )


def _trim(store: Store, settings: Mapping[str, Any], item: Mapping[str, Any]) -> None:
    """Drop what the limits no longer keep: old majors, and drafts of majors too far back."""
    limit, drafts = settings["MajorVersionLimit"], settings["MajorWithMinorVersionsLimit"]
    if limit and item["major"] > limit:
        store.run(
            "DELETE FROM versions WHERE unique_id=? AND major<=?",
            item["unique_id"],
            item["major"] - limit,
        )
    if drafts:
        store.run(
            "DELETE FROM versions WHERE unique_id=? AND minor>0 AND major<?",
            item["unique_id"],
            item["major"] - drafts,
        )


def every(store: Store, unique_id: str) -> list[sqlite3.Row]:
    """All versions of an item, newest first."""
    return store.all(
        "SELECT * FROM versions WHERE unique_id=? ORDER BY major DESC, minor DESC", unique_id
    )


def get(store: Store, unique_id: str, version: str) -> sqlite3.Row:
    """One version by its label ("1.0"); 404 when it is not kept."""
    major, _, minor = version.partition(".")
    row = None
    if major.isdecimal() and (minor or "0").isdecimal():
        row = store.one(
            "SELECT * FROM versions WHERE unique_id=? AND major=? AND minor=?",
            unique_id,
            int(major),
            int(minor or 0),
        )
    if row is None:
        raise not_found("The version does not exist.")
    return row


def state_of(row: sqlite3.Row) -> dict[str, Any]:
    """Return the part of an item that a version remembers, to lay over the item."""
    return {name: row[name] for name in (*_STATE, "major", "minor")}


def check_out(store: Store, list_row: sqlite3.Row, item: Item, who: Principal) -> Item:
    """Take the file for one editor; what they write is theirs alone until it is checked in."""
    how = Write(who, version=False, touch=False)
    locks.require_free(store, item, how.actor)
    if item["checkout"]:
        return item
    return commit(store, list_row, item, {"checkout": how.actor}, how)


def check_in(  # noqa: PLR0913 - a file, its list, an author, a comment and the kind of version
    store: Store, list_row: sqlite3.Row, item: Item, how: Write, comment: str, *, major: bool
) -> Item:
    """Give the file back as a new version, major on demand; 400 when it is not checked out."""
    if not item["checkout"]:
        raise Refusal(
            400,
            "invalidRequest",
            f"The file {item['name']} is not checked out.",
            -2147024738,
            "Microsoft.SharePoint.SPFileCheckOutException",
        )
    locks.require_free(store, item, how.actor)
    validation.require(store, list_row, item)
    settings = lists.settings(list_row)
    made = next_major(settings, item) if major else _next(settings, item)
    return commit(store, list_row, item, {**made, "comment": comment, "checkout": ""}, how)


def undo_check_out(store: Store, list_row: sqlite3.Row, item: Item, who: Principal) -> Item:
    """Throw the editor's copy away; 400 when not checked out, 423 for another user (an app may)."""
    if not item["checkout"]:
        raise Refusal(
            400,
            "invalidRequest",
            f"The file {item['name']} is not checked out.",
            -2147024738,
            "Microsoft.SharePoint.SPFileCheckOutException",
        )
    how = Write(who, version=False, touch=False)
    if not who.app_only:
        locks.require_free(store, item, how.actor)
    before = state_of(get(store, item["unique_id"], label(item)))
    return commit(store, list_row, item, {**before, "checkout": ""}, how)


def publish(store: Store, list_row: sqlite3.Row, item: Item, how: Write, comment: str) -> Item:
    """Make the newest draft the next major (pending under approval): its version becomes that."""
    settings = lists.settings(list_row)
    locks.require_free(store, item, how.actor)
    if not settings["EnableMinorVersions"] or item["checkout"]:
        raise bad_request(
            "Only a checked-in draft of a library with minor versions can be published."
        )
    if item["minor"] == 0:
        raise bad_request("The file is already published.")
    validation.require(store, list_row, item)
    return _relabel(store, list_row, item, {**next_major(settings, item), "comment": comment}, how)


def unpublish(store: Store, list_row: sqlite3.Row, item: Item, how: Write, comment: str) -> Item:
    """Make the newest major a draft again; the major before it, if any, is what readers see."""
    if item["minor"] or not item["major"]:
        raise bad_request("Only a published version can be unpublished.")
    older = [
        row
        for row in every(store, item["unique_id"])
        if (row["major"], row["minor"]) < (item["major"], 0)
    ]
    minor = max((row["minor"] for row in older if row["major"] == item["major"] - 1), default=0) + 1
    seen = next((label(dict(row)) for row in older if row["level"] == PUBLISHED), "")
    moderated = lists.settings(list_row)["EnableModeration"]
    state = {
        "major": item["major"] - 1,
        "minor": minor,
        "level": DRAFT,
        "published": seen,
        "moderation": UNFINISHED if moderated else APPROVED,
        "comment": comment,
    }
    return _relabel(store, list_row, item, state, how)


def _relabel(
    store: Store, list_row: sqlite3.Row, item: Item, state: Mapping[str, Any], how: Write
) -> Item:
    store.run(
        "DELETE FROM versions WHERE unique_id=? AND major=? AND minor=?",
        item["unique_id"],
        item["major"],
        item["minor"],
    )
    return commit(store, list_row, item, state, how)


def moderate(  # noqa: PLR0913, PLR0917 - a file, its list, an approver, a verdict, a comment
    store: Store, list_row: sqlite3.Row, item: Item, how: Write, status: int, comment: str
) -> Item:
    """Approve, deny or leave pending. Modified and Modified By stay as they were."""
    if not lists.settings(list_row)["EnableModeration"]:
        raise bad_request("The list does not require content approval.")
    quiet = Write(how.who, version=False, touch=False)
    level = PUBLISHED if status == APPROVED and item["minor"] == 0 else DRAFT
    return commit(
        store, list_row, item, {"moderation": status, "comment": comment, "level": level}, quiet
    )


def restore(store: Store, list_row: sqlite3.Row, item: Item, version: str, how: Write) -> Item:
    """Make an old version's content and columns the newest version."""
    locks.require_free(store, item, how.actor)
    row = get(store, item["unique_id"], version)
    old = {name: row[name] for name in ("fields", "size", "sha")}
    return commit(store, list_row, item, old, Write(how.who, content=True, kind="content"))


def remove(store: Store, item: Mapping[str, Any], version: str) -> None:
    """Delete one old version; 400 for the newest."""
    row = get(store, item["unique_id"], version)
    if (row["major"], row["minor"]) == (item["major"], item["minor"]):
        raise bad_request("The current version cannot be deleted.")
    store.run(
        "DELETE FROM versions WHERE unique_id=? AND major=? AND minor=?",
        item["unique_id"],
        row["major"],
        row["minor"],
    )
