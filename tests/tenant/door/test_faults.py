"""Faults: scripted by the test, accounted for afterwards."""

from __future__ import annotations

import time

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.tenant.faults import Match
from tests.tenant_kit import HELEN, TENANT_ID

ME = "/v1.0/me"
USERS = f"/v1.0/users/{HELEN}"


def test_a_fault_strikes_as_often_as_it_was_told(tenant):
    tenant.fault({"kind": "refuse", "status": 503, "retry_after": "2.128"}, count=2)
    client = tenant.http(HELEN)
    replies = [client.get(ME) for _ in range(3)]
    assert [reply.status_code for reply in replies] == [503, 503, 200]
    assert replies[0].headers["retry-after"] == "2.128"
    book = tenant.local("GET", "/faults")["value"]
    assert [(f["seen"], f["used"], f["remaining"]) for f in book] == [(3, 2, 0)]


@pytest.mark.parametrize(
    ("match", "struck"),
    [
        ({"method": "GET"}, True),
        ({"method": "PATCH"}, False),
        ({"surface": "graph"}, True),
        ({"surface": "login"}, False),
        ({"path": "^/me$"}, True),
        ({"path": "/lists/"}, False),
        ({"app": "11111111-0000-4000-8000-000000000003"}, True),
        ({"app": "11111111-0000-4000-8000-000000000001"}, False),
    ],
)
def test_a_fault_strikes_what_it_matches(shared_tenant, match, struck):
    fault = shared_tenant.fault({"kind": "refuse", "status": 500}, match=match)
    status = shared_tenant.http(HELEN).get(ME).status_code
    shared_tenant.local("DELETE", f"/faults/{fault}")
    assert (status == 500) == struck


def test_three_shapes_of_423_can_be_asked_for(tenant):
    tenant.fault({"kind": "refuse", "status": 423, "code": "notAllowed", "inner": "resourceLocked"})
    error = tenant.http(HELEN).get(ME).json()["error"]
    assert (error["code"], error["innerError"]["code"]) == ("notAllowed", "resourceLocked")


def test_a_lapsed_token_is_refused_once(tenant):
    tenant.fault({"kind": "lapse"})
    client = tenant.http(HELEN)
    assert [client.get(ME).status_code for _ in range(2)] == [401, 200]


def test_a_dropped_connection_gives_no_answer(tenant):
    tenant.fault({"kind": "drop"})
    client = tenant.http(HELEN)
    with pytest.raises(httpx.RemoteProtocolError):
        client.get(ME)
    assert client.get(ME).status_code == 200


@pytest.mark.parametrize("kind", ["drop", "refuse"])
def test_an_answer_can_be_lost_after_the_deed_was_done(tenant, kind):
    effect = {"kind": kind, "after": True} | ({"status": 504} if kind == "refuse" else {})
    tenant.fault(effect, match={"method": "POST", "path": "^/groups$"})
    client = tenant.http("provisioner")
    body = {"displayName": "Twice", "mailNickname": "twice", "mailEnabled": False,
            "securityEnabled": True}  # fmt: skip
    if kind == "drop":
        with pytest.raises(httpx.RemoteProtocolError):
            client.post("/v1.0/groups", json=body)
    else:
        assert client.post("/v1.0/groups", json=body).status_code == 504
    names = [group["displayName"] for group in client.get("/v1.0/groups").json()["value"]]
    assert names.count("Twice") == 1


def test_a_delay_is_real_time(tenant):
    tenant.fault({"kind": "delay", "seconds": 0.3})
    client = tenant.http(HELEN)
    began = time.monotonic()
    assert client.get(ME).status_code == 200
    assert time.monotonic() - began >= 0.3


def test_the_login_can_fail_too(tenant):
    tenant.fault({"kind": "refuse", "status": 503}, match={"surface": "login"})
    client = tenant.httpx()
    where = f"/{TENANT_ID}/v2.0/.well-known/openid-configuration"
    assert [client.get(where).status_code for _ in range(2)] == [503, 200]


def test_chance_repeats_itself_under_the_same_seed(tenant):
    client = tenant.http(HELEN)
    runs = []
    for _ in range(2):
        fault = tenant.fault({"kind": "refuse", "status": 500}, count=None, probability=0.5, seed=7)
        runs.append([client.get(ME).status_code for _ in range(20)])
        tenant.local("DELETE", f"/faults/{fault}")
    assert runs[0] == runs[1]
    assert set(runs[0]) == {200, 500}


def test_clearing_takes_all_faults_out(tenant):
    tenant.fault({"kind": "lapse"}, count=None)
    tenant.local("DELETE", "/faults")
    assert tenant.http(HELEN).get(ME).status_code == 200
    assert tenant.local("GET", "/faults")["value"] == []


@given(st.sampled_from(["graph", "login", "files"]), st.text(), st.text(), st.text())
def test_an_empty_match_matches_anything(surface, method, path, app):
    assert Match().hits(surface, method, path, app)
