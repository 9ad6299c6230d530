"""Microsoft's documented SharePoint REST examples, replayed: status, members, all three forms."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest

from tests.contract.example_kit import examples, missing
from tests.contract.rest_shapes_kit import MINIMAL, NONE, VERBOSE
from tests.contract.test_doubles import KNOWN

if TYPE_CHECKING:
    import httpx

    from tests.contract.doubles_kit import Doubles
    from tests.contract.example_kit import Example

FAMILIES = {"sp-batch", "sp-files", "sp-hubsites", "sp-lists", "sp-sites", "sp-webhooks"}
EXAMPLES = [
    each
    for each in examples()
    if each["family"] in FAMILIES and each["request"] and "_api" in each["request"]["url"]
]
NOT_SERVED = 501
pytestmark = pytest.mark.skipif(not EXAMPLES, reason="../shared/contract is not here")
# Bodies that the page shows with words in the place of values
BODIES: dict[str, Any] = {
    "sp-working-with-lists-and-list-items-with-rest-5": {
        "Title": "field title", "FieldTypeKind": 2, "Required": False, "StaticName": "field name",
    },
    "sp-synchronize-sharepoint-items-using-the-rest-service-1": {
        "query": {"Query": "<Query><Where><Contains><FieldRef Name='Title'/>"
                           "<Value Type='Text'>a</Value></Contains></Where></Query>"},
    },
}  # fmt: skip


def address(place: Doubles, example: Example) -> str:
    """Return an example's address below `_api` with our names in it."""
    said = KNOWN["url"].get(example["id"], example["request"]["url"])
    url = unquote(said.replace("%26", "%2526")).strip("`")
    path = re.split("_api/", url, maxsplit=1)[1]
    shapes, site = place.shapes, place.shapes.place.path
    events = f"{site}/Lists/Events"
    ours = {
        r"(?i)getbytitle\('[^']*'\)": "GetByTitle('Events')",
        r"lists\((?:guid)?'[^']*'\)": f"lists(guid'{place.ids['list']}')",
        r"items\(\{[^}]*\}\)": "items(1)",
        r"GetFolderByServerRelativeUrl\('Folder Name'\)": place.ids["folder"],
        r"GetFileByServerRelativeUrl\('[^']*'\)": place.ids["file"],
        r"AttachmentFiles\('[^']*'\)": "AttachmentFiles('a.pdf')",
        r"AttachmentFiles/ ?add\([^)]*\)": f"AttachmentFiles/add(FileName='{place.new('b')}.pdf')",
        r"subscriptions\('[^']*'\)": f"subscriptions('{place.ids.get('hook', '')}')",
        r"listUrl='[^']*'": f"listUrl='{events}'",
        r"hubSiteId='[^']*'": f"hubSiteId='{place.hub}'",
        r"JoinHubSite\('[^']*'\)": f"JoinHubSite('{place.hub}')",
        r"status\?url='[^']*'": f"status?url='{place.ids.get('made', '')}'",
        r"LookupColumnId eq 1": "Id eq 1",
        r"\{[^}]*\}": "x",
    }
    for pattern, said in ours.items():
        path = re.sub(pattern, lambda _hit, said=said: said, path)
    assert shapes.file
    return path


def send(place: Doubles, example: Example) -> httpx.Response:
    request, wanted = example["request"], dict(example["request"]["headers"])
    _prepare(place, example)
    accept = VERBOSE if "verbose" in wanted.get("Accept", "") else NONE
    if "odata.metadata" in ((example["response"] or {}).get("body") or ()):
        accept = MINIMAL
    headers = {"Accept": accept, "X-HTTP-Method": wanted.get("X-HTTP-Method", ""),
               "If-Match": "*", "Content-Type": "application/json"}  # fmt: skip
    body = _body(place, example)
    if request["url"].endswith("$batch"):
        headers["Content-Type"] = wanted["Content-Type"]
    content = {"content": body} if isinstance(body, str | bytes) else {"json": body} if body else {}
    rest = place.shapes.place
    url = f"{rest.path}/_api/{address(place, example)}".replace("#", "%23")
    kept = {name: value for name, value in headers.items() if value}
    return rest.rest.request(request["method"], url, headers=kept, **content)


