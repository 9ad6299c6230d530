"""The provisioner's side: killed, doubled, late or lost, it ends in the same one site."""

from datetime import timedelta

import pytest

from sync import dormancy, requests, sig_sites
from sync.errors import Rejected, Unavailable
from sync.opening import KeptProgress
from sync.provisioning import Applied
from sync.sig_records import find
from sync.site_state import SiteState
from sync.state import due, leases, lists, notices, sites
from sync.state import requests as kept
from sync.state.journal_reading import Query, entries
from sync.state.lists import ListRow
from tests import tenant_kit as kit
from tests.sig.kit import (
    ADA_LIND,
    BEA_LONG,
    HELEN,
    MINUTE,
    NADIA,
    NOW,
    RAJ_RAO,
    SEED,
    WISH,
    a_service,
)

SITE = "wmin.sharepoint.com,1,2"


class Hints:
    """Takes the hints meant for the enforcer; a list hinted at is subscribed to at once."""

    async def send(self, messages):
        self.sent = list(messages)


class Killed(BaseException):
    """The process dies here."""


@pytest.fixture
async def service(tmp_path):
    async with a_service(tmp_path) as opened:
        yield opened


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    with kit.running(tmp_path_factory.mktemp("cloud"), SEED) as running:
        yield running


async def approved(service, name=WISH["name"]):
    request_id = (await requests.ask(service, HELEN, {**WISH, "name": name})).request.id
    await requests.agree(service, NADIA, request_id)
    await requests.agree(service, RAJ_RAO, request_id)
    await requests.approve(service, BEA_LONG, request_id, *MINUTE)
    return request_id


async def at(service, request_id, **values):
    async with service.state.begin() as tx:
        row = await kept.get_request(tx, request_id)
        await kept.put_request(tx, kept.changed(row, service.now(), **values))


async def state_of(service, request_id):
    row = (await find(service, request_id)).request
    return row.state, row.trouble


@pytest.fixture
def unwatched(monkeypatch):
    """Sites without webhooks: who subscribes is another app (tests/api shows both together)."""
    monkeypatch.setattr(
        sig_sites, "_provisioner", lambda job, _opening: sig_sites.Provisioner(job.service.tenant)
    )


@pytest.mark.usefixtures("unwatched")
async def test_an_opening_killed_at_any_step_ends_in_the_same_site(cloud, tmp_path, monkeypatch):
    deaths = [1, 9, 30, "finish"]
    async with a_service(tmp_path, cloud) as service:
        request_id = await approved(service, "Killed often")
        await sig_sites.carry_out(service, Hints(), request_id)
        seal = (await find(service, request_id)).request.seal
        await requests.open_site(service, ADA_LIND, request_id, seal)
        for death in deaths:
            with monkeypatch.context() as dying:
                _die_at(dying, death)
                with pytest.raises(Killed):
                    await sig_sites.carry_out(service, Hints(), request_id)
            assert await state_of(service, request_id) == ("opening", None)
        await sig_sites.carry_out(service, Hints(), request_id)
        assert await state_of(service, request_id) == ("open", None)
        await _one_site_one_welcome(service, request_id)


def _die_at(dying, death):
    taken, finish = KeptProgress.taken, KeptProgress.finish
    counted = []

    async def take(self, step):
        await taken(self, step)
        counted.append(step)
        if len(counted) == death:
            raise Killed

    async def end(self, seal, site):
        await finish(self, seal, site)
        if death == "finish":
            raise Killed

    dying.setattr(KeptProgress, "taken", take)
    dying.setattr(KeptProgress, "finish", end)


async def _one_site_one_welcome(service, request_id):
    row = (await find(service, request_id)).request
    async with service.state.read() as tx:
        told = await entries(tx, Query(site_id=row.site_id))
        mails = await notices.all_notices(tx)
        (site,) = [one for one in await sites.all_sites(tx) if one.site_id == row.site_id]
    assert [one.kind for one in told] == ["applied", "sig-opened"]
    assert sorted(one.recipient for one in mails) == sorted([kit.SAM, kit.HELEN])
    assert (site.state, site.order["name"]) == ("applied", "Killed often")


