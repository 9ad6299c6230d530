"""$batch: parts are calls of their own."""

from __future__ import annotations

import pytest

from tests.tenant_kit import HELEN, SAM

BATCH = "/v1.0/$batch"


def part(number, url="/me", **rest):
    return {"id": str(number), "method": "GET", "url": url, **rest}


def answers(client, *parts):
    reply = client.post(BATCH, json={"requests": list(parts)})
    assert reply.status_code == 200
    return {each["id"]: each for each in reply.json()["responses"]}


def test_each_part_has_its_own_answer(shared_tenant):
    got = answers(shared_tenant.http(HELEN), part(1), part(2, f"/users/{SAM}"), part(3, "/users/x"))
    assert {key: each["status"] for key, each in got.items()} == {"1": 200, "2": 200, "3": 404}
    assert got["2"]["body"]["userPrincipalName"] == SAM
    assert got["3"]["body"]["error"]["code"] == "Request_ResourceNotFound"


def test_a_dependant_of_a_failure_is_424_and_not_run(shared_tenant):
    got = answers(shared_tenant.http(HELEN), part(1, "/users/x"), part(2, dependsOn=["1"]), part(3))
    assert {key: each["status"] for key, each in got.items()} == {"1": 404, "2": 424, "3": 200}


def test_part_urls_are_decoded_like_any_other(shared_tenant):
    got = answers(shared_tenant.http(HELEN), part(1, f"/users/{SAM.replace('@', '%40')}"))
    assert got["1"]["status"] == 200


@pytest.mark.parametrize(
    "requests",
    [
        [],
        [part(n) for n in range(21)],
        [part(1), part(1)],
        [{"id": "1"}],
        [part(1, "https://evil.example/me")],
        [part(1, dependsOn=["2"]), part(2)],
        [part(1, "/$batch")],
    ],
)
def test_a_malformed_batch_is_400_as_a_whole(shared_tenant, requests):
    reply = shared_tenant.http(HELEN).post(BATCH, json={"requests": requests})
    assert reply.status_code == 400


def test_one_part_can_be_throttled_while_the_batch_is_200(tenant):
    tenant.fault(
        {"kind": "refuse", "status": 429, "code": "TooManyRequests", "retry_after": "7"},
        match={"path": f"^/users/{SAM}$"},
    )
    got = answers(tenant.http(HELEN), part(1), part(2, f"/users/{SAM}"))
    assert {key: each["status"] for key, each in got.items()} == {"1": 200, "2": 429}
    assert got["2"]["headers"]["Retry-After"] == "7"


def test_units_are_counted_by_part_and_the_batch_is_free(tenant):
    client = tenant.http(HELEN)
    mark = tenant.local("GET", "/ledger")["mark"]
    answers(client, part(1), part(2), part(3))
    book = tenant.local("GET", f"/ledger?since={mark}")["value"]
    assert {row["operation"]: row["units"] for row in book} == {"GET /me": 3, "POST /$batch": 0}


def test_a_body_travels_with_its_part(tenant):
    body = {"displayName": "B", "mailNickname": "b", "mailEnabled": False, "securityEnabled": True}
    asked = {"id": "1", "method": "POST", "url": "/groups", "body": body,
             "headers": {"Content-Type": "application/json"}}  # fmt: skip
    got = answers(tenant.http("provisioner"), asked)
    assert (got["1"]["status"], got["1"]["body"]["displayName"]) == (201, "B")
