"""The arithmetic of the journal's chain: canonical JSON, hashes, commitments to personal values."""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

GENESIS = "0" * 64


def canonical(value: Any) -> str:
    """Write JSON one way only: sorted keys, no spaces, ASCII, moments as ISO 8601 in UTC.

    What comes back from the database hashes as what went in: keys become text, then are sorted.
    """
    plain = json.loads(json.dumps(value, default=_moment, allow_nan=False))
    return json.dumps(plain, sort_keys=True, separators=(",", ":"))


def entry_hash(body: Mapping[str, Any]) -> str:
    """Hash an entry's body, which holds the hash of the entry before it (SHA-256, hex)."""
    return hashlib.sha256(canonical(body).encode("ascii")).hexdigest()


def new_salt() -> str:
    return secrets.token_hex(16)


def commitment(salt: str, value: str) -> str:
    """Commit to a personal value: the salt is erased with it, so nothing can be guessed then."""
    return hashlib.sha256(f"{salt}:{value}".encode()).hexdigest()


def _moment(value: Any) -> str:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    raise TypeError(f"{value!r} cannot stand in the journal")