async def test_a_doubled_nudge_while_one_works_is_put_off_and_a_late_one_finds_nothing(service):
    request_id = await approved(service)
    async with service.state.begin() as tx:
        await leases.acquire(tx, f"provision:{request_id}", "another", NOW, 600)

    (later,) = await sig_sites.carry_out(service, Hints(), request_id)

    assert (later.list_id, later.delay) == (request_id, sig_sites.AGAIN)
    await at(service, request_id, state="open")
    async with service.state.begin() as tx:
        await leases.release(tx, leases.Lease(f"provision:{request_id}", "another", 1, NOW))
    assert await sig_sites.carry_out(service, Hints(), request_id) == []


async def test_a_step_asked_for_while_the_worker_still_held_the_request_follows_at_once(
    service, monkeypatch
):
    request_id = await approved(service)

    async def opened_as_soon_as_planned(job):
        await at(job.service, request_id, state="opening")

    monkeypatch.setattr(sig_sites, "WORK", {"approved": opened_as_soon_as_planned})

    (later,) = await sig_sites.carry_out(service, Hints(), request_id)

    assert (later.list_id, later.delay) == (request_id, 0)


async def test_a_lost_nudge_is_found_by_what_stands_in_state(service):
    waits, rests = await approved(service), await approved(service, "Resting")
    await at(service, rests, state="planned")

    assert [one.list_id for one in await sig_sites.waiting(service)] == [waits]


@pytest.mark.parametrize(
    ("error", "state", "later"),
    [
        (Unavailable("nobody answers", retry_after=7), "approved", [7]),
        (Unavailable("nobody answers"), "approved", [sig_sites.AGAIN]),
        (Rejected("the name is taken"), "planned", []),
    ],
)
async def test_what_may_pass_is_tried_again_and_what_does_not_waits_for_a_person(
    service, monkeypatch, error, state, later
):
    async def fail(_provisioner, _spec):
        raise error

    monkeypatch.setattr(sig_sites.Provisioner, "plan", fail)
    request_id = await approved(service)

    errands = await sig_sites.carry_out(service, Hints(), request_id)

    assert [one.delay for one in errands] == later
    assert await state_of(service, request_id) == (state, error.says)


async def test_a_request_withdrawn_while_it_is_planned_stays_withdrawn(service, monkeypatch):
    request_id = await approved(service)

    async def plan(_provisioner, spec):
        await requests.withdraw(service, HELEN, request_id)
        return sig_sites_plan(spec)

    monkeypatch.setattr(sig_sites.Provisioner, "plan", plan)

    assert await sig_sites.carry_out(service, Hints(), request_id) == []
    assert await state_of(service, request_id) == ("withdrawn", None)


def sig_sites_plan(spec):
    from sync.plan import Plan  # noqa: PLC0415 - for this one

    return Plan(spec.title, spec.path, ())


async def test_a_seal_that_no_longer_fits_shows_the_new_plan_and_makes_nothing(
    service, monkeypatch
):
    from sync.plan import SealMismatch  # noqa: PLC0415 - for this one

    request_id = await approved(service)
    await at(service, request_id, state="opening", seal="old")

    async def apply(_provisioner, spec, seal, _progress):
        raise SealMismatch(seal, sig_sites_plan(spec))

    monkeypatch.setattr(sig_sites.Provisioner, "apply", apply)
    await sig_sites.carry_out(service, Hints(), request_id)

    row = (await find(service, request_id)).request
    assert (row.state, row.seal) == ("planned", row.plan["seal"])
    assert "has changed since it was approved" in row.trouble


def a_row(list_id, **more):
    values = {
        "id": list_id,
        "site_id": SITE,
        "site_url": "https://wmin.sharepoint.com/sites/sig-breast-imaging",
        "area": list_id,
        "template": "sig",
        "title": list_id,
    }
    return ListRow(**values | more)


