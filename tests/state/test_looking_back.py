"""Looking back: every look in time order, in pages, with little in memory at a time."""

import tracemalloc
from datetime import datetime, timedelta
from random import Random

import pytest
from sqlalchemy import insert

from sync import world
from sync.looks import BEGINNING, VERDICT, Period, looks_of
from sync.state import facts, lists
from sync.state.facts import Facts, in_order
from sync.state.items import ItemRow, gone, put_item
from sync.state.journal import Entry, append
from sync.state.sql import values_of
from sync.state.writes import mark_deleted
from tests.state.conftest import NOW, SITE

UNTIL = NOW + timedelta(days=30)


def fact(one, at, **told):
    """Return a fact of document number `one`, which lies in one of two lists."""
    base = {"name": f"{one}.docx", "content_id": f"c{one}", "columns": {}}
    return Facts(
        document_id=f"doc-{one:04}",
        list_id=f"L{one % 2 + 1}",
        item_id=str(one),
        valid_from=at,
        source="feed",
        facts=base | told,
    )


async def put(tx, rows):
    await tx.execute(insert(facts.facts), [values_of(row) for row in rows])


async def followed(tx):
    return {one.id: one for one in await lists.all_lists(tx)}


async def some_history(tx):
    """Write facts, verdicts and losses at random moments, many of them at the same one."""
    chance = Random(7)  # noqa: S311 - the same history each time
    rows = [
        fact(chance.randrange(12), NOW + timedelta(hours=chance.randrange(60)), label=f"V0.{at}")
        for at in range(80)
    ]
    await put(tx, rows)
    for at in range(40):
        told = chance.choice(rows)
        when = told.valid_from + timedelta(minutes=chance.randrange(300))
        said = {"findings": [], "at": at}
        entry = Entry(at=when, kind=VERDICT, actor="app", correlation_id=str(at), after=said)
        await append(tx, SITE, Entry(**{**_told(entry), "document_id": told.document_id}))
    for one in range(12):
        row = fact(one, NOW)
        item = ItemRow(
            list_id=row.list_id,
            item_id=row.item_id,
            document_id=row.document_id,
            name="",
            seen_at=NOW,
            verdict={"newest": one},
            number=f"Gov-{one:02}",
        )
        await put_item(tx, item)
    await mark_deleted(tx, "L2", "3", NOW + timedelta(hours=30))


def _told(entry):
    return {name: getattr(entry, name) for name in Entry.__dataclass_fields__}


@pytest.mark.parametrize("hours", [-1, 20, 100])
async def test_looks_are_the_same_whatever_fits_into_a_page(state, monkeypatch, hours):
    async with state.begin() as tx:
        await some_history(tx)
    found = []
    for page in (1, 7, 10_000):
        monkeypatch.setattr(facts, "PAGE", page)
        async with state.read() as tx:
            period = Period(await followed(tx), NOW + timedelta(hours=hours), UNTIL)
            looks = [look async for look in looks_of(tx, period)]
        assert [one.at for one in looks] == sorted(one.at for one in looks)
        found.append(sorted(looks, key=lambda one: (one.at, one.document_id, str(one.said))))
    assert found[0]
    assert all(one == found[-1] for one in found)


@pytest.mark.parametrize("page", [1, 3, 10_000])
async def test_facts_come_in_the_order_they_became_true(state, monkeypatch, page):
    monkeypatch.setattr(facts, "PAGE", page)
    async with state.begin() as tx:
        await some_history(tx)
        until = NOW + timedelta(hours=50)
        found = [row async for row in in_order(tx, {"L1", "L2"}, until)]
        each = await facts.histories(tx, [f"doc-{one:04}" for one in range(12)], until)
    assert [row.valid_from for row in found] == sorted(row.valid_from for row in found)
    assert len(found) == sum(map(len, each.values()))
    assert max(row.valid_from for row in found) < until


async def test_a_document_that_is_gone_is_told_by_when_it_went_and_its_number(state):
    async with state.begin() as tx:
        await some_history(tx)
        assert await gone(tx, {"L1", "L2"}) == [(NOW + timedelta(hours=30), "doc-0003", "Gov-03")]
        assert await gone(tx, {"L1"}) == []


async def _walked(tx, since: datetime) -> int:
    """Walk all looks as a simulation does; returns the most bytes that were held meanwhile."""
    period = Period(await followed(tx), since, UNTIL)
    tracemalloc.start()
    try:
        here = await world.read_world(tx, period.lists, UNTIL)
        async for look in looks_of(tx, period):
            await here.advance(tx, look.at)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("since", [BEGINNING, NOW + timedelta(days=20)], ids=["all", "the last"])
async def test_thousands_of_looks_need_no_more_memory_than_a_page_of_them(state, since):
    looks, text = 1_200, "x" * 8_000

    def row(at):
        return fact(at % 400, NOW + timedelta(minutes=at), columns={"Reason": f"{text}{at}"})

    async with state.begin() as tx:
        for first in range(0, looks, 400):
            await put(tx, map(row, range(first, first + 400)))
    async with state.read() as tx:
        assert await _walked(tx, since) < looks * len(text) / 2
