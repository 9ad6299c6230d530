"""The form digest: for 30 minutes proof that the client has asked this site for contextInfo."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from local.tenant.errors import Refusal

if TYPE_CHECKING:
    from local.tenant.call import Call
    from local.tenant.store.database import Store

LIFETIME_S = 1800
STAMP = "%d %b %Y %H:%M:%S -0000"
KEY = "form_digest_key"


def issue(call: Call) -> str:
    """Return a digest for this caller and site, dated by the tenant's clock."""
    stamp = call.store.now().strftime(STAMP)
    return f"0x{_sign(call, stamp)},{stamp}"


def check(call: Call) -> None:
    """Refuse a forged, foreign or expired digest with 403 -2130575251; none at all will do.

    A digest proves that a page of SharePoint's own sent the form: it guards cookies. Every caller
    here holds a bearer token, and clients of that kind (CLI for Microsoft 365) write without one.
    """
    given = call.headers.get("x-requestdigest")
    if given is None:
        return
    signature, _, stamp = given.partition(",")
    if not hmac.compare_digest(signature.encode(), f"0x{_sign(call, stamp)}".encode()):
        raise invalid()
    age = (call.store.now() - datetime.strptime(stamp, STAMP).replace(tzinfo=UTC)).total_seconds()
    if age > LIFETIME_S:
        raise invalid()


def invalid() -> Refusal:
    """Say it in SharePoint's words; the client fetches a new digest and tries once more."""
    return Refusal(
        403,
        "invalidFormDigest",
        "The security validation for this page is invalid and might be corrupted. "
        "Please use your web browser's Back button to try your operation again.",
        -2130575251,
        "Microsoft.SharePoint.SPException",
    )


def _sign(call: Call, stamp: str) -> str:
    who = call.who
    said = "|".join((who.app_id, who.user_id or "", stamp))
    return hmac.new(_key(call.store), said.encode(), hashlib.sha256).hexdigest().upper()


def _key(store: Store) -> bytes:
    if not (key := store.get(KEY)):
        key = secrets.token_hex(32)
        store.put(KEY, key)
    return bytes.fromhex(key)
