"""The stage of the story: the local tenant, the function app in its host, and the control door."""

from __future__ import annotations

import fcntl
import json
import ssl
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import httpx

from local.demo.staff import Person
from local.demo.world import World, make_world, port, provisioner_port, write_settings
from local.processes import NotStarted, Running

if TYPE_CHECKING:
    from collections.abc import Iterator

APP = Path(__file__).parent.parent.parent
POLLING = "AzureFunctionsJobHost__extensions__queues__maxPollingInterval"


class InUse(NotStarted):
    """Another process plays on the same data."""


@dataclass
class Stage:
    """What is running. `people` are signed in once each and reused."""

    world: World
    tenant: Running
    host: Running
    provisioner: Running | None = None
    people: dict[str, Person] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return str(self.tenant.ready["address"])

    @property
    def ca(self) -> Path:
        return Path(self.tenant.ready["ca"])

    def person(self, upn: str) -> Person:
        if upn not in self.people:
            self.people[upn] = Person(upn, self.address, self.ca)
        return self.people[upn]

    def control(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Use the tenant's control door (`/_local…`); returns its JSON answer."""
        context = ssl.create_default_context(cafile=str(self.ca))
        with httpx.Client(base_url=self.address, verify=context, trust_env=False) as client:
            answer = client.request(method, f"/_local{path}", json=body, timeout=60)
            answer.raise_for_status()
            return answer.json() if answer.content else {}

    def fire(self, function: str) -> None:
        """Have the function app run one of its timers now, as its operator may."""
        keys = json.loads(Path(self.host.ready["keys"]).read_text(encoding="utf-8"))
        with httpx.Client(base_url=self.host.ready["address"], trust_env=False) as client:
            key = {"x-functions-key": str(keys["master"])}
            client.post(f"/admin/functions/{function}", headers=key, json={}).raise_for_status()

    def restart_host(self) -> None:
        """Start the function app again on the same data, after it was stopped or killed."""
        self.host = start_host(self.world)

    def start_provisioner(self) -> None:
        """Start the second function app, which makes sites, in its own identity (decision 19)."""
        if self.provisioner is None:
            self.provisioner = start_provisioner(self.world)

    def restart_tenant(self) -> None:
        """Start the tenant again on its data, at the address where everybody knows it to be."""
        self.tenant = start_tenant(self.world, int(self.tenant.ready["port"]))

    def end(self) -> None:
        """End all, the function apps first, and sign everybody out."""
        try:
            if self.provisioner is not None:
                self.provisioner.stop()
            self.host.stop()
            for person in self.people.values():
                person.__exit__(None, None, None)
        finally:
            self.tenant.stop()


@contextmanager
def stage(data: Path, database: str = "") -> Iterator[Stage]:
    """Start the tenant, then the function app in its host; end both on the way out.

    `database` is the URL of a PostgreSQL database; without it the state is a file in the folder.
    """
    world = make_world(data, database)
    with alone(world.data):
        tenant = start_tenant(world)
        try:
            write_settings(world, tenant.ready)
            playing = Stage(world, tenant, start_host(world))
        except BaseException:
            tenant.stop()
            raise
        try:
            write_settings(world, tenant.ready, playing.host.ready["storage"])
            yield playing
        finally:
            playing.end()


def start_tenant(world: World, at: int = 0) -> Running:
    """Start the local tenant on the world's data; its certificate authority is made there.

    `at` is its port; 0 takes a free one.
    """
    command = ["local.tenant", "--data", str(world.data / "tenant"), "--seed", str(world.seed)]
    options = ["--tls", "--webhook-http", "--port", str(at)]
    log = world.data / "logs" / "tenant.log"
    return Running.start("The local tenant", [*command, *options], log)


def start_host(world: World) -> Running:
    """Start the function app in the local host, as the enforcer identity."""
    command = ["local.host", "--app", str(APP), "--data", str(world.data / "host")]
    options = ["--settings", str(world.host_settings), "--clock", str(world.clock)]
    address = ["--port", str(port(world))]
    return Running.start(
        "The function app", [*command, *options, *address], world.data / "logs" / "host.log"
    )


def start_second_host(world: World) -> Running:
    """Start another instance of the function app beside the first, on its queues and blobs.

    It looks for messages every second: nobody tells it of those that the first one put.
    """
    own = world.data / "second"
    own.mkdir(exist_ok=True)
    told = json.loads(world.host_settings.read_text(encoding="utf-8"))
    told["Values"][POLLING] = "00:00:01"
    (own / "settings.json").write_text(json.dumps(told), encoding="utf-8")
    command = ["local.host", "--app", str(APP), "--data", str(own)]
    shared = ["--shares", str(world.data / "host"), "--clock", str(world.clock)]
    options = ["--settings", str(own / "settings.json")]
    log = world.data / "logs" / "second.log"
    return Running.start("The second instance", [*command, *shared, *options], log)


def start_provisioner(world: World) -> Running:
    """Start the same package in a second host, as the provisioner identity."""
    command = ["local.host", "--app", str(APP), "--data", str(world.provisioner_data)]
    options = ["--settings", str(world.provisioner_settings), "--clock", str(world.clock)]
    address = ["--storage-port", str(provisioner_port(world))]
    log = world.data / "logs" / "provisioner.log"
    return Running.start("The provisioner's function app", [*command, *options, *address], log)


@contextmanager
def alone(data: Path) -> Iterator[IO[str]]:
    """Hold the folder for this process; a second one is told who holds it."""
    with (data / "lock").open("w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InUse(
                f"Another verger is running on {data}. Stop it, or use another folder with --data."
            ) from None
        yield lock
