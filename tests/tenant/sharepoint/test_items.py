"""List items, their columns and pages, and ValidateUpdateListItem."""

# ruff: noqa: FBT003 -- the client's own calls take a flag in second place

from __future__ import annotations

import json

import pytest
from office365.runtime.client_request_exception import ClientRequestException
from office365.sharepoint.lists.creation_information import ListCreationInformation

from local.tenant.store import columns, items, lists, versions
from tests.tenant.sharepoint.rest_kit import CORE, HELEN, SAM, app, login, user

XML = (
    (
        '<Field Type="Text" Name="DocumentNumber" DisplayName="DocumentNumber" Indexed="TRUE"'
        ' EnforceUniqueValues="TRUE"/>'
    ),
    '<Field Type="DateTime" Name="ReviewDate" DisplayName="ReviewDate" Format="DateOnly"/>',
    '<Field Type="User" Name="ApprovedBy" DisplayName="ApprovedBy"/>',
    '<Field Type="Number" Name="Score" DisplayName="Score" Min="0" Max="25"/>',
    '<Field Type="Boolean" Name="Live" DisplayName="Live"/>',
    (
        '<Field Type="Choice" Name="ControlStatus" DisplayName="ControlStatus">'
        "<CHOICES><CHOICE>In order</CHOICE><CHOICE>Held</CHOICE></CHOICES></Field>"
    ),
    '<Field Type="URL" Name="Link" DisplayName="Link"/>',
)
PATH = "web/lists/getbytitle('Document registry')"
MERGE = {"X-HTTP-Method": "MERGE", "IF-MATCH": "*"}


def registry(rest, template=100, title="Document registry"):
    client = rest.client()
    info = ListCreationInformation(Title=title, BaseTemplate=template)
    made = client.web.lists.add(info).execute_query()
    for xml in XML:
        made.fields.create_field_as_xml(xml).execute_query()
    return made


def add(made, **values):
    return made.add_item(values).execute_query()


def test_an_item_is_made_read_changed_and_deleted(rest):
    made = registry(rest)
    item = add(made, Title="Governance strategy", DocumentNumber="Gov-04")
    assert item.properties["Id"] == 1
    item.set_property("Score", 12).update().execute_query()
    again = made.get_item_by_id(1).get().execute_query()
    assert again.properties["Score"] == 12
    assert again.properties["DocumentNumber"] == "Gov-04"
    item.delete_object().execute_query()
    with pytest.raises(ClientRequestException):
        made.get_item_by_id(1).get().execute_query()


def test_a_type_name_is_the_lists_own(rest):
    made = registry(rest)
    add(made, Title="x")
    shown = rest.get(app(), f"{PATH}/items(1)", "application/json;odata=verbose").json()["d"]
    assert shown["__metadata"]["type"] == "SP.Data.Document_x0020_registryListItem"
    assert shown["__metadata"]["etag"].endswith(',1"')


def test_a_person_is_written_by_number_and_expanded_by_name(rest):
    made = registry(rest)
    helen = rest.client().web.ensure_user(login(HELEN)).execute_query()
    add(made, Title="x", ApprovedById=helen.id)
    assert rest.get(app(), f"{PATH}/items(1)?$select=ApprovedById").json() == {
        "ApprovedById": helen.id
    }
    made_by = rest.get(app(), f"{PATH}/items(1)?$select=Author/Title&$expand=Author").json()
    assert made_by == {"Author": {"Title": "provisioner"}}


def test_pages_lead_on_until_the_list_ends(rest):
    made = registry(rest)
    for number in range(5):
        add(made, Title=f"t{number}")
    first = rest.get(app(), f"{PATH}/items?$top=2&$select=Id").json()
    assert [row["Id"] for row in first["value"]] == [1, 2]
    second = rest.session(app()).get(
        first["odata.nextLink"], headers={"Accept": "application/json;odata=nometadata"}
    )
    assert [row["Id"] for row in second.json()["value"]] == [3, 4]
    everything = made.items.paged(2).get_all().execute_query()
    assert [row.properties["Id"] for row in everything] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("$filter=DocumentNumber eq 'Gov-04'", [2]),
        ("$filter=Title eq 'T1'", [2]),
        ("$filter=Score gt 1", [3]),
        ("$filter=startswith(Title,'t') and Id ne 1", [2, 3]),
        ("$orderby=Title desc", [3, 2, 1]),
        ("$skip=2", [3]),
    ],
)
def test_items_are_filtered_and_ordered(rest, query, found):
    made = registry(rest)
    add(made, Title="t0")
    add(made, Title="t1", DocumentNumber="Gov-04")
    add(made, Title="t2", Score=2)
    rows = rest.get(app(), f"{PATH}/items?{query}&$select=Id").json()["value"]
    assert [row["Id"] for row in rows] == found


