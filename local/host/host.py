"""The host put together: storage, worker, listeners and HTTP front, from start to drained."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.routing import Route

from local.host import outputs
from local.host.admin import Admin
from local.host.bindings import STORAGE, QueueTrigger, TimerTrigger
from local.host.clock import Clock
from local.host.config import read_host_json, read_settings
from local.host.data import locked, remember_ports, remembered_ports, using
from local.host.errors import HostError
from local.host.http_front import HttpFront, Routes
from local.host.queue_listener import HOLDER, Handler, QueueListener
from local.host.secrets import Keys
from local.host.serve import LOOPBACK, Threaded, bind, server
from local.host.storage.account import METHODS, StorageAccount
from local.host.timer_listener import CONTAINER, LOCKS, TimerListener
from local.host.watchdog import Watchdog
from local.host.worker import Worker

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from local.host.bindings import Function
    from local.host.config import HostOptions
    from local.host.worker import Firing, Result

    type Ready = Callable[[dict[str, Any]], None]

EMULATED = "UseDevelopmentStorage=true"
RESTARTED = "LOCAL_HOST_RESTARTED"
log = logging.getLogger("verger.host")


@dataclass(frozen=True, slots=True)
class Options:
    """How to run: folders, ports (0: the last run's, or any free one), seconds of grace.

    `shares` is the data folder of another host whose queues and blobs this one uses too: two
    instances of one app. Each serves them at a port of its own.
    """

    app: Path
    data: Path
    port: int = 0
    storage_port: int = 0
    settings: Path | None = None
    clock: Path | None = None
    tls: tuple[Path, Path] | None = None
    grace: float = 30.0
    shares: Path | None = None

    @property
    def storage(self) -> Path:
        """Where queues and blobs are kept."""
        return self.shares or self.data


class Host:
    """One app on one data folder, until SIGTERM or SIGINT."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._environment = dict(os.environ)
        self._settings = read_settings(options.settings)
        self._config: HostOptions = read_host_json(options.app, self._settings)
        logging.getLogger().setLevel(self._config.log_level)
        self._clock = Clock(options.clock)
        self._watchdog = Watchdog(self._config.function_timeout, self._restart)
        self._worker = Worker(self._watchdog)

    async def run(self, ready: Ready) -> bool:
        """Serve until a signal, then drain; tells whether everything that ran came to its end.

        `ready` is called once, when requests are answered. Raises HostError before that.
        """
        where = self._options.storage
        with (
            locked(self._options.data),
            using(where) as alone,
            self._sockets() as (http, stored),
        ):
            keys = Keys(where / "keys.json")
            account = StorageAccount(where / "storage.sqlite", keys.account(), self._clock.now)
            storage = Threaded(account.wire(), stored)
            storage.start()
            try:
                if alone:
                    self._heal(account)
                self._connect(account.connection_string(storage.address))
                await self._worker.start(self._options.app, self._settings)
                serving = _Serving(self._worker, account, keys, self._config, self._clock)
                return await self._serve(serving, http, ready)
            finally:
                storage.stop()
                account.close()

    @contextlib.contextmanager
    def _sockets(self) -> Iterator[tuple[socket.socket, socket.socket]]:
        wishes = remembered_ports(self._options.data)
        with (
            bind(self._options.port, wish=wishes.get("http", 0)) as http,
            bind(self._options.storage_port, wish=wishes.get("storage", 0)) as stored,
        ):
            ports = {"http": http.getsockname()[1], "storage": stored.getsockname()[1]}
            remember_ports(self._options.data, ports)
            yield http, stored

    def _heal(self, account: StorageAccount) -> None:
        """Free what a dead predecessor held: the lock proves that nobody holds it now.

        Beside another host nothing is freed: what a dead one held shows again in its time.
        """
        shown = account.queues.heal(HOLDER)
        freed = account.blobs.heal(CONTAINER, LOCKS)
        if shown or freed:
            log.warning("the last host died: %s messages and %s leases freed", shown, freed)

    def _connect(self, connection: str) -> None:
        """Point every setting that asks for the emulated storage at ours."""
        self._settings.setdefault(STORAGE, EMULATED)
        if self._settings[STORAGE] != EMULATED:
            raise HostError(f"{STORAGE} has to be {EMULATED} (or absent) on this host")
        for name, value in self._settings.items():
            if value == EMULATED:
                self._settings[name] = connection

    async def _serve(self, serving: _Serving, http: socket.socket, ready: Ready) -> bool:
        stopped = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
        front = server(serving.app(), grace=self._options.grace, tls=self._options.tls)
        tasks = [asyncio.create_task(front.serve(sockets=[http])), *serving.listen()]
        self._watchdog.start()
        ready(self._told(serving, http))
        await _first(stopped, tasks)
        front.should_exit = True
        return await self._drain(serving, tasks)

    def _told(self, serving: _Serving, http: socket.socket) -> dict[str, Any]:
        scheme = "https" if self._options.tls else "http"
        return {
            "address": f"{scheme}://{LOOPBACK}:{http.getsockname()[1]}",
            "storage": self._settings[STORAGE],
            "functions": [function.name for function in self._worker.functions],
            "keys": str(serving.keys.path),
            "pid": os.getpid(),
        }

    async def _drain(self, serving: _Serving, tasks: list[asyncio.Task[None]]) -> bool:
        """Take nothing new, let what runs end; after the grace, give up and say so."""
        serving.stop()
        everything = [*tasks, *serving.admin.tasks]
        done, late = await asyncio.wait(everything, timeout=self._options.grace)
        self._watchdog.stop()
        for task in done:
            task.result()
        if late:
            log.error("%s functions did not end within the grace", self._worker.running)
            return False
        self._worker.stop()
        return True

    def _restart(self, name: str) -> None:
        """Begin anew in place: same process id, same ports, every running neighbour gone."""
        log.error("restarting the worker: %s timed out", name)
        again = {**self._environment, RESTARTED: name}
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], again)  # noqa: S606  # ourselves


