"""Microsoft's documented examples, aimed at a seeded tenant: whose address becomes whose here.

An example names things of Contoso's tenant or of no tenant at all (`{item-id}`). `World.address`
walks its path and puts in something of ours for every name, made afresh where the example will
change it; `World.body` does the same for people and places in a body.
"""

from __future__ import annotations

import itertools
import json
import re
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tests.contract_kit import FOLDER
from tests.tenant_kit import DIRECTOR, HELEN, IG_OFFICER, PROVISIONER, SAM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx

    from tests.tenant_kit import Tenant
    from tests.webhook_kit import Webhook

type Example = dict[str, Any]

FAMILIES = {"sites", "lists", "columns", "contenttypes", "listitems", "drives", "driveitems",
            "content", "versions", "permissions", "delta", "subscriptions", "batch", "users",
            "groups", "mail", "throttling", "retention"}  # fmt: skip
_NAMED = {"sites", "lists", "items", "drives", "groups", "users", "subscriptions", "permissions",
          "versions", "contentTypes", "columns", "shares", "directoryObjects",
          "devices"}  # fmt: skip
_KEEP = {"root", "delta", "$count", "addCopy", "publish", "unpublish", "$ref",
         "getCompatibleHubContentTypes", "addCopyFromContentTypeHub", "getAllSites"}  # fmt: skip
_MAIL = re.compile(r"[\w.!#-]+@[\w.-]+\.\w+")
_GUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_GRAPH_PATH = re.compile(r"^https://[^/]+/v1\.0")
LABEL, KEEP = "Retention label for Contracts", "Keep for 8 years"
_GRAPH = re.compile(r"^https://graph\.microsoft\.com/(v1\.0|beta)")


def examples(name: str = "examples.dev.jsonl") -> list[Example]:
    """Return the documented examples, none where the contract is not beside the checkout."""
    path = FOLDER / name
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def graph_examples() -> list[Example]:
    """Return those of Graph that show a request, of the families the issue names."""
    return [
        each
        for each in examples()
        if each["request"] and each["family"] in FAMILIES and not _elsewhere(each)
    ]


def _elsewhere(example: Example) -> bool:
    """Whether the request goes to an address that is not Graph's: a webhook or storage."""
    url = example["request"]["url"]
    return url.startswith("https://") and not _GRAPH.match(url)


def operation_of(contract: Any, example: Example) -> tuple[str, str]:
    method, url = example["request"]["method"], example["request"]["url"]
    template, _operation = contract.match("GET" if method == "HEAD" else method, url)
    return method, template or url.partition("?")[0]


