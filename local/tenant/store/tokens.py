"""Delta tokens: how far a client has read one list's changes. Opaque to clients, told apart by us.

Malformed or another list's: 400. Given out before the list's tokens were expired: 410.
"""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from local.tenant.errors import bad_request

if TYPE_CHECKING:
    import sqlite3

    from local.tenant.store.database import Store

LATEST = "latest"


@dataclass(frozen=True, slots=True)
class Token:
    """`seq` is the last change seen.

    While the first enumeration runs, `born` is where it began: deletions before that are none of
    the client's business; afterwards it is None.
    """

    list_id: str
    generation: int
    seq: int
    born: int | None = None

    def pack(self) -> str:
        text = json.dumps(list(asdict(self).values()), separators=(",", ":")).encode()
        return (
            base64.urlsafe_b64encode(zlib.crc32(text).to_bytes(4, "big") + text)
            .decode()
            .rstrip("=")
        )


def unpack(store: Store, row: sqlite3.Row, text: str) -> Token:
    """Read a client's token for a list, or an ISO timestamp as drives take; 400 if malformed."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        if zlib.crc32(raw[4:]).to_bytes(4, "big") == raw[:4]:
            token = Token(*json.loads(raw[4:]))
            if token.list_id == row["id"]:
                return token
    except (ValueError, TypeError):
        pass  # not one of ours: perhaps a timestamp
    try:
        return _at(store, row, datetime.fromisoformat(text))
    except ValueError as error:
        raise bad_request("Provided sync token is malformed.") from error


def _at(store: Store, row: sqlite3.Row, moment: datetime) -> Token:
    found = store.one(
        "SELECT COALESCE(MAX(seq), 0) AS seq FROM changes WHERE list_id=? AND at<=?",
        row["id"],
        moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    )
    return Token(row["id"], row["generation"], found["seq"] if found else 0)
