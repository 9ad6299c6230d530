"""A list's feed misbehaves: every file is judged by its last state, and what is gone is gone."""

from __future__ import annotations

import pytest

from sync.tenant import documents
from tests import tenant_kit
from tests.faults import kit

DELTA = {"path": "/items/delta$", "app": tenant_kit.ENFORCER}
WITHOUT_TOKEN = DELTA | {"query": "^(?!.*token=.)"}
RESYNC = ("resyncChangesApplyDifferences", "resyncChangesUploadDifferences")
AREA = "working"
ONE_TAG = {"POST /_api/Web/lists/GetById(())/getItemById()/ValidateUpdateListItem": 1}


def refuse(desk, status, **rest):
    effect = {"kind": "refuse", "status": status, "code": "itemNotFound"}
    desk.tenant.fault(effect, **{"match": DELTA, **rest})


async def expire(desk, code=RESYNC[0]):
    desk.tenant.local("POST", "/expire", {"list": await desk.list_id(AREA), "code": code})


async def token_dead(desk):
    await expire(desk)


async def token_dead_of_the_other_kind(desk):
    await expire(desk, RESYNC[1])


async def token_and_location_dead(desk):
    await expire(desk)
    refuse(desk, 404, match=WITHOUT_TOKEN, count=2)


async def token_unknown(desk):
    refuse(desk, 404)


async def token_malformed(desk):
    refuse(desk, 400)


async def second_page_unknown(desk):
    refuse(desk, 404, skip=1)


async def second_page_malformed(desk):
    refuse(desk, 400, skip=1)


async def second_page_gone(desk):
    refuse(desk, 410, skip=1)


async def second_page_cut(desk):
    desk.tenant.fault({"kind": "drop", "after": True}, match=DELTA, skip=1)


async def second_page_refused_for_long(desk):
    effect = {"kind": "refuse", "status": 429, "code": "TooManyRequests", "retry_after": "211"}
    desk.tenant.fault(effect, match=DELTA, skip=1)


async def items_doubled(desk):
    desk.tenant.local("POST", "/settings", {"delta_repeats": True})


async def deletes_bare(desk):
    desk.tenant.local("POST", "/settings", {"delta_bare_deletes": True})


FEEDS = (
    *(token_dead, token_dead_of_the_other_kind, token_and_location_dead, token_unknown),
    *(token_malformed, second_page_unknown, second_page_malformed, second_page_gone),
    *(second_page_cut, second_page_refused_for_long, items_doubled, deletes_bare),
)
QUICK = (token_and_location_dead, second_page_malformed)


@pytest.fixture
def small_pages(monkeypatch):
    """Let a page hold two items, so that a handful of files makes several."""
    feed = documents.changes
    monkeypatch.setattr(documents, "changes", lambda t, w, c=None: feed(t, w, c, 2))


@pytest.fixture(autouse=True)
def _settings_put_back(tenant):
    yield
    tenant.local("POST", "/settings", {"delta_repeats": None, "delta_bare_deletes": None})


def drive_item(desk, item, way=""):
    return f"/v1.0/drives/{desk.drives[AREA]}/items/{item['id']}{way}"


def overwritten(desk, item, file):
    desk.person().put(drive_item(desk, item, "/content"), content=file.data).raise_for_status()


async def misbehaves(desk, trouble):
    """Staff act while the feed is in trouble; what each file's last state is, counts."""
    kept, gone, changed, new = (kit.plain() for _ in range(4))
    items = [desk.upload(one.name, one.data, AREA) for one in (kept, gone, changed)]
    await kit.go_on(desk, AREA)
    before = await desk.shadow(items[0])
    await trouble(desk)
    mark = desk.mark()
    desk.person().delete(drive_item(desk, items[1])).raise_for_status()
    overwritten(desk, items[2], kit.plain())
    overwritten(desk, items[2], last := kit.plain())
    added = desk.upload(new.name, new.data, AREA)

    await kit.go_on(desk, AREA)

    after = await desk.shadow(items[0])
    assert (after.verdict, after.etag) == (before.verdict, before.etag)
    assert (await desk.shadow(items[1])).deleted_at is not None
    assert await kit.judged(desk, items[2], last.data)
    assert await kit.judged(desk, added, new.data)
    assert desk.writes(mark) == ONE_TAG, "the new file is tagged, the others bear their tag"
    assert await kit.left_over(desk) == []


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("trouble", QUICK)
async def test_a_feed_in_trouble_loses_and_doubles_nothing(desk, trouble):
    await misbehaves(desk, trouble)


@pytest.mark.thorough
@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("trouble", [one for one in FEEDS if one not in QUICK])
async def test_whatever_ails_the_feed_it_loses_and_doubles_nothing(desk, trouble):
    await misbehaves(desk, trouble)
