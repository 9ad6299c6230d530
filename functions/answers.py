"""Answers of the API: JSON, or a problem as RFC 9457 writes it; what each refusal becomes.

A caller who is not let in, or asks for what nobody may know, gets words that never change.
"""

from __future__ import annotations

import json
import logging
import math
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import azure.functions as func

from functions import auth, startup
from sync.callers import NotEntitled
from sync.errors import Misconfigured, Missing, Transient, VergerError
from sync.sig_records import Invalid, OutOfTurn, StepMissing
from sync.state import journal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from sync.callers import Caller
    from sync.service import Service

    type Work = Callable[[Service, Caller, func.HttpRequest], Awaitable[Answer]]

CHAIN = "api"
"""The journal's chain of refusals: they belong to no site."""
NOBODY = "not authenticated"
LARGEST = 65_536
"""Bytes of a request's body; ours are a few hundred."""
ONE_MINUTE = 60.0
SERVER_ERRORS = 500
NO_STORE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
TITLES = {
    400: "The request can't be read",
    401: "You are not signed in",
    403: "You may not do this",
    404: "There is no such thing",
    409: "Not now",
    413: "The request is too large",
    422: "Something in the request is wrong",
    500: "This API is not set up",
    503: "Try again later",
}

log = logging.getLogger("verger.api")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a handler answers: JSON and a status; `location` is the address of what was made."""

    body: Any
    status: int = 200
    location: str | None = None


class Problem(Exception):
    """An answer that is a refusal. `detail` is shown as it is; `more` are further members."""

    def __init__(self, status: int, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.more = more


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request: what it wants to do, and the id under which log and journal know it."""

    service: Service
    what: str
    correlation: str


_doors: list[tuple[Service, auth.Door]] = []
"""The door of this process's one service, with the keys it knows."""
_told: dict[tuple[str, str, str], float] = {}
"""When a refusal of that actor, operation and reason was last journalled (monotonic seconds)."""


async def answered(req: func.HttpRequest, what: str, work: Work) -> func.HttpResponse:
    """Let the caller in, do the work, and turn what comes of it into an answer.

    `what` names the operation in the journal of refusals.
    """
    service = await startup.service()
    attempt = Attempt(service, what, str(uuid.uuid4()))
    try:
        caller = await _door(service).admit(req.headers.get("authorization"))
        answer = await _worked(attempt, caller, work, req)
    except auth.NotAuthenticated as refusal:
        await _note(attempt, NOBODY, refusal.reason)
        problem = Problem(401, "Send a bearer token made for this API.")
        return _refusal(problem, attempt, {"WWW-Authenticate": "Bearer"})
    except Problem as problem:
        return _refusal(problem, attempt)
    except VergerError as error:
        log.warning("%s failed (%s): %s", what, attempt.correlation, error)
        return _refusal(problem_of(error), attempt, _wait(error))
    return _sent(answer)


async def _worked(attempt: Attempt, caller: Caller, work: Work, req: func.HttpRequest) -> Answer:
    """Do the work; whoever is refused it finds that in the journal."""
    try:
        return await work(attempt.service, caller, req)
    except (NotEntitled, StepMissing, OutOfTurn) as refusal:
        why = {"what": attempt.what, "why": type(refusal).__name__, "says": refusal.says}
        await _journal(attempt, caller.oid, why)
        raise
    except Problem as problem:
        await _note(attempt, caller.oid, TITLES[problem.status])
        raise
    except (Invalid, Missing) as refusal:
        if (status := problem_of(refusal).status) < SERVER_ERRORS:
            await _note(attempt, caller.oid, TITLES[status])
        raise


async def _note(attempt: Attempt, actor: str, reason: str) -> None:
    """Journal a refusal that anybody can bring about: once a minute for each, not once a knock.

    A stranger's is told by its reason alone: the journal does not grow with the doors tried.
    """
    key = actor, "" if actor == NOBODY else attempt.what, reason
    now = time.monotonic()
    if now - _told.get(key, -math.inf) < ONE_MINUTE:
        return
    _told[key] = now
    await _journal(attempt, actor, {"what": attempt.what, "why": reason})


async def _journal(attempt: Attempt, actor: str, after: Mapping[str, str]) -> None:
    entry = journal.Entry(
        at=attempt.service.now(),
        kind="refused",
        actor=actor,
        correlation_id=attempt.correlation,
        after=after,
    )
    async with attempt.service.state.begin() as tx:
        await journal.append(tx, CHAIN, entry)


def _door(service: Service) -> auth.Door:
    if not _doors or _doors[0][0] is not service:
        _doors[:] = [(service, auth.open_door(service))]
    return _doors[0][1]


def body_of(req: func.HttpRequest) -> dict[str, Any]:
    """Return the JSON object a request carries, {} for an empty body. Raises Problem."""
    raw = req.get_body()
    if len(raw) > LARGEST:
        raise Problem(413, f"Send at most {LARGEST:,} bytes.")
    try:
        body = json.loads(raw or b"{}")
    except (ValueError, RecursionError):
        raise Problem(400, "Send one JSON object.") from None
    if not isinstance(body, dict):
        raise Problem(400, "Send one JSON object.")
    return body


def problem_of(error: VergerError) -> Problem:
    """Return what a refusal of the flows says to a caller; what is inside stays inside."""
    if isinstance(error, Invalid):
        faults = [{"field": name, "says": says} for name, says in error.faults]
        return Problem(422, "See errors.", errors=faults)
    if isinstance(error, NotEntitled):
        return Problem(403, f"{error.says[:1].upper()}{error.says[1:]}.")
    if isinstance(error, StepMissing | OutOfTurn):
        return Problem(409, f"{error.says[:1].upper()}{error.says[1:]}.")
    if isinstance(error, Missing) and error.status is None:
        return Problem(404, "There is no such request.")
    if isinstance(error, Misconfigured):
        return Problem(500, "An administrator has to finish setting it up; see the app's log.")
    return Problem(503, "Something this depends on did not answer as it should; see the app's log.")


def _wait(error: VergerError) -> dict[str, str]:
    asked = error.retry_after if isinstance(error, Transient) else None
    return {} if asked is None else {"Retry-After": str(math.ceil(asked))}


def _refusal(
    problem: Problem, attempt: Attempt, headers: Mapping[str, str] | None = None
) -> func.HttpResponse:
    body = {
        "type": "about:blank",
        "title": TITLES[problem.status],
        "status": problem.status,
        "detail": problem.detail,
        "instance": f"urn:uuid:{attempt.correlation}",
        **problem.more,
    }
    return func.HttpResponse(
        json.dumps(body, ensure_ascii=False),
        status_code=problem.status,
        mimetype="application/problem+json",
        headers=NO_STORE | dict(headers or {}),
    )


def _sent(answer: Answer) -> func.HttpResponse:
    there = {"Location": answer.location} if answer.location else {}
    return func.HttpResponse(
        json.dumps(answer.body, ensure_ascii=False),
        status_code=answer.status,
        mimetype="application/json",
        headers=NO_STORE | there,
    )
