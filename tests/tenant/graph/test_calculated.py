"""Calculated columns and default formulas, as Graph's clients meet them."""

from __future__ import annotations

from typing import Any

import pytest

from local.tenant.store import lists
from local.tenant.store.bulk import Many, fill
from tests.tenant.graph.graph_kit import CORE

RISKS = [
    {"name": "Likelihood", "number": {}},
    {"name": "Impact", "number": {}},
    {"name": "DateRaised", "displayName": "Raised", "dateTime": {"format": "dateOnly"}},
    {"name": "Open", "boolean": {}},
    {"name": "Programme", "text": {}},
    {"name": "Notes", "text": {"allowMultipleLines": True}},
    {"name": "Owner", "personOrGroup": {}},
]


def calculated(name: str, formula: str, output: str = "number", **more: Any) -> dict[str, Any]:
    return {"name": name, "calculated": {"formula": formula, "outputType": output, **more}}


@pytest.fixture
def risks(tenant):
    body = {"displayName": "Risks", "list": {"template": "genericList"}, "columns": RISKS}
    return f"{CORE}/lists/{tenant.ask('POST', f'{CORE}/lists', body).body['id']}"


def add(tenant, risks: str, **fields: Any) -> str:
    made = tenant.ask("POST", f"{risks}/items", {"fields": {"Title": "Fire", **fields}})
    return f"{risks}/items/{made.body['id']}"


def fields(tenant, item: str) -> dict[str, Any]:
    return tenant.get(f"{item}/fields")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (calculated("Score", "=[Likelihood]*[Impact]"), 15),
        (calculated("Half", "=Impact/2", "currency"), 2.5),
        (calculated("Band", '=IF([Likelihood]*[Impact]>=15,"Red","Amber")', "text"), "Red"),
        (calculated("Due", "=[Raised]+30", "dateTime"), "2026-12-24T00:00:00Z"),
        (calculated("N", "=[Raised]+0.5", "dateTime", format="dateTime"), "2026-11-24T12:00:00Z"),
        (calculated("High", "=[Impact]>4", "boolean"), True),
        (calculated("Bad", "=[Impact]/0"), "#DIV/0!"),
        (calculated("Word", '="x"*1'), "#VALUE!"),
        (calculated("Said", '=[Title]&" "&[Impact]', "text"), "Fire 5"),
        (calculated("None", "=[Programme]", "dateTime"), "1899-12-30T00:00:00Z"),
        (calculated("Plain", "=[Impact]", ""), "5"),
    ],
)  # fmt: skip
def test_a_calculated_column_is_worked_out_for_old_rows_and_new(tenant, risks, column, value):
    given = {"Likelihood": 3, "Impact": 5, "DateRaised": "2026-11-24T00:00:00Z", "Open": True}
    old = add(tenant, risks, **given)
    made = tenant.ask("POST", f"{risks}/columns", column)
    assert made.status == 201
    assert made.body["readOnly"]
    new = add(tenant, risks, **given)
    assert [fields(tenant, item)[column["name"]] for item in (old, new)] == [value, value]


def test_every_write_works_it_out_again_and_delta_tells_it(tenant, risks):
    tenant.ask("POST", f"{risks}/columns", calculated("Score", "=[Likelihood]*[Impact]"))
    item = add(tenant, risks, Likelihood=1, Impact=1)
    tenant.ask("PATCH", f"{item}/fields", {"Impact": 4})
    assert fields(tenant, item)["Score"] == 4
    told = tenant.get(f"{risks}/items/delta?$expand=fields")["value"]
    assert [each["fields"]["Score"] for each in told] == [4]
    prefer = {"Prefer": "HonorNonIndexedQueriesWarningMayFailRandomly"}
    found = tenant.get(f"{risks}/items?$filter=fields/Score eq 4", **prefer)["value"]
    assert len(found) == 1


def test_one_calculated_column_may_feed_another_whatever_their_order(tenant, risks):
    tenant.ask("POST", f"{risks}/columns", calculated("Score", "=[Likelihood]*[Impact]"))
    tenant.ask("POST", f"{risks}/columns", calculated("Twice", "=[Score]*2"))
    item = add(tenant, risks, Likelihood=2, Impact=3)
    assert fields(tenant, item)["Twice"] == 12
    tenant.ask("PATCH", f"{risks}/columns/Score", {"calculated": {"formula": "=[Impact]"}})
    assert fields(tenant, item)["Twice"] == 6
    circle = {"calculated": {"formula": "=[Twice]"}}
    refused = tenant.refused(400, "PATCH", f"{risks}/columns/Score", circle)
    assert "circular" in refused.message