def _prepare(place: Doubles, example: Example) -> None:
    """Make afresh what the example takes away: a list, a file that is checked out, a webhook."""
    made = place.post("web/lists", {"Title": place.new("L"), "BaseTemplate": 100}).json()
    place.post(f"web/lists(guid'{made['Id']}')/items", {"Title": "a"})
    place.post(
        f"web/lists(guid'{made['Id']}')/items(1)/AttachmentFiles/add(FileName='a.pdf')", b"x"
    )
    events = place.shapes.get("web/lists/GetByTitle('Events')?$select=Id", NONE).json()["Id"]
    deletes = example["request"]["headers"].get("X-HTTP-Method") == "DELETE"
    changed = deletes or "New title" in str(example["request"]["body"])
    place.file_with_versions()
    folder = f"{place.shapes.place.path}/Shared Documents/{place.new('Dir')}"
    place.post("web/Folders/AddUsingPath(DecodedUrl='" + folder + "')", {})
    place.post(f"web/lists/GetByTitle('Events')/items(1)/AttachmentFiles/add"
               f"(FileName='{place.new('c')}.pdf')", b"x")  # fmt: skip
    hook = {"notificationUrl": place.shapes.place.world.hook.url, "resource": "x",
            "expirationDateTime": place.shapes.place.world.in_days(3)}  # fmt: skip
    place.ids |= {
        "list": made["Id"] if changed else events,
        "folder": f"GetFolderByServerRelativeUrl('{folder}')",
    }
    path = f"web/lists(guid'{place.ids['list']}')/Subscriptions"
    if "subscriptions(" in example["request"]["url"]:
        place.ids["hook"] = place.post(path, hook).json()["id"]
    if "HubSiteData" in example["request"]["url"]:
        place.post(f"site/JoinHubSite('{place.hub}')", {})
    if "CheckIn" in example["request"]["url"]:
        place.post(f"web/{place.ids['file']}/CheckOut", {})
    attached = "web/lists/GetByTitle('Events')/items(1)/AttachmentFiles"
    if place.call("GET", f"{attached}('a.pdf')/$value").is_error:
        place.post(f"{attached}/add(FileName='a.pdf')", b"x")


def _body(place: Doubles, example: Example) -> Any:
    body, world = example["request"]["body"], place.shapes.place.world
    if example["id"] in BODIES:
        return BODIES[example["id"]]
    if body == "...":
        return None
    if isinstance(body, str) and body.startswith("--batch"):
        text = re.sub(r"getbytitle\('[^']*'\)", "getbytitle('Events')", body)
        return re.sub(r"https://[^/]+/_api", f"https://x{place.shapes.place.path}/_api", text)
    text = body[body.index("{") :] if isinstance(body, str) and "{" in body else body
    told = json.loads(text) if isinstance(text, str) and text.startswith("{") else text
    return _fitted(place, told, world) if isinstance(told, dict) else told


def _fitted(place: Doubles, told: dict[str, Any], world: Any) -> dict[str, Any]:
    """Put in addresses and dates that this tenant knows."""
    text = json.dumps(told)
    site = place.shapes.place.path
    text = re.sub(r'"DecodedUrl": "[^"]*"', f'"DecodedUrl": "{site}/Lists/Events"', text)
    text = re.sub(r'"FolderServerRelativeUrl": "[^"]*"',
                  f'"FolderServerRelativeUrl": "{site}/Lists/Events"', text)  # fmt: skip
    text = re.sub(r"owner@yourtenant[^\"]*", "helen.ward@dgft.nhs.example", text)
    text = re.sub(r"sites/commsite1", f"sites/{place.new('comm')}", text)
    text = text.replace("contoso.sharepoint.com", "wmin.sharepoint.com").replace(
        "New name", place.new("N")
    )
    body = json.loads(text)
    if "expirationDateTime" in body:
        body |= {"expirationDateTime": world.in_days(4), "notificationUrl": world.hook.url}
    return body


def _told(reply: httpx.Response) -> Any:
    """Return an answer, the text of a JSON value read."""
    told = reply.json()
    text = told.get("value")
    return json.loads(text) if isinstance(text, str) and text.startswith("{") else told


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each["id"])
def test_a_documented_rest_example_is_answered_as_documented(place: Doubles, example: Example):
    shown = example["response"] or {}
    reply = send(place, example)
    assert reply.status_code != NOT_SERVED, reply.text
    if shown.get("status"):
        assert reply.status_code == shown["status"], reply.text
    else:
        assert reply.is_success, (address(place, example), reply.text)
    if "RegisterHubSite" in example["request"]["url"]:
        place.post("site/UnRegisterHubSite", {})
    if isinstance(shown.get("body"), dict):
        lacks = [fault for fault in missing(shown["body"], _told(reply))
                 if fault not in KNOWN["shown"].get(example["id"], [])]  # fmt: skip
        assert lacks == []
    if example["request"]["url"].endswith("SPSiteManager/create"):
        place.ids["made"] = json.loads(reply.request.content)["request"]["Url"]
