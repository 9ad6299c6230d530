"""The way of an uploaded file, stop by stop, against a real tenant: what the promises mean."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from local.demo.documents import samples
from sync import audit, enforcement, recording, sweep
from sync.hints import Hint
from sync.state import claims, leases, lists
from sync.tenant import documents
from tests import flow_kit
from tests import tenant_kit as kit

DAY = samples(date(2026, 11, 24))
TOR_03 = DAY["tor_03_wrong_name"]
RIGHT = "ToR-03 Network Operational Board Terms of Reference V1.docx"


def upload(desk, sample):
    item = desk.upload(sample.name, sample.data, sample.area)
    if sample.publish:
        desk.publish(item)
    return item


async def test_a_misnamed_file_is_renamed_once_and_then_left_alone(desk):
    item = upload(desk, TOR_03)
    await desk.settle()

    row = await desk.shadow(item)
    assert (row.name, row.control_status, desk.policies(row)) == (RIGHT, "Corrected", ["file_name"])

    mark = desk.mark()
    await desk.settle()
    assert desk.writes(mark) == {}


async def test_our_own_writes_are_dropped_where_they_come_back(desk):
    upload(desk, TOR_03)
    await desk.drain()
    await desk.work_off()

    assert await desk.drain() == 0


async def test_hints_that_come_twice_late_or_for_nothing_change_nothing(desk):
    item = upload(desk, TOR_03)
    for _ in range(3):
        await desk.drain()
    await desk.work_off()
    before = await desk.shadow(item)
    mark = desk.mark()
    for _ in range(3):
        await desk.settle()

    after = await desk.shadow(item)
    assert (after.verdict, after.own_etag) == (before.verdict, before.own_etag)
    assert desk.writes(mark) == {}


async def test_a_hint_for_a_list_that_is_not_ours_does_nothing(desk, caplog):
    hint = Hint("00000000-0000-4000-8000-000000000000", "2026-11-24T09:00:00+00:00")

    assert await flow_kit.changes.drain(desk.service, hint) == []
    assert "none of ours" in caplog.text


async def test_a_busy_list_keeps_the_hint_for_the_sweep(desk):
    upload(desk, TOR_03)
    list_id, now = await desk.list_id("controlled"), desk.service.now()
    async with desk.service.state.begin() as tx:
        held = await leases.acquire(tx, list_id, "another drain", now, 60)

    assert await desk.drain() == 0
    async with desk.service.state.begin() as tx:
        await leases.release(tx, held)
    assert Hint(list_id, now.isoformat()).queue in {
        m.queue for m in await sweep.sweep(desk.service)
    }


@pytest.mark.parametrize(
    "code", ["resyncChangesApplyDifferences", "resyncChangesUploadDifferences"]
)
async def test_a_dead_cursor_costs_an_enumeration_and_nothing_else(desk, code):
    item = upload(desk, TOR_03)
    await desk.settle()
    seen = await desk.shadow(item)
    desk.tenant.local("POST", "/expire", {"list": await desk.list_id("controlled"), "code": code})
    mark = desk.mark()

    await desk.settle()

    assert desk.writes(mark) == {}
    assert (await desk.shadow(item)).verdict == seen.verdict


async def test_a_file_deleted_while_the_cursor_was_dead_is_found_gone(desk):
    item = upload(desk, TOR_03)
    await desk.settle()
    path = f"/v1.0/drives/{desk.drives['controlled']}/items/{item['id']}"
    desk.person().delete(path).raise_for_status()
    desk.tenant.local("POST", "/expire", {"list": await desk.list_id("controlled")})

    await desk.settle()

    assert (await desk.shadow(item)).deleted_at is not None


async def test_a_deleted_file_keeps_its_document_and_its_number(desk):
    item = upload(desk, TOR_03)
    await desk.settle()
    before = await desk.shadow(item)
    path = f"/v1.0/drives/{desk.drives['controlled']}/items/{item['id']}"
    desk.person().delete(path).raise_for_status()
    await desk.settle()

    after = await desk.shadow(item)
    assert after.deleted_at is not None
    assert (after.document_id, after.number) == (before.document_id, "ToR-03")


async def test_a_name_taken_at_the_last_moment_is_not_forced(desk):
    item = upload(desk, TOR_03)
    await desk.drain()
    desk.upload(RIGHT, DAY["risk_workbook"].data)

    await desk.work_off()

    row = await desk.shadow(item)
    assert (row.name, row.control_status) == (TOR_03.name, "Needs you")
    (said,) = [one["says"] for one in row.verdict["findings"] if one["policy"] == "file_name"]
    assert "already has that name" in said


async def test_a_locked_file_waits_longer_each_time_and_is_put_right_when_free(desk):
    item = upload(desk, TOR_03)
    unique_id = item["eTag"].strip('"').partition(",")[0].strip("{}").lower()
    desk.tenant.local("POST", "/lock", {"unique_id": unique_id, "upn": kit.HELEN})
    await desk.drain()
    waits = []
    for _ in range(3):
        waits += await desk.work_off()
        desk.tenant.advance(waits[-1] + 1)

    assert waits == sorted(waits)
    assert waits[-1] > waits[0]
    row = await desk.row(item)
    assert row.state == "ready"
    assert "423" in row.reason

    desk.tenant.local("POST", "/unlock", {"unique_id": unique_id})
    desk.tenant.advance(3600)
    await desk.work_off()
    assert (await desk.shadow(item)).name == RIGHT


async def test_a_worker_that_dies_after_its_first_write_loses_no_word_of_the_verdict(
    desk, monkeypatch
):
    async def die(*_, **__):
        raise RuntimeError("the power went")

    item = upload(desk, TOR_03)
    await desk.drain()
    whole = documents.set_columns
    monkeypatch.setattr(documents, "set_columns", die)
    list_id = await desk.list_id("controlled")
    nudge = enforcement.Nudge(list_id, desk.service.now().isoformat())
    with pytest.raises(BaseExceptionGroup):
        await enforcement.work_off(desk.service, nudge)
    monkeypatch.setattr(documents, "set_columns", whole)

    desk.tenant.advance(enforcement.LEASE_SECONDS + 1)
    await desk.settle()

    row = await desk.shadow(item)
    assert (row.name, row.control_status, desk.policies(row)) == (RIGHT, "Corrected", ["file_name"])
    assert await desk.open_rows() == []


async def test_a_row_that_kills_its_worker_is_parked_for_a_person(desk, monkeypatch):
    async def die(*_, **__):
        raise RuntimeError("a bug")

    item = upload(desk, TOR_03)
    await desk.drain()
    await desk.work_off()
    desk.upload("another wrong name.docx", TOR_03.data)
    await desk.drain()
    monkeypatch.setattr(enforcement, "look", die)
    nudge = enforcement.Nudge(await desk.list_id("controlled"), desk.service.now().isoformat())
    for _ in range(enforcement.TRIES):
        with pytest.raises(BaseExceptionGroup):
            await enforcement.work_off(desk.service, nudge)
        desk.tenant.advance(enforcement.LEASE_SECONDS + 1)

    await enforcement.work_off(desk.service, nudge)

    (row,) = await desk.open_rows()
    assert row.state == "parked"
    assert "its worker died 5 times" in row.reason
    assert (await desk.shadow(item)).name == RIGHT


async def test_one_bad_item_does_not_keep_the_others_waiting(desk, monkeypatch):
    whole = recording.record

    async def record(case, acted, entry):
        if acted.document.name.startswith("ToR-08"):
            raise RuntimeError("a bug")
        return await whole(case, acted, entry)

    good, bad = upload(desk, TOR_03), upload(desk, DAY["terms_as_pdf"])
    monkeypatch.setattr(recording, "record", record)
    await desk.drain()
    nudge = enforcement.Nudge(await desk.list_id("controlled"), desk.service.now().isoformat())
    with pytest.raises(BaseExceptionGroup):
        await enforcement.work_off(desk.service, nudge)

    assert (await desk.shadow(good)).name == RIGHT
    assert (await desk.row(bad)).state == "leased"


async def test_an_audit_of_what_is_in_order_writes_nothing(desk):
    upload(desk, TOR_03)
    upload(desk, DAY["correctly_named"])
    await desk.settle()
    async with desk.service.state.begin() as tx:  # an audit looks at policed lists
        row = await lists.get_list(tx, await desk.list_id("controlled"))
        await lists.register_list(tx, replace(row, policed=True))
    mark = desk.mark()

    begun = await audit.begin(desk.service)
    await desk.work_off()

    assert (begun.listed, len(begun.nudges)) == (2, 1)
    assert desk.writes(mark) == {}
    assert await desk.open_rows() == []


async def test_a_warning_acts_on_the_day_it_promised(tenant, tmp_path):
    warn = 'modes: {"*": warn}\n'
    async with flow_kit.desk(tenant, tmp_path / "copy" / "state", warn) as desk:
        item = upload(desk, TOR_03)
        await desk.settle()
        row = await desk.shadow(item)
        assert (row.name, row.control_status) == (TOR_03.name, "Needs you")

        grace = desk.service.standard.review.grace_days
        desk.tenant.advance(timedelta(days=grace + 5, minutes=1).total_seconds())
        queues = {message.queue for message in await sweep.sweep(desk.service)}
        await desk.work_off()

        assert "work" in queues
        assert ((await desk.shadow(item)).name) == RIGHT


async def test_observing_writes_nothing_and_mails_nobody(tenant, tmp_path):
    async with flow_kit.desk(
        tenant, tmp_path / "copy" / "state", 'modes: {"*": observe}\n'
    ) as desk:
        mark = desk.mark()
        item = upload(desk, TOR_03)
        await desk.settle()

        row = await desk.shadow(item)
        assert (row.name, row.control_status) == (TOR_03.name, None)
        assert desk.policies(row) == ["file_name"]
        assert [name for name in desk.writes(mark) if "items" not in name.lower()] == []
        assert desk.tenant.local("GET", "/mailbox")["value"] == []


async def test_two_workers_share_the_rows_and_double_nothing(desk):
    for key in ("tor_03_wrong_name", "correctly_named", "terms_as_pdf", "draft_v03"):
        upload(desk, DAY[key])
    await desk.drain()
    wish = claims.Claim(owner="one", now=desk.service.now(), seconds=60, limit=2)
    async with desk.service.state.begin() as tx:
        mine = await claims.claim(tx, wish)

    await desk.work_off()

    assert len(mine) == 2
    assert sorted(row.state for row in await desk.open_rows()) == ["leased", "leased"]
