"""A PDF is open to readers only as long as its document is; what comes back has it drawn anew."""

from __future__ import annotations

import pytest

from sync import renditions, undoing
from sync.callers import Caller, Role
from sync.errors import Locked, Rejected
from sync.tenant import publishing, rows
from tests import tenant_kit as kit
from tests.quarantine.kit import PATIENT, Ward
from tests.ratification.kit import NEB, NEB_NAME, NOB, NOB_NAME

ADMIN = Caller("oid-3", "Ada Min", frozenset({Role.ADMIN, Role.IG_OFFICER}))
MARKING = "Official-Sensitive: Commercial"


@pytest.fixture(autouse=True)
def _drawn(monkeypatch):
    async def draw(*_told):
        return b"%PDF-1.7 drawn"

    monkeypatch.setattr(publishing, "rendition", draw)


async def with_pdf(boards, number):
    """Publish a document and have its PDF drawn."""
    item = boards.draft(number, text=f"This is {number}.")
    await boards.desk.settle()
    await boards.adopt(number)
    await renditions.draw_waiting(boards.desk.service)
    assert await seen(boards, number) == 200
    return item


async def next_version(boards, item, number) -> None:
    """Write a document's V2 and have the boards adopt it; its PDF is not drawn yet."""
    data = boards.write(number, "It says more.", version="V2")
    boards.desk.upload(boards.fields(item)["FileLeafRef"], data)
    await boards.desk.settle()
    for kind, body, on in (("Recommended", NOB_NAME, NOB), ("Approved", NEB_NAME, NEB)):
        await boards.decide(number, kind, body, on, DecisionVersion="V2")


async def seen(boards, number) -> int:
    """Return what an ordinary member gets who asks for the PDF."""
    path = await boards.pdf(f"{number} Image Sharing Strategy.pdf")
    return boards.desk.person(kit.SAM).get(f"{path}:/content", follow_redirects=True).status_code


def path_of(item) -> str:
    return f"/v1.0/drives/{item['parentReference']['driveId']}/items/{item['id']}"


def mark(boards, item, **columns) -> None:
    path = f"{path_of(item)}/listItem/fields"
    boards.desk.person(kit.HELEN).patch(path, json=columns).raise_for_status()


async def states(boards, item) -> list[str]:
    return [one.pdf for one in await boards.publications(item)]


async def test_it_goes_in_the_pass_that_contains_and_comes_back_with_the_undo(boards):
    item = await with_pdf(boards, "Gov-50")
    row = await boards.record(item)
    mark(boards, item, Sensitivity=MARKING)
    await boards.desk.settle()
    assert await seen(boards, "Gov-50") == 404
    assert await states(boards, item) == ["withdrawn"]
    assert await renditions.draw_waiting(boards.desk.service) == 0

    await undoing.undo_document(boards.desk.service, ADMIN, row.document_id, "it is open")
    await boards.desk.settle()
    assert await renditions.draw_waiting(boards.desk.service) == 1
    assert await seen(boards, "Gov-50") == 200


async def test_a_pdf_that_is_locked_never_keeps_the_document_open(boards, monkeypatch):
    item = await with_pdf(boards, "Gov-51")
    remove, tried = rows.remove, []

    async def locked(*told):
        if not tried:
            tried.append(boards.desk.person(kit.SAM).get(path_of(item)).status_code)
            raise Locked("somebody has it open", retry_after=1.0)
        await remove(*told)

    monkeypatch.setattr(rows, "remove", locked)
    mark(boards, item, Sensitivity=MARKING)
    await boards.desk.settle()
    assert tried == [404], "the document itself goes first"
    boards.desk.tenant.advance(60)
    await boards.desk.settle()
    assert await seen(boards, "Gov-51") == 404


async def test_it_goes_with_what_is_quarantined_and_is_wanted_again_on_release(boards):
    item = await with_pdf(boards, "Gov-58")
    boards.draft("Gov-58", text=PATIENT)
    await boards.desk.settle()
    row = await boards.record(item)
    assert row.list_id == await boards.desk.list_id("quarantine")
    assert await seen(boards, "Gov-58") == 404
    assert await states(boards, item) == ["withdrawn"]

    await Ward(boards.desk).decide(row, "False positive", "It is a telephone number")
    assert await states(boards, item) == ["waiting"]


