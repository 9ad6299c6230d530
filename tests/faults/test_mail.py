"""Mail in trouble: it is never sent twice, and one that may not have left is shown to somebody."""

import pytest

from sync import enforcement, sweep
from sync.state import notices
from tests import tenant_kit
from tests.faults import kit

SEND = {"method": "POST", "path": "/sendMail$", "app": tenant_kit.ENFORCER}
LEFT, SHOWN = ("sent", 1), ("failed", 0)
"""Told once; or not told, and in `verger status` until somebody has it sent again."""


def refuse(status, **more):
    return {"kind": "refuse", "status": status, "code": "serviceNotAvailable", **more}


MAILS = {
    "429, told to wait": (refuse(429, retry_after="7"), 2, LEFT),
    "429 for hours": (refuse(429, retry_after="7200"), 1, LEFT),
    "503, never begun": (refuse(503), 7, LEFT),
    "token lapsed": ({"kind": "lapse"}, 1, LEFT),
    "cut before": ({"kind": "drop"}, 1, SHOWN),
    "cut after": ({"kind": "drop", "after": True}, 1, ("failed", 1)),
    "503, but sent": (refuse(504, after=True), 1, ("failed", 1)),
    "refused": (refuse(403), 1, SHOWN),
}


async def mail_of(desk, item):
    """Return the states of a document's mails, and how many lie in the mailbox."""
    row = await desk.shadow(item)
    async with desk.service.state.read() as tx:
        told = await notices.all_notices(tx, document_id=row.document_id)
    sent = kit.mails(desk, {one.idempotency_key for one in told})
    (state,) = {one.state for one in told}
    return state, sent.total()


@pytest.mark.thorough
@pytest.mark.parametrize("fault", MAILS)
async def test_a_mail_in_trouble_leaves_once_or_is_shown(desk, fault):
    effect, count, end = MAILS[fault]
    file = kit.draft()
    item = desk.upload(file.name, file.data, file.area)
    desk.tenant.fault(effect, match=SEND, count=count)

    await kit.go_on(desk, file.area)

    assert await mail_of(desk, item) == end
    assert await kit.left_over(desk) == []
    async with desk.service.state.begin() as tx:
        again = await notices.send_again(tx)
    await sweep.sweep(desk.service)
    state, lying = await mail_of(desk, item)
    assert (state, lying) == ("sent", end[1] + again)


async def test_a_sender_that_dies_with_its_mail_in_flight_has_it_sent_once_more_at_most(
    desk, monkeypatch
):
    file = kit.draft()
    item = desk.upload(file.name, file.data, file.area)
    await desk.drain(file.area)
    died = kit.dies_after(monkeypatch, enforcement.notices.post, "send_mail")
    await died(desk, file.area)

    await kit.go_on(desk, file.area)

    assert await mail_of(desk, item) == ("sent", 2), "README: mail in flight may double"
    assert await kit.left_over(desk) == []
