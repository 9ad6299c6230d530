"""SharePoint REST through office365's client: what Graph v1.0 cannot do.

The client is synchronous and keeps state in its context, so each thread of a small pool keeps one
context per site. Its habits are mended here: it asked for a form digest before every first call
(shared now by all threads), retried by itself without regard for the app's pause (off now), and it
never names a User-Agent or counts what it costs (the session does both).
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import requests
from office365.runtime.http.http_method import HttpMethod
from office365.runtime.http.request_options import RequestOptions
from office365.runtime.odata.v3.batch_request import ODataBatchV3Request
from office365.runtime.odata.v3.json_light_format import JsonLightFormat
from office365.runtime.queries.batch import BatchQuery
from office365.runtime.queries.function import FunctionQuery
from office365.sharepoint.client_context import ClientContext
from office365.sharepoint.request import SharePointRequest
from office365.sharepoint.webs.context_web_information import ContextWebInformation

from sync.errors import Refused, VergerError
from sync.tenant import meter
from sync.tenant.credentials import sharepoint_scope
from sync.tenant.translate import UNAUTHORISED, from_exception, translated
from sync.tenant.transports import CONNECT_SECONDS, READ_SECONDS, session

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from office365.runtime.queries.client_query import ClientQuery

    from sync.tenant.addresses import Addresses
    from sync.tenant.credentials import Tokens
    from sync.tenant.retry import Retry

THREADS = 8
BATCH = 100  # parts of one $batch: the client's own cap (contract/limits.json)

PLAIN = "application/json;odata=nometadata"
_READABLE = "/()',=$&?:@*%"  # what an OData address may hold as it is

OLD_DIGEST = "-2130575251"  # SPException: the security validation for this page is invalid

type Digests = dict[str, ContextWebInformation]


class SiteRequest(SharePointRequest):
    """The client's request, with the digest of a site shared between threads and fetched once."""

    def __init__(self, base_url: str, digests: Digests) -> None:
        super().__init__(base_url)
        self._digests = digests
        self._ctx_web_info = digests.get(base_url)

    def _fetch_context_web_information(self) -> ContextWebInformation:
        found = self._digests.get(self.base_url)
        if found is not None and found.is_valid:
            return found
        ask = RequestOptions(f"{self.service_root_url}/contextInfo")
        ask.method = HttpMethod.Post
        ask.set_header("Accept", JsonLightFormat().media_type)
        self._authenticate_request(ask)
        answer = self.transport.execute(ask)
        answer.raise_for_status()
        told = answer.json()["d"]["GetContextWebInformation"]
        fresh = ContextWebInformation(
            FormDigestValue=told["FormDigestValue"],
            FormDigestTimeoutSeconds=told["FormDigestTimeoutSeconds"],
        )
        self._digests[self.base_url] = fresh
        return fresh

    def invalidate_digest(self) -> None:
        self._digests.pop(self.base_url, None)
        super().invalidate_digest()

    def execute_request_direct(self, request: RequestOptions) -> requests.Response:
        """Send a request; one refused for its old digest was not looked at and goes once more.

        The client does so by itself only where it can read the refusal, which it can't in plain
        JSON.
        """
        try:
            return super().execute_request_direct(request)
        except requests.RequestException as error:
            if from_exception("", error).code != OLD_DIGEST:
                raise
            self.invalidate_digest()
            return super().execute_request_direct(request)


class Look(FunctionQuery[Any]):
    """A read in the client's queue: `path` below `_api`, answered as decoded plain JSON.

    In a $batch the reads come after the writes, so that they show what those did.
    """

    def __init__(self, context: ClientContext, path: str) -> None:
        super().__init__(context.web, path)
        self._look = path
        self.answer: Any = None

    def build_request(self) -> RequestOptions:
        url = f"{self.context.service_root_url}/{quote(self._look, safe=_READABLE)}"
        request = RequestOptions(url, HttpMethod.Get)
        request.set_header("Accept", PLAIN)
        return request


class _Batch(ODataBatchV3Request):
    """The client's $batch, which leaves the answer of a `Look` as it came."""

    def _apply_sub_response(
        self, sub_qry: ClientQuery[Any], sub_resp: requests.Response, context: Any
    ) -> None:
        if isinstance(sub_qry, Look):
            sub_qry.answer = sub_resp.json()
        else:
            super()._apply_sub_response(sub_qry, sub_resp, context)


