"""Microsoft Graph: one shared msgraph-sdk adapter, its sign-in and middleware, our own decoding.

Hot bodies are sent and received as bytes and decoded by msgspec (the SDK's typed models cost a
thousand times as much, performance.md); `client` gives the typed builders where traffic is thin.
The SDK's own retry and redirects are off: there is one retry, and a download link is followed
without the token.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, urlsplit

import httpx
import msgspec
from kiota_abstractions.authentication import (
    AccessTokenProvider,
    AllowedHostsValidator,
    BaseBearerTokenAuthenticationProvider,
)
from kiota_abstractions.method import Method
from kiota_abstractions.native_response_handler import NativeResponseHandler
from kiota_abstractions.request_information import RequestInformation
from kiota_http.middleware.options import (
    RedirectHandlerOption,
    ResponseHandlerOption,
    RetryHandlerOption,
)
from msgraph.graph_request_adapter import GraphRequestAdapter, options
from msgraph_core import GraphClientFactory  # type: ignore[import-untyped]  # it ships no types

from sync.errors import Rejected
from sync.settings import GRAPH_HOST
from sync.tenant import meter
from sync.tenant.credentials import GRAPH_SCOPE
from sync.tenant.shapes import bare
from sync.tenant.translate import UNAUTHORISED, cursor_gone, from_answer, translated
from sync.tenant.transports import async_client, async_transport

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from msgraph.graph_service_client import GraphServiceClient

    from sync.tenant.addresses import Addresses
    from sync.tenant.credentials import Tokens
    from sync.tenant.retry import Retry

ROOT = f"https://{GRAPH_HOST}/v1.0"
BATCH = 20  # parts in one $batch, Graph's limit
JSON = "application/json"
ERRORS, REDIRECTS = 400, 300

_LITERAL = re.compile(r"[A-Za-z$]+")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of Graph: status, headers, body as it came."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def read[T](self, kind: type[T]) -> T:
        """Return the body decoded as `kind` (a msgspec.Struct, dict …)."""
        return msgspec.json.decode(self.body, type=kind)


class Downloaded(NamedTuple):
    """A file's bytes, and its eTag in our one spelling as the answer bore it ("" without one)."""

    data: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class Ask:
    """One operation: `path` is below /v1.0 or a whole link that Graph gave; `body` is JSON-able.

    `doing` completes "could not …" for a person; `units` is the documented cost; a call that is not
    `repeatable` is tried again only when it certainly was not carried out (POSTs, unless told).
    """

    method: str
    path: str
    doing: str
    body: Any = None
    headers: Mapping[str, str] | None = None
    units: int = meter.SINGLE
    repeatable: bool | None = None
    cursor: bool = False  # a link of a delta, whose death is CursorGone

    @property
    def url(self) -> str:
        return self.path if self.path.startswith("https://") else ROOT + self.path

    @property
    def may_repeat(self) -> bool:
        return self.method != "POST" if self.repeatable is None else self.repeatable

    @property
    def operation(self) -> str:
        """The method and the last literal segment, e.g. "GET delta": what bills are sorted by."""
        words = [part for part in urlsplit(self.url).path.split("/") if _LITERAL.fullmatch(part)]
        return f"{self.method} {words[-1] if words else ''}".strip()


def segment(text: str) -> str:
    """Return `text` percent-encoded as one segment of a path; commas and ! stay readable."""
    return quote(text, safe=",!$'()")


