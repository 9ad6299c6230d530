"""A site is planned, sealed, applied and then conforms, against the local tenant over its wire."""

import pytest

from sharepoint_schema.ways import Navigation
from sync.errors import Refused, VergerError
from sync.plan import PlanBlocked, SealMismatch
from sync.provisioning import Provisioner, SiteMoved, WithoutEffect
from sync.tenant import rest, sites
from sync.tenant.meter import metered
from sync.tenant.site_reader import read_site, site_url
from tests import tenant_kit
from tests.provisioning.conftest import MINUTE, fresh, joining, way_in, without_templates
from tests.provisioning.kit import KilledError, Remembered, Watching


@pytest.fixture(name="provisioner")
def _provisioner(tenant):
    return Provisioner(tenant, Watching())


async def built(provisioner, spec):
    """Plan and apply a spec; returns what was applied."""
    plan = await provisioner.plan(spec)
    return await provisioner.apply(spec, plan.seal, Remembered())


async def change(tenant, spec, path, body, method="MERGE"):
    """Change something by REST as an administrator would."""
    write = rest.Write(path, body, method)
    assert await rest.write_together(tenant, site_url(tenant, spec), [write], doing="interfere")


async def test_planning_after_applying_is_empty_for_every_kind_of_site(provisioner, kind):
    plan = await provisioner.plan(kind)
    progress = Remembered()
    with metered() as bill:
        applied = await provisioner.apply(kind, plan.seal, progress)
    assert {step.id for step in plan.steps} <= set(progress.steps)
    assert progress.finished == [plan.seal]
    assert [step.id for step in applied.steps] == progress.steps
    assert (await provisioner.plan(kind)).empty
    assert bill.requests <= 25
    # of the 1,250 that a minute of the smallest tenants has; the core site's 22 lists take longer
    assert bill.units <= (1_420 if kind.key == "core" else 1_100)


async def test_a_second_apply_only_reads(cloud, provisioner, sig):
    first = await provisioner.plan(sig)
    await provisioner.apply(sig, first.seal, Remembered())
    mark = cloud.local("GET", "/ledger")["mark"]
    again = await provisioner.apply(sig, first.seal, Remembered())
    assert again.steps == ()
    book = cloud.local("GET", f"/ledger?since={mark}")["value"]
    assert {row["operation"].split()[0] for row in book if "$batch" not in row["operation"]} == {
        "GET"
    }


async def test_one_sig_site_stays_within_its_published_budget(cloud, sig):
    """Issue 3: 25 HTTP requests the first time, 6 to plan a site that conforms.

    Counted for two processes, each of which fetches its own form digest.
    """
    watching = Watching()
    async with way_in(cloud) as tenant:
        with metered() as first:
            await built(Provisioner(tenant, watching), sig)
    async with way_in(cloud) as tenant:
        with metered() as again:
            assert (await Provisioner(tenant, watching).plan(sig)).empty
    assert first.requests <= 25
    assert first.units <= 700
    assert again.requests <= 6
    assert again.units <= 60


async def test_planning_writes_nothing(cloud, provisioner, core):
    mark = cloud.local("GET", "/ledger")["mark"]
    await provisioner.plan(core)
    book = cloud.local("GET", f"/ledger?since={mark}")["value"]
    assert {row["operation"].split()[0] for row in book if row["app"]} == {"GET"}


async def test_another_seal_is_refused_and_nothing_written(provisioner, core):
    plan = await provisioner.plan(core)
    with pytest.raises(SealMismatch, match="plan again") as refusal:
        await provisioner.apply(core, "0" * 64, Remembered())
    assert refusal.value.plan.seal == plan.seal
    assert (await provisioner.plan(core)).seal == plan.seal


async def test_a_plan_that_changed_since_its_approval_is_refused(tenant, provisioner, core):
    applied = await built(provisioner, core)
    lists = applied.site.lists
    where = f"Web/Lists(guid'{lists['Quarantine'].id}')"
    await change(tenant, core, where, rest.typed("SP.List", NoCrawl=False))
    approved = (await provisioner.plan(core)).seal
    where = f"Web/Lists(guid'{lists['Restricted'].id}')"
    await change(tenant, core, where, rest.typed("SP.List", NoCrawl=False))
    with pytest.raises(SealMismatch):
        await provisioner.apply(core, approved, Remembered())


