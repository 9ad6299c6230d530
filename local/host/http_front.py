"""HTTP triggers: routes, keys, and the request as the real host hands it to the worker.

Header names are lower-cased; repeated query keys are joined by a comma and empty ones dropped;
a wrong method is a 404 (functions-notes, "What the real host does").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from local.host.bindings import HttpTrigger
from local.host.errors import HostError, InvocationFailed
from local.host.protos import PROTOS
from local.host.secrets import given_key
from local.host.worker import Firing

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from starlette.requests import Request

    from local.host.bindings import Function
    from local.host.secrets import Keys
    from local.host.worker import Result

    type Invoke = Callable[[Function, Firing], Awaitable[Result]]

LARGEST = 100 * 1024 * 1024
"""Bytes of a request body (the real host's default limit)."""
CONSTRAINTS = {
    "int": r"-?\d+",
    "long": r"-?\d+",
    "guid": r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
    "alpha": r"[A-Za-z]+",
    "bool": r"(?:true|false)",
}
MEDIA = {
    "string": "text/plain",
    "json": "application/json",
    "bytes": "application/octet-stream",
}
SAME_SITE = {1: "Lax", 2: "Strict", 3: "None"}


@dataclass(frozen=True, slots=True)
class HttpRoute:
    """A compiled route template; `rank` orders literal segments before parameters."""

    function: Function
    trigger: HttpTrigger
    pattern: re.Pattern[str]
    rank: tuple[int, ...]


class Routes:
    """The HTTP functions of the app by route."""

    def __init__(self, prefix: str, functions: Iterable[Function]) -> None:
        found = [
            _route(prefix, function, function.trigger)
            for function in functions
            if isinstance(function.trigger, HttpTrigger)
        ]
        self._routes = sorted(found, key=lambda route: route.rank)

    def find(self, method: str, path: str) -> tuple[HttpRoute, dict[str, str]] | None:
        """Return the function for a path and its route parameters, or None."""
        for route in self._routes:
            hit = route.pattern.fullmatch(path)
            if hit and method in route.trigger.methods:
                return route, {key: value for key, value in hit.groupdict().items() if value}
        return None


def _route(prefix: str, function: Function, trigger: HttpTrigger) -> HttpRoute:
    segments = [part for part in f"{prefix}/{trigger.route}".split("/") if part]
    pieces = [_segment(part) for part in segments]
    text = "".join(piece for piece, _ in pieces)
    pattern = re.compile(text + "/?", re.IGNORECASE)
    return HttpRoute(function, trigger, pattern, tuple(rank for _, rank in pieces))


def _segment(text: str) -> tuple[str, int]:
    """One segment as a pattern and its rank: literal 0, constrained 1, free 2, catch-all 3."""
    hit = re.fullmatch(r"\{(\*?)(\w+)(?::(\w+))?(\?)?\}", text)
    if hit is None:
        if "{" in text:
            raise HostError(f"this host does not serve the route segment {text!r}")
        return "/" + re.escape(text), 0
    star, name, constraint, optional = hit.groups()
    if star:
        return f"(?:/(?P<{name}>.*))?", 3
    if constraint and constraint not in CONSTRAINTS:
        raise HostError(f"this host does not know the route constraint {constraint!r}")
    piece = f"/(?P<{name}>{CONSTRAINTS.get(constraint, '[^/]+')})"
    return (f"(?:{piece})?" if optional else piece), 1 if constraint else 2


class HttpFront:
    """Answers every request that is not the host's own."""

    def __init__(self, routes: Routes, keys: Keys, invoke: Invoke) -> None:
        self._routes = routes
        self._keys = keys
        self._invoke = invoke

    async def serve(self, request: Request) -> Response:
        found = self._routes.find(request.method, request.url.path)
        if found is None:
            return Response(status_code=404)
        route, params = found
        key = given_key(request.headers, request.query_params)
        if not self._keys.allows(route.trigger.level, route.function.name, key):
            return Response(status_code=401)
        body = await read_body(request)
        if body is None:
            return Response(status_code=413)
        try:
            result = await self._invoke(route.function, _firing(request, params, body))
            return _response(result.returned)
        except InvocationFailed:  # logged where it happened; a caller learns nothing of the inside
            return Response(status_code=500)


async def read_body(request: Request) -> bytes | None:
    """Read the body; None when it is longer than the host takes."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > LARGEST:
            return None
        parts.append(part)
    return b"".join(parts)


def _firing(request: Request, params: dict[str, str], body: bytes) -> Firing:
    http = PROTOS.RpcHttp(
        method=request.method,
        url=str(request.url),
        headers=_joined(request.headers.items()),
        query=_joined((key, value) for key, value in request.query_params.multi_items() if value),
        params=params,
        body=PROTOS.TypedData(bytes=body),
    )
    return Firing(
        PROTOS.TypedData(http=http),
        trace_parent=request.headers.get("traceparent", ""),
        trace_state=request.headers.get("tracestate", ""),
    )


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in pairs:
        found[key] = f"{found[key]},{value}" if key in found else value
    return found


def _response(data: Any) -> Response:
    """Return the HTTP answer for the `$return` value of an HTTP function (TypedData)."""
    kind = None if data is None else data.WhichOneof("data")
    if kind == "http":
        return _from_rpc(data.http)
    if kind not in MEDIA:
        raise InvocationFailed(f"an HTTP answer cannot be {kind} data")
    return Response(getattr(data, kind), 200, media_type=MEDIA[kind])


def _from_rpc(http: Any) -> Response:
    answer = Response(http.body.bytes or b"", int(http.status_code))
    for name, value in http.headers.items():
        answer.headers[name] = value
    for cookie in http.cookies:
        answer.headers.append("set-cookie", _cookie(cookie))
    return answer


def _cookie(cookie: Any) -> str:
    """Write one cookie; an empty Domain or Path is left out, or browsers drop the cookie."""
    parts = [f"{cookie.name}={cookie.value}"]
    if cookie.expires:
        moment = datetime.fromtimestamp(cookie.expires.value.seconds, UTC)
        parts.append(f"Expires={format_datetime(moment, usegmt=True)}")
    if cookie.max_age:
        parts.append(f"Max-Age={cookie.max_age.value:.0f}")
    for label, field in (("Domain", cookie.domain), ("Path", cookie.path)):
        if field and field.value:
            parts.append(f"{label}={field.value}")
    for label, flag in (("Secure", cookie.secure), ("HttpOnly", cookie.http_only)):
        if flag and flag.value:
            parts.append(label)
    if cookie.same_site in SAME_SITE:
        parts.append(f"SameSite={SAME_SITE[cookie.same_site]}")
    return "; ".join(parts)
