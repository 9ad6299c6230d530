"""The mailbox: every message the tenant accepted, kept where a test or a person can read it."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from local.tenant.store.database import Store

TABLES = """
CREATE TABLE IF NOT EXISTS mail (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    at TEXT NOT NULL,
    sender TEXT NOT NULL COLLATE NOCASE,
    app TEXT NOT NULL,
    recipients TEXT NOT NULL COLLATE NOCASE,
    message TEXT NOT NULL
);
"""


def keep(store: Store, sender: str, app: str, message: dict[str, Any]) -> str:
    """Keep a sent message as it came (Graph's message) and return its id."""
    message_id = str(uuid.uuid4())
    store.run("INSERT INTO mail (id, at, sender, app, recipients, message) VALUES (?,?,?,?,?,?)",
              message_id, store.stamp(), sender, app, " ".join(recipients(message)),
              json.dumps(message))  # fmt: skip
    return message_id


def recipients(message: dict[str, Any]) -> list[str]:
    """Return every address a message goes to, in the order to, cc, bcc."""
    kinds = ("toRecipients", "ccRecipients", "bccRecipients")
    return [str(r["emailAddress"]["address"]) for kind in kinds for r in message.get(kind) or ()]


def messages(store: Store, to: str = "", since: int = 0) -> list[dict[str, Any]]:
    """Return the kept messages above a mark, oldest first, optionally only those to one address."""
    rows = store.all("SELECT * FROM mail WHERE seq>? ORDER BY seq", since)
    kept = [{**dict(row), "message": json.loads(row["message"]), "to": row["recipients"].split()}
            for row in rows]  # fmt: skip
    wanted = to.casefold()
    return [m for m in kept if not wanted or wanted in map(str.casefold, m["to"])]
