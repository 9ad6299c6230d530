"""The Graph dialect in process: every answer is held against Microsoft's schema."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

from local.tenant import graph as graph_package
from local.tenant.call import Answer, Call, Principal
from local.tenant.errors import Refusal
from local.tenant.graph.addressing import GraphRouter
from local.tenant.routing import Router
from local.tenant.store import apps, directory, lists, sites
from local.tenant.store.database import Store
from local.tenant.store.tables import CONTENT_TABLES
from local.tenant.surfaces import routes_of

if TYPE_CHECKING:
    from pathlib import Path

HOST = "wmin.sharepoint.com"
OFFICERS = "b0000001-1111-2222-3333-444444444444"
HELEN, SAM, IRIS, GUEST = (f"0000000{n}-1111-2222-3333-444444444444" for n in range(1, 5))
ENFORCER, PROVISIONER = (f"a000000{n}-1111-2222-3333-444444444444" for n in (1, 2))


def user(oid: str, *scopes: str) -> Principal:
    return Principal(
        "cli", "graph", "user", oid, scopes=frozenset(scopes or ("Sites.FullControl.All",))
    )


def app(app_id: str, *roles: str) -> Principal:
    return Principal(app_id, "graph", "certificate", roles=frozenset(roles))


@dataclass
class Tenant:
    """A seeded store and a way to call it; `who` is the caller unless another is named."""

    store: Store
    contract: Any
    who: Principal = field(default_factory=lambda: user(HELEN))
    router: Router = field(default_factory=lambda: GraphRouter(routes_of(graph_package)))
    preauth: Router = field(
        default_factory=lambda: Router(routes_of(graph_package, "PREAUTH_ROUTES"))
    )
    spent: int = 0

    def ask(
        self, method: str, url: str, body: Any = None, who: Principal | None = None, **headers: str
    ) -> Answer:
        """One call, in one transaction, by the router; Refusal is raised to the test."""
        parts = urlsplit(
            url if url.startswith("http") else f"https://graph.microsoft.com/v1.0{url}"
        )
        raw = (
            body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        )
        path = unquote(parts.path)
        sharepoint = parts.hostname == HOST
        call = Call(
            self.store,
            method,
            path[path.index("/_") :] if sharepoint else path.removeprefix("/v1.0"),
            dict(parse_qsl(parts.query, keep_blank_values=True)),
            {key.replace("_", "-").lower(): value for key, value in headers.items()},
            raw,
            None if sharepoint else (who or self.who),
            f"{parts.scheme}://{parts.netloc}",
        )
        hit = (self.preauth if sharepoint else self.router).find(method, call.path)
        assert hit, f"no route for {method} {call.path}"
        route, call.args = hit
        call.cost = route.cost
        with self.store.transaction():
            answer = route.handler(call)
        self.spent = call.cost
        if not sharepoint:
            self._hold_against_schema(method, url, answer)
        return answer

    def get(self, url: str, who: Principal | None = None, **headers: str) -> Any:
        return self.ask("GET", url, who=who, **headers).body

    def _hold_against_schema(self, method: str, url: str, answer: Answer) -> None:
        if (
            self.contract is None
            or answer.status in {204, 302, 303}
            or not isinstance(answer.body, dict)
        ):
            return
        body = json.loads(json.dumps(answer.body))
        address = url if url.startswith("http") else f"https://graph.microsoft.com/v1.0{url}"
        assert self.contract.faults(method, address, answer.status, body) == []

    def refused(
        self,
        status: int,
        method: str,
        url: str,
        body: Any = None,
        who: Principal | None = None,
        **headers: str,
    ) -> Refusal:
        with pytest.raises(Refusal) as caught:
            self.ask(method, url, body, who, **headers)
        assert caught.value.status == status, caught.value
        return caught.value

    # -- shortcuts -------------------------------------------------------------------------------
    def library(self, title: str = "Controlled documents", **settings: Any) -> str:
        """Make a library in /sites/core and return its address."""
        made = self.ask(
            "POST",
            f"{CORE}/lists",
            {"displayName": title, "list": {"template": "documentLibrary"}, "columns": COLUMNS},
        )
        lists.update(self.store, lists.by_id(self.store, made.body["id"]), settings)
        return f"{CORE}/lists/{made.body['id']}"

    def upload(
        self, library: str, name: str, data: bytes = b"hello", who: Principal | None = None
    ) -> Any:
        return self.ask("PUT", f"{library}/drive/root:/{name}:/content", data, who).body

    def item_of(self, library: str, name: str) -> str:
        """The list item's address for a file of that name."""
        found = self.get(f"{library}/drive/root:/{name}:/listItem")
        return f"{library}/items/{found['id']}"


CORE = f"/sites/{HOST}:/sites/core:"
COLUMNS = [
    {"name": "DocumentNumber", "text": {}, "indexed": True},
    {"name": "VersionLabel", "text": {}},
    {"name": "ReviewDate", "dateTime": {"format": "dateOnly"}},
    {"name": "ControlStatus", "choice": {"choices": ["In order", "Held"]}},
    {"name": "Score", "number": {"minimum": 1, "maximum": 25}},
    {"name": "Owner", "personOrGroup": {}},
]


def seeded(path: Path, contract: Any) -> Tenant:
    """Return a tenant with a root site, /sites/core owned by Helen, two colleagues and a guest."""
    store = Store(path, (*CONTENT_TABLES, directory.TABLES, apps.TABLES))
    store.put("tenant_id", "0d5f8f43-6d0f-4f0e-9a3e-3a6f0f4f2a10")
    people = ((HELEN, "helen.ward"), (SAM, "sam.price"), (IRIS, "iris.gray"))
    with store.transaction():
        for oid, upn in people:
            mail, name = f"{upn}@dgft.nhs.example", upn.replace(".", " ").title()
            directory.put_user(store, directory.User(oid, mail, name, mail))
        guest = directory.User(GUEST, "x#EXT#@wmin.example", "A Guest", guest=True)
        directory.put_user(store, guest)
        directory.put_group(store, directory.Group(OFFICERS, "IG officers", "ig-officers"))
        directory.add_member(store, OFFICERS, IRIS)
        sites.create(store, sites.NewSite(HOST, "", "WMIN", f"user:{HELEN}"))
        sites.create(store, sites.NewSite(HOST, "/sites/core", "Core team", f"user:{HELEN}"))
    return Tenant(store, contract)
