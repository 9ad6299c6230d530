"""Cursors move only under a lease that is still held; hints are counted, never lost."""

from datetime import timedelta

import pytest

from sync.state import LeaseLost
from sync.state.leases import acquire, release, renew, require
from sync.state.lists import (
    all_lists,
    drop_cursor,
    find_area,
    get_list,
    note_hint,
    pause,
    register_list,
    set_cursor,
    set_drained,
    silent_since,
    undrained,
)
from tests.state.conftest import NOW, SITE, a_list

LATER = NOW + timedelta(seconds=61)


async def test_a_lease_is_held_by_one_until_it_lapses_or_is_released(state):
    async with state.begin() as tx:
        first = await acquire(tx, "L1", "one", NOW, 60)
        assert (first.fence, first.until) == (1, NOW + timedelta(seconds=60))
        assert await acquire(tx, "L1", "two", NOW, 60) is None
        assert (await acquire(tx, "L2", "two", NOW, 60)).fence == 1
        second = await acquire(tx, "L1", "two", LATER, 60)
        assert second.fence == 2
        await release(tx, second)
        assert (await acquire(tx, "L1", "three", LATER, 60)).fence == 3


async def test_a_lease_let_go_is_free_to_whoever_looked_at_the_clock_before(state):
    async with state.begin() as tx:
        held = await acquire(tx, "L1", "one", LATER, 60)
        await release(tx, held)
        assert (await acquire(tx, "L1", "two", NOW, 60)).fence == 2


async def test_a_stalled_holder_can_no_longer_write_the_cursor(state):
    async with state.begin() as tx:
        stalled = await acquire(tx, "L1", "one", NOW, 60)
        await set_cursor(tx, stalled, "delta-1")
    async with state.begin() as tx:
        taken = await acquire(tx, "L1", "two", LATER, 60)
        await set_cursor(tx, taken, "delta-2")
    for write in (
        lambda tx: set_cursor(tx, stalled, "delta-0"),
        lambda tx: drop_cursor(tx, stalled),
        lambda tx: set_drained(tx, stalled, 9, LATER),
        lambda tx: renew(tx, stalled, LATER, 60),
        lambda tx: require(tx, stalled),
    ):
        with pytest.raises(LeaseLost, match="taken over"):
            async with state.begin() as tx:
                await write(tx)
    async with state.begin() as tx:
        await release(tx, stalled)  # and letting go of what is another's changes nothing
        await require(tx, taken)
        assert (await get_list(tx, "L1")).cursor == "delta-2"


async def test_a_renewed_lease_is_held_for_longer(state):
    async with state.begin() as tx:
        lease = await acquire(tx, "L1", "one", NOW, 60)
        renewed = await renew(tx, lease, NOW + timedelta(seconds=50), 60)
        assert await acquire(tx, "L1", "two", LATER, 60) is None
        assert renewed.fence == lease.fence
        await require(tx, lease)


async def test_a_lapsed_lease_that_nobody_took_still_writes(state):
    async with state.begin() as tx:
        lease = await acquire(tx, "L1", "one", NOW, 0)
        await set_cursor(tx, lease, "delta-1")
        assert (await get_list(tx, "L1")).cursor == "delta-1"


async def test_a_hint_that_comes_during_a_drain_asks_for_another(state):
    async with state.begin() as tx:
        assert await note_hint(tx, "unknown", NOW) is None
        seen = await note_hint(tx, "L1", NOW)
        assert await undrained(tx) == ["L1"]
        lease = await acquire(tx, "L1", "one", NOW, 60)
        latest = await note_hint(tx, "L1", LATER)
        assert await set_drained(tx, lease, seen, LATER) is True
        assert await undrained(tx) == ["L1"]
        assert await set_drained(tx, lease, latest, LATER) is False
        assert await undrained(tx) == []


async def test_registering_again_keeps_the_feed_position_and_the_pause(state):
    async with state.begin() as tx:
        lease = await acquire(tx, "L1", "one", NOW, 60)
        await set_cursor(tx, lease, "delta-1")
        assert await pause(tx, paused=True, site_id=SITE) == 2
        await register_list(tx, a_list("L1", title="Renamed"))
        row = await get_list(tx, "L1")
    assert (row.title, row.cursor, row.paused) == ("Renamed", "delta-1", True)


async def test_a_dead_cursor_is_forgotten_and_counted(state):
    async with state.begin() as tx:
        lease = await acquire(tx, "L1", "one", NOW, 60)
        await set_cursor(tx, lease, "delta-1")
        await drop_cursor(tx, lease)
        row = await get_list(tx, "L1")
    assert (row.cursor, row.cursor_generation) == (None, 1)


async def test_lists_are_found_by_site_area_and_whether_they_are_policed(state):
    async with state.begin() as tx:
        await register_list(tx, a_list("L3", site_id="other", area="registry", policed=False))
        assert [row.id for row in await all_lists(tx)] == ["L1", "L2", "L3"]
        assert [row.id for row in await all_lists(tx, site_id=SITE)] == ["L1", "L2"]
        assert [row.id for row in await all_lists(tx, policed=False)] == ["L3"]
        assert (await find_area(tx, SITE, "quarantine")).id == "L2"
        assert await find_area(tx, "other", "quarantine") is None
        assert await silent_since(tx, NOW) == ["L1", "L2"]
        assert await pause(tx, paused=True) == 3
