"""uvicorn without its hold on the signals, and a storage server in a thread of its own.

uvicorn raises SIGTERM again when `serve()` ends, which would cut the host's drain short; so the
host listens to the signals itself and tells the servers when to stop.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from typing import TYPE_CHECKING, Any

import uvicorn

from local.host.errors import HostError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOOPBACK = "127.0.0.1"
BACKLOG = 512


class PortTaken(HostError):
    """Another program listens on the port that was asked for."""


class QuietServer(uvicorn.Server):
    """A uvicorn server that leaves the signals to its owner."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def bind(port: int, *, wish: int = 0) -> socket.socket:
    """Return a listening loopback socket on `port`; on 0, on `wish` if that is free, else any."""
    if port or not wish:
        return _bound(port)
    try:
        return _bound(wish)
    except PortTaken:
        return _bound(0)


def _bound(port: int) -> socket.socket:
    # The protocol is named because asyncio sets TCP_NODELAY only on sockets that say IPPROTO_TCP;
    # without it every answer waits some 40 ms for a delayed acknowledgement.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((LOOPBACK, port))
        sock.listen(BACKLOG)  # until it listens, SO_REUSEADDR would let a second socket bind too
    except OSError as taken:
        sock.close()
        raise PortTaken(f"port {port} on {LOOPBACK} is not free: {taken.strerror}") from taken
    return sock


def server(app: Any, *, grace: float, tls: tuple[Path, Path] | None = None) -> QuietServer:
    """Return a server for an ASGI app; `grace` is how many seconds open requests get at the end."""
    return QuietServer(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=max(1, int(grace)),
            ssl_certfile=tls[0] if tls else None,
            ssl_keyfile=tls[1] if tls else None,
        )
    )


class Threaded:
    """A server with its own thread and loop: it answers even while a function hogs the host's."""

    def __init__(self, app: Any, sock: socket.socket) -> None:
        self._server = server(app, grace=5)
        self._sock = sock
        self.address = f"http://{LOOPBACK}:{sock.getsockname()[1]}"
        self._thread = threading.Thread(target=self._run, name="storage", daemon=True)

    def start(self) -> None:
        """Serve from now on: what connects before the loop turns waits in the socket's backlog."""
        self._thread.start()

    def _run(self) -> None:
        with self._sock:
            asyncio.run(self._server.serve(sockets=[self._sock]))

    def stop(self) -> None:
        """Let open requests end, then return."""
        self._server.should_exit = True
        self._thread.join()
