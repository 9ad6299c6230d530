"""A rule that corrects unusually many files only watches from then on, until somebody looks."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import update

from sync import breakers
from sync.errors import Missing
from sync.state import breakers as kept
from sync.state.journal_reading import Query, entries
from tests import flow_kit
from tests.breakers import kit
from tests.tenant_kit import DIRECTOR, HELEN

ALARM = "A rule corrected unusually many files"


async def opened(desk):
    async with desk.service.state.read() as tx:
        return {one.policy: one for one in await kept.open_breakers(tx)}


async def journalled(desk, kind):
    async with desk.service.state.read() as tx:
        return await entries(tx, Query(kind=kind))


async def forgotten(desk):
    """Let what has been counted until now be of the day before yesterday."""
    long_ago = desk.service.now() - timedelta(days=2)
    async with desk.service.state.begin() as tx:
        await tx.execute(update(kept.acts).values(at=long_ago))


async def test_beyond_its_share_a_rule_only_watches_until_it_is_let_go_on(desk):
    kit.limits(desk, least=3, share=0.01)
    named = [kit.misnamed(desk, number) for number in range(20, 25)]

    await desk.settle()

    renamed = [one for one in named if kit.fields(desk, one)["FileLeafRef"].startswith("Op-")]
    assert len(renamed) == 3
    left = [one for one in named if one not in renamed]
    assert {kit.fields(desk, one)["ControlStatus"] for one in left} == {"In order"}
    (row, _) = [await desk.shadow(one) for one in left]
    assert "file_name" in [one["policy"] for one in row.verdict["observed"]]
    assert (await opened(desk))["file_name"].acted == 3
    (mail,) = kit.mails(desk, ALARM)
    assert mail["to"] == [DIRECTOR]
    (entry,) = await journalled(desk, "breaker opened")
    assert (entry.policy, entry.after) == ("file_name", {"files": 3, "stops": True})

    (reset,) = await breakers.reset(desk.service, "core", "file_name")
    assert (reset.lists, reset.files) == (1, 2)
    await desk.settle()

    assert all(kit.fields(desk, one)["FileLeafRef"].startswith("Op-") for one in named)
    assert await opened(desk) == {}
    assert len(kit.mails(desk, ALARM)) == 1


async def test_columns_that_were_only_filled_in_use_up_no_allowance(desk):
    kit.limits(desk, least=3, share=0.01)
    old = desk.upload(*kit.plan(70))
    await desk.settle()
    await forgotten(desk)
    for number in range(71, 77):
        desk.upload(*kit.plan(number))
    await desk.settle()

    kit.write(desk, old, {"TargetAudience": "Me"}, HELEN)
    await desk.settle()

    assert kit.fields(desk, old)["TargetAudience"] == "all staff"
    assert await opened(desk) == {}


async def test_files_met_today_count_as_others_do(desk):
    kit.limits(desk, least=3, share=0.01)
    await forgotten(desk)
    files = [desk.upload(*kit.plan(number)) for number in range(80, 88)]
    await desk.settle()
    for one in files:
        kit.write(desk, one, {"TargetAudience": "Me"}, HELEN)
    await desk.settle()

    assert [kit.fields(desk, one)["TargetAudience"] for one in files].count("all staff") == 3
    assert (await opened(desk))["control_block"].acted == 3
    await breakers.reset(desk.service, "core", "control_block")


async def test_two_workers_together_correct_no_more_than_is_allowed(place):
    tenant, folder = place
    async with flow_kit.desk(tenant, folder) as one, flow_kit.desk(tenant, folder) as two:
        for desk in (one, two):
            await breakers.reset(desk.service, None, "file_name")
            kit.limits(desk, least=2, share=0.01)
        named = [kit.misnamed(one, number) for number in range(30, 38)]
        await one.drain()

        await asyncio.gather(one.work_off(), two.work_off())

        names = [kit.fields(one, item)["FileLeafRef"] for item in named]
        assert sum(name.startswith("Op-") for name in names) == 2
        await breakers.reset(one.service, "core", "file_name")
        kit.limits(one, least=50)
        await one.settle()


async def test_closing_files_goes_on_and_only_raises_the_alarm(desk):
    kit.limits(desk, least=1, share=0.01)
    before = len(kit.mails(desk, ALARM))
    text = "OFFICIAL-SENSITIVE: COMMERCIAL\nThe offers of scanner {}."
    items = [desk.upload(f"offers {n}.txt", text.format(n).encode(), "working") for n in range(3)]

    await desk.settle("working")

    here = {(await desk.shadow(one)).list_id for one in items}
    assert here == {await desk.list_id("restricted")}
    assert (await opened(desk))["sensitive_in_open_place"].stops is False
    alarms = kit.mails(desk, ALARM)
    assert len(alarms) == before + 1
    await breakers.reset(desk.service, "core", "sensitive_in_open_place")


@pytest.mark.parametrize(
    ("site", "policy", "says"),
    [("core", "no_rule", "is no rule"), ("nowhere", "file_name", "core")],
)
async def test_a_rule_or_site_that_is_none_is_refused_with_what_there_is(desk, site, policy, says):
    with pytest.raises(Missing, match=says):
        await breakers.reset(desk.service, site, policy)
