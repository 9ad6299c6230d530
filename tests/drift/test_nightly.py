"""The nightly check tells first and acts after the grace days, once for each difference."""

import pytest

from sync import nightly
from sync.opening import KeptProgress, Opening
from sync.provisioning import Provisioner
from sync.state import journal_reading, notices, sites
from sync.tenant import rest
from tests import tenant_kit as kit

DAY = 86_400
CORE = "Web/Lists/GetByTitle('{}')"


@pytest.fixture(name="cloud")
def _cloud(tmp_path):
    """Every test has a core site of its own, at its real address."""
    with kit.running(tmp_path / "cloud") as running:
        yield running


@pytest.fixture(name="opened")
async def _opened(service):
    """The core site, applied and written down as such; no webhook in these tests."""
    opening = Opening(service, "core_team", service.spec("core_team"))
    provisioner = Provisioner(service.tenant)
    plan = await provisioner.plan(opening.spec)
    await provisioner.apply(opening.spec, plan.seal, KeptProgress(opening))
    async with service.state.read() as tx:
        return await sites.get_site(tx, "core")


async def by_hand(service, title, **members):
    write = rest.Write(CORE.format(title), rest.typed("SP.List", **members), "MERGE")
    url = f"https://{service.settings.sharepoint_host}/sites/core"
    assert await rest.write_together(service.tenant, url, [write], doing="interfere")


async def mails(service):
    async with service.state.read() as tx:
        return await notices.all_notices(tx)


async def test_a_difference_is_told_once_and_put_back_after_the_grace_days(cloud, service, opened):
    (conforming,) = await nightly.check_all(service)
    assert conforming.report.state == "conforms"
    await by_hand(service, "Working documents", MajorVersionLimit=7)
    for _ in range(2):
        (checked,) = await nightly.check_all(service)
        assert [one.id for one in checked.report.of("drifted")] == ["settings/working"]
        assert checked.mended == ()
        assert len(await mails(service)) == 1
        cloud.advance(DAY)
    cloud.advance(14 * DAY)
    (checked,) = await nightly.check_all(service, opened.url)
    assert [one.id for one in checked.mended] == ["settings/working"]
    (checked,) = await nightly.look_all(service, "core")
    assert checked.report.state == "conforms"
    async with service.state.read() as tx:
        entries = await journal_reading.entries(tx, journal_reading.Query(site_id=opened.site_id))
    (entry,) = [one for one in entries if one.kind == "drift corrected"]
    assert entry.before == {"keep_major": 7}
    assert entry.undo == {"kind": "drift", "step": "settings/working", "before": {"keep_major": 7}}
    assert len(await mails(service)) == 1


async def test_a_place_set_apart_is_closed_the_same_night(service, opened):
    assert opened.state == "applied"
    url = f"https://{service.settings.sharepoint_host}/sites/core"
    loose = rest.Write(f"{CORE.format('Quarantine')}/ResetRoleInheritance")
    await rest.write_together(service.tenant, url, [loose], doing="interfere")
    (checked,) = await nightly.check_all(service)
    assert [one.id for one in checked.mended] == ["access/quarantine"]
    assert await mails(service) == []


async def test_looking_writes_nothing_and_correcting_asks_for_no_grace(service, opened):
    assert opened.site_id
    await by_hand(service, "Working documents", MajorVersionLimit=7)
    (looked,) = await nightly.look_all(service)
    assert (looked.mended, await mails(service)) == ((), [])
    (checked,) = await nightly.check_all(service, at_once=True)
    assert [one.id for one in checked.mended] == ["settings/working"]
    assert await nightly.check_all(service, "no-such-site") == []
