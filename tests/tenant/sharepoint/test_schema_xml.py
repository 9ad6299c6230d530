"""SchemaXml and Graph columns say the same."""

from __future__ import annotations

import pytest

from local.tenant.errors import Refusal
from local.tenant.sharepoint.schema_xml import read_field, type_of, write_field


@pytest.mark.parametrize(
    ("xml", "facet", "word"),
    [
        ('<Field Type="Text" Name="A" MaxLength="40"/>', "text", "Text"),
        ('<Field Type="Note" Name="A" NumLines="3"/>', "text", "Note"),
        (
            '<Field Type="Choice" Name="A"><CHOICES><CHOICE>x</CHOICE></CHOICES></Field>',
            "choice",
            "Choice",
        ),
        (
            '<Field Type="MultiChoice" Name="A"><CHOICES><CHOICE>x</CHOICE></CHOICES></Field>',
            "choice",
            "MultiChoice",
        ),
        ('<Field Type="Number" Name="A" Min="0" Max="5" Decimals="0"/>', "number", "Number"),
        ('<Field Type="DateTime" Name="A" Format="DateTime"/>', "dateTime", "DateTime"),
        ('<Field Type="Boolean" Name="A"><Default>1</Default></Field>', "boolean", "Boolean"),
        ('<Field Type="User" Name="A" UserSelectionMode="PeopleOnly"/>', "personOrGroup", "User"),
        ('<Field Type="UserMulti" Name="A" Mult="TRUE"/>', "personOrGroup", "UserMulti"),
        ('<Field Type="URL" Name="A"/>', "hyperlinkOrPicture", "URL"),
        ('<Field Type="Lookup" Name="A" List="{9B}" ShowField="Title"/>', "lookup", "Lookup"),
    ],
)
def test_a_field_of_each_type_is_read_and_written_back(xml, facet, word):
    column = read_field(xml)
    assert facet in column
    assert type_of(column) == word
    again = read_field(write_field(column, {}).replace("<CHOICES />", ""))
    assert type_of(again) == word
    assert again["name"] == "A"


def test_flags_default_and_validation_are_read():
    column = read_field(
        '<Field Type="Text" Name="N" DisplayName="Number" Required="TRUE" Indexed="TRUE"'
        ' EnforceUniqueValues="TRUE" ID="{0D5F8F43-6D0F-4F0E-9A3E-3A6F0F4F2A10}">'
        '<Default>Gov-01</Default><Validation Message="No">=LEN(N)&gt;3</Validation></Field>'
    )
    assert column["required"]
    assert column["indexed"]
    assert column["enforceUniqueValues"]
    assert column["id"] == "0d5f8f43-6d0f-4f0e-9a3e-3a6f0f4f2a10"
    assert column["defaultValue"] == {"value": "Gov-01"}
    assert column["validation"]["formula"] == "=LEN(N)>3"


@pytest.mark.parametrize(
    "xml",
    [
        "<Field",
        "<Other Type='Text' Name='A'/>",
        "<Field Type='Text'/>",
        "<Field Type='Hologram' Name='A'/>",
        "<Field Type='Choice' Name='A'/>",
        '<!DOCTYPE x [<!ENTITY e "boom">]><Field Type="Text" Name="&e;"/>',
    ],
)
def test_a_malformed_field_is_refused_with_400(xml):
    with pytest.raises(Refusal) as refused:
        read_field(xml)
    assert refused.value.status == 400
