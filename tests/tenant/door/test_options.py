"""How a tenant may be started: plain or TLS, with or without the control door, and its links."""

from __future__ import annotations

import json

import httpx
import pytest

from tests.tenant_kit import HELEN, HOST, SEED, prepare, running, spawn


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    with running(tmp_path_factory.mktemp("plain"), SEED, tls=False) as tenant:
        yield tenant


def test_without_tls_it_is_plain_http(plain):
    assert plain.address.startswith("http://127.0.0.1:")
    assert plain.http(HELEN).get("/v1.0/me").json()["displayName"] == "Helen Ward"


@pytest.mark.parametrize(
    ("headers", "base"),
    [
        ({}, ""),
        ({"Host": "tenant.internal:8080"}, "http://tenant.internal:8080"),
        ({"Host": "tenant.internal", "X-Forwarded-Proto": "https"}, "https://tenant.internal"),
    ],
)
def test_addresses_follow_the_host_and_the_forwarded_scheme(plain, headers, base):
    base = base or plain.address
    client = plain.httpx(plain.token(HELEN), **headers)
    root = client.get(f"/v1.0/sites/{HOST}/drive/root/delta").json()
    assert root["@odata.deltaLink"].startswith(f"{base}/v1.0/")
    session = client.post(f"/v1.0/sites/{HOST}/drive/root:/a.txt:/createUploadSession").json()
    assert session["uploadUrl"].startswith(f"{base}/_upload/")
    assert root["value"][0]["webUrl"] == f"{base}/Shared%20Documents"
    web = plain.httpx(plain.token(HELEN, "sharepoint"), **headers).get(
        "/_api/web?$select=Url", headers={"Accept": "application/json;odata=nometadata"}
    )
    assert web.json() == {"Url": base}
    told = client.get("/common/v2.0/.well-known/openid-configuration")
    assert told.json()["token_endpoint"].startswith(f"{base}/")


def test_the_control_door_can_be_switched_off(tmp_path):
    page = prepare(tmp_path)
    spawned = spawn(tmp_path, page.read_text(), "--no-control")
    try:
        client = spawned.tenant.httpx()
        assert client.get("/_local/clock").status_code == 404
        assert client.post("/_local/token", json={"app": "enforcer"}).status_code == 404
        assert client.get("/v1.0/me").status_code == 401
    finally:
        spawned.tenant.close()


def test_the_ready_line_says_where_everything_is(tmp_path):
    spawned = spawn(tmp_path, SEED, "--proxy")
    try:
        assert spawned.tenant.proxy.startswith("http://127.0.0.1:")
        assert spawned.tenant.ca.read_text().startswith("-----BEGIN CERTIFICATE-----")
        with pytest.raises(httpx.HTTPError):
            httpx.get(spawned.tenant.address, trust_env=False)  # nobody trusts the CA unasked
        assert json.loads(spawned.tenant.httpx().get("/_local/").text)["tenant"]["domain"]
    finally:
        spawned.tenant.close()
