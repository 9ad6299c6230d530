"""Permissions: inheritance, role assignments, invitations, sharing links, guests, apps."""

from __future__ import annotations

import pytest

from local.tenant.errors import Refusal
from local.tenant.store import access, changes, items, lists, principals, sites
from tests.tenant.graph.graph_kit import CORE, ENFORCER, GUEST, HELEN, IRIS, SAM, app, user
from tests.tenant.graph.test_versions import join

SAM_MAIL = "sam.price@dgft.nhs.example"


@pytest.fixture
def library(tenant):
    made = tenant.library()
    tenant.upload(made, "tender.txt")
    return made


def url(library, tail=""):
    return f"{library}/drive/root:/tender.txt{':' + tail if tail else ''}"


def item(tenant, library):
    row = lists.by_id(tenant.store, library.rpartition("/")[2])
    return access.of_item(items.by_path(tenant.store, row, "/tender.txt"))


def sees(tenant, library, oid):
    at = item(tenant, library)
    held = access.may(tenant.store, user(oid), at, "read")
    if held:
        assert tenant.get(url(library), user(oid))["name"] == "tender.txt"
    else:
        tenant.refused(404, "GET", url(library), who=user(oid))
    return held


def test_a_colleague_opens_a_file_before_it_is_contained_and_is_refused_after(tenant, library):
    join(tenant, SAM, 1)
    assert sees(tenant, library, SAM)
    at = access.break_inheritance(
        tenant.store, item(tenant, library), app("x"), copy=False, clear=True
    )
    assert at.unique
    assert not sees(tenant, library, SAM)
    assert sees(tenant, library, HELEN)
    access.reset_inheritance(tenant.store, item(tenant, library), "app:x")
    assert sees(tenant, library, SAM)


def test_breaking_without_a_copy_leaves_the_calling_user_and_an_app_leaves_nobody(tenant, library):
    at = access.break_inheritance(
        tenant.store, item(tenant, library), user(HELEN), copy=False, clear=False
    )
    assert [row["ref"] for row in access.assignments(tenant.store, at)] == [HELEN]
    access.reset_inheritance(tenant.store, at, "app:x")
    at = access.break_inheritance(
        tenant.store, item(tenant, library), app("x"), copy=False, clear=False
    )
    assert access.assignments(tenant.store, at) == []


def test_a_child_keeps_its_own_permissions_when_the_parents_change_unless_they_are_pushed_down(
    tenant, library
):
    join(tenant, SAM, 1)
    access.break_inheritance(tenant.store, item(tenant, library), app("x"), copy=False, clear=False)
    row = lists.by_id(tenant.store, library.rpartition("/")[2])
    access.break_inheritance(tenant.store, access.of_list(row), app("x"), copy=True, clear=False)
    assert not sees(tenant, library, SAM)
    again = access.of_list(lists.by_id(tenant.store, row["id"]))
    access.reset_inheritance(tenant.store, again, "app:x")
    access.break_inheritance(
        tenant.store,
        access.of_list(lists.by_id(tenant.store, row["id"])),
        app("x"),
        copy=True,
        clear=True,
    )
    assert sees(tenant, library, SAM)


def test_a_folders_permissions_hold_for_what_is_put_into_it(tenant, library):
    join(tenant, SAM, 1)
    tenant.ask("POST", f"{library}/drive/root/children", {"name": "Closed", "folder": {}})
    row = lists.by_id(tenant.store, library.rpartition("/")[2])
    folder = access.of_item(items.by_path(tenant.store, row, "/Closed"))
    access.break_inheritance(tenant.store, folder, tenant.who, copy=False, clear=False)
    tenant.upload(library, "Closed/a.txt")
    tenant.refused(404, "GET", f"{library}/drive/root:/Closed/a.txt", who=user(SAM))
    made = tenant.get(url(library))
    target = tenant.get(f"{library}/drive/root:/Closed")["id"]
    tenant.ask("PATCH", f"{library}/drive/items/{made['id']}", {"parentReference": {"id": target}})
    tenant.refused(404, "GET", f"{library}/drive/items/{made['id']}", who=user(SAM))
    tenant.refused(
        404, "PATCH", f"{library}/drive/items/{made['id']}", {"name": "x.txt"}, user(SAM)
    )
    assert tenant.get(f"{library}/drive/root/children", user(SAM))["value"] == []


