"""Reports count what is kept apart, and neither name nor quote it."""

import json
from dataclasses import replace

import pytest

from cli import findings
from sync import audit
from sync.state import items, lists


@pytest.fixture
async def kept(staff):
    """A file of the restricted library as reports see it; staff, its list and its row."""
    desk = staff.desk
    item = staff.put("restricted")
    await desk.settle("restricted")
    list_id = staff.lists["restricted"]
    async with desk.service.state.read() as tx:
        row = await items.get_item(tx, list_id, staff.number(item))
        return desk.service, await lists.get_list(tx, list_id), row


async def test_an_audit_counts_restricted_files_and_does_not_name_them(kept):
    service, where, row = kept
    told = [one async for one in audit.report(service, audit.Audit((where,), 0))]
    assert row.name.startswith("paper")
    assert told
    assert {one.file for one in told} == {""}
    assert {says for one in told for _, says in one.findings} <= {""}


@pytest.mark.parametrize(("area", "named"), [("restricted", False), ("working", True)])
async def test_findings_names_and_quotes_files_of_open_places_only(kept, staff, area, named):
    service, _, row = kept
    said = {
        "policy": "file_name",
        "says": f"It is called {row.name}.",
        "severity": "fix",
        "status": "Needs you",
    }
    verdict = {"findings": [said], "observed": []}
    place = await service.place(staff.lists[area])
    told = findings._told(place, replace(row, verdict=verdict))  # noqa: SLF001 - what the command prints
    assert (row.name in json.dumps(told)) is named
    assert told["findings"][0]["policy"] == "file_name"
    assert findings._words(told["findings"][0])[0] == "file_name"  # noqa: SLF001 - as above
