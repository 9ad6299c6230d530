"""Documents over the real wire: changes, facts, content, names, columns, moves."""

import asyncio
from dataclasses import replace
from datetime import date

import pytest

from sync.errors import CursorGone, Locked, Missing, Rejected, Stale, Throttled
from sync.model import Document, Person
from sync.tenant import documents
from sync.tenant.meter import metered
from sync.tenant.sharepoint import SiteContext
from tests import tenant_kit


async def document_of(tenant, where, item_id):
    facts = await documents.file_facts(tenant, where, item_id)
    return Document(
        site=where.site_url,
        list_id=where.id,
        item_id=item_id,
        unique_id=facts.unique_id,
        etag=facts.etag,
        web_url=facts.web_url,
        created_by=facts.created_by,
        modified_by=facts.modified_by,
        modified_at=facts.modified_at,
        name=facts.name,
        drive_item_id=facts.drive_item_id,
    )


async def read_all(tenant, where, cursor=None, **more):
    return [page async for page in documents.changes(tenant, where, cursor, **more)]


async def test_a_round_ends_in_a_cursor_from_which_only_news_come(granted, place):
    cursor = (await read_all(granted, place.open))[-1].cursor
    item_id = place.upload(place.open, "news.txt")
    with metered() as bill:
        pages = await read_all(granted, place.open, cursor)
    (news,) = [item for page in pages for item in page.items if not item.is_folder]
    assert (news.id, news.name, news.deleted) == (item_id, "news.txt", False)
    assert news.fields["FileSizeDisplay"] == "5"
    assert pages[-1].final
    assert (bill.units, bill.requests) == (1, 1)


async def test_pages_follow_each_other_and_cost_two_then_one(granted, place):
    here = place.library("Paged")
    for number in range(5):
        place.upload(here, f"{number}.txt")
    with metered() as bill:
        pages = await read_all(granted, here, page_size=2)
    assert {item.name for page in pages for item in page.items if item.name} == {
        f"{number}.txt" for number in range(5)
    }
    assert [page.final for page in pages] == [*([False] * (len(pages) - 1)), True]
    assert bill.units == len(pages) + 1


async def test_the_latest_cursor_tells_nothing_old(granted, place):
    place.upload(place.open, "old.txt")
    cursor = await documents.latest(granted, place.open)
    (page,) = await read_all(granted, place.open, cursor)
    assert page.items == []


async def test_a_removed_file_comes_as_deleted(granted, place):
    item_id = place.upload(place.open, "removed.txt")
    cursor = await documents.latest(granted, place.open)
    place.wire.http("provisioner").delete(
        f"/v1.0/sites/{place.id}/lists/{place.open.id}/items/{item_id}"
    ).raise_for_status()
    (page,) = await read_all(granted, place.open, cursor)
    assert [(item.id, item.deleted) for item in page.items] == [(item_id, True)]


async def test_a_dead_cursor_says_where_to_begin_anew(granted, place, wire):
    cursor = await documents.latest(granted, place.open)
    wire.local("POST", "/expire", {"list": place.open.id})
    with pytest.raises(CursorGone) as caught:
        await read_all(granted, place.open, cursor)
    assert caught.value.kind.startswith("resync")
    again = await read_all(granted, place.open, caught.value.location)
    assert again[-1].final


async def test_a_cursor_out_of_shape_is_gone_too(granted, place):
    cursor = await documents.latest(granted, place.open)
    with pytest.raises(CursorGone):
        await read_all(granted, place.open, cursor.partition("token=")[0] + "token=rubbish")


async def test_the_facts_of_a_file_agree_with_the_feed(granted, place):
    cursor = await documents.latest(granted, place.open)
    item_id = place.upload(place.open, "facts.txt", b"12345678")
    with metered() as bill:
        facts = await documents.file_facts(granted, place.open, item_id)
    (page,) = await read_all(granted, place.open, cursor)
    assert facts.etag == page.items[-1].etag
    assert facts.unique_id == page.items[-1].unique_id
    assert (facts.name, facts.size, facts.folder) == ("facts.txt", 8, "")
    assert facts.drive_id == place.open.drive_id
    assert not facts.malware
    assert bill.units == 1


