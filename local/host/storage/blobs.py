"""The part of Blob storage that timers and leases need: put, get, delete, conditions, leases.

Times are seconds of the host's clock; an expired lease may still be renewed by its owner while
nobody else has taken one ("Lease Blob", remarks).
"""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from local.host.storage import errors
from local.host.storage.queues import NEVER, check_name

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from local.host.storage.database import Database

SHORTEST, LONGEST = 15, 60
"""Seconds a lease may be asked for, when it is not for ever ("Lease Blob")."""


@dataclass(frozen=True, slots=True)
class Blob:
    """One blob with its content (bytes) and the state of its lease."""

    container: str
    name: str
    content: bytes
    type: str
    metadata: Mapping[str, str]
    etag: str
    modified: float
    lease: str
    leased: bool


@dataclass(frozen=True, slots=True)
class Conditions:
    """The conditional headers of a call; empty text means the header is absent."""

    if_match: str = ""
    if_none_match: str = ""
    lease: str = ""

    def check(self, blob: Blob | None) -> None:
        """Raise ConditionNotMet (or BlobAlreadyExists) unless the call may go on."""
        if self.if_match and (blob is None or self.if_match not in ("*", blob.etag)):
            raise errors.condition_not_met()
        if self.if_none_match == "*" and blob is not None:
            raise errors.blob_exists()
        if self.if_none_match and blob is not None and self.if_none_match == blob.etag:
            raise errors.condition_not_met()

    def check_lease(self, blob: Blob | None) -> None:
        """Raise unless the caller holds the blob's lease, or it has none and none was named."""
        if blob is None or not blob.leased:
            if self.lease:
                raise errors.lease_not_present("Blob")
        elif not self.lease:
            raise errors.lease_missing()
        elif self.lease.lower() != blob.lease:
            raise errors.lease_mismatch("Blob")


@dataclass(frozen=True, slots=True)
class Content:
    """What a put stores."""

    body: bytes
    type: str = "application/octet-stream"
    metadata: Mapping[str, str] = field(default_factory=dict)


