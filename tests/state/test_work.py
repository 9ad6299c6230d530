"""Work rows: joined while open, claimed by one, closed by the look that saw the latest change."""

import asyncio
from datetime import timedelta

import pytest

from sync.state.backlog import (
    Counts,
    counts,
    drop,
    next_start,
    oldest,
    parked,
    ready_lists,
    replay,
)
from sync.state.claims import Claim, claim, close, extend, get_work, park, retry
from sync.state.lists import pause
from sync.state.work import Lane, NewWork, put
from tests.state.conftest import NOW, killed_at_its_end


def after(seconds):
    return NOW + timedelta(seconds=seconds)


def new(item_id="1", **values):
    return NewWork(**{"list_id": "L1", "item_id": item_id, "change": {"name": "a"}} | values)


async def take(tx, at=NOW, **wish):
    return await claim(tx, Claim(**{"owner": "w", "now": at, "seconds": 60} | wish))


async def test_a_row_is_put_claimed_and_closed(state):
    async with state.begin() as tx:
        await put(tx, [new(hint_at=after(-2))], NOW)
        [row] = await take(tx)
        assert (row.state, row.owner, row.attempts, row.fence) == ("leased", "w", 1, 1)
        assert (row.change, row.hint_at, row.first_seen_at) == ({"name": "a"}, after(-2), NOW)
        assert row.lease_until == after(60)
        assert await take(tx) == []
        assert await close(tx, row) is True
        assert await get_work(tx, "L1", "1") is None


async def test_putting_again_joins_the_open_row_and_the_last_facts_win(state):
    async with state.begin() as tx:
        await put(tx, [new(hint_at=NOW, lane=Lane.NORMAL)], NOW)
        await put(tx, [new(change={"name": "b"}, hint_at=after(9), lane=Lane.URGENT)], after(9))
        await put(tx, [new(change=None, kind="audit", lane=Lane.BACKGROUND)], after(10))
        row = await get_work(tx, "L1", "1")
    assert (row.change, row.generation, row.first_seen_at) == ({"name": "b"}, 3, NOW)
    assert (row.hint_at, row.lane, row.kind) == (NOW, Lane.URGENT, "audit")


async def test_rows_doubled_within_one_put_are_one_row(state):
    async with state.begin() as tx:
        await put(tx, [new(change={"n": 1}), new(change={"n": 2})], NOW)
        await put(tx, [], NOW)
        row = await get_work(tx, "L1", "1")
    assert (row.change, row.generation) == ({"n": 2}, 2)


@pytest.mark.parametrize(
    ("first", "then", "both"),
    [
        ("change", "change", "change"),
        ("change", "permission", "audit"),
        ("permission", "change", "audit"),
        ("due", "change", "change"),
        ("permission", "due", "permission"),
        ("audit", "due", "audit"),
        ("change", "audit", "audit"),
    ],
)
async def test_one_look_serves_both_askers(state, first, then, both):
    async with state.begin() as tx:
        await put(tx, [new(kind=first)], NOW)
        await put(tx, [new(kind=then)], NOW)
        assert (await get_work(tx, "L1", "1")).kind == both


async def test_a_row_that_changed_while_it_was_looked_at_is_not_closed_by_that_look(state):
    async with state.begin() as tx:
        await put(tx, [new()], NOW)
        [row] = await take(tx)
        await put(tx, [new(change={"name": "b"})], after(1))
        assert await take(tx, after(1)) == []  # still being looked at
        assert await close(tx, row) is False
        [again] = await take(tx, after(1))
        assert (again.change, again.attempts) == ({"name": "b"}, 1)
        assert await close(tx, again) is True


async def test_a_lapsed_look_can_be_taken_over_and_the_old_look_does_nothing(state):
    async with state.begin() as tx:
        await put(tx, [new()], NOW)
        [stalled] = await take(tx)
        [row] = await take(tx, after(60), owner="other")
        assert (row.fence, row.attempts) == (2, 2)
        assert await close(tx, stalled) is False
        assert await retry(tx, stalled, after(99), "late") is False
        assert await park(tx, stalled, "late") is False
        assert await extend(tx, stalled, after(60), 60) is False
        assert await get_work(tx, "L1", "1") == row
        assert await extend(tx, row, after(60), 600) is True
        assert await take(tx, after(500)) == []


async def test_a_retried_row_waits_for_its_moment_and_keeps_its_attempts(state):
    async with state.begin() as tx:
        await put(tx, [new()], NOW)
        [row] = await take(tx)
        assert await retry(tx, row, after(30), "locked") is True
        assert await take(tx, after(29)) == []
        assert await next_start(tx, NOW) == after(30)
        assert await ready_lists(tx, after(29)) == {}
        [again] = await take(tx, after(30))
        assert (again.attempts, again.reason, again.not_before) == (2, "locked", after(30))


async def test_a_change_cuts_the_wait_short(state):
    async with state.begin() as tx:
        await put(tx, [new()], NOW)
        [row] = await take(tx)
        await retry(tx, row, after(300), "locked")
        await put(tx, [new(kind="audit", change=None)], after(1))
        assert await take(tx, after(1)) == []
        await put(tx, [new()], after(2))
        assert len(await take(tx, after(2))) == 1