def test_a_filter_without_an_index_fails_past_the_threshold(rest):
    made = registry(rest)
    add(made, Title="t", DocumentNumber="Gov-04")
    rest.store.run("UPDATE lists SET item_count=5001 WHERE id=?", made.id)
    refused = rest.get(app(), f"{PATH}/items?$filter=Title eq 't'")
    assert refused.status_code == 500
    assert refused.json()["odata.error"]["code"].startswith("-2147024860")
    found = rest.get(app(), f"{PATH}/items?$filter=DocumentNumber eq 'Gov-04'").json()
    assert len(found["value"]) == 1


def test_an_unknown_column_and_a_duplicate_value_are_refused(rest):
    made = registry(rest)
    add(made, Title="a", DocumentNumber="Gov-04")
    with pytest.raises(ClientRequestException):
        add(made, Title="b", Nonsense="x")
    with pytest.raises(ClientRequestException, match="-2130575169"):
        add(made, Title="b", DocumentNumber="Gov-04")


def test_if_match_guards_an_item(rest):
    made = registry(rest)
    add(made, Title="a")
    etag = rest.get(app(), f"{PATH}/items(1)").headers["ETag"]
    old = MERGE | {"IF-MATCH": etag}
    body = json.dumps({"Title": "b"})
    assert rest.post(app(), f"{PATH}/items(1)", headers=old, data=body).status_code == 204
    assert rest.post(app(), f"{PATH}/items(1)", headers=old, data=body).status_code == 412


def test_a_reader_may_not_write(rest):
    made = registry(rest)
    add(made, Title="a")
    reader = user(HELEN, "AllSites.Read")
    sent = rest.post(reader, f"{PATH}/items(1)", headers=MERGE, data='{"Title":"b"}')
    assert sent.status_code == 403
    assert rest.get(user(SAM), f"{PATH}/items(1)").status_code == 404


def test_recycling_returns_the_entry(rest):
    made = registry(rest)
    item = add(made, Title="a")
    guid = item.properties["GUID"]
    assert item.recycle().execute_query().value == guid
    assert items.recycled(rest.store, lists.by_id(rest.store, made.id)["site_id"])


def published(rest, template=101):
    """A library of minor versions with one file at 1.0, last written by Helen."""
    made = registry(rest, template, "Controlled documents")
    for name in ("EnableMinorVersions",):
        made.set_property(name, True).update().execute_query()
    helen = rest.client(user(HELEN))
    folder = helen.web.get_folder_by_server_relative_url("/sites/core/Controlled documents")
    file = folder.upload_file("a.txt", b"hello").execute_query()
    file.publish("V1").execute_query()
    return made, file


def history(rest, made):
    row = items.get(rest.store, lists.by_id(rest.store, made.id), 1)
    found = versions.every(rest.store, row["unique_id"])
    return [(versions.label(dict(v)), v["modified"], v["modified_by"], v["comment"]) for v in found]


def test_a_form_update_marked_new_document_makes_no_version(rest):
    made, _ = published(rest)
    before = [each[0] for each in history(rest, made)]
    item = made.get_item_by_id(1)
    done = item.validate_update_list_item(
        {"DocumentNumber": "Gov-04", "ReviewDate": "06/11/2023", "ControlStatus": "Held"}, True
    ).execute_query()
    assert [each.HasException for each in done.value] == [False] * 3
    assert [each[0] for each in history(rest, made)] == before == ["1.0"]
    fields = items.fields_of(items.get(rest.store, lists.by_id(rest.store, made.id), 1))
    assert fields["ReviewDate"] == "2023-11-06T00:00:00Z"


def test_a_form_update_with_modified_and_editor_leaves_the_history_as_it_was(rest):
    made, _ = published(rest)
    before = history(rest, made)
    item = made.get_item_by_id(1).select(["Modified", "EditorId"]).get().execute_query()
    values = {
        "ControlStatus": "In order",
        "Modified": item.properties["Modified"],
        "Editor": json.dumps([{"Key": login(HELEN)}]),
    }
    done = item.validate_update_list_item(values, True).execute_query()
    assert not any(each.HasException for each in done.value)
    assert history(rest, made) == before


def test_without_modified_the_writer_becomes_the_editor(rest):
    made, _ = published(rest)
    item = made.get_item_by_id(1)
    item.validate_update_list_item({"ControlStatus": "In order"}, True).execute_query()
    assert history(rest, made)[0][2] == "app:provisioner"


