"""Rows by CAML: RenderListDataAsStream, GetItems, GetListItemChangesSinceToken."""

from __future__ import annotations

import re

import pytest

from local.tenant.errors import Refusal
from local.tenant.sharepoint import stream
from local.tenant.sharepoint.caml import read_view
from tests.tenant.sharepoint.asking import Asking
from tests.tenant.sharepoint.rest_kit import HELEN, SAM, login, user

FIELDS = (
    "<Field Type='Number' Name='Score' DisplayName='Score'/>",
    "<Field Type='Boolean' Name='Live' DisplayName='Live'/>",
    "<Field Type='User' Name='Who' DisplayName='Who'/>",
    "<Field Type='DateTime' Name='Due' DisplayName='Due'/>",
)
ROWS = (
    {"Title": "Alpha", "Score": 5, "Live": True, "Due": "2026-01-05T00:00:00Z"},
    {"Title": "beta", "Score": 20},
    {"Title": "Gamma", "Live": False, "Due": "2026-03-05T00:00:00Z"},
)


@pytest.fixture
def helen(rest):
    return Asking(rest)


@pytest.fixture
def events(helen):
    """A list of three rows and a fourth in a folder; returns its address."""
    address = helen.list()
    for xml in FIELDS:
        helen.post(f"{address}/fields/CreateFieldAsXml", {"parameters": {"SchemaXml": xml}})
    number = helen.post("web/ensureuser", {"logonName": login(HELEN)})["Id"]
    for row in ROWS:
        helen.post(f"{address}/items", row | {"WhoId": number}, 201)
    asked = {"parameters": {"LeafName": "Europe", "UnderlyingObjectType": 1}}
    helen.post(f"{address}/AddItem", asked)
    inner = {"formValues": [{"FieldName": "Title", "FieldValue": "Delta"}], "listItemCreateInfo":
             {"FolderPath": {"DecodedUrl": "/sites/core/Lists/Events/Europe"}}}  # fmt: skip
    helen.post(f"{address}/AddValidateUpdateItemUsingPath", inner)
    return address


def where(test):
    return f"<View><Query><Where>{test}</Where></Query></View>"


def compared(operator, name, kind, value):
    field = f"<FieldRef Name='{name}'/><Value Type='{kind}'>{value}</Value>"
    return f"<{operator}>{field}</{operator}>"


ALPHA = compared("Eq", "Title", "Text", "alpha")
TESTS = [
    (ALPHA, ["Alpha"]),
    (compared("Neq", "Title", "Text", "Alpha"), ["beta", "Gamma"]),
    (compared("Contains", "Title", "Text", "ET"), ["beta"]),
    (compared("BeginsWith", "Title", "Text", "g"), ["Gamma"]),
    (compared("Gt", "Score", "Number", "5"), ["beta"]),
    (compared("Leq", "Score", "Number", "20"), ["Alpha", "beta"]),
    (compared("Eq", "Live", "Boolean", "1"), ["Alpha"]),
    (compared("Geq", "Due", "DateTime", "2026-02-01"), ["Gamma"]),
    (compared("Eq", "ID", "Counter", "2"), ["beta"]),
    ("<IsNull><FieldRef Name='Score'/></IsNull>", ["Gamma"]),
    ("<IsNotNull><FieldRef Name='Due'/></IsNotNull>", ["Alpha", "Gamma"]),
    (
        "<In><FieldRef Name='Title'/><Values><Value>beta</Value><Value>Gamma</Value></Values></In>",
        ["beta", "Gamma"],
    ),
    (f"<And>{ALPHA}{compared('Eq', 'Score', 'Number', '5')}</And>", ["Alpha"]),
    (f"<Or>{ALPHA}{compared('Eq', 'Score', 'Number', '20')}</Or>", ["Alpha", "beta"]),
]


@pytest.mark.parametrize(("test", "titles"), TESTS)
def test_a_stream_and_getitems_answer_a_query_alike(helen, events, test, titles):
    view = where(f"<And>{test}{compared('Eq', 'FSObjType', 'Integer', '0')}</And>")
    rows = helen.post(f"{events}/RenderListDataAsStream", {"parameters": {"ViewXml": view}})["Row"]
    assert [row["Title"] for row in rows] == titles
    asked = {"query": {"ViewXml": view, "FolderServerRelativeUrl": "/sites/core/Lists/Events"}}
    found = helen.post(f"{events}/GetItems", asked)
    assert [row["Title"] for row in found["value"]] == titles


@pytest.mark.parametrize(
    "text", ["<View", "<View><Query><Where><Membership/></Where></Query></View>",
             "<!DOCTYPE x [<!ENTITY y 'z'>]><View>&y;</View>"],
)  # fmt: skip
def test_a_query_that_is_not_understood_is_refused(text):
    with pytest.raises(Refusal):
        read_view(text)


def test_a_query_for_a_column_nobody_has_is_refused(helen, events):
    view = where(compared("Eq", "Nonsense", "Text", "x"))
    helen.post(f"{events}/RenderListDataAsStream", {"parameters": {"ViewXml": view}}, 400)


