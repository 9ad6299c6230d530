"""How far a check of access is, what is shared, and which exceptions count."""

from dataclasses import replace
from datetime import timedelta

from sync.state import checks, exceptions
from sync.state.checks import Check
from sync.state.exceptions import AccessException
from tests.state.conftest import NOW

HOUR = timedelta(hours=1)
AGREED = AccessException(
    list_id="L1", item_id="4", library_id="L2", file_id="7", person="ann@trust.example",
    until=NOW + HOUR, asked_by="a", agreed_by="b", at=NOW,
)  # fmt: skip


async def test_a_question_that_comes_while_a_round_runs_is_not_lost(state):
    async with state.begin() as tx:
        begun = Check(list_id="L1", began_at=NOW, cursor=500)
        await checks.put_check(tx, begun)
        await checks.ask(tx, "L1", NOW + HOUR)
        await checks.put_check(tx, replace(begun, cursor=0, finished_at=NOW + HOUR, found=2))
    async with state.read() as tx:
        known = await checks.get_check(tx, "L1")
        assert (known.wanted, known.under_way, known.found) == (True, False, 2)
        assert list(await checks.all_checks(tx)) == ["L1"]


async def test_a_library_never_checked_has_not_begun(state):
    async with state.read() as tx:
        known = await checks.get_check(tx, "L2")
    assert (known.wanted, known.under_way, known.cursor) == (False, False, 0)


async def test_what_is_shared_is_told_by_the_items_of_a_page(state):
    async with state.begin() as tx:
        for item_id in ("3", "12", "12", "40"):
            await checks.note_shared(tx, "L1", item_id)
        await checks.forget_shared(tx, "L1", "40")
    async with state.read() as tx:
        assert await checks.shared_between(tx, "L1", 3, 12) == {"12"}
        assert await checks.shared_between(tx, "L1", 0, None) == {"3", "12"}
        assert await checks.is_shared(tx, "L1", "3")
        assert not await checks.is_shared(tx, "L2", "3")


async def test_an_exception_counts_until_its_time_is_over_and_ends_once(state):
    async with state.begin() as tx:
        await exceptions.put_exception(tx, AGREED)
    async with state.read() as tx:
        assert await exceptions.in_force(tx, "L2", NOW) == [AGREED]
        assert await exceptions.in_force(tx, "L2", NOW + HOUR) == []
        assert await exceptions.in_force(tx, "L1", NOW) == []
        assert await exceptions.run_out(tx, NOW) == []
        assert await exceptions.run_out(tx, NOW + HOUR) == [AGREED]
    async with state.begin() as tx:
        await exceptions.end(tx, AGREED, NOW)
        await exceptions.end(tx, AGREED, NOW + HOUR)
    async with state.read() as tx:
        ended = await exceptions.exception_of(tx, "L1", "4")
        assert ended.ended_at == NOW
        assert await exceptions.in_force(tx, "L2", NOW) == []
        assert await exceptions.run_out(tx, NOW + HOUR) == []
