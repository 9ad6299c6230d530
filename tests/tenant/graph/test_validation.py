"""Validation formulas of columns and lists, held on each of Graph's ways to write."""

from __future__ import annotations

import pytest

from local.tenant.store import lists
from tests.tenant.graph.graph_kit import CORE
from tests.tenant.graph.test_calculated import RISKS, calculated

SCORE = (
    "=OR(ISBLANK([Likelihood]),ISBLANK([Impact]),ISBLANK([Score]),[Score]=[Likelihood]*[Impact])"
)


@pytest.fixture
def risks(tenant):
    rule = {"formula": "=[Reach]>=0", "descriptions": [{"displayName": "Not below nothing"}]}
    columns = [
        *RISKS,
        {"name": "Score", "number": {}},
        {"name": "Reach", "number": {}, "validation": rule},
        {"name": "Code", "text": {}, "indexed": True, "enforceUniqueValues": True},
    ]
    body = {"displayName": "Risks", "list": {"template": "genericList"}, "columns": columns}
    made = tenant.ask("POST", f"{CORE}/lists", body).body
    told = {"ValidationFormula": SCORE, "ValidationMessage": "Score is likelihood times impact"}
    lists.update(tenant.store, lists.by_id(tenant.store, made["id"]), told)
    return f"{CORE}/lists/{made['id']}"


GOOD = {"Title": "Fire", "Likelihood": 3, "Impact": 5, "Score": 15, "Reach": 2}


@pytest.mark.parametrize(
    ("wrong", "number"),
    [
        ({"Score": 11}, -2130575162),
        ({"Reach": -1}, -2130575163),
    ],
)
def test_what_a_rule_rejects_is_not_written_by_any_way(tenant, risks, wrong, number):
    made = tenant.ask("POST", f"{risks}/items", {"fields": GOOD}).body
    item = f"{risks}/items/{made['id']}"
    ways = (
        ("POST", f"{risks}/items", {"fields": GOOD | wrong}),
        ("PATCH", item, {"fields": wrong}),
        ("PATCH", f"{item}/fields", wrong),
    )
    for method, url, body in ways:
        refused = tenant.refused(400, method, url, body)
        assert (refused.hresult, refused.message) == (number, "List data validation failed.")
    assert len(tenant.get(f"{risks}/items")["value"]) == 1
    assert tenant.get(f"{item}/fields")["Score"] == 15


def test_a_blank_row_passes_where_the_rule_allows_blanks(tenant, risks):
    made = tenant.ask("POST", f"{risks}/items", {"fields": {"Title": "Flood"}})
    assert made.status == 201


def test_a_rule_sees_calculated_columns(tenant, risks):
    tenant.ask("POST", f"{risks}/columns", calculated("Sum", "=[Likelihood]+[Impact]"))
    row = lists.by_id(tenant.store, risks.rpartition("/")[2])
    lists.update(tenant.store, row, {"ValidationFormula": "=[Sum]<9"})
    tenant.refused(400, "POST", f"{risks}/items", {"fields": GOOD | {"Impact": 9}})
    tenant.ask("POST", f"{risks}/items", {"fields": GOOD})


def test_unique_values_are_kept_by_every_way(tenant, risks):
    tenant.ask("POST", f"{risks}/items", {"fields": GOOD | {"Code": "A"}})
    other = tenant.ask("POST", f"{risks}/items", {"fields": GOOD | {"Code": "B"}}).body["id"]
    item = f"{risks}/items/{other}"
    for method, url, body in (
        ("POST", f"{risks}/items", {"fields": GOOD | {"Code": "a"}}),
        ("PATCH", item, {"fields": {"Code": "A"}}),
        ("PATCH", f"{item}/fields", {"Code": "A"}),
    ):
        assert tenant.refused(400, method, url, body).hresult == -2130575169


@pytest.mark.parametrize(
    ("formula", "says"),
    [
        ("=[Reach]>[Impact]", "cannot refer to another column"),
        ("=[Reach]>", "syntax error"),
    ],
)
def test_a_column_is_judged_by_itself_alone(tenant, risks, formula, says):
    sent = {"validation": {"formula": formula}}
    assert says in tenant.refused(400, "PATCH", f"{risks}/columns/Reach", sent).message


def test_a_note_cannot_be_judged(tenant, risks):
    sent = {"validation": {"formula": "=LEN([Notes])>1"}}
    refused = tenant.refused(400, "PATCH", f"{risks}/columns/Notes", sent)
    assert "data type that is not supported" in refused.message


def test_an_upload_is_let_in_and_check_in_and_publication_are_judged(tenant):
    library = tenant.library(EnableMinorVersions=True, ValidationFormula="=LEN([VersionLabel])>0")
    tenant.upload(library, "a.txt")
    drive = f"{library}/drive/root:/a.txt:"
    file = f"{library}/drive/items/{tenant.get(drive.removesuffix(':'))['id']}"
    tenant.ask("POST", f"{file}/checkout")
    assert tenant.refused(400, "POST", f"{file}/checkin", {"comment": "x"}).hresult == -2130575162
    item = tenant.item_of(library, "a.txt")
    tenant.ask("PATCH", f"{item}/fields", {"VersionLabel": "V0.1"})
    assert tenant.ask("POST", f"{file}/checkin", {"comment": "x"}).status == 204
