"""Faults of the single parts of an `_api` $batch: each is troubled by itself."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from tests.tenant_kit import Tenant

LISTS = "/_api/web/lists"
ONE, TWO, THREE = (f"{LISTS}/getbytitle('Made {n}')" for n in (1, 2, 3))


def part(boundary: str, number: int) -> str:
    body = f'{{"Title":"Made {number}","BaseTemplate":100}}'
    return (
        f"--{boundary}\r\nContent-Type: application/http\r\n"
        "Content-Transfer-Encoding: binary\r\n\r\n"
        f"POST https://wmin.sharepoint.com{LISTS} HTTP/1.1\r\n"
        "Accept: application/json;odata=nometadata\r\n"
        f"Content-Type: application/json\r\nX-Mark: {number}\r\n\r\n{body}\r\n"
    )


def send(tenant: Tenant, parts: int = 3) -> httpx.Response:
    """Send one batch that makes so many lists."""
    client = tenant.http("provisioner", "sharepoint")
    accept = {"Accept": "application/json;odata=nometadata"}
    told = client.post("/_api/contextinfo", headers=accept).json()
    body = "".join(part("b", n + 1) for n in range(parts)) + "--b--\r\n"
    headers = {"X-RequestDigest": told["FormDigestValue"]}
    headers |= {"Content-Type": "multipart/mixed; boundary=b"}
    return client.post("/_api/$batch", headers=headers, content=body.encode())


def made(tenant: Tenant) -> list[bool]:
    client = tenant.http("provisioner", "sharepoint")
    return [client.get(address).status_code == 200 for address in (ONE, TWO, THREE)]


@pytest.mark.parametrize(
    ("after", "there"), [(False, [True, False, False]), (True, [True, True, False])]
)
def test_a_part_that_breaks_the_connection_keeps_what_was_before_it(tenant, after, there):
    match = {"surface": "sharepoint", "method": "POST", "path": "^/_api/web/lists$"}
    tenant.fault({"kind": "drop", "after": after}, match=match, skip=1)
    with pytest.raises(httpx.RemoteProtocolError):
        send(tenant)
    assert made(tenant) == there
    (fault,) = tenant.local("GET", "/faults")["value"]
    assert (fault["seen"], fault["used"]) == (2, 1)


def test_the_delays_of_parts_add_up_to_the_answers(tenant):
    match = {"surface": "sharepoint", "method": "POST", "path": "^/_api/web/lists$"}
    tenant.fault({"kind": "delay", "seconds": 0.2}, match=match, count=2)
    begun = time.monotonic()
    reply = send(tenant)
    assert reply.status_code == 200
    assert reply.text.count("HTTP/1.1 201") == 3
    assert time.monotonic() - begun >= 0.4
    assert made(tenant) == [True, True, True]


def test_a_refused_part_leaves_the_others_done(tenant):
    match = {"surface": "sharepoint", "method": "POST", "path": "^/_api/web/lists$"}
    tenant.fault({"kind": "refuse", "status": 429, "retry_after": "7"}, match=match, skip=1)
    reply = send(tenant)
    assert (reply.text.count("HTTP/1.1 201"), reply.text.count("HTTP/1.1 429")) == (2, 1)
    assert "Retry-After: 7" in reply.text
    assert made(tenant) == [True, False, True]
