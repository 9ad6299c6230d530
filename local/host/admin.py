"""The host's own endpoints under /admin, opened by the master key alone."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.host.bindings import HttpTrigger, QueueTrigger
from local.host.errors import InvocationFailed
from local.host.http_front import read_body
from local.host.protos import PROTOS
from local.host.secrets import given_key
from local.host.worker import HOST_VERSION, Firing

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request

    from local.host.bindings import Function
    from local.host.secrets import Keys
    from local.host.timer_listener import TimerListener
    from local.host.worker import Worker

    type Fire = Callable[[Function, Firing], Awaitable[None]]

log = logging.getLogger("verger.host")


class Admin:
    """`GET /admin/host/status`, `GET /admin/functions`, `POST /admin/functions/{name}`."""

    def __init__(self, worker: Worker, keys: Keys, fire: Fire) -> None:
        self._worker = worker
        self._keys = keys
        self._fire = fire
        self._functions = {function.name.lower(): function for function in worker.functions}
        self.timers: Mapping[str, TimerListener] = {}
        self.tasks: set[asyncio.Task[None]] = set()
        self.state = "Running"

    def routes(self) -> list[Route]:
        return [
            Route("/admin/host/ping", self._ping, methods=["GET", "POST"]),
            Route("/admin/host/status", self._guarded(self._status), methods=["GET"]),
            Route("/admin/functions", self._guarded(self._list), methods=["GET"]),
            Route("/admin/functions/{name}", self._guarded(self._run), methods=["POST"]),
        ]

    def _guarded(
        self, serve: Callable[[Request], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def checked(request: Request) -> Response:
            key = given_key(request.headers, request.query_params)
            if not self._keys.allows("ADMIN", "", key):
                return Response(status_code=401)
            return await serve(request)

        return checked

    async def _ping(self, _: Request) -> Response:
        return Response(status_code=200)

    async def _status(self, _: Request) -> Response:
        worker = self._worker
        counts = {"running": worker.running, "succeeded": worker.succeeded, "failed": worker.failed}
        return JSONResponse(
            {"id": "verger", "state": self.state, "version": HOST_VERSION, "invocations": counts}
        )

    async def _list(self, _: Request) -> Response:
        return JSONResponse([{"name": function.name} for function in self._worker.functions])

    async def _run(self, request: Request) -> Response:
        """Run a timer or queue function now: 202 at once, as the real host answers."""
        function = self._functions.get(request.path_params["name"].lower())
        if function is None:
            return Response(status_code=404)
        text = _input(await read_body(request) or b"")
        if text is None or isinstance(function.trigger, HttpTrigger):
            return Response(status_code=400)
        task = asyncio.create_task(self._fire_now(function, text))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return Response(status_code=202)

    async def _fire_now(self, function: Function, text: str) -> None:
        firing = (
            _queue_firing(text)
            if isinstance(function.trigger, QueueTrigger)
            else self.timers[function.name].firing()
        )
        try:
            await self._fire(function, firing)
        except InvocationFailed as failed:
            log.error("run by hand: %s", failed)  # noqa: TRY400  # the worker logged the traceback


def _input(body: bytes) -> str | None:
    """Return the `input` member of the body, or None when the body is not a JSON object."""
    try:
        found: Any = json.loads(body or b"{}")
    except ValueError:
        return None
    return str(found.get("input") or "") if isinstance(found, dict) else None


def _queue_firing(text: str) -> Firing:
    return Firing(
        PROTOS.TypedData(string=text),
        {
            "Id": PROTOS.TypedData(string="by-hand"),
            "DequeueCount": PROTOS.TypedData(json="1"),
            "PopReceipt": PROTOS.TypedData(string=""),
        },
    )
