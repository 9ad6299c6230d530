"""Pages, versions one by one, folders, the recycle bin by ids, people of a site."""

from __future__ import annotations

import json

import pytest

from tests.tenant.sharepoint.asking import Asking
from tests.tenant.sharepoint.rest_kit import HELEN, IRIS, SAM, login, user

READ, EDIT = 1073741826, 1073741830
FOLDER = "web/GetFolderByServerRelativeUrl('Shared Documents')"


@pytest.fixture
def helen(rest):
    return Asking(rest)


@pytest.fixture
def sam(rest, helen):
    helen.let(SAM, READ)
    return Asking(rest, user(SAM))


def put(helen, name, *texts, folder=FOLDER):
    for text in texts:
        made = helen.post(f"{folder}/Files/add(url='{name}',overwrite=true)", text)
    return f"web/GetFileById('{made['UniqueId']}')"


# -- site pages -----------------------------------------------------------------------------------
CANVAS = json.dumps([{"controlType": 4, "innerHTML": "<p>Hello</p>"}])


def test_a_page_is_drafted_saved_published_and_read_again(helen):
    made = helen.post("SitePages/Pages", {"Title": "Home", "Name": "home.aspx"}, 201)
    page = f"SitePages/Pages({made['Id']})"
    assert made["IsPageCheckedOutToCurrentUser"] is True
    helen.post(f"{page}/SavePageAsDraft", {"CanvasContent1": CANVAS, "Title": "Welcome"})
    assert helen.post(f"{page}/Publish", {"TopicHeader": "News"})["value"] is True
    shown = helen.get("sitepages/pages/GetByUrl('sitepages/home.aspx')?$expand=ListItemAllFields")
    assert (shown["CanvasContent1"], shown["TopicHeader"]) == (CANVAS, "News")
    assert (shown["Title"], shown["ListItemAllFields"]["Title"]) == ("Welcome", "Welcome")
    assert shown["IsPageCheckedOutToCurrentUser"] is False
    assert shown["Version"].endswith(".0")
    helen.post(f"{page}/checkoutpage")
    assert helen.get(page)["IsPageCheckedOutToCurrentUser"] is True
    helen.post(f"{page}/DiscardPage")
    helen.post(f"{page}/DiscardPage", status=400)


def test_a_template_is_another_page_with_the_same_parts(helen):
    made = helen.post("SitePages/Pages", {"Title": "Home", "CanvasContent1": CANVAS}, 201)
    copied = helen.post(f"SitePages/Pages({made['Id']})/SavePageAsTemplate")
    assert copied["CanvasContent1"] == CANVAS
    assert copied["Url"].startswith("SitePages/Templates/")
    helen.post(f"SitePages/Pages({made['Id']})/PromoteToNews")
    assert helen.get(f"SitePages/Pages({made['Id']})")["PromotedState"] == 1
    assert len(helen.get("SitePages/Pages")["value"]) == 2
    helen.delete(f"SitePages/Pages({made['Id']})")
    helen.get(f"SitePages/Pages({made['Id']})", 404)


def test_a_reader_makes_no_page_and_sees_no_draft(helen, sam):
    assert helen.get("SitePages/Pages")["value"] == []
    helen.get("SitePages/Pages/GetByUrl('sitepages/none.aspx')", 404)
    sam.post("SitePages/Pages", {"Title": "Mine"}, 403)
    helen.post("SitePages/Pages", {"Title": "Home"}, 201)
    assert sam.get("SitePages/Pages")["value"] == []


# -- versions -------------------------------------------------------------------------------------
def test_versions_go_by_number_by_label_and_all_together(helen, sam):
    file = put(helen, "a.txt", b"1", b"2", b"3", b"4", b"5")
    labels = lambda: [row["VersionLabel"] for row in helen.get(f"{file}/versions")["value"]]  # noqa: E731 -- asked again and again
    assert labels() == ["4.0", "3.0", "2.0", "1.0"]
    sam.post(f"{file}/versions/DeleteByID(512)", status=403)
    helen.post(f"{file}/versions/DeleteByID(512)")
    helen.post(f"{file}/versions/RecycleByLabel('2.0')")
    helen.delete(f"{file}/versions(1536)")
    assert labels() == ["4.0"]
    helen.post(f"{file}/versions/DeleteAll")
    assert labels() == []
    assert helen.get(f"{file}/$value") == b"5"


def test_a_version_of_an_item_is_read_and_restored(helen):
    address = helen.list()
    helen.post(f"{address}/items", {"Title": "one"}, 201)
    helen.merge(f"{address}/items(1)", {"Title": "two"})
    assert helen.get(f"{address}/items(1)/versions(512)")["Title"] == "one"
    helen.post(f"{address}/items(1)/versions/RestoreByID(512)")
    assert helen.get(f"{address}/items(1)")["Title"] == "one"
    helen.delete(f"{address}/items(1)/versions(512)")
    helen.get(f"{address}/items(1)/versions(512)", 404)


# -- folders and files ----------------------------------------------------------------------------
def test_a_folder_is_renamed_measured_and_deleted_when_empty(helen):
    helen.post("web/Folders/AddUsingPath(DecodedUrl='Shared Documents/Old')")
    old = "web/GetFolderByServerRelativeUrl('Shared Documents/Old')"
    put(helen, "a.txt", b"12345", folder=old)
    helen.post(f"{old}/MoveToUsingPath(DecodedUrl='/sites/core/Shared Documents/New')")
    new = old.replace("Old", "New")
    metrics = helen.get(f"{new}/StorageMetrics")
    assert (metrics["TotalFileCount"], metrics["TotalSize"]) == ("1", "5")
    helen.post(f"{new}/DeleteWithParameters", {"parameters": {"DeleteIfEmpty": True}}, 400)
    helen.post(f"{new}/AddSubFolder", {"leafName": "Inner"})
    assert [row["Name"] for row in helen.get(f"{new}/Folders")["value"]] == ["Inner"]
    helen.post(f"{new}/DeleteWithParameters", {"parameters": {"DeleteIfEmpty": False}})
    helen.get(new, 404)


