"""The risk register as a 5 by 5 map: cells, bands, what is left out, and how risks moved."""

from __future__ import annotations

from datetime import date, timedelta

import azure.functions as func
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions import reported
from sharepoint_schema.standard import load_standard
from sync import heat
from sync.callers import Caller, NotEntitled, Role
from sync.heat import Risk, Seen
from sync.sig_records import Invalid
from tests import tenant_kit as kit
from tests.registers.kit import add, edit, let_pass, number_of

BANDS = load_standard().bands
TODAY, THEN = date(2026, 11, 24), date(2026, 10, 24)
READER = Caller("oid-1", "Rita Reader", frozenset({Role.READER}))
CELLS = st.tuples(st.integers(1, 5), st.integers(1, 5))


def seen(key, at, before=None, *, is_open=True, was_open=None):
    risk = Risk(key, key, "core", "", at, before)
    return Seen(risk, is_open, before is not None if was_open is None else was_open)


def test_every_cell_is_there_with_the_standards_band_and_colour():
    drawn = heat.drawn(BANDS, [], TODAY, THEN)
    assert [(one.likelihood, one.impact) for one in drawn.cells[:6]] == [
        *((5, impact) for impact in range(1, 6)),
        (4, 1),
    ]
    by_score = {one.likelihood * one.impact: one.band.colour for one in drawn.cells}
    assert by_score == {
        **dict.fromkeys((1, 2, 3), "green"),
        **dict.fromkeys((4, 5, 6), "yellow"),
        **dict.fromkeys((8, 9, 10, 12), "amber"),
        **dict.fromkeys((15, 16, 20, 25), "red"),
    }


@pytest.mark.parametrize(
    ("at", "before", "move"),
    [
        ((3, 5), (2, 3), "worse"),
        ((1, 2), (2, 3), "better"),
        ((3, 2), (2, 3), "same"),
        ((3, 2), None, "new"),
    ],
)
def test_a_risk_moves_by_its_score(at, before, move):
    assert seen("a", at, before).risk.move == move


def test_a_closed_risk_is_left_out_and_counted_among_those_that_left():
    rows = [
        seen("a", (5, 5), (5, 5), is_open=False),
        seen("b", (1, 1), is_open=False),
        seen("c", (2, 2)),
        seen("d", None),
    ]
    drawn = heat.drawn(BANDS, rows, TODAY, THEN)
    assert [one.key for cell in drawn.cells for one in cell.risks] == ["c"]
    assert drawn.left == 1
    assert [one.key for one in drawn.unscored] == ["d"]
    assert {one.band.name: (one.now, one.before) for one in drawn.totals} == {
        "Low": (0, 0),
        "Moderate": (1, 0),
        "High": (0, 0),
        "Extreme": (0, 1),
    }


@given(st.lists(st.tuples(CELLS | st.none(), CELLS | st.none(), st.booleans())))
def test_every_open_risk_stands_in_one_place_and_the_totals_add_up(told):
    rows = [
        seen(str(n), at, before, is_open=is_open) for n, (at, before, is_open) in enumerate(told)
    ]
    drawn = heat.drawn(BANDS, rows, TODAY, THEN)
    placed = [one.key for cell in drawn.cells for one in cell.risks]
    still = [one.risk.key for one in rows if one.is_open]
    assert sorted(placed + [one.key for one in drawn.unscored]) == sorted(still)
    assert sum(one.now for one in drawn.totals) == len(placed)
    assert sum(one.before for one in drawn.totals) == sum(one.was_open for one in rows)


@pytest.mark.parametrize(
    "columns",
    [{}, {"Likelihood": "3"}, {"Likelihood": "0", "Impact": "3"},
     {"Likelihood": "6", "Impact": "1"}, {"Likelihood": "2.5", "Impact": "1"},
     {"Likelihood": "x", "Impact": "1"}],
)  # fmt: skip
def test_what_is_not_scored_from_1_to_5_is_in_no_cell(columns):
    assert heat.at(columns) is None


def asked(**params: str) -> func.HttpRequest:
    return func.HttpRequest(method="GET", url="/api/heat-map", params=params, body=b"")


async def test_the_api_shows_where_risks_stand_and_how_they_moved_since_a_day(desk):
    fields = {
        "RiskDescription": "The only scanner is old",
        "RiskOwnerLookupId": number_of(desk, kit.SAM),
        "DateRaised": desk.service.today().isoformat(),
    }
    worse = await add(desk, "risks", Title="Scanner", Likelihood=2, Impact=3, **fields)
    gone = await add(desk, "risks", Title="Mended", Likelihood=1, Impact=1, **fields)
    since = desk.service.today()
    await let_pass(desk, "risks", since + timedelta(days=2))
    await edit(desk, "risks", worse, Likelihood=5)
    await edit(desk, "risks", gone, RiskStatus="Closed")
    await add(desk, "risks", Title="Staffing", Likelihood=3, Impact=3, **fields)

    answer = await reported.heat_map(desk.service, READER, asked(since=since.isoformat()))
    there = {one["title"]: (cell["score"], cell["colour"], one["move"])
             for cell in answer.body["cells"] for one in cell["risks"]}  # fmt: skip
    assert there == {"Scanner": (15, "red", "worse"), "Staffing": (9, "amber", "new")}
    assert answer.body["left"] == 1
    [scanner] = [one for cell in answer.body["cells"] for one in cell["risks"]
                 if one["title"] == "Scanner"]  # fmt: skip
    assert scanner["before"] == {"likelihood": 2, "impact": 3}
    assert scanner["link"].endswith(f"/Lists/RiskRegister/DispForm.aspx?ID={worse}")
    assert not any(
        cell["risks"]
        for cell in (await reported.heat_map(desk.service, READER, asked(site="neb"))).body["cells"]
    )


@pytest.mark.parametrize("since", ["soon", "2027-99-01", "31/12/2199"])
async def test_a_day_that_is_none_or_to_come_is_refused(desk, since):
    with pytest.raises(Invalid):
        await reported.heat_map(desk.service, READER, asked(since=since))


async def test_somebody_without_a_role_sees_no_map(desk):
    with pytest.raises(NotEntitled):
        await reported.heat_map(desk.service, Caller("x", "X", frozenset()), asked())
