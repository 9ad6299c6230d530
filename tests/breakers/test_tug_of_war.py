"""A correction that is undone each time is given up for a day, and the file says by whom."""

from datetime import timedelta

import pytest

from sync import breakers
from sync.sweep import sweep
from tests import tenant_kit
from tests.breakers import kit

RIVALS = [
    pytest.param(tenant_kit.SAM, "Sam Price (or a flow that runs in that name)", id="a person"),
    pytest.param("provisioner", "the app or flow “provisioner”", id="an app"),
]


async def renamed_back(desk, item, name, who, most=9):
    """Rename the file back after each correction; returns how often it was corrected."""
    for times in range(most):
        await desk.settle()
        if kit.fields(desk, item)["FileLeafRef"] == name:
            return times
        kit.rename(desk, item, name, who)
    return most


@pytest.mark.parametrize(("rival", "called"), RIVALS)
async def test_a_flow_that_renames_back_each_time_ends_in_held_not_in_a_loop(desk, rival, called):
    number = 40 + RIVALS.index(next(one for one in RIVALS if one.values[0] == rival))
    kit.limits(desk, corrections=3)
    item, name = kit.misnamed(desk, number), f"scanner plan {number}.docx"
    before = len(kit.mails(desk))

    assert await renamed_back(desk, item, name, rival) == 3

    shown = kit.fields(desk, item)
    assert (shown["ControlStatus"], shown["FileLeafRef"]) == ("Held", name)
    assert (
        f"put this right 3 times, and each time it was changed back, last by {called}"
        in (shown["ControlReason"])
    )
    kit.rename(desk, item, f"again {name}", rival)  # it goes on; nobody is mailed anew
    await desk.settle()
    assert kit.fields(desk, item)["FileLeafRef"] == f"again {name}"
    held = [one for one in kit.mails(desk)[before:] if "stop the flow" in str(one)]
    told = sorted(address for one in held for address in one["to"])
    author = [rival] if "@" in rival else []
    assert told == sorted({*author, tenant_kit.DIRECTOR})


async def test_a_file_left_alone_for_a_day_is_put_right_again(desk):
    kit.limits(desk, corrections=1)
    item = kit.misnamed(desk, 43)
    assert await renamed_back(desk, item, "scanner plan 43.docx", tenant_kit.SAM) == 1

    desk.tenant.advance(timedelta(hours=25).total_seconds())
    await sweep(desk.service)
    await desk.settle()

    assert kit.fields(desk, item)["FileLeafRef"] == kit.plan(43)[0]


async def test_an_administrator_lets_verger_go_on_at_once(desk):
    kit.limits(desk, corrections=1)
    item = kit.misnamed(desk, 44)
    assert await renamed_back(desk, item, "scanner plan 44.docx", tenant_kit.SAM) == 1

    (reset,) = await breakers.reset(desk.service, "core", "file_name")
    await desk.settle()

    assert reset.files == 1
    assert kit.fields(desk, item)["FileLeafRef"] == kit.plan(44)[0]
    assert kit.fields(desk, item)["ControlStatus"] == "Corrected"


async def test_whoever_wipes_the_verdict_each_time_is_told_and_left_alone_for_a_day(desk):
    kit.limits(desk, corrections=2)
    item = desk.upload(*kit.plan(46))
    before = len(kit.mails(desk))
    for _ in range(4):
        await desk.settle()
        kit.write(desk, item, {"ControlStatus": "Checked by me"}, tenant_kit.SAM)
    await desk.settle()

    assert kit.fields(desk, item)["ControlStatus"] == "Checked by me"
    told = [one for one in kit.mails(desk)[before:] if "changed by others each time" in str(one)]
    assert sorted(to for one in told for to in one["to"]) == [tenant_kit.DIRECTOR, tenant_kit.SAM]

    (reset,) = await breakers.reset(desk.service, "core", breakers.SHOWN)
    assert reset.files == 1
    await desk.settle()
    assert kit.fields(desk, item)["ControlStatus"] == "In order"


async def test_a_new_text_that_wants_another_name_each_time_is_no_fight(desk):
    kit.limits(desk, corrections=1)
    item = kit.misnamed(desk, 45)
    await desk.settle()

    for title in ("Rota", "Rota for Nights", "Rota for Weekends"):
        kit.replace(desk, item, kit.plan(45, title)[1])
        await desk.settle()
        assert kit.fields(desk, item)["FileLeafRef"] == f"Op-45 {title} V0.1.docx"
