"""Versions by the list's settings, check-out, publication, approval, and who sees which state."""

from __future__ import annotations

import pytest

from local.tenant.errors import Refusal
from local.tenant.store import access, files, items, lists, principals, sites, versions
from local.tenant.store.versions import Write
from tests.tenant.graph.graph_kit import HELEN, IRIS, SAM, app, user

QUIET = {"version": False, "touch": False}


def labels(tenant, library, name="a.txt", who=None):
    return [
        entry["id"] for entry in tenant.get(f"{library}/drive/root:/{name}:/versions", who)["value"]
    ]


def file(tenant, library, name="a.txt"):
    row = lists.by_id(tenant.store, library.rpartition("/")[2])
    return row, items.by_path(tenant.store, row, f"/{name}")


def join(tenant, oid, group):
    """Make a person a member (1) or visitor (2) of the core team's site."""
    site = sites.by_path(tenant.store, "/sites/core")["id"]
    number = principals.ensure_user(tenant.store, site, oid)
    principals.add_member(
        tenant.store, site, sites.associated_groups(tenant.store, site)[group], number
    )


def test_a_library_without_minor_versions_counts_majors(tenant):
    library = tenant.library()
    for data in (b"1", b"2"):
        tenant.upload(library, "a.txt", data)
    tenant.ask("PATCH", f"{tenant.item_of(library, 'a.txt')}/fields", {"Score": 2})
    assert labels(tenant, library) == ["3.0", "2.0", "1.0"]


def test_a_library_with_minor_versions_counts_drafts_until_one_is_published(tenant):
    library = tenant.library(EnableMinorVersions=True)
    for data in (b"1", b"2"):
        tenant.upload(library, "a.txt", data)
    assert labels(tenant, library) == ["0.2", "0.1"]
    row, item = file(tenant, library)
    versions.publish(tenant.store, row, item, Write(tenant.who), "adopted")
    assert labels(tenant, library) == ["1.0", "0.1"]
    tenant.ask("PATCH", f"{tenant.item_of(library, 'a.txt')}/fields", {"Score": 2})
    assert labels(tenant, library) == ["1.1", "1.0", "0.1"]


def test_a_list_without_versions_keeps_one(tenant):
    library = tenant.library(EnableVersioning=False)
    for data in (b"1", b"2"):
        tenant.upload(library, "a.txt", data)
    assert labels(tenant, library) == ["1.0"]


def test_a_write_that_makes_no_version_leaves_the_list_exactly_as_it_was(tenant):
    library = tenant.library(EnableMinorVersions=True)
    made = tenant.upload(library, "a.txt")
    before = tenant.get(f"{library}/drive/root:/a.txt:/versions")["value"]
    row, item = file(tenant, library)
    files.write_columns(
        tenant.store, row, item, {"ControlStatus": "In order"}, Write(app("x"), **QUIET)
    )
    assert tenant.get(f"{library}/drive/root:/a.txt:/versions")["value"] == before
    after = tenant.get(f"{library}/drive/root:/a.txt")
    assert after["eTag"] != made["eTag"]
    assert (after["cTag"], after["lastModifiedDateTime"]) == (
        made["cTag"],
        made["lastModifiedDateTime"],
    )
    assert tenant.get(f"{tenant.item_of(library, 'a.txt')}/fields")["ControlStatus"] == "In order"


def test_check_in_as_published_makes_a_major_with_its_comment(tenant):
    library = tenant.library(EnableMinorVersions=True)
    tenant.upload(library, "a.txt")
    file_url = f"{library}/drive/root:/a.txt:"
    tenant.refused(400, "POST", f"{file_url}/checkin", {"checkInAs": "published"})
    assert tenant.ask("POST", f"{file_url}/checkout").status == 204
    assert (
        tenant.get(f"{library}/drive/root:/a.txt?$select=publication")["publication"]["level"]
        == "checkout"
    )
    assert (
        tenant.ask(
            "POST", f"{file_url}/checkin", {"checkInAs": "published", "comment": "V1"}
        ).status
        == 204
    )
    assert labels(tenant, library) == ["1.0", "0.1"]
    assert tenant.get(f"{tenant.item_of(library, 'a.txt')}/fields")["_CheckinComment"] == "V1"


