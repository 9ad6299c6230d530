"""Inheritance, role assignments, people and site groups through the office365 client."""

# ruff: noqa: FBT003 -- the client's own calls take a flag in second place

from __future__ import annotations

import json

import pytest
from office365.runtime.client_request_exception import ClientRequestException

from tests.tenant.sharepoint.rest_kit import HELEN, IRIS, SAM, app, login, user

READ, CONTRIBUTE = 1073741826, 1073741827
DOCUMENTS = "web/lists/getbytitle('Documents')"
FILE = "web/getfilebyserverrelativeurl('/sites/core/Shared Documents/tender.txt')"


def tender(rest):
    """A file in the open library, and Sam as a visitor who can read it."""
    client = rest.client()
    folder = client.web.get_folder_by_server_relative_url("/sites/core/Shared Documents")
    file = folder.upload_file("tender.txt", b"price").execute_query()
    visitors = client.web.associated_visitor_group
    visitors.users.add_user(login(SAM)).execute_query()
    return file


def test_a_colleague_can_read_before_and_is_refused_after(rest):
    file = tender(rest)
    assert rest.get(user(SAM), f"{FILE}/$value").content == b"price"
    item = file.listItemAllFields
    item.break_role_inheritance(False, True).execute_query()
    assert rest.get(user(SAM), f"{FILE}/$value").status_code == 404
    assert rest.get(user(SAM), FILE).status_code == 404
    assert rest.get(app(), f"{FILE}/ListItemAllFields/HasUniqueRoleAssignments").json() == {
        "value": True
    }
    item.reset_role_inheritance().execute_query()
    assert rest.get(user(SAM), f"{FILE}/$value").status_code == 200


def test_assignments_are_copied_added_read_and_taken_away(rest):
    client = rest.client()
    documents = client.web.lists.get_by_title("Documents")
    documents.break_role_inheritance(True, False).execute_query()
    iris = client.web.ensure_user(login(IRIS)).execute_query()
    documents.role_assignments.add_role_assignment(iris.id, READ).execute_query()
    expanded = f"{DOCUMENTS}/roleassignments?$expand=Member,RoleDefinitionBindings"
    rows = rest.get(app(), expanded).json()["value"]
    told = {
        row["Member"]["Title"]: [role["Name"] for role in row["RoleDefinitionBindings"]]
        for row in rows
    }
    assert told == {
        "Core team Owners": ["Full Control"],
        "Core team Members": ["Edit"],
        "Core team Visitors": ["Read"],
        "Iris Grant": ["Read"],
    }
    found = documents.role_assignments.expand(["Member", "RoleDefinitionBindings"]).get()
    found.execute_query()
    assert len(found) == 4
    documents.role_assignments.get_by_principal_id(iris.id).delete_object().execute_query()
    assert len(rest.get(app(), expanded).json()["value"]) == 3
    with pytest.raises(ClientRequestException):
        documents.role_assignments.get_by_principal_id(iris.id).get().execute_query()


def test_a_place_that_inherits_takes_no_assignment(rest):
    client = rest.client()
    iris = client.web.ensure_user(login(IRIS)).execute_query()
    documents = client.web.lists.get_by_title("Documents")
    with pytest.raises(ClientRequestException):
        documents.role_assignments.add_role_assignment(iris.id, READ).execute_query()


def test_the_ancestor_with_permissions_of_its_own_is_named(rest):
    file = tender(rest)
    path = f"{FILE}/ListItemAllFields/FirstUniqueAncestorSecurableObject"
    assert rest.get(app(), path, "application/json").json()["odata.type"] == "SP.Web"
    rest.client().web.lists.get_by_title("Documents").break_role_inheritance(
        True, False
    ).execute_query()
    assert rest.get(app(), path, "application/json").json()["odata.type"] == "SP.List"
    file.listItemAllFields.break_role_inheritance(True, False).execute_query()
    assert rest.get(app(), f"{path}/Id").json() == {"value": 1}


def test_only_full_control_reads_or_changes_permissions(rest):
    tender(rest)
    writer = user(HELEN, "AllSites.Write")
    assert rest.get(writer, f"{DOCUMENTS}/roleassignments").status_code == 403
    body = json.dumps({"copyRoleAssignments": True, "clearSubscopes": True})
    assert rest.post(writer, f"{DOCUMENTS}/breakroleinheritance", data=body).status_code == 403


def test_arguments_may_stand_in_the_address(rest):
    path = f"{DOCUMENTS}/breakroleinheritance(copyRoleAssignments=true,clearSubscopes=true)"
    assert rest.post(app(), path).status_code == 200
    assert len(rest.get(app(), f"{DOCUMENTS}/roleassignments").json()["value"]) == 3


@pytest.mark.parametrize("way", ["GetById({})", "GetByName('Contribute')", "GetByType(3)"])
def test_role_definitions_are_found_in_each_way(rest, way):
    path = "web/roledefinitions/" + way.format(CONTRIBUTE)
    assert rest.get(app(), path).json()["Id"] == CONTRIBUTE
    by_key = rest.get(app(), f"web/roledefinitions({CONTRIBUTE})").json()
    assert by_key["Name"] == "Contribute"


def test_an_unknown_person_cannot_be_ensured(rest):
    with pytest.raises(ClientRequestException):
        rest.client().web.ensure_user("nobody@dgft.nhs.example").execute_query()


def test_a_site_group_is_made_filled_renamed_and_removed(rest):
    client = rest.client()
    groups = client.web.site_groups
    made = groups.add("IG officers").execute_query()
    made.users.add_user(login(IRIS)).execute_query()
    listed = made.users.get().execute_query()
    assert [each.properties["UserPrincipalName"] for each in listed] == [
        "iris.grant@dgft.nhs.example"
    ]
    found = groups.get_by_name("IG officers").get().execute_query()
    assert found.id == made.id
    made.set_property("Title", "IG").update().execute_query()
    assert rest.get(app(), f"web/sitegroups({made.id})").json()["Title"] == "IG"
    made.users.remove_by_id(listed[0].id).execute_query()
    assert len(rest.get(app(), f"web/sitegroups({made.id})/users").json()["value"]) == 0
    groups.remove_by_id(made.id).execute_query()
    assert rest.get(app(), "web/sitegroups/getbyname('IG')").status_code == 404


def test_a_group_gives_its_members_access(rest):
    assert rest.get(user(SAM), "web").status_code == 403
    rest.client().web.associated_member_group.users.add_user(login(SAM)).execute_query()
    assert rest.get(user(SAM), "web").status_code == 200
    current = rest.get(user(SAM), "web/currentuser").json()
    assert current["Title"] == "Sam Price"
    assert current["LoginName"] == login(SAM)


def test_the_three_groups_of_a_site_are_named(rest):
    shown = rest.get(
        app(), "web?$select=AssociatedOwnerGroup/Title&$expand=AssociatedOwnerGroup"
    ).json()
    assert shown == {"AssociatedOwnerGroup": {"Title": "Core team Owners"}}
