"""The meter's book: one line a request, a running sum by app and window, and what nobody serves."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from local.tenant.store.database import Store

TABLES = """
CREATE TABLE IF NOT EXISTS ledger (
    seq INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    app TEXT NOT NULL,
    operation TEXT NOT NULL,
    status INTEGER NOT NULL,
    units INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS spent (
    app TEXT NOT NULL,
    span TEXT NOT NULL,
    units INTEGER NOT NULL,
    PRIMARY KEY (app, span)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS agents (
    app TEXT NOT NULL,
    agent TEXT NOT NULL,
    decorated INTEGER NOT NULL,
    requests INTEGER NOT NULL,
    PRIMARY KEY (app, agent)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS unmatched (
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    seen INTEGER NOT NULL,
    last TEXT NOT NULL,
    PRIMARY KEY (method, path)
) WITHOUT ROWID;
"""


TENANT = "*"  # in `spent`: all apps together
_SHARING = re.compile(
    r"(POST|PATCH|DELETE) (/drives/|/sites/.*/lists/|/shares/).*/"
    r"(invite|createLink|grant|permissions?(/\{permission\})?)"
)
_DECORATION = re.compile(r"\b(NON)?ISV\|[^|]+\|[^|/]+/\S+")


@dataclass(frozen=True, slots=True)
class Entry:
    """One request: the app that made it ("" without a token), its route, what it got and cost.

    `agent` is its User-Agent, "" for a part of a batch; `user` the person it was made for, if any.
    """

    app: str
    operation: str
    status: int
    units: int
    agent: str = ""
    user: str = ""


def spans(moment: datetime) -> tuple[str, str]:
    """Return the names of the minute and the day a moment falls in."""
    return f"{moment:%Y-%m-%dT%H:%M}", f"{moment:%Y-%m-%d}"


def five_minutes(moment: datetime) -> str:
    """Return the name of the five minutes a moment falls in: the span of a tenant's budget."""
    return f"{moment:%Y-%m-%dT%H}:{moment.minute // 5 * 5:02}/5"


def record(store: Store, entry: Entry) -> None:
    moment = store.now()
    store.run(
        "INSERT INTO ledger (at, app, operation, status, units) VALUES (?,?,?,?,?)",
        moment.isoformat(), entry.app, entry.operation, entry.status, entry.units,
    )  # fmt: skip
    if entry.agent:
        store.run("INSERT INTO agents VALUES (?,?,?,1) ON CONFLICT(app, agent) DO UPDATE"
                  " SET requests=requests+1",
                  entry.app, entry.agent, decorated(entry.agent))  # fmt: skip
    if entry.units:
        store.many("INSERT INTO spent VALUES (?,?,?) ON CONFLICT(app, span) DO UPDATE"
                   " SET units=units+excluded.units", _counted(entry, moment))  # fmt: skip


def _counted(entry: Entry, moment: datetime) -> Iterator[tuple[str, str, int]]:
    """Yield what a request adds to each running sum: units of its app, requests of its user."""
    five = five_minutes(moment)
    yield from ((entry.app, span, entry.units) for span in spans(moment))
    yield TENANT, five, entry.units
    if entry.user:
        yield user_key(entry.user), five, 1
    if is_sharing(entry.operation):
        yield sharing_key(entry.app), five, 1


def user_key(user: str) -> str:
    """Return the name a person's requests are summed under."""
    return f"user:{user}"


def sharing_key(app: str) -> str:
    """Return the name an app's sharing calls are summed under."""
    return f"sharing:{app}"


def is_sharing(operation: str) -> bool:
    """Whether a route is one of the sharing calls that have a limit of their own.

    The page says "specific sharing APIs" and no more; taken to be Graph's invitations, links and
    changes of permissions (gk).
    """
    return _SHARING.fullmatch(operation) is not None


def windows(store: Store) -> list[dict[str, Any]]:
    """Return the running sums of the five minutes that it is: tenant, users, sharing by app."""
    span = five_minutes(store.now())
    rows = store.all("SELECT app AS who, units AS used FROM spent WHERE span=? ORDER BY app", span)
    return [dict(row) for row in rows]


def decorated(agent: str) -> bool:
    """Whether a User-Agent says whose traffic it is: (NON)ISV|company|app/version (wire.md 4)."""
    return _DECORATION.search(agent) is not None


def agents(store: Store) -> list[dict[str, Any]]:
    """Return every User-Agent seen, by app, with whether it was decorated and its requests."""
    rows = store.all("SELECT * FROM agents ORDER BY app, agent")
    return [{**dict(row), "decorated": bool(row["decorated"])} for row in rows]


def spent(store: Store, app: str, span: str) -> int:
    """Return the resource units an app has used in a span."""
    row = store.one("SELECT units FROM spent WHERE app=? AND span=?", app, span)
    return 0 if row is None else int(row["units"])


def mark(store: Store) -> int:
    """Return the number of the last line, to ask later for what came `since`."""
    row = store.one("SELECT MAX(seq) AS seq FROM ledger")
    return 0 if row is None or row["seq"] is None else int(row["seq"])


def totals(store: Store, since: int = 0) -> list[dict[str, Any]]:
    """Return requests, throttled requests and resource units by app and operation above a mark."""
    rows = store.all(
        "SELECT app, operation, COUNT(*) AS requests, SUM(units) AS units,"
        " SUM(status IN (429, 503)) AS throttled, SUM(status >= 400) AS refused"
        " FROM ledger WHERE seq>? GROUP BY app, operation ORDER BY app, operation",
        since,
    )
    return [dict(row) for row in rows]


def unmatched(store: Store, method: str, path: str) -> None:
    """Note a call nobody serves, so that a run can end with the list of what was missing."""
    store.run("INSERT INTO unmatched VALUES (?,?,1,?) ON CONFLICT(method, path) DO UPDATE"
              " SET seen=seen+1, last=excluded.last", method, path, store.stamp())  # fmt: skip


def all_unmatched(store: Store) -> list[dict[str, Any]]:
    rows = store.all("SELECT method, path, seen, last FROM unmatched ORDER BY method, path")
    return [dict(row) for row in rows]
