"""Navigation, hubs that ask for approval, and document templates of content types."""

from __future__ import annotations

import json

import pytest

from tests.tenant.sharepoint.test_services import Rest
from tests.tenant_kit import GUEST, HELEN, HOST

ZERO = "00000000-0000-0000-0000-000000000000"
MERGE = {"X-HTTP-Method": "MERGE", "IF-MATCH": "*"}
BAR = "web/navigation/topnavigationbar"
QUICK = "web/navigation/QuickLaunch"


@pytest.fixture
def rest(tenant):
    return Rest(tenant)


def add(rest, title, where=BAR, **more):
    body = {"Title": title, "Url": f"/sites/{title.lower()}", "IsExternal": True, **more}
    return rest("POST", where, 201, json=body)


def titles(rest, where=BAR):
    return [row["Title"] for row in rest("GET", where)["value"]]


@pytest.fixture
def bar(rest):
    """A top bar with three links; returns their numbers."""
    for row in rest("GET", BAR)["value"]:
        rest("DELETE", f"web/navigation/GetNodeById({row['Id']})")
    return [add(rest, title)["Id"] for title in ("Alpha", "Beta", "Gamma")]


def test_a_node_has_the_members_of_the_documented_double(rest, bar):
    told = rest("GET", f"web/navigation/GetNodeById({bar[0]})")
    assert told == {
        "AudienceIds": None, "CurrentLCID": 2057, "Id": bar[0], "IsDocLib": True,
        "IsExternal": True, "IsVisible": True, "ListTemplateType": 0, "Title": "Alpha",
        "Url": "/sites/alpha",
    }  # fmt: skip
    assert rest("GET", f"{BAR}/GetById({bar[0]})") == told
    assert rest("GET", f"{BAR}({bar[0]})") == told


def test_links_are_added_last_and_moved_changed_and_removed(rest, bar):
    assert titles(rest) == ["Alpha", "Beta", "Gamma"]
    rest("POST", f"{BAR}/MoveAfter", json={"nodeId": bar[0], "previousNodeId": bar[1]})
    assert titles(rest) == ["Beta", "Alpha", "Gamma"]
    rest("POST", f"{BAR}/MoveAfter(nodeId={bar[2]},previousNodeId=0)")
    assert titles(rest) == ["Gamma", "Beta", "Alpha"]
    rest("POST", f"{BAR}({bar[1]})", 204, json={"Title": "Better"}, headers=MERGE)
    rest("DELETE", f"{BAR}({bar[2]})")
    assert titles(rest) == ["Better", "Alpha"]
    rest("GET", f"web/navigation/GetNodeById({bar[2]})", 404)
    rest("POST", f"{BAR}/MoveAfter", 404, json={"nodeId": bar[0], "previousNodeId": bar[2]})
    rest("POST", f"{BAR}({bar[1]})", 400, json={"Colour": "red"}, headers=MERGE)


def test_children_are_expanded_to_any_depth_and_go_with_their_parent(rest, bar):
    inner = add(rest, "Inner", f"web/navigation/GetNodeById({bar[0]})/Children")
    add(rest, "Deep", f"web/navigation/GetNodeById({inner['Id']})/Children")
    told = rest("GET", f"{BAR}?$expand=Children,Children/Children")["value"]
    assert [one["Title"] for one in told[0]["Children"][0]["Children"]] == ["Deep"]
    rest("DELETE", f"web/navigation/GetNodeById({bar[0]})")
    rest("GET", f"web/navigation/GetNodeById({inner['Id']})", 404)


def test_a_list_on_the_quick_launch_has_a_link_until_either_is_taken_away(rest):
    new = {"Title": "On the menu", "BaseTemplate": 100, "OnQuickLaunch": True}
    made = rest("POST", "web/lists", 201, json=new)
    assert titles(rest, QUICK)[0] == "Home"
    link = next(row for row in rest("GET", QUICK)["value"] if row["Title"] == "On the menu")
    assert link["ListTemplateType"] == 100
    rest("DELETE", f"{QUICK}({link['Id']})")
    told = rest("GET", f"web/lists(guid'{made['Id']}')?$select=OnQuickLaunch")
    assert told["OnQuickLaunch"] is False
    assert "On the menu" not in titles(rest, QUICK)


def test_a_menu_is_read_and_saved_as_one_state(rest, bar):
    asked = {"menuNodeKey": "1002", "mapProviderName": None, "depth": 10, "customProperties": None}
    state = rest("POST", "navigation/MenuState", json=asked)
    assert state["StartingNodeKey"] == "1002"
    assert [node["Key"] for node in state["Nodes"]] == [str(one) for one in bar]
    first, second, third = state["Nodes"]
    new = {"Key": None, "Title": "New", "SimpleUrl": f"https://{HOST}/sites/new", "Nodes": []}
    state["Nodes"] = [third, {**second, "Title": "Better"}, {**first, "IsDeleted": True}, new]
    rest("POST", "navigation/SaveMenuState", json={"menuState": state})
    assert titles(rest) == ["Gamma", "Better", "New"]
    assert rest("GET", "navigation/MenuState?menuNodeKey='1002'")["Nodes"][2]["Title"] == "New"
    assert rest("GET", "navigation/MenuState")["StartingNodeKey"] == "1025"