def test_a_file_is_found_by_path_archived_and_deleted_with_its_etag(helen):
    file = put(helen, "a.txt", b"1")
    found = helen.get("web/GetListItem('/sites/core/Shared%20Documents/a.txt')")
    assert found["Id"] == 1
    item = "web/lists/GetByTitle('Documents')/items(1)"
    told = json.loads(helen.post(f"{item}/Archive")["value"])
    assert told["IsArchive"] is True
    assert helen.get(f"{file}?$select=Archived") == {"Archived": True}
    etag = helen.get(file)["ETag"]
    helen.post(f"{file}/DeleteWithParameters", {"parameters": {"ETagMatch": '"other"'}}, 400)
    helen.post(f"{file}/RecycleWithParameters", {"parameters": {"ETagMatch": etag}})
    helen.get(file, 404)


def test_the_recycle_bin_takes_ids(helen):
    files = [put(helen, f"{n}.txt", b"x") for n in range(3)]
    for file in files:
        helen.post(f"{file}/recycle")
    ids = [row["Id"] for row in helen.get("web/recyclebin")["value"]]
    helen.post("web/recyclebin/RestoreByIds", {"ids": ids[:1]})
    helen.post("site/recyclebin/DeleteByIds", {"ids": ids[1:2]})
    helen.post("web/recyclebin/MoveToSecondStageByIds", {"ids": ids[2:]})
    assert [row["Id"] for row in helen.get("web/GetRecycleBinItems")["value"]] == ids[2:]
    helen.post("web/recyclebin/DeleteAllSecondStageItems")
    assert helen.get("web/recyclebin")["value"] == []


# -- lists ----------------------------------------------------------------------------------------
def test_more_ways_to_a_list(helen, sam):
    helen.list()
    guid = helen.get("web/GetListByTitle('Events')")["Id"]
    same = helen.get("web/GetListUsingPath(DecodedUrl='/sites/core/Lists/Events')")["Id"]
    assert same == guid
    assert helen.get("web/DefaultDocumentLibrary")["Title"] == "Documents"
    assert helen.post("web/lists/EnsureSiteAssetsLibrary")["Title"] == "Site Assets"
    again = helen.post("web/lists/EnsureSiteAssetsLibrary")["Id"]
    assert again == helen.get("web/GetListByTitle('Site Assets')")["Id"]
    number = helen.post(f"web/lists(guid'{guid}')/ReserveListItemId")["value"]
    assert helen.post(f"web/lists(guid'{guid}')/items", {"Title": "x"}, 201)["Id"] == number + 1
    sam.post(f"web/lists(guid'{guid}')/recycle", status=403)
    assert helen.post(f"web/lists(guid'{guid}')/recycle")["value"] == guid
    helen.get("web/GetListByTitle('Events')", 404)


# -- people ---------------------------------------------------------------------------------------
def test_a_person_leaves_a_site_with_all_they_held(helen, sam):
    assert sam.get("web")["Title"] == "Core team"
    number = sam.get("web/currentuser")["Id"]
    helen.post(f"web/siteusers/removeById({number})")
    sam.get("web", 403)
    owner = helen.get("web/currentuser")["Id"]
    helen.post(f"web/siteusers/removeById({owner})", status=400)


def test_a_group_has_an_owner_and_switches(helen):
    helen.post("web/sitegroups", {"Title": "Clerks"}, 201)
    number = helen.post("web/ensureuser", {"logonName": login(IRIS)})["Id"]
    group = "web/sitegroups/GetByName('Clerks')"
    helen.post(f"{group}/SetUserAsOwner({number})")
    assert helen.get(f"{group}/Owner")["Title"] == "Iris Grant"
    helen.merge(group, {"AllowMembersEditMembership": True})
    assert helen.get(group)["AllowMembersEditMembership"] is True
    helen.post(f"{group}/users/AddUserById({number})")
    groups = helen.get(f"web/GetUserById({number})/Groups")["value"]
    assert [row["Title"] for row in groups] == ["Clerks"]


def test_another_person_takes_over_as_administrator(helen, sam):
    number = sam.get("web/currentuser")["Id"]
    sam.merge(f"web/siteusers({number})", {"IsSiteAdmin": True}, 403)
    helen.merge(f"web/siteusers({number})", {"IsSiteAdmin": True})
    assert sam.get("web/currentuser")["IsSiteAdmin"] is True
    helen.merge(f"web/siteusers({number})", {"Nonsense": 1}, 400)


def test_a_person_is_found_by_their_number_in_the_directory(helen):
    made = helen.post("web/EnsureUserByObjectId", {"objectId": IRIS})
    found = helen.get(f"web/siteusers/GetByObjectId('{IRIS}')?$select=Id,AadObjectId")
    assert (found["Id"], found["AadObjectId"]["NameId"]) == (made["Id"], IRIS)
    helen.get(f"web/siteusers/GetByObjectId('{'0' * 8}')", 404)
    assert helen.post("web/ensureuser", {"logonName": "nobody@x.example"}, 404)["odata.error"][
        "code"
    ].startswith("-2146232832")
    assert HELEN != IRIS
