"""Addresses that give out one piece of content, or one copy's progress, to whoever holds them, for an hour."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from local.tenant.errors import unauthenticated

if TYPE_CHECKING:
    import sqlite3

    from local.tenant.store.database import Store

TABLES = """
CREATE TABLE IF NOT EXISTS downloads (
  token TEXT PRIMARY KEY, sha TEXT NOT NULL, name TEXT NOT NULL, resource TEXT NOT NULL DEFAULT '',
  expires TEXT NOT NULL) WITHOUT ROWID;
"""

LIFE = timedelta(hours=1)


def offer(store: Store, sha: str, name: str, resource: str = "") -> str:
    """Return a token for content by its SHA-256; `resource` is what a finished copy became."""
    token, now = secrets.token_urlsafe(32), store.now()
    store.run("DELETE FROM downloads WHERE expires<=?", now.isoformat())
    store.run("INSERT INTO downloads VALUES (?,?,?,?,?)", token, sha, name, resource,
              (now + LIFE).isoformat())
    return token


def claim(store: Store, token: str) -> sqlite3.Row:
    """Find what a token stands for; 401 when it is unknown or its hour has passed."""
    row = store.one("SELECT * FROM downloads WHERE token=? AND expires>?", token, store.now().isoformat())
    if row is None:
        raise unauthenticated("The download address has expired.")
    return row
