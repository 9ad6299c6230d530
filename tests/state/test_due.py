"""Promised dates: promised once, kept until the finding is gone, brought up when they come."""

from datetime import timedelta

from sync.state.claims import Claim, claim
from sync.state.due import clear_due, overdue, promises, set_due, take_due
from tests.state.conftest import NOW

WEEK = NOW + timedelta(days=7)


async def test_a_promised_date_stands(state):
    async with state.begin() as tx:
        assert await set_due(tx, "L1", "1", "naming", WEEK) == WEEK
        assert await set_due(tx, "L1", "1", "naming", NOW) == WEEK
        assert await set_due(tx, "L1", "1", "review_date", NOW) == NOW
        assert await promises(tx, "L1", "1") == {"naming": WEEK, "review_date": NOW}


async def test_a_date_that_comes_opens_work_once(state):
    async with state.begin() as tx:
        await set_due(tx, "L1", "1", "naming", WEEK)
        await set_due(tx, "L1", "1", "review_date", WEEK)
        await set_due(tx, "L1", "2", "naming", WEEK + timedelta(seconds=1))
        assert await take_due(tx, WEEK - timedelta(seconds=1)) == []
        assert await take_due(tx, WEEK) == [("L1", "1")]
        assert await take_due(tx, WEEK) == []
        [row] = await claim(tx, Claim(owner="w", now=WEEK, seconds=60))
        assert (row.item_id, row.kind, row.change) == ("1", "due", None)
        assert await overdue(tx, "L1", "1", WEEK) == {"naming", "review_date"}
        assert await overdue(tx, "L1", "2", WEEK) == frozenset()


async def test_a_promise_ends_with_its_finding(state):
    async with state.begin() as tx:
        for policy in ("naming", "review_date", "version_label"):
            await set_due(tx, "L1", "1", policy, WEEK)
        await clear_due(tx, "L1", "1", "naming")
        assert set(await promises(tx, "L1", "1")) == {"review_date", "version_label"}
        await clear_due(tx, "L1", "1")
        assert await promises(tx, "L1", "1") == {}
