"""Lists, columns, views and content types through the office365 client."""

# ruff: noqa: FBT003 -- the client's own calls take a flag in second place

from __future__ import annotations

import json

import pytest
from office365.runtime.client_request_exception import ClientRequestException
from office365.runtime.queries.service_operation import ServiceOperationQuery
from office365.sharepoint.fields.field import Field
from office365.sharepoint.fields.xmlSchemaFieldCreationInformation import (
    XmlSchemaFieldCreationInformation,
)
from office365.sharepoint.lists.creation_information import ListCreationInformation
from office365.sharepoint.views.create_information import ViewCreationInformation

from tests.tenant.sharepoint.rest_kit import HELEN, app, user

NUMBER = '<Field Type="Text" Name="DocumentNumber" DisplayName="DocumentNumber"/>'


def library(client, title="Controlled documents"):
    info = ListCreationInformation(Title=title, Description="d", BaseTemplate=101)
    return client.web.lists.add(info).execute_query()


def test_a_library_is_made_with_its_settings_changed_and_deleted(rest):
    client = rest.client()
    made = library(client)
    for name, value in {
        "EnableMinorVersions": True, "EnableModeration": True, "DraftVersionVisibility": 2,
        "MajorVersionLimit": 500, "ForceCheckout": True, "NoCrawl": True,
    }.items():  # fmt: skip
        made.set_property(name, value)
    made.update().execute_query()
    again = rest.client().web.lists.get_by_title("Controlled documents").get().execute_query()
    assert again.properties["EnableMinorVersions"] is True
    assert again.properties["EnableModeration"] is True
    assert again.properties["DraftVersionVisibility"] == 2
    assert again.properties["ForceCheckout"] is True
    assert again.properties["BaseTemplate"] == 101
    again.delete_object().execute_query()
    with pytest.raises(ClientRequestException, match="does not exist"):
        rest.client().web.lists.get_by_title("Controlled documents").get().execute_query()


def test_a_title_that_is_taken_is_refused_with_409(rest):
    library(rest.client())
    with pytest.raises(ClientRequestException) as refused:
        library(rest.client())
    assert refused.value.response.status_code == 409


@pytest.mark.parametrize("way", ["lists('{id}')", "lists(guid'{id}')", "lists/getbyid('{id}')"])
def test_a_list_is_found_by_guid_in_each_spelling(rest, way):
    made = library(rest.client())
    path = "web/" + way.format(id=made.id)
    assert rest.get(app(), path).json()["Title"] == "Controlled documents"


@pytest.mark.parametrize("url", ["/sites/core/Shared Documents", "Shared Documents"])
def test_a_list_is_found_by_its_path(rest, url):
    assert rest.get(app(), f"web/GetList('{url}')/Title").json() == {"value": "Documents"}


def test_an_unknown_setting_is_refused(rest):
    made = library(rest.client())
    with pytest.raises(ClientRequestException, match="Nonsense"):
        made.set_property("Nonsense", 1).update().execute_query()


def test_a_visitor_may_not_change_a_list(rest):
    path = "web/lists/getbytitle('Documents')"
    merge = {"X-HTTP-Method": "MERGE", "IF-MATCH": "*"}
    body = json.dumps({"Description": "x"})
    reader = user(HELEN, "AllSites.Read")
    assert rest.post(reader, path, headers=merge, data=body).status_code == 403


def test_a_column_made_from_xml_can_be_formatted_indexed_and_deleted(rest):
    client = rest.client()
    made = library(client)
    field = made.fields.create_field_as_xml(NUMBER).execute_query()
    assert field.properties["InternalName"] == "DocumentNumber"
    field.set_property("CustomFormatter", '{"elmType":"div"}')
    field.set_property("Title", "Document number").set_property("Indexed", True)
    field.update().execute_query()
    again = made.fields.get_by_internal_name_or_title("DocumentNumber").get().execute_query()
    assert again.properties["Title"] == "Document number"
    assert again.properties["Indexed"] is True
    assert again.properties["CustomFormatter"] == '{"elmType":"div"}'
    again.delete_object().execute_query()
    with pytest.raises(ClientRequestException):
        made.fields.get_by_internal_name_or_title("DocumentNumber").get().execute_query()


def _create(client, made, xml, options):
    field = Field(client)
    made.fields.add_child(field)
    info = XmlSchemaFieldCreationInformation(xml, options)
    query = ServiceOperationQuery(
        made.fields, "CreateFieldAsXml", None, {"parameters": info}, None, field
    )
    client.add_query(query).execute_query()
    return field.properties["InternalName"]


def test_a_list_names_a_column_after_its_title_unless_told_to_keep_the_name(rest):
    client = rest.client()
    made = library(client)
    xml = '<Field Type="DateTime" Name="{}" DisplayName="Review date"/>'
    assert _create(client, made, xml.format("ReviewDate"), 8) == "ReviewDate"
    assert _create(client, made, xml.format("Other"), None) == "Review_x0020_date"


