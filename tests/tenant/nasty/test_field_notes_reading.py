"""Field notes about what is read: delta, filters, permissions, and steps without effect."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.tenant.nasty.nasty_kit import PREFER, line
from tests.tenant_kit import HELEN, HOST, SAM


@line("Delta token dies")
@pytest.mark.parametrize(
    "code", ["resyncChangesApplyDifferences", "resyncChangesUploadDifferences"]
)
def test_a_delta_token_dies_with_410_and_its_location_starts_again(tenant, library, code):
    library.upload("a.txt")
    _, link = library.delta()
    tenant.local("POST", "/expire", {"list": library.id, "code": code})
    gone = library.ask("GET", link)
    assert (gone.status_code, gone.json()["error"]["code"]) == (410, code)
    assert [item["id"] for item in library.delta(gone.headers["location"])[0]] == ["1"]


@line("Delta token dies")
def test_the_location_of_a_dead_token_fails_too(tenant, library):
    _, link = library.delta()
    tenant.local("POST", "/expire", {"list": library.id})
    where = library.ask("GET", link).headers["location"]
    tenant.fault({"kind": "refuse", "status": 404, "code": "itemNotFound"},
                 match={"path": "/items/delta", "query": "^(?!.*token=.)"})  # fmt: skip
    assert library.ask("GET", where).status_code == 404
    assert library.delta()[0] == []


@line("Delta token dies")
@pytest.mark.parametrize("status", [404, 400])
def test_a_round_of_delta_fails_between_two_pages(tenant, library, status):
    for number in range(3):
        library.upload(f"{number}.txt")
    tenant.fault({"kind": "refuse", "status": status, "code": "invalidRequest"}, skip=1,
                 match={"path": "/items/delta"})  # fmt: skip
    first = library.ok("GET", f"{library.list}/items/delta?$top=1")
    assert library.ask("GET", first["@odata.nextLink"]).status_code == status
    assert library.ask("GET", first["@odata.nextLink"]).status_code == 200


@line("Delta repeats items, drops properties on deletes")
def test_delta_holds_an_item_twice(tenant, library):
    library.upload("a.txt")
    tenant.local("POST", "/settings", {"delta_repeats": True})
    assert Counter(item["id"] for item in library.delta()[0]) == {"1": 2}


@line("Delta repeats items, drops properties on deletes")
@pytest.mark.parametrize(("bare", "members"), [
    (False, {"id", "parentReference", "contentType", "deleted"}), (True, {"id", "deleted"}),
])  # fmt: skip
def test_delta_drops_the_properties_of_what_was_deleted(tenant, library, bare, members):
    library.upload("a.txt")
    _, link = library.delta()
    library.ok("DELETE", f"{library.list}/items/1")
    tenant.local("POST", "/settings", {"delta_bare_deletes": bare})
    ((gone,), _) = library.delta(link)
    assert set(gone) == members


@line("Delta repeats items, drops properties on deletes")
def test_delta_misses_a_change_of_permissions_and_of_sharing(library):
    item = library.upload("a.txt")
    _, link = library.delta()
    library.ok("POST", f"{library.drive}/items/{item['id']}/createLink",
               json={"type": "view", "scope": "organization"})  # fmt: skip
    assert library.delta(link)[0] == []


@line("Site or group not ready after creation")
def test_a_new_site_is_in_progress_for_minutes_then_404_and_403_for_a_while(tenant, library):
    tenant.local("POST", "/sites", {"polls": 2, "seconds": 600})
    url = f"https://{HOST}/sites/sig"
    order = {"request": {"Title": "SIG", "Url": url, "WebTemplate": "STS#3", "Owner": HELEN}}
    assert library.rest_ask("/SPSiteManager/create", order).json()["SiteStatus"] == 1
    graph = f"/sites/{HOST}:/sites/sig"

    def status() -> int:
        return library.rest.get(
            f"/_api/SPSiteManager/status?url='{url}'",
            headers={"Accept": "application/json;odata=nometadata"},
        ).json()["SiteStatus"]

    assert [status(), status(), status()] == [1, 1, 1]
    assert library.ask("GET", graph).status_code == 404
    tenant.advance(601)
    assert status() == 2
    tenant.fault({"kind": "refuse", "status": 403, "code": "accessDenied"}, count=None,
                 match={"path": "/sites/sig"}, window={"lasts": 300})  # fmt: skip
    tenant.fault({"kind": "blank"}, count=None, match={"path": "/contentTypes$"},
                 window={"starts_in": 300, "lasts": 300})  # fmt: skip
    assert library.ask("GET", graph).status_code == 403
    tenant.advance(300)
    assert library.ok("GET", f"{graph}:/contentTypes")["value"] == []
    tenant.advance(300)
    assert library.ok("GET", f"{graph}:/contentTypes")["value"]
    assert library.used() == [1, 1]


@line("Steps that")
def test_a_step_succeeds_silently_without_effect(tenant, library):
    tenant.fault({"kind": "hollow"}, match={"method": "POST", "path": "/columns$"})
    tenant.fault({"kind": "hollow"}, match={"surface": "sharepoint", "method": "MERGE"})
    made = library.ask("POST", f"{library.list}/columns", json={"name": "Lost", "text": {}})
    assert made.status_code == 201
    library.settings(EnableModeration=True)
    names = [each["name"] for each in library.ok("GET", f"{library.list}/columns")["value"]]
    assert "Lost" not in names
    shown = library.rest.get(f"/_api/web/lists(guid'{library.id}')/EnableModeration",
                             headers={"Accept": "application/json;odata=nometadata"})  # fmt: skip
    assert shown.json()["value"] is False
    assert library.used() == [1, 1]


@line("Broken inheritance is no wall")
def test_a_parents_change_is_pushed_down_and_links_outlive_broken_inheritance(library):
    item = library.upload("a.txt")
    link = library.ok("POST", f"{library.drive}/items/{item['id']}/createLink",
                      json={"type": "view", "scope": "organization"})["link"]["webUrl"]  # fmt: skip
    one = f"/web/lists(guid'{library.id}')"
    shut = {"copyRoleAssignments": False, "clearSubscopes": False}
    assert library.rest_ask(f"{one}/breakroleinheritance", shut).is_success
    assert library.ask("GET", f"{library.drive}/items/{item['id']}", SAM).status_code == 404
    opened = library.ask("GET", f"/shares/{link.rpartition('/')[2]}/driveItem", SAM)
    assert (opened.status_code, opened.json()["id"]) == (200, item["id"])

    inner = f"{one}/items(1)"
    unique = library.rest.get(f"/_api{inner}/HasUniqueRoleAssignments",
                              headers={"Accept": "application/json;odata=nometadata"})  # fmt: skip
    assert unique.json()["value"] is True
    library.rest_ask(f"{one}/resetroleinheritance")
    push = {"copyRoleAssignments": True, "clearSubscopes": True}
    assert library.rest_ask(f"{one}/breakroleinheritance", push).is_success
    unique = library.rest.get(f"/_api{inner}/HasUniqueRoleAssignments",
                              headers={"Accept": "application/json;odata=nometadata"})  # fmt: skip
    assert unique.json()["value"] is False


@line("Filters on non-indexed columns fail past 5,000 items")
def test_a_filter_on_a_column_without_an_index_fails_past_5000_items(tenant, library):
    fill = {"list": library.id, "upn": HELEN, "count": 5_000, "bytes": 0,
            "columns": {"DocumentNumber": "Gov-{n}", "VersionLabel": "V{n}"}}  # fmt: skip
    assert tenant.local("POST", "/files", fill) == {"added": 5_000}
    where = f"{library.list}/items?$filter=fields"
    plain, indexed = f"{where}/VersionLabel eq 'V7'", f"{where}/DocumentNumber eq 'Gov-7'"
    headers = {"Prefer": PREFER}
    assert len(library.ok("GET", plain, headers=headers)["value"]) == 1
    library.upload("one more.txt")
    failed = library.ask("GET", plain, headers=headers)
    assert (failed.status_code, "threshold" in failed.text) == (500, True)
    assert len(library.ok("GET", indexed)["value"]) == 1


@line("Modified By shows the app")
def test_modified_by_shows_the_app_and_approval_leaves_it_as_it_was(library):
    library.settings(EnableModeration=True)
    library.upload("a.txt", who=HELEN)
    assert "user" in library.item("a.txt")["lastModifiedBy"]
    approve = f"/web/lists(guid'{library.id}')/items(1)/file/approve(comment='')"
    before = library.item("a.txt")
    assert library.rest_ask(approve).is_success
    after = library.item("a.txt")
    assert after["fields"]["_ModerationStatus"] == 0 != before["fields"]["_ModerationStatus"]
    assert after["lastModifiedBy"] == before["lastModifiedBy"]
    library.write("a.txt", VersionLabel="V1")
    assert library.item("a.txt")["lastModifiedBy"]["application"]["displayName"] == "provisioner"


@line("Turning on content approval marks all that is there as approved")
def test_turning_on_content_approval_marks_what_is_there_as_approved(library):
    library.settings(EnableMinorVersions=True)
    library.upload("draft.txt")
    library.settings(EnableModeration=True)
    library.upload("new.txt")
    statuses = {name: library.item(name)["fields"]["_ModerationStatus"]
                for name in ("draft.txt", "new.txt")}  # fmt: skip
    assert statuses == {"draft.txt": 0, "new.txt": 3}