def test_only_who_may_design_the_site_changes_its_navigation(tenant, bar):
    guest = Rest(tenant, GUEST)
    guest("GET", BAR, 403)
    guest("DELETE", f"web/navigation/GetNodeById({bar[0]})", 403)


@pytest.fixture
def pair(tenant, rest):
    """A hub and a site that could join it."""
    name = (
        f"joining-{len(rest('GET', 'HubSites')['value'])}-{tenant.local('GET', '/ledger')['mark']}"
    )
    wanted = {"Title": "SIG", "Url": f"https://{HOST}/sites/{name}", "WebTemplate": "STS#3",
              "Owner": HELEN}  # fmt: skip
    rest("POST", "SPSiteManager/create", json={"request": wanted})
    for _ in range(2):
        rest("GET", f"SPSiteManager/status?url='{wanted['Url']}'")
    hub = rest("POST", "site/RegisterHubSite")
    yield hub["ID"], Rest(tenant, site=f"/sites/{name}")
    rest("POST", "site/UnRegisterHubSite")


def test_a_hub_that_asks_for_approval_is_joined_with_its_owners_token(rest, pair):
    hub, sig = pair
    rest("POST", f"HubSites/GetById('{hub}')", json={"RequiresJoinApproval": True})
    sig("POST", f"site/JoinHubSite('{hub}')", 403)
    number = "7b0c1a52-6a36-4c9c-8f6e-3f1c3f0e5a11"
    sig("POST", "site/OnHubSiteJoinRequestStarted", json={"approvalCorrelationId": number})
    assert sig("POST", "site/GetHubSiteJoinApprovalCorrelationId")["value"] == number
    me = sig("GET", "site?$select=Id")["Id"]
    token = rest("POST", "site/OnHubSiteJoinRequestApproved", json={"joiningSiteId": me})["value"]
    other = {"joiningSiteId": ZERO, "approvalToken": token}
    assert rest("POST", "site/ValidateHubSiteJoinApprovalToken", json=other)["value"] is False
    sig("POST", "site/JoinHubSite", json={"hubSiteId": hub, "approvalToken": token})
    assert sig("GET", "site?$select=HubSiteId")["HubSiteId"] == hub
    assert sig("POST", "site/GetHubSiteJoinApprovalCorrelationId")["value"] == ""


@pytest.mark.usefixtures("bar")
def test_a_site_of_a_hub_shows_the_hubs_own_links(rest, pair):
    hub, sig = pair
    sig("POST", f"site/JoinHubSite('{hub}')")
    told = json.loads(sig("GET", "web/HubSiteData(true)")["value"])
    assert [link["Title"] for link in told["navigation"]] == ["Alpha", "Beta", "Gamma"]
    assert told["navigation"][0]["ParentId"] == 1002
    sig("POST", "site/RegisterHubSite")
    assert sig("GET", "site?$select=HubSiteId,IsHubSite")["IsHubSite"] is True
    sig("POST", "site/RegisterHubSite", 400)
    sig("POST", f"site/JoinHubSite('{hub}')", 400)
    rest("POST", "HubSites/GetById('{hub}')".replace("{hub}", hub), json={"Title": "Network"})
    assert rest("GET", f"HubSites/GetById('{hub}')")["Title"] == "Network"
    told = rest("POST", "HubSites/GetSiteUrlByHubSiteId", json={"hubSiteId": hub})
    assert told["value"] == f"https://{HOST}"
    sig("POST", "site/UnRegisterHubSite")


def test_a_content_type_hands_its_document_template_to_a_new_copy_only(rest):
    made = rest("POST", "web/contenttypes", 201, json={"Name": "Paper", "Id": {"StringValue":
                "0x01010000AA00BB00CC00DD00EE00FF0011223344"}})  # fmt: skip
    one = f"web/contenttypes('{made['StringId']}')"
    library = rest("POST", "web/lists", 201, json={"Title": "Papers", "BaseTemplate": 101})
    inside = f"web/lists(guid'{library['Id']}')/contenttypes"
    rest("POST", one, 204, json={"DocumentTemplate": "paper.docx"}, headers=MERGE)
    assert rest("GET", one)["DocumentTemplateUrl"] == "/_cts/Paper/paper.docx"
    copied = rest("POST", f"{inside}/AddAvailableContentType",
                  json={"contentTypeId": made["StringId"]})  # fmt: skip
    assert copied["DocumentTemplateUrl"] == "/Papers/Forms/Paper/paper.docx"
    rest("POST", one, 204, json={"DocumentTemplate": "/Papers/Own.docx"}, headers=MERGE)
    assert rest("GET", one)["DocumentTemplateUrl"] == "/Papers/Own.docx"
    told = rest("GET", f"{inside}('{copied['StringId']}')")
    assert told["DocumentTemplate"] == "paper.docx"


def test_graph_tells_and_sets_the_document_template(tenant):
    with tenant.http("provisioner") as graph:
        body = {"name": "Plan", "base": {"name": "Document", "id": "0x0101"}}
        made = graph.post("/v1.0/sites/root/contentTypes", json=body).json()
        where = f"/v1.0/sites/root/contentTypes/{made['id']}"
        assert "documentTemplate" not in made
        told = graph.patch(where, json={"documentTemplate": {"fileName": "plan.docx"}}).json()
        assert told["documentTemplate"] == {
            "contentType": {"id": made["id"], "name": "Plan"},
            "fileName": "plan.docx",
            "folderName": "/_cts/Plan",
        }
