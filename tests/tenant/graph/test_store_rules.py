"""Rules of the store that REST reaches and Graph does not: people, views, content types, copies."""

from __future__ import annotations

import pytest

from local.tenant.errors import Refusal
from local.tenant.store import content_types, items, lists, moves, principals, sites, values, views
from local.tenant.store.versions import Write
from tests.tenant.graph.graph_kit import CORE, ENFORCER, HELEN, IRIS, OFFICERS, SAM, user


@pytest.fixture
def core(tenant):
    return sites.by_path(tenant.store, "/sites/core")


@pytest.mark.parametrize(
    ("login", "kind", "ref"),
    [
        ("i:0#.f|membership|sam.price@dgft.nhs.example", "user", SAM),
        ("SAM.PRICE@dgft.nhs.example", "user", SAM),
        (SAM, "user", SAM),
        (f"c:0t.c|tenant|{OFFICERS}", "group", OFFICERS),
        (OFFICERS, "group", OFFICERS),
        (f"i:0i.t|ms.sp.ext|{ENFORCER}@tenant", "app", ENFORCER),
        ("c:0-.f|rolemanager|spo-grid-all-users/0d5f8f43", "everyone", "members"),
    ],
)
def test_a_login_in_any_form_gets_one_number(tenant, core, login, kind, ref):
    number = principals.ensure_login(tenant.store, core["id"], login)
    row = principals.get(tenant.store, core["id"], number)
    assert (row["kind"], row["ref"]) == (kind, ref)
    assert principals.ensure_login(tenant.store, core["id"], row["login"]) == number


def test_a_stranger_gets_no_number(tenant, core):
    with pytest.raises(Refusal, match="could not be found"):
        principals.ensure_login(tenant.store, core["id"], "nobody@x.example")


def test_an_entra_group_in_a_site_group_lets_its_members_in(tenant, core):
    visitors = sites.associated_groups(tenant.store, core["id"])[2]
    group = principals.ensure_group(tenant.store, core["id"], OFFICERS)
    tenant.refused(403, "GET", f"{CORE}/lists", who=user(IRIS))
    principals.add_member(tenant.store, core["id"], visitors, group)
    assert tenant.get(f"{CORE}/lists", user(IRIS))["value"]
    principals.remove_member(tenant.store, core["id"], visitors, group)
    tenant.refused(403, "GET", f"{CORE}/lists", who=user(IRIS))


def test_a_site_group_is_renamed_found_by_title_and_removed_with_its_rights(tenant, core):
    store, site = tenant.store, core["id"]
    number = principals.add_site_group(store, site, "Board", "x")
    with pytest.raises(Refusal):
        principals.add_site_group(store, site, "BOARD")
    principals.rename_group(store, site, number, "Executive board", "y")
    assert principals.site_group(store, site, "executive BOARD")["id"] == number
    principals.remove_group(store, site, number)
    assert number not in {row["id"] for row in principals.site_groups(store, site)}


@pytest.mark.parametrize(
    ("facet", "value", "stored"),
    [
        ({"boolean": {}}, True, True),
        ({"hyperlinkOrPicture": {}}, "https://x", {"Url": "https://x", "Description": "https://x"}),
        (
            {"hyperlinkOrPicture": {}},
            {"Url": "u", "Description": "d"},
            {"Url": "u", "Description": "d"},
        ),
        ({"choice": {"choices": ["a"], "allowTextEntry": True}}, "b", "b"),
        ({"choice": {"choices": ["a", "b"]}}, ["a", "b"], ["a", "b"]),
        ({"dateTime": {}}, "2023-11-06T10:00:00+01:00", "2023-11-06T09:00:00Z"),
        ({"currency": {}}, "3.50", 3.5),
        ({"text": {"allowMultipleLines": True}}, "x" * 300, "x" * 300),
    ],
)
def test_a_value_is_stored_in_its_columns_form(tenant, facet, value, stored):
    tenant.library("L")
    tenant.ask("POST", f"{CORE}/lists/L/columns", {"name": "X", **facet})
    row = lists.by_id(tenant.store, tenant.get(f"{CORE}/lists/L")["id"])
    assert values.clean(tenant.store, row, {"X": value, "X@odata.type": "any"}) == {"X": stored}