async def test_it_goes_with_a_deleted_document_and_comes_back_with_it(boards):
    item = await with_pdf(boards, "Gov-52")
    boards.desk.person(kit.HELEN).delete(path_of(item)).raise_for_status()
    await boards.desk.settle()
    assert await seen(boards, "Gov-52") == 404

    boards.desk.person(kit.HELEN).post(f"{path_of(item)}/restore").raise_for_status()
    await boards.desk.settle()
    assert await renditions.draw_waiting(boards.desk.service) == 1
    assert await seen(boards, "Gov-52") == 200


async def test_an_undone_version_takes_only_its_own_pdf_along(boards):
    item = await with_pdf(boards, "Gov-59")
    await next_version(boards, item, "Gov-59")
    row = await boards.record(item)
    await undoing.undo_document(boards.desk.service, ADMIN, row.document_id, "decided in error")
    await boards.desk.settle()
    assert await states(boards, item) == ["made"]
    assert await seen(boards, "Gov-59") == 200


async def test_it_goes_with_an_undone_publication(boards):
    item = await with_pdf(boards, "Gov-53")
    row = await boards.record(item)
    await undoing.undo_document(boards.desk.service, ADMIN, row.document_id, "decided in error")
    assert await seen(boards, "Gov-53") == 404
    await boards.desk.settle()
    assert await renditions.draw_waiting(boards.desk.service) == 0
    assert await boards.publications(item) == []


@pytest.mark.parametrize("status", ["Superseded", "Archived"])
async def test_it_goes_with_what_is_put_away_and_comes_back_with_it(boards, status):
    number = {"Superseded": "Gov-54", "Archived": "Gov-55"}[status]
    item = await with_pdf(boards, number)
    mark(boards, item, DocumentStatus=status)
    await boards.desk.settle()
    assert boards.fields(item)["DocumentStatus"] == status
    assert await seen(boards, number) == 404

    mark(boards, item, DocumentStatus="Current")
    await boards.desk.settle()
    assert await renditions.draw_waiting(boards.desk.service) == 1
    assert await seen(boards, number) == 200


async def test_what_is_contained_while_its_pdf_is_put_there_has_none(boards, monkeypatch):
    item = boards.draft("Gov-56")
    await boards.desk.settle()
    await boards.adopt("Gov-56")
    put = publishing.put_file

    async def overtaken(*told):
        mark(boards, item, Sensitivity=MARKING)
        await boards.desk.settle()
        return await put(*told)

    monkeypatch.setattr(publishing, "put_file", overtaken)
    assert await renditions.draw_waiting(boards.desk.service) == 0
    assert await seen(boards, "Gov-56") == 404
    assert await states(boards, item) == ["withdrawn"]


async def test_one_that_could_not_be_taken_away_is_tried_again_with_the_next_drawing(
    boards, monkeypatch
):
    item = await with_pdf(boards, "Gov-49")
    row = await boards.record(item)
    site = (await boards.desk.service.place(row.list_id)).row.site_id
    remove = rows.remove

    async def locked(*_told):
        raise Locked("somebody has it open", retry_after=1.0)

    monkeypatch.setattr(rows, "remove", locked)
    with pytest.raises(Locked):
        await renditions.withdraw(boards.desk.service, site, row.document_id)
    assert await renditions.draw_waiting(boards.desk.service) == 0
    assert await seen(boards, "Gov-49") == 200

    monkeypatch.setattr(rows, "remove", remove)
    assert await renditions.draw_waiting(boards.desk.service) == 0
    assert await seen(boards, "Gov-49") == 404


