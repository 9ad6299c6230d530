"""Sites, lists, columns and content types by every address the docs and the clients use."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.tenant.graph.addressing import canonical
from local.tenant.store import lists, sites
from tests.tenant.graph.graph_kit import CORE, ENFORCER, HELEN, HOST, SAM, app, user


@pytest.mark.parametrize(
    "address",
    [
        "/sites/{id}",
        "/sites/{guid}",
        f"/sites/{HOST}:/sites/core",
        f"/sites/{HOST}:/sites/core:",
        f"/sites/{HOST}%3A%2Fsites%2Fcore",
        f"/sites/{HOST}:/sites/core/",
        "/sites/{id}/getByPath(path='sites/core')",
    ],
)
def test_a_site_is_found_by_every_documented_address(tenant, address):
    row = sites.by_path(tenant.store, "/sites/core")
    found = tenant.get(address.format(id=sites.graph_id(row), guid=row["id"]))
    assert (found["id"], found["displayName"], found["webUrl"]) == (
        sites.graph_id(row),
        "Core team",
        f"https://{HOST}/sites/core",
    )


@pytest.mark.parametrize("address", ["/sites/root", f"/sites/{HOST}"])
def test_the_root_site_has_a_root_facet(tenant, address):
    assert tenant.get(address)["root"] == {}


@pytest.mark.parametrize(
    ("given", "routable", "arguments"),
    [
        (
            "/drives/D/root:/a/b c.docx:/content",
            "/drives/D/items/path~root~a%2Fb%20c.docx/content",
            {},
        ),
        ("/drives/D/root:/a.docx:/", "/drives/D/items/path~root~a.docx", {}),
        ("/drives/D/items/root:/a.docx:", "/drives/D/items/path~root~a.docx", {}),
        ("/drives/D/items/01X:/a/b.docx", "/drives/D/items/path~01X~a%2Fb.docx", {}),
        ("/drives/D/root", "/drives/D/items/root", {}),
        ("/drives/D/items/root/delta()", "/drives/D/items/root/delta", {}),
        ("/drives/D/root/delta(token='x=y')", "/drives/D/items/root/delta", {"token": "x=y"}),
        ("/drives/D/items/I/microsoft.graph.checkin", "/drives/D/items/I/checkin", {}),
        ("/sites/S/drive/root/children", "/drives/site~S/items/root/children", {}),
        ("/sites/S/lists/L/items/7/driveItem/content", "/drives/list~S~L/items/item~7/content", {}),
        ("/sites/S/lists/L/drive/root:/a.docx", "/drives/list~S~L/items/path~root~a.docx", {}),
    ],
)
def test_every_spelling_comes_down_to_one_route(given, routable, arguments):
    assert canonical(given) == (routable, arguments)


@given(st.lists(st.text("abc é~%#'()&+,;=@", min_size=1).filter(str.strip), min_size=1, max_size=3))
def test_any_file_path_becomes_one_segment_and_comes_back_whole(parts):
    path = "/".join(part.strip() for part in parts)
    address, _arguments = canonical(f"/drives/D/root:/{path}:/content")
    assert address.count("/") == 5
    assert unquote(address.split("/")[4].split("~")[2]) == path


def test_a_site_still_being_provisioned_is_not_there_yet(tenant):
    row = sites.create(
        tenant.store,
        sites.NewSite(HOST, "/sites/new", "New", f"user:{HELEN}", state=sites.PROVISIONING),
    )
    tenant.refused(404, "GET", f"/sites/{HOST}:/sites/new")
    sites.set_state(tenant.store, row["id"], sites.READY)
    assert tenant.get(f"/sites/{HOST}:/sites/new")["displayName"] == "New"


def test_a_list_is_made_with_its_columns_and_found_by_title_or_id(tenant):
    made = tenant.ask(
        "POST",
        f"{CORE}/lists",
        {
            "displayName": "Risk register",
            "@odata.type": "#microsoft.graph.list",
            "columns": [{"name": "Score", "number": {}}],
            "list": {"template": "genericList"},
        },
    )
    assert made.status == 201
    for key in ("Risk register", made.body["id"]):
        assert tenant.get(f"{CORE}/lists/{key}")["webUrl"].endswith(
            "/sites/core/Lists/Risk%20register"
        )
    names = {
        column["name"] for column in tenant.get(f"{CORE}/lists/Risk register/columns")["value"]
    }
    assert {"Title", "Score", "Created", "Editor"} <= names


def test_a_list_shows_its_columns_and_content_types_on_demand(tenant):
    found = tenant.get(
        f"{CORE}/lists/Documents?$select=id,displayName&$expand=columns,contentTypes,drive"
    )
    assert {key for key in found if "@" not in key} == {
        "id", "displayName", "columns", "contentTypes", "drive",
    }  # fmt: skip
    assert {entry["name"] for entry in found["contentTypes"]} == {"Document", "Folder"}


def test_a_list_is_renamed_and_hidden_from_the_sites_lists(tenant):
    library = tenant.library("L")
    tenant.ask("PATCH", library, {"displayName": "M", "list": {"hidden": True}})
    assert tenant.get(f"{CORE}/lists/M")["list"]["hidden"]
    assert "M" not in {entry["displayName"] for entry in tenant.get(f"{CORE}/lists")["value"]}


def test_a_second_list_of_the_same_name_is_a_conflict(tenant):
    body = {"displayName": "Risks", "list": {"template": "genericList"}}
    tenant.ask("POST", f"{CORE}/lists", body)
    assert tenant.refused(409, "POST", f"{CORE}/lists", body).hresult == -2130575342


def test_the_default_drive_is_the_sites_first_library(tenant):
    assert tenant.get(f"{CORE}/drive")["name"] == "Documents"
    assert [drive["name"] for drive in tenant.get(f"{CORE}/drives")["value"]] == ["Documents"]


@pytest.mark.parametrize(
    ("role", "read", "write"),
    [
        ("Sites.Read.All", True, False),
        ("Sites.ReadWrite.All", True, False),
        ("Sites.Manage.All", True, True),
        ("Sites.FullControl.All", True, True),
        ("Mail.Send", False, False),
    ],
)
def test_an_apps_role_decides_whether_it_may_make_a_list(tenant, role, read, write):
    who = app("x", role)
    if not read:
        tenant.refused(403, "GET", f"{CORE}/lists", who=who)
    else:
        assert tenant.get(f"{CORE}/lists", who)["value"]
    body = {"displayName": "L", "list": {"template": "genericList"}}
    if write:
        assert tenant.ask("POST", f"{CORE}/lists", body, who).status == 201
    else:
        tenant.refused(403, "POST", f"{CORE}/lists", body, who)


@pytest.mark.parametrize(
    ("role", "makes"), [("read", False), ("write", False), ("manage", True), ("fullcontrol", True)]
)
def test_sites_selected_gives_what_the_sites_grant_says_and_nothing_elsewhere(tenant, role, makes):
    boss = app("boss", "Sites.FullControl.All")
    body = {
        "roles": [role],
        "grantedToIdentities": [{"application": {"id": ENFORCER, "displayName": "Verger"}}],
    }
    assert tenant.ask("POST", f"{CORE}/permissions", body, boss).status == 201
    who = app(ENFORCER, "Sites.Selected")
    assert tenant.get(f"{CORE}/lists", who)["value"]
    tenant.refused(403, "GET", "/sites/root", who=who)
    new = {"displayName": "L", "list": {"template": "genericList"}}
    if makes:
        assert tenant.ask("POST", f"{CORE}/lists", new, who).status == 201
    else:
        tenant.refused(403, "POST", f"{CORE}/lists", new, who)


def test_a_grant_can_be_read_changed_and_taken_away(tenant):
    boss = app("boss", "Sites.FullControl.All")
    body = {"roles": ["read"], "grantedToV2": {"application": {"id": ENFORCER}}}
    made = tenant.ask("POST", f"{CORE}/permissions", body, boss).body
    assert tenant.spent == 5
    tenant.ask("PATCH", f"{CORE}/permissions/{made['id']}", {"roles": ["fullcontrol"]}, boss)
    assert tenant.get(f"{CORE}/permissions", boss)["value"][0]["roles"] == ["fullcontrol"]
    tenant.ask("DELETE", f"{CORE}/permissions/{made['id']}", who=boss)
    tenant.refused(403, "GET", f"{CORE}/lists", who=app(ENFORCER, "Sites.Selected"))
    tenant.refused(403, "GET", f"{CORE}/permissions", who=user(HELEN))


def test_a_delegated_call_is_the_lesser_of_person_and_scope(tenant):
    body = {"displayName": "L", "list": {"template": "genericList"}}
    tenant.refused(403, "POST", f"{CORE}/lists", body, user(HELEN, "Sites.Read.All"))
    tenant.refused(403, "GET", f"{CORE}/lists", who=user(SAM))
    tenant.refused(403, "GET", f"{CORE}/lists", who=user(HELEN, "Mail.Send"))


def test_a_column_is_changed_within_its_type_and_removed(tenant):
    tenant.library("L")
    column = f"{CORE}/lists/L/columns/ControlStatus"
    changed = tenant.ask(
        "PATCH", column, {"choice": {"choices": ["In order", "Held", "Needs you"]}, "indexed": True}
    )
    assert changed.body["choice"]["choices"][-1] == "Needs you"
    tenant.refused(400, "PATCH", column, {"number": {}})
    tenant.ask("DELETE", column)
    tenant.refused(404, "GET", column)
    tenant.refused(400, "DELETE", f"{CORE}/lists/L/columns/Title")
    tenant.refused(409, "POST", f"{CORE}/lists/L/columns", {"name": "Score", "text": {}})


def test_unique_values_need_an_index(tenant):
    tenant.library("L")
    body = {"name": "Key", "text": {}, "enforceUniqueValues": True}
    tenant.refused(400, "POST", f"{CORE}/lists/L/columns", body)
    assert tenant.ask("POST", f"{CORE}/lists/L/columns", {**body, "indexed": True}).body[
        "enforceUniqueValues"
    ]


def test_a_content_type_brings_its_site_columns_into_a_list(tenant):
    tenant.library("L")
    tenant.ask("POST", f"{CORE}/columns", {"name": "Series", "choice": {"choices": ["Gov", "ToR"]}})
    made = tenant.ask(
        "POST",
        f"{CORE}/contentTypes",
        {
            "name": "Controlled document",
            "base": {"name": "Document", "id": "0x0101"},
            "group": "WMIN",
        },
    ).body
    assert made["id"].startswith("0x010100")
    column = tenant.get(f"{CORE}/columns/Series")
    tenant.ask(
        "POST",
        f"{CORE}/contentTypes/{made['id']}/columns",
        {
            "sourceColumn@odata.bind": f"https://graph.microsoft.com/v1.0{CORE}/columns/{column['id']}"
        },
    )
    copied = tenant.ask("POST", f"{CORE}/lists/L/contentTypes/addCopy", {"contentType": made["id"]})
    assert copied.status == 201
    assert copied.body["id"].startswith(made["id"] + "00")
    assert tenant.get(f"{CORE}/lists/L/columns/Series")["choice"]["choices"] == ["Gov", "ToR"]
    tenant.refused(409, "POST", f"{CORE}/lists/L/contentTypes/addCopy", {"contentType": made["id"]})


def test_an_unknown_setting_is_refused_by_name(tenant):
    tenant.library("L")
    row = lists.find(tenant.store, sites.by_path(tenant.store, "/sites/core")["id"], "L")
    assert (
        lists.settings(lists.update(tenant.store, row, {"EnableModeration": True}))[
            "DraftVersionVisibility"
        ]
        == 2
    )


def test_deleting_a_list_takes_all_of_it(tenant):
    library = tenant.library("L")
    tenant.upload(library, "a.txt")
    tenant.ask("DELETE", library)
    tenant.refused(404, "GET", library)
    assert not tenant.store.all("SELECT 1 FROM items") + tenant.store.all("SELECT 1 FROM versions")
