"""In the list, what counts is who set that field: neither the row's author nor its last editor."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from sharepoint_schema.roles import Roles
from sharepoint_schema.site import load_template
from sharepoint_schema.standard import load_standard
from sync import asked_in_list
from sync.opening import KeptProgress, Opening
from sync.provisioning import Provisioner
from sync.sig_records import every
from sync.state import lists
from sync.state.journal_reading import Query, entries
from sync.tenant.meter import metered
from sync.tenant.row_history import RowVersion, setter
from tests import tenant_kit as kit
from tests.sig.kit import BEA, BOTH, NOW, RAJ, ROLES, SEED, a_service

STAFF = [kit.HELEN, kit.SAM, kit.DIRECTOR, RAJ, BEA, BOTH]
PEOPLE = {
    **ROLES.people,
    "core_team": tuple(STAFF),
    "network_directors": (kit.DIRECTOR, BOTH),
    "clinical_directors": (RAJ, BOTH),
    "board_secretaries": (BEA,),
}
ASKED = {
    "SigKind": "Pathways (paediatric, breast, trauma, stroke …)",
    "SigChair": kit.SAM,
    "SigFacilitator": kit.HELEN,
    "SigNeed": "priority of the board",
}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    with kit.running(tmp_path_factory.mktemp("cloud"), SEED) as running:
        yield running


@dataclass
class Desk:
    """The list, and people who work in it."""

    service: object
    cloud: object
    place: object

    @property
    def items(self):
        return f"/v1.0/sites/{self.place.site_id}/lists/{self.place.id}/items"

    @property
    def today(self):
        return f"{self.service.today()}T00:00:00Z"

    def ask(self, who, name, **fields):
        body = {"fields": {"Title": name, **ASKED, **fields}}
        with self.cloud.http(who) as client:
            answer = client.post(self.items, json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def set(self, who, item_id, **fields):
        with self.cloud.http(who) as client:
            answer = client.patch(f"{self.items}/{item_id}/fields", json=fields)
        assert answer.status_code == 200, answer.text

    def shown(self, item_id):
        with self.cloud.http(kit.HELEN) as client:
            fields = client.get(f"{self.items}/{item_id}?$expand=fields").json()["fields"]
        return fields["RequestStatus"], fields.get("RequestReason", "")

    async def follow(self):
        return await asked_in_list.follow(self.service)

    async def record(self, name):
        (found,) = [one for one in await every(self.service) if one.request.wish["name"] == name]
        return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("state")


@pytest.fixture
async def desk(cloud, folder):
    """The list on a core team's site that is made once; the clock runs as the tenant's does."""
    async with a_service(folder, cloud, lambda: datetime.now(UTC)) as service:
        service.roles = Roles.model_validate({"people": PEOPLE, "apps": ROLES.apps})
        place = await _place(service)
        if place is None:
            opening = Opening(service, "core_team", service.spec("core_team"))
            provisioner = Provisioner(service.tenant)
            plan = await provisioner.plan(opening.spec)
            await provisioner.apply(opening.spec, plan.seal, KeptProgress(opening))
            place = await _place(service)
        yield Desk(service, cloud, place)


async def _place(service):
    async with service.state.read() as tx:
        rows = await lists.all_lists(tx)
    return next((row for row in rows if row.area == asked_in_list.AREA), None)


def test_the_list_offers_exactly_the_kinds_of_the_standard():
    template = load_template("core_team")
    (area,) = [one for one in template.lists if one.key == asked_in_list.AREA]
    (column,) = [one for one in area.columns if one.name == "SigKind"]
    assert column.choices == tuple(kind.name for kind in load_standard().sig_kinds)
    names = {"Title", *(one.name for one in area.columns)}
    assert {*asked_in_list.WISH.values(), *asked_in_list.TICKS} <= names


async def test_a_need_is_asked_for_agreed_and_minuted_in_sharepoint(desk):
    row = desk.ask(kit.HELEN, "Stroke")
    await desk.follow()
    status, reason = desk.shown(row)
    assert status == "Requested"
    assert reason.splitlines() == [
        "The Network Director's agreement is missing.",
        "The Clinical Director's agreement is missing.",
        "The Operational Board's minute is missing.",
    ]

    desk.set(kit.DIRECTOR, row, DirectorAgrees=True)
    desk.set(RAJ, row, ClinicalAgrees=True)
    desk.set(BEA, row, BoardMinute="NOB 9", BoardMinuteDate=desk.today)
    errands = await desk.follow()

    record = await desk.record("Stroke")
    assert (record.request.state, record.missing) == ("approved", ())
    assert [one.list_id for one in errands] == [record.request.id]
    assert {one.source for one in record.decisions.values()} == {"list"}
    assert {one.who for one in record.decisions.values()} == {"Raj Rao", "Nadia Drew", "Bea Long"}
    assert desk.shown(row) == ("Approved", "")


async def test_a_tick_by_anybody_else_counts_for_nothing_and_says_whose_it_is(desk):
    row = desk.ask(kit.HELEN, "Trauma", DirectorAgrees=True)
    desk.set(kit.SAM, row, ClinicalAgrees=True)
    await desk.follow()

    record = await desk.record("Trauma")
    status, reason = desk.shown(row)

    assert record.decisions == {}
    assert status == "Needs you"
    assert "Only the Network Director may agree for that office." in reason
    assert "Only the Clinical Director may agree for that office." in reason
    async with desk.service.state.read() as tx:
        told = await entries(tx, Query(list_id=desk.place.id, item_id=row, kind="refused"))
    assert sorted(one.after["what"] for one in told) == [
        "SIG request, ClinicalAgrees",
        "SIG request, DirectorAgrees",
    ]


async def test_who_saves_the_row_afterwards_does_not_make_the_tick_theirs(desk):
    row = desk.ask(kit.HELEN, "Cardiac")
    desk.set(kit.SAM, row, DirectorAgrees=True)
    desk.set(kit.DIRECTOR, row, Title="Cardiac")
    desk.set(kit.DIRECTOR, row, DirectorAgrees=True)
    await desk.follow()
    assert (await desk.record("Cardiac")).decisions == {}

    desk.set(kit.DIRECTOR, row, DirectorAgrees=False)
    desk.set(kit.DIRECTOR, row, DirectorAgrees=True)
    desk.set(kit.SAM, row, SigNeed=ASKED["SigNeed"])
    await desk.follow()
    (agreed,) = (await desk.record("Cardiac")).decisions.values()
    assert (agreed.step, agreed.who) == ("network_director", "Nadia Drew")


async def test_one_person_in_both_offices_gives_one_agreement(desk):
    row = desk.ask(kit.HELEN, "Cancer")
    desk.set(BOTH, row, DirectorAgrees=True, ClinicalAgrees=True)
    await desk.follow()

    assert len((await desk.record("Cancer")).decisions) == 1
    assert "One person can't give both directors' agreements (Gov-12)." in desk.shown(row)[1]


async def test_a_minute_before_the_agreements_is_refused_naming_them(desk):
    row = desk.ask(kit.HELEN, "Paediatric")
    desk.set(BEA, row, BoardMinute="NOB 9", BoardMinuteDate=desk.today)
    await desk.follow()
    assert "The Network Director's agreement is missing (Gov-12)" in desk.shown(row)[1]


async def test_who_may_not_ask_is_told_so_and_a_wrong_wish_names_its_field(desk):
    stranger = desk.ask(kit.SAM, "Sam's own")
    wrong = desk.ask(kit.HELEN, "Wrong", SigChair="Sam")
    await desk.follow()

    assert desk.shown(stranger)[0] == "Needs you"
    assert "may ask for a SIG site" in desk.shown(stranger)[1]
    assert "Chair: " in desk.shown(wrong)[1]


async def test_what_was_asked_for_does_not_change_under_the_decisions(desk):
    row = desk.ask(kit.HELEN, "Physics")
    desk.set(kit.DIRECTOR, row, DirectorAgrees=True)
    await desk.follow()
    desk.set(kit.HELEN, row, SigChair=BEA)
    await desk.follow()

    record = await desk.record("Physics")
    assert record.request.wish["chair"] == kit.SAM
    assert "stays as it was" in desk.shown(row)[1]


async def test_rows_that_rest_cost_one_read_and_no_write(desk):
    for _ in range(2):  # our own words are a change too, looked at once
        await desk.follow()
    with metered() as bill:
        assert await desk.follow() == []
    assert bill.requests == 1


def version(who, **fields):
    by = {"user": {"id": who, "displayName": who, "email": f"{who}@x.example"}}
    import msgspec  # noqa: PLC0415 - to build what the wire gives

    told = {"id": "1.0", "lastModifiedDateTime": NOW, "lastModifiedBy": by, "fields": fields}
    return msgspec.convert(told, RowVersion)


@pytest.mark.parametrize(
    ("newest_first", "who"),
    [
        ([("a", True)], "a"),
        ([("b", True), ("a", True)], "a"),
        ([("c", True), ("b", True), ("a", None)], "b"),
        ([("d", True), ("c", False), ("b", True), ("a", None)], "d"),
        ([("b", None), ("a", True)], "b"),
    ],
)
def test_the_setter_of_a_field_is_who_first_gave_it_its_present_value(newest_first, who):
    history = [version(one, **({} if tick is None else {"T": tick})) for one, tick in newest_first]
    assert setter(history, "T").last_modified_by.person.id == who
