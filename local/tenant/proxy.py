"""A CONNECT proxy (RFC 9110, 9.3.6) that leads Microsoft's host names to this tenant.

A client that nobody here wrote is given HTTPS_PROXY and the tenant's CA, and believes that it
speaks to graph.microsoft.com. Only Microsoft's names are mapped and they lead nowhere but here:
the proxy opens no way out of this machine.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from typing import TYPE_CHECKING

from local.tenant.places import GRAPH_HOST, LOGIN_HOST

if TYPE_CHECKING:
    import socket
    from asyncio import StreamReader, StreamWriter

HTTPS = 443
HEAD_S = 10  # a client that has not finished its request by then is hung up on
LOOPBACK_ADDRESS = "127.0.0.1"
_CHUNK = 64 * 1024
_TARGET = re.compile(r"^CONNECT ([A-Za-z0-9.-]+):(\d{1,5}) HTTP/1\.[01]$")
_SHAREPOINT = re.compile(r"^[a-z0-9-]+\.sharepoint\.com$")
_REASONS = {
    400: "Bad Request",
    403: "Forbidden",
    405: "Method Not Allowed",
    502: "Bad Gateway",
}


def mapped(host: str, port: int) -> bool:
    """Tell whether a name leads here: Graph, the login, any SharePoint host; https only."""
    name = host.lower().rstrip(".")
    known = name in (GRAPH_HOST, LOGIN_HOST) or _SHAREPOINT.match(name) is not None
    return known and port == HTTPS


class Proxy:
    """Listens on a loopback socket; tunnels end at `port`, where the tenant speaks TLS."""

    def __init__(self, sock: socket.socket, port: int) -> None:
        self._sock = sock
        self._port = port
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, sock=self._sock)

    async def close(self) -> None:
        """Stop listening and cut the tunnels; their clients see the connection break."""
        if self._server is not None:
            self._server.close()
            self._server.close_clients()
            await self._server.wait_closed()

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        try:
            await self._answer(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client went away: there is nobody left to tell
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _answer(self, reader: StreamReader, writer: StreamWriter) -> None:
        try:
            async with asyncio.timeout(HEAD_S):
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except (asyncio.LimitOverrunError, TimeoutError):
            await _refuse(writer, 400, "That is no HTTP request.")
            return
        line = head.partition("\r\n")[0]
        target = _TARGET.match(line)
        if target is None:
            status = 400 if line.startswith("CONNECT ") else 405
            await _refuse(writer, status, "This proxy serves CONNECT host:443 only.")
        elif not mapped(target[1], int(target[2])):
            says = f"{target[1]}:{target[2]} is not one of the names this tenant answers to."
            await _refuse(writer, 403, says)
        else:
            await self._tunnel(reader, writer)

    async def _tunnel(self, reader: StreamReader, writer: StreamWriter) -> None:
        try:
            inward, outward = await asyncio.open_connection(LOOPBACK_ADDRESS, self._port)
        except OSError as error:
            await _refuse(writer, 502, f"The tenant does not answer: {error.strerror}")
            return
        try:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await writer.drain()
            async with asyncio.TaskGroup() as both:
                both.create_task(_pump(reader, outward))
                both.create_task(_pump(inward, writer))
        except* ConnectionError:
            pass  # one side broke the connection: the other is closed below
        finally:
            outward.close()


async def _pump(source: StreamReader, sink: StreamWriter) -> None:
    """Carry bytes until the source ends, then tell the sink that no more will come."""
    while chunk := await source.read(_CHUNK):
        sink.write(chunk)
        await sink.drain()
    if sink.can_write_eof() and not sink.is_closing():
        sink.write_eof()


async def _refuse(writer: StreamWriter, status: int, says: str) -> None:
    body = f"{says}\n".encode()
    head = (
        f"HTTP/1.1 {status} {_REASONS[status]}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n"
    )
    allow = "Allow: CONNECT\r\n" if status == 405 else ""  # noqa: PLR2004 -- RFC 9110, 15.5.6
    writer.write(f"{head}{allow}\r\n".encode("latin-1") + body)
    await writer.drain()
