"""Made again from the files, the registry is the same; the check says what is not."""

import json
import random

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from cli.main import app
from sync.registry.checking import check
from sync.registry.columns import OWNED, plain
from sync.registry.rebuilding import rebuild, survey
from sync.state import numbers
from sync.state.registry import all_registry_rows, drop_registry_row
from sync.tenant import rows
from tests import tenant_kit as kit
from tests.flow_kit import settings_of
from tests.registry.kit import add_row, document, edit_row, fields_of, register, row_of, upload


async def owned(desk):
    """Return every row of the list in the columns Verger keeps, by number."""
    home = await register(desk)
    found = [row async for row in rows.every(desk.service.tenant, home)]
    return {
        row.fields.get("DocumentNumber", row.id): {n: plain(n, row.fields.get(n)) for n in OWNED}
        for row in found
    }


async def changes(desk):
    return [one for found in await survey(desk.service) for one in found.changes()]


class Walk:
    """Staff at work, in an order by chance: each step leaves the registry at rest."""

    def __init__(self, desk, seed):
        self.desk, self.live = desk, []
        self.chance = random.Random(seed)  # noqa: S311 - a repeatable walk

    async def step(self, at):
        acts = [self.numbered, self.unnumbered, self.wish]
        acts += [self.delete, self.review] if self.live else []
        await self.chance.choice(acts)(at)
        await self.desk.work_off()
        await self.desk.settle()
        await self.desk.settle("registry")

    async def numbered(self, at):
        title, number = f"Procedure {at}", f"Gov-{40 + at}"
        name = f"{number} {title} V0.1.docx"
        self.live.append(await upload(self.desk, name, document(title, number)))

    async def unnumbered(self, at):
        title = f"Procedure {at}"
        self.live.append(await upload(self.desk, f"{title}.docx", document(title)))

    async def wish(self, at):
        series = self.chance.choice(["Gov", "Op"])
        await add_row(self.desk, Title=f"Wish {at}", NumberSeries=series)

    async def delete(self, _):
        gone = self.live.pop(self.chance.randrange(len(self.live)))
        path = f"/v1.0/drives/{gone['parentReference']['driveId']}/items/{gone['id']}"
        self.desk.person().delete(path).raise_for_status()

    async def review(self, _):
        number = (await self.desk.shadow(self.chance.choice(self.live))).number
        row = await row_of(self.desk, number)
        await edit_row(self.desk, row["id"], kit.HELEN, ReviewDate="2027-05-01T00:00:00Z")


async def test_a_rebuild_of_what_happened_by_itself_changes_nothing(desk):
    walk = Walk(desk, 7)
    for at in range(14):
        await walk.step(at)
    before = await owned(desk)
    assert len(before) > 5

    assert [(one.wanted.number, one.columns) for one in await changes(desk)] == []

    home = await register(desk)
    for row in [row async for row in rows.every(desk.service.tenant, home)]:
        await rows.remove(desk.service.tenant, home, row.id)
    for found in await survey(desk.service):
        await rebuild(desk.service, found)
    assert await owned(desk) == before
    await desk.settle("registry")
    assert await owned(desk) == before


async def test_a_rebuild_keeps_the_staffs_own_columns_and_puts_ours_right(desk):
    await upload(desk, "Gov-61 Notes V0.1.docx", document("Notes", "Gov-61"))
    home = await register(desk)
    row = await row_of(desk, "Gov-61")
    body = {"name": "OurShelf", "text": {}}
    site = desk.person(kit.DIRECTOR).get(f"/v1.0/sites/{kit.HOST}:/sites/core").json()["id"]
    made = desk.person(kit.DIRECTOR).post(f"/v1.0/sites/{site}/lists/{home.id}/columns", json=body)
    made.raise_for_status()
    wrong = {"OurShelf": "second from the left", "Title": "Wrong", "VersionLabel": "V9"}
    await rows.update(desk.service.tenant, home, row["id"], wrong)

    for found in await survey(desk.service):
        told = await rebuild(desk.service, found)
        assert [one.wanted.number for one in told] == ["Gov-61"]

    after = await fields_of(desk, row["id"])
    assert (after["Title"], after["OurShelf"]) == ("Notes", "second from the left")
    assert await changes(desk) == []


async def test_the_state_of_the_rows_is_found_again_when_it_was_lost(desk):
    async with desk.service.state.begin() as tx:
        known = await all_registry_rows(tx)
        for row in known:
            await drop_registry_row(tx, row.document_id)
    for found in await survey(desk.service):
        await rebuild(desk.service, found)
    async with desk.service.state.read() as tx:
        again = await all_registry_rows(tx)
    assert {row.number: row.list_item_id for row in again} == {
        row.number: row.list_item_id for row in known
    }


