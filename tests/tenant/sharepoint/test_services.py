"""List webhooks, change tokens, hubs, team sites, uploads in pieces, the recycle bin."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.tenant_kit import HELEN, HOST, SAM
from tests.webhook_kit import Webhook

NONE = "application/json;odata=nometadata"
ZERO = "00000000-0000-0000-0000-000000000000"


class Rest:
    """A caller's way to one site's `_api`, with a fresh digest."""

    def __init__(self, tenant, who="provisioner", site="") -> None:
        token = tenant.token(who, "sharepoint")
        self.http = tenant.httpx(token, Host=HOST, Accept=NONE)
        self.base = f"{site}/_api"
        told = self.http.post(f"{self.base}/contextInfo").json()
        self.http.headers["X-RequestDigest"] = told["FormDigestValue"]

    def __call__(self, method, path, status=200, **rest):
        reply = self.http.request(method, f"{self.base}/{path}", **rest)
        assert reply.status_code == status, (path, reply.text)
        return reply.json() if reply.content else None


@pytest.fixture
def rest(tenant):
    return Rest(tenant)


@pytest.fixture
def events(rest):
    """A list with one item; returns its address."""
    made = rest("POST", "web/lists", 201, json={"Title": "Events", "BaseTemplate": 100})
    rest("POST", f"web/lists(guid'{made['Id']}')/items", 201, json={"Title": "Fair"})
    return f"web/lists(guid'{made['Id']}')"


def ahead(days):
    return (datetime.now(UTC) + timedelta(days=days)).isoformat(timespec="seconds")


def test_a_list_webhook_shakes_hands_and_lives_180_days(rest, events):
    with Webhook() as hook:
        body = {"notificationUrl": hook.url, "resource": events, "clientState": "s"}
        made = rest("POST", f"{events}/subscriptions", 201, json=body)
        assert len(hook.tokens) == 1
    life = datetime.fromisoformat(made["expirationDateTime"]) - datetime.now(UTC)
    assert timedelta(days=179) < life <= timedelta(days=180)
    one = f"{events}/subscriptions('{made['id']}')"
    assert rest("GET", one) == made
    assert rest("GET", f"{events}/subscriptions")["value"] == [made]
    rest("PATCH", one, 204, json={"expirationDateTime": ahead(9)})
    assert rest("GET", one)["expirationDateTime"] < made["expirationDateTime"]
    rest("PATCH", one, 400, json={"expirationDateTime": ahead(181)})
    rest("DELETE", one, 204)
    rest("GET", one, 404)


@pytest.mark.parametrize("manner", ["html", "refused"])
def test_a_webhook_that_does_not_answer_rightly_is_not_kept(rest, events, manner):
    with Webhook(handshake=manner) as hook:
        body = {"notificationUrl": hook.url, "resource": events}
        rest("POST", f"{events}/subscriptions", 400, json=body)
    assert rest("GET", f"{events}/subscriptions")["value"] == []


def test_a_webhook_must_be_https(rest, events):
    body = {"notificationUrl": "http://other.example/x", "resource": events}
    rest("POST", f"{events}/subscriptions", 400, json=body)


def test_a_webhook_is_its_apps_own_and_no_subscription_of_graphs(tenant, rest, events):
    with Webhook() as hook:
        asked = {"parameters": {"notificationUrl": hook.url, "resource": "x"}}
        made = rest("POST", f"{events}/Subscriptions/Add", json=asked)
        with Webhook() as other:
            rest("PATCH", f"{events}/subscriptions('{made['id']}')", 204,
                 json={"notificationUrl": other.url})  # fmt: skip
            assert len(other.tokens) == 1
    assert Rest(tenant, HELEN)("GET", f"{events}/subscriptions")["value"] == []
    assert tenant.http("provisioner").get("/v1.0/subscriptions").json()["value"] == []


def test_changes_since_a_token_are_told_once(rest, events):
    asked = {"query": {"Item": True, "Add": True, "Update": True, "DeleteObject": True}}
    first = rest("POST", f"{events}/GetChanges", json=asked)["value"]
    assert [each["ChangeType"] for each in first] == [1]
    now = rest("GET", f"{events}?$select=CurrentChangeToken")["CurrentChangeToken"]
    rest("POST", f"{events}/items(1)", 204, json={"Title": "Fete"},
         headers={"X-HTTP-Method": "MERGE", "IF-MATCH": "*"})  # fmt: skip
    asked["query"]["ChangeTokenStart"] = now
    later = rest("POST", f"{events}/GetChanges", json=asked)["value"]
    assert [(each["ChangeType"], each["ItemId"]) for each in later] == [(2, 1)]
    assert rest("POST", "web/GetChanges", json=asked)["value"][0]["ItemId"] == 1
    asked["query"]["Update"] = False
    assert rest("POST", f"{events}/GetChanges", json=asked)["value"] == []
    asked["query"]["ChangeTokenStart"] = {"StringValue": "no token"}
    rest("POST", f"{events}/GetChanges", 400, json=asked)


def test_a_site_joins_a_hub_and_leaves_it(tenant, rest):
    wanted = {
        "Title": "SIG",
        "Url": f"https://{HOST}/sites/sig",
        "WebTemplate": "STS#3",
        "Owner": HELEN,
    }
    rest("POST", "SPSiteManager/create", json={"request": wanted})
    for _ in range(2):
        rest("GET", f"SPSiteManager/status?url='{wanted['Url']}'")
    sig = Rest(tenant, site="/sites/sig")
    hub = rest("POST", "site/RegisterHubSite", json={"creationInformation": {"Title": "Network"}})
    assert rest("GET", "HubSites")["value"] == [hub]
    assert rest("GET", f"HubSites/GetById('{hub['ID']}')")["Title"] == "Network"
    assert sig("POST", f"site/JoinHubSite('{hub['ID']}')") == {"odata.null": True}
    assert sig("GET", "site?$select=HubSiteId")["HubSiteId"] == hub["ID"]
    assert '"name": "Network"' in sig("GET", "web/HubSiteData(true)")["value"]
    sig("POST", "site/JoinHubSite", json={"hubSiteId": ZERO})
    assert sig("GET", "site?$select=HubSiteId")["HubSiteId"] == ZERO
    sig("POST", f"site/JoinHubSite('{hub['ID'][:-1]}0')", 400)
    assert rest("GET", "SP.HubSites.CanCreate") == {"value": True}
    rest("POST", "site/UnRegisterHubSite")
    rest("POST", "site/UnRegisterHubSite", 400)


def test_a_team_site_comes_with_its_group(tenant, rest):
    body = {"displayName": "SIG Breast", "alias": "sig-breast", "isPublic": False,
            "optionalParams": {"Owners": [HELEN]}}  # fmt: skip
    told = rest("POST", "GroupSiteManager/CreateGroupEx", json=body)
    assert (told["SiteStatus"], told["SiteUrl"]) == (2, f"https://{HOST}/sites/sig-breast")
    graph = tenant.http("provisioner")
    owners = graph.get(f"/v1.0/groups/{told['GroupId']}/owners").json()["value"]
    assert [each["userPrincipalName"] for each in owners] == [HELEN]
    root = graph.get(f"/v1.0/groups/{told['GroupId']}/sites/root").json()
    assert root["webUrl"].endswith("/sites/sig-breast")
    again = rest("POST", "GroupSiteManager/CreateGroupEx", json=body)
    assert (again["SiteStatus"], again["SiteUrl"]) == (3, None)
    status = rest("GET", f"GroupSiteManager/GetSiteStatus('{told['GroupId']}')")
    assert status == told


def test_a_file_comes_in_pieces(rest):
    folder = "web/GetFolderByServerRelativeUrl('/Shared Documents')"
    rest("POST", f"{folder}/Files/add(url='big.bin',overwrite=true)", content=b"")
    one = "web/GetFileByServerRelativeUrl('/Shared Documents/big.bin')"
    guid = "b8e5daa4-9310-4293-9060-6db665ea8239"
    assert rest("POST", f"{one}/StartUpload(uploadId=guid'{guid}')", content=b"abc") == {
        "value": "3"
    }
    go_on = f"{one}/ContinueUpload(uploadId=guid'{guid}',fileOffset=3)"
    assert rest("POST", go_on, content=b"def") == {"value": "6"}
    rest("POST", go_on, 400, content=b"def")
    done = rest("POST", f"{one}/FinishUpload(uploadId=guid'{guid}',fileOffset=6)", content=b"g")
    assert done["Length"] == "7"
    rest("POST", f"{one}/FinishUpload(uploadId=guid'{guid}',fileOffset=7)", 404, content=b"h")
    rest("POST", f"{one}/StartUpload(uploadId=guid'{guid}')", content=b"abc")
    rest("POST", f"{one}/CancelUpload(uploadId=guid'{guid}')")
    rest("POST", go_on, 404, content=b"def")


def test_the_recycle_bin_gives_back_and_forgets(tenant, rest, events):
    entry = rest("POST", f"{events}/items(1)/recycle")["value"]
    assert entry
    (lying,) = rest("GET", "web/RecycleBin")["value"]
    assert (lying["DeletedByName"], lying["ItemType"]) == ("provisioner", 3)
    assert Rest(tenant, SAM).http.get("/_api/web/RecycleBin").status_code == 403
    rest("POST", f"web/RecycleBin('{lying['Id']}')/Restore")
    assert rest("GET", "web/RecycleBin")["value"] == []
    assert rest("GET", f"{events}/items(1)")["Title"] == "Fair"
    rest("POST", f"{events}/items(1)/recycle")
    rest("POST", "web/RecycleBin/RestoreAll")
    rest("POST", f"{events}/items(1)/recycle")
    rest("POST", "web/RecycleBin/DeleteAll")
    assert rest("GET", "web/RecycleBin")["value"] == []
    rest("GET", f"{events}/items(1)", 404)


def test_a_web_below_a_site_is_one_of_graph_s_subsites(tenant, rest):
    rest("POST", "web/webinfos/add", json={"parameters": {"Url": "below", "Title": "Below"}})
    with tenant.http("provisioner") as graph:
        found = graph.get("/v1.0/sites/root/sites").json()["value"]
    assert [row["displayName"] for row in found] == ["Below"]