async def test_what_cant_be_drawn_leaves_no_earlier_version_to_be_read(boards, monkeypatch):
    item = await with_pdf(boards, "Gov-57")

    async def can_not(*_told):
        raise Rejected("it can't be drawn")

    monkeypatch.setattr(publishing, "rendition", can_not)
    await next_version(boards, item, "Gov-57")
    assert await seen(boards, "Gov-57") == 200
    assert await renditions.draw_waiting(boards.desk.service) == 0
    assert await seen(boards, "Gov-57") == 404
    assert (await states(boards, item))[-1] == "impossible"


@pytest.fixture
def copies(monkeypatch):
    """Return the names of the copies that were drawn; such a PDF holds the copy's very bytes."""
    names = []

    async def draw_copy(tenant, where, name, limit):
        names.append(name)
        return b"%PDF-1.7 " + await publishing.file_at(tenant, where, name, limit)

    monkeypatch.setattr(publishing, "rendition_at", draw_copy)
    return names


def content(boards, item) -> bytes:
    told = boards.desk.person().get(f"{path_of(item)}/content", follow_redirects=True)
    return told.raise_for_status().content


async def pdfs(boards, number) -> dict[str, bytes]:
    """Return what lies among the published PDFs under a number, by name."""
    drive = (await boards.pdf("")).partition("/root:")[0]
    told = boards.desk.person().get(f"{drive}/root/children").json()["value"]
    return {
        one["name"]: boards.desk.person()
        .get(f"{drive}/items/{one['id']}/content", follow_redirects=True)
        .content
        for one in told
        if one["name"].startswith(number)
    }


async def test_v1_has_its_pdf_again_when_v2_is_undone_after_its_own_was_drawn(boards, copies):
    item = await with_pdf(boards, "Gov-48")
    first = content(boards, item)
    await next_version(boards, item, "Gov-48")
    await renditions.draw_waiting(boards.desk.service)
    assert (await states(boards, item))[-1] == "made"
    row = await boards.record(item)
    await undoing.undo_document(boards.desk.service, ADMIN, row.document_id, "decided in error")
    await boards.desk.settle()
    assert await states(boards, item) == ["waiting"]
    assert await pdfs(boards, "Gov-48") == {}, "nobody reads V2 any more"

    await renditions.draw_waiting(boards.desk.service)
    assert await states(boards, item) == ["made"]
    drawn = {"Gov-48 Image Sharing Strategy.pdf": b"%PDF-1.7 " + first}
    assert await pdfs(boards, "Gov-48") == drawn, "the copy went again"
    assert copies == ["Gov-48 V1 being drawn.docx"]


async def test_what_is_in_force_is_drawn_while_the_next_version_is_at_work(boards, copies):
    item = boards.draft("Gov-47", text="This is Gov-47.")
    await boards.desk.settle()
    await boards.adopt("Gov-47")
    first = content(boards, item)
    draft = boards.write("Gov-47", "It says more.", version="V1.1")
    boards.desk.upload(boards.fields(item)["FileLeafRef"], draft)
    await boards.desk.settle()
    await renditions.draw_waiting(boards.desk.service)
    assert list((await pdfs(boards, "Gov-47")).values()) == [b"%PDF-1.7 " + first]
    assert len(copies) == 1


async def test_a_copy_that_a_dead_worker_left_goes_with_the_next_try(boards, copies, monkeypatch):
    item = await with_pdf(boards, "Gov-46")
    await next_version(boards, item, "Gov-46")
    await renditions.draw_waiting(boards.desk.service)
    row = await boards.record(item)
    await undoing.undo_document(boards.desk.service, ADMIN, row.document_id, "decided in error")
    await boards.desk.settle()
    remove = rows.remove

    async def dies(*_told):
        raise Locked("the worker is gone", retry_after=1.0)

    monkeypatch.setattr(rows, "remove", dies)
    assert await renditions.draw_waiting(boards.desk.service) == 0
    assert list(await pdfs(boards, "Gov-46")) == copies
    monkeypatch.setattr(rows, "remove", remove)
    boards.desk.tenant.advance(600)
    assert await renditions.draw_waiting(boards.desk.service) == 1
    assert list(await pdfs(boards, "Gov-46")) == ["Gov-46 Image Sharing Strategy.pdf"]