class _Serving:
    """What runs while the host is up."""

    def __init__(
        self,
        worker: Worker,
        account: StorageAccount,
        keys: Keys,
        config: HostOptions,
        clock: Clock,
    ) -> None:
        self._worker = worker
        self._account = account
        self._config = config
        self._clock = clock
        self.keys = keys
        keys.ensure(function.name for function in worker.functions)
        account.blobs.ensure(CONTAINER)
        for function in worker.functions:
            for queue in function.queues():
                account.queues.ensure(queue)
        self._handler = Handler(worker, account.queues, config.queues, clock)
        self.admin = Admin(worker, keys, self._handler.fire)
        self._queues = self._queue_listeners()
        self._timers = self._timer_listeners()
        self.admin.timers = self._timers

    def _queue_listeners(self) -> list[QueueListener]:
        return [
            QueueListener(function, function.trigger.queue, self._handler, self._config.queues)
            for function in self._worker.functions
            if isinstance(function.trigger, QueueTrigger)
        ]

    def _timer_listeners(self) -> dict[str, TimerListener]:
        return {
            function.name: TimerListener(
                function, function.trigger, self._account.blobs, self._clock
            )
            for function in self._worker.functions
            if isinstance(function.trigger, TimerTrigger)
        }

    def app(self) -> Starlette:
        routes = Routes(self._config.route_prefix, self._worker.functions)
        front = HttpFront(routes, self.keys, self._invoke)
        everything = Route("/{path:path}", front.serve, methods=[*METHODS, "TRACE"])
        return Starlette(routes=[*self.admin.routes(), everything])

    async def _invoke(self, function: Function, firing: Firing) -> Result:
        result = await self._worker.invoke(function, firing)
        queues = self._config.queues
        outputs.write(self._account.queues, function, result, base64_text=queues.base64)
        return result

    def listen(self) -> list[asyncio.Task[None]]:
        queues = [
            asyncio.create_task(listener.run(self._account.queues, self._clock))
            for listener in self._queues
        ]
        return queues + [
            asyncio.create_task(timer.run(self._handler.fire)) for timer in self._timers.values()
        ]

    def stop(self) -> None:
        self.admin.state = "Stopping"
        for queue in self._queues:
            queue.stop()
        for timer in self._timers.values():
            timer.stop()


async def _first(stopped: asyncio.Event, tasks: list[asyncio.Task[None]]) -> None:
    """Return at the signal; raise at once what breaks a listener or the server."""
    waiting = asyncio.create_task(stopped.wait())
    await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
