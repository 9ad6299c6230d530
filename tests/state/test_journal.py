"""The journal: one chain per site, once per key, provable after personal values are erased."""

import asyncio
import json
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, insert, update

from sync.state import journal_reading
from sync.state.chain import GENESIS, canonical, commitment, entry_hash
from sync.state.journal import Entry, append, journal, journal_heads, personal
from sync.state.journal_reading import (
    Query,
    entries,
    erase_entry,
    erase_value,
    personal_of,
    ru_by_document,
    verify,
)
from tests.state.conftest import NOW, SITE

MAIL = "helen.ward@dgft.nhs.example"


def entry(**values):
    base = {"at": NOW, "kind": "correction", "actor": "app", "correlation_id": "c-1"}
    return Entry(**base | values)


async def fill(tx, count=5):
    for n in range(count):
        row = entry(document_id=f"d{n % 2}", before={"n": n}, after={2: "two"}, ru=3)
        await append(tx, SITE, row)


async def test_entries_form_one_chain_per_site(state):
    async with state.begin() as tx:
        first = await append(tx, SITE, entry(before={"name": "ä"}, undo=[1, 2.5, None]))
        other = await append(tx, "other", entry())
        second = await append(tx, SITE, entry())
        assert (first.seq, first.prev_hash) == (1, GENESIS)
        assert (second.seq, second.prev_hash) == (2, first.hash)
        assert (other.seq, other.prev_hash) == (1, GENESIS)
        assert await entries(tx, Query(site_id=SITE)) == [first, second]
        assert await verify(tx, SITE) is None
        assert await verify(tx, "never seen") is None


async def test_a_key_is_journalled_once(state):
    async with state.begin() as tx:
        first = await append(tx, SITE, entry(idempotency_key="k", after={"a": 1}))
        again = await append(tx, SITE, entry(idempotency_key="k", after={"a": 2}))
        assert again == first
        assert len(await entries(tx, Query())) == 1


async def test_writers_at_the_same_time_make_one_chain(state):
    async def one(n):
        async with state.begin() as tx:
            return (await append(tx, SITE, entry(after={"n": n}, idempotency_key=f"k{n}"))).seq

    found = await asyncio.gather(*(one(n % 20) for n in range(24)))
    assert sorted(set(found)) == list(range(1, 21))
    async with state.read() as tx:
        assert await verify(tx, SITE) is None


@pytest.mark.parametrize(
    ("tamper", "broken"),
    [
        (update(journal).where(journal.c.seq == 3).values(after={"2": "three"}), 3),
        (update(journal).where(journal.c.seq == 3).values(at=NOW + timedelta(seconds=1)), 3),
        (update(journal).where(journal.c.seq == 3).values(hash="0" * 64), 3),
        (update(journal).where(journal.c.seq == 4).values(prev_hash="0" * 64), 4),
        (update(journal).where(journal.c.seq == 2).values(commitments={"x": "y"}), 2),
        (delete(journal).where(journal.c.seq == 2), 2),
        (delete(journal).where(journal.c.seq == 5), 5),
        (delete(journal_heads), 6),
        (update(journal_heads).values(hash="0" * 64), 6),
    ],
    ids=["after", "at", "hash", "previous", "commitment", "gap", "tail", "no head", "head"],
)
async def test_tampering_is_found_where_it_begins(state, tamper, broken):
    async with state.begin() as tx:
        await fill(tx)
        assert await verify(tx, SITE) is None
        await tx.execute(tamper)
        assert await verify(tx, SITE) == broken


async def test_a_chain_is_proved_page_by_page(state, monkeypatch):
    monkeypatch.setattr(journal_reading, "_PAGE", 2)
    async with state.begin() as tx:
        for n in range(6):
            await append(tx, SITE, entry(personal={"uploader": f"{n}@dgft.nhs.example"}))
        assert await verify(tx, SITE) is None
        await tx.execute(update(personal).where(personal.c.seq == 4).values(value="x"))
        assert await verify(tx, SITE) == 4


async def test_an_entry_made_up_at_the_end_is_found(state):
    async with state.begin() as tx:
        await fill(tx, 2)
        last = (await entries(tx, Query(site_id=SITE)))[-1]
        body = {
            "site_id": SITE,
            "seq": 3,
            "prev_hash": last.hash,
            "at": NOW,
            "kind": "forged",
            "actor": "x",
            "correlation_id": "x",
            "ru": 0,
            "commitments": {},
        }
        await tx.execute(insert(journal).values(**body, hash=entry_hash(body)))
        assert await verify(tx, SITE) == 3


async def test_erasing_a_person_leaves_the_chain_whole(state):
    async with state.begin() as tx:
        row = await append(tx, SITE, entry(personal={"uploader": MAIL, "approver": "x@y.example"}))
        await append(tx, SITE, entry(personal={"uploader": MAIL}))
        assert await personal_of(tx, SITE, 1) == {"uploader": MAIL, "approver": "x@y.example"}
        assert MAIL not in canonical(row.commitments)
        assert await erase_value(tx, MAIL) == 2
        assert await personal_of(tx, SITE, 1) == {"uploader": None, "approver": "x@y.example"}
        assert await erase_entry(tx, SITE, 1) == 1
        assert await erase_entry(tx, SITE, 1) == 0
        assert await verify(tx, SITE) is None


async def test_a_personal_value_put_in_place_of_another_is_found(state):
    async with state.begin() as tx:
        await append(tx, SITE, entry(personal={"uploader": MAIL}))
        await tx.execute(update(personal).values(value="somebody.else@dgft.nhs.example"))
        assert await verify(tx, SITE) == 1


async def test_the_same_value_is_committed_to_differently_each_time(state):
    async with state.begin() as tx:
        one = await append(tx, SITE, entry(personal={"uploader": MAIL}))
        two = await append(tx, SITE, entry(personal={"uploader": MAIL}))
    assert one.commitments != two.commitments
    assert commitment("s", "a") != commitment("t", "a")


async def test_entries_are_filtered_and_ordered(state):
    async with state.begin() as tx:
        for n in range(4):
            row = entry(
                at=NOW + timedelta(minutes=n),
                kind="finding" if n % 2 else "correction",
                policy="naming",
                document_id="d",
                list_id="L1",
                item_id=str(n),
                correlation_id=f"c-{n}",
                ru=n,
            )
            await append(tx, SITE, row)

        async def seqs(**wanted):
            return [row.seq for row in await entries(tx, Query(**wanted))]

        assert await seqs(kind="finding") == [2, 4]
        assert await seqs(document_id="d", newest_first=True, limit=2) == [4, 3]
        assert await seqs(list_id="L1", item_id="2") == [3]
        assert await seqs(policy="other") == []
        assert await seqs(correlation_id="c-1") == [2]
        since, until = NOW + timedelta(minutes=1), NOW + timedelta(minutes=3)
        assert await seqs(since=since, until=until) == [2, 3]
        assert await ru_by_document(tx, SITE) == {"d": 6}
        assert await ru_by_document(tx, "other") == {}


async def test_what_is_no_json_cannot_be_journalled(state):
    for value in ({"x": {1, 2}}, {"x": float("inf")}, {"x": datetime(2026, 1, 1)}):  # noqa: DTZ001 - refused for it
        with pytest.raises((TypeError, ValueError)):
            async with state.begin() as tx:
                await append(tx, SITE, entry(after=value))


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.integers(), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(json_values)
def test_canonical_json_is_the_same_after_a_way_through_the_database(value):
    once = canonical(value)
    assert canonical(json.loads(once)) == once
    assert once.isascii()
