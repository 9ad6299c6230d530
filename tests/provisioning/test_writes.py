"""Declared things become SharePoint's own words."""

import asyncio
from types import SimpleNamespace

import pytest
from defusedxml import ElementTree
from hypothesis import given
from hypothesis import strategies as st

from sharepoint_schema.site import Column
from sync.errors import Rejected, Throttled
from sync.site_state import Found
from sync.tenant import rest
from sync.tenant.site_answers import column as read_column
from sync.tenant.site_roles import LEVELS, level_name, level_number
from sync.tenant.site_writes import (
    change_column,
    change_view,
    field_xml,
    levels,
    members,
    type_id,
)


def declared(**fields):
    return Column.model_validate({"name": "Thing", "title": "A thing", **fields})


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"kind": "text"}, {"Type": "Text", "Name": "Thing", "DisplayName": "A thing"}),
        ({"kind": "note"}, {"Type": "Note", "RichText": "FALSE"}),
        ({"kind": "date"}, {"Type": "DateTime", "Format": "DateOnly"}),
        ({"kind": "number", "lowest": 1, "highest": 5}, {"Min": "1", "Max": "5"}),
        ({"kind": "user"}, {"Type": "User", "UserSelectionMode": "PeopleOnly"}),
        ({"kind": "user", "many": True}, {"Type": "UserMulti", "Mult": "TRUE"}),
        ({"kind": "boolean"}, {"Type": "Boolean"}),
        ({"kind": "choice", "choices": ("A & B",)}, {"Type": "Choice"}),
        ({"kind": "choice", "choices": ("A",), "many": True}, {"Type": "MultiChoice"}),
        ({"kind": "text", "required": True}, {"Required": "TRUE"}),
        ({"kind": "text", "description": "Why"}, {"Description": "Why"}),
    ],
)
def test_a_column_is_told_in_xml(fields, expected):
    field = ElementTree.fromstring(field_xml(declared(**fields)))
    assert expected.items() <= field.attrib.items()
    assert [one.text for one in field.iterfind("CHOICES/CHOICE")] == list(fields.get("choices", ()))


def test_a_lookup_names_the_list_it_looks_into():
    field = ElementTree.fromstring(field_xml(declared(kind="lookup", lookup="risks"), "the-id"))
    assert (field.get("List"), field.get("ShowField")) == ("{the-id}", "Title")


def test_a_column_has_the_same_id_on_every_site():
    one, other = (ElementTree.fromstring(field_xml(declared(kind="text"))) for _ in range(2))
    assert one.get("ID") == other.get("ID")


def test_a_content_types_id_continues_its_parents(core):
    document = type_id(core.content_type("network_document"), "0x0101")
    assert document.startswith("0x010100")
    assert type_id(core.content_type("policy"), document).startswith(f"{document}00")
    assert type_id(core.content_type("registry_entry"), "0x01").startswith("0x0100")


def test_only_who_is_missing_or_too_many_is_written():
    found = list(members("7", ["a@x.example", "b@x.example"], ["b@x.example", "c@x.example"]))
    assert [one.path.partition("(i:")[0] for one in found] == [
        "Web/SiteGroups(7)/Users",
        "Web/SiteGroups(7)/Users/RemoveByLoginName('i:0%23.f%7Cmembership%7Cc@x.example')",
    ]


def test_a_level_is_given_before_another_is_taken():
    found = [one.path.rpartition("/")[2] for one in levels("Web", 5, ["contribute"], ["edit"])]
    assert [path.partition("(")[0] for path in found] == [
        "AddRoleAssignment",
        "RemoveRoleAssignment",
    ]


@given(
    st.lists(st.sampled_from("ABCDE"), unique=True),
    st.lists(st.sampled_from("ABCDEF"), unique=True),
)
def test_a_views_columns_end_as_wanted_in_their_order(found, wanted):
    shown = list(found)
    for write in change_view("l", Found("v", {"columns": found}), {"columns": wanted}):
        operation, _, rest = write.path.rpartition("/")[2].partition("(")
        name = rest.split("'")[1]
        if name in shown:
            shown.remove(name)
        if operation == "AddViewField":
            shown.append(name)
        elif operation == "MoveViewFieldTo":
            shown.insert(int(rest.rpartition("=")[2].rstrip(")")), name)
    assert shown == wanted


@pytest.mark.parametrize("level", LEVELS)
def test_a_level_survives_being_numbered_and_named(level):
    assert level_name(level_number(level)) == level


def test_a_level_no_schema_names_is_kept_by_its_number():
    assert level_number(level_name(1073741925)) == 1073741925


def test_an_emptied_property_is_written_as_empty_and_a_flag_as_a_flag():
    after = {"formatting": None, "indexed": False, "choices": ["A"]}
    write = change_column(declared(kind="choice", choices=("A",)), after)
    assert write.body["CustomFormatter"] == ""
    assert write.body["Indexed"] is False
    assert write.body["Choices"]["results"] == ["A"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [(None, None), ("", None), ('{"b":1, "a":2}', '{"a":2,"b":1}'), ("{oops", "{oops")],
)
def test_formatting_is_read_in_one_spelling(text, shown):
    row = dict.fromkeys(
        (
            *("Title", "Description", "DefaultValue", "Required", "Indexed"),
            *("EnforceUniqueValues", "Group", "CanBeDeleted", "FromBaseType"),
            *("ValidationFormula", "ValidationMessage"),
        )
    )
    row |= {"TypeAsString": "Choice", "CustomFormatter": text, "SchemaXml": "<Field"}
    assert read_column(row)["formatting"] == shown
    assert read_column(row)["choices"] == []


def tenant_that_answers(errors, held):
    async def call(_url, _work, **_options):
        await asyncio.sleep(0)
        return errors, []

    gate = SimpleNamespace(hold=held.append)
    return SimpleNamespace(sharepoint=SimpleNamespace(call=call), retry=SimpleNamespace(gate=gate))


WRITES = [rest.Write("Web/Lists"), rest.Write("Web/Fields")]


async def test_a_part_that_is_throttled_pauses_the_app_and_is_told():
    held = []
    tenant = tenant_that_answers([None, Throttled("later", retry_after=7.5)], held)
    assert not await rest.write_together(tenant, "https://x", WRITES, doing="write")
    assert held == [7.5]


async def test_a_part_that_is_refused_is_raised_with_its_address():
    tenant = tenant_that_answers([None, Rejected("taken", status=400)], [])
    with pytest.raises(Rejected, match=r"could not write \(Web/Fields\)"):
        await rest.write_together(tenant, "https://x", WRITES, doing="write")


async def test_nothing_to_write_asks_nobody():
    assert await rest.write_together(None, "https://x", [], doing="write")