def test_choices_are_read_and_changed(rest):
    made = library(rest.client())
    xml = (
        '<Field Type="Choice" Name="ControlStatus" DisplayName="ControlStatus">'
        "<CHOICES><CHOICE>In order</CHOICE><CHOICE>Held</CHOICE></CHOICES></Field>"
    )
    made.fields.create_field_as_xml(xml).execute_query()
    path = "web/lists/getbytitle('Controlled documents')/fields/getbyinternalnameortitle('{}')"
    path = path.format("ControlStatus")
    assert rest.get(app(), path).json()["Choices"] == ["In order", "Held"]
    merge = {"X-HTTP-Method": "MERGE", "IF-MATCH": "*"}
    body = json.dumps({"Choices": {"results": ["In order", "Held", "Needs you"]}})
    assert rest.post(app(), path, headers=merge, data=body).status_code == 204
    assert rest.get(app(), path).json()["Choices"] == ["In order", "Held", "Needs you"]
    assert "Needs you" in rest.get(app(), path).json()["SchemaXml"]


def test_unique_values_need_an_index(rest):
    made = library(rest.client())
    field = made.fields.create_field_as_xml(NUMBER).execute_query()
    with pytest.raises(ClientRequestException):
        field.set_property("EnforceUniqueValues", True).update().execute_query()


def test_a_view_is_made_given_fields_and_set_from_xml(rest):
    client = rest.client()
    made = library(client)
    made.fields.create_field_as_xml(NUMBER).execute_query()
    info = ViewCreationInformation(Title="Overdue", RowLimit=50, Query="<OrderBy/>")
    view = made.views.add(info).execute_query()
    view.view_fields.remove_all_view_fields().execute_query()
    view.view_fields.add_view_field("LinkFilename").execute_query()
    view.view_fields.add_view_field("DocumentNumber").execute_query()
    path = "web/lists/getbytitle('Controlled documents')/views/getbytitle('Overdue')"
    fields = rest.get(app(), f"{path}/ViewFields").json()
    assert fields["Items"] == ["LinkFilename", "DocumentNumber"]
    view.set_property("CustomFormatter", "{}").set_property("DefaultView", True)
    view.update().execute_query()
    assert rest.get(app(), path).json()["DefaultView"] is True
    xml = (
        '<View><Query><Where><IsNotNull><FieldRef Name="DocumentNumber"/></IsNotNull></Where>'
        '</Query><ViewFields><FieldRef Name="DocumentNumber"/></ViewFields>'
        "<RowLimit>9</RowLimit></View>"
    )
    body = json.dumps({"viewXml": xml})
    assert rest.post(app(), f"{path}/SetViewXml", data=body).status_code == 200
    shown = rest.get(app(), f"{path}?$select=ViewQuery,RowLimit,ListViewXml").json()
    assert shown["RowLimit"] == 9
    assert "IsNotNull" in shown["ViewQuery"]
    assert "DocumentNumber" in shown["ListViewXml"]
    view.delete_object().execute_query()
    assert rest.get(app(), path).status_code == 404


def test_a_view_of_a_column_the_list_lacks_is_refused(rest):
    made = library(rest.client())
    view = made.views.get_by_title("All Documents")
    with pytest.raises(ClientRequestException):
        view.view_fields.add_view_field("Nope").execute_query()


def test_a_content_type_is_declared_by_the_site_and_taken_into_a_list(rest):
    client = rest.client()
    made = library(client)
    sent = json.dumps({"Name": "Policy", "Group": "WMIN", "Id": {"StringValue": "0x0101"}})
    told = rest.post(app(), "web/contenttypes", data=sent)
    assert told.status_code == 201
    type_id = told.json()["Id"]["StringValue"]
    assert type_id.startswith("0x010100")
    made.content_types.add_available_content_type(type_id).execute_query()
    listed = "web/lists/getbytitle('Controlled documents')/contenttypes"
    found = rest.get(app(), f"{listed}?$filter=Name eq 'Policy'&$select=Id,Name").json()["value"]
    assert found[0]["Id"]["StringValue"].startswith(type_id)
    first = {"UniqueContentTypeOrder": {"results": [found[0]["Id"]]}}
    merge = {"X-HTTP-Method": "MERGE", "IF-MATCH": "*"}
    root = "web/lists/getbytitle('Controlled documents')/RootFolder"
    assert rest.post(app(), root, headers=merge, data=json.dumps(first)).status_code == 204
    gone = rest.post(
        app(),
        f"{listed}('{found[0]['Id']['StringValue']}')",
        headers={"X-HTTP-Method": "DELETE", "IF-MATCH": "*"},
    )
    assert gone.status_code == 200


