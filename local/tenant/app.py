"""The tenant as an ASGI application: requests become calls, answers become responses."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount

from local.tenant import store as store_package
from local.tenant.control import Control
from local.tenant.delivery import Delivery
from local.tenant.door import Door, Dropped, Inbound
from local.tenant.faults import TABLES as FAULT_TABLES
from local.tenant.login import Login
from local.tenant.places import reachable
from local.tenant.store.database import Store
from local.tenant.surfaces import closed, tables_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from starlette.types import ASGIApp, Receive, Scope, Send

    from local.tenant.call import Answer, Call
    from local.tenant.config import Config
    from local.tenant.door import Webhooks
    from local.tenant.surfaces import Surface

RFC_DATE = "%a, %d %b %Y %H:%M:%S GMT"


def open_store(path: Path) -> Store:
    """Open (or make) the tenant's file with the tables of every subject."""
    return Store(path, [*tables_of(store_package, "TABLES"), FAULT_TABLES])


def create_app(
    store: Store, config: Config, webhooks: Webhooks, *, control: bool = True
) -> Starlette:
    """Return the application; its lifespan runs the delivery of notifications.

    Without `control` nobody can move the clock, script faults or take tokens.
    """
    door = Door(store, config, webhooks)
    delivery = Delivery(door)
    door.surfaces["login"] = Login(door).surface()
    door.surfaces["control"] = Control(door, delivery).surface() if control else closed()

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        worker = asyncio.create_task(delivery.run(), name="delivery of notifications")
        try:
            yield
        finally:
            worker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await worker
            await door.close()

    return Starlette(routes=[Mount("/", app=_asgi(door))], lifespan=lifespan)


def _asgi(door: Door) -> ASGIApp:
    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            surface, call, answer = await door.open(await _inbound(request))
        except Dropped:
            await _hang_up(send)
            return
        response = _response(surface, call, answer, door.config)
        await response(scope, receive, send)

    return serve


async def _inbound(request: Request) -> Inbound:
    scope = request.scope
    host = request.headers.get("host", "")
    return Inbound(
        method=request.method,
        host=request.url.hostname or "",
        origin=f"{request.url.scheme}://{host}",
        path=scope["path"],
        raw_path=scope.get("raw_path", b"").decode("ascii"),
        query=scope["query_string"].decode("utf-8"),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=await request.body(),
    )


def _response(surface: Surface, call: Call, answer: Answer, config: Config) -> Response:
    body, kind = answer.body, surface.json_type
    if isinstance(body, bytes):
        kind = answer.headers.get("Content-Type", "application/octet-stream")
    elif body is not None:
        body = msgspec.json.encode(body)
    shown = surface.name != "control"  # the mailbox shows a mail as it was sent
    if body is not None and shown and kind.startswith("application/json"):
        body = reachable(body, call.base, config)
    headers = {
        "request-id": call.headers["request-id"],
        "client-request-id": call.headers["client-request-id"],
        "Date": call.store.now().strftime(RFC_DATE),
        "Cache-Control": "no-store",
    }
    if surface.name == "sharepoint":
        headers["SPRequestGuid"] = call.headers["request-id"]
    if body is not None:
        headers["Content-Type"] = kind
    given = {name.title() for name in answer.headers}
    kept = {name: value for name, value in headers.items() if name.title() not in given}
    return Response(body, answer.status, kept | answer.headers)


async def _hang_up(send: Send) -> None:
    """Promise a body and send none: the server closes the connection, the client sees it break."""
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]}
    )
