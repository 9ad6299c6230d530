"""Where the scenarios are played: the local tenant, the function app's own triggers, and trouble.

The tenant POSTs real notifications to a receiver that hands them to the webhook function; what that
puts on a queue is taken off by the queue functions; the timers are the net below. `Trouble` has the
tenant drop, double, delay and reorder notifications, and shuffles and doubles queue messages.
"""

from __future__ import annotations

import asyncio
import random
import threading
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import azure.functions as func
import pytest

from functions import queues, timers, webhook
from sync.errors import NotReady, Transient
from sync.hints import Hint, Message
from sync.service import open_service
from sync.state import backlog, lists
from sync.subscriptions import reconcile
from tests import flow_kit
from tests import tenant_kit as kit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    import httpx

    from sync.service import Service

KEYS = {"k1": bytes.fromhex("ab" * 32)}
QUIET_S = 4 * 3600 + 60.0
"""Seconds by which a round moves the clock: longer than a list may be silent (sync/sweep.py)."""
AGAIN_S = 5.0
"""Seconds until a queue message that met something transient is visible again."""
SITS = 400
"""Queue messages after which something goes round in circles."""


@dataclass
class Trouble:
    """What goes wrong in a play; `share` of the notifications each way, drawn from `seed`."""

    share: float = 0.3
    seed: int = 1
    chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)  # noqa: S311 - repeatable, not secret

    def befall(self, tenant: kit.Tenant) -> None:
        """Script the tenant's faults: `share` of all notifications, in equal parts of each kind."""
        kinds: list[dict[str, Any]] = [
            {"kind": "drop"},
            {"kind": "double"},
            {"kind": "reorder", "seconds": 30},
            {"kind": "late", "seconds": 1800},
        ]
        for number, effect in enumerate(kinds):
            tenant.fault(
                effect,
                match={"surface": "notification"},
                count=None,
                probability=self.share,
                seed=self.seed * 100 + number,
            )


class Queue:
    """Both storage queues. A message with a delay is seen once the service's clock is there."""

    def __init__(self, trouble: Trouble | None) -> None:
        self._trouble = trouble
        self._lock = threading.Lock()
        self._messages: list[tuple[datetime, Message]] = []

    def put(self, message: Message, now: datetime) -> None:
        with self._lock:
            due = now + timedelta(seconds=message.delay)
            self._messages.append((due, message))
            if self._trouble and self._trouble.chance.random() < self._trouble.share:
                self._messages.append((due, message))  # at least once, says the queue

    def take(self, now: datetime) -> Message | None:
        with self._lock:
            seen = [number for number, (due, _) in enumerate(self._messages) if due <= now]
            if not seen:
                return None
            number = self._trouble.chance.choice(seen) if self._trouble else seen[0]
            return self._messages.pop(number)[1]


@dataclass
class Sender:
    """Stands in for the storage client of the functions: it has the same `send`."""

    queue: Queue
    service: Service

    async def send(self, messages: Any) -> None:
        for message in messages:
            self.queue.put(message, self.service.now())


@dataclass
class Theatre:
    """One site being policed. `lists` and `drives` are ids by area; `people` are signed in once."""

    tenant: kit.Tenant
    service: Service
    queue: Queue
    trouble: Trouble | None
    lists: dict[str, str] = field(default_factory=dict)
    drives: dict[str, str] = field(default_factory=dict)
    site: str = ""
    people: dict[str, httpx.Client] = field(default_factory=dict)

    def person(self, upn: str, audience: str = "graph") -> httpx.Client:
        key = f"{upn} {audience}"
        if key not in self.people:
            self.people[key] = self.tenant.http(upn, audience)
        return self.people[key]

    async def follow(self) -> None:
        """Bring what staff have just done through the webhook; in trouble only some of it."""
        await asyncio.to_thread(self.tenant.local, "POST", "/deliver")
        if self.trouble is None:
            await self._work_off(SITS)
        else:
            await self._work_off(self.trouble.chance.randrange(4))

    async def come_to_rest(self) -> None:
        """Let what is late arrive, run the timers as hours pass, and work off what they find."""
        await self.follow()
        self.tenant.advance(QUIET_S)
        for _ in range(8):
            await asyncio.to_thread(self.tenant.local, "POST", "/deliver")
            for timer in (timers.renew, timers.quiet, timers.access, timers.sweep):
                await _user_function(timer)(None)
            await self._work_off(SITS)
            if await self._rests():
                return
            self.tenant.advance(60)
        raise NotReady("the site does not come to rest: something is corrected again and again")

    async def _rests(self) -> bool:
        """Whether nothing can be worked on now: no ready row, no hint undrained."""
        async with self.service.state.read() as tx:
            ready = await backlog.ready_lists(tx, self.service.now())
            return not ready and not await lists.undrained(tx)

    async def _work_off(self, most: int) -> None:
        """Take up to `most` messages off the queues, two workers side by side in trouble."""
        for _ in range(most):
            taken = [self.queue.take(self.service.now()) for _ in range(2 if self.trouble else 1)]
            messages = [one for one in taken if one is not None]
            if not messages:
                return
            await asyncio.gather(*(self._attend(one) for one in messages))
        if most >= SITS:
            raise NotReady("the queues never get empty")

    async def _attend(self, message: Message) -> None:
        trigger = queues.drain if isinstance(message, Hint) else queues.judge
        try:
            await _user_function(trigger)(func.QueueMessage(body=message.text().encode()))
        except Transient:
            self.queue.put(replace(message, delay=AGAIN_S), self.service.now())