async def test_a_row_of_a_plain_list_is_no_file(granted, place):
    made = place.ask(
        "POST", f"/sites/{place.id}/lists/{place.register.id}/items", {"fields": {"Title": "x"}}
    )
    assert await documents.file_facts(granted, place.register, made["id"]) is None


async def test_content_comes_whole_and_costs_one_unit(granted, place):
    item_id = place.upload(place.open, "content.bin", b"x" * 70_000)
    with metered() as bill:
        data, etag = await documents.content(granted, place.open, item_id, 70_000)
    assert data == b"x" * 70_000
    assert (bill.units, bill.requests) == (1, 2)
    assert etag == (await documents.file_facts(granted, place.open, item_id)).etag
    with pytest.raises(Rejected) as caught:
        await documents.content(granted, place.open, item_id, 69_999)
    assert caught.value.code == "tooLarge"


async def test_the_download_link_is_followed_without_our_token(granted, place, monkeypatch):
    item_id = place.upload(place.open, "link.bin")
    sent = []
    original = granted.graph._plain.send  # noqa: SLF001 - to see what leaves the process

    async def watched(request, **more):
        sent.append(request)
        return await original(request, **more)

    monkeypatch.setattr(granted.graph._plain, "send", watched)  # noqa: SLF001 - as above
    await documents.content(granted, place.open, item_id, 100)
    (request,) = sent
    assert request.url.host == "wmin.sharepoint.com"
    assert "authorization" not in request.headers
    assert request.headers["user-agent"].startswith("NONISV|WMIN|Verger/")


async def test_a_download_in_trouble_is_tried_again(granted, place, wire):
    item_id = place.upload(place.open, "shaky.bin")
    wire.fault({"kind": "refuse", "status": 503}, match={"surface": "files"}, count=2)
    assert (await documents.content(granted, place.open, item_id, 100)).data == b"hello"


async def test_a_file_is_renamed_and_its_etag_moves(granted, place):
    item_id = place.upload(place.open, "wrong name.txt")
    document = await document_of(granted, place.open, item_id)
    await documents.rename(granted, place.open, document, "right name.txt")
    after = await documents.file_facts(granted, place.open, item_id)
    assert after.name == "right name.txt"
    assert after.etag != document.etag


async def test_a_file_that_changed_meanwhile_is_not_renamed(granted, place):
    item_id = place.upload(place.open, "moving.txt")
    document = await document_of(granted, place.open, item_id)
    place.upload(place.open, "moving.txt", b"newer")
    with pytest.raises(Stale):
        await documents.rename(granted, place.open, document, "elsewhere.txt")


async def test_a_taken_name_is_told_as_taken(granted, place):
    place.upload(place.open, "taken.txt")
    item_id = place.upload(place.open, "twin.txt")
    document = await document_of(granted, place.open, item_id)
    with pytest.raises(Rejected) as caught:
        await documents.rename(granted, place.open, document, "taken.txt")
    assert caught.value.name_taken


WRITES = {
    "rename": lambda tenant, place, one: documents.rename(tenant, place.open, one, "other.txt"),
    "move": lambda tenant, place, one: documents.move(tenant, place.open, one, place.restricted),
    "set_columns": lambda tenant, place, one: documents.set_columns(
        tenant, place.open, one.item_id, {"VersionLabel": "V1"}
    ),
}


def lock(wire, unique_id):
    body = {"unique_id": unique_id, "upn": tenant_kit.SAM, "seconds": 600}
    wire.local("POST", "/lock", body)


@pytest.mark.parametrize("act", WRITES)
async def test_a_locked_file_is_left_alone(granted, place, wire, act):
    item_id = place.upload(place.open, f"locked for {act}.txt")
    document = await document_of(granted, place.open, item_id)
    lock(wire, document.unique_id)
    with pytest.raises(Locked):
        await WRITES[act](granted, place, document)