def test_pages_of_a_stream_lead_on(helen, events):
    view = (
        "<View><Query><OrderBy><FieldRef Name='Title' Ascending='FALSE'/></OrderBy></Query>"
        "<RowLimit>2</RowLimit></View>"
    )
    asked, seen, address = {"parameters": {"ViewXml": view}}, [], ""
    while True:
        page = helen.post(f"{events}/RenderListDataAsStream{address}", asked)
        seen += [row["ID"] for row in page["Row"]]
        if "NextHref" not in page:
            break
        address = page["NextHref"]
    assert seen == ["3", "2", "1", "4"]


def test_a_page_reads_no_further_than_it_must(helen, events, monkeypatch):
    read, dressed = [], stream.dressed

    def counted(ask, list_row, rows):
        read.append(list(rows))
        return dressed(ask, list_row, read[-1])

    monkeypatch.setattr(stream, "AT_ONCE", 2)
    monkeypatch.setattr(stream, "dressed", counted)
    asked = {"parameters": {"ViewXml": "<View><RowLimit>1</RowLimit></View>"}}
    seen, costs, address = [], [], ""
    while True:
        page = helen.post(f"{events}/RenderListDataAsStream{address}", asked)
        seen += [(row["ID"], page["FirstRow"]) for row in page["Row"]]
        costs.append(sum(map(len, read)))
        read.clear()
        if "NextHref" not in page:
            break
        address = page["NextHref"]

    assert seen == [("1", 1), ("2", 2), ("3", 3), ("4", 4)]
    assert max(costs) == 2
    found = helen.post(
        f"{events}/GetItems", {"query": {"ViewXml": "<View><RowLimit>1</RowLimit></View>"}}
    )
    assert len(found["value"]) == 1
    assert sum(map(len, read)) == 2


def test_the_address_filters_sorts_and_goes_into_folders(helen, events):
    path = f"{events}/RenderListDataAsStream"
    assert [row["ID"] for row in helen.post(f"{path}?FilterField1=ID&FilterValue1=2")["Row"]] == [
        "2"
    ]
    down = helen.post(f"{path}?SortField=ID&SortDir=Desc")["Row"]
    assert [row["ID"] for row in down] == ["4", "3", "2", "1"]
    inner = {"parameters": {"FolderServerRelativeUrl": "/sites/core/Lists/Events/Europe"}}
    assert [row["ID"] for row in helen.post(path, inner)["Row"]] == ["5"]
    deep = {"parameters": {"ViewXml": "<View Scope='RecursiveAll'/>"}}
    assert len(helen.post(path, deep)["Row"]) == 5


def test_a_row_is_text_and_a_person_an_object(helen, events):
    view = (
        "<View><ViewFields><FieldRef Name='Score'/><FieldRef Name='Live'/>"
        "<FieldRef Name='Who'/></ViewFields></View>"
    )
    rows = helen.post(f"{events}/RenderListDataAsStream", {"parameters": {"ViewXml": view}})["Row"]
    assert (rows[0]["Score"], rows[0]["Live"]) == ("5", "Yes")
    assert rows[0]["Who"][0]["title"] == "Helen Ward"
    assert "Title" not in rows[0]


def test_render_options_add_the_schema(helen, events):
    told = helen.post(f"{events}/RenderListDataAsStream", {"parameters": {"RenderOptions": 6}})
    assert {"Row", "FirstRow", "LastRow"} <= told["ListData"].keys()
    assert "Score" in {each["Name"] for each in told["ListSchema"]["Field"]}


def test_a_stream_shows_what_the_caller_may_see(rest, helen, events):
    helen.let(SAM, 1073741826)
    helen.post(f"{events}/items(2)/BreakRoleInheritance(false)")
    sam = Asking(rest, user(SAM))
    rows = sam.post(f"{events}/RenderListDataAsStream", {"parameters": {"RenderOptions": 2}})["Row"]
    assert [row["ID"] for row in rows] == ["1", "3", "4"]


def test_changes_since_a_token_are_the_changed_and_the_deleted(helen, events):
    path = f"{events}/GetListItemChangesSinceToken"
    first = helen.post(path, {"query": {"Query": ""}}).decode()
    assert first.count("<z:row ") == 5
    token = re.search('LastChangeToken="([^"]*)"', first)[1]
    helen.merge(f"{events}/items(1)", {"Title": "Alpha 2"})
    helen.delete(f"{events}/items(2)")
    later = helen.post(path, {"query": {"ChangeToken": token}}).decode()
    assert later.count("<z:row ") == 1
    assert 'ows_Title="Alpha 2"' in later
    assert '<Id ChangeType="Delete">2</Id>' in later


def test_values_as_text(helen, events):
    shown = helen.get(f"{events}/items(1)/FieldValuesAsText")
    assert (shown["Title"], shown["Score"], shown["Live"]) == ("Alpha", "5", "Yes")


def test_several_items_are_written_at_once(helen, events):
    asked = {"itemIds": [1, 2], "formValues": [{"FieldName": "Score", "FieldValue": "9"}]}
    told = helen.post(f"{events}/BulkValidateUpdateListItems", asked)["value"]
    assert [row["ItemId"] for row in told] == [1, 2]
    assert [helen.get(f"{events}/items({n})")["Score"] for n in (1, 2)] == [9, 9]
