"""Foreign errors end here: whatever the wire or an SDK raises becomes one of `sync/errors.py`.

One function reads an answer, one context manager catches what is raised instead of an answer.
"""

from __future__ import annotations

import email.utils
import math
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import aiohttp
import httpx
import msgspec
import requests
from kiota_abstractions.api_error import APIError
from urllib3.exceptions import NewConnectionError

from sync.errors import (
    BlockedByRecord,
    CursorGone,
    Locked,
    Missing,
    Refused,
    Rejected,
    Stale,
    Throttled,
    Unavailable,
    VergerError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

UNAUTHORISED, FORBIDDEN, NOT_FOUND, TIMED_OUT = 401, 403, 404, 408
CONFLICT, GONE, STALE, LOCKED, TOO_MANY, NO_SERVICE = 409, 410, 412, 423, 429, 503
SERVER_ERRORS = 500
NOT_IMPLEMENTED = 501

# SharePoint's numbers (office365 client 3.3.0): SPFileLockException, SPFileCheckOutException
LOCK_CODES = frozenset({"resourceLocked", "resourceCheckedOut", "-2147018894", "-2130575306"})
STALE_CODES = frozenset({"resourceModified", "entityTagDoesNotMatch", "-2130575305"})
# httpx-aiohttp calls a connection that broke half-way a ConnectTimeout too; the cause tells
NEVER_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)
# Answered as a 500, and final all the same: list view threshold, a list's or a column's validation
# rule not met (pnp/pnpjs issue 1770), a formula that is wrong or names a column that is not there
FINAL_CODES = frozenset({"-2147024860", "-2130575162", "-2130575163", "-2130575273"})


@dataclass(frozen=True, slots=True)
class Fault:
    """What an error answer says: the outermost code, every code in it, and its sentence."""

    code: str = ""
    codes: frozenset[str] = frozenset()
    message: str = ""

    @classmethod
    def read(cls, body: bytes) -> Fault:
        """Read Graph's and SharePoint's error bodies; of anything else the first 200 characters."""
        try:
            data = msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return cls(message=body[:200].decode("utf-8", "replace").strip())
        error = data.get("error", data.get("odata.error", data)) if isinstance(data, dict) else {}
        if isinstance(error, str):  # the login service: {"error": "invalid_client", …}
            return cls(error, frozenset({error}), str(data.get("error_description", "")))
        codes = tuple(_codes(error))
        return cls(codes[0] if codes else "", frozenset(codes), _sentence(error))


def _codes(error: Any) -> Iterator[str]:
    """Yield the codes from the outside in; SharePoint's "number, type" gives its number."""
    while isinstance(error, dict):
        if code := error.get("code"):
            yield str(code).partition(",")[0].strip()
        error = error.get("innerError") or error.get("innererror")