def test_a_checked_out_file_shows_others_what_was_last_checked_in(tenant):
    library = tenant.library()
    join(tenant, SAM, 1)
    tenant.upload(library, "a.txt", b"one")
    tenant.ask("POST", f"{library}/drive/root:/a.txt:/checkout")
    tenant.upload(library, "a.txt", b"longer")
    seen = {
        who: tenant.get(f"{library}/drive/root:/a.txt", user(who))["size"] for who in (HELEN, SAM)
    }
    assert seen == {HELEN: 6, SAM: 3}
    where = tenant.ask("GET", f"{library}/drive/root:/a.txt:/content", who=user(SAM)).headers[
        "Location"
    ]
    assert tenant.ask("GET", where).body == b"one"
    refusal = tenant.refused(423, "PUT", f"{library}/drive/root:/a.txt:/content", b"x", user(SAM))
    assert (refusal.hresult, refusal.inner) == (-2130575306, "resourceCheckedOut")
    assert labels(tenant, library) == ["1.0"]


def test_a_discarded_check_out_leaves_no_trace(tenant):
    library = tenant.library()
    join(tenant, SAM, 1)
    tenant.upload(library, "a.txt", b"one")
    url = f"{library}/drive/root:/a.txt:"
    tenant.refused(400, "POST", f"{url}/discardCheckout")
    tenant.ask("POST", f"{url}/checkout")
    tenant.upload(library, "a.txt", b"longer")
    tenant.refused(423, "POST", f"{url}/discardCheckout", who=user(SAM))
    tenant.ask("POST", f"{url}/discardCheckout", who=app("x", "Sites.ReadWrite.All"))
    assert tenant.get(f"{library}/drive/root:/a.txt")["size"] == 3
    assert labels(tenant, library) == ["1.0"]


def test_required_check_out_keeps_a_new_file_to_its_uploader(tenant):
    library = tenant.library(ForceCheckout=True)
    join(tenant, SAM, 1)
    tenant.upload(library, "a.txt")
    assert tenant.get(f"{library}/drive/root/children", user(SAM))["value"] == []
    tenant.refused(404, "GET", f"{library}/drive/root:/a.txt", who=user(SAM))
    tenant.ask("POST", f"{library}/drive/root:/a.txt:/checkin", {})
    assert tenant.get(f"{library}/drive/root:/a.txt", user(SAM))["name"] == "a.txt"


@pytest.mark.parametrize(
    ("visibility", "reader", "editor"), [(0, "0.1", "0.1"), (1, None, "0.1"), (2, None, None)]
)
def test_draft_visibility_says_who_sees_an_unpublished_file(tenant, visibility, reader, editor):
    library = tenant.library(EnableMinorVersions=True, DraftVersionVisibility=visibility)
    join(tenant, IRIS, 2)
    join(tenant, SAM, 1)
    tenant.upload(library, "a.txt")
    for oid, expected in ((IRIS, reader), (SAM, editor), (HELEN, "0.1")):
        seen = tenant.get(f"{library}/items?$expand=fields", user(oid))["value"]
        assert [entry["fields"]["_UIVersionString"] for entry in seen] == (
            [expected] if expected else []
        )
        if expected is None:
            tenant.refused(404, "GET", f"{library}/drive/root:/a.txt", who=user(oid))


def test_readers_see_the_published_version_while_it_is_being_revised(tenant):
    library = tenant.library(EnableMinorVersions=True, DraftVersionVisibility=1)
    join(tenant, IRIS, 2)
    tenant.upload(library, "a.txt", b"published")
    row, item = file(tenant, library)
    versions.publish(tenant.store, row, item, Write(tenant.who), "")
    tenant.upload(library, "a.txt", b"draft")
    tenant.ask("PATCH", f"{tenant.item_of(library, 'a.txt')}/fields", {"Score": 9})
    reader = user(IRIS)
    assert tenant.get(f"{library}/drive/root:/a.txt", reader)["size"] == 9
    assert labels(tenant, library, who=reader) == ["1.0"]
    delta = tenant.get(f"{library}/items/delta?$expand=fields", reader)["value"]
    assert [entry["fields"]["_UIVersionString"] for entry in delta] == ["1.0"]
    where = tenant.ask("GET", f"{library}/drive/root:/a.txt:/content", who=reader).headers[
        "Location"
    ]
    assert tenant.ask("GET", where).body == b"published"


