"""The door: who is it, may they, what does it cost, what goes wrong today; then the handler."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import httpx

from local.tenant import effects, sharepoint, witness
from local.tenant.call import Answer, Call
from local.tenant.deferred import Deferred
from local.tenant.effects import Delay, Drop
from local.tenant.errors import Refusal, unauthenticated
from local.tenant.faults import Faults
from local.tenant.meter import Meter
from local.tenant.places import locate
from local.tenant.sharepoint.service import answer_part
from local.tenant.store import ledger
from local.tenant.surfaces import Surface, files, graph, sharepoint_rest
from local.tenant.tokens import Tokens

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    from local.tenant.call import Principal
    from local.tenant.config import Config
    from local.tenant.deferred import Hands
    from local.tenant.effects import Effect
    from local.tenant.store.database import Store
    from local.tenant.surfaces import Operation


NOT_IMPLEMENTED = 501


@dataclass(frozen=True, slots=True)
class Inbound:
    """A request as the web server hands it over; `host` without port, `origin` scheme and host."""

    method: str
    host: str
    origin: str
    path: str
    raw_path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


class Dropped(Exception):
    """The connection shall break without an answer (a scripted fault)."""


@dataclass(frozen=True, slots=True)
class Webhooks:
    """How the tenant reaches its subscribers: the CAs it trusts, and whether plain http will do.

    `plain` admits http:// notification addresses, and then only loopback ones.
    """

    trust: ssl.SSLContext
    plain: bool = False


@dataclass(slots=True)
class Door:
    """What every request passes through, and what the tenant's parts need of one another."""

    store: Store
    config: Config
    webhooks: Webhooks
    tokens: Tokens = field(init=False)
    meter: Meter = field(init=False)
    faults: Faults = field(init=False)
    surfaces: dict[str, Surface] = field(init=False)
    wrote: asyncio.Event = field(init=False, default_factory=asyncio.Event)
    _client: httpx.AsyncClient | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        with self.store.transaction():
            self.tokens = Tokens(self.store, self.config)
        self.meter = Meter(self.store, self.config)
        self.faults = Faults(self.store)
        served = (graph(), files(), sharepoint_rest(self._sharepoint))
        self.surfaces = {surface.name: surface for surface in served}

    async def open(self, inbound: Inbound) -> tuple[Surface, Call, Answer]:
        """Serve one request; raises Dropped when a fault breaks the connection."""
        place = locate(inbound.host, inbound.path, self.config)
        surface = self.surfaces.get(place.surface)
        if surface is None:
            surface, place = self.surfaces["files"], replace(place, surface="files")
        call = Call(
            store=self.store,
            method=inbound.method,
            path=place.path,
            query=dict(parse_qsl(inbound.query, keep_blank_values=True)),
            headers=_with_ids(inbound.headers),
            body=inbound.body,
            principal=None,
            base=inbound.origin,
            site_path=place.site,
            raw_path=inbound.raw_path,
        )
        return surface, call, await self._enter(surface, call)

    @property
    def plain(self) -> bool:
        return self.webhooks.plain

    async def replay(self, call: Call) -> Answer:
        """Serve one part of a Graph $batch: the caller is known, everything else is its own."""
        return await self._through(self.surfaces["graph"], call)

    async def post(
        self, url: str, body: bytes, kind: str, seconds: float
    ) -> tuple[int, str, bytes]:
        """POST to a webhook: status, content type, body; status 0 when no answer came in time."""
        if "validationtoken=" in url.lower():
            with self.store.transaction():
                effect = self.faults.take("handshake", "POST", url, "")
            if (scripted := effects.unheard(effect, seconds)) is not None:
                return scripted
        if self._client is None:
            self._client = httpx.AsyncClient(verify=self.webhooks.trust, trust_env=False)
        try:
            async with asyncio.timeout(seconds):
                reply = await self._client.post(url, content=body, headers={"Content-Type": kind},
                                                timeout=seconds)  # fmt: skip
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            return 0, "", f"{type(error).__name__}: {error}".encode()
        return reply.status_code, reply.headers.get("content-type", ""), reply.content

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()

    async def _enter(self, surface: Surface, call: Call) -> Answer:
        if surface.audience is not None:
            try:
                call.principal = self._authenticate(call, surface.audience)
            except Refusal as refusal:
                answer = surface.refuse(call, refusal)
                witness.note(surface.name, "", call, answer)
                return answer
        return await self._through(surface, call)

    def _authenticate(self, call: Call, audience: str) -> Principal:
        kind, _, token = call.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise unauthenticated("Access token is empty.")
        return self.tokens.principal(token.strip(), audience)

    async def _through(self, surface: Surface, call: Call) -> Answer:
        """Apply faults around the metered call and render whatever is refused."""
        app = call.principal.app_id if call.principal else ""
        effect = self._fault(surface, call, app)
        operation = f"{call.method} {call.path}"
        try:
            await _strike(effect, after=False)
            found = surface.find(call)
            operation = found.name
            answer = effects.disguised(effect, await self._run(found, call, effect))
            await _strike(effect, after=True)
        except Refusal as refusal:
            answer = surface.refuse(call, refusal)
            if refusal.status == NOT_IMPLEMENTED:
                with self.store.transaction():
                    ledger.unmatched(self.store, call.method, call.path)
        if surface.name != "control":
            with self.store.transaction():
                cost, agent = call.cost if app else 0, call.headers.get("user-agent", "")
                user = call.principal.user_id if call.principal else None
                entry = ledger.Entry(app, operation, answer.status, cost, agent, user or "")
                ledger.record(self.store, entry)
            answer.headers |= self.meter.headers(app) if app else {}
        witness.note(surface.name, operation, call, answer)
        return answer

    def _fault(self, surface: Surface, call: Call, app: str) -> Effect | None:
        if surface.name == "control":
            return None
        method = call.headers.get("x-http-method", call.method)
        query = "&".join(f"{name}={value}" for name, value in call.query.items())
        with self.store.transaction():
            return self.faults.take(surface.name, method, call.path, app, query=query)

    async def _run(self, found: Operation, call: Call, effect: Effect | None) -> Answer:
        call.cost = found.cost
        if call.principal is not None:
            who = call.principal
            self.meter.admit(who.app_id, found.cost, found.name, who.user_id or "")
        with self.store.transaction(), effects.around(self.store, effect):
            answer = found.handler(call)
        if isinstance(answer, Deferred):
            answer = await answer.finish(self)
        if call.method != "GET":
            self.wrote.set()
        return answer

    def _sharepoint(self, call: Call) -> Answer:
        """Answer `_api`; of a $batch each part is admitted, metered and troubled by itself."""
        strain = _Strain()
        if call.path.rstrip("/").lower() == "/_api/$batch":
            call.cost = 0
        return strain.laid_on(sharepoint.answer(call, lambda part: self._part(part, strain)))

    def _part(self, call: Call, strain: _Strain) -> Answer:
        if strain.dropped:
            return Answer(503)  # nobody will read it, and nothing is done
        app, user = call.who.app_id, call.who.user_id or ""
        method = call.headers.get("x-http-method", call.method)
        effect = self.faults.take("sharepoint", method, call.path, app)
        if strain.take(effect):
            return Answer(503)
        try:
            effects.refuse(effect)
            self.meter.admit(app, 2, user=user)
            with effects.around(self.store, effect):
                answer = effects.disguised(effect, answer_part(call))
            effects.refuse(effect, after=True)
        except Refusal as refusal:
            answer = sharepoint.render_refusal(call, refusal)
        operation = self.surfaces["sharepoint"].find(call).name
        cost = call.cost or 2
        ledger.record(self.store, ledger.Entry(app, operation, answer.status, cost, user=user))
        return answer


