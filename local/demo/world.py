"""The small world of the story, written into a data folder: people, apps, keys, an order, settings.

Everything here is made on this machine for this folder; nothing of it opens anything elsewhere.
"""

from __future__ import annotations

import json
import secrets
import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from local.host.secrets import Keys
from local.host.storage.account import connection_string

if TYPE_CHECKING:
    from pathlib import Path

TENANT_ID = "0d5f8f43-6d0f-4f0e-9a3e-3a6f0f4f2a10"
HOST = "wmin.sharepoint.com"
DOMAIN = "dgft.nhs.example"
HELEN = f"helen.ward@{DOMAIN}"
SAM = f"sam.price@{DOMAIN}"
IRIS = f"iris.grant@{DOMAIN}"
NADIA = f"nadia.drew@{DOMAIN}"
IMRAN = "imran.shah@trust03.nhs.example"
CHAIR = "clare.hughes@trust02.nhs.example"
FACILITATOR = f"tom.baker@{DOMAIN}"
NOTICES = f"notices@{DOMAIN}"
ENFORCER = "11111111-0000-4000-8000-000000000001"
PROVISIONER = "11111111-0000-4000-8000-000000000002"
STAFF = "11111111-0000-4000-8000-000000000003"
API = "11111111-0000-4000-8000-000000000005"
AUDIENCE = "api://verger"
LICENCES, RU_PER_MINUTE = 15_000, 3_750
"""Fifteen trusts in one tenant, and what SharePoint lets an app of such a tenant use."""

SEED = f"""\
# Who is in the local tenant. Made by `verger local`; people and addresses are invented.
tenant:
  id: {TENANT_ID}
  name: West Midlands Imaging Network
  domain: {DOMAIN}
  sharepoint_host: {HOST}
  licences: {LICENCES}
owner: {NADIA}
users:
  - {{upn: {HELEN}, name: Helen Ward, job_title: Senior Quality Improvement Manager}}
  - {{upn: {SAM}, name: Sam Price, job_title: Programme Management Officer}}
  - {{upn: {IRIS}, name: Iris Grant, job_title: Information governance officer}}
  - {{upn: {NADIA}, name: Nadia Drew, job_title: Network Director}}
  - {{upn: {IMRAN}, name: Imran Shah, job_title: Clinical Director}}
  - {{upn: {CHAIR}, name: Clare Hughes, job_title: SIG chair}}
  - {{upn: {FACILITATOR}, name: Tom Baker, job_title: Facilitator}}
  - {{upn: {NOTICES}, name: Verger notices}}
apps:
  - client_id: {ENFORCER}
    name: enforcer
    certificates: [enforcer.pem]
    roles: [Sites.Selected, Mail.Send, User.Read.All]
    mailboxes: [{NOTICES}]
  - client_id: {PROVISIONER}
    name: provisioner
    certificates: [provisioner.pem]
    roles: [Sites.FullControl.All, Sites.Create.All]
  - client_id: {STAFF}
    name: staff
    scopes: [User.Read, Sites.ReadWrite.All, Files.ReadWrite.All, AllSites.Write]
  - client_id: {API}
    name: verger
    identifiers: [{AUDIENCE}]
    assigned:
      {HELEN}: [Admin]
      {NADIA}: [NetworkDirector]
      {IMRAN}: [ClinicalDirector]
      {SAM}: [BoardSecretary]
"""

ROLES = f"""\
# Who plays which part on the sites of this tenant.
people:
  site_owner: [{NADIA}]
  core_team: [{HELEN}, {SAM}]
  readers: [{CHAIR}]
  registrars: [{HELEN}, {SAM}]
  restricted_readers: [{NADIA}]
  ig_officers: [{IRIS}]
apps:
  enforcer: {ENFORCER}
"""

MODES = """\
# How strictly the policies act in the story: at once, but the route and the review date only warn.
modes: {"*": enforce, approval_route: warn, review_date: warn}
"""

ORDER = f"""\
# The order for a Special Interest Group's site (Gov-12). Take one of its last three lines away and
# it is refused. They tell what was agreed; it counts once each of those people has said so:
# verger sig agree, verger sig approve.
name: Breast imaging
kind: pathways
chair: {CHAIR}
facilitator: {FACILITATOR}
need: priority raised at the Operational Board
network_director: {{who: Nadia Drew, date: 02/11/2026}}
clinical_director: {{who: Dr Imran Shah, date: 03/11/2026}}
operational_board: {{reference: NOB 2026/11 item 7, date: 12/11/2026}}
"""


