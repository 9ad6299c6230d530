"""The door: hosts, tokens, audiences, ids, refusals, what nobody serves."""

from __future__ import annotations

import pytest

from tests.tenant_kit import DOMAIN, ENFORCER, HELEN, HOST, SECRET, SECRETIVE, STAFF, TENANT_ID

ME = "/v1.0/me"


@pytest.mark.parametrize(
    ("host", "path", "status"),
    [
        ("graph.microsoft.com", "/v1.0/me", 200),
        ("graph.microsoft.com", "/V1.0/ME", 200),
        ("graph.microsoft.com", "/v1.0/me/", 200),
        ("graph.microsoft.com", "/beta/me", 501),
        ("login.microsoftonline.com", f"/{TENANT_ID}/v2.0/.well-known/openid-configuration", 200),
        ("login.microsoftonline.com", f"/{DOMAIN}/v2.0/.well-known/openid-configuration", 200),
        ("login.microsoftonline.com", "/v1.0/me", 501),
        (HOST, "/v1.0/me", 501),
        ("graph.microsoft.com", "/_local/clock", 501),
        ("evil.example", "/_local/clock", 501),
        ("tenant.internal", "/v1.0/me", 200),
        ("other.sharepoint.com", "/_api/web", 501),
    ],
)
def test_the_host_name_says_which_api_is_meant(shared_tenant, host, path, status):
    client = shared_tenant.httpx(shared_tenant.token(HELEN), Host=host)
    assert client.get(path).status_code == status


@pytest.mark.parametrize("name", ["wmin", "wmin-admin", "wmin-my"])
def test_all_three_sharepoint_hosts_speak_rest(shared_tenant, name):
    token = shared_tenant.token(HELEN, "sharepoint")
    client = shared_tenant.httpx(token, Host=f"{name}.sharepoint.com")
    assert client.get("/_api/web").status_code == 200


@pytest.mark.parametrize(
    "authorization", [None, "", "Basic x", "Bearer", "Bearer x", "Bearer a.b.c"]
)
def test_without_a_good_token_the_answer_is_401(shared_tenant, authorization):
    headers = {} if authorization is None else {"Authorization": authorization}
    reply = shared_tenant.httpx(**headers).get(ME)
    assert reply.status_code == 401
    assert reply.headers["www-authenticate"].startswith("Bearer")
    assert reply.json()["error"]["code"] == "InvalidAuthenticationToken"


def test_a_token_is_good_for_its_own_api_only(shared_tenant):
    assert shared_tenant.http(HELEN, "sharepoint").get(ME).status_code == 401
    assert shared_tenant.http(HELEN, "graph").get("/_api/web").status_code == 401
    assert shared_tenant.http(HELEN, "api://verger").get(ME).status_code == 401


def test_sharepoint_refuses_an_app_that_showed_a_secret(shared_tenant):
    client = shared_tenant.httpx()
    form = {
        "client_id": SECRETIVE,
        "client_secret": SECRET,
        "grant_type": "client_credentials",
        "scope": f"https://{HOST}/.default",
    }
    token = client.post(f"/{TENANT_ID}/oauth2/v2.0/token", data=form).json()["access_token"]
    assert shared_tenant.httpx(token).get("/_api/web").status_code in (401, 403)


def test_a_refusal_carries_code_message_and_ids(shared_tenant):
    client = shared_tenant.httpx(**{"client-request-id": "mine"})
    reply = client.get(ME)
    error = reply.json()["error"]
    assert set(error) == {"code", "message", "innerError"}
    assert error["innerError"]["client-request-id"] == "mine"
    assert reply.headers["client-request-id"] == "mine"
    assert error["innerError"]["request-id"] == reply.headers["request-id"]


def test_graph_names_its_json(shared_tenant):
    kind = shared_tenant.http(HELEN).get(ME).headers["content-type"]
    assert kind.startswith("application/json;odata.metadata=minimal")
    assert kind.endswith("charset=utf-8")


