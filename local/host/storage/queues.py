"""Queues as the storage account keeps them: hidden, shown again, counted, expired.

Times are seconds of the host's clock. `holder` marks the messages this host took for its own
triggers: the data folder's lock proves that a new process is the only one, so what its dead
predecessor held may be shown at once.
"""

from __future__ import annotations

import json
import re
import secrets
import threading
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from local.host.storage import errors

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping

    from local.host.storage.database import Database

DAY = 86_400
WEEK = 7 * DAY
LARGEST = 64 * 1024
"""Bytes of text in one message (Azure Queue Storage scalability targets)."""
BATCH = 32
SHORTEST_NAME, LONGEST_NAME = 3, 63
NEVER = 253_402_300_799.0
"""9999-12-31T23:59:59Z, what the service answers for a message that never expires."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message as a reader sees it; times in seconds since 1970."""

    id: str
    queue: str
    text: str
    inserted: float
    expires: float
    visible: float
    dequeued: int
    receipt: str


class Queues:
    """All queues of the account."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._ears: dict[str, list[Callable[[], None]]] = {}
        self._ears_lock = threading.Lock()

    def listen(self, queue: str, ear: Callable[[], None]) -> None:
        """Call `ear` (from any thread) whenever something may have become readable in `queue`."""
        with self._ears_lock:
            self._ears.setdefault(queue, []).append(ear)

    def _tell(self, queue: str) -> None:
        with self._ears_lock:
            ears = tuple(self._ears.get(queue, ()))
        for ear in ears:
            ear()

    def create(self, name: str, metadata: Mapping[str, str] | None = None) -> bool:
        """Create a queue; False when it was there already with the same metadata."""
        check_name(name)
        text = json.dumps(dict(metadata or {}), sort_keys=True)
        with self._db.transaction():
            row = self._db.one("SELECT metadata FROM queues WHERE name=?", name)
            if row is None:
                self._db.run("INSERT INTO queues VALUES (?,?)", name, text)
                return True
        if row["metadata"] != text:
            raise errors.queue_exists()
        return False

    def ensure(self, name: str) -> None:
        """Create a queue unless it exists, whatever its metadata."""
        check_name(name)
        self._db.run("INSERT INTO queues VALUES (?,'{}') ON CONFLICT DO NOTHING", name)

    def delete(self, name: str) -> None:
        if not self._db.run("DELETE FROM queues WHERE name=?", name):
            raise errors.queue_not_found()

    def names(self, prefix: str = "") -> list[tuple[str, dict[str, str]]]:
        rows = self._db.all("SELECT name, metadata FROM queues ORDER BY name")
        return [
            (row["name"], json.loads(row["metadata"]))
            for row in rows
            if row["name"].startswith(prefix)
        ]

    def metadata(self, name: str) -> dict[str, str]:
        row = self._db.one("SELECT metadata FROM queues WHERE name=?", name)
        if row is None:
            raise errors.queue_not_found()
        found: dict[str, str] = json.loads(row["metadata"])
        return found

    def set_metadata(self, name: str, metadata: Mapping[str, str]) -> None:
        text = json.dumps(dict(metadata), sort_keys=True)
        if not self._db.run("UPDATE queues SET metadata=? WHERE name=?", text, name):
            raise errors.queue_not_found()

    def count(self, name: str) -> int:
        """Return how many messages are in the queue, hidden ones included."""
        self.metadata(name)
        row = self._db.one(
            "SELECT count(*) AS n FROM messages WHERE queue=? AND expires>?", name, self._db.now()
        )
        return 0 if row is None else int(row["n"])

    def put(self, name: str, text: str, *, delay: float = 0, ttl: float = WEEK) -> Message:
        """Add a message, hidden for `delay` seconds, kept for `ttl` seconds (-1: for ever)."""
        _check_put(text, delay, ttl)
        now = self._db.now()
        message = Message(
            id=str(uuid.uuid4()),
            queue=name,
            text=text,
            inserted=now,
            expires=NEVER if ttl < 0 else now + ttl,
            visible=now + delay,
            dequeued=0,
            receipt=_receipt(),
        )
        with self._db.transaction():
            self.metadata(name)
            self._insert(message)
        self._tell(name)
        return message

    def _insert(self, message: Message) -> None:
        self._db.run(
            "INSERT INTO messages (id,queue,text,inserted,expires,visible,dequeued,receipt,holder)"
            " VALUES (?,?,?,?,?,?,?,?,'')",
            message.id,
            message.queue,
            message.text,
            message.inserted,
            message.expires,
            message.visible,
            message.dequeued,
            message.receipt,
        )

    def get(self, name: str, *, most: int = 1, hide: float = 30, holder: str = "") -> list[Message]:
        """Take up to `most` readable messages and hide them for `hide` seconds."""
        if not 1 <= most <= BATCH:
            raise errors.out_of_range("numofmessages", most)
        if not 1 <= hide <= WEEK:
            raise errors.out_of_range("visibilitytimeout", hide)
        now = self._db.now()
        with self._db.transaction():
            self.metadata(name)
            self._db.run("DELETE FROM messages WHERE queue=? AND expires<=?", name, now)
            rows = self._readable(name, most, now)
            for row in rows:
                self._db.run(
                    "UPDATE messages SET visible=?, dequeued=dequeued+1, receipt=?, holder=?"
                    " WHERE seq=?",
                    now + hide,
                    _receipt(),
                    holder,
                    row["seq"],
                )
            return [self._find(name, row["id"]) for row in rows]

    def _readable(self, name: str, most: int, now: float) -> list[sqlite3.Row]:
        return self._db.all(
            "SELECT * FROM messages WHERE queue=? AND visible<=? AND expires>? ORDER BY seq"
            " LIMIT ?",
            name,
            now,
            now,
            most,
        )

    def peek(self, name: str, *, most: int = 1) -> list[Message]:
        if not 1 <= most <= BATCH:
            raise errors.out_of_range("numofmessages", most)
        self.metadata(name)
        return [_message(row) for row in self._readable(name, most, self._db.now())]

    def update(
        self, name: str, ident: str, receipt: str, *, hide: float, text: str | None = None
    ) -> Message:
        """Hide a taken message for `hide` more seconds, perhaps with another text."""
        if not 0 <= hide <= WEEK:
            raise errors.out_of_range("visibilitytimeout", hide)
        if text is not None and len(text.encode()) > LARGEST:
            raise errors.message_too_large()
        with self._db.transaction():
            held = self._held(name, ident, receipt)
            self._db.run(
                "UPDATE messages SET visible=?, receipt=?, text=?, holder=CASE WHEN ? THEN holder"
                " ELSE '' END WHERE id=?",
                self._db.now() + hide,
                _receipt(),
                held.text if text is None else text,
                hide > 0,
                ident,
            )
            message = self._find(name, ident)
        self._tell(name)
        return message

    def release(self, name: str, ident: str, receipt: str, *, hide: float) -> None:
        """Give a taken message back: readable again after `hide` seconds, by anybody."""
        with self._db.transaction():
            self.update(name, ident, receipt, hide=hide)
            self._db.run("UPDATE messages SET holder='' WHERE id=?", ident)

    def remove(self, name: str, ident: str, receipt: str) -> None:
        with self._db.transaction():
            self._held(name, ident, receipt)
            self._db.run("DELETE FROM messages WHERE id=?", ident)

    def clear(self, name: str) -> None:
        with self._db.transaction():
            self.metadata(name)
            self._db.run("DELETE FROM messages WHERE queue=?", name)

    def heal(self, holder: str) -> int:
        """Show what a dead process still held; returns how many messages that were."""
        return self._db.run(
            "UPDATE messages SET visible=?, holder='' WHERE holder=?", self._db.now(), holder
        )

    def next_visible(self, name: str) -> float | None:
        """Return the moment the next hidden message shows itself, or None when there is none."""
        row = self._db.one(
            "SELECT min(visible) AS moment FROM messages WHERE queue=? AND expires>?",
            name,
            self._db.now(),
        )
        return None if row is None or row["moment"] is None else float(row["moment"])

    def _find(self, name: str, ident: str) -> Message:
        row = self._db.one(
            "SELECT * FROM messages WHERE queue=? AND id=? AND expires>?",
            name,
            ident,
            self._db.now(),
        )
        if row is None:
            raise errors.message_not_found()
        return _message(row)

    def _held(self, name: str, ident: str, receipt: str) -> Message:
        self.metadata(name)
        message = self._find(name, ident)
        if message.receipt != receipt:
            raise errors.receipt_mismatch()
        return message


def check_name(name: str) -> None:
    """Refuse a name the service would refuse ("Naming queues and metadata")."""
    if not SHORTEST_NAME <= len(name) <= LONGEST_NAME:
        raise errors.name_length()
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        raise errors.invalid_name()


def _check_put(text: str, delay: float, ttl: float) -> None:
    if len(text.encode()) > LARGEST:
        raise errors.message_too_large()
    if ttl != -1 and ttl < 1:
        raise errors.out_of_range("messagettl", ttl)
    if not 0 <= delay <= WEEK or (ttl > 0 and delay >= ttl):
        raise errors.out_of_range("visibilitytimeout", delay)


def _receipt() -> str:
    return secrets.token_urlsafe(18)


def _message(row: sqlite3.Row) -> Message:
    return Message(**{name: row[name] for name in Message.__slots__})
