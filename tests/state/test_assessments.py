"""Which equality impact assessment of a number counts."""

from datetime import date

from sync.state.assessments import (
    Assessment,
    drop_assessment,
    get_assessment,
    latest,
    put_assessment,
)
from tests.state.conftest import NOW


def row(item_id, on, missing=(), number="Gov-12"):
    return Assessment(
        list_id="L1",
        item_id=item_id,
        number=number,
        assessed_on=on,
        missing=list(missing),
        seen_at=NOW,
    )


async def test_the_latest_complete_one_counts_before_a_newer_incomplete_one(state):
    async with state.begin() as tx:
        assert await latest(tx, "Gov-12") is None
        for one in (
            row("1", date(2025, 3, 1)),
            row("2", date(2026, 3, 1)),
            row("3", date(2026, 9, 1), ["race"]),
            row("4", date(2026, 10, 1), number="Gov-13"),
        ):
            await put_assessment(tx, one)
        assert await latest(tx, "Gov-12") == row("2", date(2026, 3, 1))


async def test_an_incomplete_one_counts_where_there_is_no_other(state):
    async with state.begin() as tx:
        await put_assessment(tx, row("1", None, ["age"]))
        await put_assessment(tx, row("2", date(2026, 1, 1), ["race"]))
        assert await latest(tx, "Gov-12") == row("2", date(2026, 1, 1), ["race"])


async def test_a_row_says_what_its_list_last_said_and_goes_with_it(state):
    async with state.begin() as tx:
        await put_assessment(tx, row("1", None, ["age"]))
        await put_assessment(tx, row("1", date(2026, 1, 1)))
        assert await get_assessment(tx, "L1", "1") == row("1", date(2026, 1, 1))
        await drop_assessment(tx, "L1", "1")
        assert await get_assessment(tx, "L1", "1") is None