def test_a_calculated_column_takes_no_value(tenant, risks):
    tenant.ask("POST", f"{risks}/columns", calculated("Score", "=[Likelihood]*[Impact]"))
    item = add(tenant, risks, Likelihood=2, Impact=3)
    refused = tenant.refused(400, "PATCH", f"{item}/fields", {"Score": 25})
    assert "read-only" in refused.message
    tenant.refused(400, "POST", f"{risks}/items", {"fields": {"Title": "x", "Score": 25}})


@pytest.mark.parametrize(
    ("formula", "says"),
    [
        ("=[Impact]*", "syntax error"),
        ("=NOPE([Impact])", "syntax error"),
        ("", "syntax error"),
        ("=[No such column]", "column that does not exist"),
        ("=LEN([Notes])", "data type that is not supported in formulas"),
        ("=[Owner]", "data type that is not supported in formulas"),
        ("=[Raised]-[Today]", "volatile functions"),
        ('=IF([Me]="Helen",1,0)', "volatile functions"),
        ("=[Calc]+1", "circular reference"),
    ],
)
def test_what_sharepoint_does_not_calculate_is_refused_when_saved(tenant, risks, formula, says):
    column = calculated("Calc", formula)
    refused = tenant.refused(400, "POST", f"{risks}/columns", column)
    assert says in refused.message
    assert refused.rest_status == 500


def test_the_function_today_may_be_used_and_is_as_old_as_the_last_write(tenant, risks):
    tenant.ask("POST", f"{risks}/columns", calculated("Age", "=TODAY()-[Raised]"))
    day = tenant.store.now().strftime("%Y-%m-%dT00:00:00Z")
    item = add(tenant, risks, DateRaised=day)
    tenant.store.put("clock_offset", str(3 * 86_400))
    assert fields(tenant, item)["Age"] == 0
    tenant.ask("PATCH", f"{item}/fields", {"Impact": 1})
    assert fields(tenant, item)["Age"] == 3


def test_it_cannot_be_indexed(tenant, risks):
    column = {**calculated("Score", "=[Impact]"), "indexed": True}
    tenant.refused(400, "POST", f"{risks}/columns", column)


def test_files_have_them_from_their_upload_on(tenant):
    library = tenant.library()
    tenant.ask("POST", f"{library}/columns", calculated("Long", '=LEN([Name])&"!"', "text"))
    tenant.upload(library, "a.txt")
    item = tenant.item_of(library, "a.txt")
    assert fields(tenant, item)["Long"] == "5!"
    moved = tenant.get(f"{library}/drive/root:/a.txt")
    tenant.ask("PATCH", f"{library}/drive/items/{moved['id']}", {"name": "abc.txt"})
    assert fields(tenant, item)["Long"] == "7!"
    row = lists.by_id(tenant.store, library.rpartition("/")[2])
    fill(tenant.store, row, Many(2, name="bulk{n}.txt"), tenant.who)
    assert fields(tenant, tenant.item_of(library, "bulk2.txt"))["Long"] == "9!"


@pytest.mark.parametrize(
    ("column", "key", "value"),
    [
        ({"name": "D", "dateTime": {}, "defaultValue": {"formula": "=TODAY()"}}, "D", "day"),
        ({"name": "D", "dateTime": {}, "defaultValue": {"value": "[today]"}}, "D", "day"),
        ({"name": "D", "dateTime": {}, "defaultValue": {"formula": "=[Today]+1"}}, "D", "next"),
        ({"name": "D", "number": {}, "defaultValue": {"formula": "=2*3"}}, "D", 6),
        ({"name": "D", "text": {}, "defaultValue": {"formula": '="-"&[Me]'}}, "D", "-Helen Ward"),
        ({"name": "D", "boolean": {}, "defaultValue": {"value": "1"}}, "D", True),
        ({"name": "D", "number": {}, "defaultValue": {"formula": "=1/0"}}, "D", None),
        (
            {"name": "D", "personOrGroup": {}, "defaultValue": {"formula": "=[Me]"}},
            "DLookupId", "me",
        ),
    ],
)  # fmt: skip
def test_a_default_may_be_a_formula(tenant, risks, column, key, value):
    tenant.ask("POST", f"{risks}/columns", column)
    found = fields(tenant, add(tenant, risks))
    days = {"day": 0, "next": 1}
    if value in days:
        day = tenant.store.now().toordinal() + days[value]
        value = type(tenant.store.now()).fromordinal(day).strftime("%Y-%m-%dT00:00:00Z")
    assert found.get(key) == (found["AuthorLookupId"] if value == "me" else value)


def test_a_default_formula_cannot_read_the_row(tenant, risks):
    column = {"name": "D", "number": {}, "defaultValue": {"formula": "=[Impact]"}}
    assert "another column" in tenant.refused(400, "POST", f"{risks}/columns", column).message
