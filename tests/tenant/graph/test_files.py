"""Files and folders: content, names, moves, copies, locks, eTags, upload sessions, promotion."""

from __future__ import annotations

import io
import zipfile

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.tenant.graph.drive_items import conflict
from local.tenant.store import files, items, lists, locks, moves, promotion, uploads
from local.tenant.store.versions import Write
from tests.tenant.graph.graph_kit import CORE, HELEN, SAM, app, user

KB320 = uploads.CHUNK


@pytest.fixture
def library(tenant):
    return tenant.library("Working documents", EnableMinorVersions=False)


def test_a_new_file_is_201_and_the_same_name_again_is_a_new_version(tenant, library):
    address = f"{library}/drive/root:/a b.txt:/content"
    first, second = (tenant.ask("PUT", address, data) for data in (b"one", b"two!"))
    assert (first.status, second.status, second.body["size"]) == (201, 200, 4)
    assert first.body["id"] == second.body["id"]
    assert first.body["cTag"] != second.body["cTag"]
    assert [
        entry["id"] for entry in tenant.get(f"{library}/drive/root:/a b.txt:/versions")["value"]
    ] == ["2.0", "1.0"]


def test_content_comes_by_a_302_to_an_address_that_needs_no_token(tenant, library):
    tenant.upload(library, "a.txt", b"hello world")
    answer = tenant.ask("GET", f"{library}/drive/root:/a.txt:/content")
    assert answer.status == 302
    assert tenant.ask("GET", answer.headers["Location"]).body == b"hello world"
    part = tenant.ask("GET", answer.headers["Location"], Range="bytes=6-10")
    assert (part.status, part.body, part.headers["Content-Range"]) == (
        206,
        b"world",
        "bytes 6-10/11",
    )
    tenant.refused(416, "GET", answer.headers["Location"], Range="bytes=90-")
    tenant.refused(401, "GET", answer.headers["Location"].replace("tempauth=", "tempauth=x"))
    tenant.store.put("clock_offset", "3700")
    tenant.refused(401, "GET", answer.headers["Location"])


def test_the_item_says_where_it_is_and_what_it_holds(tenant, library):
    tenant.ask("POST", f"{library}/drive/root/children", {"name": "Minutes", "folder": {}})
    made = tenant.upload(library, "Minutes/a.docx")
    assert made["parentReference"]["path"].endswith("/root:/Minutes")
    assert (
        made["webUrl"]
        == "https://wmin.sharepoint.com/sites/core/Working%20documents/Minutes/a.docx"
    )
    assert made["file"]["mimeType"].endswith("wordprocessingml.document")
    assert made["createdBy"]["user"]["id"] == HELEN
    assert "cTag" not in tenant.get(f"{library}/drive/root:/Minutes")
    wanted = "id,publication,sharepointIds&$expand=listItem($expand=fields($select=FileLeafRef))"
    picked = tenant.get(f"{library}/drive/root:/Minutes/a.docx?$select={wanted}")
    assert picked["publication"] == {"level": "published", "versionId": "1.0"}
    assert picked["listItem"]["fields"]["FileLeafRef"] == "a.docx"
    assert picked["sharepointIds"]["listItemId"] == picked["listItem"]["id"]


def test_children_turn_pages_in_order_of_name(tenant, library):
    for name in ("c.txt", "a.txt", "b.txt"):
        tenant.upload(library, name)
    page = tenant.get(f"{library}/drive/root/children?$top=2&$select=name")
    rest = tenant.get(page["@odata.nextLink"])
    assert [entry["name"] for entry in page["value"] + rest["value"]] == ["a.txt", "b.txt", "c.txt"]
    assert "@odata.nextLink" not in rest
    found = tenant.get(f"{library}/drive/root/search(q='B.T')")
    assert [entry["name"] for entry in found["value"]] == ["b.txt"]


@pytest.mark.parametrize(
    ("behaviour", "status", "names"),
    [("fail", 409, ["a.txt"]), ("replace", 200, ["a.txt"]), ("rename", 201, ["a 1.txt", "a.txt"])],
)
def test_conflict_behaviour_decides_what_a_taken_name_does(
    tenant, library, behaviour, status, names
):
    tenant.upload(library, "a.txt")
    address = f"{library}/drive/root:/a.txt:/content?@microsoft.graph.conflictBehavior={behaviour}"
    if status == 409:
        assert tenant.refused(409, "PUT", address, b"x").code == "nameAlreadyExists"
    else:
        assert tenant.ask("PUT", address, b"x").status == status
    assert [
        entry["name"] for entry in tenant.get(f"{library}/drive/root/children")["value"]
    ] == names