class _Provider(AccessTokenProvider):
    """Hands our tokens to kiota, for Graph's own host only."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._allowed = AllowedHostsValidator([GRAPH_HOST])

    async def get_authorization_token(
        self,
        uri: str,
        additional_authentication_context: dict[str, Any] | None = None,  # noqa: ARG002 — kiota's
    ) -> str:
        if not self._allowed.is_url_host_valid(uri):
            raise Rejected(f"{urlsplit(uri).hostname} is not Graph; it gets no token")
        return await self._tokens.aget(GRAPH_SCOPE)

    def get_allowed_hosts_validator(self) -> AllowedHostsValidator:
        return self._allowed


class Graph:
    """The way to Graph for one app, on one event loop; close it when done."""

    def __init__(self, addresses: Addresses, tokens: Tokens, retry: Retry, user_agent: str) -> None:
        self._tokens = tokens
        self._retry = retry
        self._wire = async_transport(addresses)
        self._plain = async_client(self._wire, user_agent)
        middleware = options | {
            RetryHandlerOption.get_key(): RetryHandlerOption(max_retries=0, should_retry=False),
            RedirectHandlerOption.get_key(): RedirectHandlerOption(should_redirect=False),
        }
        http = GraphClientFactory.create_with_default_middleware(
            client=async_client(self._wire, user_agent), options=middleware
        )
        self.adapter = GraphRequestAdapter(
            BaseBearerTokenAuthenticationProvider(_Provider(tokens)), client=http
        )
        self.adapter.base_url = ROOT

    @cached_property
    def client(self) -> GraphServiceClient:
        """The typed builders, for thin traffic; call them through `typed`."""
        from msgraph.graph_service_client import (  # noqa: PLC0415 — costs 0.5 s, seldom needed
            GraphServiceClient,
        )

        return GraphServiceClient(request_adapter=self.adapter)

    async def close(self) -> None:
        """Close all connections. The SDK's own transport does not pass a close on, so we do."""
        await self._wire.aclose()

    async def send(self, ask: Ask) -> Answer:
        """Send one operation and return its answer of 2xx or 3xx.

        Raises the VergerError that stands for any other, after the one retry.
        """
        return await self._retry.run(
            lambda: self._attempt(ask),
            doing=ask.doing,
            units=ask.units,
            repeatable=ask.may_repeat,
        )

    async def get[T](self, path: str, kind: type[T], *, doing: str, units: int = 1) -> T:
        """Read `path` and decode it as `kind`."""
        return (await self.send(Ask("GET", path, doing, units=units))).read(kind)

    async def typed[T](
        self, call: Callable[[GraphServiceClient], Awaitable[T]], *, doing: str, units: int = 1
    ) -> T:
        """Run a call of the typed builders under the same retry, bill and translation."""

        async def attempt() -> T:
            meter.charge(doing, units)
            with translated(doing):
                return await call(self.client)

        return await self._retry.run(attempt, doing=doing, units=units, repeatable=False)

    async def download(self, path: str, *, limit: int, doing: str) -> Downloaded:
        """Return a file's bytes (1 unit) and eTag. Rejected "tooLarge" beyond `limit` bytes.

        Graph answers with a link that carries its own permission; it is fetched without our token.
        """

        async def attempt() -> Downloaded:
            ask = Ask("GET", path, doing)
            answer = await self._attempt(ask)
            link = answer.headers.get("location")
            if link is None:
                return Downloaded(within(answer.body, limit, doing), _etag(answer.headers))
            meter.charge(ask.operation, 0)
            with translated(doing):
                return await self._fetch(link, limit, doing)

        return await self._retry.run(attempt, doing=doing)

    async def _fetch(self, link: str, limit: int, doing: str) -> Downloaded:
        whole = bytearray()
        async with self._plain.stream("GET", link) as answer:
            if answer.status_code >= REDIRECTS:
                raise from_answer(doing, answer.status_code, answer.headers, await answer.aread())
            async for piece in answer.aiter_bytes():
                whole += piece
                within(whole, limit, doing)
        return Downloaded(bytes(whole), _etag(answer.headers))

    async def _attempt(self, ask: Ask) -> Answer:
        """Send once; a refused token is replaced once by a fresh credential's (decision 22)."""
        answer, token = await self._once(ask)
        if answer.status == UNAUTHORISED:
            self._tokens.drop(token)
            answer, _ = await self._once(ask)
        if answer.status >= ERRORS:
            error = from_answer(ask.doing, answer.status, answer.headers, answer.body)
            raise cursor_gone(error, answer.headers) if ask.cursor else error
        return answer

    async def _once(self, ask: Ask) -> tuple[Answer, str]:
        meter.charge(ask.operation, ask.units)
        with translated(ask.doing):
            response = await self._native(_information(ask))
        self._retry.gate.heed(response.headers)
        token = response.request.headers.get("Authorization", "").removeprefix("Bearer ")
        return Answer(response.status_code, response.headers, response.content), token

    async def _native(self, information: RequestInformation) -> httpx.Response:
        native = await self.adapter.send_primitive_async(information, "bytes", {})
        if not isinstance(native, httpx.Response):
            raise TypeError(f"kiota handed back {type(native)} instead of the response")
        return native


def within[B: (bytes, bytearray)](body: B, limit: int, doing: str) -> B:
    """Return `body` if it has at most `limit` bytes, else raise Rejected with code "tooLarge"."""
    if len(body) > limit:
        raise Rejected(f"it has more than {limit:,} bytes", doing=doing, code="tooLarge")
    return body


def _etag(headers: Mapping[str, str]) -> str:
    return bare(headers.get("etag", ""))


def _information(ask: Ask) -> RequestInformation:
    information = RequestInformation(Method(ask.method))
    information.url = ask.url
    information.add_request_options([ResponseHandlerOption(NativeResponseHandler())])
    information.headers.add("Accept", JSON)
    if isinstance(ask.body, bytes):
        information.set_stream_content(ask.body)
    elif ask.body is not None:
        information.headers.add("Content-Type", JSON)
        information.content = msgspec.json.encode(ask.body)
    for name, value in (ask.headers or {}).items():
        information.headers.add(name, value)
    return information
