"""An audit judges everything that is there, goes on where it was cut short, and reports it."""

import json

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from cli.main import app
from sync import audit, enforcement
from sync.changes import change_of
from sync.errors import Missing
from sync.state import claims, lists
from sync.tenant import documents
from sync.tenant.shapes import ChangedItem
from tests import tenant_kit as kit
from tests.flow_kit import settings_of

CORE = f"https://{kit.HOST}/sites/core"

pytestmark = pytest.mark.xdist_group("audit")  # they look at each other's files


async def policed(desk, area="working"):
    """Let an audit meet one library; the kit's lists are not policed, having no webhook."""
    async with desk.service.state.begin() as tx:
        row = await lists.get_list(tx, await desk.list_id(area))
        told = {name: getattr(row, name) for name in row.__slots__}
        await lists.register_list(tx, lists.ListRow(**{**told, "policed": True}))


@pytest.fixture
def small_pages(monkeypatch):
    """Pages of five items; returns the cursors each reading began from."""
    feed, begun = documents.changes, []

    def changes(tenant, where, cursor=None):
        begun.append(cursor)
        return feed(tenant, where, cursor, 5)

    monkeypatch.setattr(documents, "changes", changes)
    return begun


@pytest.fixture
def power_cut(monkeypatch):
    """Cut the power at the nth page of the enumeration, each written by itself."""
    monkeypatch.setattr(audit, "TOGETHER", 1)

    def at(page):
        put, calls = audit.work.put, []

        async def dying(*given):
            calls.append(given)
            if len(calls) == page:
                monkeypatch.setattr(audit.work, "put", put)
                raise RuntimeError("the power went")
            await put(*given)

        monkeypatch.setattr(audit.work, "put", dying)

    return at


def text(n):
    return f"Notes number {n} about scanners.".encode()