def test_an_unknown_conflict_behaviour_is_refused(tenant, library):
    tenant.refused(
        400,
        "PUT",
        f"{library}/drive/root:/a.txt:/content?@microsoft.graph.conflictBehavior=x",
        b"x",
    )
    assert conflict.__doc__


def test_a_rename_keeps_identity_content_and_versions(tenant, library):
    before = tenant.upload(library, "wrong.txt")
    after = tenant.ask("PATCH", f"{library}/drive/items/{before['id']}", {"name": "right.txt"}).body
    assert (after["id"], after["cTag"], after["name"]) == (
        before["id"],
        before["cTag"],
        "right.txt",
    )
    assert after["eTag"] != before["eTag"]
    assert len(tenant.get(f"{library}/drive/items/{before['id']}/versions")["value"]) == 1


def test_a_rename_onto_a_taken_name_is_409_and_changes_nothing(tenant, library):
    tenant.upload(library, "right.txt")
    wrong = tenant.upload(library, "wrong.txt")
    tenant.refused(409, "PATCH", f"{library}/drive/items/{wrong['id']}", {"name": "RIGHT.txt"})
    assert tenant.get(f"{library}/drive/items/{wrong['id']}")["eTag"] == wrong["eTag"]


@pytest.mark.parametrize("name", ["a?b.txt", "~$a.docx", "", "con", "a.", " a.txt", "x" * 256])
def test_a_name_sharepoint_forbids_is_400(tenant, library, name):
    made = tenant.upload(library, "a.txt")
    body = {"name": name} if name else {"name": "a/b"}
    tenant.refused(400, "PATCH", f"{library}/drive/items/{made['id']}", body)


def test_a_path_above_400_characters_is_refused(tenant, library):
    where = ""
    for _ in range(2):
        name = "f" * 150
        parent = f"root:{where}:/children" if where else "root/children"
        tenant.ask("POST", f"{library}/drive/{parent}", {"name": name, "folder": {}})
        where += f"/{name}"
    assert (
        tenant.refused(
            400, "PUT", f"{library}/drive/root:{where}/{'x' * 80}.txt:/content", b"x"
        ).code
        == "pathIsTooLong"
    )
    tenant.upload(library, f"{where.lstrip('/')}/{'x' * 50}.txt")


def test_if_match_takes_etag_or_ctag_and_refuses_a_stale_one(tenant, library):
    made = tenant.upload(library, "a.txt")
    address = f"{library}/drive/items/{made['id']}"
    renamed = tenant.ask("PATCH", address, {"name": "b.txt"}, if_match=made["eTag"]).body
    assert (
        tenant.refused(412, "PATCH", address, {"name": "c.txt"}, if_match=made["eTag"]).code
        == "resourceModified"
    )
    tenant.ask("PATCH", address, {"name": "c.txt"}, if_match=renamed["cTag"])
    tenant.refused(412, "DELETE", address, if_match='"{x},1"')
    tenant.ask("DELETE", address, if_match="*")


def test_a_move_inside_the_library_carries_a_folder_and_its_contents(tenant, library):
    for name in ("A", "B"):
        tenant.ask("POST", f"{library}/drive/root/children", {"name": name, "folder": {}})
    made = tenant.upload(library, "A/x.txt")
    a, b = (tenant.get(f"{library}/drive/root:/{name}") for name in ("A", "B"))
    tenant.ask(
        "PATCH",
        f"{library}/drive/items/{a['id']}",
        {"name": "A2", "parentReference": {"id": b["id"]}},
    )
    assert tenant.get(f"{library}/drive/items/{made['id']}")["parentReference"]["path"].endswith(
        "/B/A2"
    )
    assert tenant.get(f"{library}/drive/root:/B/A2/x.txt")["id"] == made["id"]
    tenant.refused(
        400, "PATCH", f"{library}/drive/items/{b['id']}", {"parentReference": {"id": a["id"]}}
    )


def test_patch_does_not_move_between_drives(tenant, library):
    made = tenant.upload(library, "a.txt")
    other = tenant.get(f"{CORE}/drive")["id"]
    tenant.refused(
        400, "PATCH", f"{library}/drive/items/{made['id']}", {"parentReference": {"driveId": other}}
    )


def test_a_copy_is_another_item_and_its_monitor_says_where(tenant, library):
    made = tenant.upload(library, "a.txt", b"text")
    other = tenant.get(f"{CORE}/drive")["id"]
    answer = tenant.ask(
        "POST",
        f"{library}/drive/items/{made['id']}/copy",
        {"name": "c.txt", "parentReference": {"driveId": other}},
    )
    assert answer.status == 202
    running = tenant.ask("GET", answer.headers["Location"])
    assert (running.status, running.body["status"]) == (202, "inProgress")
    done = tenant.ask("GET", answer.headers["Location"])
    assert (done.status, done.body["status"]) == (202, "completed")
    copied = tenant.get(done.body["resourceLocation"])
    assert copied["name"] == "c.txt"
    assert copied["id"] != made["id"]


