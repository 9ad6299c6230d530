"""The CONNECT proxy: Microsoft's names lead to the tenant, nothing leads anywhere else."""

from __future__ import annotations

import socket
import ssl

import httpx
import pytest

from local.tenant.proxy import mapped
from local.tenant.server import Options
from tests.tenant_kit import HELEN, HOST, SEED, TENANT_ID, running

LOGIN = "https://login.microsoftonline.com"


@pytest.fixture(scope="module")
def proxied(tmp_path_factory):
    with running(tmp_path_factory.mktemp("proxied"), SEED, proxy=0) as tenant:
        yield tenant


def behind(tenant) -> httpx.Client:
    context = ssl.create_default_context(cafile=str(tenant.ca))
    return httpx.Client(proxy=tenant.proxy, verify=context, trust_env=False, timeout=10)


def asked(tenant, *parts: bytes) -> bytes:
    """Send raw bytes to the proxy and return all it answers until it hangs up."""
    host, port = tenant.proxy.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as raw:
        for part in parts:
            raw.sendall(part)
        raw.shutdown(socket.SHUT_WR)
        answer = b""
        while chunk := raw.recv(4096):
            answer += chunk
    return answer


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("https://graph.microsoft.com/v1.0/me", 200),
        (f"{LOGIN}/{TENANT_ID}/v2.0/.well-known/openid-configuration", 200),
        (f"https://{HOST}/_api/web", 401),  # a token for Graph
        ("https://wmin-my.sharepoint.com/_api/web", 401),
        ("https://graph.microsoft.com/_local/clock", 501),  # control answers to loopback names only
    ],
)  # fmt: skip
def test_the_real_names_lead_to_the_tenant(proxied, url, status):
    with behind(proxied) as client:
        headers = {"Authorization": f"Bearer {proxied.token(HELEN)}"}
        assert client.get(url, headers=headers).status_code == status


@pytest.mark.parametrize(
    "url",
    ["https://example.org/", "https://graph.microsoft.com.example.org/",
     "https://sharepoint.com/", "https://a.b.sharepoint.com/", "https://127.0.0.1/",
     "https://graph.microsoft.com:8443/"],
)  # fmt: skip
def test_any_other_name_or_port_is_refused(proxied, url):
    with behind(proxied) as client, pytest.raises(httpx.ProxyError, match="403"):
        client.get(url)


@pytest.mark.parametrize(
    ("sent", "line"),
    [
        (b"GET https://graph.microsoft.com/v1.0/me HTTP/1.1\r\n\r\n", b"405 Method Not Allowed"),
        (b"CONNECT graph.microsoft.com HTTP/1.1\r\n\r\n", b"400 Bad Request"),
        (b"CONNECT graph.microsoft.com:99999999 HTTP/1.1\r\n\r\n", b"400 Bad Request"),
        (b"CONNECT evil.example:443 HTTP/1.1\r\n\r\n", b"403 Forbidden"),
        (b"x" * 100_000 + b"\r\n\r\n", b"400 Bad Request"),
    ],
)
def test_what_is_not_a_connect_to_a_known_name_is_answered_and_hung_up_on(proxied, sent, line):
    assert asked(proxied, sent).startswith(b"HTTP/1.1 " + line)


def test_a_client_that_goes_away_leaves_the_proxy_serving(proxied):
    assert asked(proxied, b"CONNECT graph.micro") == b""
    with behind(proxied) as client:
        assert client.get("https://graph.microsoft.com/v1.0/me").status_code == 401


def test_large_bodies_pass_in_both_directions(proxied):
    with behind(proxied) as client:
        headers = {"Authorization": f"Bearer {proxied.token('provisioner')}"}
        base = f"https://graph.microsoft.com/v1.0/sites/{HOST}/drive/root:/big.bin:/content"
        data = bytes(range(256)) * 12_000
        assert client.put(base, content=data, headers=headers).status_code == 201
        assert client.get(base, headers=headers, follow_redirects=True).content == data


@pytest.mark.parametrize(
    ("host", "port", "leads"),
    [
        ("graph.microsoft.com", 443, True),
        ("GRAPH.MICROSOFT.COM.", 443, True),
        ("any-tenant.sharepoint.com", 443, True),
        ("graph.microsoft.com", 80, False),
        ("graph.microsoft.us", 443, False),
    ],
)
def test_the_map_is_of_names_and_the_https_port(host, port, leads):
    assert mapped(host, port) is leads


def test_a_proxy_takes_tls(tmp_path):
    with pytest.raises(ValueError, match="needs the tenant's TLS"):
        Options(tmp_path, proxy=0)
