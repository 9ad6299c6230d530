"""`_api` in this process: the real office365 client over `answer`, with no server between them."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

import requests
from requests.adapters import BaseAdapter

from local.tenant.call import Call, Principal
from local.tenant.errors import Refusal
from local.tenant.sharepoint import answer, render_refusal
from local.tenant.sharepoint.batch import split_path
from local.tenant.store import apps, directory, sites
from local.tenant.store.database import Store
from local.tenant.store.tables import CONTENT_TABLES

if TYPE_CHECKING:
    from pathlib import Path

HOST = "wmin.sharepoint.com"
ROOT = f"https://{HOST}"
CORE = f"{ROOT}/sites/core"
HELEN, SAM = "00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b"
IRIS = "00000000-0000-4000-8000-00000000000c"
UPN = {
    HELEN: "helen.ward@dgft.nhs.example",
    SAM: "sam.price@dgft.nhs.example",
    IRIS: "iris.grant@dgft.nhs.example",
}
NAMES = {HELEN: "Helen Ward", SAM: "Sam Price", IRIS: "Iris Grant"}


def login(user: str) -> str:
    return f"i:0#.f|membership|{UPN[user]}"


def app(*roles: str, proof: str = "certificate", audience: str = "sharepoint") -> Principal:
    held = roles or ("Sites.FullControl.All",)
    return Principal("provisioner", audience, proof, roles=frozenset(held))


def user(user_id: str, *scopes: str) -> Principal:
    held = scopes or ("AllSites.FullControl",)
    return Principal("staff", "sharepoint", "user", user_id, scopes=frozenset(held))


@dataclass
class Rest:
    """The store, and clients on it that act as somebody."""

    store: Store

    def send(self, who: Principal, request: requests.PreparedRequest) -> tuple[int, dict, bytes]:
        """Answer one prepared request as the door would; returns status, headers, body."""
        call = self.call(who, request.method, request.url, request.headers, request.body)
        with self.store.transaction():
            try:
                result = answer(call)
            except Refusal as refusal:
                result = render_refusal(call, refusal)
        return result.status, result.headers, result.body or b""

    def call(self, who, method, url, headers=None, body=None) -> Call:
        address = urlsplit(url)
        site, path = split_path(unquote(address.path))
        data = body.encode() if isinstance(body, str) else body or b""
        data = data if isinstance(data, bytes) else data.read()
        return Call(
            self.store,
            method,
            path,
            dict(parse_qsl(address.query, keep_blank_values=True)),
            {k.lower(): v for k, v in (headers or {}).items()},
            data,
            who,
            f"{address.scheme}://{address.netloc}",
            site,
        )

    def session(self, who: Principal) -> requests.Session:
        session = requests.Session()
        session.mount("https://", _Door(self, who))
        return session

    def client(self, who: Principal | None = None, url: str = CORE):
        from office365.sharepoint.client_context import ClientContext  # noqa: PLC0415 -- slow

        token = {"token_type": "Bearer", "access_token": "T", "expires_in": 3600}
        context = ClientContext(url).with_access_token(lambda: token)
        return context.with_transport(session=self.session(who or app()))

    def get(self, who: Principal, path: str, accept: str = "application/json;odata=nometadata"):
        """GET below the core site's `_api`; returns the response."""
        return self.session(who).get(f"{CORE}/_api/{path}", headers={"Accept": accept})

    def post(self, who: Principal, path: str, **rest):
        """POST below the core site's `_api` with a fresh digest; returns the response."""
        session = self.session(who)
        accept = {"Accept": "application/json;odata=nometadata"}
        told = session.post(f"{CORE}/_api/contextinfo", headers=accept).json()
        headers = accept | {"X-RequestDigest": told["FormDigestValue"]} | rest.pop("headers", {})
        return session.post(f"{CORE}/_api/{path}", headers=headers, **rest)


class _Door(BaseAdapter):
    """A requests transport that ends in this process."""

    def __init__(self, rest: Rest, who: Principal) -> None:
        super().__init__()
        self.rest, self.who = rest, who

    def send(self, request, **_rest):
        status, headers, body = self.rest.send(self.who, request)
        response = requests.Response()
        response.status_code, response.request, response.url = status, request, request.url
        response.headers.update(headers)
        response.raw = io.BytesIO(body)
        return response

    def close(self) -> None:
        """Nothing is open."""


def opened(path: Path) -> Rest:
    """Open a store with three people, the root site and `/sites/core` owned by Helen."""
    store = Store(path / "tenant.db", (directory.TABLES, apps.TABLES, *CONTENT_TABLES))
    with store.transaction():
        for user_id, upn in UPN.items():
            directory.put_user(store, directory.User(user_id, upn, NAMES[user_id], upn))
        for name, title in (("", "Root"), ("/sites/core", "Core team")):
            sites.create(store, sites.NewSite(HOST, name, title, f"user:{HELEN}"))
    return Rest(store)
