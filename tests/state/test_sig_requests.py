"""Requests for SIG sites keep their name to themselves, and a decision is written once."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from sync.state.requests import (
    Decision,
    Request,
    all_requests,
    by_item,
    by_slug,
    changed,
    claim_slug,
    decisions_of,
    get_request,
    lock_request,
    put_decision,
    put_request,
)
from tests.state.conftest import NOW

ONE = Request(
    id="1",
    slug="breast-imaging",
    wish={"name": "Breast imaging"},
    state="requested",
    requested_by="oid",
    requested_at=NOW,
    changed_at=NOW,
)
TWO = replace(ONE, id="2", slug="trauma", requested_at=NOW + timedelta(seconds=1))
AGREED = Decision(
    request_id="1",
    step="network_director",
    decided_by="oid",
    who="Nadia Drew",
    on=date(2026, 11, 24),
    reference=None,
    at=NOW,
    source="api",
)


async def test_a_request_is_read_as_it_was_written(state):
    row = replace(ONE, list_id="L1", item_id="7", plan={"steps": []}, slept_at=NOW)
    async with state.begin() as tx:
        assert await claim_slug(tx, row)
        assert await lock_request(tx, "1") == row
    async with state.read() as tx:
        assert await get_request(tx, "1") == row
        assert await by_slug(tx, "breast-imaging") == row
        assert await by_item(tx, "L1", "7") == row
        assert await by_item(tx, "L1", "8") is None
        assert await get_request(tx, "2") is None


async def test_a_name_is_held_by_one_request_until_it_is_withdrawn(state):
    async with state.begin() as tx:
        assert await claim_slug(tx, ONE)
        assert not await claim_slug(tx, replace(ONE, id="2"))
        await put_request(tx, changed(ONE, NOW, slug=None, state="withdrawn"))
        assert await claim_slug(tx, replace(ONE, id="2"))
        await put_request(tx, changed(replace(ONE, id="2"), NOW, slug=None, state="withdrawn"))
        assert [row.id for row in await all_requests(tx)] == ["1", "2"]


async def test_requests_come_oldest_first_and_by_state(state):
    async with state.begin() as tx:
        for row in (TWO, ONE):
            await claim_slug(tx, row)
        await put_request(tx, changed(TWO, NOW, state="open"))
        assert [row.id for row in await all_requests(tx)] == ["1", "2"]
        assert [row.id for row in await all_requests(tx, states={"open"})] == ["2"]
        assert await all_requests(tx, states=()) == []


async def test_a_decision_is_written_once_and_never_over(state):
    async with state.begin() as tx:
        await claim_slug(tx, ONE)
        await put_decision(tx, AGREED)
    with pytest.raises(IntegrityError):
        async with state.begin() as tx:
            await put_decision(tx, replace(AGREED, who="Somebody else"))
    async with state.read() as tx:
        assert await decisions_of(tx, "1") == {"network_director": AGREED}
        assert await decisions_of(tx, "2") == {}


async def test_there_is_no_decision_without_its_request(state):
    with pytest.raises(IntegrityError):
        async with state.begin() as tx:
            await put_decision(tx, replace(AGREED, request_id="none"))