async def test_the_check_names_each_fault_once(desk):
    home = await register(desk)
    await upload(desk, "Op-71 Kept V0.1.docx", document("Kept", "Op-71"))
    lost = await upload(desk, "Op-74 Lost V0.1.docx", document("Lost", "Op-74"))
    await upload(desk, "Op-999 Far off V0.1.docx", document("Far off", "Op-999"))
    row = await row_of(desk, "Op-71")
    await rows.update(desk.service.tenant, home, row["id"], {"VersionLabel": "V9"})
    path = f"/v1.0/drives/{lost['parentReference']['driveId']}/items/{lost['id']}"
    desk.person().delete(path).raise_for_status()
    await desk.settle()
    stray = {"Title": "made by hand", "DocumentNumber": "Op-300"}
    stray_id = await rows.create(desk.service.tenant, home, stray)

    report = await check(desk.service)

    told = {(one.kind, one.number) for one in report.faults if one.number.startswith("Op-")}
    assert {("row out of step", "Op-71"), ("row without a file", "Op-74")} <= told
    assert {("row of no number", "Op-300"), ("gap", "Op-72"), ("gap", "Op-73")} <= told
    assert [one.says for one in report.faults if "Op-999" in one.says] == [
        "Op-999 Far off V0.1.docx has no number (Held)."
    ]
    assert not report.complete
    await rows.remove(desk.service.tenant, home, stray_id)


async def test_a_gap_is_explained_by_a_registrar(desk):
    row_id = await add_row(desk, kit.HELEN, Title="never used", DocumentNumber="Op-72")
    await edit_row(desk, row_id, kit.HELEN, NumberStatus="Void")
    report = await check(desk.service)
    assert "Op-72" not in {one.number for one in report.faults}
    assert [one.state for one in report.numbers if one.number == "Op-72"] == ["void"]


async def test_two_files_that_both_say_current_are_found(desk):
    first = await upload(desk, "Gov-81 Twin V0.1.docx", document("Twin", "Gov-81"))
    second = await upload(desk, "Gov-81 Other Twin V0.1.docx", document("Other", "Gov-81"))
    place = await desk.service.place(await desk.list_id("controlled"))
    for item in (first, second):
        row = await desk.shadow(item)
        told = {"DocumentStatus": "Current", "DocumentNumber": "Gov-81"}
        await rows.update(desk.service.tenant, place.row, row.item_id, told)
    report = await check(desk.service)
    assert ("two Currents", "Gov-81") in {(one.kind, one.number) for one in report.faults}


@pytest.fixture(name="verger")
def _verger(tenant, folder, monkeypatch):
    """Run a command as the enforcer's admin does; returns exit status and output."""
    told = settings_of(tenant, "enforcer", folder / "state")
    names = ("tenant_id", "client_id", "certificate", "sharepoint_host", "login_address",
             "graph_address", "sharepoint_address", "ca_file", "database_url", "roles",
             "clock_file", "ru_per_minute")  # fmt: skip
    lines = [f"VERGER_{name.upper()}={getattr(told, name)}" for name in names]
    (folder / "enforcer.env").write_text("\n".join(lines))
    monkeypatch.setenv("VERGER_SETTINGS", str(folder / "enforcer.env"))
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words):
        done = CliRunner().invoke(app, words)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, done.output

    return run


@pytest.fixture(name="passed_over")
async def _passed_over(desk):
    """A row that says something else than its file, and the number passed over before it."""
    async with desk.service.state.read() as tx:
        highest = (await numbers.series_highest(tx)).get("Op", 0)
    number, title = f"Op-{highest + 2:02}", f"Leap {highest}"
    await upload(desk, f"{number} {title} V0.1.docx", document(title, number))
    row = await row_of(desk, number)
    await rows.update(desk.service.tenant, await register(desk), row["id"], {"VersionLabel": "V9"})
    return f"Op-{highest + 1:02}"


def test_the_check_exits_1_and_fills_a_workbook_and_json(verger, folder, passed_over):
    status, shown = verger("registry", "check", "--xlsx", str(folder / "registry.xlsx"))
    assert (status, "It is not complete." in shown) == (1, True)
    book = load_workbook(folder / "registry.xlsx")
    assert book.sheetnames == ["Faults", "Numbers"]
    assert ("gap", passed_over) in {row[:2] for row in book["Faults"].iter_rows(values_only=True)}
    status, shown = verger("registry", "check", "--json")
    assert (status, json.loads(shown)["complete"]) == (1, False)


@pytest.mark.usefixtures("passed_over")
def test_a_dry_run_writes_nothing_and_the_rebuild_then_does(verger):
    before = json.loads(verger("registry", "rebuild", "--dry-run", "--json")[1])
    assert before == json.loads(verger("registry", "rebuild", "--dry-run", "--json")[1])
    assert before
    assert json.loads(verger("registry", "rebuild", "--json")[1]) == before
    assert verger("registry", "rebuild", "--dry-run")[1].strip() == "0 rows would be written."


async def test_every_number_has_exactly_one_row(desk):
    async with desk.service.state.read() as tx:
        given = {str(one.number) for one in await numbers.all_numbers(tx)}
    listed = await owned(desk)
    assert given <= set(listed)
