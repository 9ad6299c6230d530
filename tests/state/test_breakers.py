"""Breakers count files, not tries, and two workers together never exceed the allowance."""

import asyncio
from datetime import timedelta

import pytest

from sync.state import breakers as kept
from sync.state import items
from tests.state.conftest import NOW

DAY = timedelta(hours=24)
FEW = kept.Allowance(NOW - DAY, 0.2, 3, 500)


def act(document, at=NOW, wish=None, policy="file_name"):
    return kept.Act(list_id="L1", policy=policy, document_id=document, at=at, wish=wish)


async def admitted(state, document, at=NOW, allowance=FEW, **more):
    begin = at - DAY
    given = kept.Allowance(begin, allowance.share, allowance.least, allowance.most)
    async with state.begin() as tx:
        breaker = await kept.admit(tx, act(document, at), given, **more)
    return breaker.tripped_at is None


@pytest.mark.parametrize(
    ("files", "allowed"), [(0, 50), (100, 50), (250, 50), (300, 60), (2500, 500), (10**6, 500)]
)
def test_a_fifth_of_the_library_but_never_under_50_nor_over_500(files, allowed):
    assert kept.Allowance(NOW, 0.2, 50, 500).of(files) == allowed


async def test_the_allowance_opens_the_breaker_and_the_same_file_counts_once(state):
    told = [await admitted(state, one) for one in ("a", "b", "a", "b", "c", "a", "d", "a")]

    assert told == [True] * 6 + [False, False]
    async with state.read() as tx:
        (breaker,) = await kept.open_breakers(tx)
    assert (breaker.acted, breaker.stops, breaker.tripped_at) == (3, True, NOW)


async def test_a_bigger_library_allows_its_share(state):
    async with state.begin() as tx:
        for number in range(40):
            row = items.ItemRow(
                list_id="L1", item_id=str(number), document_id=f"d{number}", name="n", seen_at=NOW
            )
            await items.put_item(tx, row)

    told = [await admitted(state, f"d{number}") for number in range(9)]

    assert told == [True] * 8 + [False]


async def test_rules_and_lists_are_counted_apart(state):
    for document in "abc":
        assert await admitted(state, document)
    async with state.begin() as tx:
        other = await kept.admit(tx, act("d", policy="version_label"), FEW)
    assert other.tripped_at is None


async def test_what_is_older_than_the_window_no_longer_counts(state):
    for document in "abc":
        assert await admitted(state, document)
    assert await admitted(state, "d", NOW + DAY + timedelta(seconds=1))
    async with state.read() as tx:
        assert await kept.acts_on(tx, "L1", "a") == {}


async def test_an_open_breaker_stays_open_until_it_is_reset_and_then_counts_anew(state):
    for document in "abcd":
        await admitted(state, document)
    assert not await admitted(state, "e", NOW + 2 * DAY)

    async with state.begin() as tx:
        closed = await kept.reset(tx, ["L1", "L2"], "file_name", NOW + 2 * DAY)
    assert closed == kept.Closed(("L1",))

    later = NOW + 2 * DAY + timedelta(seconds=1)
    assert [await admitted(state, one, later) for one in "efgh"] == [True, True, True, False]


async def test_an_alarm_that_stops_nothing_is_raised_once(state):
    for document in "abc":
        await admitted(state, document, stops=False)
    opened = [not await admitted(state, one, stops=False) for one in "de"]
    async with state.read() as tx:
        (breaker,) = await kept.open_breakers(tx, "L1")
    assert opened == [True, True]
    assert (breaker.stops, breaker.acted, breaker.tripped_at) == (False, 3, NOW)


async def test_workers_side_by_side_correct_exactly_as_many_as_are_allowed(state):
    allowance = kept.Allowance(NOW - DAY, 0.2, 7, 500)

    told = await asyncio.gather(
        *(admitted(state, f"d{number}", allowance=allowance) for number in range(30))
    )

    assert told.count(True) == 7


async def corrected(state, wish, at=NOW):
    async with state.begin() as tx:
        return await kept.note_correction(tx, act("a", at, wish), at - DAY)


async def test_only_the_same_correction_within_the_window_counts_on(state):
    assert await admitted(state, "a")
    assert [await corrected(state, wish) for wish in ("x", "x", "x", "y", "y", "x")] == [
        *(1, 2, 3),
        *(1, 2),
        1,
    ]
    assert await corrected(state, "x", NOW + DAY + timedelta(seconds=1)) == 1


async def test_a_reset_forgets_how_often_a_file_was_corrected(state):
    assert [await corrected(state, "x") for _ in range(2)] == [1, 2]
    async with state.begin() as tx:
        closed = await kept.reset(tx, ["L1"], "file_name", NOW)
        assert closed == kept.Closed(("L1",), frozenset({"a"}))
        assert await kept.reset(tx, ["L1"], "file_name", NOW) == kept.Closed()
    assert await corrected(state, "x") == 1