@dataclass
class World:
    """The seeded places, and how to make more of everything; `graph` acts as Helen, who may all."""

    tenant: Tenant
    hook: Webhook
    graph: httpx.Client = field(init=False)
    app: httpx.Client = field(init=False)
    _numbers: Iterator[int] = field(default_factory=itertools.count, init=False)

    def __post_init__(self) -> None:
        self.graph = self.tenant.http(HELEN)
        self.app = self.tenant.http("provisioner")
        self.site = self.ask("GET", "/sites/root")["id"]
        self.list = self.new_list()
        self.drive = self.ask("GET", "/me/drive")["id"]
        self.item(self.list)
        self._people()
        self._labels()

    def _people(self) -> None:
        """Give Helen a chain of managers and a file of Sam's; make the groups the queries seek."""
        chain = [HELEN, DIRECTOR, IG_OFFICER, SAM]
        for person, boss in itertools.pairwise(chain):
            found = self.ask("GET", f"/users/{boss}", who=self.app)["id"]
            self.ask("PUT", f"/users/{person}/manager/$ref", _reference(found), self.app)
        sam = self.tenant.http(SAM)
        theirs = self.ask("PUT", "/me/drive/root:/roster.xlsx:/content", b"x", sam)["id"]
        share = {"recipients": [{"email": HELEN}], "roles": ["read"], "requireSignIn": True,
                 "retainInheritedPermissions": True}  # fmt: skip
        self.ask("POST", f"/me/drive/items/{theirs}/invite", share, sam)
        rule = {"membershipRule": '(user.userType -contains "Guest")',
                "membershipRuleProcessingState": "On"}  # fmt: skip
        for name, more in (
            ("a", {}),
            ("Video Production", {"description": "prod"}),
            ("rule", rule),
        ):
            body = {"displayName": name, "mailNickname": f"g-{name[:4]}", "mailEnabled": False,
                    "securityEnabled": True, **more}  # fmt: skip
            self.ask("POST", "/groups", body, self.app)

    def _labels(self) -> None:
        self.tenant.local("POST", "/labels", {"name": LABEL, "kind": "record"})
        self.tenant.local("POST", "/labels", {"name": KEEP, "kind": "retain"})

    def new_list(self) -> str:
        columns = [{"name": "Color", "text": {}}, {"name": "Weight", "number": {}},
                   {"name": "Quantity", "number": {}}, {"name": "Name", "text": {}},
                   {"name": "Address", "text": {}}]  # fmt: skip
        body = {"displayName": f"Widgets {next(self._numbers)}", "columns": columns,
                "list": {"template": "genericList"}}  # fmt: skip
        return self.ask("POST", f"/sites/{self.site}/lists", body)["id"]

    def ask(self, method: str, path: str, body: Any = None, who: httpx.Client | None = None) -> Any:
        data = {"content": body} if isinstance(body, bytes) else {"json": body}
        reply = (who or self.graph).request(method, f"/v1.0{path}", **data)
        assert reply.is_success, (method, path, reply.text)
        return reply.json() if reply.content else None

    def name(self, stem: str) -> str:
        return f"{stem} {next(self._numbers)}"

    # -- one of each kind -------------------------------------------------------------------------
    def file(self, name: str = "") -> str:
        """Make a file with two versions in Helen's own drive; returns its id."""
        path = f"/me/drive/root:/{quote(name or self.name('Contoso Project') + '.txt')}:/content"
        self.ask("PUT", path, b"one")
        return self.ask("PUT", path, b"two!")["id"]

    def folder(self) -> str:
        made = self.ask(
            "POST", "/me/drive/root/children", {"name": self.name("Contoso Project"), "folder": {}}
        )
        self.ask("PUT", f"/me/drive/items/{made['id']}:/deeper/inner.txt:/content", b"x")
        self.ask("PUT", f"/me/drive/items/{made['id']}:/inner.txt:/content", b"x")
        return made["id"]

    def item(self, list_id: str) -> str:
        path = f"/sites/{self.site}/lists/{list_id}/items"
        made = self.ask("POST", path, {"fields": {"Title": "Widget", "Name": "Widget"}})["id"]
        self.ask("PATCH", f"{path}/{made}/fields", {"Color": "Red"})
        return made

    def group(self) -> str:
        """Make a group that has members, a group in it, and a group around it."""
        made, inner, outer = (
            self.ask("POST", "/groups", {
                "displayName": self.name("AAD Prod tier"), "mailNickname": uuid.uuid4().hex,
                "mailEnabled": True, "securityEnabled": False, "groupTypes": ["Unified"],
                "description": "d",
            }, self.app)["id"]
            for _ in range(3)
        )  # fmt: skip
        for group, member in ((made, self.user()), (made, self.user("Ann Price")), (made, inner),
                              (outer, made)):  # fmt: skip
            self.ask("POST", f"/groups/{group}/members/$ref", _reference(member), self.app)
        self.ask("POST", f"/groups/{made}/owners/$ref", _reference(self.user()), self.app)
        return made

    def user(self, name: str = "Wade Tier") -> str:
        """Make a person who is in a group and has a manager."""
        n = next(self._numbers)
        body = {"displayName": name, "mailNickname": f"a{n}", "accountEnabled": True,
                "userPrincipalName": f"wa{n}a@dgft.nhs.example",
                "passwordProfile": {"password": "x"},
                "mail": f"wa{n}a@contoso.com"}  # fmt: skip
        return self.ask("POST", "/users", body, self.app)["id"]

    def person(self) -> str:
        made = self.user()
        outer = self.group()
        self.ask("POST", f"/groups/{outer}/members/$ref", _reference(made), self.app)
        return made

    def labelled(self) -> str:
        made = self.file()
        self.ask("PATCH", f"/me/drive/items/{made}/retentionLabel", {"name": LABEL})
        return made

    def deleted(self) -> str:
        made = self.file()
        self.ask("DELETE", f"/me/drive/items/{made}")
        return made

    def shared(self) -> str:
        """Make a file that a person and a link have a permission on."""
        made = self.file()
        self.permission(made)
        body = {"type": "view", "scope": "organization"}
        self.ask("POST", f"/me/drive/items/{made}/createLink", body)
        return made

    def permission(self, item: str) -> str:
        body = {"recipients": [{"email": SAM}], "roles": ["write"], "requireSignIn": True,
                "retainInheritedPermissions": True}  # fmt: skip
        return self.ask("POST", f"/me/drive/items/{item}/invite", body)["value"][0]["id"]

    def site_permission(self) -> str:
        body = {
            "roles": ["read"],
            "grantedToIdentities": [{"application": {"id": PROVISIONER, "displayName": "p"}}],
        }
        return self.ask("POST", f"/sites/{self.site}/permissions", body, self.app)["id"]

    def subscription(self) -> str:
        body = {"changeType": "updated", "notificationUrl": self.hook.url, "clientState": "s",
                "resource": f"/sites/{self.site}/lists/{self.new_list()}",
                "lifecycleNotificationUrl": self.hook.url,
                "expirationDateTime": self.in_days(2)}  # fmt: skip
        return self.ask("POST", "/subscriptions", body)["id"]

    def content_type(self) -> str:
        """Make a published content type with a column of the site."""
        base = {"base": {"name": "Document", "id": "0x0101"}, "name": self.name("docs")}
        made = self.ask("POST", f"/sites/{self.site}/contentTypes", base)["id"]
        path = f"/sites/{self.site}/contentTypes/{made}"
        column = self.ask(
            "POST", f"/sites/{self.site}/columns", {"name": f"C{next(self._numbers)}", "text": {}}
        )
        self.ask("POST", f"{path}/columns", {"sourceColumn@odata.bind": column["id"]})
        self.ask("POST", f"{path}/publish")
        return made

    def share(self) -> str:
        body = {"type": "view", "scope": "organization"}
        return self.ask("POST", f"/me/drive/items/{self.file()}/createLink", body)["shareId"]

    def upload_url(self) -> str:
        path = f"/me/drive/root:/{self.name('big')}:/createUploadSession"
        return self.ask("POST", path, {})["uploadUrl"]

    def in_days(self, days: int) -> str:
        return (datetime.now(UTC) + timedelta(days=days)).isoformat()

    # -- addresses --------------------------------------------------------------------------------
    def address(self, url: str) -> str:
        """Return the example's path and query with our names in it."""
        path, mark, query = _GRAPH.sub("", url).partition("?")
        path = re.sub(r"listId='[^']*'", f"listId='{self.list}'", path)
        if path.endswith(":/children"):
            path = re.sub(r"root:/[^:]*:", f"items/{self.folder()}", path)
        path = re.sub(r":/\{[^}]*\}:", f":/{quote(self.name('new'))}:", path)
        if path.startswith("/sites/") and path.endswith("/permissions"):
            self.site_permission()
        if "/delta" in path and "token=" in query:
            return self._token(path, query)
        walked: list[str] = []
        segments = path.strip("/").split("/")
        for at, segment in enumerate(segments):
            after = segments[at + 1] if at + 1 < len(segments) else ""
            walked.append(self._segment(walked, segment, after))
        return "/" + "/".join(walked) + mark + query

    def _token(self, path: str, query: str) -> str:
        """Return the path with a token of ours: of a second page, or of the end."""
        told = self.ask("GET", f"{path}?$top=1", who=self.app)
        link = told["@odata.nextLink"]
        while "$deltatoken" in query and "@odata.deltaLink" not in told:
            told = self.ask("GET", _GRAPH_PATH.sub("", told["@odata.nextLink"]), who=self.app)
            link = told.get("@odata.deltaLink", link)
        return _GRAPH_PATH.sub("", link)

    def _segment(self, before: list[str], segment: str, after: str) -> str:
        kind = before[-1] if before else ""
        stands = kind not in _NAMED or segment in _KEEP or "(" in segment or "?" in segment
        named = kind == "lists" and (
            before[0] == "drives" or (segment.istitle() and segment.isalpha())
        )
        return segment if stands or named else self._one(kind, before, after)

    def _one(self, kind: str, before: list[str], after: str) -> str:
        make: dict[str, Callable[[], str]] = {
            "sites": lambda: self.site,
            "lists": lambda: self.list,
            "drives": lambda: self.drive,
            "groups": self.group,
            "users": self.person,
            "directoryObjects": self.person,
            "subscriptions": self.subscription,
            "shares": self.share,
            "contentTypes": self.content_type,
            "versions": lambda: "1.0",
            "devices": lambda: str(uuid.uuid4()),
        }
        if kind == "items":
            return self._item(before, after)
        if kind == "permissions":
            return self.site_permission() if before[0] == "sites" else self.permission(before[-2])
        if kind == "columns":
            path = "/".join(before)
            return self.ask("GET", f"/{path}")["value"][-1]["id"]
        return make[kind]()

    def _item(self, before: list[str], after: str) -> str:
        if "lists" in before and "sites" in before:
            return self.item(self.list)
        kinds = {"children": self.folder, "restore": self.deleted, "permissions": self.shared,
                 "retentionLabel": self.labelled}  # fmt: skip
        if "lists" in before:
            made = self.labelled()
            return self.ask("GET", f"/me/drive/items/{made}/listItem")["id"]
        return kinds.get(after, self.file)()

    # -- bodies -----------------------------------------------------------------------------------
    def body(self, value: Any, address: str, keep: str = "") -> Any:
        """Return a body with our people, apps and places in it; `keep` is a mail to leave alone."""
        people = itertools.cycle((SAM, IG_OFFICER, DIRECTOR))
        text = json.dumps(value)
        text = _MAIL.sub(lambda hit: hit[0] if hit[0] == keep else next(people), text)
        text = re.sub(
            r'ame": "(Title|Author|Books)"',
            lambda hit: f'ame": "{hit[1]}{next(self._numbers)}"',
            text,
        )
        text = re.sub(rf"(directoryObjects|users)/(?:{_GUID}|{{id}})",
                      lambda _hit: f"users/{self.user()}", text)  # fmt: skip
        text = re.sub(r"sites/\{site-id\}", f"sites/{self.site}", text)
        text = re.sub(rf'("application": \{{"id": )"{_GUID}"', rf'\1"{PROVISIONER}"', text)
        told = json.loads(text)
        return self._fitted(told, address) if isinstance(told, dict) else told

    def _fitted(self, body: dict[str, Any], address: str) -> dict[str, Any]:
        """Put in what only this tenant can know: folders, webhooks, dates, groups."""
        if "parentReference" in body and "remoteItem" not in body:
            place = body["parentReference"] = {"id": self.folder()}
            place |= {"driveId": self.drive} if address.endswith("/copy") else {}
        if "expirationDateTime" in body and "subscriptions" in address:
            body["expirationDateTime"] = self.in_days(3)
        if "notificationUrl" in body:
            body["notificationUrl"] = self.hook.url
        for name in {"groupIds", "ids"} & body.keys():
            body[name] = [self._group_of(address), *body[name][1:]]
        return body

    def _group_of(self, address: str) -> str:
        """Put the one whose memberships will be checked into a group; returns it."""
        who = address.split("/")[2] if not address.startswith("/me/") else ""
        found = who or self.ask("GET", "/me")["id"]
        made = self.group()
        self.ask("POST", f"/groups/{made}/members/$ref", _reference(found), self.app)
        return made


