"""A changed rule is looked at first, within its budget; only what changes is judged anew."""

from datetime import timedelta

import pytest

from sync import rejudging
from sync.errors import Missing
from sync.rejudging import go, rejudge, report
from sync.state import backlog, items, journal_reading, lists, meter, rulesets, work
from tests import tenant_kit as kit

PDF_ONLY = "file_types.allowed.controlled=[pdf]"
NO_XLSX = "file_types.allowed.controlled=[pdf, docx]"
BY_TEXT = "sensitivity.phrases_needed=1"
ASK = ("rules_change.few=0", "rules_change.alone=0")


async def open_rows(service):
    async with service.state.read() as tx:
        return await backlog.open_rows(tx)


async def entries(service, kind):
    async with service.state.read() as tx:
        return await journal_reading.entries(tx, journal_reading.Query(kind=kind))


async def spent(service, lane=rejudging.LANE):
    now = service.now()
    async with service.state.read() as tx:
        told = await meter.ru_spent(tx, now - timedelta(hours=1), now + timedelta(hours=1))
    return told.get(lane, 0)


def asked(desk, mark):
    """Return what the enforcer asked of the tenant since the mark, by operation."""
    rows = desk.tenant.local("GET", f"/ledger?since={mark}")["value"]
    return {row["operation"]: row["requests"] for row in rows if row["app"] == kit.ENFORCER}


async def drop_open_rows(desk):
    async with desk.service.state.begin() as tx:
        await tx.execute(work.work.delete())


async def test_rules_that_have_not_changed_lead_to_nothing(desk, changed):
    mark = desk.mark()
    assert await rejudge(changed()) == []
    assert await report(desk.service) == []
    assert asked(desk, mark) == {}


async def test_what_the_facts_can_tell_costs_nothing(desk, changed):
    mark = desk.mark()
    service = changed(PDF_ONLY, *ASK)
    await rejudge(service)

    (told,) = await report(service)
    assert (told.list, told.policies) == ("Controlled documents", ("file_type",))
    assert (told.files, told.fetched, told.would_change) == (3, 0, 3)
    assert asked(desk, mark) == {}


async def test_a_rule_about_text_reads_each_file_once_and_writes_nothing(desk, changed):
    mark, before = desk.mark(), await spent(desk.service)
    service = changed(BY_TEXT, *ASK)
    await rejudge(service)

    assert desk.writes(mark) == {}
    assert set(asked(desk, mark).values()) == {4}
    assert await spent(service) - before == 8
    assert await report(service) == []  # no file would change: nothing waits
    (*_, entry) = await entries(service, "rules changed")
    assert (entry.after["files"], entry.after["read"], entry.after["judged_anew"]) == (1, 1, 0)


async def test_many_files_wait_for_a_go_and_meanwhile_nothing_is_put_up(desk, changed):
    service, mark = changed(PDF_ONLY, *ASK), desk.mark()
    for _ in range(3):
        assert await rejudge(service) == []

    (told,) = await report(service)
    assert (told.state, told.would_change, told.put) == ("waiting", 3, 0)
    assert await open_rows(service) == []
    assert desk.writes(mark) == {}


async def test_a_go_is_journalled_and_puts_up_exactly_the_files_that_change(desk, changed):
    service = changed(NO_XLSX, *ASK)
    await rejudge(service)
    (told,) = await go(service, "file_type", "an-admin", "core")
    nudges = await rejudge(service)

    (row,) = await open_rows(service)
    async with service.state.read() as tx:
        item = await items.get_item(tx, row.list_id, row.item_id)
    assert item.name.endswith(".xlsx")
    assert (row.kind, row.lane) == ("audit", work.Lane.BACKGROUND)
    assert [one.list_id for one in nudges] == [told.list_id]
    (*_, entry) = await entries(service, "rules change let act")
    assert (entry.actor, entry.after["would_change"]) == ("an-admin", 1)
    assert await report(service) == []
    await drop_open_rows(desk)


