"""List items: columns by type, filters, pages, eTags."""

from __future__ import annotations

import pytest

from local.tenant.store import lists, query
from tests.tenant.graph.graph_kit import COLUMNS, CORE, HELEN

PREFER = "HonorNonIndexedQueriesWarningMayFailRandomly"


@pytest.fixture
def registry(tenant):
    tenant.ask(
        "POST",
        f"{CORE}/lists",
        {"displayName": "Registry", "list": {"template": "genericList"}, "columns": COLUMNS},
    )
    return f"{CORE}/lists/Registry"


def add(tenant, registry, **fields):
    return tenant.ask("POST", f"{registry}/items", {"fields": fields}).body


def test_a_new_item_comes_back_with_its_columns_and_an_etag(tenant, registry):
    made = add(
        tenant,
        registry,
        Title="Strategy",
        DocumentNumber="Gov-04",
        ReviewDate="2024-11-06",
        Score=4.0,
    )
    assert made["id"] == "1"
    assert made["eTag"].endswith(',1"')
    shown = {key: made["fields"][key] for key in ("Title", "DocumentNumber", "ReviewDate", "Score")}
    assert shown == {
        "Title": "Strategy",
        "DocumentNumber": "Gov-04",
        "ReviewDate": "2024-11-06T00:00:00Z",
        "Score": 4,
    }


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("Nonsense", "x"),
        ("Score", "many"),
        ("Score", 26),
        ("ControlStatus", "Odd"),
        ("ReviewDate", "06/11/2023"),
        ("Title", 7),
        ("Title", "x" * 256),
        ("OwnerLookupId", "Helen"),
        ("Created", "2020-01-01"),
    ],
)
def test_a_value_that_does_not_fit_its_column_is_400_and_nothing_is_written(
    tenant, registry, column, value
):
    made = add(tenant, registry, Title="a")
    tenant.refused(
        400, "PATCH", f"{registry}/items/1/fields", {"DocumentNumber": "Gov-01", column: value}
    )
    assert tenant.get(f"{registry}/items/1")["eTag"] == made["eTag"]


def test_null_clears_a_column(tenant, registry):
    add(tenant, registry, Title="a", Score=3)
    assert "Score" not in tenant.ask("PATCH", f"{registry}/items/1/fields", {"Score": None}).body


def test_people_are_numbers_of_the_site(tenant, registry):
    made = add(tenant, registry, Title="a")
    number = made["fields"]["AuthorLookupId"]
    done = tenant.ask("PATCH", f"{registry}/items/1/fields", {"OwnerLookupId": number}).body
    assert done["OwnerLookupId"] == number
    assert made["createdBy"]["user"]["id"] == HELEN


def test_if_match_guards_the_columns(tenant, registry):
    made = add(tenant, registry, Title="a")
    tenant.ask("PATCH", f"{registry}/items/1/fields", {"Score": 2}, if_match=made["eTag"])
    tenant.refused(412, "PATCH", f"{registry}/items/1/fields", {"Score": 3}, if_match=made["eTag"])


def test_select_and_expand_choose_what_is_shown(tenant, registry):
    add(tenant, registry, Title="a", Score=2)
    assert "fields" not in tenant.get(f"{registry}/items/1")
    body = tenant.get(f"{registry}/items/1?$select=id&$expand=fields($select=Score)")
    assert {key: value for key, value in body["fields"].items() if "@" not in key} == {
        "id": "1",
        "Score": 2,
    }
    assert {key for key in body if "@" not in key} == {"id", "fields"}
    assert tenant.get(f"{registry}/items/1/fields?$select=Title")["Title"] == "a"


@pytest.mark.parametrize(
    ("clause", "found"),
    [
        ("fields/DocumentNumber eq 'Gov-01'", ["1"]),
        ("fields/DocumentNumber ne 'Gov-01'", ["2", "3"]),
        ("startswith(fields/DocumentNumber,'Gov')", ["1", "2"]),
        ("fields/Score gt 2", ["2", "3"]),
        ("fields/Score ge 2 and fields/Score lt 5", ["1", "2"]),
        ("fields/Title eq 'it''s' or fields/DocumentNumber eq 'ToR-03'", ["1", "3"]),
        ("not (fields/Score eq 2)", ["2", "3"]),
        ("fields/ControlStatus eq null", ["1", "2", "3"]),
        ("id eq 2", ["2"]),
    ],
)
def test_filters_find_the_same_as_reading_all(tenant, registry, clause, found):
    for number, (name, score) in enumerate((("Gov-01", 2), ("Gov-02", 4), ("ToR-03", 9))):
        add(
            tenant, registry, DocumentNumber=name, Score=score, Title="it's" if number == 0 else "b"
        )
    body = tenant.get(f"{registry}/items?$filter={clause}", Prefer=PREFER)
    assert [entry["id"] for entry in body["value"]] == found


