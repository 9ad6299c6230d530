"""Field notes about what is written and refused: versions, locks, labels, throttling, grants."""

from __future__ import annotations

import pytest

from tests.tenant.nasty.nasty_kit import docx, line
from tests.tenant_kit import ENFORCER, HELEN, HOST, SAM, SECRET, SECRETIVE, TENANT_ID


@line("Same-name upload silently becomes a new version")
def test_a_same_name_upload_is_a_new_version_whose_properties_override_columns(library):
    library.upload("a.docx", docx("one", "First title"))
    assert library.item("a.docx")["fields"]["Title"] == "First title"
    library.write("a.docx", Title="Put right by hand", VersionLabel="V1")
    again = library.upload("a.docx", docx("two", "Title of the file"))
    fields = library.item("a.docx")["fields"]
    assert (fields["Title"], fields["VersionLabel"]) == ("Title of the file", "V1")
    assert again["id"] == library.ok("GET", f"{library.drive}/root:/a.docx")["id"]
    assert library.versions("a.docx")[0] == "3.0"


@line("Same-name upload silently becomes a new version")
def test_a_same_name_upload_of_an_office_file_wipes_columns(tenant, library):
    library.upload("a.docx", docx("one"))
    library.write("a.docx", VersionLabel="V1", DocumentNumber="Gov-04")
    tenant.fault({"kind": "quirk", "name": "office_wipes_columns"}, match={"method": "PUT"})
    library.upload("a.docx", docx("two"))
    assert not {"VersionLabel", "DocumentNumber"} & set(library.item("a.docx")["fields"])


@line("Same-name upload silently becomes a new version")
def test_a_content_type_snaps_back_with_a_new_version(tenant, library):
    kind = library.ok("POST", f"/sites/{library.site}/contentTypes",
                      json={"name": "Terms", "base": {"id": "0x0101"}})["id"]  # fmt: skip
    library.ok("POST", f"{library.list}/contentTypes/addCopy", json={"contentType": kind})
    library.upload("a.txt")
    before = library.item("a.txt")["contentType"]["name"]
    library.ok("PATCH", f"{library.list}/items/1", json={"contentType": {"id": kind}})
    assert library.item("a.txt")["contentType"]["name"] == "Terms"
    tenant.local("POST", "/settings", {"content_type_snaps_back": True})
    library.upload("a.txt", b"again")
    assert library.item("a.txt")["contentType"]["name"] == before != "Terms"


@line("Every metadata PATCH makes a version")
def test_every_metadata_patch_makes_a_version(library):
    library.upload("a.txt")
    library.write("a.txt", VersionLabel="V1")
    library.write("a.txt", VersionLabel="V1")  # even one that changes nothing
    assert library.versions("a.txt") == ["3.0", "2.0", "1.0"]


@line("423 in three shapes")
@pytest.mark.parametrize(
    ("shape", "inner"),
    [("resourceLocked", None), ("accessDenied", None), ("notAllowed", "resourceLocked")],
)
def test_a_file_that_somebody_edits_is_refused_in_three_shapes(tenant, library, shape, inner):
    library.upload("a.txt")
    guid = library.ok("GET", f"{library.drive}/root:/a.txt?$select=sharepointIds")["sharepointIds"]
    held = {"unique_id": guid["listItemUniqueId"], "upn": SAM, "seconds": 60, "shape": shape}
    tenant.local("POST", "/lock", held)
    refused = library.write("a.txt", VersionLabel="V1")
    error = refused.json()["error"]
    assert (refused.status_code, error["code"]) == (423, shape)
    assert error["innerError"].get("code") == inner
    tenant.advance(61)
    assert library.write("a.txt", VersionLabel="V1").status_code == 200


@line("Hard-required columns block drag-and-drop")
def test_a_hard_required_column_leaves_the_upload_checked_out_or_blocks_it(tenant, library):
    library.ok("PATCH", f"{library.list}/columns/VersionLabel", json={"required": True})
    library.upload("a.txt", who=HELEN)
    assert len(library.delta()[0]) == 1  # an API's upload is let in as it is, unless told otherwise
    tenant.local("POST", "/settings", {"required_columns": "check_out"})
    library.upload("b.txt", who=HELEN)
    assert library.ask("GET", f"{library.drive}/root:/b.txt").status_code == 404
    mine = library.ok("GET", f"{library.drive}/root:/b.txt?$select=publication,id", HELEN)
    assert mine["publication"]["level"] == "checkout"
    tenant.local("POST", "/settings", {"required_columns": "refuse"})
    refused = library.ask("PUT", f"{library.drive}/root:/c.txt:/content", HELEN, content=b"text")
    assert (refused.status_code, "required" in refused.text) == (400, True)


@line("Retention labels")
@pytest.mark.parametrize(
    ("kind", "statuses"),
    [("retain", (200, 200, 204, None)), ("record", (403, 200, 403, 200)),
     ("regulatory", (403, 403, 403, None))],
)  # fmt: skip
def test_a_label_blocks_what_microsofts_table_says(tenant, library, kind, statuses):
    edit, columns, delete, unlocked_edit = statuses
    tenant.local("POST", "/labels", {"name": "Keep", "kind": kind})
    item = library.upload("a.txt")
    label = f"{library.drive}/items/{item['id']}/retentionLabel"
    assert library.ask("PATCH", label, json={"name": "Keep"}).status_code == 201
    content = f"{library.drive}/items/{item['id']}/content"
    refused = library.ask("PUT", content, content=b"new")
    assert refused.status_code == edit
    assert edit == 200 or "record locked by the retention label" in refused.text
    assert library.write("a.txt", VersionLabel="V1").status_code == columns
    if unlocked_edit:
        unlocked = library.ok("PATCH", label, json={"retentionSettings": {"isRecordLocked": False}})
        assert unlocked["retentionSettings"]["isRecordLocked"] is False
        assert library.ask("PUT", content, content=b"new").status_code == unlocked_edit
    assert library.ask("DELETE", f"{library.list}/items/1").status_code == delete