def test_what_nobody_serves_is_501_and_listed(tenant):
    reply = tenant.http(HELEN).post("/v1.0/teams/x/channels")
    assert (reply.status_code, reply.json()["error"]["code"]) == (501, "notImplemented")
    listed = tenant.local("GET", "/unmatched")["value"]
    assert [(each["method"], each["path"]) for each in listed] == [("POST", "/teams/x/channels")]


def test_the_path_is_decoded_once_and_keeps_its_plus_and_case(tenant):
    tenant.http(HELEN).get("/v1.0/Teams/a%20b+c%2525")
    assert tenant.local("GET", "/unmatched")["value"][0]["path"] == "/Teams/a b+c%25"


def test_controls_answer_no_web_page(shared_tenant):
    reply = shared_tenant.httpx(Origin="https://evil.example").get("/_local/clock")
    assert reply.status_code == 403


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/clock", {"advance": -1}),
        ("/clock", {}),
        ("/faults", {"effect": {"kind": "unheard of"}}),
        ("/faults", {"effect": {"kind": "double"}}),
        ("/faults", {"effect": {"kind": "lapse"}, "match": {"surface": "notification"}}),
        ("/token", {"upn": HELEN, "audience": "https://nowhere.example"}),
        ("/lock", {"unique_id": "x", "upn": HELEN, "shape": "triangle"}),
    ],
)
def test_a_control_says_what_is_wrong_with_it(shared_tenant, path, body):
    reply = shared_tenant.httpx().post(f"/_local{path}", json=body)
    assert reply.status_code == 400
    assert reply.json()["error"]["message"]


def test_the_clock_moves_for_the_tenant_and_for_whoever_reads_its_file(tenant):
    before = tenant.local("GET", "/clock")
    tenant.advance(86_400)
    after = tenant.local("GET", "/clock")
    assert before["offset"] == 0
    assert after["offset"] == 86_400
    assert float((tenant.data / "clock").read_text()) == 86_400
    assert after["now"][:10] > before["now"][:10]
    assert tenant.http(HELEN).get(ME).status_code == 200  # tokens live in real time


def test_one_person_and_one_app_are_told_apart(shared_tenant):
    assert shared_tenant.http(HELEN).get(ME).json()["userPrincipalName"] == HELEN
    reply = shared_tenant.http("enforcer").get(ME)
    assert reply.status_code == 400


def test_the_meter_counts_by_app_and_operation(tenant):
    client = tenant.http("enforcer")
    mark = tenant.local("GET", "/ledger")["mark"]
    client.get("/v1.0/users")
    client.get(f"/v1.0/users/{HELEN}")
    client.get("/v1.0/users/nobody")
    book = tenant.local("GET", f"/ledger?since={mark}")["value"]
    rows = {row["operation"]: (row["app"], row["requests"], row["units"]) for row in book}
    assert rows == {
        "GET /users": (ENFORCER, 1, 2),
        "GET /users/{user}": (ENFORCER, 2, 2),
    }


def test_a_spent_minute_answers_429_until_the_clock_moves_on(tenant):
    client = tenant.http("enforcer")
    seconds = int(tenant.local("GET", "/clock")["now"][17:19])
    tenant.advance(61 - seconds)  # a fresh minute, so that all of it is spent in one
    parts = [{"id": str(n), "method": "GET", "url": "/users?$top=1"} for n in range(20)]
    for _ in range(157):  # 6,250 units a minute
        client.post("/v1.0/$batch", json={"requests": parts})
    refused = client.get("/v1.0/users")
    assert refused.status_code == 429
    wait = int(refused.headers["retry-after"])
    assert 1 <= wait <= 60
    assert refused.json()["error"]["code"] == "TooManyRequests"
    assert tenant.http(HELEN).get(ME).status_code == 200  # another app has its own budget
    tenant.advance(wait)
    assert client.get("/v1.0/users").status_code == 200


def test_a_staff_token_belongs_to_the_staff_app(tenant):
    mark = tenant.local("GET", "/ledger")["mark"]
    tenant.http(HELEN).get(ME)
    assert tenant.local("GET", f"/ledger?since={mark}")["value"][0]["app"] == STAFF
