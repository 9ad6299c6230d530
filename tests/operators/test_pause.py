"""`verger pause`: nothing is written within one work item; what changes meanwhile is still read."""

from datetime import timedelta

import pytest
from sqlalchemy import delete

from local.demo.documents import samples
from sync import enforcement, notices, pausing, quarantine, waiving
from sync.callers import Caller, Role
from sync.hints import Nudge
from sync.registry.rebuilding import rebuild, survey
from sync.restricted.exceptions import end_what_is_over
from sync.sig_records import OutOfTurn
from sync.state import exceptions, items, lists
from sync.state import notices as outbox
from tests import tenant_kit as kit

GOV_04 = "Gov-04 WMIN Governance Strategy V1.docx"
REGISTRAR = Caller("oid", "Helen Ward", frozenset(Role))


@pytest.fixture(name="paused")
async def _paused(desk):
    """Pauses the site when called; it is resumed after the test."""

    async def pause():
        await pausing.turn(desk.service, "core", paused=True)

    yield pause
    await pausing.turn(desk.service, None, paused=False)
    await desk.settle("working")
    await notices.deliver(desk.service)


def upload(desk, *names):
    return [desk.upload(name, f"text of {name}".encode(), "working") for name in names]


def mails(desk):
    return len(desk.tenant.local("GET", "/mailbox")["value"])


async def test_no_row_is_begun_while_drains_go_on(desk, paused):
    upload(desk, *(f"before the pause {one}.txt" for one in range(6)))
    await desk.drain("working")
    nudge = Nudge(await desk.list_id("working"), desk.service.now().isoformat())
    await enforcement.work_off(desk.service, nudge)
    left = len(await desk.open_rows())
    assert left

    await paused()
    mark = desk.mark()
    assert await enforcement.work_off(desk.service, nudge) == []
    (item,) = upload(desk, "during the pause.txt")
    await desk.drain("working")
    await enforcement.work_off(desk.service, nudge)

    assert desk.writes(mark) == {}
    assert len(await desk.open_rows()) == left + 1
    await pausing.turn(desk.service, "core", paused=False)
    await desk.settle("working")
    assert (await desk.shadow(item)).verdict is not None
    assert await desk.open_rows() == []


async def test_a_pause_in_the_midst_of_a_burst_lets_the_begun_rows_end_and_no_other(
    desk, paused, monkeypatch
):
    upload(desk, *(f"burst {one}.txt" for one in range(6)))
    await desk.drain("working")
    before = len(await desk.open_rows())
    attend, begun = enforcement.attend, []

    async def attended(service, row, opened):
        begun.append(row.item_id)
        if len(begun) == 1:
            await paused()
        return await attend(service, row, opened)

    monkeypatch.setattr(enforcement, "attend", attended)
    await desk.work_off("working")

    assert len(begun) <= enforcement.CHUNK
    assert len(await desk.open_rows()) == before - len(begun)


async def test_mail_about_a_paused_site_waits_and_leaves_afterwards(desk, paused):
    (item,) = upload(desk, "told about.txt")
    await desk.settle("working")
    known, now, before = await desk.shadow(item), desk.service.now(), mails(desk)
    body = {"html": "<p>a word</p>", "text": "a word"}
    async with desk.service.state.begin() as tx:
        for key, about in (
            (f"{known.document_id}:row:{kit.HELEN}", None),
            ("k", known.document_id),
        ):
            mail = outbox.NewNotice(
                idempotency_key=key,
                recipient=kit.HELEN,
                subject="A word",
                body=body,
                document_id=about,
            )
            await outbox.queue_notice(tx, mail, now)

    await paused()
    assert await notices.deliver(desk.service) == 0
    assert mails(desk) == before
    await pausing.turn(desk.service, "core", paused=False)
    assert await notices.deliver(desk.service) == 2
    assert mails(desk) == before + 2


async def test_mail_about_another_site_leaves(desk, paused):
    async with desk.service.state.begin() as tx:
        other = await lists.get_list(tx, await desk.list_id("working"))
        told = {name: getattr(other, name) for name in other.__slots__}
        await lists.register_list(
            tx, lists.ListRow(**{**told, "id": "elsewhere", "site_id": "another"})
        )
        mail = outbox.NewNotice(
            idempotency_key="of another site",
            recipient=kit.HELEN,
            subject="A word",
            body={"html": "<p>a word</p>", "text": "a word"},
        )
        await outbox.queue_notice(tx, mail, desk.service.now())
    await paused()
    assert await notices.deliver(desk.service) == 1
    async with desk.service.state.begin() as tx:
        await tx.execute(delete(lists.lists).where(lists.lists.c.id == "elsewhere"))


async def test_an_exception_of_a_paused_site_lasts_until_it_goes_on(desk, paused):
    service, now = desk.service, desk.service.now()
    async with service.state.begin() as tx:
        await exceptions.put_exception(
            tx,
            exceptions.AccessException(
                list_id=await desk.list_id("access_exceptions"),
                item_id="1",
                library_id=await desk.list_id("restricted"),
                file_id="",
                person=kit.SAM,
                until=now - timedelta(minutes=1),
                asked_by="a",
                agreed_by="b",
                at=now - timedelta(days=1),
            ),
        )
    await paused()
    assert await end_what_is_over(service) == 0
    await pausing.turn(service, "core", paused=False)
    assert await end_what_is_over(service) == 1


async def test_a_waiver_is_refused_with_the_way_out(desk, paused):
    (item,) = upload(desk, "waived.txt")
    await desk.settle("working")
    known = await desk.shadow(item)
    place = await desk.service.place(known.list_id)
    policy = min(place.area.policies - {*desk.service.standard.contains_first})
    until = desk.service.today() + timedelta(days=3)
    asked = waiving.Asked(known.document_id, policy, until, "a reason")
    await paused()
    with pytest.raises(OutOfTurn, match=r"the site is paused; to go on: verger resume core"):
        await waiving.grant(desk.service, REGISTRAR, asked)


async def test_a_release_is_refused_and_asks_nothing_of_the_tenant(desk, paused):
    home = await desk.list_id("quarantine")
    async with desk.service.state.begin() as tx:
        await items.put_item(
            tx,
            items.ItemRow(
                list_id=home,
                item_id="1",
                document_id="a-quarantined-one",
                name="x.txt",
                seen_at=desk.service.now(),
            ),
        )
    await paused()
    mark = desk.mark()
    order = quarantine.Order("redacted", "done", "Iris Grant", "oid", "test")
    with pytest.raises(OutOfTurn, match="the site is paused"):
        await quarantine.order(desk.service, "a-quarantined-one", order)
    assert desk.mark() == mark


async def test_a_rebuild_of_the_registry_stops_at_the_row_it_is_at(desk, paused):
    sample = next(one for one in samples(desk.service.today()).values() if one.name == GOV_04)
    desk.publish(desk.upload(sample.name, sample.data))
    await desk.settle()
    found = [one for one in await survey(desk.service) if one.wanted]
    assert found
    await paused()
    mark = desk.mark()
    for one in found:
        with pytest.raises(OutOfTurn, match="the site is paused"):
            await rebuild(desk.service, one)
    assert desk.writes(mark) == {}
