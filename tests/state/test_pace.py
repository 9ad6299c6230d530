"""One pace for all processes of an app: drawn from one row, on either database."""

import asyncio
from datetime import timedelta

from sync.pacing import Shared
from sync.state.pace import get_pace
from sync.tenant.pace import DAY_PER_MINUTE, FRESH, WINDOW, Lane, Wish
from tests.state.conftest import NOW

APP = "enforcer@tenant"


def wish(units=5, which=Lane.NORMAL, **more):
    return Wish(units=units, size=units, lane=which, minute=100, **more)


async def test_workers_that_draw_at_once_never_draw_more_than_the_minute(state):
    one, other = Shared(state, APP), Shared(state, APP)
    drawn = await asyncio.gather(*(each.draw(wish()) for each in (one, other) for _ in range(15)))
    assert sum(each.units for each in drawn) == 100
    assert {each.wait for each in drawn if not each.units} == {WINDOW + FRESH}


async def test_a_pause_told_by_one_holds_the_other(state):
    await Shared(state, APP).draw(wish(hold=(90.0, "Microsoft 365 asked for it (429)")))
    refused = await Shared(state, APP).draw(wish())
    assert (refused.wait, refused.says) == (90.0, "Microsoft 365 asked for it (429)")


async def test_another_app_has_a_pace_of_its_own(state):
    await Shared(state, APP).draw(wish(hold=(90.0, "429")))
    assert (await Shared(state, "provisioner@tenant").draw(wish())).units == 5


async def test_the_day_s_count_outlives_the_process(state):
    first = await Shared(state, APP).draw(wish(50))
    await Shared(state, APP).draw(wish(10, used={first.id: 20}))
    async with state.read() as tx:
        row = await get_pace(tx, APP)
    assert row.spent == 30
    assert row.spent < 100 * DAY_PER_MINUTE
    assert row.day == NOW.timestamp() // timedelta(days=1).total_seconds()
