"""One tenant, one process, one data folder: on loopback, one line of JSON when ready."""

from __future__ import annotations

import fcntl
import json
import signal
import socket
import ssl
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from local.tenant import config, seed, tls
from local.tenant.app import create_app, open_store
from local.tenant.door import Webhooks
from local.tenant.proxy import Proxy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import FrameType

    from starlette.applications import Starlette

ADDRESS = "127.0.0.1"
BACKLOG = 512
STOP_S = 5  # open requests may finish for so long after SIGTERM


class AlreadyRunning(Exception):
    """Another process has this data folder."""


@dataclass(frozen=True, slots=True)
class Options:
    """`data` is the tenant's own folder, `port` 0 takes a free one, `seed` a YAML page to sow.

    `webhook_http` admits plain-http webhooks on this machine; `webhook_ca` is a CA to trust for
    https ones beside the tenant's own. `tls` serves https with a certificate of the tenant's own
    CA; `proxy` is the port of a CONNECT proxy (0: a free one, None: no proxy); `control` opens the
    control door under /_local/.
    """

    data: Path
    port: int = 0
    seed: Path | None = None
    webhook_http: bool = False
    webhook_ca: Path | None = None
    tls: bool = False
    proxy: int | None = None
    control: bool = True

    def __post_init__(self) -> None:
        if self.proxy is not None and not self.tls:
            raise ValueError("The proxy leads https clients here: it needs the tenant's TLS.")


class Server(uvicorn.Server):
    """uvicorn, telling somebody once it listens; the proxy, if any, lives as long as it does."""

    def __init__(
        self,
        settings: uvicorn.Config,
        sock: socket.socket,
        ready: Callable[[], None],
        proxy: Proxy | None = None,
    ) -> None:
        super().__init__(settings)
        self._sock = sock
        self._ready = ready
        self._proxy = proxy

    def serve_it(self) -> None:
        """Serve on the socket it was made with until told to stop."""
        self.run(sockets=[self._sock])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            if self._proxy is not None:
                await self._proxy.start()
            self._ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 -- uvicorn calls it so
        """Stop in good order and exit 0; uvicorn would raise the signal again after stopping."""
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Cut idle connections at once: over TLS each would wait 30 s for its peer's goodbye."""
        for connection in self.server_state.connections:
            if isinstance(connection, H11Protocol) and _idle(connection):
                connection.transport.abort()
        if self._proxy is not None:
            await self._proxy.close()
        await super().shutdown(sockets)


def _idle(connection: H11Protocol) -> bool:
    return connection.cycle is None or connection.cycle.response_complete


@contextmanager
def prepared(options: Options, ready: Callable[[dict[str, object]], None]) -> Iterator[Server]:
    """Yield a server on the locked, seeded data; `ready` gets the facts once it listens.

    Raises AlreadyRunning, SeedError, or ValueError for a folder that was never seeded.
    """
    options.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with ExitStack() as stack:
        stack.enter_context(_locked(options.data))
        app, seeded = stack.enter_context(_store(options))
        sock = stack.enter_context(_listening(options.port))
        port = int(sock.getsockname()[1])
        facts: dict[str, object] = {
            "port": port,
            "address": f"{'https' if options.tls else 'http'}://{ADDRESS}:{port}",
            "ca": str(tls.ensure_ca(options.data)) if options.tls else None,
            "data": str(options.data),
            "seeded": seeded,
        }
        proxy = None
        if options.proxy is not None:
            door = stack.enter_context(_listening(options.proxy))
            facts["proxy"] = f"http://{ADDRESS}:{door.getsockname()[1]}"
            proxy = Proxy(door, port)
        yield Server(_settings(app, options), sock, lambda: ready(facts), proxy)


def _settings(app: Starlette, options: Options) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        ssl_certfile=str(tls.ensure_certificate(options.data)) if options.tls else None,
        http="h11",
        log_level="warning",
        access_log=False,
        lifespan="on",
        date_header=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_S,
        proxy_headers=True,  # X-Forwarded-Proto of a proxy on this machine: links follow it
        forwarded_allow_ips=ADDRESS,
    )


def run(options: Options) -> None:
    """Serve until SIGTERM or SIGINT."""
    with prepared(options, _announce) as server:
        server.serve_it()


def _announce(facts: dict[str, object]) -> None:
    print(json.dumps(facts), flush=True)  # noqa: T201 -- the line our parent process waits for


@contextmanager
def _store(options: Options) -> Iterator[tuple[Starlette, bool]]:
    page = seed.read(options.seed) if options.seed else None
    store = open_store(options.data / "tenant.db")
    try:
        if page is not None and options.seed is not None:
            seed.sow(store, page, options.seed.parent)
        webhooks = Webhooks(_trust(options), options.webhook_http)
        app = create_app(store, config.load(store), webhooks, control=options.control)
        yield app, page is not None
    finally:
        store.close()


def _trust(options: Options) -> ssl.SSLContext:
    """Trust the system's CAs, our own, and the one named for webhooks."""
    context = ssl.create_default_context()
    context.load_verify_locations(tls.ensure_ca(options.data))
    if options.webhook_ca is not None:
        context.load_verify_locations(options.webhook_ca)
    return context


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    # asyncio turns Nagle's algorithm off only where the protocol is named: 40 ms an answer
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((ADDRESS, port))
        sock.listen(BACKLOG)
        yield sock


@contextmanager
def _locked(data: Path) -> Iterator[None]:
    """Hold the folder's lock; the kernel lets go of it however the process ends."""
    with (data / "lock").open("w", encoding="ascii") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            message = f"Another local tenant is running on {data}: stop it, or use another --data."
            raise AlreadyRunning(message) from error
        yield