async def test_after_the_change_the_new_rules_are_those_in_force(desk, changed):
    service = changed(NO_XLSX)
    await rejudge(service)  # one file: it goes on by itself
    await drop_open_rows(desk)

    (*_, entry) = await entries(service, "rules changed")
    assert entry.before["file_type"][:2] == entry.after["rules"]["file_type"][:2]
    assert entry.before["file_type"][2] != entry.after["rules"]["file_type"][2]
    assert await rejudge(service) == []
    async with service.state.read() as tx:
        rules = await rulesets.rules_of(tx, await desk.list_id("controlled"))
    assert rules["file_type"].parameters["file_types"]["allowed"]["controlled"] == ["pdf", "docx"]


async def test_the_file_gets_its_new_verdict_from_an_ordinary_look(desk, changed):
    service = changed(NO_XLSX)
    await rejudge(service)
    desk.service, own = service, desk.service
    before = await spent(service, rejudging.BACKGROUND)
    await desk.work_off()
    desk.service = own

    async with service.state.read() as tx:
        rows = await items.items_of(tx, await desk.list_id("controlled"))
    said = {row.name[-5:]: [one["policy"] for one in row.verdict["findings"]] for row in rows}
    assert "file_type" in said[".xlsx"]
    assert await spent(service, rejudging.BACKGROUND) > before


async def test_another_mode_alone_is_told_without_reading_a_file(desk, changed):
    mark = desk.mark()
    service = changed(*ASK, sensitive_in_open_place="observe")
    await rejudge(service)

    assert asked(desk, mark) == {}
    assert await report(service) == []


async def test_rules_that_come_back_end_the_change(desk, changed):
    await rejudge(changed(PDF_ONLY, *ASK))
    assert len(await report(desk.service)) == 1

    await rejudge(desk.service)
    assert await report(desk.service) == []


async def test_another_change_begins_anew(changed):
    await rejudge(changed(PDF_ONLY, *ASK))
    service = changed(NO_XLSX, *ASK)
    await rejudge(service)

    (told,) = await report(service)
    assert (told.files, told.would_change) == (3, 1)


async def test_without_units_nothing_is_read_and_the_look_goes_on_where_it_was(desk, changed):
    mark = desk.mark()
    async with desk.service.state.begin() as tx:
        await meter.add_ru(tx, desk.service.now(), rejudging.LANE, 10)
    used = await spent(desk.service) + await spent(desk.service, rejudging.BACKGROUND)
    poor = changed(BY_TEXT, f"rules_change.units_an_hour={used + 3}", *ASK)
    await rejudge(poor)
    told = await report(poor)
    assert {one.state for one in told} == {"looking"}
    assert sum(one.files for one in told) == sum(one.fetched for one in told) == 2
    assert sum(asked(desk, mark).values()) == 4

    await rejudge(changed(BY_TEXT, *ASK))
    assert sum(asked(desk, mark).values()) == 8
    assert await report(desk.service) == []


async def test_a_run_that_dies_goes_on_after_the_last_batch(changed, monkeypatch):
    monkeypatch.setattr(rejudging, "BATCH", 1)
    service, seen = changed(PDF_ONLY, *ASK), []
    whole = rejudging.look_ahead

    async def dies(today, place, turns, item):
        seen.append(item.item_id)
        if len(seen) == 2:
            raise RuntimeError("killed")
        return await whole(today, place, turns, item)

    monkeypatch.setattr(rejudging, "look_ahead", dies)
    with pytest.raises(RuntimeError, match="killed"):
        await rejudge(service)
    await rejudge(service)

    assert seen == ["1", "2", "2", "3", "1"]  # the last one is another list's
    (told,) = await report(service)
    assert (told.files, told.would_change, told.state) == (3, 3, "waiting")


async def test_a_paused_list_waits(desk, changed):
    async with desk.service.state.begin() as tx:
        await lists.pause(tx, paused=True)
    await rejudge(changed(PDF_ONLY, *ASK))
    assert await report(desk.service) == []
    async with desk.service.state.begin() as tx:
        await lists.pause(tx, paused=False)


async def test_a_go_for_what_does_not_wait_is_refused(desk):
    with pytest.raises(Missing, match="no change of file_type waits"):
        await go(desk.service, "file_type", "an-admin")
