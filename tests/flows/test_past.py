"""What our own records tell of a document before a look."""

from datetime import UTC, datetime, timedelta

import pytest

from sharepoint_schema.labels import Label
from sync.past import emptied, past_of
from sync.state import facts, items
from sync.state.engine import State
from sync.state.lists import register_list
from tests.policies.kit import document, reading
from tests.state.conftest import a_list

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.fixture
async def state(tmp_path):
    opened = State.open(f"sqlite:///{tmp_path / 'state.sqlite'}")
    await opened.migrate()
    async with opened.begin() as tx:
        await register_list(tx, a_list("L1"))
    yield opened
    await opened.close()


def seen(content, version="0.1", label="", minute=0, document_id="me", **more):
    told = {"content_id": content, "sharepoint_version": version, "label": label}
    return facts.Facts(
        document_id=document_id,
        list_id="L1",
        item_id="1",
        valid_from=NOW + timedelta(minutes=minute),
        source="change",
        facts=told | {"columns": more.pop("columns", {})} | more,
    )


def now(content="c3", fields=None):
    return document(fields=fields or {}, read_as=reading(content_id=content))


async def past(state, rows, number=None, subject=None):
    async with state.begin() as tx:
        for row in rows:
            await facts.add_facts(tx, row)
        return await past_of(tx, subject or now(), number)


async def test_a_document_never_seen_has_no_past(state):
    found = await past(state, [])
    assert (found.published, found.highest, found.contents, found.emptied) == ({}, None, set(), {})


async def test_published_labels_and_the_highest_draft_are_remembered(state):
    rows = [
        seen("c1", "0.1", "V0.1"),
        seen("c1", "1.0", "V1", 1),
        seen("c2", "1.1", "V1.1", 2),
        seen("c2b", "1.2", "V2", 3),
        seen("c3", "1.3", "V9", 4),
    ]
    found = await past(state, rows)
    assert found.published == {"V1": "c1"}
    assert found.highest == Label(1, 1)
    assert found.contents == {"c1", "c2", "c2b", "c3"}


async def test_what_was_held_as_anothers_content_is_no_lineage(state):
    found = await past(state, [seen("c1", "1.0", "V1"), seen("x", "2.0", "V7", 1, foreign=True)])
    assert found.contents == {"c1"}
    assert found.published == {"V1": "c1"}


async def test_a_text_that_was_taken_back_from_readers_is_remembered(state):
    rows = [seen("c1", "1.0", "V1", unpublished=True), seen("c2", "0.2", "V1", 1)]
    assert (await past(state, rows)).unpublished == {"c1"}


async def test_the_labels_of_a_dead_bearer_of_the_number_count(state):
    gone = items.ItemRow(
        list_id="L1", item_id="9", document_id="dead", name="x", seen_at=NOW, number="Gov-11",
        deleted_at=NOW,
    )  # fmt: skip
    async with state.begin() as tx:
        await items.put_item(tx, gone)
    rows = [seen("old", "1.0", "V1", document_id="dead")]
    assert (await past(state, rows, "Gov-11")).published == {"V1": "old"}
    assert (await past(state, [], None)).published == {}


@pytest.mark.parametrize(
    ("rows", "value"),
    [
        ([("c2", "Official")], "Official"),
        ([("c1", "Official"), ("c2", "")], None),
        ([("c2", "Official"), ("c3", "")], "Official"),
        ([("c2", "Official"), ("c3", ""), ("c3", "Official")], None),
        ([("c2", "Official"), ("", "")], "Official"),
        ([], None),
    ],
    ids=[
        "wiped by this content",
        "empty already before",
        "wiped, and looked at before",
        "put back, then emptied by somebody",
        "a look that could not read it",
        "never seen",
    ],
)
def test_only_what_an_upload_emptied_is_put_back(rows, value):
    told = [
        seen(content, columns={"Sensitivity": text} if text else {}, minute=minute)
        for minute, (content, text) in enumerate(rows)
    ]
    assert emptied(told, now()).get("Sensitivity") == value


def test_a_column_that_says_something_was_not_emptied():
    told = [seen("c2", columns={"Sensitivity": "Official"})]
    assert emptied(told, now(fields={"Sensitivity": "Official"})) == {}