SMALL = ("restricted", "quarantine", "work_programme", "action_log")


def small(spec, kept=SMALL, templates=()):
    """Return the spec with two lists beside the two that every site has."""
    lists = tuple(area for area in spec.lists if area.key in kept)
    return without_templates(spec.model_copy(update={"lists": lists}), templates)


def with_ways(sig, hub):
    """Return a small group's site with every kind of step: a hub, links, bound templates."""
    spec = joining(small(sig, (*SMALL, "templates"), ("agenda", "paper")), hub)
    lists = tuple(
        area.model_copy(update={"content_types": (*area.content_types, "agenda", "paper")})
        if area.key == "templates"
        else area
        for area in spec.lists
    )
    navigation = Navigation(top=spec.navigation.quick, quick=spec.navigation.quick)
    return spec.model_copy(update={"lists": lists, "navigation": navigation})


@pytest.fixture(name="dying")
def _dying(monkeypatch):
    """From its call on, a process dies after the first write or file of each request is done."""
    whole, put_whole = rest.exchange, sites.put_files

    async def after_a_write(tenant, url, writes, reads, *, doing):
        answer = await whole(tenant, url, writes[:1], reads, doing=doing)
        if writes:
            raise KilledError(doing)
        return answer

    async def after_a_file(tenant, files):
        await put_whole(tenant, files[:1])
        raise KilledError(files[0].name)

    def begin():
        monkeypatch.setattr(rest, "exchange", after_a_write)
        monkeypatch.setattr(sites, "put_files", after_a_file)

    return begin


async def applied_by_many(cloud, provisioner, spec, seal):
    """Apply again and again until an apply lives to its end; returns progress and the deaths."""
    progress, deaths = Remembered(), 0
    while not progress.finished:
        try:
            await provisioner.apply(spec, seal, progress)
        except KilledError:
            deaths += 1
            if deaths % 10 == 0:
                cloud.advance(MINUTE)
    return progress, deaths


async def test_an_apply_killed_at_every_write_ends_with_the_same_site(
    dying, cloud, provisioner, core, sig
):
    """Each apply dies after its first write has reached the tenant; the next goes on."""
    hub = small(core, SMALL[:2]).model_copy(update={"navigation": Navigation()})
    await built(provisioner, hub)
    spec = with_ways(sig, hub)
    plan = await provisioner.plan(spec)
    assert {step.kind for step in plan.steps} >= {"file", "template", "hub", "navigation"}
    dying()
    progress, deaths = await applied_by_many(cloud, provisioner, spec, plan.seal)
    assert deaths > 60
    assert progress.finished == [plan.seal]
    assert (await provisioner.plan(spec)).empty
    state = await read_site(provisioner.tenant, spec)
    assert {area.title for area in spec.lists} == {
        one.values["title"] for one in state.lists.values()
    }
    assert not {url for url in state.others if url != "Shared_x0020_Documents"}
    assert state.hub == hub.path
    assert [one.values["title"] for one in state.navigation["top"]] == ["Network home"]


async def test_an_apply_killed_before_it_wrote_down_its_end_is_ended_by_the_next(provisioner, sig):
    seal = (await provisioner.plan(small(sig))).seal
    progress = Remembered(die_after=1)
    while progress.begun is None or not (await provisioner.plan(small(sig))).empty:
        with pytest.raises(KilledError):
            await provisioner.apply(small(sig), seal, progress)
        progress.die_after = len(progress.steps) + 1
    await provisioner.apply(small(sig), seal, progress)
    assert progress.finished == [seal]