async def test_review_clocks_stand_still_while_a_group_sleeps(service):
    day = timedelta(days=1)
    async with service.state.begin() as tx:
        for list_id, site in (("mine", SITE), ("theirs", "elsewhere")):
            await lists.register_list(tx, a_row(list_id, site_id=site))
            await due.set_due(tx, list_id, "1", "review_date", NOW + 5 * day)
        await due.set_due(tx, "mine", "2", "review_date", NOW - day)

        await dormancy.postpone(tx, SITE, NOW, 30 * day)

        assert await due.promises(tx, "mine", "1") == {"review_date": NOW + 35 * day}
        assert await due.promises(tx, "mine", "2") == {"review_date": NOW - day}
        assert await due.promises(tx, "theirs", "1") == {"review_date": NOW + 5 * day}


async def test_waking_moves_the_promised_dates_by_the_time_slept(service, monkeypatch):
    request_id = await approved(service)
    week = timedelta(days=7)
    await at(service, request_id, state="waking", site_id=SITE, slept_at=NOW - week)
    async with service.state.begin() as tx:
        await lists.register_list(tx, a_row("mine"))
        await lists.pause(tx, paused=True, site_id=SITE)
        await due.set_due(tx, "mine", "1", "review_date", NOW)

    async def settled(*_given):
        return SiteState(id=SITE)

    monkeypatch.setattr(sig_sites, "_settled", settled)
    await sig_sites.carry_out(service, Hints(), request_id)

    async with service.state.read() as tx:
        row = await lists.get_list(tx, "mine")
        promised = await due.promises(tx, "mine", "1")
    assert await state_of(service, request_id) == ("open", None)
    assert (row.paused, promised) == (False, {"review_date": NOW + week})


async def test_who_keeps_writing_by_staffs_own_grant_is_named(service, monkeypatch):
    request_id = await approved(service)
    await at(service, request_id, state="falling asleep", site_id=SITE)
    levels = {
        "Helen Ward": ("edit",),
        "Everyone": ("read",),
        "SIG Breast imaging Owners": ("read",),
    }

    async def settled(*_given):
        return SiteState(id=SITE, levels=levels)

    monkeypatch.setattr(sig_sites, "_settled", settled)
    await sig_sites.carry_out(service, Hints(), request_id)

    state, trouble = await state_of(service, request_id)
    assert state == "dormant"
    assert trouble == "still more than readers, by staff's own doing: Helen Ward"


async def test_what_was_all_there_already_is_still_written_down(service, monkeypatch):
    request_id = await approved(service)
    await at(service, request_id, state="opening", seal="s")

    async def apply(*_given):
        return Applied((), SiteState(id=SITE))

    monkeypatch.setattr(sig_sites.Provisioner, "apply", apply)
    await sig_sites.carry_out(service, Hints(), request_id)

    async with service.state.read() as tx:
        site = await sites.get_site(tx, "sig-breast-imaging")
    assert (site.site_id, site.state) == (SITE, "applied")
    assert await state_of(service, request_id) == ("open", None)


def test_asleep_everybody_reads_and_the_quarantine_stays_with_the_ig_officers(service):
    from sharepoint_schema.order import SigOrder  # noqa: PLC0415 - for this one

    agreed = {"who": "A", "date": "01/11/2026"}
    order = SigOrder.model_validate(
        {
            **WISH,
            "network_director": agreed,
            "clinical_director": agreed,
            "operational_board": {"reference": "N", "date": "02/11/2026"},
        }
    )
    awake = service.spec("sig", order)
    asleep = dormancy.asleep(awake)

    assert {one.level for one in asleep.groups} <= {"read", None}
    assert asleep.place("quarantine").access == awake.place("quarantine").access
    grants = [one.level for area in asleep.lists for one in area.access or () if
              area.place != "quarantine"]  # fmt: skip
    assert set(grants) == {"read"}
    assert not any(area.policed for area in asleep.lists)
    assert [(area.key, area.views, area.columns) for area in asleep.lists] == [
        (area.key, area.views, area.columns) for area in awake.lists
    ]
