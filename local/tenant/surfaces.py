"""The tenant's APIs as the door sees them: how a call is routed there, and how a refusal looks."""

from __future__ import annotations

import importlib
import pkgutil
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local.tenant import graph as graph_package
from local.tenant import sharepoint
from local.tenant.call import Answer
from local.tenant.errors import not_emulated, not_found
from local.tenant.graph.addressing import GraphRouter
from local.tenant.routing import Route, Router

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from local.tenant.call import Call
    from local.tenant.errors import Refusal
    from local.tenant.routing import Handler

GRAPH_JSON = (
    "application/json;odata.metadata=minimal;odata.streaming=true;"
    "IEEE754Compatible=false;charset=utf-8"
)
_OPTIONS = frozenset({"select", "expand", "filter", "top", "skip", "orderby", "count"})
_VALUE = re.compile(
    r"'(?:[^']|'')*'|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\(\d+\)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Operation:
    """A served call: the name it is metered under, its price before it runs, its handler."""

    name: str
    cost: int
    handler: Handler


@dataclass(frozen=True, slots=True)
class Surface:
    """One API. `audience` is what a token must be for; None lets anyone in without one."""

    name: str
    audience: str | None
    find: Callable[[Call], Operation]
    refuse: Callable[[Call, Refusal], Answer]
    json_type: str = "application/json"


def routed(router: Router) -> Callable[[Call], Operation]:
    """Return the finder over a route table: call arguments filled in, 501 when none fits."""

    def find(call: Call) -> Operation:
        hit = router.find(call.method, call.path)
        if hit is None:
            raise not_emulated(call.method, call.path)
        route, call.args = hit
        return Operation(f"{route.method} {route.pattern}", route.cost, route.handler)

    return find


def tables_of(package: Any, name: str) -> Iterator[Any]:
    """Return the value called `name` of every module of a package that has one, by module name."""
    for found in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{found.name}")
        if hasattr(module, name):
            yield getattr(module, name)


def routes_of(package: Any, name: str = "ROUTES") -> list[Route]:
    return [route for table in tables_of(package, name) for route in table]


def graph() -> Surface:
    route = routed(GraphRouter(routes_of(graph_package)))

    def find(call: Call) -> Operation:
        call.query = prefixed(call.query)
        return route(call)

    return Surface("graph", "graph", find, graph_refusal, GRAPH_JSON)


def prefixed(query: Mapping[str, str]) -> dict[str, str]:
    """Return the options with their $, which Graph takes as said where a client leaves it out."""
    return {f"${name}" if name.lower() in _OPTIONS else name: text for name, text in query.items()}


def files() -> Surface:
    """Pre-authenticated addresses: downloads, upload sessions, monitors. The address is the key."""
    router = Router(routes_of(graph_package, "PREAUTH_ROUTES"))
    return Surface("files", None, routed(router), graph_refusal)


def closed() -> Surface:
    """Stand where the control door would be: whatever is asked of it is not there."""

    def find(call: Call) -> Operation:
        raise not_found(f"The control door is closed: there is no {call.path} here")

    return Surface("control", None, find, graph_refusal)


def sharepoint_rest(handler: Handler) -> Surface:
    """SharePoint REST: one handler walks the address itself and sets its own price."""

    def find(call: Call) -> Operation:
        method = call.headers.get("x-http-method", call.method).upper()
        return Operation(f"{method} {_VALUE.sub('()', call.path)}", 2, handler)

    return Surface("sharepoint", "sharepoint", find, sharepoint.render_refusal)


def graph_refusal(call: Call, refusal: Refusal) -> Answer:
    """Render a refusal as Graph does: error with code, message and innerError (ids, date)."""
    inner: dict[str, Any] = {
        "date": call.store.stamp()[:19],
        "request-id": call.headers.get("request-id", ""),
        "client-request-id": call.headers.get("client-request-id", ""),
    }
    if refusal.inner:
        inner["code"] = refusal.inner
    if refusal.status in (429, 503):
        inner["status"] = str(refusal.status)
    error = {"code": refusal.code, "message": refusal.message, "innerError": inner}
    return Answer(refusal.status, {"error": error}, dict(refusal.headers))