def _user_function(trigger: Any) -> Any:
    """Return what the decorated function does when it is triggered."""
    return trigger.build("").get_user_function()


class _Out:
    """An output binding that keeps the one message it is given."""

    value: str | None = None

    def set(self, value: str) -> None:
        self.value = value


class _Context:
    class trace_context:  # noqa: N801 - the worker library's name
        trace_parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@contextmanager
def receiving(queue: Queue) -> Iterator[str]:
    """Listen for the tenant's POSTs and hand each to the webhook function; yields the address."""

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            address = urlsplit(self.path)
            out = _Out()
            request = func.HttpRequest(
                method="POST",
                url=f"https://verger.example{self.path}",
                params=dict(parse_qsl(address.query)),
                route_params={"list_id": address.path.rpartition("/")[2]},
                body=self.rfile.read(int(self.headers.get("content-length") or 0)),
            )
            answer = asyncio.run(_user_function(webhook.webhook)(request, out, _Context()))
            if out.value is not None:
                queue.put(Hint.parse(out.value), datetime.min.replace(tzinfo=UTC))
            self._answer(answer)

        def _answer(self, answer: func.HttpResponse) -> None:
            body = answer.get_body()
            self.send_response(answer.status_code)
            self.send_header("Content-Type", f"{answer.mimetype}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing: the test says what it saw."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@asynccontextmanager
async def theatre(
    tenant: kit.Tenant, folder: Path, modes: str, trouble: Trouble | None = None
) -> AsyncIterator[Theatre]:
    """Open the enforcer on the folder's state, subscribed to every policed list of the site."""
    (folder / "modes.yaml").write_text(modes)
    queue = Queue(trouble)
    with receiving(queue) as address, pytest.MonkeyPatch.context() as patch:
        patch.setenv("VERGER_TENANT_ID", kit.TENANT_ID)
        patch.setenv("VERGER_WEBHOOK_KEYS", f"k1:{KEYS['k1'].hex()}")
        told = {"modes": folder / "modes.yaml", "webhook_address": address, "webhook_keys": KEYS}
        settings = flow_kit.settings_of(tenant, "enforcer", folder, **told)
        async with await open_service(settings) as service:
            here = Theatre(tenant, service, queue, trouble)
            _stand_in(patch, here)
            await _subscribe(here)
            if trouble is not None:
                trouble.befall(tenant)
            try:
                yield here
            finally:
                tenant.local("DELETE", "/faults")


def _stand_in(patch: pytest.MonkeyPatch, here: Theatre) -> None:
    """Give the functions this service and these queues instead of those of a function app."""

    async def service() -> Service:
        return here.service

    sender = Sender(here.queue, here.service)
    for module in (queues, timers):
        patch.setattr(module, "service", service)
        patch.setattr(module, "nudges", lambda: sender)


async def _subscribe(here: Theatre) -> None:
    """Have every policed list watched, and learn the ids by which staff reach the places."""
    state, spec = here.service.state, here.service.spec("core_team")
    async with state.begin() as tx:
        for row in await lists.all_lists(tx):
            policed = spec.list(row.area).policed
            await lists.register_list(tx, replace(row, policed=policed))
            here.lists[row.area], here.site = row.id, row.site_id
    for hint in await reconcile(here.service):
        here.queue.put(hint, here.service.now())
    owner = here.person(kit.DIRECTOR)
    for area, list_id in here.lists.items():
        answer = owner.get(f"/v1.0/sites/{here.site}/lists/{list_id}/drive")
        if answer.is_success:
            here.drives[area] = answer.json()["id"]
    await here.come_to_rest()