def test_roles_cannot_be_set_where_permissions_are_inherited(tenant, library):
    site = sites.by_path(tenant.store, "/sites/core")["id"]
    number = principals.ensure_user(tenant.store, site, SAM)
    with pytest.raises(Refusal, match="inherits"):
        access.assign(tenant.store, item(tenant, library), number, access.READER, "app:x")


@pytest.mark.parametrize(
    ("given", "inherited"),
    [
        ({}, True),
        ({"retainInheritedPermissions": True}, True),
        ({"retainInheritedPermissions": False}, False),
    ],
)
def test_an_invitation_keeps_what_is_inherited_unless_told_not_to(
    tenant, library, given, inherited
):
    join(tenant, IRIS, 2)
    body = {"recipients": [{"email": SAM_MAIL}], "roles": ["read"], "requireSignIn": True, **given}
    answer = tenant.ask("POST", url(library, "/invite"), body)
    assert (answer.status, tenant.spent) == (200, 5)
    assert answer.body["value"][0]["grantedToV2"]["user"]["id"] == SAM
    assert sees(tenant, library, SAM)
    assert sees(tenant, library, IRIS) == inherited
    tenant.refused(403, "PATCH", url(library), {"name": "x.txt"}, user(SAM))


def test_an_unknown_recipient_makes_it_207_with_an_error_in_its_place(tenant, library):
    body = {"recipients": [{"email": SAM_MAIL}, {"email": "nobody@x.example"}], "roles": ["write"]}
    answer = tenant.ask("POST", url(library, "/invite"), body)
    assert answer.status == 207
    assert ["error" in entry for entry in answer.body["value"]] == [False, True]


def test_permissions_are_listed_and_taken_away_one_by_one(tenant, library):
    tenant.ask(
        "POST", url(library, "/invite"), {"recipients": [{"email": SAM_MAIL}], "roles": ["write"]}
    )
    listed = tenant.get(url(library, "/permissions"))["value"]
    assert tenant.spent == 5
    (sam,) = [entry for entry in listed if entry["grantedToV2"].get("user", {}).get("id") == SAM]
    assert sam["roles"] == ["write"]
    assert {entry["roles"][0] for entry in listed if "siteGroup" in entry["grantedToV2"]} == {
        "owner",
        "write",
        "read",
    }
    assert tenant.ask("PATCH", url(library, f"/permissions/{sam['id']}"), {"roles": ["read"]}).body[
        "roles"
    ] == ["read"]
    assert tenant.ask("DELETE", url(library, f"/permissions/{sam['id']}")).status == 204
    assert not sees(tenant, library, SAM)
    tenant.refused(404, "GET", url(library, f"/permissions/{sam['id']}"))


def test_an_inherited_permission_cannot_be_deleted(tenant, library):
    first = tenant.get(url(library, "/permissions"))["value"][0]
    tenant.refused(400, "DELETE", url(library, f"/permissions/{first['id']}"))


def test_removing_permissions_needs_full_control(tenant, library):
    boss = app("boss", "Sites.FullControl.All")
    tenant.ask(
        "POST", url(library, "/invite"), {"recipients": [{"email": SAM_MAIL}], "roles": ["read"]}
    )
    entry = tenant.get(url(library, "/permissions"))["value"][-1]
    tenant.refused(
        403,
        "DELETE",
        url(library, f"/permissions/{entry['id']}"),
        who=app("w", "Sites.ReadWrite.All"),
    )
    assert tenant.ask("DELETE", url(library, f"/permissions/{entry['id']}"), who=boss).status == 204


