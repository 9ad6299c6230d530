"""JSON batching: up to twenty calls in one request, each through the door by itself (wire.md 4)."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

from local.tenant.call import Answer
from local.tenant.deferred import Deferred
from local.tenant.errors import Refusal, bad_request
from local.tenant.places import GRAPH_HOST
from local.tenant.routing import Route

if TYPE_CHECKING:
    from local.tenant.call import Call
    from local.tenant.deferred import Hands

MOST = 20
FAILED_DEPENDENCY = 424
_DROPPED = frozenset({"authorization", "content-length", "host"})


def batch(call: Call) -> Answer:
    """Check the envelope; its parts run afterwards in the order given, dependants last."""
    requests = _requests(call.json())

    async def finish(hands: Hands) -> Answer:
        answers: dict[str, Answer] = {}
        for part in requests:
            if any(answers[str(d)].status >= 400 for d in part.get("dependsOn") or ()):  # noqa: PLR2004 -- HTTP's refusals
                answers[str(part["id"])] = _failed_dependency()
            else:
                answers[str(part["id"])] = await hands.replay(_call(call, part))
        return Answer(200, {"responses": [_part(key, each) for key, each in answers.items()]})

    return Deferred(finish=finish)


def _requests(body: dict[str, Any]) -> list[dict[str, Any]]:
    requests = body.get("requests")
    if not isinstance(requests, list) or not requests:
        raise bad_request("Invalid batch payload format: no requests.", "BadRequest")
    if len(requests) > MOST:
        message = f"Number of batch request steps exceeds the maximum value of {MOST}."
        raise Refusal(400, "MaximumValueExceeded", message)
    known: set[str] = set()
    for part in requests:
        _check(part, known)
        known.add(str(part["id"]))
    return requests


def _check(part: Any, before: set[str]) -> None:
    """Refuse the whole batch for a part that is not one: it is 400 then, not 200 (wire.md 4)."""
    if not isinstance(part, dict) or not {"id", "method", "url"} <= part.keys():
        raise bad_request("Each request needs id, method and url.", "BadRequest")
    if str(part["id"]) in before:
        raise bad_request(f"Request Id {part['id']} has to be unique.", "BadRequest")
    if missing := {str(d) for d in part.get("dependsOn") or ()} - before:
        raise bad_request(
            f"dependsOn names {sorted(missing)}, which come later or never.", "BadRequest"
        )
    if "$batch" in part["url"]:
        raise bad_request("A batch can't hold another batch.", "BadRequest")
    if urlsplit(part["url"]).netloc not in ("", GRAPH_HOST):
        raise bad_request("The url of a request must be relative.", "BadRequest")


def _call(outer: Call, part: dict[str, Any]) -> Call:
    address = urlsplit(str(part["url"]))
    path = address.path if address.path.startswith("/") else f"/{address.path}"
    path = path.removeprefix("/v1.0")
    given = {str(k).lower(): str(v) for k, v in (part.get("headers") or {}).items()}
    headers = {k: v for k, v in outer.headers.items() if k in ("request-id", "user-agent")}
    headers |= {"client-request-id": outer.headers.get("client-request-id", "")}
    headers |= {name: value for name, value in given.items() if name not in _DROPPED}
    return replace(
        outer,
        method=str(part["method"]).upper(),
        path=unquote(path),
        raw_path=path,
        query=dict(parse_qsl(address.query, keep_blank_values=True)),
        headers=headers,
        body=_body(part.get("body"), headers),
        args={},
        cost=0,
    )


def _body(body: Any, headers: dict[str, str]) -> bytes:
    """Return a part's body as bytes: JSON stays JSON, anything else travels as base64."""
    if body is None:
        return b""
    if isinstance(body, str) and "json" not in headers.get("content-type", "json"):
        return base64.b64decode(body)
    return msgspec.json.encode(body)


def _part(key: str, answer: Answer) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": key, "status": answer.status, "headers": dict(answer.headers)}
    if isinstance(answer.body, bytes):
        shown["body"] = base64.b64encode(answer.body).decode("ascii")
    elif answer.body is not None:
        shown["headers"].setdefault("Content-Type", "application/json")
        shown["body"] = answer.body
    return shown


def _failed_dependency() -> Answer:
    error = {"code": "FailedDependency", "message": "A request this one depends on has failed."}
    return Answer(FAILED_DEPENDENCY, {"error": error})


ROUTES = (Route("POST", "/$batch", batch, 0),)
