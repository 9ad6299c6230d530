"""Subscriptions and the outbox: who wants to hear of which list, and what is still to be told."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlite3

    from local.tenant.store.database import Store

TABLES = """
CREATE TABLE IF NOT EXISTS subscriptions (
    id TEXT PRIMARY KEY,
    app TEXT NOT NULL,
    resource TEXT NOT NULL,
    list_id TEXT NOT NULL,
    security INTEGER NOT NULL,
    url TEXT NOT NULL,
    state TEXT NOT NULL,
    expires TEXT NOT NULL,
    extra TEXT NOT NULL,
    created TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS subscriptions_by_list ON subscriptions (list_id);
CREATE TABLE IF NOT EXISTS outbox (
    seq INTEGER PRIMARY KEY,
    subscription TEXT NOT NULL REFERENCES subscriptions (id) ON DELETE CASCADE,
    born TEXT NOT NULL,
    due TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    copies INTEGER NOT NULL DEFAULT 1,
    late INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS outbox_by_due ON outbox (due);
CREATE INDEX IF NOT EXISTS outbox_by_subscription ON outbox (subscription, attempts);
CREATE TABLE IF NOT EXISTS deliveries (
    seq INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    url TEXT NOT NULL,
    status INTEGER NOT NULL,
    notices INTEGER NOT NULL,
    seconds REAL NOT NULL
);
"""

OWN = "sharepoint"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A subscription to be kept. `security` wants permission changes too, `extra` is echoed."""

    app: str
    resource: str
    list_id: str
    url: str
    state: str
    expires: datetime
    security: bool = False
    extra: str = "{}"


def moment(text: str) -> datetime:
    """Read an ISO time; without a zone it is UTC, as Graph takes it."""
    parsed = datetime.fromisoformat(text)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def add(store: Store, wanted: Wanted) -> sqlite3.Row:
    new = str(uuid.uuid4())
    store.run(
        "INSERT INTO subscriptions (id, app, resource, list_id, security, url, state, expires,"
        " extra, created) VALUES (?,?,?,?,?,?,?,?,?,?)",
        new, wanted.app, wanted.resource, wanted.list_id, wanted.security, wanted.url,
        wanted.state, wanted.expires.isoformat(), wanted.extra, store.now().isoformat(),
    )  # fmt: skip
    return _one(store, new)


def twin(store: Store, wanted: Wanted) -> sqlite3.Row | None:
    """Return the app's live subscription to the same resource, if it has one."""
    return store.one(
        "SELECT * FROM subscriptions WHERE app=? AND lower(resource)=lower(?) AND expires>?",
        wanted.app, wanted.resource, store.now().isoformat(),
    )  # fmt: skip


def find(store: Store, app: str, subscription: str) -> sqlite3.Row | None:
    """Return the app's own live subscription of that id."""
    return store.one("SELECT * FROM subscriptions WHERE id=? AND app=? AND expires>?",
                     subscription.lower(), app, store.now().isoformat())  # fmt: skip


def live(store: Store, app: str = "") -> list[sqlite3.Row]:
    """Return the live subscriptions of one app or of all; an expired one is simply gone."""
    return store.all("SELECT * FROM subscriptions WHERE expires>? AND (?='' OR app=?)"
                     " ORDER BY created, id", store.now().isoformat(), app, app)  # fmt: skip


def hearing(store: Store, list_id: str, *, security: bool) -> list[sqlite3.Row]:
    """Return the live subscriptions that hear of a change in a list (or of its permissions)."""
    return store.all("SELECT * FROM subscriptions WHERE list_id=? AND expires>? AND security>=?",
                     list_id, store.now().isoformat(), int(security))  # fmt: skip


def renew(store: Store, subscription: str, expires: datetime) -> sqlite3.Row:
    store.run("UPDATE subscriptions SET expires=? WHERE id=?", expires.isoformat(), subscription)
    return _one(store, subscription)


def remove(store: Store, subscription: str) -> bool:
    """Forget a subscription and what it still waits for; False when there was none."""
    done = store.run("DELETE FROM subscriptions WHERE id=?", subscription)
    return done.rowcount == 1


def post(
    store: Store, subscription: str, due: datetime, *, copies: int = 1, late: bool = False
) -> None:
    """Put a notification into the outbox, unless one as good is already waiting untried.

    `copies` is how often it is told, `late` puts it behind all others of its batch.
    """
    waiting = store.one(
        "SELECT 1 FROM outbox WHERE subscription=? AND attempts=0 AND due>=? AND copies>=?",
        subscription, due.isoformat(), copies,
    )  # fmt: skip
    if waiting is None:
        store.run("INSERT INTO outbox (subscription, born, due, copies, late) VALUES (?,?,?,?,?)",
                  subscription, store.now().isoformat(), due.isoformat(), copies, late)  # fmt: skip


def due(store: Store) -> list[sqlite3.Row]:
    """Return what is to be sent now, with its subscription, oldest first."""
    return store.all(
        "SELECT outbox.seq, born, attempts, copies, subscriptions.* FROM outbox"
        " JOIN subscriptions ON subscriptions.id=outbox.subscription WHERE due<=? AND expires>?"
        " ORDER BY outbox.late, outbox.seq",
        store.now().isoformat(), store.now().isoformat(),
    )  # fmt: skip


def next_due(store: Store) -> datetime | None:
    row = store.one("SELECT MIN(due) AS due FROM outbox")
    return None if row is None or row["due"] is None else moment(row["due"])


def sent(store: Store, seq: int) -> None:
    store.run("DELETE FROM outbox WHERE seq=?", seq)


def retry(store: Store, seq: int, wait: timedelta) -> None:
    store.run("UPDATE outbox SET attempts=attempts+1, due=? WHERE seq=?",
              (store.now() + wait).isoformat(), seq)  # fmt: skip


def hold(store: Store, seq: int, wait: timedelta) -> None:
    """Put off without counting it as an attempt."""
    store.run("UPDATE outbox SET due=? WHERE seq=?", (store.now() + wait).isoformat(), seq)


def outbox(store: Store) -> list[dict[str, Any]]:
    return [dict(row) for row in store.all("SELECT * FROM outbox ORDER BY seq")]


def log(store: Store, url: str, status: int, notices: int, seconds: float) -> None:
    store.run("INSERT INTO deliveries (at, url, status, notices, seconds) VALUES (?,?,?,?,?)",
              store.now().isoformat(), url, status, notices, seconds)  # fmt: skip


def deliveries(store: Store, since: int = 0) -> list[dict[str, Any]]:
    """Return the attempts at delivery above a mark: when, where, status (0: no answer), seconds."""
    rows = store.all("SELECT * FROM deliveries WHERE seq>? ORDER BY seq", since)
    return [dict(row) for row in rows]


def recent(store: Store, url: str, since: datetime) -> tuple[int, int, int]:
    """Return how many attempts at an address there were, how many took 3 s and how many 10 s."""
    row = store.one("SELECT COUNT(*) AS all_, SUM(seconds>=3) AS slow, SUM(seconds>=10) AS lost"
                    " FROM deliveries WHERE url=? AND at>?", url, since.isoformat())  # fmt: skip
    if row is None:
        return 0, 0, 0
    return int(row["all_"]), int(row["slow"] or 0), int(row["lost"] or 0)


def echo(row: sqlite3.Row) -> dict[str, Any]:
    """Return what the subscriber sent and gets back unchanged (lifecycle address, TLS version)."""
    said: dict[str, Any] = json.loads(row["extra"])
    return {name: value for name, value in said.items() if name != OWN}


def own(row: sqlite3.Row) -> dict[str, str] | None:
    """Return `siteUrl` and `webId` of SharePoint's own list webhook; None for a Graph one.

    Whoever makes such a webhook keeps them under "sharepoint" in `Wanted.extra`.
    """
    web: dict[str, str] | None = json.loads(row["extra"]).get(OWN)
    return web


def _one(store: Store, subscription: str) -> sqlite3.Row:
    row = store.one("SELECT * FROM subscriptions WHERE id=?", subscription)
    if row is None:
        raise RuntimeError(f"the subscription {subscription} vanished inside its own transaction")
    return row
