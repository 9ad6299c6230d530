"""How long after its hint a change is judged, and by which lane its calls go."""

from datetime import timedelta

from sync.changes import drain
from sync.hints import Hint
from sync.state import lists, work
from sync.tenant import documents
from sync.tenant.pace import Lane, current_lane


async def test_the_time_from_hint_to_verdict_is_kept_for_each_list(desk):
    desk.upload("how fast.txt", b"text", "working")
    came = desk.service.now() - timedelta(seconds=30)
    await drain(desk.service, Hint(await desk.list_id("working"), came.isoformat()))
    await desk.work_off("working")
    async with desk.service.state.read() as tx:
        row = await lists.get_list(tx, await desk.list_id("working"))
    assert 30 <= row.latency < 90
    assert row.judged_at >= came


async def test_a_background_row_s_calls_give_way_to_staff_s(desk, monkeypatch):
    item = desk.upload("looked at again.txt", b"text", "working")
    await desk.settle("working")
    row, seen = await desk.shadow(item), []
    facts = documents.file_facts

    async def watched(*told):
        seen.append(current_lane())
        return await facts(*told)

    monkeypatch.setattr(documents, "file_facts", watched)
    async with desk.service.state.begin() as tx:
        again = work.NewWork(
            list_id=row.list_id, item_id=row.item_id, kind="audit", lane=work.Lane.BACKGROUND
        )
        await work.put(tx, [again], desk.service.now())
    await desk.work_off("working")
    assert set(seen) == {Lane.BACKGROUND}
    assert current_lane() is Lane.NORMAL
