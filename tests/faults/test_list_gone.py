"""A list that staff deleted: noted, told once, hinted at no more, and followed when it is back."""

import pytest

from sync import absent, sweep
from sync.hints import Hint
from sync.state import lists, notices
from sync.state.journal_reading import Query, entries
from tests import tenant_kit
from tests.faults import kit

GONE = {"kind": "refuse", "status": 404, "code": "itemNotFound"}
AREA = "working"


@pytest.fixture
async def list_id(desk):
    return await desk.list_id(AREA)


def delete(desk, list_id):
    """Let Verger find of the list what it would find of one in the recycle bin; returns its end."""
    match = {"path": f"/lists/{list_id}", "app": tenant_kit.ENFORCER}
    number = desk.tenant.fault(GONE, match=match, count=None)
    return lambda: desk.tenant.local("DELETE", f"/faults/{number}")


async def hinted(desk):
    """Return the lists that the minute's sweep hints at."""
    return {one.list_id for one in await sweep.sweep(desk.service) if isinstance(one, Hint)}


async def told(desk, list_id):
    async with desk.service.state.read() as tx:
        row = await lists.get_list(tx, list_id)
        every = await notices.all_notices(tx)
        kinds = [one.kind for one in await entries(tx, Query(list_id=list_id))]
        mails = [one.recipient for one in every if one.idempotency_key.startswith("list gone:")]
        return mails, [one for one in kinds if one.startswith("list ")], await absent.gone(tx), row


async def test_a_deleted_list_is_told_once_and_hinted_at_no_more(desk, list_id):
    file = kit.plain()
    item = desk.upload(file.name, file.data, AREA)
    await kit.go_on(desk, AREA)
    before = await desk.shadow(item)
    restore = delete(desk, list_id)

    assert await desk.drain(AREA) == 0
    assert list_id in await hinted(desk), "one look is not sure"
    assert (await told(desk, list_id))[0] == []
    desk.tenant.advance(absent.SURE_AFTER.total_seconds())
    for _ in range(3):
        assert await desk.drain(AREA) == 0

    mails, kinds, gone, _ = await told(desk, list_id)
    assert (mails, kinds, list(gone)) == ([tenant_kit.DIRECTOR], ["list gone"], [list_id])
    assert list_id not in await hinted(desk)
    assert await desk.shadow(item) == before, "its documents stay as they were last seen"
    assert await kit.left_over(desk) == []

    restore()
    mark = desk.mark()
    await kit.go_on(desk, AREA)

    mails, kinds, gone, row = await told(desk, list_id)
    assert (len(mails), kinds, gone) == (1, ["list gone", "list back"], {})
    assert row.cursor is not None
    assert (await desk.shadow(item)).verdict == before.verdict
    assert desk.writes(mark) == {}


async def test_a_list_that_is_only_out_of_sight_for_a_moment_is_not_told(desk, list_id):
    mails, kinds, _, _ = await told(desk, list_id)
    before = (len(mails), len(kinds))
    restore = delete(desk, list_id)
    await desk.drain(AREA)
    restore()

    await kit.go_on(desk, AREA)

    mails, kinds, gone, row = await told(desk, list_id)
    assert gone == {}
    assert row.drained_seq == row.hint_seq
    assert (len(mails), len(kinds)) == before
