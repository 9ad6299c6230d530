"""Files, folders, versions, publishing, moves and copies through the office365 client."""

# ruff: noqa: FBT003 -- the client's own calls take a flag in second place

from __future__ import annotations

import pytest
from office365.runtime.client_request_exception import ClientRequestException
from office365.sharepoint.files.checkin_type import CheckinType
from office365.sharepoint.lists.creation_information import ListCreationInformation
from office365.sharepoint.utilities.move_copy_options import MoveCopyOptions
from office365.sharepoint.utilities.move_copy_util import MoveCopyUtil

from local.tenant.store import changes, items, lists, locks, versions
from tests.tenant.sharepoint.rest_kit import HELEN, SAM, app, user

CONTROLLED = "/sites/core/Controlled documents"
QUARANTINE = "/sites/core/Quarantine"
NUMBER = '<Field Type="Text" Name="DocumentNumber" DisplayName="DocumentNumber"/>'
PRIVATE = '<Field Type="Text" Name="Secret" DisplayName="Secret"/>'


@pytest.fixture
def core(rest):
    """The core site with two libraries; `Quarantine` lacks the column Secret."""
    client = rest.client()
    for title, xml in (("Controlled documents", (NUMBER, PRIVATE)), ("Quarantine", (NUMBER,))):
        made = client.web.lists.add(ListCreationInformation(Title=title, BaseTemplate=101))
        client.execute_query()
        for each in xml:
            made.fields.create_field_as_xml(each).execute_query()
    controlled = client.web.lists.get_by_title("Controlled documents")
    controlled.set_property("EnableMinorVersions", True)
    controlled.update().execute_query()
    return rest


def upload(rest, name="a.txt", data=b"hello", who=None, where=CONTROLLED):
    client = rest.client(who or user(HELEN))
    folder = client.web.get_folder_by_server_relative_url(where)
    return folder.upload_file(name, data).execute_query()


def file_at(rest, path, who=None):
    return rest.client(who).web.get_file_by_server_relative_path(path)


def move(rest, who=None, options=None):
    """Move a.txt from the controlled library to the quarantine."""
    client = rest.client(who)
    ends = (f"{CONTROLLED}/a.txt", f"{QUARANTINE}/a.txt")
    MoveCopyUtil.move_file_by_path(client, *ends, options or MoveCopyOptions(KeepBoth=False))
    client.execute_query()


def labels(rest, unique_id):
    return [versions.label(dict(row)) for row in versions.every(rest.store, unique_id)]


def test_a_file_is_uploaded_read_and_found_in_each_way(core):
    made = upload(core, "O'Brien (final).txt")
    assert made.properties["UIVersionLabel"] == "0.1"
    path = f"{CONTROLLED}/O'Brien (final).txt"
    found = file_at(core, path).get().execute_query()
    assert found.unique_id == made.unique_id
    assert file_at(core, path).get_content().execute_query().value == b"hello"
    by_id = core.client().web.get_file_by_id(made.unique_id).get().execute_query()
    assert by_id.name == "O'Brien (final).txt"
    name = "O''Brien (final).txt"
    listed = f"web/getfolderbyserverrelativeurl('{CONTROLLED}')/Files('{name}')/ListItemAllFields"
    assert core.get(app(), f"{listed}?$select=FileRef").json() == {"FileRef": path}


def test_a_file_that_is_not_there_is_404_in_the_clients_words(core):
    with pytest.raises(ClientRequestException, match="does not exist"):
        file_at(core, f"{CONTROLLED}/none.txt").get().execute_query()


def test_uploading_again_needs_overwrite(core):
    upload(core)
    path = (
        f"web/getfolderbyserverrelativeurl('{CONTROLLED}')/Files/add(overwrite=false,url='a.txt')"
    )
    refused = core.post(app(), path, data=b"other")
    assert refused.status_code == 400
    assert refused.json()["odata.error"]["code"].startswith("-2130575257")
    again = upload(core, data=b"second")
    assert again.properties["UIVersionLabel"] == "0.2"


def test_check_out_check_in_publish_and_versions(core):
    made = upload(core)
    made.checkout().execute_query()
    with pytest.raises(ClientRequestException) as refused:
        file_at(core, f"{CONTROLLED}/a.txt").checkout().execute_query()
    assert refused.value.response.status_code == 423
    made.checkin("adopted", CheckinType.MajorCheckIn).execute_query()
    assert labels(core, made.unique_id) == ["1.0", "0.1"]
    upload(core, data=b"next")
    made.publish("again").execute_query()
    assert labels(core, made.unique_id)[0] == "2.0"
    made.unpublish("no").execute_query()
    assert labels(core, made.unique_id)[0] == "1.1"
    shown = made.versions.get().execute_query()
    assert [each.properties["VersionLabel"] for each in shown] == ["1.0", "0.1"]
    path = f"web/getfilebyid('{made.unique_id}')/versions(512)/$value"
    assert core.get(app(), path).content == b"hello"
    path = f"web/getfilebyid('{made.unique_id}')/versions/RestoreByLabel('1.0')"
    assert core.post(app(), path).status_code == 200
    assert file_at(core, f"{CONTROLLED}/a.txt").get_content().execute_query().value == b"hello"


def test_undoing_a_check_out_that_is_none_is_refused(core):
    made = upload(core)
    with pytest.raises(ClientRequestException):
        made.undocheckout().execute_query()


