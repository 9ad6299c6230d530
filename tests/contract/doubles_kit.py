"""The doubles of cli-microsoft365 as requests: what each needs to be there, its body, its address.

A double tells an address and an answer, but no body and no headers; `Doubles.send` makes up what
the operation needs by its address (`BODIES`), and `_prepare` brings about what it is done to.
"""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from tests.contract.rest_shapes_kit import NONE, Shapes
from tests.contract_kit import FOLDER
from tests.tenant_kit import HELEN, SAM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx

type Double = dict[str, Any]

ACTION = {"Title": "Places", "Location": "ClientSideExtension.ApplicationCustomizer",
          "ClientSideComponentId": "799883f5-7962-4384-a10a-105adaec6ffc"}  # fmt: skip
PAGE = {"Title": "Home", "CanvasContent1": "[]", "LayoutWebpartsContent": "[]",
        "TopicHeader": "t", "AuthorByline": "a"}  # fmt: skip
MERGED = re.compile(
    r"/fields/getby\w+\([^/]*\)$|/GetList\([^)]*\)/?$|/lists/getbytitle\([^/]*\)/?$|/lists\([^/]*\)/?$"
    r"|/_api/web$|/sitegroups/getbyname\([^/]*\)$",
    re.IGNORECASE,
)
LABEL = "Retention label for Contracts"


