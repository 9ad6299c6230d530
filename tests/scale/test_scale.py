"""The simulation behind docs/scale.md: nothing vanishes in it, and more never makes it slower."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.scale import BANDS, DOCUMENTS, HOUR, Scenario, simulate

IMPORT = Scenario("an import", changes=300, bulk=3_000, days=1, bulk_for=HOUR / 4)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2_000), st.integers(0, 40_000), st.integers(1, 4), st.integers(0, 99))
def test_what_arrived_is_done_or_waits(changes, bulk, instances, seed):
    scenario = Scenario("any", changes=changes, bulk=bulk, days=1)
    out = simulate(BANDS[0], scenario, instances, seed=seed)
    assert out.arrived == pytest.approx(changes + bulk)
    assert out.done + out.backlog == pytest.approx(out.arrived)


def test_no_day_spends_more_than_its_budget():
    scenario = Scenario("too much", bulk=DOCUMENTS // 2, bulk_from=0, days=1)
    out = simulate(BANDS[0], scenario, 9)
    assert out.units <= 0.95 * 960 * BANDS[0].minute
    assert out.backlog > 0
    assert "units a day" in out.limited


def test_the_same_seed_gives_the_same_run():
    assert simulate(BANDS[0], IMPORT, 1) == simulate(BANDS[0], IMPORT, 1)


def test_a_higher_band_is_never_slower():
    ends = [simulate(band, IMPORT, 3).bulk_done for band in BANDS]
    assert ends == sorted(ends, reverse=True)


def test_more_instances_are_never_slower():
    ends = [simulate(BANDS[4], IMPORT, count).bulk_done for count in (1, 2, 4, 8)]
    assert ends == sorted(ends, reverse=True)
