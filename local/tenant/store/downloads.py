"""Addresses that give out one file's content, or a copy's outcome, to any holder for an hour.

The address is signed, not stored, so that showing a file writes nothing.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from local.tenant.errors import unauthenticated

if TYPE_CHECKING:
    from local.tenant.store.database import Store

LIFE = timedelta(hours=1)
_KEY = "download_key"


def _key(store: Store) -> bytes:
    known = store.get(_KEY)
    if not known:
        known = secrets.token_hex(32)
        store.put(_KEY, known)
    return bytes.fromhex(known)


def _sign(store: Store, text: bytes) -> str:
    return hmac.new(_key(store), text, hashlib.sha256).hexdigest()


def offer(store: Store, unique_id: str, version: str = "") -> str:
    """Return a token for a file by its guid; `version` is a label, "" for the newest then."""
    expires = (store.now() + LIFE).isoformat(timespec="seconds")
    text = json.dumps([unique_id, version, expires]).encode()
    return f"{base64.urlsafe_b64encode(text).decode().rstrip('=')}.{_sign(store, text)}"


def claim(store: Store, token: str) -> tuple[str, str]:
    """Return guid and version of a token; 401 when it is not ours or its hour has passed."""
    body, _, signature = token.partition(".")
    try:
        text = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
        unique_id, version, expires = json.loads(text)
    except ValueError as error:
        raise unauthenticated("The download address is not valid.") from error
    fresh = expires > store.now().isoformat(timespec="seconds")
    if not fresh or not hmac.compare_digest(signature, _sign(store, text)):
        raise unauthenticated("The download address has expired.")
    return unique_id, version
