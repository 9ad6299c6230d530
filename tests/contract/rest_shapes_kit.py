"""`_api` answers held against Microsoft's `$metadata` and against the CLI's doubles.

The doubles name sites, lists and files of a tenant that nobody has; `Shapes.address` puts ours in.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from tests.contract_kit import FOLDER
from tests.tenant_kit import HELEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from tests.contract.client_kit import Imaging

VERBOSE = "application/json;odata=verbose"
MINIMAL = "application/json;odata=minimalmetadata"
NONE = "application/json;odata=nometadata"
FORMS = (VERBOSE, MINIMAL, NONE)
_GUID = re.compile(r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")
_TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?$")
_WHOLE = {"Edm.Int16", "Edm.Int32", "Edm.Byte"}
_PLAIN: dict[str, Any] = {
    "Edm.String": lambda value: isinstance(value, str),
    "Edm.Boolean": lambda value: isinstance(value, bool),
    "Edm.Guid": lambda value: isinstance(value, str) and _GUID.match(value) is not None,
    "Edm.DateTime": lambda value: isinstance(value, str) and _TIME.match(value) is not None,
    "Edm.Int64": lambda value: isinstance(value, str) and value.lstrip("-").isdecimal(),
    "Edm.Double": lambda value: isinstance(value, int | float),
}


def metadata() -> dict[str, Any]:
    path = FOLDER / "sharepoint-rest-metadata.json"
    return json.loads(path.read_text("utf-8"))["types"] if path.exists() else {}


@dataclass
class Types:
    """Microsoft's types: what members one has, its base's among them, and whether a value fits."""

    types: dict[str, Any]

    def members(self, name: str) -> tuple[dict[str, Any], dict[str, Any], bool]:
        """Return properties, navigation members, and whether more are allowed."""
        props: dict[str, Any] = {}
        nav: dict[str, Any] = {}
        is_open, known = False, self.types.get(name)
        while known is not None:
            props |= known["props"]
            nav |= known["nav"]
            is_open = is_open or known["open"]
            known = self.types.get(known["base"])
        return props, nav, is_open

    def faults(self, body: Any, path: str = "") -> Iterator[str]:
        """Yield what a verbose answer has that its types do not."""
        if isinstance(body, list):
            for each in body:
                yield from self.faults(each, path)
        if not isinstance(body, dict):
            return
        name = (body.get("__metadata") or {}).get("type", "") if "__metadata" in body else ""
        name = "SP.ListItem" if name.startswith("SP.Data.") else name
        if name in self.types:
            yield from self._entity(name, body)
        for key, value in body.items():
            if key != "__metadata":
                yield from self.faults(value, f"{path}.{key}")

    def _entity(self, name: str, body: dict[str, Any]) -> Iterator[str]:
        props, nav, is_open = self.members(name)
        for key, value in body.items():
            if key == "__metadata" or key in nav:
                continue
            if key in props:
                kind, nullable = props[key]
                if not self._fits(kind, value) and not (value is None and nullable):
                    yield f"{name}.{key} is {kind}, not {value!r}"
            elif not is_open and name != "SP.ListItem":
                yield f"{name}.{key} is unknown"

    def _fits(self, kind: str, value: Any) -> bool:
        if kind in _WHOLE:
            return isinstance(value, int) and not isinstance(value, bool)
        if kind in _PLAIN:
            return bool(_PLAIN[kind](value))
        if kind.startswith("Collection("):
            return isinstance(value, dict) and isinstance(value.get("results"), list)
        return isinstance(value, dict)


@dataclass
class Shapes:
    """A site to hold answers of: a list "Events" with an item, and a file with two versions."""

    place: Imaging
    ids: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        site, ask = self.place.names["S1"], self.place.ask
        columns = [{"name": "Location", "text": {}}, {"name": "EventDate", "dateTime": {}}]
        made = ask("POST", f"/sites/{site}/lists", {"displayName": "Events", "columns": columns})
        ask("POST", f"/sites/{site}/lists/{made['id']}/items", {"fields": {"Title": "Fair"}})
        drive = ask("GET", f"/sites/{site}/drive")["id"]
        for text in (b"one", b"two"):
            ask("PUT", f"/drives/{drive}/root:/Folder/Document.docx:/content", text)
        self.ids = {"list": made["id"], "hub": site.split(",")[1]}
        gone = ask("PUT", f"/drives/{drive}/root:/gone.txt:/content", b"x")["id"]
        ask("DELETE", f"/drives/{drive}/items/{gone}")
        file = self.get(f"web/{self.file}?$select=UniqueId", NONE).json()
        folder = self.get(f"web/{self.folder}?$select=UniqueId", NONE).json()
        types = self.get("web/lists/GetByTitle('Events')/ContentTypes", NONE).json()["value"]
        title = self.get("web/lists/GetByTitle('Events')/fields/getbytitle('Title')", NONE).json()
        user = self.get(f"web/siteusers/getbyemail('{HELEN}')", NONE).json()
        self.ids |= {"file": file["UniqueId"], "folder": folder["UniqueId"], "field": title["Id"],
                     "type": types[0]["Id"]["StringValue"], "user": str(user["Id"]),
                     "login": user["LoginName"]}  # fmt: skip

    @property
    def file(self) -> str:
        path = f"{self.place.path}/Shared Documents/Folder/Document.docx"
        return f"GetFileByServerRelativePath(DecodedUrl='{path}')"

    @property
    def folder(self) -> str:
        path = f"{self.place.path}/Shared Documents/Folder"
        return f"GetFolderByServerRelativePath(DecodedUrl='{path}')"

    def get(self, path: str, accept: str) -> httpx.Response:
        url = f"{self.place.path}/_api/{path}"
        return self.place.rest.get(url, headers={"Accept": accept})

    def address(self, url: str) -> str:
        """Return a double's address below `_api` with our names in it."""
        path = unquote(re.split("/_api/", url, maxsplit=1, flags=re.IGNORECASE)[1])
        text = r"\('(?:[^']|'')*'\)"
        ours = {
            r"GetByTitle" + text: "GetByTitle('Events')",
            r"Lists\(guid'[^']*'\)": f"Lists(guid'{self.ids['list']}')",
            r"Lists\('[^']*'\)": f"Lists(guid'{self.ids['list']}')",
            r"GetList" + text: f"GetList('{self.place.path}/Lists/Events')",
            r"GetList\(@\w+\)": f"GetList('{self.place.path}/Lists/Events')",
            r"HubSites/GetById" + text: f"HubSites/GetById('{self.ids['hub']}')",
            r"GetFileById" + text: f"GetFileById('{self.ids['file']}')",
            r"GetFolderById" + text: f"GetFolderById('{self.ids['folder']}')",
            r"GetFileByServerRelative(?:Path|Url)\((?:decodedurl=)?'(?:[^']|'')*'\)": self.file,
            r"GetFolderByServerRelative(?:Path|Url)\((?:decodedurl=)?'(?:[^']|'')*'\)": self.folder,
            r"(?<=/)files" + text: "files('Document.docx')",
            r"items\(\d+\)": "items(1)",
            r"GetItemById\(\d+\)": "GetItemById(1)",
            r"web/contenttypes\('0x[^']*'\)": "web/contenttypes('0x0101')",
            r"(?<!web/)contenttypes\('0x[^']*'\)": f"contenttypes('{self.ids['type']}')",
            r"fields/getbyid" + text: f"fields/getbyid('{self.ids['field']}')",
            r"GetByInternalNameOrTitle" + text: "GetByInternalNameOrTitle('Title')",
            r"siteusers/GetById" + text: f"siteusers/GetById({self.ids['user']})",
            r"GetByLoginName" + text: f"GetByLoginName('{self.ids['login']}')",
            r"siteusers/GetByEmail" + text: f"siteusers/GetByEmail('{HELEN}')",
            r"sitegroups/GetByName" + text: "sitegroups/GetByName('Imaging Owners')",
            r"sitegroups/GetById\('?\d+'?\)": "sitegroups/GetByName('Imaging Owners')",
        }
        for pattern, said in ours.items():
            path = re.sub(pattern, lambda _hit, said=said: said, path, flags=re.IGNORECASE)
        before, mark, query = path.partition("?")
        query = re.sub(r"&?\$filter=[^&]*", "", query).lstrip("&")
        return (
            quote(before, safe="/()'=,@$")
            + (mark if query else "")
            + quote(query, safe="/()'=,@$&*")
        )
