"""Upload sessions: ranges arrive in order, without a token; the last one makes the file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from local.tenant.call import Principal
from local.tenant.errors import Refusal, bad_request, not_found
from local.tenant.store import ids

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from local.tenant.store.database import Store

TABLES = """
CREATE TABLE IF NOT EXISTS upload_sessions (
  id TEXT PRIMARY KEY, list_id TEXT NOT NULL, dir TEXT NOT NULL, name TEXT NOT NULL,
  conflict TEXT NOT NULL, who TEXT NOT NULL, received INTEGER NOT NULL DEFAULT 0,
  expires TEXT NOT NULL, dates TEXT NOT NULL DEFAULT '{}',
  deferred INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS upload_ranges (
  session TEXT NOT NULL, start INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (session, start));
"""

CHUNK = (
    320 * 1024
)  # bytes; every range but the last is a multiple (driveitem-createuploadsession.md)
RANGE_LIMIT = 60 * 1024 * 1024  # bytes in one request, same page
LIFE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Range:
    """`bytes {start}-{end}/{total}`, as Content-Range says it; total None is "*": not known yet."""

    start: int
    end: int
    total: int | None

    @classmethod
    def parse(cls, text: str) -> Range:
        """Read a Content-Range header; 400 for anything else."""
        try:
            span, total = text.removeprefix("bytes ").split("/")
            start, end = span.split("-")
            return cls(int(start), int(end), None if total == "*" else int(total))
        except ValueError as error:
            raise bad_request(
                f"{text!r} is not a Content-Range such as bytes 0-327679/655360"
            ) from error


def open_session(
    store: Store, list_id: str, place: tuple[str, str], conflict: str, who: Principal
) -> sqlite3.Row:
    """Start a session for (folder path, name) on behalf of `who`."""
    session = ids.new_guid()
    store.run(
        "INSERT INTO upload_sessions (id, list_id, dir, name, conflict, who, expires)"
        " VALUES (?,?,?,?,?,?,?)",
        session,
        list_id,
        *place,
        conflict,
        _packed(who),
        (store.now() + LIFE).isoformat(timespec="seconds"),
    )
    return get(store, session)


def wish(store: Store, session: str, dates: Mapping[str, str], *, deferred: bool) -> None:
    """Keep the dates the file shall have (store/dates.py), and whether it waits for a commit."""
    store.run("UPDATE upload_sessions SET dates=?, deferred=? WHERE id=?",
              json.dumps(dict(dates)), deferred, session)  # fmt: skip


def dates_of(row: sqlite3.Row) -> dict[str, str]:
    dates: dict[str, str] = json.loads(row["dates"])
    return dates


def get(store: Store, session: str) -> sqlite3.Row:
    """Find a live session; 404 `itemNotFound` when it is gone: the client starts again."""
    row = store.one("SELECT * FROM upload_sessions WHERE id=?", session)
    if row is None or row["expires"] <= store.now().isoformat(timespec="seconds"):
        raise not_found("The upload session was not found")
    return row


def owner(row: sqlite3.Row) -> Principal:
    """Who opened the session: later ranges act for them."""
    packed: dict[str, Any] = json.loads(row["who"])
    for name in ("roles", "scopes"):
        packed[name] = frozenset(packed[name])
    return Principal(**packed)


def _packed(who: Principal) -> str:
    return json.dumps(
        {
            "app_id": who.app_id,
            "audience": who.audience,
            "proof": who.proof,
            "user_id": who.user_id,
            "roles": sorted(who.roles),
            "scopes": sorted(who.scopes),
        }
    )


def receive(store: Store, row: sqlite3.Row, part: Range, data: bytes) -> bytes | None:
    """Take one range; the whole file when it was the last of a session not deferred, else None.

    Raises 416 for a range out of order or already there, 400 for a wrong length, 413 above 60 MiB.
    """
    if len(data) > RANGE_LIMIT:
        raise Refusal(413, "maxRequestLengthExceeded", "Maximum request length exceeded.")
    beyond = part.total is not None and part.end >= part.total
    if len(data) != part.end - part.start + 1 or beyond:
        raise bad_request("The Content-Range header does not fit the length of the body.")
    if part.start != row["received"]:
        raise Refusal(
            416,
            "invalidRange",
            "The uploaded fragment overlaps with data that has already been "
            "received, or leaves a gap.",
            inner="fragmentOverlap",
        )
    last = part.end + 1 == part.total
    if not last and part.total is not None and len(data) % CHUNK:
        raise bad_request("The size of a fragment must be a multiple of 320 KiB.", "invalidRequest")
    store.run("INSERT INTO upload_ranges VALUES (?,?,?)", row["id"], part.start, data)
    store.run("UPDATE upload_sessions SET received=? WHERE id=?", part.end + 1, row["id"])
    return content(store, row) if last and not row["deferred"] else None


def content(store: Store, row: sqlite3.Row) -> bytes:
    """Return all that a session has received."""
    rows = store.all("SELECT data FROM upload_ranges WHERE session=? ORDER BY start", row["id"])
    return b"".join(bytes(entry["data"]) for entry in rows)


def close(store: Store, session: str) -> None:
    store.run("DELETE FROM upload_ranges WHERE session=?", session)
    store.run("DELETE FROM upload_sessions WHERE id=?", session)
