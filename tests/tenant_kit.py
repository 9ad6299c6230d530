"""A running local tenant for tests: seeded people and apps, TLS, tokens, a moved clock, faults.

    def test_x(tenant):                       # fixture of tests/tenant/conftest.py
        with tenant.http("helen.ward@dgft.nhs.example") as helen: ...

`start` runs it in a thread of this process (quick, seen by coverage); `spawn` in a process of its
own (to be killed). Both give a `Tenant`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Queue
from typing import TYPE_CHECKING, Any

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from sharepoint_schema.working_days import next_working_day

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
TENANT_ID = "0d5f8f43-6d0f-4f0e-9a3e-3a6f0f4f2a10"
HOST = "wmin.sharepoint.com"
DOMAIN = "dgft.nhs.example"
HELEN = f"helen.ward@{DOMAIN}"
SAM = f"sam.price@{DOMAIN}"
IG_OFFICER = f"iris.grant@{DOMAIN}"
DIRECTOR = f"nadia.drew@{DOMAIN}"
GUEST = "guest@partner.example"
NOTICES = f"notices@{DOMAIN}"
ENFORCER = "11111111-0000-4000-8000-000000000001"
PROVISIONER = "11111111-0000-4000-8000-000000000002"
STAFF = "11111111-0000-4000-8000-000000000003"
SECRETIVE = "11111111-0000-4000-8000-000000000004"
API = "11111111-0000-4000-8000-000000000005"
SECRET = "only-for-this-test"  # noqa: S105 -- of a tenant that lives as long as the test
START_S = 30
IDLE_S = 2
"""Seconds after which a client leaves a connection: before the server, which does after five."""

SEED = f"""\
tenant:
  id: {TENANT_ID}
  name: West Midlands Imaging Network
  domain: {DOMAIN}
  sharepoint_host: {HOST}
  licences: 60000
owner: {HELEN}
users:
  - {{upn: {HELEN}, name: Helen Ward, job_title: Senior QI manager}}
  - {{upn: {SAM}, name: Sam Price, job_title: Radiographer}}
  - {{upn: {IG_OFFICER}, name: Iris Grant, job_title: IG officer}}
  - {{upn: {DIRECTOR}, name: Nadia Drew, job_title: Network Director}}
  - {{upn: {GUEST}, name: Gil Guest, guest: true}}
  - {{upn: {NOTICES}, name: Verger notices}}
  - {{upn: gone.away@{DOMAIN}, name: Gone Away, enabled: false}}
groups:
  - {{name: IG officers, nickname: ig-officers, members: [{IG_OFFICER}]}}
  - name: Core team
    nickname: core-team
    unified: true
    members: [{HELEN}, {DIRECTOR}]
    owners: [{HELEN}]
apps:
  - client_id: {ENFORCER}
    name: enforcer
    certificates: [enforcer.pem]
    roles: [Mail.Send, Sites.Selected, User.Read.All]
    mailboxes: [{NOTICES}]
  - client_id: {PROVISIONER}
    name: provisioner
    certificates: [provisioner.pem]
    roles: [Sites.Create.All, Sites.FullControl.All]
  - client_id: {STAFF}
    name: staff
    scopes: [User.Read, User.ReadBasic.All, Mail.Send, Sites.ReadWrite.All, Files.ReadWrite.All,
             Sites.Manage.All, Sites.FullControl.All, Group.Read.All, AllSites.Read, AllSites.Write,
             AllSites.Manage, AllSites.FullControl]
  - client_id: {SECRETIVE}
    name: secretive
    secrets: [{SECRET}]
    roles: [Sites.Read.All, User.Read.All]
  - client_id: {API}
    name: verger
    identifiers: [api://verger]
    assigned: {{{HELEN}: [Admin], {DIRECTOR}: [Network Director], enforcer: [Reader]}}
"""
"""The product's two apps hold what docs/permissions.md names and no more (tests/least)."""
WIDE = SEED.replace(
    "roles: [Mail.Send, Sites.Selected, User.Read.All]",
    "roles: [Sites.Selected, Mail.Send, User.Read.All, GroupMember.Read.All]",
).replace(
    "roles: [Sites.Create.All, Sites.FullControl.All]",
    "roles: [Sites.FullControl.All, Sites.Create.All, User.Read.All, Group.ReadWrite.All]",
)
"""The same with apps that may do more, for tests of the tenant itself."""


@dataclass
class Tenant:
    """A tenant that is running; `address` is https://127.0.0.1:PORT, `ca` its CA's file."""

    address: str
    ca: Path
    data: Path
    certificates: Path
    stop: Any = field(repr=False)
    proxy: str = ""  # http://127.0.0.1:PORT where it was asked for
    _clients: list[httpx.Client] = field(default_factory=list, repr=False)

    def httpx(self, token: str | None = None, **headers: str) -> httpx.Client:
        """Return a client on the tenant's address that trusts its CA; closed with the tenant."""
        bearer = {"Authorization": f"Bearer {token}"} if token else {}
        client = httpx.Client(
            base_url=self.address, verify=_context(self.ca), headers=bearer | headers,
            trust_env=False, timeout=30, limits=httpx.Limits(keepalive_expiry=IDLE_S),
        )  # fmt: skip
        self._clients.append(client)
        return client

    def token(self, who: str, audience: str = "graph", scopes: list[str] | None = None) -> str:
        """Return a token for a user (UPN) or an app (name or client id, by certificate)."""
        asked: dict[str, Any] = {"upn" if "@" in who else "app": who, "audience": audience}
        if scopes is not None:
            asked["scopes"] = scopes
        return str(self.local("POST", "/token", asked)["access_token"])

    def http(self, who: str, audience: str = "graph") -> httpx.Client:
        """Return a client that acts as this user or app."""
        return self.httpx(self.token(who, audience))

    def local(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Call `/_local{path}`; returns the JSON answer, {} when there is none."""
        reply = self._control().request(method, f"/_local{path}", json=body)
        reply.raise_for_status()
        return reply.json() if reply.content else {}

    def advance(self, seconds: float) -> None:
        self.local("POST", "/clock", {"advance": seconds})

    def fault(self, effect: dict[str, Any], **rest: Any) -> int:
        """Script a fault (local/tenant/faults.py); returns its id."""
        return int(self.local("POST", "/faults", {"effect": effect, **rest})["id"])

    def certificate(self, app: str) -> Path:
        """Return the PEM file (certificate and key) with which an app proves itself."""
        return self.certificates / f"{app}.pem"

    def close(self) -> None:
        for client in self._clients:
            client.close()
        self.stop()

    def _control(self) -> httpx.Client:
        return self._clients[0] if self._clients else self.httpx()


def prepare(folder: Path, seed: str = SEED) -> Path:
    """Write a seed and the apps' certificates into a folder; returns the seed's path."""
    folder.mkdir(parents=True, exist_ok=True)
    for app in ("enforcer", "provisioner"):
        if not (folder / f"{app}.pem").exists():
            (folder / f"{app}.pem").write_bytes(make_certificate(app))
    path = folder / "tenant.yaml"
    path.write_text(seed, encoding="utf-8")
    return path


def make_certificate(name: str) -> bytes:
    """Return PEM with an RSA key and its self-signed certificate."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject)
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=30))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem + certificate.public_bytes(Encoding.PEM)


