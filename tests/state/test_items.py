"""The shadow: what an item was, which document it is, and which changes are our own coming back."""

from datetime import timedelta

from sync.state.claims import get_work
from sync.state.due import promises, set_due
from sync.state.facts import Facts, add_facts, facts_at, facts_between, history
from sync.state.items import (
    ItemRow,
    find_by_content,
    find_by_number,
    find_by_unique_id,
    get_item,
    get_items,
    item_of,
    items_of,
    names_in_folder,
    not_seen_since,
    put_item,
)
from sync.state.work import NewWork, put
from sync.state.writes import (
    mark_deleted,
    note_own_write,
    rebind,
    touch,
)
from tests.state.conftest import NOW

LATER = NOW + timedelta(hours=1)


def item(item_id="1", **values):
    base = {
        "list_id": "L1",
        "item_id": item_id,
        "document_id": f"doc-{item_id}",
        "name": "Gov-04 WMIN Governance Strategy V1.docx",
        "seen_at": NOW,
    }
    return ItemRow(**base | values)


def fact(document_id="doc-1", at=NOW, **facts):
    return Facts(
        document_id=document_id,
        list_id="L1",
        item_id="1",
        valid_from=at,
        source="feed",
        facts=facts,
    )


async def test_a_look_overwrites_what_was_seen_and_keeps_the_notes_on_our_own_writes(state):
    full = item(
        unique_id="u",
        drive_item_id="d",
        etag='"e,2"',
        ctag='"c,2"',
        folder="2026/Minutes",
        number="Gov-04",
        label="V1",
        title="WMIN Governance Strategy",
        content_id="cafe",
        raw_hash="beef",
        control_status="Needs you",
        reason_hash="r",
        verdict={"findings": ["approval_route"]},
        features={"nhs_numbers": 0},
    )
    async with state.begin() as tx:
        await put_item(tx, item())
        assert await note_own_write(tx, "L1", "1", '"e,2"') is True
        await put_item(tx, full)
        row = await get_item(tx, "L1", "1")
        assert await get_item(tx, "L1", "nobody") is None
    assert row.own_etag == '"e,2"'
    kept = {"own_etag": '"e,2"'}
    assert row == item(
        **{name: getattr(full, name) for name in ItemRow.__dataclass_fields__} | kept
    )


async def test_the_etag_our_last_write_left_is_kept_with_its_item(state):
    async with state.begin() as tx:
        await put_item(tx, item("1"))
        await put_item(tx, item("2"))
        assert await note_own_write(tx, "L1", "1", "e2") is True
        assert await note_own_write(tx, "L1", "nobody", "e2") is False
        found = await get_items(tx, "L1", ["1", "2"])
    assert {key: row.own_etag for key, row in found.items()} == {"1": "e2", "2": None}


async def test_items_are_found_by_content_number_name_and_unique_id(state):
    async with state.begin() as tx:
        await put_item(tx, item("1", content_id="c", number="Gov-04", unique_id="u"))
        await put_item(tx, item("2", list_id="L2", content_id="c", number="Gov-04"))
        await put_item(tx, item("3", name="ÄNDERUNG.docx", folder="a"))
        await put_item(tx, item("4", content_id="c", number="Gov-04", unique_id="u", name="gone"))
        assert await mark_deleted(tx, "L1", "4", LATER) is True
        assert await mark_deleted(tx, "L1", "4", LATER) is False
        assert [row.item_id for row in await find_by_content(tx, "c")] == ["1", "2"]
        assert [row.item_id for row in await find_by_number(tx, "Gov-04")] == ["1", "2"]
        assert [row.item_id for row in await find_by_unique_id(tx, "u")] == ["1", "4"]
        assert await names_in_folder(tx, "L1", "a") == {"änderung.docx": "3"}
        assert await names_in_folder(tx, "L1", "") == {
            "gov-04 wmin governance strategy v1.docx": "1"
        }
        assert set(await get_items(tx, "L1", ["1", "4", "9"])) == {"1", "4"}
        assert [row.item_id for row in await items_of(tx, "L1")] == ["1", "3"]


async def test_an_enumeration_shows_what_is_gone(state):
    async with state.begin() as tx:
        for item_id in ("1", "2", "3"):
            await put_item(tx, item(item_id))
        await touch(tx, "L1", ["1"], LATER)
        await mark_deleted(tx, "L1", "3", NOW)
        assert [row.item_id for row in await not_seen_since(tx, "L1", LATER)] == ["2"]


async def test_a_document_keeps_itself_through_a_move(state):
    async with state.begin() as tx:
        await put_item(tx, item("1", number="Gov-04"))
        await add_facts(tx, fact(name="a"))
        await set_due(tx, "L1", "1", "naming", LATER)
        await put(tx, [NewWork(list_id="L1", item_id="1")], NOW)
        await note_own_write(tx, "L1", "1", "e")
        assert await rebind(tx, ("L1", "1"), ("L2", "7")) is True
        assert await rebind(tx, ("L1", "1"), ("L2", "7")) is False
        row = await item_of(tx, "doc-1")
        assert (row.list_id, row.item_id, row.number, row.own_etag) == ("L2", "7", "Gov-04", None)
        assert await get_item(tx, "L1", "1") is None
        assert await promises(tx, "L2", "7") == {"naming": LATER}
        assert await get_work(tx, "L1", "1") is None
        assert await rebind(tx, ("L2", "7"), ("L2", "7")) is True


async def test_what_a_drain_took_for_a_new_document_becomes_the_moved_one(state):
    async with state.begin() as tx:
        await put_item(tx, item("1"))
        await put_item(tx, item("7", list_id="L2", document_id="newcomer"))
        await add_facts(tx, fact(name="a"))
        await add_facts(tx, fact("newcomer", LATER, name="b"))
        assert await rebind(tx, ("L1", "1"), ("L2", "7")) is True
        assert [row.facts for row in await history(tx, "doc-1")] == [{"name": "a"}, {"name": "b"}]
        assert await item_of(tx, "newcomer") is None


async def test_a_document_that_is_gone_is_found_at_its_last_place(state):
    async with state.begin() as tx:
        await put_item(tx, item("1"))
        await mark_deleted(tx, "L1", "1", LATER)
        assert (await item_of(tx, "doc-1")).deleted_at == LATER
        await put_item(tx, item("9", list_id="L2", document_id="doc-1"))
        assert (await item_of(tx, "doc-1")).item_id == "9"


async def test_facts_answer_for_a_moment_and_say_nothing_before_the_first(state):
    async with state.begin() as tx:
        assert await add_facts(tx, fact(name="a")) is True
        assert await add_facts(tx, fact(at=LATER, name="a")) is False
        assert await add_facts(tx, fact(at=LATER, name="b")) is True
        assert await facts_at(tx, "doc-1", NOW - timedelta(seconds=1)) is None
        assert (await facts_at(tx, "doc-1", LATER - timedelta(seconds=1))).facts == {"name": "a"}
        assert (await facts_at(tx, "doc-1", LATER)).facts == {"name": "b"}
        assert len(await facts_between(tx, "L1", NOW, LATER)) == 1
        assert len(await history(tx, "doc-1")) == 2


async def test_facts_of_one_moment_are_answered_by_the_last_said(state):
    async with state.begin() as tx:
        await add_facts(tx, fact(name="a"))
        await add_facts(tx, fact(name="b"))
        assert (await facts_at(tx, "doc-1", NOW)).facts == {"name": "b"}
