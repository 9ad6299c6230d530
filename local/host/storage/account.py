"""The storage account as one thing: its file, its queues and blobs, and its HTTP front.

One port serves both services, told apart by the first path segment: `/queue/ACCOUNT/…` and
`/blob/ACCOUNT/…`; the connection string hides that from every client.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.routing import Route

from local.host.storage import blob_wire, errors, queue_wire, sharedkey
from local.host.storage.blobs import Blobs
from local.host.storage.call import Call, http_date, refused
from local.host.storage.database import Database
from local.host.storage.queues import Queues

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from starlette.requests import Request
    from starlette.responses import Response

METHODS = ["GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "OPTIONS"]


def connection_string(keys: sharedkey.Account, address: str) -> str:
    """Return what leads a client to the account behind these keys at `address`."""
    return (
        f"DefaultEndpointsProtocol=http;AccountName={keys.name};AccountKey={keys.key};"
        f"QueueEndpoint={address}/queue/{keys.name};BlobEndpoint={address}/blob/{keys.name};"
    )


class StorageAccount:
    """Queues and blobs over one SQLite file, reachable in process and over the wire."""

    def __init__(self, path: Path, keys: sharedkey.Account, clock: Callable[[], float]) -> None:
        self.keys = keys
        self._clock = clock
        self._db = Database(path, clock)
        self.queues = Queues(self._db)
        self.blobs = Blobs(self._db)

    def close(self) -> None:
        self._db.close()

    def connection_string(self, address: str) -> str:
        """Return what Microsoft's SDKs need to speak to the wire at `address` (http://host:port)."""
        return connection_string(self.keys, address)

    def wire(self) -> Starlette:
        """Return the HTTP front, an ASGI application."""

        async def serve(request: Request) -> Response:
            body = await request.body()
            return await run_in_threadpool(self._serve, request, body)

        return Starlette(routes=[Route("/{path:path}", serve, methods=METHODS)])

    def _serve(self, request: Request, body: bytes) -> Response:
        try:
            answer = self._answer(request, body)
        except errors.Refusal as refusal:
            answer = refused(refusal)
        answer.headers["x-ms-request-id"] = str(uuid.uuid4())
        answer.headers["x-ms-version"] = request.headers.get("x-ms-version", "2024-11-04")
        if "x-ms-client-request-id" in request.headers:
            sent = request.headers["x-ms-client-request-id"]
            answer.headers["x-ms-client-request-id"] = sent
        answer.headers["Date"] = http_date(self._clock())
        return answer

    def _answer(self, request: Request, body: bytes) -> Response:
        path = request.scope["raw_path"].decode("ascii")
        query = request.scope["query_string"].decode("ascii")
        headers = dict(request.headers)
        signed = sharedkey.Signed(request.method, path, query, headers)
        sharedkey.check(self.keys, signed)
        segments = [unquote(part) for part in path.split("/") if part]
        service, account = (*segments, "", "")[:2]
        call = Call(
            method=request.method,
            parts=segments[2:],
            query=dict(parse_qsl(query, keep_blank_values=True)),
            headers=headers,
            body=body,
        )
        if account == self.keys.name and service == "queue":
            return queue_wire.answer(self.queues, call)
        if account == self.keys.name and service == "blob":
            return blob_wire.answer(self.blobs, call)
        raise errors.not_served(request.method, path)
