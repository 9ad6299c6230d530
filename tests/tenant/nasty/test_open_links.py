"""Sharing links opened by anybody: what they lead to, and when they no longer do."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.tenant_kit import DIRECTOR, GUEST, HOST, SAM


@pytest.fixture(scope="module")
def library(shared_library):
    return shared_library


def make(library, name: str, **asked: object) -> dict:
    library.upload(name, b"what it says")
    body = {"type": "view", "scope": "anonymous", "retainInheritedPermissions": True, **asked}
    return library.ok("POST", f"{library.drive}/root:/{name}:/createLink", json=body)


def opened(library, link: dict, method: str = "GET", **rest: object):
    """Open the link as a browser without an account would, by SharePoint's own name."""
    path = link["link"]["webUrl"].split("/", 3)[3]
    browser = library.tenant.httpx(Host=HOST)
    first = browser.request(method, f"/{path}", **rest)
    if first.status_code != 302:
        return first
    return browser.get("/" + first.headers["Location"].split("/", 3)[3])


def test_an_anonymous_link_leads_to_the_file_without_a_token(library):
    reply = opened(library, make(library, "open.txt"))
    assert (reply.status_code, reply.content) == (200, b"what it says")


def test_its_address_follows_the_host_it_was_asked_by(library):
    link = make(library, "host.txt")
    assert link["link"]["webUrl"].startswith(library.tenant.address)
    first = library.tenant.httpx().get(link["link"]["webUrl"])
    assert first.headers["Location"].startswith(library.tenant.address)


def test_a_revoked_link_leads_nowhere(library):
    link = make(library, "gone.txt")
    library.ok("DELETE", f"{library.drive}/root:/gone.txt:/permissions/{link['id']}")
    assert opened(library, link).status_code == 404


def test_a_link_ends_by_the_clock(library):
    now = datetime.fromisoformat(library.tenant.local("GET", "/clock")["now"])
    ends = (now + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    link = make(library, "ends.txt", expirationDateTime=ends)
    assert opened(library, link).status_code == 200
    library.tenant.advance(3700)
    assert opened(library, link).status_code == 403


def test_a_password_is_asked_for(library):
    link = make(library, "secret.txt", password="open sesame")  # noqa: S106 -- of a test
    assert link["hasPassword"]
    assert opened(library, link).status_code == 401
    assert opened(library, link, "POST", data={"txtPassword": "wrong"}).status_code == 401
    right = opened(library, link, "POST", data={"txtPassword": "open sesame"})
    assert right.content == b"what it says"
    assert library.ask("GET", f"/shares/{link['shareId']}", SAM).status_code == 403


@pytest.mark.parametrize("scope", ["organization", "users"])
def test_any_other_link_asks_to_sign_in(library, scope):
    assert opened(library, make(library, f"{scope}.txt", scope=scope)).status_code == 401


def test_a_link_that_blocks_downloads_gives_none(library):
    link = make(library, "look.txt", type="blocksDownload")
    assert opened(library, link).status_code == 403


@pytest.mark.parametrize(
    ("asked", "rights"),
    [
        ({"scope": "organization"}, {SAM: (True, False), GUEST: (False, False)}),
        ({"scope": "organization", "type": "edit"}, {SAM: (True, True), GUEST: (False, False)}),
        ({"scope": "anonymous"}, {GUEST: (True, False)}),
        ({"scope": "anonymous", "type": "edit"}, {GUEST: (True, True)}),
        (
            {"scope": "users", "recipients": [{"email": DIRECTOR}]},
            {DIRECTOR: (True, False), SAM: (False, False)},
        ),
    ],
)
def test_a_signed_in_reader_has_the_rights_the_link_gives(library, asked, rights):
    name = f"{asked['scope']}-{asked.get('type', 'view')}-in.txt"
    link = make(library, name, **asked, retainInheritedPermissions=False)
    for who, (reads, writes) in rights.items():
        assert library.ask("GET", f"/shares/{link['shareId']}/driveItem", who).is_success is reads
        reply = library.ask("PUT", f"{library.drive}/root:/{name}:/content", who, content=b"new")
        assert reply.is_success is writes


def test_a_tenant_may_forbid_them(library):
    link = make(library, "shut.txt")
    library.tenant.local("POST", "/settings", {"anonymous_links": "forbid"})
    try:
        assert opened(library, link).status_code == 403
        body = {"type": "edit", "scope": "anonymous", "retainInheritedPermissions": True}
        at = f"{library.drive}/root:/shut.txt:/createLink"
        assert library.ask("POST", at, json=body).status_code == 403
        assert library.ask("POST", at, json=body | {"scope": "organization"}).status_code == 201
    finally:
        library.tenant.local("POST", "/settings", {"anonymous_links": None})