async def test_columns_are_written_without_a_new_version(granted, place):
    item_id = place.upload(place.open, "columns.txt")
    before = await documents.versions(granted, place.open, item_id)
    values = {"VersionLabel": "V0.3", "ReviewDate": date(2027, 3, 31), "DocumentNumber": None}
    await documents.set_columns(granted, place.open, item_id, values)
    after = await documents.fields(granted, place.open, item_id)
    assert after["VersionLabel"] == "V0.3"
    assert after["ReviewDate"].startswith("2027-03-3")
    assert not after.get("DocumentNumber")
    versions = await documents.versions(granted, place.open, item_id)
    assert [one.label for one in versions] == [one.label for one in before]


async def test_modified_and_modified_by_stay_as_staff_left_them(granted, place):
    item_id = place.upload(place.open, "helen's.txt", who=tenant_kit.HELEN)
    document = await document_of(granted, place.open, item_id)
    before = await documents.versions(granted, place.open, item_id)
    values = {"VersionLabel": "V0.3"}
    await documents.set_columns(granted, place.open, item_id, values, left_by=document)
    assert await documents.versions(granted, place.open, item_id) == before
    facts = await documents.file_facts(granted, place.open, item_id)
    assert facts.fields["VersionLabel"] == "V0.3"
    assert facts.modified_by.mail == tenant_kit.HELEN


async def test_who_is_unknown_now_is_not_insisted_on(granted, place):
    item_id = place.upload(place.open, "stranger.txt", who=tenant_kit.HELEN)
    document = await document_of(granted, place.open, item_id)
    gone = replace(document, modified_by=Person("x", "X", "nobody@dgft.nhs.example"))
    values = {"VersionLabel": "V0.3"}
    await documents.set_columns(granted, place.open, item_id, values, left_by=gone)
    assert (await documents.fields(granted, place.open, item_id))["VersionLabel"] == "V0.3"


async def test_a_refused_column_is_named(granted, place):
    item_id = place.upload(place.open, "refused.txt")
    with pytest.raises(Rejected, match="ReviewDate"):
        await documents.set_columns(granted, place.open, item_id, {"ReviewDate": "no date"})


async def test_many_items_are_written_together_and_a_bad_one_stands_alone(granted, place, wire):
    ids = [place.upload(place.open, f"many {number}.txt") for number in range(4)]
    held = await documents.file_facts(granted, place.open, ids[2])
    lock(wire, held.unique_id)
    wanted = {item_id: {"VersionLabel": f"V{item_id}"} for item_id in ids}
    wanted["99999"] = {"VersionLabel": "V1"}
    with metered() as bill:
        told = await documents.set_columns_many(granted, place.open, wanted)
    kinds = {item_id: type(error) for item_id, error in told.items()}
    assert kinds == {
        ids[0]: type(None),
        ids[1]: type(None),
        ids[2]: Locked,
        ids[3]: type(None),
        "99999": Missing,
    }
    assert bill.requests <= 2
    assert (await documents.fields(granted, place.open, ids[3]))["VersionLabel"] == f"V{ids[3]}"


async def test_a_move_keeps_identity_and_versions(granted, place):
    item_id = place.upload(place.open, "tender.txt", b"one")
    place.upload(place.open, "tender.txt", b"two")
    before = await documents.versions(granted, place.open, item_id)
    document = await document_of(granted, place.open, item_id)
    new_id = await documents.move(granted, place.open, document, place.restricted)
    there = await documents.file_facts(granted, place.restricted, new_id)
    assert (there.name, there.unique_id) == ("tender.txt", document.unique_id)
    assert len(await documents.versions(granted, place.restricted, new_id)) == len(before)
    with pytest.raises(Missing):
        await documents.file_facts(granted, place.open, item_id)
    assert await documents.move(granted, place.open, document, place.restricted) == new_id


