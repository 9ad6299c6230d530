"""`verger status` says what is used of the budget, what waits, and whose notifications fail."""

import json
from datetime import timedelta

from cli import status
from sync import subscriptions
from sync.state import lists


async def test_what_waits_and_whose_notifications_fail_is_said(desk, hook):
    service, working = desk.service, await desk.list_id("working")
    hook.handshake = "refused"
    for _ in range(2):
        await subscriptions.reconcile(service)
    hint = service.now() - timedelta(seconds=12)
    async with service.state.begin() as tx:
        await lists.note_heard(tx, working, heard=False)
        await lists.note_verdict(tx, working, hint, service.now())
        await lists.note_verdict(tx, working, None, service.now())

    told = await status.look(service)
    lines = list(status.trouble(told))

    (row,) = [one for one in told["lists"] if one["judged_after"]]
    assert row["judged_after"].startswith("12 s, ")
    assert any("failed 2 times in a row" in one and "400" in one for one in lines)
    assert any("1 silent looks found changes" in one for one in lines)
    assert lines[0].startswith("resource units today: ")
    assert json.dumps(told, default=str)
    async with service.state.begin() as tx:
        await lists.note_heard(tx, working, heard=True)
    hook.handshake = "ok"
    await subscriptions.reconcile(service)
