"""A library of the running tenant, driven over the wire by an app and by people."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from docx import Document

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.tenant_kit import Tenant
    from tests.webhook_kit import Webhook

COLUMNS = [
    {"name": "DocumentNumber", "text": {}, "indexed": True},
    {"name": "VersionLabel", "text": {}},
    {"name": "Status", "choice": {"choices": ["In order", "Held"]}},
]
PREFER = "HonorNonIndexedQueriesWarningMayFailRandomly"


def line(begins: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Say which line of the field notes a test reproduces, by its first words."""
    assert begins
    return lambda test: test


@dataclass
class Library:
    """One library of the root site; `graph` and `rest` are clients of the provisioner app."""

    tenant: Tenant
    title: str = "Controlled documents"
    columns: list[dict[str, Any]] = field(default_factory=lambda: COLUMNS)
    graph: httpx.Client = field(init=False)
    rest: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.graph = self.tenant.http("provisioner")
        self.rest = self.tenant.http("provisioner", "sharepoint")
        self.site = self.ok("GET", "/sites/root")["id"]
        made = {"displayName": self.title, "list": {"template": "documentLibrary"},
                "columns": self.columns}  # fmt: skip
        self.id = self.ok("POST", f"/sites/{self.site}/lists", json=made)["id"]
        self.list = f"/sites/{self.site}/lists/{self.id}"
        self.drive = f"/drives/{self.ok('GET', f'{self.list}/drive')['id']}"

    def ask(self, method: str, path: str, who: str = "", **rest: Any) -> httpx.Response:
        client = self.tenant.http(who) if who else self.graph
        url = path if path.startswith("http") else f"/v1.0{path}"
        return client.request(method, url, **rest)

    def ok(self, method: str, path: str, who: str = "", **rest: Any) -> Any:
        reply = self.ask(method, path, who, **rest)
        assert reply.is_success, reply.text
        return reply.json() if reply.content else {}

    def rest_ask(self, path: str, body: Any = None, verb: str = "", **more: Any) -> httpx.Response:
        """POST to `_api` of the root site (`verb` goes into X-HTTP-Method), digest and all."""
        accept = {"Accept": "application/json;odata=nometadata"}
        told = self.rest.post("/_api/contextinfo", headers=accept)
        headers = accept | {"X-RequestDigest": told.json()["FormDigestValue"], "If-Match": "*"}
        headers |= {"X-HTTP-Method": verb} if verb else {}
        headers |= more.pop("headers", {})
        content = {"json": body} if body is not None else more
        return self.rest.post(f"/_api{path}", headers=headers, **content)

    def settings(self, **members: Any) -> None:
        """Change SharePoint's own settings of the list (EnableModeration …)."""
        reply = self.rest_ask(f"/web/lists(guid'{self.id}')", members, "MERGE")
        assert reply.status_code == 204, reply.text

    def upload(self, name: str, data: bytes = b"text", who: str = "") -> Any:
        return self.ok("PUT", f"{self.drive}/root:/{name}:/content", who, content=data)

    def item(self, name: str) -> Any:
        """Return the list item of a file, its columns with it."""
        found = self.ok("GET", f"{self.drive}/root:/{name}:/listItem")
        return self.ok("GET", f"{self.list}/items/{found['id']}?$expand=fields")

    def write(self, name: str, **columns: Any) -> httpx.Response:
        return self.ask("PATCH", f"{self.list}/items/{self.item(name)['id']}/fields", json=columns)

    def versions(self, name: str) -> list[str]:
        found = self.ok("GET", f"{self.list}/items/{self.item(name)['id']}/versions")
        return [version["id"] for version in found["value"]]

    def delta(self, url: str = "") -> tuple[list[Any], str]:
        """Return all entries of one round, and the link to the next round."""
        found: list[Any] = []
        url = url or f"{self.list}/items/delta?$expand=fields"
        while True:
            page = self.ok("GET", url)
            found += page["value"]
            if "@odata.deltaLink" in page:
                return found, page["@odata.deltaLink"]
            url = page["@odata.nextLink"]

    def subscribe(self, hook: Webhook, who: str = "", days: float = 3) -> httpx.Response:
        now = datetime.fromisoformat(self.tenant.local("GET", "/clock")["now"]).astimezone(UTC)
        asked = {
            "changeType": "updated", "notificationUrl": hook.url, "clientState": "k1.s",
            "resource": self.list, "expirationDateTime": (now + timedelta(days=days)).isoformat(),
        }  # fmt: skip
        return self.ask("POST", "/subscriptions", who, json=asked)

    def tell(self) -> None:
        """Let the tenant send whatever is due."""
        self.tenant.local("POST", "/deliver")

    def used(self) -> list[int]:
        """Return how often each scripted fault has struck."""
        return [each["used"] for each in self.tenant.local("GET", "/faults")["value"]]


def docx(text: str, title: str = "") -> bytes:
    """Return a Word file with one paragraph and a title among its core properties."""
    document = Document()
    document.add_paragraph(text)
    document.core_properties.title = title
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()
