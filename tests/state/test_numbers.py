"""Document numbers: the next is the highest ever seen plus one, and no two documents share one."""

import asyncio
import os
import sys
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sharepoint_schema.numbers import Number
from sync.state.numbers import (
    all_numbers,
    allocate,
    claim_existing,
    get_number,
    give_reserved,
    hold_series,
    numbers_of,
    reserve,
    reserve_this,
    series_highest,
    set_number_state,
)
from tests.state.conftest import NOW, killed_at_its_end


async def test_numbers_count_up_by_series(state):
    async with state.begin() as tx:
        issued = [
            str(await allocate(tx, series, f"d{n}", NOW))
            for n, series in enumerate(["Gov", "Gov", "ToR", "Gov"])
        ]
    assert issued == ["Gov-01", "Gov-02", "ToR-01", "Gov-03"]


async def test_a_document_keeps_the_number_it_has(state):
    async with state.begin() as tx:
        first = await allocate(tx, "Gov", "d", NOW)
        assert await allocate(tx, "Gov", "d", NOW) == first
        assert str(await allocate(tx, "ToR", "d", NOW)) == "ToR-01"
        assert [str(row.number) for row in await numbers_of(tx, "d")] == ["Gov-01", "ToR-01"]


async def test_a_gap_is_never_filled(state):
    async with state.begin() as tx:
        await claim_existing(tx, Number("Gov", 4), "old", NOW)
        assert str(await allocate(tx, "Gov", "new", NOW)) == "Gov-05"
        await set_number_state(tx, Number("Gov", 5), "void", "withdrawn before adoption")
        assert str(await allocate(tx, "Gov", "new", NOW)) == "Gov-06"
        found = [(row.nn, row.state) for row in await all_numbers(tx, "Gov")]
    assert found == [(4, "issued"), (5, "void"), (6, "issued")]


async def test_a_number_that_another_document_has_cannot_be_claimed(state):
    async with state.begin() as tx:
        mine = await claim_existing(tx, Number("Gov", 4), "original", NOW)
        theirs = await claim_existing(tx, Number("Gov", 4), "copy", NOW)
        again = await claim_existing(tx, Number("Gov", 4), "original", NOW)
    assert (mine.state, mine.document_id, mine.issued_at) == ("issued", "original", NOW)
    assert theirs == again == mine


async def test_a_reserved_number_waits_for_its_document(state):
    async with state.begin() as tx:
        kept = await reserve(tx, "Gov", "terms of reference due in May", NOW)
        assert (await claim_existing(tx, kept, "other", NOW)).state == "reserved"
        assert str(await allocate(tx, "Gov", "d", NOW)) == "Gov-02"
        assert await give_reserved(tx, kept, "awaited") is True
        assert await give_reserved(tx, kept, "awaited") is False
        row = await get_number(tx, kept)
    assert (row.state, row.document_id, row.note) == (
        "issued",
        "awaited",
        "terms of reference due in May",
    )


async def test_an_unknown_number_has_no_state_to_change(state):
    async with state.begin() as tx:
        assert await set_number_state(tx, Number("Gov", 9), "void", "x") is False
        assert await get_number(tx, Number("Gov", 9)) is None


async def test_fifty_documents_at_once_get_fifty_numbers(state):
    async def one(n):
        async with state.begin() as tx:
            return (await allocate(tx, "Gov", f"d{n}", NOW)).nn

    found = await asyncio.gather(*(one(n) for n in range(50)))
    assert sorted(found) == list(range(1, 51))


async def test_a_document_that_asks_twice_at_once_gets_one_number(state):
    async def one():
        async with state.begin() as tx:
            return await allocate(tx, "Gov", "d", NOW)

    assert len(set(await asyncio.gather(*(one() for _ in range(8))))) == 1


async def test_an_allocation_that_is_rolled_back_was_never_made(state):
    async with killed_at_its_end(state) as tx:
        await allocate(tx, "Gov", "d", NOW)
    async with state.begin() as tx:
        assert await all_numbers(tx) == []
        assert str(await allocate(tx, "Gov", "e", NOW)) == "Gov-01"


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    calls=st.lists(
        st.one_of(st.just("allocate"), st.just("reserve"), st.integers(1, 60)), max_size=12
    )
)
async def test_whatever_happens_a_new_number_is_above_every_earlier_one(state, calls):
    async with killed_at_its_end(state) as tx:  # so that the next example starts with nothing
        for step, call in enumerate(calls):
            before = max((row.nn for row in await all_numbers(tx, "Gov")), default=0)
            match call:
                case "allocate":
                    assert (await allocate(tx, "Gov", f"d{step}", NOW)).nn == before + 1
                case "reserve":
                    assert (await reserve(tx, "Gov", "", NOW)).nn == before + 1
                case nn:
                    await claim_existing(tx, Number("Gov", nn), f"d{step}", NOW)


ASKER = """
import asyncio, sys
from datetime import UTC, datetime
from sync.state import State
from sync.state.numbers import allocate, reserve

async def main():
    state, who, now = State.open(sys.argv[1]), sys.argv[2], datetime.now(UTC)
    print("ready", flush=True)
    sys.stdin.readline()

    async def one(n):
        async with state.begin() as tx:
            if n % 5:
                print(await allocate(tx, "Gov", f"{who}{n}", now))
            else:
                print(await reserve(tx, "Gov", f"for {who}{n}", now))

    await asyncio.gather(*(one(n) for n in range(25)))
    await state.close()

asyncio.run(main())
"""


async def test_fifty_requests_of_two_processes_at_once_get_fifty_numbers_without_a_gap(state):
    url = state.engine.url.render_as_string(hide_password=False)
    askers = [await _asker(url, who) for who in ("a", "b")]
    for asker in askers:
        assert await asker.stdout.readline() == b"ready\n"
    told = await asyncio.gather(*(asker.communicate(b"go\n") for asker in askers))
    given = sorted(b"".join(out for out, _ in told).decode().split())
    assert given == sorted(str(Number("Gov", nn)) for nn in range(1, 51))
    async with state.read() as tx:
        states = [row.state for row in await all_numbers(tx, "Gov")]
    assert (states.count("issued"), states.count("reserved")) == (40, 10)


async def _asker(url, who):
    root = Path(__file__).parents[2]
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", ASKER, url, who),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root)},
    )


async def test_a_registrar_lets_a_number_in_and_the_series_goes_on_above_it(state):
    async with state.begin() as tx:
        assert await reserve_this(tx, Number("Gov", 40), "let in", NOW) is True
        assert await reserve_this(tx, Number("Gov", 40), "again", NOW) is False
        assert str(await reserve(tx, "Gov", "next", NOW)) == "Gov-41"
        assert await series_highest(tx) == {"Gov": 41}
        assert await hold_series(tx, "Op") == 0
