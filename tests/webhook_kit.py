"""A webhook for tests: shakes hands as told, keeps what it is sent, can be waited on."""

from __future__ import annotations

import json
import ssl
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self

WAIT_S = 20


@dataclass
class Webhook:
    """A receiver on a free port. `handshake` is ok, encoded, html, refused or silent.

    With a `certificate` (PEM with its key) it speaks https.
    """

    handshake: str = "ok"
    status: int = 202
    certificate: Path | None = None
    tokens: list[str] = field(default_factory=list)
    batches: Queue[dict[str, Any]] = field(default_factory=Queue)
    let_go: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        if self.certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.let_go.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(WAIT_S)

    @property
    def url(self) -> str:
        scheme = "http" if self.certificate is None else "https"
        return f"{scheme}://127.0.0.1:{self._server.server_address[1]}/hook?list=l1"

    def next(self) -> list[dict[str, Any]]:
        """Return the notifications of the next POST, waiting for it."""
        return list(self.batches.get(timeout=WAIT_S)["value"])

    @property
    def quiet(self) -> bool:
        """Whether nothing more has come in so far."""
        try:
            self.batches.get_nowait()
        except Empty:
            return True
        return False


def _handler(hook: Webhook) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = urlsplit(self.path).query
            query = query.replace("validationtoken", "validationToken")  # SharePoint's spelling
            asked = parse_qs(query).get("validationToken")
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            if asked is None:
                hook.batches.put(json.loads(body))
                self._answer(hook.status, "text/plain", b"")
                return
            hook.tokens.append(asked[0])
            raw = query.partition("validationToken=")[2]
            if hook.handshake == "silent":
                hook.let_go.wait(60)
            said = raw if hook.handshake == "encoded" else asked[0]
            kind = "text/html" if hook.handshake == "html" else "text/plain; charset=utf-8"
            self._answer(404 if hook.handshake == "refused" else 200, kind, said.encode())

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing: the test says what it saw."""

    return Handler