def test_approval_needs_its_own_right(core):
    client = core.client()
    controlled = client.web.lists.get_by_title("Controlled documents")
    controlled.set_property("EnableModeration", True)
    controlled.update().execute_query()
    made = upload(core)
    made.publish("V1").execute_query()
    writer = user(HELEN, "Files.ReadWrite.All")
    with pytest.raises(ClientRequestException) as refused:
        file_at(core, f"{CONTROLLED}/a.txt", writer).approve("ok").execute_query()
    assert refused.value.response.status_code == 403
    file_at(core, f"{CONTROLLED}/a.txt").approve("ok").execute_query()
    row = items.by_unique(core.store, made.unique_id)
    assert (row["moderation"], row["level"]) == (versions.APPROVED, versions.PUBLISHED)
    file_at(core, f"{CONTROLLED}/a.txt").deny("no").execute_query()
    assert items.by_unique(core.store, made.unique_id)["moderation"] == versions.DENIED


def set_columns(core, unique_id):
    path = f"web/getfilebyid('{unique_id}')/ListItemAllFields"
    merge = {"X-HTTP-Method": "MERGE", "IF-MATCH": "*"}
    sent = core.post(app(), path, headers=merge, data='{"DocumentNumber":"Gov-04","Secret":"s"}')
    assert sent.status_code == 204


def test_a_move_across_libraries_keeps_guid_versions_and_shared_columns(core):
    made = upload(core)
    set_columns(core, made.unique_id)
    before = labels(core, made.unique_id)
    source = items.by_unique(core.store, made.unique_id)
    mark = changes.last(core.store)
    move(core)
    moved = items.by_unique(core.store, made.unique_id)
    there = lists.find(core.store, moved["site_id"], "Quarantine")
    assert moved["list_id"] == there["id"]
    assert items.fields_of(moved) == {"DocumentNumber": "Gov-04"}
    assert labels(core, made.unique_id) == before
    assert (moved["modified"], moved["modified_by"]) == (source["modified"], source["modified_by"])
    gone = changes.since(core.store, source["list_id"], mark)
    assert [(row["kind"], row["item_id"]) for row in gone] == [("delete", source["id"])]
    found = file_at(core, f"{QUARANTINE}/a.txt").get().execute_query()
    assert found.unique_id == made.unique_id


def test_a_target_that_is_taken_is_refused_kept_both_or_overwritten(core):
    upload(core)
    upload(core, where=QUARANTINE, data=b"there")
    ends = (f"{CONTROLLED}/a.txt", f"{QUARANTINE}/a.txt")
    with pytest.raises(ClientRequestException) as refused:
        move(core)
    assert refused.value.response.status_code == 409
    client = core.client()
    MoveCopyUtil.move_file(client, *ends, MoveCopyOptions(KeepBoth=True))
    client.execute_query()
    assert file_at(core, f"{QUARANTINE}/a 1.txt").get().execute_query().exists
    again = upload(core)
    again.moveto("Quarantine", 1).execute_query()
    content = file_at(core, f"{QUARANTINE}/a.txt").get_content().execute_query().value
    assert content == b"hello"


def test_a_locked_file_does_not_move(core):
    made = upload(core)
    locks.lock(core.store, made.unique_id, f"user:{SAM}")
    with pytest.raises(ClientRequestException) as refused:
        move(core)
    assert refused.value.response.status_code == 423


def test_a_copy_is_a_new_file(core):
    made = upload(core)
    set_columns(core, made.unique_id)
    client = core.client()
    MoveCopyUtil.copy_file_by_path(
        client, f"{CONTROLLED}/a.txt", f"{QUARANTINE}/b.txt", overwrite=False
    )
    client.execute_query()
    copy = file_at(core, f"{QUARANTINE}/b.txt").get().execute_query()
    assert copy.unique_id != made.unique_id
    assert items.fields_of(items.by_unique(core.store, copy.unique_id)) == {
        "DocumentNumber": "Gov-04"
    }


def test_moving_needs_the_right_to_write_at_both_ends(core):
    upload(core)
    with pytest.raises(ClientRequestException) as refused:
        move(core, user(HELEN, "AllSites.Read"))
    assert refused.value.response.status_code == 403


def test_folders_are_made_once_and_recycled(core):
    client = core.client()
    root = client.web.get_folder_by_server_relative_url(CONTROLLED)
    first = root.folders.add("2026").execute_query()
    second = root.folders.add("2026").execute_query()
    assert first.properties["UniqueId"] == second.properties["UniqueId"]
    upload(core, where=f"{CONTROLLED}/2026")
    listed = root.folders.get().execute_query()
    assert [each.name for each in listed] == ["2026"]
    files = client.web.get_folder_by_server_relative_url(f"{CONTROLLED}/2026").files
    assert [each.name for each in files.get().execute_query()] == ["a.txt"]
    first.recycle().execute_query()
    assert root.folders.get().execute_query().properties == {} or len(root.folders) == 0
    with pytest.raises(ClientRequestException):
        file_at(core, f"{CONTROLLED}/2026/a.txt").get().execute_query()


def test_new_content_is_a_new_version(core):
    made = upload(core)
    path = f"web/getfilebyid('{made.unique_id}')/$value"
    put = core.post(app(), path, data=b"new", headers={"X-HTTP-Method": "PUT"})
    assert put.status_code == 200
    assert labels(core, made.unique_id) == ["0.2", "0.1"]


def test_a_deleted_file_lies_in_the_recycle_bin(core):
    made = upload(core)
    made.recycle().execute_query()
    with pytest.raises(ClientRequestException):
        file_at(core, f"{CONTROLLED}/a.txt").get().execute_query()
    site = lists.find(core.store, items_site(core), "Quarantine")["site_id"]
    assert [row["name"] for row in items.recycled(core.store, site)] == ["a.txt"]


def items_site(core):
    return core.store.one("SELECT id FROM sites WHERE path='/sites/core'")["id"]