def test_a_field_link_brings_a_site_column_into_a_content_type(rest):
    client = rest.client()
    client.web.fields.create_field_as_xml(NUMBER).execute_query()
    told = rest.post(app(), "web/contenttypes", data=json.dumps({"Name": "Policy"})).json()
    path = f"web/contenttypes('{told['StringId']}')"
    sent = json.dumps({"FieldInternalName": "DocumentNumber"})
    assert rest.post(app(), f"{path}/fieldlinks", data=sent).status_code == 201
    names = [row["Name"] for row in rest.get(app(), f"{path}/fieldlinks").json()["value"]]
    assert names == ["Title", "DocumentNumber"]


FIELD = "web/lists/getbytitle('Documents')/fields/getbyinternalnameortitle('{}')"
MERGE = {"X-HTTP-Method": "MERGE", "IF-MATCH": "*"}


@pytest.mark.parametrize(
    ("xml", "sent"),
    [
        ('<Field Type="Text" Name="A" DisplayName="A"/>', {"MaxLength": 40}),
        ('<Field Type="Text" Name="A" DisplayName="A"/>', {"Description": "d", "Group": "WMIN"}),
        ('<Field Type="Text" Name="A" DisplayName="A"/>', {"DefaultValue": "x", "Required": True}),
        ('<Field Type="Text" Name="A" DisplayName="A"/>', {"Hidden": True, "ReadOnlyField": True}),
        (
            '<Field Type="Text" Name="A" DisplayName="A"/>',
            {"ValidationFormula": "=LEN([A])>1", "ValidationMessage": "too short"},
        ),
        ('<Field Type="Number" Name="A" DisplayName="A"/>', {"MaximumValue": 25}),
        ('<Field Type="DateTime" Name="A" DisplayName="A"/>', {"DisplayFormat": 1}),
        ('<Field Type="Note" Name="A" DisplayName="A"/>', {"NumberOfLines": 9}),
        ('<Field Type="User" Name="A" DisplayName="A"/>', {"ShowInFiltersPane": 1}),
    ],
)
def test_what_a_merge_changes_of_a_column_is_shown(rest, xml, sent):
    rest.client().web.lists.get_by_title("Documents").fields.create_field_as_xml(
        xml
    ).execute_query()
    path = FIELD.format("A")
    assert rest.post(app(), path, headers=MERGE, data=json.dumps(sent)).status_code == 204
    shown = rest.get(app(), path).json()
    assert {name: shown[name] for name in sent} == sent


@pytest.mark.parametrize("sent", [{"Nonsense": 1}, {"Choices": ["a"]}, {"Formula": "=1"}])
def test_what_a_column_does_not_have_is_refused(rest, sent):
    path = FIELD.format("Title")
    assert rest.post(app(), path, headers=MERGE, data=json.dumps(sent)).status_code == 400


def test_a_column_is_made_from_its_kind_number_too(rest):
    sent = {"Title": "Review status", "FieldTypeKind": 6, "Choices": {"results": ["a & b", "c"]}}
    path = "web/lists/getbytitle('Documents')/fields"
    made = rest.post(app(), path, data=json.dumps(sent))
    assert made.status_code == 201
    assert made.json()["InternalName"] == "Review_x0020_status"
    assert made.json()["Choices"] == ["a & b", "c"]
    hidden = FIELD.format("Review status") + "/SetShowInEditForm(false)"
    assert rest.post(app(), hidden).status_code == 200
    unknown = json.dumps({"Title": "x", "FieldTypeKind": 999})
    assert rest.post(app(), path, data=unknown).status_code == 400


def test_a_site_column_keeps_its_name(rest):
    field = rest.client().web.fields.create_field_as_xml(
        '<Field Type="DateTime" Name="ReviewDate" DisplayName="Review date"/>'
    )
    field.execute_query()
    assert field.properties["InternalName"] == "ReviewDate"
    field.set_property("Title", "Review by").update().execute_query()
    field.delete_object().execute_query()
    assert rest.get(app(), "web/fields/getbyinternalnameortitle('ReviewDate')").status_code == 404


def test_a_whole_site_is_read_in_one_request(rest):
    query = (
        "web/lists?$select=Title,Fields/InternalName,Views/Title,Views/ViewFields,"
        "ContentTypes/StringId,HasUniqueRoleAssignments,RoleAssignments/PrincipalId,"
        "RoleAssignments/Member/Title,RoleAssignments/RoleDefinitionBindings/Name"
        "&$expand=Fields,Views,Views/ViewFields,ContentTypes,RoleAssignments,"
        "RoleAssignments/Member,RoleAssignments/RoleDefinitionBindings&$filter=Hidden eq false"
    )
    (row,) = rest.get(app(), query).json()["value"]
    assert row["Views"][0]["ViewFields"]["Items"][1] == "LinkFilename"
    assert {"InternalName": "FileLeafRef"} in row["Fields"]
    assert row["RoleAssignments"][0] == {
        "PrincipalId": 3,
        "Member": {"Title": "Core team Owners"},
        "RoleDefinitionBindings": [{"Name": "Full Control"}],
    }