def test_delete_goes_to_the_recycle_bin_and_restore_brings_it_back_whole(tenant, library):
    made = tenant.upload(library, "a.txt")
    tenant.ask("DELETE", f"{library}/drive/items/{made['id']}")
    tenant.refused(404, "GET", f"{library}/drive/items/{made['id']}")
    back = tenant.ask("POST", f"{library}/drive/items/{made['id']}/restore", {}).body
    assert (back["id"], back["name"]) == (made["id"], "a.txt")
    tenant.refused(404, "POST", f"{library}/drive/items/{made['id']}/restore", {})


@pytest.mark.parametrize(
    ("shape", "code", "inner"),
    [
        ("resourceLocked", "resourceLocked", None),
        ("accessDenied", "accessDenied", None),
        ("notAllowed", "notAllowed", "resourceLocked"),
    ],
)
def test_a_locked_file_refuses_everybody_elses_writes_until_it_ends(
    tenant, library, shape, code, inner
):
    made = tenant.upload(library, "a.txt")
    item = tenant.item_of(library, "a.txt")
    unique = made["eTag"].strip('"').partition(",")[0].strip("{}").lower()
    locks.lock(tenant.store, unique, f"user:{SAM}", 600, shape)
    for method, address, body in (
        ("PATCH", f"{library}/drive/items/{made['id']}", {"name": "b.txt"}),
        ("PUT", f"{library}/drive/items/{made['id']}/content", b"x"),
        ("PATCH", f"{item}/fields", {"Score": 3}),
        ("DELETE", f"{library}/drive/items/{made['id']}", None),
    ):
        refusal = tenant.refused(423, method, address, body)
        assert (refusal.code, refusal.inner) == (code, inner)
    tenant.store.put("clock_offset", "700")
    tenant.ask("PATCH", f"{item}/fields", {"Score": 3})


def _ranges(total, size):
    return [(start, min(start + size, total) - 1) for start in range(0, total, size)]


def test_an_upload_session_takes_ranges_in_order_and_makes_the_file_with_the_last(tenant, library):
    data = bytes(range(256)) * 4000
    opened = tenant.ask(
        "POST",
        f"{library}/drive/root:/big.bin:/createUploadSession",
        {"item": {"@microsoft.graph.conflictBehavior": "replace", "name": "big.bin"}},
    ).body
    url = opened["uploadUrl"]
    tenant.refused(
        416,
        "PUT",
        url,
        data[KB320 : 2 * KB320],
        Content_Range=f"bytes {KB320}-{2 * KB320 - 1}/{len(data)}",
    )
    tenant.refused(400, "PUT", url, data[:10], Content_Range=f"bytes 0-9/{len(data)}")
    for start, end in _ranges(len(data), KB320):
        last = tenant.ask(
            "PUT", url, data[start : end + 1], Content_Range=f"bytes {start}-{end}/{len(data)}"
        )
        if end + 1 < len(data):
            assert last.status == 202
            assert tenant.ask("GET", url).body["nextExpectedRanges"] == [f"{end + 1}-"]
    assert (last.status, last.body["size"]) == (201, len(data))
    tenant.refused(404, "GET", url)
    where = tenant.ask("GET", f"{library}/drive/root:/big.bin:/content").headers["Location"]
    assert tenant.ask("GET", where).body == data


def test_an_upload_session_is_its_openers_and_can_be_cancelled(tenant, library):
    tenant.refused(404, "POST", f"{library}/drive/root:/a.bin:/createUploadSession", {}, user(SAM))
    url = tenant.ask("POST", f"{library}/drive/root:/a.bin:/createUploadSession", {}).body[
        "uploadUrl"
    ]
    assert tenant.ask("DELETE", url).status == 204
    tenant.refused(404, "PUT", url, b"x", Content_Range="bytes 0-0/1")


def test_a_session_that_must_not_replace_fails_at_commit_when_the_name_was_taken_meanwhile(
    tenant, library
):
    url = tenant.ask("POST", f"{library}/drive/root:/a.bin:/createUploadSession", {}).body[
        "uploadUrl"
    ]
    tenant.upload(library, "a.bin")
    tenant.refused(409, "PUT", url, b"x", Content_Range="bytes 0-0/1")