@pytest.mark.parametrize(
    "clause",
    ["fields/Title", "fields/Title eq", "Title like 'x'", "fields/Nope eq 1", "(id eq 1"],
)
def test_a_filter_that_is_not_understood_is_400(tenant, registry, clause):
    tenant.refused(400, "GET", f"{registry}/items?$filter={clause}", Prefer=PREFER)


def test_an_unindexed_column_is_searched_only_on_demand_and_never_past_the_threshold(
    tenant, registry
):
    add(tenant, registry, Title="a", DocumentNumber="Gov-01")
    by_number, by_title = (
        f"{registry}/items?$filter=fields/{name}"
        for name in ("DocumentNumber eq 'Gov-01'", "Title eq 'a'")
    )
    assert tenant.get(by_number)["value"]
    tenant.refused(400, "GET", by_title)
    assert tenant.get(by_title, Prefer=PREFER)["value"]
    tenant.store.run("UPDATE lists SET item_count=5001")
    assert tenant.refused(500, "GET", by_title, Prefer=PREFER).hresult == -2147024860
    assert tenant.get(by_number)["value"]


def test_an_indexed_column_is_searched_by_its_index(tenant, registry):
    row = lists.by_id(tenant.store, tenant.get(registry)["id"])
    clause = query.Parser(tenant.store, row, "").parse("fields/DocumentNumber eq 'Gov-01'")
    plan = tenant.store.all(
        f"EXPLAIN QUERY PLAN SELECT * FROM items WHERE list_id=? AND state=0{clause.sql}",  # noqa: S608 - our own clause
        row["id"],
        *clause.values,
    )
    assert "items_having_DocumentNumber" in plan[0]["detail"]


@pytest.mark.parametrize("order", ["", "&$orderby=fields/DocumentNumber desc"])
def test_pages_hold_every_item_once(tenant, registry, order):
    for number in range(7):
        add(tenant, registry, DocumentNumber=f"Gov-0{number}")
    url, seen = f"{registry}/items?$top=3{order}", []
    while url:
        page = tenant.get(url)
        seen += [entry["id"] for entry in page["value"]]
        url = page.get("@odata.nextLink")
    assert sorted(seen) == [str(number) for number in range(1, 8)]
    assert (seen[0] == "7") == bool(order)


def test_a_unique_column_takes_no_value_twice(tenant, registry):
    unique = {"name": "Key", "text": {}, "indexed": True, "enforceUniqueValues": True}
    tenant.ask("POST", f"{registry}/columns", unique)
    add(tenant, registry, Key="A")
    refusal = tenant.refused(400, "POST", f"{registry}/items", {"fields": {"Key": "A"}})
    assert refusal.hresult == -2130575169
    second = add(tenant, registry, Key="B")["id"]
    tenant.refused(400, "PATCH", f"{registry}/items/{second}/fields", {"Key": "A"})
    tenant.ask("PATCH", f"{registry}/items/1/fields", {"Key": "A"})


def test_a_default_value_is_what_a_new_item_starts_with(tenant, registry):
    tenant.ask(
        "POST",
        f"{registry}/columns",
        {"name": "Mode", "text": {}, "defaultValue": {"value": "warn"}},
    )
    assert add(tenant, registry, Title="a")["fields"]["Mode"] == "warn"


def test_files_are_not_made_as_list_items(tenant):
    tenant.library("L")
    tenant.refused(400, "POST", f"{CORE}/lists/L/items", {"fields": {"FileLeafRef": "a.txt"}})


def test_a_renaming_column_write_renames_the_file(tenant):
    library = tenant.library("L")
    tenant.upload(library, "a.txt")
    tenant.ask("PATCH", f"{tenant.item_of(library, 'a.txt')}/fields", {"FileLeafRef": "b.txt"})
    assert tenant.get(f"{library}/drive/root:/b.txt")["name"] == "b.txt"


def test_costs_are_the_documented_units(tenant, registry):
    add(tenant, registry, Title="a")
    for units, method, url in (
        (1, "GET", f"{registry}/items/1"),
        (2, "GET", f"{registry}/items"),
        (1, "GET", f"{registry}/items/1/fields"),
        (2, "GET", f"{registry}/items/delta"),
        (1, "GET", f"{registry}/items/delta?token=latest"),
        (2, "DELETE", f"{registry}/items/1"),
    ):
        tenant.ask(method, url)
        assert tenant.spent == units, url


def test_numbers_of_deleted_items_are_not_used_again(tenant, registry):
    add(tenant, registry, Title="a")
    tenant.ask("DELETE", f"{registry}/items/1")
    assert add(tenant, registry, Title="b")["id"] == "2"
    assert lists.by_id(tenant.store, tenant.get(registry)["id"])["item_count"] == 1