class SiteContext(ClientContext):
    """A client context of one site in one thread."""

    def __init__(self, site_url: str, digests: Digests) -> None:
        super().__init__(site_url)
        self._digests = digests

    def pending_request(self) -> SharePointRequest:
        if self._pending_request is None:
            self._pending_request = SiteRequest(self._base_url, self._digests)
        return self._pending_request  # type: ignore[return-value]  # the base types it wider

    def execute_together(self) -> Sequence[VergerError | None]:
        """Send all queued queries in as few $batch requests as it takes; none is tried again.

        Returns, for each query in the order queued, None or what went wrong with it.
        """
        queries = [self._queries.popleft() for _ in range(len(self._queries))]
        with self.collect_batch_failures() as failures:
            for start in range(0, len(queries), BATCH):
                self._send_batch(BatchQuery(self, queries[start : start + BATCH]))
        failed = {query.id: from_exception("", error) for query, error in failures}
        return [failed.get(query.id) for query in queries]

    def send(self, request: RequestOptions) -> requests.Response:
        """Send one request as it is, and return its answer."""
        return self._renewing(lambda: self.pending_request().execute_request_direct(request))

    def _send_batch(self, batch: BatchQuery[Any]) -> None:
        self._renewing(lambda: self._send_once(batch))

    def _renewing[T](self, send: Callable[[], T]) -> T:
        """Send; what is refused for its old digest was not looked at and goes once more."""
        try:
            return send()
        except requests.RequestException as error:
            if from_exception("", error).code != OLD_DIGEST:
                raise
            self.pending_request().invalidate_digest()
            return send()

    def _send_once(self, batch: BatchQuery[Any]) -> None:
        request = self.pending_request()
        sender = _Batch(self._base_url, JsonLightFormat(), transport=request.transport)
        sender.beforeExecute += request._authenticate_request  # noqa: SLF001 — as execute_batch does
        sender.beforeExecute += request.ensure_form_digest
        sender.execute_query(batch)


@dataclass(slots=True)
class _Mine:
    """What one thread keeps: its session and its contexts by site address."""

    session: requests.Session
    contexts: dict[str, SiteContext]


class SharePoint:
    """The way to SharePoint REST for one app; close it when done."""

    def __init__(self, addresses: Addresses, tokens: Tokens, retry: Retry, user_agent: str) -> None:
        self._addresses = addresses
        self._tokens = tokens
        self._retry = retry
        self._user_agent = user_agent
        self._digests: Digests = {}
        self._local = threading.local()
        self._sessions: list[requests.Session] = []
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="sharepoint")

    async def call[T](
        self,
        site_url: str,
        work: Callable[[SiteContext], T],
        *,
        doing: str,
        units: int = meter.REST,
        repeatable: bool = True,
    ) -> T:
        """Run `work` with a context of the site in a pool thread and return what it returns.

        `work` queues its queries and executes them; it may run again from its start, so it must not
        keep results from a run that failed. `units` is the expected cost, for the app's pace; the
        bill counts what is really sent. Raises VergerError.
        """

        async def attempt() -> T:
            here = contextvars.copy_context()
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(
                self._pool, here.run, self._attempt, site_url, work, doing
            )

        return await self._retry.run(attempt, doing=doing, units=units, repeatable=repeatable)

    def _attempt[T](self, site_url: str, work: Callable[[SiteContext], T], doing: str) -> T:
        """Run once; a refused token is replaced once by a fresh credential's (decision 22)."""
        scope = sharepoint_scope(urlsplit(site_url).hostname or "")
        token = self._tokens.get(scope)
        try:
            return self._once(site_url, work, doing)
        except Refused as error:
            if error.status != UNAUTHORISED:
                raise
        self._tokens.drop(token)
        return self._once(site_url, work, doing)

    def _once[T](self, site_url: str, work: Callable[[SiteContext], T], doing: str) -> T:
        mine = self._mine()
        # taken out while in use: a context that fails is left behind with its half-done queries
        context = mine.contexts.pop(site_url, None) or self._open(site_url, mine)
        with translated(doing):
            result = work(context)
        mine.contexts[site_url] = context
        return result

    def _mine(self) -> _Mine:
        mine: _Mine | None = getattr(self._local, "mine", None)
        if mine is None:
            mine = _Mine(session(self._addresses, self._user_agent), {})
            mine.session.hooks["response"] += [_charge, self._heed]
            self._sessions.append(mine.session)
            self._local.mine = mine
        return mine

    def _open(self, site_url: str, mine: _Mine) -> SiteContext:
        scope = sharepoint_scope(urlsplit(site_url).hostname or "")
        context = SiteContext(site_url, self._digests)
        context.with_transport(session=mine.session, timeout=(CONNECT_SECONDS, READ_SECONDS))
        # expires at once for the client: Tokens keeps it, and replaces it in time
        context.with_access_token(
            lambda: {
                "token_type": "Bearer",
                "access_token": self._tokens.get(scope),
                "expires_in": 0,
            }
        )
        return context

    def _heed(self, answer: requests.Response, *_: Any, **__: Any) -> None:
        """Slow down before being told to; also from a pool thread, for it is one assignment."""
        self._retry.gate.heed(answer.headers)

    async def close(self) -> None:
        """Wait for running calls, then close all connections."""
        await asyncio.to_thread(self._pool.shutdown)
        for one in self._sessions:
            one.close()


def _charge(answer: requests.Response, *_: Any, **__: Any) -> None:
    """Put every request that was answered on the bill, refused ones too."""
    asked = answer.request
    body = asked.body if isinstance(asked.body, bytes | str) else None
    name = urlsplit(asked.url or "").path.rpartition("/")[2].partition("(")[0]
    meter.charge(f"_api {name}", meter.rest_units(asked.url or "", body))
