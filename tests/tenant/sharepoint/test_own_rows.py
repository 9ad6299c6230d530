"""ReadSecurity and WriteSecurity by `_api`: set by MERGE, held on every way to a row."""

import pytest

from tests.tenant.sharepoint.asking import Asking
from tests.tenant.sharepoint.rest_kit import IRIS, SAM, user

CONTRIBUTE = 1073741827
VIEW = {"parameters": {"RenderOptions": 2, "ViewXml": "<View/>"}}
QUERY = {"query": {"ViewXml": "<View/>"}}


@pytest.fixture(name="helen")
def _helen(rest):
    return Asking(rest)


@pytest.fixture(name="intake")
def _intake(helen):
    """A list of rows each of its own, with one of Sam's; returns its address."""
    address = helen.list()
    helen.merge(address, {"ReadSecurity": 2, "WriteSecurity": 2})
    for one in (SAM, IRIS):
        helen.let(one, CONTRIBUTE)
    Asking(helen.rest, user(SAM)).post(f"{address}/items", {"Title": "Sam's"}, 201)
    return address


def found(asking, address):
    """Return the numbers of rows that somebody finds, by every way to list them."""
    ways = [
        asking.get(f"{address}/items")["value"],
        asking.post(f"{address}/GetItems", QUERY)["value"],
        asking.post(f"{address}/RenderListDataAsStream", VIEW)["Row"],
    ]
    numbers = [[int(row.get("Id") or row["ID"]) for row in rows] for rows in ways]
    assert numbers[0] == numbers[1] == numbers[2]
    return numbers[0]


def test_the_settings_are_told_as_they_were_set(helen, intake):
    told = helen.get(f"{intake}?$select=ReadSecurity,WriteSecurity")
    assert told == {"ReadSecurity": 2, "WriteSecurity": 2}


def test_only_who_made_a_row_and_the_owner_find_it(rest, helen, intake):
    assert found(Asking(rest, user(SAM)), intake) == found(helen, intake) == [1]
    iris = Asking(rest, user(IRIS))
    assert found(iris, intake) == []
    for way in ("", "/Versions", "/AttachmentFiles", "/FieldValuesAsText", "/Author"):
        iris.get(f"{intake}/items(1){way}", 404)


def test_only_who_made_a_row_and_the_owner_change_it(rest, helen, intake):
    iris, sam = Asking(rest, user(IRIS)), Asking(rest, user(SAM))
    iris.merge(f"{intake}/items(1)", {"Title": "Iris's"}, 404)
    iris.delete(f"{intake}/items(1)", 404)
    every = {"itemIds": [1], "formValues": [{"FieldName": "Title", "FieldValue": "Iris's"}]}
    iris.post(f"{intake}/BulkValidateUpdateListItems", every, 403)
    sam.merge(f"{intake}/items(1)", {"Title": "Sam's own"})
    helen.merge(f"{intake}/items(1)", {"Title": "Helen's"})
    assert sam.get(f"{intake}/items(1)?$select=Title") == {"Title": "Helen's"}