@pytest.mark.parametrize("lost", [2, 3, 4, 5])
async def test_an_answer_that_is_lost_leaves_everything_resumable(cloud, provisioner, sig, lost):
    seal = (await provisioner.plan(sig)).seal
    progress = Remembered()
    effect = {"kind": "refuse", "status": 502, "after": True}
    match = {"surface": "sharepoint", "method": "POST", "path": r"\$batch$"}
    cloud.fault(effect, match=match, skip=lost - 1, count=1)
    with pytest.raises(VergerError):
        await provisioner.apply(sig, seal, progress)
    assert (await provisioner.apply(sig, seal, progress)).site.id
    assert (await provisioner.plan(sig)).empty


async def test_parts_that_are_put_off_are_written_in_the_next_round(monkeypatch, provisioner, sig):
    whole, halved = rest.exchange, []

    async def half(tenant, url, writes, reads, *, doing):
        cut = len(writes) if len(writes) < 2 else len(writes) // 2
        halved.append(cut)
        return await whole(tenant, url, writes[:cut], reads, doing=doing)

    monkeypatch.setattr(rest, "exchange", half)
    await built(provisioner, sig)
    assert len(halved) > 10
    assert (await provisioner.plan(sig)).empty


async def test_writes_without_effect_are_told_apart_from_done(monkeypatch, provisioner, sig):
    whole = rest.exchange

    async def nothing(tenant, url, _writes, reads, *, doing):
        return await whole(tenant, url, [], reads, doing=doing)

    monkeypatch.setattr(rest, "exchange", nothing)
    seal = (await provisioner.plan(sig)).seal
    with pytest.raises(WithoutEffect, match="accepted without effect"):
        await provisioner.apply(sig, seal, Remembered())


async def test_a_site_that_changes_under_our_hands_stops_the_apply(
    monkeypatch, tenant, provisioner, core
):
    applied = await built(provisioner, core)
    lists = applied.site.lists
    quarantine = f"Web/Lists(guid'{lists['Quarantine'].id}')"
    await change(tenant, core, quarantine, rest.typed("SP.List", NoCrawl=False))
    seal = (await provisioner.plan(core)).seal
    restricted = rest.Write(
        f"Web/Lists(guid'{lists['Restricted'].id}')", rest.typed("SP.List", NoCrawl=False), "MERGE"
    )
    whole = rest.exchange

    async def meddle(tenant, url, writes, reads, *, doing):
        theirs = [restricted] if writes else []
        return await whole(tenant, url, [*writes, *theirs], reads, doing=doing)

    monkeypatch.setattr(rest, "exchange", meddle)
    with pytest.raises(SiteMoved, match="Restricted"):
        await provisioner.apply(core, seal, Remembered())


async def test_a_site_that_is_slow_to_appear_is_waited_for(cloud, provisioner, sig):
    effect = {"kind": "refuse", "status": 404, "code": "itemNotFound"}
    cloud.fault(effect, match={"surface": "sharepoint", "path": r"/Web$"}, count=2)
    await built(provisioner, sig)
    assert (await provisioner.plan(sig)).empty


async def test_drift_is_planned_and_put_back_and_nothing_else(tenant, provisioner, core):
    applied = await built(provisioner, core)
    area = applied.site.lists["ControlledDocuments"].id
    base = f"Web/Lists(guid'{area}')"
    loose = rest.typed("SP.List", EnableModeration=False, MajorVersionLimit=5, Title="Ours")
    await change(tenant, core, base, loose)
    column = f"{base}/Fields/GetByInternalNameOrTitle('ControlStatus')"
    await change(tenant, core, column, rest.typed("SP.FieldText", Indexed=False, Title="Colour"))
    plan = await provisioner.plan(core)
    assert [step.id for step in plan.steps] == [
        "list column/controlled/ControlStatus",
        "settings/controlled",
    ]
    await provisioner.apply(core, plan.seal, Remembered())
    assert (await provisioner.plan(core)).empty