class Blobs:
    """All containers and blobs of the account."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def create(self, container: str) -> str:
        """Create a container; returns its eTag."""
        check_name(container)
        etag = _etag()
        with self._db.transaction():
            if self._db.one("SELECT 1 FROM containers WHERE name=?", container):
                raise errors.container_exists()
            self._db.run("INSERT INTO containers VALUES (?,?,?)", container, etag, self._db.now())
        return etag

    def ensure(self, container: str) -> None:
        self._db.run(
            "INSERT INTO containers VALUES (?,?,?) ON CONFLICT DO NOTHING",
            container,
            _etag(),
            self._db.now(),
        )

    def container(self, name: str) -> tuple[str, float]:
        """Return the container's eTag and time of change."""
        row = self._db.one("SELECT etag, modified FROM containers WHERE name=?", name)
        if row is None:
            raise errors.container_not_found()
        return row["etag"], row["modified"]

    def drop(self, container: str) -> None:
        if not self._db.run("DELETE FROM containers WHERE name=?", container):
            raise errors.container_not_found()

    def list(self, container: str, prefix: str = "") -> list[Blob]:
        self.container(container)
        rows = self._db.all("SELECT * FROM blobs WHERE container=? ORDER BY name", container)
        return [self._blob(row) for row in rows if row["name"].startswith(prefix)]

    def find(self, container: str, name: str) -> Blob | None:
        row = self._db.one("SELECT * FROM blobs WHERE container=? AND name=?", container, name)
        return None if row is None else self._blob(row)

    def get(self, container: str, name: str) -> Blob:
        self.container(container)
        blob = self.find(container, name)
        if blob is None:
            raise errors.blob_not_found()
        return blob

    def put(self, container: str, name: str, content: Content, when: Conditions) -> Blob:
        """Write a whole blob, keeping its lease."""
        with self._db.transaction():
            self.container(container)
            before = self.find(container, name)
            when.check(before)
            when.check_lease(before)
            self._db.run(
                "INSERT INTO blobs (container,name,content,type,metadata,etag,modified)"
                " VALUES (?,?,?,?,?,?,?) ON CONFLICT(container,name) DO UPDATE SET"
                " content=excluded.content, type=excluded.type, metadata=excluded.metadata,"
                " etag=excluded.etag, modified=excluded.modified",
                container,
                name,
                content.body,
                content.type,
                json.dumps(dict(content.metadata)),
                _etag(),
                self._db.now(),
            )
            return self.get(container, name)

    def delete(self, container: str, name: str, when: Conditions) -> None:
        with self._db.transaction():
            blob = self.get(container, name)
            when.check(blob)
            when.check_lease(blob)
            self._db.run("DELETE FROM blobs WHERE container=? AND name=?", container, name)

    def acquire(self, container: str, name: str, seconds: float, proposed: str = "") -> str:
        """Take the lease for 15 to 60 seconds, or -1 for ever; returns the lease id."""
        if seconds != -1 and not SHORTEST <= seconds <= LONGEST:
            raise errors.invalid_header("x-ms-lease-duration", str(seconds))
        wanted = _lease_id(proposed) if proposed else str(uuid.uuid4())
        with self._db.transaction():
            blob = self.get(container, name)
            if blob.leased and blob.lease != wanted:
                raise errors.lease_present()
            self._lease(blob, wanted, seconds)
        return wanted

    def renew(self, container: str, name: str, lease: str) -> None:
        with self._db.transaction():
            blob, seconds = self._owned(container, name, lease)
            self._lease(blob, blob.lease, seconds)

    def release(self, container: str, name: str, lease: str) -> None:
        with self._db.transaction():
            blob, _ = self._owned(container, name, lease)
            self._lease(blob, "", 0)

    def break_(self, container: str, name: str) -> int:
        """End whatever lease there is at once; returns the seconds until it is free (0)."""
        with self._db.transaction():
            blob = self.get(container, name)
            if not blob.lease:
                raise errors.lease_not_present("Lease")
            self._lease(blob, "", 0)
        return 0

    def heal(self, container: str, prefix: str) -> int:
        """End the leases a dead process of this data folder still held."""
        return self._db.run(
            "UPDATE blobs SET lease='', lease_ends=0 WHERE container=? AND substr(name,1,?)=?"
            " AND lease<>''",
            container,
            len(prefix),
            prefix,
        )

    def _owned(self, container: str, name: str, lease: str) -> tuple[Blob, float]:
        blob = self.get(container, name)
        if not blob.lease:
            raise errors.lease_not_present("Lease")
        if blob.lease != lease.lower():
            raise errors.lease_mismatch("Lease")
        row = self._db.one(
            "SELECT lease_seconds FROM blobs WHERE container=? AND name=?", container, name
        )
        return blob, 0.0 if row is None else row["lease_seconds"]

    def _lease(self, blob: Blob, lease: str, seconds: float) -> None:
        ends = NEVER if seconds < 0 else self._db.now() + seconds
        self._db.run(
            "UPDATE blobs SET lease=?, lease_ends=?, lease_seconds=? WHERE container=? AND name=?",
            lease,
            ends,
            seconds,
            blob.container,
            blob.name,
        )

    def _blob(self, row: sqlite3.Row) -> Blob:
        return Blob(
            container=row["container"],
            name=row["name"],
            content=row["content"],
            type=row["type"],
            metadata=json.loads(row["metadata"]),
            etag=row["etag"],
            modified=row["modified"],
            lease=row["lease"],
            leased=bool(row["lease"]) and row["lease_ends"] > self._db.now(),
        )


def _etag() -> str:
    return f'"0x{uuid.uuid4().hex[:15].upper()}"'


def _lease_id(text: str) -> str:
    if not re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text):
        raise errors.invalid_header("x-ms-proposed-lease-id", text)
    return text.lower()