async def test_a_change_during_the_look_makes_retry_and_park_ready_at_once(state):
    async with state.begin() as tx:
        await put(tx, [new("1"), new("2")], NOW)
        one, two = await take(tx)
        await put(tx, [new("1"), new("2")], after(1))
        assert await retry(tx, one, after(300), "locked") is True
        assert await park(tx, two, "unreadable") is True
        assert [row.item_id for row in await take(tx, after(2))] == ["1", "2"]


async def test_a_parked_row_waits_for_a_person(state):
    async with state.begin() as tx:
        await put(tx, [new("1"), new("2", list_id="L2")], NOW)
        for row in await take(tx):
            assert await park(tx, row, "poison") is True
        assert await take(tx, after(10_000)) == []
        assert await counts(tx) == Counts(parked=2)
        assert await counts(tx, "L2") == Counts(parked=1)
        assert [(row.item_id, row.reason) for row in await parked(tx)] == [
            ("1", "poison"),
            ("2", "poison"),
        ]
        assert await replay(tx, "L1", "1") == 1
        [again] = await take(tx)
        assert (again.item_id, again.attempts, again.reason) == ("1", 1, None)
        assert await drop(tx, "L1", "1") is False  # it is being looked at
        assert await drop(tx, "L2", "2") is True
        assert await parked(tx, "L2") == []


async def test_a_parked_row_with_a_moment_comes_back_by_itself(state):
    async with state.begin() as tx:
        await put(tx, [new()], NOW)
        [row] = await take(tx)
        await park(tx, row, "0 bytes so far", after(20))
        assert await take(tx, after(19)) == []
        assert len(await take(tx, after(20))) == 1


@pytest.mark.parametrize(
    ("kind", "wakes"), [("change", True), ("permission", True), ("due", False), ("audit", False)]
)
async def test_only_a_change_or_a_permission_hint_wakes_a_parked_row(state, kind, wakes):
    async with state.begin() as tx:
        await put(tx, [new()], NOW)
        [row] = await take(tx)
        await park(tx, row, "poison")
        await put(tx, [new(kind=kind)], after(1))
        assert bool(await take(tx, after(1))) is wakes


async def test_urgent_goes_first_then_the_oldest(state):
    async with state.begin() as tx:
        await put(tx, [new("1", lane=Lane.BACKGROUND)], after(-9))
        await put(tx, [new("2")], NOW)
        await put(tx, [new("3")], after(-5))
        await put(tx, [new("4", lane=Lane.URGENT)], NOW)
        rows = await take(tx, limit=3)
        assert await oldest(tx) == after(-9)
    assert [row.item_id for row in rows] == ["4", "3", "2"]


async def test_a_claim_can_be_of_one_list_or_one_chunk(state):
    async with state.begin() as tx:
        await put(tx, [new("1", chunk="a"), new("2", chunk="b"), new("3", list_id="L2")], NOW)
        assert await ready_lists(tx, NOW) == {"L1": 2, "L2": 1}
        assert [row.item_id for row in await take(tx, chunk="b")] == ["2"]
        assert [row.item_id for row in await take(tx, list_id="L2")] == ["3"]
        assert await counts(tx) == Counts(ready=1, leased=2)
        assert (await counts(tx)).open == 3


async def test_nothing_is_claimed_of_a_paused_list(state):
    async with state.begin() as tx:
        await put(tx, [new()], NOW)
        await pause(tx, paused=True)
        assert await take(tx) == []
        assert await ready_lists(tx, NOW) == {}
        await pause(tx, paused=False)
        assert len(await take(tx)) == 1


async def test_claimers_at_the_same_time_never_share_a_row(state):
    async with state.begin() as tx:
        await put(tx, [new(str(n)) for n in range(60)], NOW)

    async def worker(name):
        taken = []
        while True:
            async with state.begin() as tx:
                rows = await take(tx, owner=name, limit=4)
            if not rows:
                return taken
            taken += [row.item_id for row in rows]

    found = await asyncio.gather(*(worker(f"w{n}") for n in range(6)))
    flat = [item for part in found for item in part]
    assert sorted(flat, key=int) == [str(n) for n in range(60)]


async def test_a_transaction_that_never_ends_leaves_its_claim_to_others(state):
    async with state.begin() as tx:
        await put(tx, [new()], NOW)
    async with killed_at_its_end(state) as tx:
        assert len(await take(tx)) == 1
    async with state.begin() as tx:
        [row] = await take(tx)
    assert row.attempts == 1


async def test_everything_parked_can_be_replayed_at_once(state):
    async with state.begin() as tx:
        await put(tx, [new("1"), new("2"), new("3", list_id="L2")], NOW)
        for row in await take(tx):
            await park(tx, row, "poison", after(50))
        assert await replay(tx, "L1") == 2
        assert await replay(tx) == 1
        assert len(await take(tx)) == 3
        assert await oldest(tx) is None
