"""People and groups: who may see them, and what a client gets."""

from __future__ import annotations

import pytest

from tests.tenant_kit import DIRECTOR, GUEST, HELEN, IG_OFFICER, SAM, TENANT_ID

REFERENCE = "https://graph.microsoft.com/v1.0/directoryObjects/"


def group_id(client, name):
    found = client.get("/v1.0/groups", params={"$filter": f"displayName eq '{name}'"}).json()
    return found["value"][0]["id"]


def names(client, path):
    return [each["displayName"] for each in client.get(path).json()["value"]]


def test_a_user_shows_graphs_default_members(shared_tenant):
    body = shared_tenant.http("enforcer").get(f"/v1.0/users/{HELEN}").json()
    assert body.pop("@odata.context").endswith("$metadata#users/$entity")
    assert set(body) == {
        "businessPhones", "displayName", "givenName", "jobTitle", "mail", "mobilePhone",
        "officeLocation", "preferredLanguage", "surname", "userPrincipalName", "id",
    }  # fmt: skip
    assert (body["givenName"], body["surname"]) == ("Helen", "Ward")


def test_select_narrows(shared_tenant):
    where = f"/v1.0/users/{GUEST}?$select=id,userType,accountEnabled"
    body = shared_tenant.http("enforcer").get(where).json()
    assert (body["userType"], body["accountEnabled"]) == ("Guest", True)
    assert "displayName" not in body


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (f"mail eq '{SAM}'", ["Sam Price"]),
        ("startswith(displayName,'Sam')", ["Sam Price"]),
        ("startsWith(displayName, 'h')", ["Helen Ward"]),
        ("displayName eq 'O''Neill'", []),
    ],
)
def test_simple_filters_work(shared_tenant, query, found):
    client = shared_tenant.http("enforcer")
    rows = client.get("/v1.0/users", params={"$filter": query}).json()["value"]
    assert [row["displayName"] for row in rows] == found


def test_a_filter_it_cannot_read_is_refused_not_ignored(shared_tenant):
    reply = shared_tenant.http("enforcer").get("/v1.0/users", params={"$filter": "age gt 3"})
    assert reply.json()["error"]["code"] == "Request_UnsupportedQuery"


def test_pages_lead_on_to_each_other(shared_tenant):
    client = shared_tenant.http("enforcer")
    seen, link = [], "/v1.0/users?$top=3"
    while link:
        body = client.get(link).json()
        seen += [row["id"] for row in body["value"]]
        link = body.get("@odata.nextLink")
    assert (len(seen), len(set(seen))) == (7, 7)


def test_without_the_permission_a_list_of_people_is_403(shared_tenant):
    token = shared_tenant.token(HELEN, scopes=["Sites.Read.All"])
    client = shared_tenant.httpx(token)
    assert client.get("/v1.0/users").json()["error"]["code"] == "Authorization_RequestDenied"
    assert client.get("/v1.0/me").status_code == 200


def test_groups_have_members_and_owners(shared_tenant):
    client = shared_tenant.http("provisioner")
    core = group_id(client, "Core team")
    assert names(client, f"/v1.0/groups/{core}/members") == ["Helen Ward", "Nadia Drew"]
    assert names(client, f"/v1.0/groups/{core}/owners") == ["Helen Ward"]
    assert names(client, f"/v1.0/users/{IG_OFFICER}/memberOf") == ["IG officers"]


def test_members_come_and_go(tenant):
    client = tenant.http("provisioner")
    group = group_id(client, "IG officers")
    sam = client.get(f"/v1.0/users/{SAM}").json()["id"]
    where, body = f"/v1.0/groups/{group}/members", {"@odata.id": REFERENCE + sam}
    assert client.post(f"{where}/$ref", json=body).status_code == 204
    assert client.post(f"{where}/$ref", json=body).status_code == 400
    assert names(client, where) == ["Iris Grant", "Sam Price"]
    assert client.delete(f"{where}/{sam}/$ref").status_code == 204
    assert client.delete(f"{where}/{sam}/$ref").status_code == 404


def test_an_app_that_only_reads_changes_no_group(shared_tenant):
    client = shared_tenant.http("enforcer")
    group = group_id(client, "IG officers")
    reply = client.post(f"/v1.0/groups/{group}/members/$ref", json={"@odata.id": REFERENCE + "x"})
    assert reply.status_code == 403


def test_a_group_is_made_with_its_people(tenant):
    client = tenant.http("provisioner")
    director = client.get(f"/v1.0/users/{DIRECTOR}").json()["id"]
    body = {
        "displayName": "SIG breast imaging", "mailNickname": "sig-breast-imaging",
        "groupTypes": ["Unified"], "mailEnabled": True, "securityEnabled": False,
        "owners@odata.bind": [f"https://graph.microsoft.com/v1.0/users/{director}"],
    }  # fmt: skip
    made = client.post("/v1.0/groups", json=body)
    assert made.status_code == 201
    assert made.json()["mail"] == "sig-breast-imaging@dgft.nhs.example"
    assert names(client, f"/v1.0/groups/{made.json()['id']}/owners") == ["Nadia Drew"]
    del body["mailNickname"]
    assert client.post("/v1.0/groups", json=body).status_code == 400


def test_the_organisation_is_the_tenant(shared_tenant):
    body = shared_tenant.http(HELEN).get("/v1.0/organization").json()
    assert body["value"][0]["id"] == TENANT_ID