def test_under_content_approval_a_major_is_pending_until_it_is_approved(tenant):
    library = tenant.library(
        EnableMinorVersions=True, EnableModeration=True, DraftVersionVisibility=2
    )
    join(tenant, SAM, 1)
    join(tenant, IRIS, 2)
    tenant.upload(library, "a.txt", who=user(SAM))
    url = f"{library}/drive/root:/a.txt:"
    tenant.ask("POST", f"{url}/checkout", who=user(SAM))
    tenant.ask("POST", f"{url}/checkin", {"checkInAs": "published"}, user(SAM))
    row, item = file(tenant, library)
    assert (versions.label(item), item["moderation"], item["level"]) == (
        "1.0",
        versions.PENDING,
        versions.DRAFT,
    )
    tenant.refused(404, "GET", f"{library}/drive/root:/a.txt", who=user(IRIS))
    before = tenant.get(f"{library}/drive/root:/a.txt", user(SAM))
    versions.moderate(tenant.store, row, item, Write(app("x")), versions.APPROVED, "minute 7")
    after = tenant.get(f"{library}/drive/root:/a.txt", user(IRIS))
    assert after["lastModifiedBy"] == before["lastModifiedBy"]
    assert labels(tenant, library) == ["1.0", "0.1"]


def test_a_denied_version_leaves_the_one_before_current(tenant):
    library = tenant.library(
        EnableMinorVersions=True, EnableModeration=True, DraftVersionVisibility=2
    )
    join(tenant, IRIS, 2)
    how = Write(tenant.who)
    for status, data in ((versions.APPROVED, b"one"), (versions.DENIED, b"second")):
        tenant.upload(library, "a.txt", data)
        row, item = file(tenant, library)
        item = versions.publish(tenant.store, row, item, how, "")
        versions.moderate(tenant.store, row, item, how, status, "")
    assert tenant.get(f"{library}/drive/root:/a.txt", user(IRIS))["size"] == 3


def test_turning_on_content_approval_marks_what_is_there_as_approved(tenant):
    library = tenant.library()
    tenant.upload(library, "a.txt")
    row, _item = file(tenant, library)
    lists.update(tenant.store, row, {"EnableModeration": True})
    assert file(tenant, library)[1]["moderation"] == versions.APPROVED


def test_unpublishing_makes_the_major_a_draft_again(tenant):
    library = tenant.library(EnableMinorVersions=True)
    tenant.upload(library, "a.txt")
    tenant.upload(library, "a.txt", b"2")
    row, item = file(tenant, library)
    how = Write(tenant.who)
    item = versions.publish(tenant.store, row, item, how, "")
    item = versions.unpublish(tenant.store, row, item, how, "")
    assert labels(tenant, library) == ["0.2", "0.1"]
    assert item["published"] == ""
    with pytest.raises(Refusal):
        versions.unpublish(tenant.store, row, item, how, "")


def test_restoring_a_version_makes_it_the_newest(tenant):
    library = tenant.library()
    for data in (b"one", b"longer"):
        tenant.upload(library, "a.txt", data)
    url = f"{library}/drive/root:/a.txt:/versions/1.0"
    assert tenant.ask("POST", f"{url}/restoreVersion").status == 204
    assert labels(tenant, library) == ["3.0", "2.0", "1.0"]
    assert tenant.get(f"{library}/drive/root:/a.txt")["size"] == 3
    where = tenant.ask("GET", f"{url}/content").headers["Location"]
    assert tenant.ask("GET", where).body == b"one"
    tenant.refused(404, "POST", f"{library}/drive/root:/a.txt:/versions/9.0/restoreVersion")


def test_only_so_many_majors_are_kept(tenant):
    library = tenant.library(MajorVersionLimit=2)
    for number in range(4):
        tenant.upload(library, "a.txt", str(number).encode())
    assert labels(tenant, library) == ["4.0", "3.0"]


def test_an_items_versions_carry_their_columns(tenant):
    library = tenant.library()
    tenant.upload(library, "a.txt")
    item = tenant.item_of(library, "a.txt")
    for score in (2, 3):
        tenant.ask("PATCH", f"{item}/fields", {"Score": score})
    found = tenant.get(f"{item}/versions")["value"]
    assert [entry["fields"].get("Score") for entry in found] == [3, 2, None]
    assert tenant.get(f"{item}/versions/2.0")["fields"]["Score"] == 2


def test_approval_is_a_right_of_its_own():
    assert "approve" in access.ROLES[access.APPROVER].verbs
    assert "approve" not in access.ROLES[access.EDIT].verbs