@dataclass(frozen=True, slots=True)
class World:
    """Where the story's files are; `data` is the folder that everything is kept in.

    `database` is the URL of a PostgreSQL database, "" for a SQLite file in the folder.
    """

    data: Path
    database: str = ""

    @property
    def seed(self) -> Path:
        return self.data / "tenant.yaml"

    @property
    def order(self) -> Path:
        return self.data / "orders" / "breast-imaging.yaml"

    @property
    def provisioner(self) -> Path:
        return self.data / "provisioner.env"

    @property
    def enforcer(self) -> Path:
        return self.data / "enforcer.env"

    @property
    def host_settings(self) -> Path:
        return self.data / "host.settings.json"

    @property
    def staff(self) -> Path:
        return self.data / "staff.env"

    @property
    def provisioner_settings(self) -> Path:
        return self.data / "provisioner.settings.json"

    @property
    def provisioner_data(self) -> Path:
        return self.data / "provisioner"

    @property
    def clock(self) -> Path:
        return self.data / "tenant" / "clock"

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.data / 'verger.sqlite'}"


def make_world(data: Path, database: str = "") -> World:
    """Write what is missing into the folder; what is there stays, certificates above all."""
    world = World(data.resolve(), database)
    world.order.parent.mkdir(parents=True, exist_ok=True)
    world.provisioner_data.mkdir(exist_ok=True)
    pages = {
        world.seed: SEED,
        world.data / "roles.yaml": ROLES,
        world.data / "modes.yaml": MODES,
        world.order: ORDER,
        world.data / "webhook.keys": f"k1:{secrets.token_hex(32)}",
        world.data / "port": str(_free_port()),
        world.data / "provisioner.port": str(_free_port()),
    }
    for path, text in pages.items():
        if not path.exists():
            path.write_text(text, encoding="utf-8")
    for app in ("enforcer", "provisioner"):
        path = world.data / f"{app}.pem"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_bytes(make_certificate(app))
    return world


def write_settings(world: World, tenant: dict[str, str], storage: str = "") -> None:
    """Write both identities' settings, now that the addresses are known.

    `tenant` is the local tenant's ready line (address, ca); `storage` the queues' connection.
    """
    common = {
        "VERGER_TENANT_ID": TENANT_ID,
        "VERGER_SHAREPOINT_HOST": HOST,
        "VERGER_LOGIN_ADDRESS": tenant["address"],
        "VERGER_GRAPH_ADDRESS": tenant["address"],
        "VERGER_SHAREPOINT_ADDRESS": tenant["address"],
        "VERGER_CA_FILE": tenant["ca"],
        "VERGER_DATABASE_URL": world.database_url,
        "VERGER_ROLES": str(world.data / "roles.yaml"),
        "VERGER_MODES": str(world.data / "modes.yaml"),
        "VERGER_CLOCK_FILE": str(world.clock),
        "VERGER_WEBHOOK_ADDRESS": f"http://127.0.0.1:{port(world)}",
        "VERGER_WEBHOOK_KEYS": (world.data / "webhook.keys").read_text(encoding="utf-8"),
        "VERGER_MAILBOX": NOTICES,
        "VERGER_RU_PER_MINUTE": str(RU_PER_MINUTE),
        "VERGER_API_AUDIENCE": API,
    }
    _private(world.staff, _lines({**common, "VERGER_CLIENT_ID": STAFF}))
    told = {"AzureWebJobsStorage": storage} if storage else {}
    for app, client_id in (("enforcer", ENFORCER), ("provisioner", PROVISIONER)):
        own = {
            "VERGER_CLIENT_ID": client_id,
            "VERGER_CERTIFICATE": str(world.data / f"{app}.pem"),
            "VERGER_ROLE": app,
        }
        _private(world.data / f"{app}.env", _lines(common | own | told))
        host = {
            "enforcer": (world.host_settings, provisioner_storage(world)),
            "provisioner": (world.provisioner_settings, storage),
        }[app]  # each host has a storage of its own, and is told the other's
        values = common | own | {"VERGER_STORAGE": host[1]}
        _private(host[0], json.dumps({"Values": values}, indent=1))


def provisioner_storage(world: World) -> str:
    """Return the connection string of the provisioner's queues, also before its host runs."""
    keys = Keys(world.provisioner_data / "keys.json").account()
    return connection_string(keys, f"http://127.0.0.1:{provisioner_port(world)}")


def provisioner_port(world: World) -> int:
    """Return the port of the provisioner's storage, the same at every start of this folder."""
    return int((world.data / "provisioner.port").read_text(encoding="ascii"))


def _lines(values: dict[str, str]) -> str:
    return "".join(f"{name}='{value}'\n" for name, value in values.items())


def port(world: World) -> int:
    """Return the port of the function app, the same at every start of this folder."""
    return int((world.data / "port").read_text(encoding="ascii"))


def make_certificate(name: str) -> bytes:
    """Return PEM with a new RSA key and its self-signed certificate, good for a year."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Verger {name} (this machine)")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject)
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1))
    certificate = builder.not_valid_after(now + timedelta(days=365)).sign(key, hashes.SHA256())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem + certificate.public_bytes(Encoding.PEM)


def _private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        found: int = server.getsockname()[1]
        return found