def start(folder: Path, seed: str = SEED, *, port: int = 0, **more: Any) -> Tenant:
    """Run a tenant in a thread on `folder`/data, over TLS, plain-http webhooks admitted.

    `more` are further options of the server (local/tenant/server.py).
    """
    from local.tenant.server import Options, prepared  # noqa: PLC0415 -- costs time only tenants need

    page = prepare(folder, seed)
    told: Queue[Any] = Queue()
    options = Options(folder / "data", port, page, webhook_http=True, **{"tls": True} | more)

    def serve() -> None:
        try:
            with prepared(options, lambda facts: told.put((facts, server))) as server:
                server.serve_it()
        except Exception as error:  # noqa: BLE001 -- handed to the test that waits
            told.put((error, None))

    thread = threading.Thread(target=serve, name="local tenant", daemon=True)
    thread.start()
    facts, server = told.get(timeout=START_S)
    if server is None:
        raise facts

    def stop() -> None:
        server.should_exit = True
        thread.join(START_S)

    ca = Path(facts["ca"] or options.data / "ca.pem")  # made for webhooks, TLS or not
    return Tenant(facts["address"], ca, options.data, folder, stop,
                  facts.get("proxy", ""))  # fmt: skip


@dataclass
class Spawned:
    """A tenant in a process of its own."""

    process: subprocess.Popen[str]
    tenant: Tenant


def spawn(folder: Path, seed: str = SEED, *arguments: str) -> Spawned:
    """Run `python -m local.tenant` on `folder`/data and wait for its line."""
    page = prepare(folder, seed)
    command = [sys.executable, "-m", "local.tenant", "--data", str(folder / "data"),
               "--seed", str(page), "--webhook-http", "--tls", *arguments]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True)  # fmt: skip
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        raise RuntimeError(f"the tenant did not start: {process.communicate()[1]}")
    facts = json.loads(line)

    def stop() -> None:
        if process.poll() is None:
            process.terminate()
            process.communicate(timeout=START_S)

    return Spawned(process, Tenant(facts["address"], Path(facts["ca"]), Path(facts["data"]),
                                   folder, stop, facts.get("proxy", "")))  # fmt: skip


@contextmanager
def running(folder: Path, seed: str = SEED, **more: Any) -> Iterator[Tenant]:
    """Run a tenant in a thread for the length of a block.

    Its clock starts on a working day: mail that can wait is quiet on all others.
    """
    tenant = start(folder, seed, **more)
    try:
        today = datetime.now(UTC).date()
        if rest := next_working_day(today) - today:
            tenant.advance(rest.total_seconds())
        yield tenant
    finally:
        tenant.close()


def _context(ca: Path) -> Any:
    import ssl  # noqa: PLC0415 -- only for those who ask

    return ssl.create_default_context(cafile=str(ca))
