"""SharedKey signatures, checked as the storage account checks them.

Source: "Authorize with Shared Key" of the Azure Storage reference; the order of headers is the
one Microsoft's SDK sorts by (dashes weigh nothing, `_` comes before digits and letters).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote

from local.host.storage import errors

if TYPE_CHECKING:
    from collections.abc import Mapping

SIGNED = (
    "content-encoding",
    "content-language",
    "content-length",
    "content-md5",
    "content-type",
    "date",
    "if-modified-since",
    "if-match",
    "if-none-match",
    "if-unmodified-since",
    "range",
)
SKEW = timedelta(minutes=15)
"""How far a request's date may be from real time; the movable clock has no say here."""


@dataclass(frozen=True, slots=True)
class Account:
    """The storage account's name and its base64 key."""

    name: str
    key: str


@dataclass(frozen=True, slots=True)
class Signed:
    """What of a request goes under the signature: path and query as they came over the wire."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]


def sign(account: Account, request: Signed) -> str:
    """Return the Authorization header that proves `request` was made with the account's key."""
    digest = hmac.new(
        base64.b64decode(account.key), _text(account, request).encode(), hashlib.sha256
    )
    return f"SharedKey {account.name}:{base64.b64encode(digest.digest()).decode()}"


def check(account: Account, request: Signed) -> None:
    """Raise Refusal unless the request is signed with the account's key, and lately."""
    given = request.headers.get("authorization", "")
    if not given:
        raise errors.no_authentication()
    if not hmac.compare_digest(given.encode(), sign(account, request).encode()):
        raise errors.authentication_failed("The signature does not match.")
    _check_date(request.headers.get("x-ms-date") or request.headers.get("date", ""))


def _check_date(text: str) -> None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError as wrong:
        raise errors.authentication_failed(f"The date {text!r} cannot be read.") from wrong
    if abs(datetime.now(UTC) - moment) > SKEW:
        raise errors.authentication_failed(f"The date {text!r} is too far from now.")


def _text(account: Account, request: Signed) -> str:
    signed = dict(request.headers)
    if signed.get("content-length") == "0":
        signed["content-length"] = ""
    if "x-ms-date" in signed:
        signed["date"] = ""
    lines = [request.method, *(signed.get(name, "") for name in SIGNED)]
    return "\n".join(lines) + "\n" + _headers(request.headers) + _resource(account, request)


def _headers(headers: Mapping[str, str]) -> str:
    names = sorted((name for name in headers if name.startswith("x-ms-")), key=_weight)
    return "".join(f"{name}:{headers[name].strip()}\n" for name in names)


def _weight(name: str) -> tuple[str, str]:
    return name.replace("-", "").replace("_", "!"), name


def _resource(account: Account, request: Signed) -> str:
    pairs = (part.partition("=") for part in request.query.split("&") if part)
    values = sorted((unquote(name).lower(), unquote(value)) for name, _, value in pairs)
    return f"/{account.name}{request.path}" + "".join(f"\n{name}:{value}" for name, value in values)
