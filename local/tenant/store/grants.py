"""What the login keeps between requests: codes and refresh tokens.

Their lifetimes run in real time (decisions.md 22): the auth libraries cache by it.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

    from local.tenant.store.database import Store

TABLES = """
CREATE TABLE IF NOT EXISTS login_grants (
    kind TEXT NOT NULL,
    digest TEXT NOT NULL,
    user_code TEXT,
    client_id TEXT NOT NULL,
    scope TEXT NOT NULL,
    oid TEXT,
    extra TEXT NOT NULL DEFAULT '',
    expires REAL NOT NULL,
    PRIMARY KEY (kind, digest)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS login_grants_by_user_code ON login_grants (user_code);
"""

_ALPHABET = "BCDFGHJKLMNPQRSTVWXZ23456789"


@dataclass(frozen=True, slots=True)
class Grant:
    """A code or refresh token: for which client and scope, and for whom once signed in.

    `extra` is the PKCE challenge and redirect address of a sign-in code, "declined" for a device
    code the person refused.
    """

    client_id: str
    scope: str
    oid: str | None
    extra: str
    expires: float


def issue(store: Store, kind: str, grant: Grant, user_code: str | None = None) -> str:
    """Keep a grant ("device", "code" or "refresh") and return the secret that claims it."""
    secret = secrets.token_urlsafe(48)
    store.run("INSERT INTO login_grants VALUES (?,?,?,?,?,?,?,?)", kind, _digest(secret), user_code,
              grant.client_id, grant.scope, grant.oid, grant.extra, grant.expires)  # fmt: skip
    return secret


def find(store: Store, kind: str, secret: str) -> Grant | None:
    row = store.one("SELECT * FROM login_grants WHERE kind=? AND digest=?", kind, _digest(secret))
    return None if row is None else _grant(row)


def spend(store: Store, kind: str, secret: str) -> None:
    """Take a code out of use: it is good once."""
    store.run("DELETE FROM login_grants WHERE kind=? AND digest=?", kind, _digest(secret))


def new_user_code() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(9))


def decide(store: Store, user_code: str, oid: str | None) -> bool:
    """Approve the waiting device code for a person, or decline it (None); False when unknown."""
    done = store.run(
        "UPDATE login_grants SET oid=?, extra=? WHERE kind='device' AND user_code=? AND expires>?",
        oid, "" if oid else "declined", user_code.strip().upper(), time.time(),
    )  # fmt: skip
    return done.rowcount == 1


def waiting(store: Store) -> list[str]:
    """Return the user codes nobody has approved yet."""
    rows = store.all("SELECT user_code FROM login_grants WHERE kind='device' AND oid IS NULL"
                     " AND extra='' AND expires>? ORDER BY user_code", time.time())  # fmt: skip
    return [str(row["user_code"]) for row in rows]


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _grant(row: sqlite3.Row) -> Grant:
    return Grant(row["client_id"], row["scope"], row["oid"], row["extra"], row["expires"])
