"""Every `_api` request the office365 client was seen to send is served, or known not to be."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

import pytest
import requests

from local.tenant.store import items, lists, sites
from local.tenant.store.versions import Write
from tests.tenant.sharepoint.rest_kit import HELEN, HOST, ROOT, app, user

RECORDED = json.loads(
    Path(__file__).with_name("recorded_requests.json").read_text(encoding="utf-8")
)["operations"]
EXPECTED = {
    "lists.add": 409,  # the list is there
    "content_types.add": 201,
    "list.content_types.add_available": 404,  # no such content type
    "ensure_user": 404,  # somebody of another tenant
    "role_assignments.add_role_assignment": 400,  # the list inherits its permissions
    "create_modern_site": 400,  # an owner of another tenant
    "file.moveto": 404,  # the recorder's answers led the client into a folder that is a file
    # what nothing in the product calls is not served
    "files.create_upload_session (chunk 1000 of 2500)": 404,  # `Files(7)`: it uploads over Graph
    "subscriptions.add": 501,  # it subscribes over Graph
    "list.get_changes": 501,  # it reads Graph's delta
    "create_team_site": 501,
    "site.join_hub_site": 501,
}


@pytest.fixture
def imaging(rest):
    """The site the requests were recorded for: a list with item 7, a library with one file."""
    helen = Write(user(HELEN))
    site = sites.create(
        rest.store, sites.NewSite(HOST, "/sites/imaging", "Imaging", f"user:{HELEN}")
    )
    registry = lists.create(
        rest.store,
        site,
        lists.NewList(
            "Registry",
            columns=({"name": "Status", "text": {}}, {"name": "DocumentNumber", "text": {}}),
        ),
        helen.actor,
    )
    for number in range(7):
        items.add(rest.store, registry, items.NewItem("item", values={"Title": str(number)}), helen)
    settings = {"EnableMinorVersions": True, "EnableModeration": True}
    docs = lists.create(
        rest.store, site, lists.NewList("Docs", "documentLibrary", settings=settings), helen.actor
    )
    items.add(rest.store, docs, items.NewItem("file", "a.docx"), helen)
    lists.create(rest.store, site, lists.NewList("Restricted", "documentLibrary"), helen.actor)
    return rest


def replay(rest, recorded):
    """Send the requests of one operation as they were; returns the last answer."""
    session, base = rest.session(app()), f"{ROOT}/sites/imaging"
    accept = {"Accept": "application/json;odata=nometadata"}
    told = session.post(f"{base}/_api/contextinfo", headers=accept).json()
    answers = []
    for each in recorded["requests"]:
        request = requests.Request(
            each["method"],
            ROOT + quote(each["path"], safe="/%?=&$'(),:"),
            headers={"X-RequestDigest": told["FormDigestValue"], **each["headers"]},
            data=each["body"].encode(),
        )
        answers.append(session.send(session.prepare_request(request)))
    return answers


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda each: each["op"])
def test_what_the_client_sends_is_served(imaging, recorded):
    if recorded["op"].startswith("file.checkin"):
        replay(imaging, next(each for each in RECORDED if each["op"] == "file.checkout"))
    last = replay(imaging, recorded)[-1]
    if recorded["op"] in EXPECTED:
        assert last.status_code == EXPECTED[recorded["op"]], last.text
    else:
        assert last.status_code < 300, last.text