def test_an_organisations_link_lets_in_a_member_who_opens_it_and_no_guest(tenant, library):
    made = tenant.ask(
        "POST", url(library, "/createLink"), {"type": "view", "scope": "organization"}
    )
    assert made.status == 201
    assert (
        tenant.ask(
            "POST", url(library, "/createLink"), {"type": "view", "scope": "organization"}
        ).status
        == 200
    )
    assert not sees(tenant, library, SAM)
    assert (
        tenant.get(f"/shares/{made.body['shareId']}/driveItem", user(SAM))["name"] == "tender.txt"
    )
    assert sees(tenant, library, SAM)
    tenant.refused(403, "GET", f"/shares/{made.body['shareId']}/driveItem", who=user(GUEST))
    tenant.ask("DELETE", url(library, f"/permissions/{made.body['id']}"))
    assert not sees(tenant, library, SAM)
    tenant.refused(404, "GET", f"/shares/{made.body['shareId']}/driveItem", who=user(SAM))


def test_a_link_outlives_the_removal_of_other_permissions(tenant, library):
    link = tenant.ask(
        "POST",
        url(library, "/createLink"),
        {"type": "edit", "scope": "users", "recipients": [{"email": SAM_MAIL}]},
    ).body
    for entry in tenant.get(url(library, "/permissions"))["value"]:
        if "link" not in entry:
            tenant.ask("DELETE", url(library, f"/permissions/{entry['id']}"))
    assert sees(tenant, library, SAM)
    assert [entry["id"] for entry in tenant.get(url(library, "/permissions"))["value"]] == [
        link["id"]
    ]


def test_an_expired_link_opens_nothing(tenant, library):
    link = tenant.ask(
        "POST",
        url(library, "/createLink"),
        {"type": "view", "scope": "organization", "expirationDateTime": "2020-01-01T00:00:00Z"},
    ).body
    tenant.refused(403, "GET", f"/shares/{link['shareId']}/driveItem", who=user(SAM))


def test_an_app_is_granted_one_list_and_sees_that_alone(tenant, library):
    boss, small = (
        app("boss", "Sites.FullControl.All"),
        app(ENFORCER, "Lists.SelectedOperations.Selected"),
    )
    tenant.refused(403, "GET", library, who=small)
    made = tenant.ask(
        "POST",
        f"{library}/permissions",
        {"roles": ["write"], "grantedToV2": {"application": {"id": ENFORCER}}},
        boss,
    )
    assert made.status == 201
    assert tenant.get(f"{library}/items", small)["value"]
    tenant.refused(403, "GET", f"{CORE}/lists/Documents", who=small)
    assert tenant.get(f"{library}/permissions", boss)["value"][0]["roles"] == ["write"]
    tenant.ask("DELETE", f"{library}/permissions/{made.body['id']}", who=boss)
    tenant.refused(403, "GET", f"{library}/items", who=small)


def test_everyone_does_not_mean_guests(tenant, library):
    site = sites.by_path(tenant.store, "/sites/core")["id"]
    _owners, _members, visitors = sites.associated_groups(tenant.store, site)
    principals.add_member(
        tenant.store, site, visitors, principals.ensure_everyone(tenant.store, site)
    )
    assert sees(tenant, library, SAM)
    assert not sees(tenant, library, GUEST)


def test_permission_changes_are_logged_for_security_webhooks(tenant, library):
    mark = changes.last(tenant.store)
    access.break_inheritance(
        tenant.store, item(tenant, library), tenant.who, copy=True, clear=False
    )
    found = changes.since(tenant.store, library.rpartition("/")[2], mark)
    assert [row["kind"] for row in found] == [changes.SECURITY]


def test_inheritance_of_a_very_large_container_cannot_be_broken(tenant, library):
    row = lists.by_id(tenant.store, library.rpartition("/")[2])
    tenant.store.run("UPDATE lists SET item_count=100001 WHERE id=?", row["id"])
    with pytest.raises(Refusal) as caught:
        access.break_inheritance(
            tenant.store, access.of_list(row), tenant.who, copy=True, clear=False
        )
    assert caught.value.status == 429
