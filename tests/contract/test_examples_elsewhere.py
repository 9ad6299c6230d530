"""Documented examples that do not go to Graph's own address, or show an answer alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contract.example_kit import examples, missing
from tests.tenant_kit import HELEN, SECRETIVE, SEED, running
from tests.webhook_kit import Webhook

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from tests.tenant_kit import Tenant

SHOWN = {each["id"]: each["response"] for each in examples()}
pytestmark = pytest.mark.skipif(not SHOWN, reason="the examples (../shared/contract) are not here")
HEADED = SEED.replace("owner:", "  rate_limit_headers: true\nowner:", 1)


@pytest.fixture(scope="module")
def tenant(tmp_path_factory) -> Iterator[Tenant]:
    with running(tmp_path_factory.mktemp("elsewhere"), HEADED) as tenant:
        yield tenant


@pytest.fixture
def helen(tenant) -> httpx.Client:
    return tenant.http(HELEN)


def as_shown(name: str, reply: httpx.Response) -> None:
    """Hold an answer against the documented one: status, and members where it has any."""
    shown = SHOWN[name]
    assert reply.status_code == shown["status"], reply.text
    if isinstance(shown["body"], dict):
        assert missing(shown["body"], reply.json()) == []


def session(helen: httpx.Client, name: str, behaviour: str = "replace") -> str:
    body = {"item": {"@microsoft.graph.conflictBehavior": behaviour}}
    path = f"/v1.0/me/drive/root:/{name}:/createUploadSession"
    return helen.post(path, json=body).json()["uploadUrl"]


def test_ranges_of_an_upload_and_its_state(tenant, helen):
    url, plain = session(helen, "big.bin"), tenant.httpx()
    first = b"x" * 327_680  # the page's 26 bytes would be no multiple of 320 KiB
    span = {"Content-Range": "bytes 0-327679/400000"}
    part = plain.put(url, content=first, headers=span)
    as_shown("g-driveitem-createuploadsession-2", part)
    as_shown("g-driveitem-createuploadsession-3", part)
    assert part.json()["nextExpectedRanges"] == ["327680-"]
    as_shown("g-driveitem-createuploadsession-8", plain.get(url))
    as_shown("g-driveitem-createuploadsession-7", plain.delete(url))
    assert plain.get(url).status_code == 404


def test_a_name_that_was_taken_meanwhile_fails_at_the_end(tenant, helen):
    url = session(helen, "taken.bin", "fail")
    helen.put("/v1.0/me/drive/root:/taken.bin:/content", content=b"first").raise_for_status()
    late = tenant.httpx().put(url, content=b"xy", headers={"Content-Range": "bytes 0-1/2"})
    as_shown("g-driveitem-createuploadsession-6", late)
    assert late.json()["error"]["code"] == "upload_name_conflict"


def test_a_part_of_a_download(tenant, helen):
    helen.put("/v1.0/me/drive/root:/long.txt:/content", content=b"y" * 2000).raise_for_status()
    where = helen.get("/v1.0/me/drive/root:/long.txt:/content").headers["Location"]
    part = tenant.httpx().get(where, headers={"Range": "bytes=0-1023"})
    as_shown("g-driveitem-get-content-3", part)
    assert part.headers["Content-Range"] == "bytes 0-1023/2000"
    assert len(part.content) == 1024


def test_a_copy_tells_that_it_runs(tenant, helen):
    made = helen.put("/v1.0/me/drive/root:/plan.txt:/content", content=b"z").json()["id"]
    reply = helen.post(f"/v1.0/me/drive/items/{made}/copy", json={"name": "copy.txt"})
    assert reply.status_code == 202
    as_shown("od-long-running-actions-2", tenant.httpx().get(reply.headers["Location"]))


def test_a_message_that_is_no_base64_is_told_so(helen):
    headers = {"Content-Type": "text/plain"}
    reply = helen.post("/v1.0/me/sendMail", content="no base64!", headers=headers)
    as_shown("g-user-sendmail-5", reply)
    told = SHOWN["g-user-sendmail-5"]["body"]["error"]
    assert {key: reply.json()["error"][key] for key in told} == told


def test_a_link_is_granted_to_more_people(helen):
    made = helen.put("/v1.0/me/drive/root:/link.txt:/content", content=b"z").json()["id"]
    item = f"/v1.0/me/drive/items/{made}"
    link = helen.post(f"{item}/createLink", json={"type": "view", "scope": "organization"}).json()
    more = {"recipients": [{"email": f"sam.price@{HELEN.partition('@')[2]}"}], "roles": ["read"]}
    reply = helen.post(f"/v1.0/shares/{link['shareId']}/permission/grant", json=more)
    assert reply.status_code == SHOWN["g-permission-grant-2"]["status"]
    assert reply.json()["value"][0]["link"]["type"] == "view"
    again = helen.post(f"{item}/permissions/{link['id']}/grant", json=more)
    assert again.json() == reply.json()


def test_a_webhook_is_asked_as_documented(helen):
    with Webhook() as hook:
        drive = helen.get("/v1.0/me/drive").json()["id"]
        body = {"changeType": "updated", "notificationUrl": hook.url, "clientState": "s",
                "resource": f"/drives/{drive}/root",
                "expirationDateTime": "2099-01-01T00:00:00Z"}  # fmt: skip
        helen.post("/v1.0/subscriptions", json=body)
        assert hook.tokens == []  # the expiry is refused before anyone is asked


def test_throttling_has_the_documented_headers(tenant):
    client = tenant.httpx(tenant.token(SECRETIVE))
    name = "sp-how-to-avoid-getting-throttled-or-blocked-in-sharepoint-online"
    seen: dict[int, set[str]] = {}
    while 429 not in seen:
        reply = client.get("/v1.0/sites?search=*")
        seen[reply.status_code] = {header.lower() for header in reply.headers}
    for number, status in ((1, 200), (2, 429)):
        assert {each.lower() for each in SHOWN[f"{name}-{number}"]["headers"]} <= seen[status]