@pytest.mark.parametrize(
    ("facet", "value"),
    [
        ({"boolean": {}}, "yes"),
        ({"hyperlinkOrPicture": {}}, 3),
        ({"choice": {"choices": ["a"]}}, 1),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(tenant, facet, value):
    tenant.library("L")
    tenant.ask("POST", f"{CORE}/lists/L/columns", {"name": "X", **facet})
    row = lists.by_id(tenant.store, tenant.get(f"{CORE}/lists/L")["id"])
    with pytest.raises(Refusal, match="not valid"):
        values.clean(tenant.store, row, {"X": value})


def test_several_people_are_shown_as_objects(tenant):
    library = tenant.library("L")
    facet = {"personOrGroup": {"allowMultipleSelection": True}}
    tenant.ask("POST", f"{library}/columns", {"name": "Readers", **facet})
    tenant.upload(library, "a.txt")
    item = tenant.item_of(library, "a.txt")
    done = tenant.ask("PATCH", f"{item}/fields", {"ReadersLookupId": [3, 4]}).body
    assert done["ReadersLookupId"] == [{"LookupId": 3}, {"LookupId": 4}]


def test_a_content_type_is_changed_ordered_and_kept_while_in_use(tenant):
    library = tenant.library("L")
    made = tenant.ask(
        "POST", f"{CORE}/contentTypes", {"name": "Minutes", "base": {"name": "Document"}}
    ).body
    tenant.ask("PATCH", f"{CORE}/contentTypes/{made['id']}", {"description": "Of a meeting"})
    assert (
        tenant.get(f"{CORE}/contentTypes/{made['id']}?$expand=columns")["description"]
        == "Of a meeting"
    )
    copied = tenant.ask("POST", f"{library}/contentTypes/addCopy", {"contentType": made["id"]}).body
    row = lists.by_id(tenant.store, tenant.get(library)["id"])
    content_types.set_order(tenant.store, row["id"], [copied["id"]])
    assert content_types.default_of(tenant.store, row) in {
        copied["id"],
        tenant.get(f"{library}/contentTypes")["value"][0]["id"],
    }
    tenant.upload(library, "a.txt")
    item = tenant.item_of(library, "a.txt")
    assert (
        tenant.ask("PATCH", f"{item}/fields", {"ContentType": "Minutes"}).body["ContentType"]
        == "Minutes"
    )
    assert (
        tenant.refused(400, "DELETE", f"{library}/contentTypes/{copied['id']}").code
        == "contentTypeInUse"
    )
    tenant.ask("PATCH", item, {"contentType": {"id": "0x0101"}, "fields": {"Score": 2}})
    assert tenant.ask("DELETE", f"{library}/contentTypes/{copied['id']}").status == 204
    tenant.refused(400, "PATCH", f"{item}/fields", {"ContentType": "Minutes"})


def test_a_content_type_gains_and_loses_a_column(tenant):
    made = tenant.ask(
        "POST", f"{CORE}/contentTypes", {"name": "Minutes", "base": {"id": "0x0101"}}
    ).body
    bind = {
        "sourceColumn@odata.bind": f"https://graph.microsoft.com/v1.0{CORE}/columns/FileLeafRef"
    }
    address = f"{CORE}/contentTypes/{made['id']}/columns"
    tenant.ask("POST", address, bind)
    assert [entry["name"] for entry in tenant.get(address)["value"]] == ["Title", "FileLeafRef"]
    tenant.ask("DELETE", f"{address}/FileLeafRef")
    assert [entry["name"] for entry in tenant.get(address)["value"]] == ["Title"]
    tenant.refused(
        409, "POST", f"{CORE}/contentTypes", {"name": "Minutes", "base": {"id": "0x0101"}}
    )
    tenant.refused(400, "POST", f"{CORE}/contentTypes", {"name": "X", "base": {"name": "No such"}})


def test_a_site_column_is_bound_into_a_list(tenant):
    library = tenant.library("L")
    made = tenant.ask("POST", f"{CORE}/columns", {"name": "Series", "text": {}}).body
    bind = {
        "sourceColumn@odata.bind": f"https://graph.microsoft.com/v1.0{CORE}/columns/{made['id']}"
    }
    assert tenant.ask("POST", f"{library}/columns", bind).body["id"] == made["id"]


def test_one_view_is_the_default_and_views_are_found_by_title(tenant):
    library = tenant.library("L")
    row = lists.by_id(tenant.store, tenant.get(library)["id"])
    made = views.add(tenant.store, row, "Held", ["LinkFilename"], {"RowLimit": 50}, default=True)
    assert [
        view["title"] for view in views.every(tenant.store, row["id"]) if view["is_default"]
    ] == ["Held"]
    changed = views.update(tenant.store, made, {"Title": "Held back", "ViewQuery": "<Where/>"})
    views.set_fields(tenant.store, changed, ["DocIcon", "LinkFilename"])
    found = views.get(tenant.store, row["id"], "held BACK")
    assert (views.members_of(found)["ViewQuery"], views.fields_of(found)) == (
        "<Where/>",
        ["DocIcon", "LinkFilename"],
    )
    views.remove(tenant.store, found)
    with pytest.raises(Refusal):
        views.get(tenant.store, row["id"], "Held back")


def test_a_folder_is_copied_with_all_in_it(tenant):
    library = tenant.library("L")
    tenant.ask("POST", f"{library}/drive/root/children", {"name": "A", "folder": {}})
    tenant.upload(library, "A/x.txt", b"text")
    target = lists.default_library(tenant.store, sites.by_path(tenant.store, "/sites/core")["id"])
    row = lists.by_id(tenant.store, tenant.get(library)["id"])
    folder = items.by_path(tenant.store, row, "/A")
    moves.copy(tenant.store, (row, folder), target, ("", "A"), Write(tenant.who))
    assert tenant.get(f"{CORE}/drive/root:/A/x.txt")["size"] == 4
    with pytest.raises(Refusal, match="Only files"):
        moves.move(tenant.store, folder, target, ("", "B"), Write(tenant.who))
    taken = items.by_path(tenant.store, row, "/A/x.txt")
    with pytest.raises(Refusal, match="already exists"):
        moves.move(tenant.store, taken, target, ("/A", "x.txt"), Write(tenant.who))


@pytest.mark.parametrize(
    ("settings", "label", "moderation", "published"),
    [
        ({}, "0.1", 0, "0.1"),
        ({"EnableMinorVersions": True}, "0.1", 0, ""),
        ({"EnableModeration": True}, "0.1", 3, ""),
    ],
)
def test_a_moved_draft_lives_by_the_rules_of_where_it_arrives(
    tenant, settings, label, moderation, published
):
    library = tenant.library("L", EnableMinorVersions=True)
    target = tenant.library("T", **settings)
    tenant.upload(library, "a.txt")
    source, to = (
        lists.by_id(tenant.store, tenant.get(address)["id"]) for address in (library, target)
    )
    moved = moves.move(
        tenant.store,
        items.by_path(tenant.store, source, "/a.txt"),
        to,
        ("", "a.txt"),
        Write(tenant.who),
    )
    assert (f"{moved['major']}.{moved['minor']}", moved["moderation"], moved["published"]) == (
        label,
        moderation,
        published,
    )


def test_the_recycle_bin_lists_what_was_deleted_newest_first(tenant, core):
    library = tenant.library("L")
    for name in ("a.txt", "b.txt"):
        made = tenant.upload(library, name)
        tenant.ask("DELETE", f"{library}/drive/items/{made['id']}")
    assert [item["name"] for item in items.recycled(tenant.store, core["id"])] == ["b.txt", "a.txt"]


def test_sites_are_searched_by_title_or_address_and_trimmed(tenant):
    assert {site["displayName"] for site in tenant.get("/sites?search=*")["value"]} == {
        "WMIN",
        "Core team",
    }
    assert [site["displayName"] for site in tenant.get("/sites?search=core")["value"]] == [
        "Core team"
    ]
    assert tenant.get("/sites?search=core", user(SAM))["value"] == []


def test_a_sites_words_can_be_changed(tenant, core):
    sites.update(tenant.store, core["id"], "Core", "The core team")
    assert tenant.get(CORE.rstrip(":"))["description"] == "The core team"
    assert HELEN in core["owner"]
