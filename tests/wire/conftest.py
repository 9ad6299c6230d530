"""The product's way to a running local tenant: two apps, each with its certificate."""

import uuid
from dataclasses import dataclass, replace

import pytest

from sync.settings import Settings
from sync.tenant import access
from sync.tenant.client import Tenant
from sync.tenant.pace import Gate
from sync.tenant.retry import Retry
from tests import tenant_kit


@pytest.fixture(scope="session")
def wire(tmp_path_factory):
    """Run one tenant for all wire tests of this process."""
    with tenant_kit.running(tmp_path_factory.mktemp("wire")) as tenant:
        yield tenant


def settings_for(wire, app, **more):
    """Return the settings of an app of this tenant; `more` overrides."""
    told = {
        "tenant_id": tenant_kit.TENANT_ID,
        "client_id": getattr(tenant_kit, app.upper()),
        "certificate": wire.certificate(app),
        "sharepoint_host": tenant_kit.HOST,
        "login_address": wire.address,
        "graph_address": wire.address,
        "sharepoint_address": wire.address,
        "ca_file": wire.ca,
        "mailbox": tenant_kit.NOTICES,
    }
    return Settings(**{**told, **more})


class Hurry:
    """A clock that moves on when somebody waits, instead of waiting."""

    now = 0.0

    def __call__(self):
        return self.now

    async def sleep(self, seconds):
        self.now += seconds


def hurried():
    """Return the one retry without its waits."""
    clock = Hurry()
    return Retry(Gate(100_000, sleep=clock.sleep, clock=clock))


@pytest.fixture
async def enforcer(wire):
    async with Tenant(settings_for(wire, "enforcer"), hurried()) as tenant:
        yield tenant


@pytest.fixture
async def provisioner(wire):
    async with Tenant(settings_for(wire, "provisioner"), hurried()) as tenant:
        yield tenant


@dataclass(frozen=True)
class Library:
    """A list as the subjects take it (sync.tenant.shapes.Where), and its drive."""

    id: str
    site_id: str
    site_url: str
    drive_id: str


class Place:
    """A site with two libraries and a list, made by the provisioner; staff act on it over Graph."""

    def __init__(self, wire):
        self.wire = wire
        self.url = f"https://{tenant_kit.HOST}/sites/{uuid.uuid4().hex[:8]}"
        self.graph = wire.http("provisioner")
        rest = wire.httpx(
            wire.token("provisioner", "sharepoint"), Host=tenant_kit.HOST, Accept="application/json"
        )
        request = {"Title": "Test", "Url": self.url, "Lcid": 2057, "WebTemplate": "STS#3",
                   "Owner": tenant_kit.HELEN}  # fmt: skip
        digest = rest.post("/_api/contextInfo").json()["FormDigestValue"]
        rest.headers["X-RequestDigest"] = digest
        rest.post("/_api/SPSiteManager/create", json={"request": request}).raise_for_status()
        for _ in range(2):
            rest.get("/_api/SPSiteManager/status", params={"url": f"'{self.url}'"})
        path = self.url.removeprefix(f"https://{tenant_kit.HOST}")
        self.id = self.ask("GET", f"/sites/{tenant_kit.HOST}:{path}")["id"]
        self.open = self.library("Working documents")
        self.restricted = self.library("Restricted")
        self.register = self.make("Register", "genericList")

    def ask(self, method, path, body=None):
        answer = self.graph.request(method, f"/v1.0{path}", json=body)
        assert answer.is_success, (path, answer.text)
        return answer.json()

    def make(self, title, template):
        columns = [
            {"name": "DocumentNumber", "indexed": True, "text": {}},
            {"name": "VersionLabel", "text": {}},
            {"name": "ReviewDate", "dateTime": {"format": "dateOnly"}},
        ]
        body = {"displayName": title, "list": {"template": template}, "columns": columns}
        made = self.ask("POST", f"/sites/{self.id}/lists", body)
        return Library(made["id"], self.id, self.url, "")

    def library(self, title):
        made = self.make(title, "documentLibrary")
        drive = self.ask("GET", f"/sites/{self.id}/lists/{made.id}/drive")
        return replace(made, drive_id=drive["id"])

    def upload(self, where, name, data=b"hello", who="provisioner"):
        """Put a file into a library as `who` and return its list item id."""
        path = f"/v1.0/drives/{where.drive_id}/root:/{name}:/content"
        answer = self.wire.http(who).put(path, content=data)
        assert answer.is_success, answer.text
        return self.item_id(where, answer.json()["id"])

    def item_id(self, where, drive_item_id):
        return self.ask("GET", f"/drives/{where.drive_id}/items/{drive_item_id}/listItem")["id"]


@pytest.fixture(scope="session")
def place(wire):
    return Place(wire)


@pytest.fixture
async def granted(provisioner, enforcer, place):
    """Return the enforcer after the provisioner let it onto the site."""
    await access.grant_site(provisioner, place.id, tenant_kit.ENFORCER, "enforcer")
    return enforcer
