"""Notices: one mail for each key, whoever sends it and however often they are killed."""

import asyncio
from datetime import timedelta

from sync.state.notices import (
    NewNotice,
    all_notices,
    claim_notices,
    mark_failed,
    mark_sent,
    queue_notice,
    send_again,
    unsent,
    waiting,
)
from tests.state.conftest import NOW

LATER = NOW + timedelta(seconds=61)


def mail(key="k", **values):
    base = {
        "idempotency_key": key,
        "recipient": "helen.ward@dgft.nhs.example",
        "subject": "Gov-04 needs you",
        "body": {"text": "The review date has passed."},
    }
    return NewNotice(**base | values)


async def test_a_key_is_queued_once_even_after_it_was_sent(state):
    async with state.begin() as tx:
        assert await queue_notice(tx, mail(), NOW) is True
        assert await queue_notice(tx, mail(subject="other"), NOW) is False
        [row] = await claim_notices(tx, NOW, 60)
        assert (row.subject, row.attempts) == ("Gov-04 needs you", 1)
        assert await mark_sent(tx, row, NOW) is True
        assert await queue_notice(tx, mail(), NOW) is False
        assert await claim_notices(tx, LATER, 60) == []
        assert [(sent.state, sent.sent_at) for sent in await all_notices(tx)] == [("sent", NOW)]
        assert await waiting(tx) == 0


async def test_a_mail_whose_sender_was_killed_is_taken_again(state):
    async with state.begin() as tx:
        await queue_notice(tx, mail(), NOW)
        [killed] = await claim_notices(tx, NOW, 60)
        assert await claim_notices(tx, NOW, 60) == []
        [row] = await claim_notices(tx, LATER, 60)
        assert row.attempts == 2
        assert await mark_sent(tx, killed, LATER) is False
        assert await mark_failed(tx, killed, "late") is False
        assert await waiting(tx) == 1
        assert await mark_sent(tx, row, LATER) is True


async def test_a_failure_is_tried_again_at_its_moment_or_ends(state):
    async with state.begin() as tx:
        await queue_notice(tx, mail(document_id="d"), NOW)
        [row] = await claim_notices(tx, NOW, 60)
        assert await mark_failed(tx, row, "throttled", LATER) is True
        assert await claim_notices(tx, NOW, 60) == []
        [row] = await claim_notices(tx, LATER, 60)
        assert await mark_failed(tx, row, "no mailbox") is True
        assert await claim_notices(tx, LATER + timedelta(days=9), 60) == []
        [failed] = await all_notices(tx, state="failed", document_id="d")
        assert failed.reason == "no mailbox"
        assert await all_notices(tx, state="sent") == []


async def test_a_mail_can_wait_for_its_moment(state):
    async with state.begin() as tx:
        await queue_notice(tx, mail(not_before=LATER), NOW)
        assert await claim_notices(tx, NOW, 60) == []
        assert len(await claim_notices(tx, LATER, 60)) == 1


async def test_two_senders_never_hold_the_same_mail(state):
    async with state.begin() as tx:
        for n in range(30):
            await queue_notice(tx, mail(f"k{n}"), NOW)

    async def sender():
        async with state.begin() as tx:
            return [row.idempotency_key for row in await claim_notices(tx, NOW, 60, limit=10)]

    found = [key for part in await asyncio.gather(*(sender() for _ in range(5))) for key in part]
    assert len(found) == len(set(found))
    assert set(found) <= {f"k{n}" for n in range(30)}


async def test_mail_that_did_not_leave_is_shown_oldest_first_and_can_be_sent_again(state):
    async with state.begin() as tx:
        for hours, key in ((2, "given up"), (0, "never tried"), (1, "waits")):
            await queue_notice(tx, mail(key), NOW - timedelta(hours=hours))
        rows = {row.idempotency_key: row for row in await claim_notices(tx, NOW, 60, limit=3)}
        await mark_sent(tx, rows["never tried"], NOW)
        await mark_failed(tx, rows["given up"], "refused")
        await mark_failed(tx, rows["waits"], "throttled", LATER)
        shown = [(one.idempotency_key, one.reason) for one in await unsent(tx)]
        assert shown == [("given up", "refused"), ("waits", "throttled")]
        assert await send_again(tx) == 1
        assert await send_again(tx) == 0
        assert [one.idempotency_key for one in await claim_notices(tx, NOW, 60)] == ["given up"]
