"""The sent list in SharePoint: a database restored from an older copy mails nothing twice."""

from __future__ import annotations

import shutil
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from sync import ledger, notices, sent_list
from sync.state import notices as outbox
from sync.state import sent
from sync.state.sent import Handles, handle_of
from sync.tenant import rows
from tests import flow_kit
from tests import tenant_kit as kit


def mail(key: str, says: str = "") -> outbox.NewNotice:
    text = says or f"About {key}."
    return outbox.NewNotice(
        idempotency_key=key,
        recipient=kit.SAM,
        subject="A verdict",
        body={"html": f"<p>{text}</p>", "text": text},
    )


@pytest.fixture(scope="module", name="folder")
def _folder(tmp_path_factory):
    return tmp_path_factory.mktemp("sent")


@pytest.fixture(scope="module", name="tenant")
def _tenant(folder):
    with flow_kit.core(folder) as tenant:
        yield tenant


@pytest.fixture(name="process")
def _process(tenant, folder):
    """Return a way to start a process of the enforcer anew on the database of the folder."""

    @asynccontextmanager
    async def start():
        async with flow_kit.desk(tenant, folder / "state") as desk:
            yield desk

    return start


async def queue(desk, *told: outbox.NewNotice) -> None:
    async with desk.service.state.begin() as tx:
        for one in told:
            assert await outbox.queue_notice(tx, one, desk.service.now())


def says_of(tenant, mark: int = 0) -> list[str]:
    return [one["message"]["text"] for one in tenant.local("GET", "/mailbox")["value"][mark:]]


def keep(folder):
    shutil.copy(folder / "state" / "verger.sqlite", folder / "backup.sqlite")


def restore(folder):
    for end in ("-wal", "-shm"):
        (folder / "state" / f"verger.sqlite{end}").unlink(missing_ok=True)
    shutil.copy(folder / "backup.sqlite", folder / "state" / "verger.sqlite")


async def test_a_restored_older_database_mails_nothing_twice(process, tenant, folder):
    """Queued before the copy and sent after it; first heard of after it, under another key."""
    async with process() as desk:
        await queue(desk, mail("before"), mail("waiting"))
        assert await notices.deliver(desk.service) == 2
        await queue(desk, mail("queued"))
    keep(folder)
    async with process() as desk:
        await queue(desk, mail("new:1", "Tender.docx has no number."), mail("due"))
        assert await notices.deliver(desk.service) == 3
        assert await sent_list.flush(desk.service) == 5
    restore(folder)
    mark = len(says_of(tenant))
    async with process() as desk:
        await queue(desk, mail("new:2", "Tender.docx has no number."), mail("due"), mail("later"))
        assert await notices.deliver(desk.service) == 1
        assert says_of(tenant, mark) == ["About later."]
        async with desk.service.state.read() as tx:
            left = await outbox.all_notices(tx, state=outbox.QUEUED)
        assert left == []


async def test_what_comes_back_later_is_told_again(process, folder):
    keep(folder)
    async with process() as desk:
        await queue(desk, mail("same:1", "It has no number."))
        await notices.deliver(desk.service)
        await sent_list.flush(desk.service)
    restore(folder)
    async with process() as desk:
        await queue(desk, mail("same:2", "It has no number."))
        await queue(desk, mail("same:3", "It has no number."))
        assert await notices.deliver(desk.service) == 1


async def test_what_its_own_database_sent_is_no_news_to_a_process(process):
    async with process() as desk:
        await queue(desk, mail("own:1", "The review is due."))
        await notices.deliver(desk.service)
        await sent_list.flush(desk.service)
        await queue(desk, mail("own:2", "The meeting is near."))
        await notices.deliver(desk.service)
    async with process() as desk:
        again = mail("own:3", "The review is due."), mail("own:4", "The meeting is near.")
        await queue(desk, *again)
        assert await notices.deliver(desk.service) == 2


async def test_it_costs_a_request_a_process_and_a_request_a_flush(process):
    async with process() as desk:
        await sent_list.flush(desk.service)
    async with process() as desk:
        mark = desk.mark()
        assert await sent_list.flush(desk.service) == 0
        await queue(desk, *(mail(f"many:{number}") for number in range(7)))
        await notices.deliver(desk.service)
        await sent_list.flush(desk.service)
        book = desk.tenant.local("GET", f"/ledger?since={mark}")["value"]
        here = {row["operation"]: row["requests"] for row in book if row["app"] == kit.ENFORCER}
    told = {name: times for name, times in here.items() if "/users/{user}" not in name}
    assert {name.split()[0]: times for name, times in told.items()} == {"GET": 1, "POST": 1}


async def test_the_list_shows_digests_to_the_owners_alone(process):
    async with process() as desk:
        await queue(desk, mail("hidden"))
        await notices.deliver(desk.service)
        await sent_list.flush(desk.service)
        home = await ledger.home(desk.service)
        kept = [row async for row in rows.every(desk.service.tenant, home)]
        told = "\n".join(ledger.entry_of(row) for row in kept)
        assert handle_of("hidden") in told
        assert kit.SAM not in told
        assert set(told) <= set("0123456789abcdef \n")
        path = f"/v1.0/sites/{home.site_id}/lists/{home.id}/items"
        assert desk.person(kit.HELEN).get(path).status_code in {403, 404}
        assert desk.person(kit.DIRECTOR).get(path).status_code == 200


async def test_a_mail_waits_while_the_list_cannot_be_read(process, tenant):
    async with process() as desk:
        await queue(desk, mail("patient"))
        tenant.fault({"kind": "refuse", "status": 403}, match={"path": "items/delta"}, count=1)
        assert await notices.deliver(desk.service) == 0
        async with desk.service.state.read() as tx:
            (waiting,) = await outbox.all_notices(tx, state=outbox.QUEUED)
        assert waiting.idempotency_key == "patient"
        tenant.advance(timedelta(minutes=6).total_seconds())
        assert await notices.deliver(desk.service) == 1


async def test_old_notes_are_removed_and_young_ones_stay(process, tenant):
    async with process() as desk:
        await queue(desk, mail("old"))
        await notices.deliver(desk.service)
        await sent_list.flush(desk.service)
        tenant.advance((sent_list.KEPT + timedelta(days=1)).total_seconds())
        await queue(desk, mail("young"))
        await notices.deliver(desk.service)
        await sent_list.flush(desk.service)
        assert await sent_list.prune(desk.service) >= 1
        home = await ledger.home(desk.service)
        (kept,) = [row async for row in rows.every(desk.service.tenant, home)]
        assert ledger.entry_of(kept).split()[0] == handle_of("young")


async def test_a_line_spoilt_by_hand_notes_nothing(process):
    good = Handles.of(mail("spoilt:1"))
    async with process() as desk:
        home = await ledger.home(desk.service)
        await ledger.write(desk.service, home, ledger.SENT, f"?\n{good.key} {good.content}\na b c")
    async with process() as desk:
        await queue(desk, mail("spoilt:1"), mail("spoilt:2"))
        assert await notices.deliver(desk.service) == 1
        async with desk.service.state.begin() as tx:
            assert not await sent.use_up(tx, replace(mail("spoilt:1"), idempotency_key="x"))
