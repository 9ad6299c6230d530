"""A dormant site is compared with what it is while it sleeps; only `sig wake` wakes it."""

import pytest
from sqlalchemy import select

from sync import dormancy, nightly, pausing, requests, sig_sites
from sync.errors import Missing
from sync.sig_records import find
from sync.state import journal, lists, sites
from sync.state import requests as kept
from sync.tenant import rest
from tests import tenant_kit as kit
from tests.provisioning.conftest import way_in
from tests.sig.kit import ADA_LIND, BEA_LONG, HELEN, MINUTE, NADIA, RAJ_RAO, SEED, WISH, a_service

URL = f"https://{kit.HOST}/sites/sig-breast-imaging"
KEY = "sig-breast-imaging"


class Hints:
    async def send(self, messages):
        """Nobody listens here."""


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    with kit.running(tmp_path_factory.mktemp("cloud"), SEED) as running:
        yield running


@pytest.fixture
async def service(cloud, tmp_path, monkeypatch):
    monkeypatch.setattr(
        sig_sites, "_provisioner", lambda job, _opening: sig_sites.Provisioner(job.service.tenant)
    )
    async with a_service(tmp_path, cloud) as opened:
        yield opened


async def state(service, request_id):
    await sig_sites.carry_out(service, Hints(), request_id)
    row = (await find(service, request_id)).request
    assert row.trouble is None
    return row.state


async def site_state(service):
    async with service.state.read() as tx:
        return (await sites.get_site(tx, KEY)).state


async def interfere(cloud, path, how="POST", **members):
    async with way_in(cloud) as tenant:
        write = rest.Write(path, members, how)
        await rest.write_together(tenant, URL, [write], doing="interfere")


async def drifted(service):
    (found,) = await nightly.look_all(service, KEY)
    return [one.target for one in found.report.of("drifted")]


async def test_a_group_sleeps_is_watched_asleep_and_wakes_whole(service, cloud):
    request_id = (await requests.ask(service, HELEN, WISH)).request.id
    for director in (NADIA, RAJ_RAO):
        await requests.agree(service, director, request_id)
    await requests.approve(service, BEA_LONG, request_id, *MINUTE)
    assert await state(service, request_id) == "planned"
    seal = (await find(service, request_id)).request.seal
    await requests.open_site(service, ADA_LIND, request_id, seal)
    assert await state(service, request_id) == "open"
    assert await drifted(service) == []

    record, _ = await requests.turn(service, ADA_LIND, request_id, sleep=True)
    await dormancy.silence(service, record.request.site_id)
    assert await nightly.look_all(service) == [], "what is on its way is left alone"
    assert await state(service, request_id) == "dormant"
    assert (await site_state(service), await drifted(service)) == ("dormant", [])
    await _members_who_write_again_are_put_back(service, cloud)
    await _nothing_resumes_it(service)

    await requests.turn(service, ADA_LIND, request_id, sleep=False)
    assert await state(service, request_id) == "open"
    assert (await site_state(service), await drifted(service)) == ("applied", [])
    async with service.state.read() as tx:
        rows = await lists.all_lists(tx)
    assert not any(row.paused for row in rows)
    assert any(row.policed for row in rows)


async def _members_who_write_again_are_put_back(service, cloud):
    """Somebody gives the sleeping group its members' writing back by hand."""
    async with way_in(cloud) as tenant:
        groups = await rest.read(tenant, URL, "Web/SiteGroups?$select=Id,Title", doing="look")
    (members,) = [one["Id"] for one in groups["value"] if one["Title"].endswith(" Members")]
    grant = f"AddRoleAssignment(principalid={members},roledefid=1073741827)"
    await interfere(cloud, f"Web/RoleAssignments/{grant}")
    assert await drifted(service) == ["SIG Breast imaging Members"]
    (found,) = await nightly.check_all(service, KEY, at_once=True)
    assert [step.target for step in found.mended] == ["SIG Breast imaging Members"]
    assert await drifted(service) == []


async def _nothing_resumes_it(service):
    (found,) = await pausing.turn(service, None, paused=False)
    assert (found.lists, found.skipped) == (0, "dormant; wake it with: verger sig wake")
    async with service.state.read() as tx:
        rows = await lists.all_lists(tx)
    assert all(row.paused and not row.policed for row in rows)


async def test_pause_stops_corrections_and_resume_goes_on_and_both_are_journalled(service):
    async with service.state.begin() as tx:
        row = sites.Site(site_key="core", url="https://x/sites/core", template="core_team",
                         state="applied", site_id="s1")  # fmt: skip
        await sites.put_site(tx, row)
        for number in range(2):
            await lists.register_list(tx, lists.ListRow(
                id=f"l{number}", site_id="s1", site_url=row.url, area="working",
                template="core_team", title="Working"))  # fmt: skip
    assert [one.lists for one in await pausing.turn(service, "core", paused=True)] == [2]
    assert await nightly._paused(service, row)  # noqa: SLF001 - what the night asks itself
    assert [one.lists for one in await pausing.turn(service, row.url, paused=False)] == [2]
    assert not await nightly._paused(service, row)  # noqa: SLF001 - as above
    async with service.state.read() as tx:
        told = await tx.execute(select(journal.journal.c.kind).order_by(journal.journal.c.seq))
        assert [one.kind for one in told] == ["paused", "resumed"]
    with pytest.raises(Missing, match="'nowhere' is no site that Verger follows; it follows core"):
        await pausing.turn(service, "nowhere", paused=True)
    assert await nightly.look_all(service, "nowhere") == []


async def test_a_site_on_its_way_is_neither_paused_nor_resumed(service):
    request_id = (await requests.ask(service, HELEN, WISH)).request.id
    async with service.state.begin() as tx:
        found = await kept.get_request(tx, request_id)
        await kept.put_request(tx, kept.changed(found, service.now(), state="waking", site_id="s"))
        await sites.put_site(tx, sites.Site(site_key=KEY, url=URL, template="sig",
                                            state="opening", site_id="s"))  # fmt: skip
    (turned,) = await pausing.turn(service, KEY, paused=True)
    assert "try again when that is done" in turned.skipped