async def test_what_staff_add_is_left_alone(tenant, provisioner, core):
    applied = await built(provisioner, core)
    base = f"Web/Lists(guid'{applied.site.lists['WorkingDocuments'].id}')"
    view = rest.typed("SP.ViewCreationInformation", Title="Mine", RowLimit=5)
    await change(tenant, core, f"{base}/Views/Add", {"parameters": view}, "POST")
    xml = '<Field Type="Text" Name="Mine" DisplayName="Mine"/>'
    own = rest.typed("SP.XmlSchemaFieldCreationInformation", SchemaXml=xml)
    await change(tenant, core, f"{base}/Fields/CreateFieldAsXml", {"parameters": own}, "POST")
    assert (await provisioner.plan(core)).empty


async def test_a_column_of_the_wrong_kind_blocks_and_nothing_is_written(tenant, provisioner, core):
    await built(provisioner, core)
    where = "Web/Fields/GetByInternalNameOrTitle('ReviewDate')"
    await change(tenant, core, f"{where}/DeleteObject", {}, "POST")
    xml = '<Field Type="Text" Name="ReviewDate" DisplayName="Review date"/>'
    own = rest.typed("SP.XmlSchemaFieldCreationInformation", SchemaXml=xml, Options=8)
    await change(tenant, core, "Web/Fields/CreateFieldAsXml", {"parameters": own}, "POST")
    plan = await provisioner.plan(core)
    with pytest.raises(PlanBlocked, match="ReviewDate is text, not date"):
        await provisioner.apply(core, plan.seal, Remembered())


def opens(cloud, who, site, area):
    """Whether somebody can open a library by Graph."""
    with cloud.http(who) as client:
        answer = client.get(f"/v1.0/sites/{site.id}/lists/{site.lists[area].id}/items")
    return answer.status_code == 200


MAY_OPEN = {
    (tenant_kit.SAM, "ControlledDocuments"): True,
    (tenant_kit.SAM, "Restricted"): False,
    (tenant_kit.SAM, "Quarantine"): False,
    (tenant_kit.SAM, "DocumentRegistry"): True,
    (tenant_kit.DIRECTOR, "Restricted"): True,
    (tenant_kit.DIRECTOR, "Quarantine"): False,
    (tenant_kit.IG_OFFICER, "Quarantine"): True,
    (tenant_kit.GUEST, "ControlledDocuments"): False,
}


async def test_only_those_meant_to_open_a_library_can(cloud, provisioner, core):
    site = (await built(provisioner, core)).site
    assert {one: opens(cloud, one[0], site, one[1]) for one in MAY_OPEN} == MAY_OPEN


async def test_an_observer_holds_nothing_on_a_board_s_site_but_the_agenda_s_day(provisioner):
    site = (await built(provisioner, fresh("cdf"))).site  # the day: tests/drift/test_observers.py
    observers = "Clinical Directors' Forum Observers"
    assert observers in site.groups
    assert observers not in site.levels
    assert not [area for area, one in site.lists.items() if observers in one.access]


async def test_the_enforcer_reads_a_site_only_once_it_is_granted(cloud, provisioner, core):
    await built(provisioner, core)
    async with way_in(cloud, "enforcer", tenant_kit.ENFORCER) as enforcer:
        title = await rest.read(enforcer, site_url(enforcer, core), "Web/Title", doing="look")
        assert title["value"] == core.title
        with pytest.raises(Refused):
            await rest.read(enforcer, f"https://{tenant_kit.HOST}", "Web/Title", doing="look")


async def test_the_approval_record_is_kept_with_the_site(cloud, provisioner, sig):
    site = (await built(provisioner, sig)).site
    name = "How this group was set up.txt"
    path = (
        f"/v1.0/sites/{site.id}/lists/{site.lists['GroupDocuments'].id}/drive/root:/{name}:/content"
    )
    with cloud.http(tenant_kit.SAM) as sam:
        link = sam.get(path).headers["location"]
    with cloud.httpx(Host=tenant_kit.HOST) as plain:
        text = plain.get(link.partition(tenant_kit.HOST)[2] or link).text
    assert "Operational Board's minute: NOB 2026/10 item 7, 14/10/2026" in text


async def test_no_call_went_unserved(cloud, provisioner, core, sig):
    await built(provisioner, core)
    await built(provisioner, sig)
    assert cloud.local("GET", "/unmatched")["value"] == []
