"""Excuses in state: written once, held until their end, by document and content."""

from datetime import timedelta

from sync import excuses as seam
from sync.model import ExcuseKind
from sync.state.excuses import (
    ExcuseRow,
    all_excuses,
    by_origin,
    end_excuse,
    excuses_of,
    get_excuse,
    put_excuse,
)
from tests.state.conftest import NOW, SITE

LATER = NOW + timedelta(days=1)


def a_row(key, **changes):
    values = {
        "id": key,
        "site_id": SITE,
        "document_id": "D1",
        "policy": "file_name",
        "kind": "waived",
        "by": "Helen Ward",
        "at": NOW,
    }
    return ExcuseRow(**values | changes)


async def test_an_excuse_is_written_once(state):
    async with state.begin() as tx:
        assert await put_excuse(tx, a_row("a"))
        assert not await put_excuse(tx, a_row("a", policy="review_date"))
        assert (await get_excuse(tx, "a")).policy == "file_name"
        assert await get_excuse(tx, "b") is None


async def test_an_excuse_holds_until_its_moment_or_until_it_is_taken_back(state):
    async with state.begin() as tx:
        await put_excuse(tx, a_row("a", until=LATER, origin="row:L1:1"))
        await put_excuse(tx, a_row("b", kind="undone", content_id="c1"))
        assert [one.id for one in await excuses_of(tx, "D1", NOW)] == ["a", "b"]
        assert [one.id for one in await excuses_of(tx, "D1", LATER)] == ["b"]
        assert await end_excuse(tx, "b", NOW)
        assert not await end_excuse(tx, "b", NOW)
        assert await excuses_of(tx, "D1", LATER) == []
        assert [one.id for one in await all_excuses(tx, NOW, kind="waived")] == ["a"]
        assert [one.id for one in await by_origin(tx, "row:L1:1")] == ["a"]
        assert await excuses_of(tx, "D2", NOW) == []


async def test_what_is_bound_to_content_holds_for_that_content_alone(state):
    async with state.begin() as tx:
        await put_excuse(tx, a_row("a", kind="undone", content_id="c1", policy="version_label"))
        await put_excuse(tx, a_row("b"))
        assert set(await seam.standing(tx, "D1", "c1", NOW)) == {"file_name", "version_label"}
        assert set(await seam.standing(tx, "D1", "c2", NOW)) == {"file_name"}


async def test_of_two_excuses_for_one_rule_a_persons_own_look_is_told(state):
    async with state.begin() as tx:
        await put_excuse(tx, a_row("a", kind="false positive"))
        await put_excuse(tx, a_row("b", at=LATER))
        held = await seam.standing(tx, "D1", "c1", NOW)
    assert held["file_name"].kind is ExcuseKind.FALSE_POSITIVE