@dataclass(slots=True)
class _Strain:
    """What the faults of an `_api` $batch's parts do to the one answer they have together.

    A part that breaks the connection leaves what was done before it done, and the rest undone.
    """

    seconds: float = 0
    dropped: bool = False

    def take(self, effect: Effect | None) -> bool:
        """Note a Delay or a Drop of a part; True when the part itself is not to be done."""
        if isinstance(effect, Delay):
            self.seconds += effect.seconds
        if isinstance(effect, Drop):
            self.dropped = True
        return isinstance(effect, Drop) and not effect.after

    def laid_on(self, answer: Answer) -> Answer:
        """Return the answer as it goes out: later, or not at all, once its writes are kept."""
        if not self.seconds and not self.dropped:
            return answer

        async def finish(_hands: Hands) -> Answer:
            await asyncio.sleep(self.seconds)  # the delay itself is what was asked for
            await _strike(Drop() if self.dropped else None, after=False)
            return answer

        return Deferred(finish=finish)


async def _strike(effect: Effect | None, *, after: bool) -> None:
    """Let a fault happen on its side of the operation."""
    effects.refuse(effect, after=after)
    if isinstance(effect, Drop) and effect.after == after:
        raise Dropped
    if isinstance(effect, Delay) and not after:
        await asyncio.sleep(effect.seconds)  # the delay itself is what was asked for


def _with_ids(headers: Mapping[str, str]) -> dict[str, str]:
    """Give every request its ids, as Graph does; the client's own id is kept when it sent one."""
    request_id = str(uuid.uuid4())
    return {"client-request-id": request_id} | dict(headers) | {"request-id": request_id}