def test_a_move_to_another_library_keeps_guid_versions_and_the_columns_it_has(tenant, library):
    made = tenant.upload(library, "a.txt", b"one")
    tenant.upload(library, "a.txt", b"two")
    tenant.ask(
        "PATCH",
        f"{tenant.item_of(library, 'a.txt')}/fields",
        {"Score": 4, "DocumentNumber": "Gov-04"},
    )
    target = tenant.library("Quarantine")
    tenant.ask("DELETE", f"{target}/columns/Score")
    store = tenant.store
    row, to = (lists.by_id(store, address.rpartition("/")[2]) for address in (library, target))
    item = items.by_drive_item(store, row, made["id"])
    moved = moves.move(store, item, to, ("", "b.txt"), Write(tenant.who))
    assert moved["unique_id"] == item["unique_id"]
    assert moved["drive_item_id"] != item["drive_item_id"]
    assert items.fields_of(moved) == {"DocumentNumber": "Gov-04"}
    assert len(tenant.get(f"{target}/drive/items/{moved['drive_item_id']}/versions")["value"]) == 3
    tenant.refused(404, "GET", f"{library}/drive/items/{made['id']}")


def _docx(title="Strategy", **properties):
    out = io.BytesIO()
    document = docx.Document()
    document.core_properties.title = title
    document.add_paragraph("Text")
    document.save(out)
    return promotion.write(out.getvalue(), properties) if properties else out.getvalue()


def _stored(tenant, library, name):
    row = lists.by_id(tenant.store, library.rpartition("/")[2])
    return files.read(tenant.store, items.by_path(tenant.store, row, f"/{name}")["sha"])


def test_a_column_write_changes_an_office_files_bytes_but_not_its_content_version(tenant, library):
    before = tenant.upload(library, "a.docx", _docx())
    item = tenant.item_of(library, "a.docx")
    tenant.ask("PATCH", f"{item}/fields", {"DocumentNumber": "Gov-04"})
    after = tenant.get(f"{library}/drive/items/{before['id']}")
    data = _stored(tenant, library, "a.docx")
    assert after["cTag"] == before["cTag"]
    assert after["file"]["hashes"] != before["file"]["hashes"]
    assert after["size"] == len(data)
    assert promotion.read(data)["DocumentNumber"] == "Gov-04"
    assert docx.Document(io.BytesIO(data)).paragraphs[0].text == "Text"


def test_an_uploaded_files_own_properties_override_the_columns(tenant, library):
    tenant.upload(library, "a.docx", _docx(DocumentNumber="Gov-07", ControlStatus="No such choice"))
    fields = tenant.get(f"{tenant.item_of(library, 'a.docx')}/fields")
    assert (fields["DocumentNumber"], fields["Title"]) == ("Gov-07", "Strategy")
    assert "ControlStatus" not in fields
    tenant.ask("PATCH", f"{tenant.item_of(library, 'a.docx')}/fields", {"DocumentNumber": "Gov-04"})
    tenant.upload(library, "a.docx", _docx(DocumentNumber="Gov-07"))
    assert tenant.get(f"{tenant.item_of(library, 'a.docx')}/fields")["DocumentNumber"] == "Gov-07"


@pytest.mark.parametrize("data", [b"", b"not a package", b"PK\x03\x04broken"])
def test_a_broken_office_file_is_stored_and_given_columns_as_it_is(tenant, library, data):
    tenant.upload(library, "a.docx", data)
    tenant.ask("PATCH", f"{tenant.item_of(library, 'a.docx')}/fields", {"Score": 3})
    assert _stored(tenant, library, "a.docx") == data


def test_promotion_twice_gives_the_same_package(tenant):
    once = promotion.write(_docx(), {"A": "1"})
    assert promotion.write(once, {"A": "1"}) == once
    assert zipfile.ZipFile(io.BytesIO(once)).testzip() is None
    assert tenant.store


@given(st.binary(max_size=2000))
def test_content_of_any_bytes_has_a_160_bit_hash_that_depends_on_its_length(data):
    assert len(files.quickxor(data)) == 28
    assert files.quickxor(data) != files.quickxor(data + b"\0")


def test_the_hash_is_microsofts_quickxor():
    # vectors of rclone's backend/onedrive/quickxorhash tests
    assert files.quickxor(b"") == "AAAAAAAAAAAAAAAAAAAAAAAAAAA="
    assert files.quickxor(b"J") == "SgAAAAAAAAAAAAAAAQAAAAAAAAA="


def test_an_app_that_may_only_read_uploads_nothing(tenant, library):
    reader = app("r", "Files.Read.All")
    tenant.upload(library, "a.txt")
    assert tenant.get(f"{library}/drive/root:/a.txt", reader)["size"] == 5
    tenant.refused(403, "PUT", f"{library}/drive/root:/b.txt:/content", b"x", reader)