@line("Retention labels")
def test_the_columns_of_a_locked_record_can_be_frozen_and_only_an_owner_relabels(tenant, library):
    tenant.local("POST", "/labels", {"name": "Keep", "kind": "record"})
    item = library.upload("a.txt")
    label = f"{library.drive}/items/{item['id']}/retentionLabel"
    library.ok("PATCH", label, json={"name": "Keep"})
    tenant.local("POST", "/settings", {"records_freeze_properties": True})
    assert library.write("a.txt", VersionLabel="V1").status_code == 403
    share = {"recipients": [{"email": SAM}], "roles": ["write"], "requireSignIn": True,
             "sendInvitation": False, "retainInheritedPermissions": True}  # fmt: skip
    library.ok("POST", f"{library.drive}/items/{item['id']}/invite", json=share)
    assert library.ask("DELETE", label, SAM).status_code == 403
    assert library.ask("DELETE", label).status_code == 204
    assert library.write("a.txt", VersionLabel="V1").status_code == 200


@line("429/503 with or without Retry-After")
@pytest.mark.parametrize(
    ("status", "after"), [(429, "7"), (429, "2.128"), (503, "211"), (503, None), (429, None)]
)
def test_the_next_two_patches_of_fields_are_throttled(tenant, library, status, after):
    library.upload("a.txt")
    effect = {"kind": "refuse", "status": status, "code": "TooManyRequests", "retry_after": after}
    tenant.fault(effect, count=2, match={"method": "PATCH", "path": "/fields$"})
    replies = [library.write("a.txt", VersionLabel=f"V{n}") for n in range(3)]
    assert [reply.status_code for reply in replies] == [status, status, 200]
    assert [reply.headers.get("retry-after") for reply in replies] == [after, after, None]
    assert library.used() == [2]


@line("429/503 with or without Retry-After")
def test_some_parts_of_a_graph_batch_are_throttled(tenant, library):
    tenant.fault({"kind": "refuse", "status": 429, "code": "TooManyRequests", "retry_after": "5"},
                 match={"path": "/columns$"})  # fmt: skip
    parts = [{"id": name, "method": "GET", "url": f"{library.list}/{name}"}
             for name in ("items", "columns", "contentTypes")]  # fmt: skip
    told = library.ok("POST", "/$batch", json={"requests": parts})["responses"]
    assert {each["id"]: each["status"] for each in told} == {
        "items": 200, "columns": 429, "contentTypes": 200,
    }  # fmt: skip
    (refused,) = (each for each in told if each["status"] == 429)
    assert refused["headers"]["Retry-After"] == "5"


@line("429/503 with or without Retry-After")
def test_some_parts_of_a_rest_batch_are_throttled(tenant, library):
    effect = {"kind": "refuse", "status": 429, "code": "TooManyRequests", "retry_after": "5"}
    tenant.fault(effect, match={"surface": "sharepoint", "path": "/fields$"})
    lines = (
        f"GET https://{HOST}/_api/web/{name} HTTP/1.1" for name in ("lists", "fields", "title")
    )
    body = "".join(
        f"--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n{each}"
        "\r\nAccept: application/json;odata=nometadata\r\n\r\n\r\n" for each in lines
    )  # fmt: skip
    kind = {"Content-Type": "multipart/mixed; boundary=b"}
    told = library.rest_ask("/$batch", content=f"{body}--b--\r\n".encode(), headers=kind)
    statuses = [row.split()[1] for row in told.text.splitlines() if row.startswith("HTTP/1.1")]
    assert statuses == ["200", "429", "200"]
    assert "Retry-After: 5" in told.text
    assert library.used() == [1]


@line("App-only SharePoint REST refuses client secrets")
def test_rest_refuses_an_app_that_came_with_a_secret(tenant, library):
    form = {"client_id": SECRETIVE, "client_secret": SECRET, "grant_type": "client_credentials"}
    for resource, status in ((f"https://{HOST}", 403), ("https://graph.microsoft.com", 200)):
        asked = form | {"scope": f"{resource}/.default"}
        reply = tenant.httpx().post(f"/{TENANT_ID}/oauth2/v2.0/token", data=asked)
        client = tenant.httpx(reply.json()["access_token"])
        path = "/_api/web" if HOST in resource else f"/v1.0{library.list}"
        assert client.get(path).status_code == status


@line("Sites.Selected: reading works, webhooks and list creation need")
@pytest.mark.parametrize(("role", "status"), [("read", 403), ("write", 403), ("manage", 201)])
def test_sites_selected_reads_but_needs_manage_for_webhooks_and_lists(library, hook, role, status):
    grant = {"roles": [role],
             "grantedToIdentities": [{"application": {"id": ENFORCER}}]}  # fmt: skip
    library.ok("POST", f"/sites/{library.site}/permissions", json=grant)
    assert library.ask("GET", f"{library.list}/items", "enforcer").status_code == 200
    body = {"displayName": "New", "list": {"template": "genericList"}}
    made = library.ask("POST", f"/sites/{library.site}/lists", "enforcer", json=body)
    heard = library.subscribe(hook, "enforcer")
    assert [made.status_code, heard.status_code] == [status, status]
    assert role not in made.text or status == 201  # the refusal does not say what is missing