def test_an_ordinary_form_update_makes_a_version(rest):
    made, _ = published(rest)
    item = made.get_item_by_id(1)
    item.validate_update_list_item({"ControlStatus": "In order"}, False).execute_query()
    assert [each[0] for each in history(rest, made)] == ["1.1", "1.0"]


@pytest.mark.parametrize(
    ("name", "text", "stored"),
    [
        ("ReviewDate", "31/10/2023", "2023-10-31T00:00:00Z"),
        ("ReviewDate", "2023-10-31", "2023-10-31T00:00:00Z"),
        ("ReviewDate", "2023-10-31T09:00:00+01:00", "2023-10-31T08:00:00Z"),
        ("Score", "12", 12),
        ("Live", "1", True),
        ("Live", "No", False),
        ("ControlStatus", "Held", "Held"),
        ("Link", "https://x.example/a, the page", {"Url": "https://x.example/a",
                                                   "Description": "the page"}),
    ],
)  # fmt: skip
def test_form_values_are_read_by_their_column(rest, name, text, stored):
    made = registry(rest)
    add(made, Title="a")
    done = made.get_item_by_id(1).validate_update_list_item({name: text}, True).execute_query()
    assert not done.value[0].HasException, done.value[0].ErrorMessage
    row = items.get(rest.store, lists.by_id(rest.store, made.id), 1)
    assert items.fields_of(row)[name] == stored


@pytest.mark.parametrize(
    "wrong",
    [
        {"Nonsense": "x"},
        {"ReviewDate": "31/31/2023"},
        {"Score": "many"},
        {"Score": "26"},
        {"Live": "perhaps"},
        {"ControlStatus": "Lost"},
        {"ApprovedBy": "Helen"},
        {"Modified": ""},
    ],
)
def test_one_wrong_value_is_told_on_its_column_and_nothing_is_written(rest, wrong):
    made = registry(rest)
    add(made, Title="a")
    values = {"Title": "changed", **wrong}
    done = made.get_item_by_id(1).validate_update_list_item(values, True).execute_query()
    assert [each.HasException for each in done.value] == [False, True]
    row = items.get(rest.store, lists.by_id(rest.store, made.id), 1)
    assert items.fields_of(row)["Title"] == "a"


def test_a_us_site_reads_the_month_first(rest):
    rest.store.run("UPDATE sites SET lcid=1033")
    made = registry(rest)
    add(made, Title="a")
    done = made.get_item_by_id(1).validate_update_list_item({"ReviewDate": "06/11/2023"}, True)
    done.execute_query()
    row = items.get(rest.store, lists.by_id(rest.store, made.id), 1)
    assert items.fields_of(row)["ReviewDate"] == "2023-06-11T00:00:00Z"


def test_a_duplicate_is_told_as_a_result_too(rest):
    made = registry(rest)
    add(made, Title="a", DocumentNumber="Gov-04")
    add(made, Title="b")
    done = made.get_item_by_id(2).validate_update_list_item({"DocumentNumber": "Gov-04"}, True)
    done.execute_query()
    assert done.value[0].HasException
    assert done.value[0].ErrorCode == -2130575169


def test_the_clients_system_update_keeps_editor_and_version(rest):
    made, _ = published(rest)
    before = history(rest, made)
    item = made.get_item_by_id(1).get().execute_query()
    item.set_property("ControlStatus", "Held").system_update().execute_query()
    after = history(rest, made)
    assert [(label, who) for label, _, who, _ in after] == [(b[0], b[2]) for b in before]


def test_a_held_file_refuses_the_whole_form_update_with_423(rest):
    made, file = published(rest)
    file.checkout().execute_query()
    with pytest.raises(ClientRequestException) as refused:
        made.get_item_by_id(1).validate_update_list_item({"Score": "1"}, True).execute_query()
    assert refused.value.response.status_code == 423


def test_moderation_status_is_set_by_merge_with_the_right_to_approve(rest):
    made, _ = published(rest)
    made.set_property("EnableModeration", True).update().execute_query()
    path = f"{CORE}/_api/web/lists/getbytitle('Controlled documents')/items(1)"
    sent = rest.post(
        app(), path.partition("_api/")[2], headers=MERGE, data='{"OData__ModerationStatus": 1}'
    )
    assert sent.status_code == 204
    assert columns.find(rest.store, made.id, "_ModerationStatus") is not None
    shown = rest.get(app(), path.partition("_api/")[2] + "/OData__ModerationStatus").json()
    assert shown == {"value": 1}


def test_an_overwriting_update_makes_no_version(rest):
    made, _ = published(rest)
    path = "web/lists/getbytitle('Controlled documents')/items(1)/UpdateOverwriteVersion"
    assert rest.post(app(), path, data='{"Score": 3}').status_code == 200
    assert [each[0] for each in history(rest, made)] == ["1.0"]