async def half_judged(desk, rows):
    """Work some rows off, and let a worker die with a few more in its hands."""
    list_id = await desk.list_id("working")
    nudge = enforcement.Nudge(list_id, desk.service.now().isoformat())
    for _ in range(rows // enforcement.CHUNK):
        await enforcement.work_off(desk.service, nudge)
    async with desk.service.state.begin() as tx:
        now = desk.service.now()
        wish = claims.Claim(owner="dead", now=now, seconds=60, limit=4, list_id=list_id)
        await claims.claim(tx, wish)


async def cut_short_and_finished(desk, count, power_cut):
    """Audit `count` files with two deaths; returns the audit that came to its end."""
    power_cut(2)
    with pytest.raises(RuntimeError):
        await audit.begin(desk.service, CORE)
    await half_judged(desk, 4)
    begun = await audit.begin(desk.service, "core")
    assert (begun.listed, begun.resumed) == (count, True)
    await half_judged(desk, count // 3)
    at = await audit.progress(desk.service, begun)
    assert 0 < at.waiting < count
    assert at.judged == count - at.waiting
    again = await audit.begin(desk.service, "core")
    assert (again.listed, again.resumed) == (count, True)
    desk.tenant.advance(enforcement.LEASE_SECONDS + 1)
    await desk.work_off("working")
    return again


async def test_an_audit_that_was_cut_short_goes_on_where_it_was(desk, small_pages, power_cut):
    await policed(desk)
    for n in range(12):
        desk.upload(f"notes {n}.txt", text(n), "working")
    ended = await cut_short_and_finished(desk, 12, power_cut)
    assert (await audit.progress(desk.service, ended)).done
    assert [cursor is None for cursor in small_pages] == [True, False]

    found = [one async for one in audit.report(desk.service, ended)]
    assert sorted(one.file for one in found) == sorted(f"notes {n}.txt" for n in range(12))
    assert {one.status for one in found} == {"In order"}
    await audit.forget(desk.service, ended)


async def test_the_next_audit_begins_anew_and_one_may_ask_for_that(desk):
    await policed(desk)
    begun = await audit.begin(desk.service)
    anew = await audit.begin(desk.service, anew=True)
    assert (begun.resumed, anew.resumed) == (False, False)
    await desk.work_off("working")
    assert (await audit.begin(desk.service)).resumed is False
    await desk.work_off("working")


@pytest.mark.parametrize(
    ("title", "untold", "told"),
    [("Scanner plan", False, True), ("943 476 5919", False, False), ("A grievance", True, False)],
)
def test_a_row_says_nothing_that_is_not_to_be_kept(title, untold, told):
    item = ChangedItem(id="1", fields={"Title": title})
    assert ("item" in change_of(item, 0.0, untold=untold)) is told


async def test_a_site_nobody_follows_is_named(desk):
    await policed(desk)
    with pytest.raises(Missing, match="follows core"):
        await audit.begin(desk.service, "https://elsewhere.example/sites/x")


async def test_the_report_tells_what_was_found_as_an_event_would(desk):
    await policed(desk)
    patient = b"Patient John Smith, NHS number 943 476 5919, born 01/02/1950"
    desk.upload("kept.txt", text(99), "working")
    desk.upload("referral.txt", patient, "working")
    begun = await audit.begin(desk.service, "core")
    await desk.work_off("working")
    found = {one.file: one async for one in audit.report(desk.service, begun)}
    assert found["kept.txt"].status == "In order"
    assert "referral.txt" not in found  # in quarantine, where the officers look


async def test_an_audit_waits_for_its_own_rows_and_not_for_what_staff_do_meanwhile(desk):
    await policed(desk)
    await desk.drain("working")
    await desk.work_off("working")
    begun = await audit.begin(desk.service, "core", anew=True)
    await desk.work_off("working")
    desk.upload("later.txt", text(7), "working")
    await desk.drain("working")
    assert len(await desk.open_rows()) == 1

    at = await audit.progress(desk.service, begun)

    assert (at.done, at.judged) == (True, begun.listed)
    assert (await audit.begin(desk.service, "core")).resumed is False
    await desk.work_off("working")


async def test_a_file_in_use_is_counted_as_waiting_by_itself(desk):
    await policed(desk)
    item = desk.upload("in use.txt", text(8), "working")
    path = f"/v1.0/drives/{item['parentReference']['driveId']}/items/{item['id']}"
    desk.person().post(f"{path}/checkout").raise_for_status()
    begun = await audit.begin(desk.service, "core", anew=True)
    await desk.work_off("working")

    at = await audit.progress(desk.service, begun)

    assert (at.waiting, at.delayed, at.judged) == (1, 1, begun.listed - 1)
    desk.person().post(f"{path}/checkin", json={"comment": "done"}).raise_for_status()
    desk.tenant.advance(60)
    await desk.work_off("working")
    assert (await audit.progress(desk.service, begun)).done


def test_the_command_waits_reports_and_fills_a_workbook(tenant, folder, monkeypatch):
    told = settings_of(tenant, "enforcer", folder / "state")
    names = ("tenant_id", "client_id", "certificate", "sharepoint_host", "login_address",
             "graph_address", "sharepoint_address", "ca_file", "database_url", "roles",
             "clock_file", "ru_per_minute")  # fmt: skip
    lines = [f"VERGER_{name.upper()}={getattr(told, name)}" for name in names]
    (folder / "enforcer.env").write_text("\n".join(lines))
    monkeypatch.setenv("VERGER_SETTINGS", str(folder / "enforcer.env"))
    monkeypatch.setattr("cli.audit.with_nudges", _worked_off)
    sheet = folder / "audit.xlsx"
    done = CliRunner().invoke(
        app, ["audit", "core", "--json", "--within", "1", "--xlsx", str(sheet)]
    )
    assert (done.exit_code, done.exception) == (0, None)
    files = {one["file"]: one["status"] for one in json.loads(done.stdout)}
    assert files["kept.txt"] == "In order", files
    rows = list(load_workbook(sheet)["Files"].iter_rows(values_only=True))
    assert rows[0][0] == "File"
    assert len(rows) == len(files) + 1


async def _worked_off(service, _send):
    """Stand in for the function app: what is nudged is worked off."""
    async with service.state.read() as tx:
        rows = await lists.all_lists(tx, policed=True)
    nudges = [enforcement.Nudge(row.id, service.now().isoformat()) for row in rows]
    for nudge in nudges * 10:
        await enforcement.work_off(service, nudge)


@pytest.mark.thorough
async def test_three_hundred_files_are_audited_through_two_deaths(desk, power_cut):
    await policed(desk)
    area = "working"
    async with desk.service.state.read() as tx:
        row = await lists.get_list(tx, await desk.list_id(area))
    known = {
        one.id: one.fields.get("FileLeafRef", "")
        async for page in documents.changes(desk.service.tenant, row)
        for one in page.items
        if not (one.deleted or one.is_folder)
    }
    links = sum(name.endswith(".url") for name in known.values())  # left by moves, not judged
    for n in range(len(known), 300):
        desk.upload(f"more notes {n}.txt", text(1000 + n), area)
    ended = await cut_short_and_finished(desk, 300, power_cut)
    assert (await audit.progress(desk.service, ended)).done
    found = [one async for one in audit.report(desk.service, ended)]
    assert len(found) == 300 - links
    assert {one.status for one in found} == {"In order"}
