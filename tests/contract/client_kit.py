"""The requests the Python clients were seen to send, aimed at a site made for each of them."""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tests.contract_kit import FOLDER
from tests.tenant_kit import HELEN, HOST, NOTICES, SAM, SECRET, SECRETIVE, TENANT_ID

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from tests.contract.example_kit import World

type Recorded = dict[str, Any]

GUIDS = "2C712604-1370-44E7-A1F5-426573FDA80A", "2D2244C3-251A-49EA-93A8-39E1C3A060FE"
_DROPPED = {"authorization", "content-length", "host", "connection", "accept-encoding", "if-match"}
_DATE = re.compile(r"20\d\d-\d\d-\d\dT[\d:]+(?:Z|\+00:00)")
_LOOPBACK = re.compile(r"http://127\.0\.0\.1:\d+(?=/sites)")
_HOOK = re.compile(r'"(notificationUrl|lifecycleNotificationUrl)": "[^"]*"')
_COUNTER = itertools.count(1)


def operations() -> list[Recorded]:
    path = FOLDER / "client-requests.jsonl"
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def label(recorded: Recorded) -> str:
    return f"{recorded['client'].split()[0]}: {recorded['op']}"


@dataclass
class Imaging:
    """A site with a list of seven items, a library with versions, a second one, and their ids."""

    world: World
    hub: str
    path: str = field(default_factory=lambda: f"/sites/imaging{next(_COUNTER)}")
    names: dict[str, str] = field(default_factory=dict)
    digest: str = ""
    handed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        tenant = self.world.tenant
        self.rest_token = tenant.token("provisioner", "sharepoint")
        self.graph_token = tenant.token("provisioner")
        self.rest = tenant.httpx(self.rest_token, Host=HOST, Accept="application/json")
        self.plain = tenant.httpx()
        self._make_site()
        self._make_lists()

    def close(self) -> None:
        self.rest.close()
        self.plain.close()

    def _make_site(self) -> None:
        digest = self.rest.post("/_api/contextInfo").json()["FormDigestValue"]
        self.rest.headers["X-RequestDigest"] = digest
        url = f"https://{HOST}{self.path}"
        wanted = {
            "Title": "Imaging",
            "Url": url,
            "Lcid": 2057,
            "WebTemplate": "STS#3",
            "Owner": HELEN,
        }
        self.rest.post("/_api/SPSiteManager/create", json={"request": wanted}).raise_for_status()
        for _ in range(2):
            self.rest.get("/_api/SPSiteManager/status", params={"url": f"'{url}'"})
        found = self.world.ask("GET", f"/sites/{HOST}:{self.path}", who=self.world.app)
        self.names |= {"S1": found["id"]}

    def _make_lists(self) -> None:
        ask, site = self.ask, self.names["S1"]
        columns = [{"name": "Status", "text": {}}, {"name": "DocumentNumber", "text": {}},
                   {"name": "Score", "number": {}},
                   {"name": "Tags", "choice": {"choices": ["a", "b"]}}]  # fmt: skip
        registry = ask(
            "POST", f"/sites/{site}/lists", {"displayName": "Registry", "columns": columns}
        )
        for number in range(7):
            fields = {"Title": str(number), "Status": "Live"}
            ask("POST", f"/sites/{site}/lists/{registry['id']}/items", {"fields": fields})
        docs, _other = (
            ask("POST", f"/sites/{site}/lists",
                {"displayName": name, "list": {"template": "documentLibrary"}})["id"]
            for name in ("Docs", "Restricted")
        )  # fmt: skip
        drive = ask("GET", f"/sites/{site}/lists/{docs}/drive")["id"]
        settings = {"EnableMinorVersions": True, "EnableModeration": True}
        merge = {"X-HTTP-Method": "MERGE", "IF-MATCH": "*"}
        url = f"{self.path}/_api/Web/lists/GetByTitle('Docs')"
        self.rest.headers["X-RequestDigest"] = self._digest()
        self.rest.post(url, json=settings, headers=merge).raise_for_status()
        self.names |= {"L1": registry["id"], "D1": drive, "D2": drive}
        ask("PUT", f"/drives/{drive}/root:/a.docx:/content", b"hello")
        for name in ("a.docx", "a b.docx"):
            ask("PUT", f"/drives/{drive}/root:/Policies/{name}:/content", b"hello")
        item = ask("PUT", f"/drives/{drive}/root:/i.docx:/content", b"hello")["id"]
        folder = ask("POST", f"/drives/{drive}/root/children", {"name": "F2", "folder": {}})["id"]
        self.names |= {"I1": item, "F2": folder}

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        return self.world.ask(method, path, body, self.world.app)

    def prepare(self, recorded: Recorded) -> None:
        """Bring about what the recorder had only made up: a file checked out, a list on its own."""
        if recorded["op"] in {"checkin", "file.checkin"}:
            for name in ("a", "i"):
                self.ask("POST", f"/drives/{self.names['D1']}/root:/{name}.docx:/checkout")
        if recorded["op"] == "role_assignments.add_role_assignment":
            url = f"{self.path}/_api/Web/lists/GetByTitle('Registry')/BreakRoleInheritance(true)"
            self.rest.post(url).raise_for_status()

    # -- sending ----------------------------------------------------------------------------------
    def replay(self, recorded: Recorded) -> Iterator[httpx.Response]:
        """Send the requests of one operation as they were, but for what names their tenant."""
        for request in recorded["requests"]:
            reply = self._send(request, recorded)
            self._remember(reply)
            yield reply

    def _send(self, request: Recorded, recorded: Recorded) -> httpx.Response:
        headers = {k: v for k, v in request["headers"].items() if k.lower() not in _DROPPED}
        if "if-match" in {k.lower() for k in request["headers"]}:
            headers["If-Match"] = self._if_match(request, recorded)
        rest = "/_api/" in request["path"]
        if rest:
            headers |= {"Host": HOST, "X-RequestDigest": self._digest()}
        if not request["path"].startswith(("/up/", "/dl/", "/T/")):
            token = self.rest_token if rest else self._graph_token(request)
            headers["Authorization"] = f"Bearer {token}"
        body = self._text(request["body"], request) if isinstance(request["body"], str) else ""
        sent = next((v for k, v in headers.items() if k.lower() == "content-range"), "")
        span = re.fullmatch(r"bytes (\d+)-(\d+)/\d+", sent)
        if span:
            body = "y" * (int(span[2]) - int(span[1]) + 1)
        url = self.world.tenant.address + self._path(request["path"])
        if request["path"].startswith(("/up/", "/dl/")):
            url = self.handed[-1]
        return self.plain.request(request["method"], url, headers=headers, content=body.encode())

    def _if_match(self, request: Recorded, recorded: Recorded) -> str:
        """Send the eTag there is, unless the recording is of one that was out of date."""
        sent = next(v for k, v in request["headers"].items() if k.lower() == "if-match")
        if sent == "*" or "412" in recorded["op"] or "/_api/" in request["path"]:
            return sent
        path = f"/sites/{self.names['S1']}/lists/{self.names['L1']}/items/7"
        return self.ask("GET", path)["eTag"]

    def _graph_token(self, request: Recorded) -> str:
        mine = request["path"].lower().startswith("/v1.0/me")
        return self.world.tenant.token(HELEN) if mine else self.graph_token

    def _digest(self) -> str:
        if not self.digest:
            self.digest = self.rest.post(f"{self.path}/_api/contextInfo").json()["FormDigestValue"]
        return self.digest

    def _remember(self, reply: httpx.Response) -> None:
        if "Location" in reply.headers:
            self.handed.append(reply.headers["Location"])
        if reply.headers.get("Content-Type", "").startswith("application/json") and reply.content:
            told = reply.json()
            if isinstance(told, dict) and "uploadUrl" in told:
                self.handed.append(told["uploadUrl"])

    def _path(self, path: str) -> str:
        path = re.sub(r"^/T(?=/)", f"/{TENANT_ID}", path)
        path = self._named(re.sub(r"/sites/imaging(?=[/'?]|$)", self.path, path))
        path = path.replace("hw@contoso.com", SAM)
        return (
            re.sub(r"token=abc", f"token={self._fresh_token()}", path)
            if "token=abc" in path
            else path
        )

    def _fresh_token(self) -> str:
        told = self.ask("GET", f"/drives/{self.names['D1']}/root/delta?token=latest")
        return told["@odata.deltaLink"].partition("token=")[2]

    def _named(self, text: str) -> str:
        """Put our ids in the place of the recorder's."""
        site = quote(self.names["S1"], safe="")
        text = text.replace(f"contoso.sharepoint.com%2C{GUIDS[0]}%2C{GUIDS[1]}", site)
        text = text.replace("contoso.sharepoint.com", HOST)
        text = text.replace(f"{HOST}%3A%2Fsites%2Fimaging", f"{HOST}%3A{quote(self.path, safe='')}")
        text = text.replace("sites%2Fimaging'", f"{quote(self.path.strip('/'), safe='')}'")
        for name in ("S1", "L1", "D1", "D2", "I1", "F2", "P1", "SUB", "G1", "U1"):
            if re.search(rf"(?<=[/\"]){name}(?=[/\"?:]|$)", text):
                text = re.sub(rf"(?<=[/\"]){name}(?=[/\"?:]|$)", self._id(name), text)
        return text

    def _id(self, name: str) -> str:
        make = {"P1": self._permission, "SUB": self._subscription, "G1": self.world.group,
                "U1": lambda: NOTICES}  # fmt: skip
        if name not in self.names:
            self.names[name] = make[name]()
        return self.names[name]

    def _permission(self) -> str:
        body = {"recipients": [{"email": SAM}], "roles": ["read"], "requireSignIn": True,
                "retainInheritedPermissions": True}  # fmt: skip
        path = f"/drives/{self.names['D1']}/items/{self.names['I1']}/invite"
        return self.ask("POST", path, body)["value"][0]["id"]

    def _subscription(self) -> str:
        body = {"changeType": "updated", "notificationUrl": self.world.hook.url, "clientState": "s",
                "resource": f"/drives/{self.names['D1']}/root",
                "expirationDateTime": self.world.in_days(2)}  # fmt: skip
        return self.ask("POST", "/subscriptions", body)["id"]

    def _text(self, body: str, request: Recorded) -> str:
        body = _LOOPBACK.sub(f"https://{HOST}", body).replace("/sites/imaging/", f"{self.path}/")
        body = body.replace("sites/sig-breast", f"sites/sig{self.path.rpartition('/')[2]}")
        body = body.replace(
            '"alias": "sig-breast"', f'"alias": "sig{self.path.rpartition("/")[2]}"'
        )
        body = body.replace("Bearer STATIC", f"Bearer {self.rest_token}")
        body = re.sub(r"0xDIGEST,[^\n]*-0000", lambda _hit: self._digest(), body)
        body = re.sub(r"[\w.]+@(?:contoso\.com|b\.c)", SAM, body)
        body = body.replace("27c5fcba-abfd-4c34-823d-0b4a48f7ffe6", self.hub)
        body = _HOOK.sub(lambda hit: f'"{hit[1]}": "{self.world.hook.url}"', body)
        if "xpirationDateTime" in body:
            body = _DATE.sub(self.world.in_days(3), body)
        body = body.replace("client_id=C", f"client_id={SECRETIVE}").replace(
            "client_secret=x", f"client_secret={SECRET}"
        )
        if request["path"].rpartition("/")[2] in {"lists", "columns", "children"}:
            new = r'"\1": "\2 new"'  # there is one of that name already
            body = re.sub(r'"(Title|displayName|name)": "(Registry|Status|Policies)"', new, body)
        return self._named(body) if request["path"].startswith("/v1.0") else body