def _sentence(error: Any) -> str:
    said = error.get("message") if isinstance(error, dict) else None
    return str(said.get("value", "") if isinstance(said, dict) else said or "")


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Return the seconds to wait, told as whole or decimal seconds or as an HTTP date.

    `RateLimit-Reset` (SharePoint, preview) is believed when it is there; the longer wait wins.
    """
    told = headers.get("Retry-After") or headers.get("retry-after")
    reset = headers.get("RateLimit-Reset") or headers.get("ratelimit-reset")
    waits = [_seconds(text, now or datetime.now(UTC)) for text in (told, reset) if text]
    return max((wait for wait in waits if wait is not None), default=None)


def _seconds(text: str, now: datetime) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        return _until(text, now)
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _until(text: str, now: datetime) -> float | None:
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (moment - now).total_seconds())


def from_answer(doing: str, status: int, headers: Mapping[str, str], body: bytes) -> VergerError:
    """Return the error an answer stands for (any status of 400 and above)."""
    fault = Fault.read(body)
    said: dict[str, Any] = {"doing": doing, "status": status, "code": fault.code}
    message = fault.message or f"the service answered {status}"
    if status in (TOO_MANY, NO_SERVICE):
        wait = retry_after(headers)
        kind = Throttled if status == TOO_MANY or wait is not None else Unavailable
        return kind(message, retry_after=wait, **said)
    if _is_record(status, message):
        return BlockedByRecord(message, **said)
    if status == LOCKED or (status in (FORBIDDEN, CONFLICT) and fault.codes & LOCK_CODES):
        return Locked(message, retry_after=retry_after(headers), **said)
    if status == STALE or fault.codes & STALE_CODES:
        return Stale(message, **said)
    if _is_down(status, fault):
        return Unavailable(message, maybe_done=True, **said)
    return _refusal(status)(message, **said)


def _refusal(status: int) -> type[Refused | Missing | Rejected]:
    if status in (UNAUTHORISED, FORBIDDEN):
        return Refused
    return Missing if status == NOT_FOUND else Rejected


def _is_down(status: int, fault: Fault) -> bool:
    if status == TIMED_OUT:
        return True
    return status >= SERVER_ERRORS and status != NOT_IMPLEMENTED and not FINAL_CODES & fault.codes


def _is_record(status: int, message: str) -> bool:
    """Tell a retention label from a mere lock. (gk) Its sentence is all there is to go by."""
    words = message.lower()
    about = ("retention" in words or "record" in words) and ("label" in words or "lock" in words)
    return status in (FORBIDDEN, CONFLICT, LOCKED) and about


def cursor_gone(error: VergerError, headers: Mapping[str, str]) -> VergerError:
    """Return what a failed delta *with a token* means: 410, 404 and 400 all say the token is dead.

    (onedrive-api-docs #1356, #249, #1476.) Other errors come back unchanged.
    """
    if error.status not in (GONE, NOT_FOUND, 400):
        return error
    location = headers.get("Location") or headers.get("location")
    return CursorGone(
        error.says, doing=error.doing, status=error.status, kind=error.code, location=location
    )


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Turn what httpx, requests, office365 and kiota raise inside into our own errors."""
    try:
        yield
    except (APIError, requests.RequestException, httpx.HTTPError) as error:
        raise from_exception(doing, error) from error


def from_exception(
    doing: str, error: APIError | requests.RequestException | httpx.HTTPError
) -> VergerError:
    """Return the error that one of these exceptions stands for."""
    if isinstance(error, APIError):
        return _from_api_error(doing, error)
    if isinstance(error, requests.RequestException):
        return _from_requests(doing, error)
    never_sent = isinstance(error, httpx.ConnectError) or isinstance(error.__cause__, NEVER_SENT)
    return Unavailable(_broken(error), doing=doing, maybe_done=not never_sent)


def _from_api_error(doing: str, error: APIError) -> VergerError:
    """Put the parsed code and message back into a body: msgraph-sdk's typed error keeps none."""
    main = getattr(error, "error", None)
    inner = getattr(main, "inner_error", None)
    extra = getattr(inner, "additional_data", None) or {}
    told = {
        "code": getattr(main, "code", None) or "",
        "message": getattr(main, "message", None) or error.message or "",
        "innerError": {"code": extra.get("code", "")},
    }
    headers = {str(name): str(value) for name, value in (error.response_headers or {}).items()}
    status = error.response_status_code or SERVER_ERRORS
    return from_answer(doing, status, headers, msgspec.json.encode({"error": told}))


def _from_requests(doing: str, error: requests.RequestException) -> VergerError:
    answer = error.response
    if answer is not None and answer.status_code >= 400:  # noqa: PLR2004 — HTTP's errors begin here
        return from_answer(doing, answer.status_code, answer.headers, answer.content)
    reason = getattr(error.args[0], "reason", None) if error.args else None
    never_sent = isinstance(error, requests.ConnectTimeout) or isinstance(
        reason, NewConnectionError
    )
    return Unavailable(_broken(error), doing=doing, maybe_done=not never_sent)


def _broken(error: requests.RequestException | httpx.HTTPError) -> str:
    """Say which host could not be reached, or did not answer to the end."""
    try:
        url = str(error.request.url) if error.request is not None else ""
    except RuntimeError:  # httpx: it was raised outside a request
        url = ""
    return cannot_reach(urlsplit(url).hostname or "the service", error)


def cannot_reach(host: str, error: BaseException) -> str:
    """Return one sentence: the host by its real name, and why in the system's own words."""
    step: BaseException | None = error
    while step is not None:
        if isinstance(step, OSError) and step.strerror:
            return f"{host} cannot be reached ({step.strerror})"
        step = _beneath(step)
    return f"{host} gave no answer ({type(error).__name__})"


def _beneath(error: BaseException) -> BaseException | None:
    """Return what an exception stands for; azure-core and urllib3 keep it in a member."""
    kept = (getattr(error, name, None) for name in ("inner_exception", "reason"))
    inner = next((one for one in kept if isinstance(one, BaseException)), None)
    return inner or error.__cause__ or error.__context__
