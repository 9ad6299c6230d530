"""An observer of a board sees the published agenda on the day of the meeting, and no more."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from sharepoint_schema.meetings import parse_meeting_paper
from sync.observers import keep_to_the_day
from sync.opening import KeptProgress, Opening
from sync.provisioning import Provisioner
from sync.service import Service, open_service
from sync.state import journal_reading, lists
from sync.state.engine import State
from sync.tenant import day_access, rest
from tests import tenant_kit as kit
from tests.flow_kit import ROLES, settings_of

DAY = 86_400
BOARD = ROLES.replace(
    "people:\n",
    f"""people:
  cdf_members: [{kit.HELEN}]
  cdf_observers: [{kit.GUEST}]
  cdf_chairs: [{kit.DIRECTOR}]
  cdf_secretaries: [{kit.HELEN}]
""",
)


@dataclass
class Board:
    """The forum's site, the enforcer's service on it, and its two libraries of papers."""

    service: Service
    cloud: kit.Tenant
    rows: dict[str, lists.ListRow]

    def put(self, name: str, area: str = "agendas", *, published: bool = True) -> Any:
        row = self.rows[area]
        with self.cloud.http(kit.HELEN) as helen:
            where = f"/v1.0/sites/{row.site_id}/lists/{row.id}/drive"
            made = helen.put(f"{where}/root:/{name}:/content", content=b"Welcome").json()
            if published:
                path = f"/v1.0/drives/{made['parentReference']['driveId']}/items/{made['id']}"
                helen.post(f"{path}/checkout").raise_for_status()
                told = {"comment": "", "checkInAs": "published"}
                helen.post(f"{path}/checkin", json=told).raise_for_status()
        return made

    def seen(self, made: Any, who: str = kit.GUEST) -> bool:
        path = f"/v1.0/drives/{made['parentReference']['driveId']}/items/{made['id']}"
        with self.cloud.http(who) as client:
            return client.get(path).status_code == 200

    def name(self, days: int = 0, kind: str = "agenda") -> str:
        return f"CDF {self.service.today() + timedelta(days=days)} {kind}.docx"

    async def turns(self) -> list[str]:
        return [one.change for one in await keep_to_the_day(self.service)]

    async def item(self, made: Any) -> str:
        names = await day_access.names(self.service.tenant, self.rows["agendas"])
        return next(key for key, name in names.items() if name == made["name"])

    async def entries(self) -> list[str]:
        async with self.service.state.read() as tx:
            told = await journal_reading.entries(tx, journal_reading.Query(limit=100))
        return [one.kind for one in told if one.kind.startswith("agenda")]


@pytest.fixture(name="board")
async def _board(tmp_path):
    with kit.running(tmp_path / "cloud") as cloud:
        made = settings_of(cloud, "provisioner", tmp_path, ru_per_minute=1_000_000)
        (tmp_path / "roles.yaml").write_text(BOARD)
        state = State.open(made.database_url)
        await state.migrate()
        await state.close()
        async with await open_service(made) as provisioner:
            opening = Opening(provisioner, "cdf", provisioner.spec("cdf"))
            plan = await Provisioner(provisioner.tenant).plan(opening.spec)
            await Provisioner(provisioner.tenant).apply(
                opening.spec, plan.seal, KeptProgress(opening)
            )
        told = settings_of(cloud, "enforcer", tmp_path, ru_per_minute=1_000_000)
        (tmp_path / "roles.yaml").write_text(BOARD)
        async with await open_service(told) as service:
            async with service.state.read() as tx:
                rows = {one.area: one for one in await lists.all_lists(tx)}
            yield Board(service, cloud, rows)


async def test_the_agenda_is_open_on_its_day_and_closed_the_next(board):
    today, tomorrow = board.put(board.name()), board.put(board.name(1))
    papers = board.put(board.name(kind="papers"), "papers")
    draft = board.put(f"CDF {board.service.today()} agenda to come.docx", published=False)
    assert not any(board.seen(one) for one in (today, tomorrow, papers, draft))
    assert await board.turns() == ["opened", "opened"]
    assert await board.turns() == []
    assert board.seen(today)
    assert not any(board.seen(one) for one in (tomorrow, papers, draft))
    assert board.seen(today, kit.HELEN)
    board.cloud.advance(DAY)
    assert sorted(await board.turns()) == ["closed", "closed", "opened"]
    assert (board.seen(today), board.seen(tomorrow)) == (False, True)
    found = await day_access.held(board.service.tenant, board.rows["agendas"],
                                  await board.item(today))  # fmt: skip
    assert not found.own
    assert await board.entries() == [*["agenda opened"] * 2, *["agenda closed"] * 2,
                                     "agenda opened"]  # fmt: skip


async def test_an_agenda_that_was_closed_for_another_reason_is_not_opened_by_the_morning(board):
    made = board.put(board.name())
    await board.turns()
    row, item = board.rows["agendas"], await board.item(made)
    found = await day_access.held(board.service.tenant, row, item)
    members = next(name for name in found.library if name.endswith("Members"))
    body = f"RemoveRoleAssignment(principalid={found.numbers[members]},roledefid=1073741827)"
    write = rest.Write(f"Web/Lists(guid'{row.id}')/Items({item})/RoleAssignments/{body}")
    assert await rest.write_together(board.service.tenant, row.site_url, [write], doing="contain")
    board.cloud.advance(DAY)
    assert await board.turns() == ["closed"]
    after = await day_access.held(board.service.tenant, row, item)
    assert after.own
    assert members not in after.levels
    assert not board.seen(made)


async def test_an_agenda_with_permissions_of_its_own_is_left_and_said(board):
    made = board.put(board.name())
    row, item = board.rows["agendas"], await board.item(made)
    path = f"Web/Lists(guid'{row.id}')/Items({item})/BreakRoleInheritance"
    write = rest.Write(f"{path}(copyRoleAssignments=false,clearSubscopes=true)")
    assert await rest.write_together(board.service.tenant, row.site_url, [write], doing="close")
    (told,) = await keep_to_the_day(board.service)
    assert (told.change, told.why) == ("left", "it has permissions of its own")
    assert not board.seen(made)


async def test_a_kill_between_closing_off_and_granting_is_made_good(board, monkeypatch):
    made = board.put(board.name())
    whole = rest.write_together

    async def first_only(tenant, url, writes, *, doing):
        await whole(tenant, url, writes[:1], doing=doing)
        raise RuntimeError("the process dies here")

    monkeypatch.setattr(rest, "write_together", first_only)
    with pytest.raises(RuntimeError, match="dies"):
        await keep_to_the_day(board.service)
    monkeypatch.undo()
    assert await board.turns() == ["opened"]
    assert board.seen(made)
    board.cloud.advance(DAY)
    assert await board.turns() == ["closed"]
    assert not board.seen(made)


async def test_a_paused_library_is_left_alone(board):
    board.put(board.name())
    async with board.service.state.begin() as tx:
        await lists.pause(tx, paused=True)
    assert await board.turns() == []


@pytest.mark.parametrize(
    "name",
    ["NEB 2026-12-01 agenda.docx", "SIG-BREAST 2026-12-01 minutes Second part.pdf"],
)
def test_a_meeting_paper_is_named_again_as_it_was_read(name):
    assert str(parse_meeting_paper(name)) == name


@pytest.mark.parametrize("name", ["agenda.docx", "NEB 2026-02-30 agenda.docx", "NEB 01/12 agenda"])
def test_any_other_name_is_no_meeting_paper(name):
    assert parse_meeting_paper(name) is None