def _reference(object_id: str) -> dict[str, str]:
    return {"@odata.id": f"https://graph.microsoft.com/v1.0/directoryObjects/{object_id}"}


def merged(rows: list[Any]) -> Any:
    """Return one row that has the members of all."""
    dicts = [row for row in rows if isinstance(row, dict)]
    found: dict[str, Any] = {}
    for row in dicts:
        for key, value in row.items():
            both = isinstance(found.get(key), dict) and isinstance(value, dict)
            found[key] = {**found[key], **value} if both else value
    return found if dicts else (rows[0] if rows else None)


def missing(documented: Any, ours: Any, path: str = "") -> list[str]:
    """Return where our answer lacks a member that the documented one has, or has another type."""
    if documented is None or (ours is None and path):
        return []
    if isinstance(documented, dict):
        if not isinstance(ours, dict):
            return [path or "."]
        return [
            fault
            for key, value in documented.items()
            if not key.startswith("@")
            for fault in (
                missing(value, ours[key], f"{path}.{key}") if key in ours else [f"{path}.{key}"]
            )
        ]
    if isinstance(documented, list):
        dicts = any(isinstance(each, dict) for each in documented)
        if not isinstance(ours, list) or (dicts and not ours):
            return [path or "."]
        return missing(merged(documented), merged(ours), f"{path}[]") if documented and ours else []
    number = isinstance(documented, int | float) and not isinstance(documented, bool)
    same = isinstance(ours, int | float) if number else type(documented) is type(ours)
    return [] if same else [path or "."]