def doubles() -> list[Double]:
    path = FOLDER / "sharepoint-mocks.dev.jsonl"
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@dataclass
class Doubles:
    """A place with one of everything the doubles name, and a way to send each of them."""

    shapes: Shapes
    hub: str
    form: str = NONE
    ids: dict[str, str] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=itertools.count, init=False)

    def __post_init__(self) -> None:
        self.shapes.place.world.tenant.local("POST", "/labels", {"name": LABEL, "kind": "retain"})
        web = self.post("web/UserCustomActions", ACTION).json()["Id"]
        site = self.post("site/UserCustomActions", ACTION).json()["Id"]
        told = {"ReceiverName": "r", "ReceiverUrl": "https://r.example/x", "EventType": 10002}
        receiver = self.post("web/lists/GetByTitle('Events')/EventReceivers", told)
        node = self.post("web/navigation/quicklaunch", {"Title": "About", "Url": "/sites/a"})
        self.post(f"web/navigation/GetNodeById({node.json()['Id']})/Children",
                  {"Title": "Team", "Url": "/sites/b"})  # fmt: skip
        for name in ("home", "page"):
            page = self.post("SitePages/Pages", PAGE | {"Name": f"{name}.aspx"})
        self.post("web/TenantAppCatalog/SiteCollectionAppCatalogsSites/Add",
                  {"siteUrl": f"https://x{self.shapes.place.path}"})  # fmt: skip
        self.post(f"site/JoinHubSite('{self.hub}')", {})
        self.ids = {"web": web, "site": site, "receiver": receiver.json()["ReceiverId"],
                    "node": str(node.json()["Id"]), "page": str(page.json()["Id"])}  # fmt: skip

    # -- sending ----------------------------------------------------------------------------------
    def post(self, path: str, body: Any, verb: str = "") -> httpx.Response:
        """Make something; its answer has no metadata, whatever form is asked for."""
        reply = self.call("POST", path, body, verb, NONE)
        assert reply.is_success, (path, reply.text)
        return reply

    def call(
        self, method: str, path: str, body: Any = None, verb: str = "", form: str = ""
    ) -> httpx.Response:
        more = {"X-HTTP-Method": verb, "If-Match": "*"} if verb else {}
        data = {"content": body} if isinstance(body, bytes) else {"json": body} if body else {}
        place = self.shapes.place
        return place.rest.request(
            method,
            f"{place.path}/_api/{path}",
            headers={"Accept": form or self.form} | more,
            **data,
        )

    def send(self, double: Double) -> httpx.Response:
        """Send a double's request at what is here; one that throws, at what is not."""
        raw = unquote(re.split("/_api/", double["url"], maxsplit=1, flags=re.IGNORECASE)[1])
        method = double["method"]
        if method == "GET":
            return self.shapes.get(self.address(double), self.form)
        self._prepare(raw)
        verb = "MERGE" if method == "POST" and MERGED.search(f"/_api/{raw}") else ""
        return self.call(method, self.address(double), self._body(raw), verb)

    def address(self, double: Double) -> str:
        path = self.shapes.address(double["url"])
        ours = {
            r"Web/UserCustomActions\(guid'[^']*'\)":
                f"Web/UserCustomActions(guid'{self.ids['web']}')",
            r"Site/UserCustomActions\(guid'[^']*'\)":
                f"Site/UserCustomActions(guid'{self.ids['site']}')",
            r"eventreceivers\(guid'[^']*'\)": f"eventreceivers(guid'{self.ids['receiver']}')",
            r"GetNodeById\(\d+\)": f"GetNodeById({self.ids['node']})",
            r"SitePages/Pages\(\d+\)": f"SitePages/Pages({self.ids['page']})",
            r"JoinHubSite\('[^']*'\)": f"JoinHubSite('{self.hub}')",
            r"AttachmentFiles/add\([^)]*\)": f"AttachmentFiles/add(FileName='{self.new('a')}.pdf')",
            r"users/removeById\(\d+\)": f"users/removeById({self.ids.get('sam', 0)})",
            r"removeByLoginName\((?:'[^']*'|@LoginName)\)":
                f"removeByLoginName('{quote(self.ids.get('login', ''))}')",
            r"\?@LoginName=.*$": "",
            r"sitegroups/RemoveById\(\d+\)": f"sitegroups/RemoveById({self.ids.get('group', 0)})",
            r"ensureUser\('[^']*'\)": f"ensureUser('{SAM}')",
            r"siteUrl=@a1\)\?@a1='[^']*'": "siteUrl='x')",
            r"TenantAdmin\w*|DO_NOT_DELETE_\w+": "Events",
        }  # fmt: skip
        for pattern, said in ours.items():
            path = re.sub(pattern, lambda _hit, said=said: said, path, flags=re.IGNORECASE)
        file = self.ids.get("file", "")
        fresh = file and "versions/" in path.lower() and double["method"] != "GET"
        return re.sub(r"GetFileBy\w+\([^)]*\)", file, path) if fresh else path

    def new(self, stem: str) -> str:
        return f"{stem}{next(self._numbers)}"

    # -- what a write is done to ------------------------------------------------------------------
    def _prepare(self, raw: str) -> None:
        """Bring about what the request takes away or changes."""
        low = raw.lower()
        if "versions/" in low:
            self.file_with_versions()
        if "removeby" in low:
            sam = self.post("web/ensureUser", {"logonName": SAM}).json()
            self.ids |= {"sam": str(sam["Id"]), "login": sam["LoginName"]}
            self.post("web/sitegroups/GetByName('Imaging Owners')/users",
                      {"LoginName": sam["LoginName"]})  # fmt: skip
        if "sitegroups/removebyid" in low:
            made = self.post("web/sitegroups", {"Title": self.new("Group")}).json()
            self.ids["group"] = str(made["Id"])

    def file_with_versions(self) -> None:
        folder, name = self.shapes.folder, f"{self.new('Doc')}.txt"
        for text in (b"one", b"two"):
            self.post(f"web/{folder}/Files/Add(url='{name}',overwrite=true)", text)
        path = f"{self.shapes.place.path}/Shared Documents/Folder/{name}"
        self.ids["file"] = f"GetFileByServerRelativePath(DecodedUrl='{path}')"

    def _body(self, raw: str) -> Any:
        bodies: dict[str, Callable[[], Any]] = {
            "addavailablecontenttype": lambda: {"contentTypeId": "0x0120D520"},
            "validateupdatelistitem": lambda: {
                "formValues": [{"FieldName": "Title", "FieldValue": "Fair"}]
            },
            "attachmentfiles": lambda: b"bytes",
            "renderlistdataasstream": lambda: {"parameters": {"ViewXml": "<View/>"}},
            "usercustomactions": lambda: ACTION,
            "webinfos/add": lambda: {"parameters": {"Url": self.new("sub"), "Title": "Sub"}},
            "views/add": lambda: {"parameters": {"Title": self.new("View")}},
            "navigation/": lambda: {"Title": "Team", "Url": "/sites/c"},
            "subscriptions": lambda: {
                "notificationUrl": self.shapes.place.world.hook.url,
                "resource": "x", "expirationDateTime": self.shapes.place.world.in_days(3),
            },
            "ensureuser": lambda: None if "(" in raw else {"logonName": HELEN},
            "setuseaccessrequest": lambda: {"useAccessRequestDefault": True},
            "sitegroups/getbyname": lambda: {"Description": "d"},
        }  # fmt: skip
        low = raw.lower()
        if low == "web/lists":
            return {"Title": self.new("List"), "BaseTemplate": 100}
        found = next((make() for name, make in bodies.items() if name in low), None)
        merged = MERGED.search(f"/_api/{raw}")
        return found if found or not merged else {"Description": "d"}