async def test_a_move_to_a_taken_name_gets_a_number_or_is_refused(granted, place):
    place.upload(place.restricted, "minutes.txt", b"there already")
    item_id = place.upload(place.open, "minutes.txt", b"newcomer")
    document = await document_of(granted, place.open, item_id)
    with pytest.raises(Rejected) as caught:
        await documents.move(granted, place.open, document, place.restricted, keep_both=False)
    assert caught.value.name_taken
    new_id = await documents.move(granted, place.open, document, place.restricted)
    there = await documents.file_facts(granted, place.restricted, new_id)
    assert there.name != "minutes.txt"
    assert there.name.startswith("minutes")


async def test_what_is_gone_cannot_be_moved(granted, place):
    item_id = place.upload(place.open, "vanishing.txt")
    document = await document_of(granted, place.open, item_id)
    place.graph.delete(f"/v1.0/sites/{place.id}/lists/{place.open.id}/items/{item_id}")
    with pytest.raises(Missing):
        await documents.move(granted, place.open, document, place.restricted)


async def test_sharepoint_is_asked_for_its_digest_once(granted, place):
    ids = [place.upload(place.open, f"digest {number}.txt") for number in range(6)]
    with metered() as bill:
        await asyncio.gather(
            *(
                documents.set_columns(granted, place.open, one, {"VersionLabel": "V1"})
                for one in ids
            )
        )
    assert bill.by_operation["_api ValidateUpdateListItem"] == 12
    assert bill.by_operation["_api contextInfo"] <= 12
    with metered() as bill:
        await documents.set_columns(granted, place.open, ids[0], {"VersionLabel": "V2"})
    assert bill.requests == 1


async def test_sharepoint_s_throttling_pauses_and_passes(granted, place, wire):
    item_id = place.upload(place.open, "throttled.txt")
    effect = {"kind": "refuse", "status": 429, "retry_after": "2"}
    wire.fault(effect, match={"surface": "sharepoint"}, count=3)
    await documents.set_columns(granted, place.open, item_id, {"VersionLabel": "V1"})


async def test_sharepoint_s_lapsed_token_is_replaced_once(granted, place, wire):
    item_id = place.upload(place.open, "lapsed.txt")
    await documents.set_columns(granted, place.open, item_id, {"VersionLabel": "V1"})
    wire.fault({"kind": "lapse"}, match={"surface": "sharepoint"})
    await documents.set_columns(granted, place.open, item_id, {"VersionLabel": "V2"})
    assert (await documents.fields(granted, place.open, item_id))["VersionLabel"] == "V2"


async def test_only_the_parts_that_came_too_fast_are_sent_again(granted, place, monkeypatch):
    ids = [place.upload(place.open, f"fast {number}.txt") for number in range(3)]
    sent = []
    original = SiteContext.execute_together

    def hurried_part(context):
        sent.append(len(context._queries))  # noqa: SLF001 - what the batch is made of
        told = list(original(context))
        return [Throttled("too fast"), *told[1:]] if len(sent) < 3 else told

    monkeypatch.setattr(SiteContext, "execute_together", hurried_part)
    wanted = {item_id: {"VersionLabel": "V1"} for item_id in ids}
    told = await documents.set_columns_many(granted, place.open, wanted)
    assert told == dict.fromkeys(ids)
    assert sent == [3, 1, 1]


async def test_parts_that_stay_throttled_are_told_and_the_rest_is_done(granted, place, monkeypatch):
    ids = [place.upload(place.open, f"slow {number}.txt") for number in range(2)]
    original = SiteContext.execute_together

    def always(context):
        told = list(original(context))
        return [Throttled("too fast"), *told[1:]]

    monkeypatch.setattr(SiteContext, "execute_together", always)
    wanted = {item_id: {"VersionLabel": "V1"} for item_id in ids}
    told = await documents.set_columns_many(granted, place.open, wanted)
    assert [type(told[item_id]) for item_id in ids] == [Throttled, type(None)]
