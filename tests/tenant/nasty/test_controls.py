"""The controls for what lies in the tenant: settings, seeds, reset, labels, thousands of files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from local.tenant.store import quirks
from tests.tenant_kit import HELEN, SAM

if TYPE_CHECKING:
    import httpx

YAML = "text/yaml"


def control(tenant, path, **sent) -> httpx.Response:
    return tenant.httpx().post(f"/_local{path}", **sent)


def test_settings_are_off_until_set_and_off_again_when_nulled(tenant):
    assert tenant.local("GET", "/settings") == dict.fromkeys(quirks.QUIRKS)
    tenant.local("POST", "/settings", {"delta_repeats": True, "delivery_batch": 60})
    shown = tenant.local("POST", "/settings", {"delta_repeats": None})
    assert (shown["delta_repeats"], shown["delivery_batch"]) == (None, 60)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/settings", {"gravity": False}),
        ("/settings", {"delta_repeats": "yes"}),
        ("/settings", {"delivery_batch": -1}),
        ("/settings", {"throttle_status": 418}),
        ("/faults", {"effect": {"kind": "quirk", "name": "gravity"}}),
        ("/faults", {"effect": {"kind": "quirk", "name": "required_columns", "value": "beg"}}),
        ("/faults", {"effect": {"kind": "vanish"}}),
        ("/faults", {"effect": {"kind": "hollow"}, "match": {"surface": "delivery"}}),
        ("/faults", {"effect": {"kind": "lapse"}, "match": {"path": "("}}),
        ("/faults", {"effect": {"kind": "lapse"}, "window": {"lasts": 0}}),
        ("/labels", {"name": "Keep", "kind": "sometimes"}),
        ("/labels", {"kind": "record"}),
        ("/files", {"list": "x", "upn": HELEN}),
    ],
)
def test_a_control_refuses_what_it_does_not_know_and_says_why(shared_tenant, path, body):
    reply = control(shared_tenant, path, json=body)
    assert reply.status_code == 400
    assert reply.json()["error"]["message"]


def test_files_are_filled_up_to_their_number_and_differ(tenant, library, hook):
    library.subscribe(hook)
    fill = {"list": library.id, "upn": SAM, "count": 30, "name": "Paper {n:03}.txt",
            "columns": {"DocumentNumber": "Gov-{n}", "Status": "Held"}}  # fmt: skip
    assert tenant.local("POST", "/files", fill) == {"added": 30}
    assert len(hook.next()) == 1
    assert tenant.local("POST", "/files", fill | {"count": 40}) == {"added": 10}
    items, _ = library.delta()
    assert len(items) == 40
    last = library.item("Paper 040.txt")
    assert (last["fields"]["DocumentNumber"], last["fields"]["Status"]) == ("Gov-40", "Held")
    assert last["createdBy"]["user"]["displayName"] == "Sam Price"
    hashes = {library.ok("GET", f"{library.drive}/root:/Paper 0{n}.txt")["file"]["hashes"]
              ["quickXorHash"] for n in (10, 20, 30)}  # fmt: skip
    assert len(hashes) == 3
    library.upload("Paper 001.txt", b"by hand")
    assert library.versions("Paper 001.txt") == ["2.0", "1.0"]


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"columns": {"Nothing": "x"}}, 400),
        ({"columns": {"Status": "Neither"}}, 400),
        ({"dir": "/nowhere"}, 404),
        ({"upn": "nobody@dgft.nhs.example"}, 404),
        ({"name": "a:{n}.txt"}, 400),
        ({"name": "taken.txt", "count": 1}, 409),
    ],
)
def test_files_that_could_not_be_uploaded_are_not_filled_in(tenant, library, wrong, status):
    library.upload("taken.txt")
    fill = {"list": library.id, "upn": SAM, "count": 3} | wrong
    assert control(tenant, "/files", json=fill).status_code == status
    assert len(library.delta()[0]) == 1


SECOND = """\
tenant: {{id: {id}, name: WMIN, domain: dgft.nhs.example, sharepoint_host: wmin.sharepoint.com}}
owner: {helen}
users:
  - {{upn: {helen}, name: Helen Ward}}
  - {{upn: new.starter@dgft.nhs.example, name: New Starter}}
"""


def test_a_seed_sown_later_adds_to_what_is_there_and_reset_takes_it_back(tenant, library):
    library.upload("a.txt")
    tenant.local("POST", "/settings", {"delta_repeats": True})
    tenant.fault({"kind": "lapse"}, count=None, match={"path": "^/never"})
    page = SECOND.format(id=tenant.local("GET", "/")["tenant"]["id"], helen=HELEN)
    sown = control(tenant, "/seed", content=page.encode(), headers={"Content-Type": YAML})
    assert sown.status_code == 204, sown.text
    users = library.ok("GET", "/users?$top=999")["value"]
    assert "New Starter" in {user["displayName"] for user in users}
    tenant.advance(100)
    tenant.local("POST", "/reset", {})
    users = library.ok("GET", "/users?$top=999")["value"]
    assert {"New Starter", "Sam Price"} & {user["displayName"] for user in users} == {"Sam Price"}
    assert library.ask("GET", library.list).status_code == 404
    assert tenant.local("GET", "/faults")["value"] == []
    assert tenant.local("GET", "/settings") == dict.fromkeys(quirks.QUIRKS)
    assert tenant.local("GET", "/clock")["offset"] == 100


def test_a_wrong_seed_is_refused_and_nothing_is_sown(tenant):
    reply = control(tenant, "/seed", content=b"users: [", headers={"Content-Type": YAML})
    assert (reply.status_code, "not YAML" in reply.text) == (400, True)


def test_a_records_manager_labels_a_file_and_takes_the_label_off(tenant, library):
    tenant.local("POST", "/labels", {"name": "Keep", "kind": "record"})
    item = library.upload("a.txt")
    shown = library.ok("GET", f"{library.drive}/items/{item['id']}?$select=sharepointIds")
    guid = shown["sharepointIds"]["listItemUniqueId"]
    tenant.local("POST", "/label", {"unique_id": guid, "name": "Keep"})
    label = library.ok("GET", f"{library.drive}/items/{item['id']}/retentionLabel")
    assert (label["name"], label["retentionSettings"]["isRecordLocked"]) == ("Keep", True)
    tenant.local("POST", "/label", {"unique_id": guid, "name": None})
    bare = library.ask("GET", f"{library.drive}/items/{item['id']}/retentionLabel")
    assert bare.status_code == 404


def test_hits_before_a_fault_begins_are_passed_over_and_counted(tenant, library):
    tenant.fault({"kind": "refuse", "status": 500}, skip=2, match={"query": "top=7"})
    paths = ["/sites?search=x", *["/sites?search=x&$top=7"] * 4]
    assert [library.ask("GET", path).status_code for path in paths] == [200, 200, 200, 500, 200]
    (book,) = tenant.local("GET", "/faults")["value"]
    assert (book["seen"], book["used"], book["remaining"]) == (4, 1, 0)


def test_a_fault_with_chance_strikes_about_as_often_as_it_says(tenant, library):
    tenant.fault({"kind": "refuse", "status": 500}, count=None, probability=0.3, seed=11)
    struck = [library.ask("GET", "/sites/root").status_code == 500 for _ in range(60)]
    assert 8 <= sum(struck) <= 28
    assert library.used() == [sum(struck)]
