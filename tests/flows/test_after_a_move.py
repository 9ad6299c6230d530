"""After a move the uploader can still open the file, and a link stays where it lay (decision 8)."""

import json

import pytest

from cli import findings
from sync import moving, undoing
from sync.callers import Caller, Role
from sync.facts import document_of
from sync.restricted import rounds
from sync.state.journal_reading import Query, entries
from sync.tenant import documents, grant_writes
from tests import tenant_kit as kit

OFFICER = Caller("oid-officer", "Ingrid Gray", frozenset({Role.IG_OFFICER}))
MARKED = b"COMMERCIAL IN CONFIDENCE\nlot 4"


def lying(desk, area):
    """Return the files at a library's root by name, as Helen sees them."""
    told = desk.person().get(f"/v1.0/drives/{desk.drives[area]}/root/children").json()["value"]
    return {one["name"]: one for one in told}


def content(desk, item, who=kit.HELEN):
    path = f"/v1.0/drives/{item['parentReference']['driveId']}/items/{item['id']}/content"
    return desk.person(who).get(path, follow_redirects=True)


async def opened(desk, row, who):
    """Return what somebody gets who opens the file where it now lies."""
    place = (await desk.service.place(row.list_id)).row
    path = f"/v1.0/sites/{place.site_id}/lists/{place.id}/items/{row.item_id}/driveItem"
    return desk.person(who).get(path).status_code


async def moved(desk, name, data=MARKED, area="working"):
    item = desk.upload(name, data, area)
    await desk.settle(area)
    row = await desk.shadow(item)
    assert row.list_id == await desk.list_id("restricted")
    return row


async def verdict_of(desk, row):
    async with desk.service.state.read() as tx:
        [entry] = await entries(tx, Query(document_id=row.document_id, kind="verdict"))
    return entry


@pytest.mark.parametrize("area", ["working", "controlled"])
async def test_a_link_stays_that_leads_to_the_file_for_those_who_may_open_it(desk, area):
    row = await moved(desk, "Prices.txt", area=area)

    stub = lying(desk, area)["Prices.txt.url"]
    seen = content(desk, stub, kit.SAM)
    assert seen.text.startswith("[InternetShortcut]\r\nURL=https://wmin.sharepoint.com/sites/core/")
    assert seen.text.rstrip().endswith("/Prices.txt")
    assert [await opened(desk, row, who) for who in (kit.HELEN, kit.SAM)] == [200, 404]
    await desk.settle(area)
    assert list(lying(desk, area)) == ["Prices.txt.url"], "a link is no document and stays"
    listed = (await verdict_of(desk, row)).undo
    assert "Prices" not in json.dumps(listed)
    if area == "controlled":
        fields = desk.person().get(f"{item_path(stub)}/listItem?$expand=fields").json()["fields"]
        assert fields["_ModerationStatus"] == 0, "readers see no draft"


def item_path(item):
    return f"/v1.0/drives/{item['parentReference']['driveId']}/items/{item['id']}"


async def test_no_link_stays_where_the_title_itself_is_sensitive(desk):
    row = await moved(desk, "Tender for scanners.txt")
    assert lying(desk, "working") == {}
    assert "stub" not in (await verdict_of(desk, row)).after["done"]
    assert await opened(desk, row, kit.HELEN) == 200


async def test_the_check_of_the_restricted_library_leaves_the_uploader_in(desk):
    row = await moved(desk, "Prices.txt")
    await rounds.check_list(desk.service, row.list_id)
    assert await opened(desk, row, kit.HELEN) == 200


async def test_who_has_left_is_not_let_in_and_who_reads_there_anyway_needs_no_grant(desk):
    admin = desk.tenant.httpx(desk.tenant.token(kit.DIRECTOR, "graph", ["User.ReadWrite.All"]))
    item = desk.upload("Prices.txt", MARKED, "working")
    off = {"accountEnabled": False}
    admin.patch(f"/v1.0/users/{kit.HELEN}", json=off).raise_for_status()
    own = desk.upload("Costs.txt", MARKED, "working", kit.DIRECTOR)
    await desk.settle("working")
    for one in (item, own):
        assert "admit" not in (await verdict_of(desk, await desk.shadow(one))).after["done"]


async def test_who_the_directory_does_not_know_gets_no_grant(desk):
    row = await moved(desk, "Prices.txt")
    place = (await desk.service.place(row.list_id)).row
    facts = await documents.file_facts(desk.service.tenant, place, row.item_id)
    file = document_of(await desk.service.place(place.id), row.item_id, "", facts, None)
    told = [
        await grant_writes.admit(desk.service.tenant, place, file, who)
        for who in ("nobody@elsewhere.example", kit.HELEN, kit.HELEN)
    ]
    assert told[0] == ""
    assert told[1] == told[2] != "", "it may be repeated"


@pytest.mark.parametrize("own", [b"my own", b"x" * 5000], ids=["small", "large"])
async def test_a_file_of_the_links_name_is_never_replaced(desk, own):
    desk.upload("Prices.txt.url", own, "working")
    row = await moved(desk, "Prices.txt")
    assert content(desk, lying(desk, "working")["Prices.txt.url"]).content == own
    assert "stub" not in (await verdict_of(desk, row)).after["done"]


async def test_an_undone_move_takes_the_link_and_the_uploaders_own_access_away(desk):
    row = await moved(desk, "Prices.txt")
    told = await undoing.undo_document(desk.service, OFFICER, row.document_id)
    assert {"stub", "admit", "move", "restore_audience"} <= set(told.done)
    await desk.settle("working")
    back = lying(desk, "working")
    assert list(back) == ["Prices.txt"]
    assert content(desk, back["Prices.txt"], kit.SAM).status_code == 200


async def test_a_file_that_staff_bring_back_takes_its_links_place(desk):
    row = await moved(desk, "Prices.txt")
    place = (await desk.service.place(row.list_id)).row
    home = (await desk.service.place(await desk.list_id("working"))).row
    facts = await documents.file_facts(desk.service.tenant, place, row.item_id)
    path = f"/v1.0/drives/{facts.drive_id}/items/{facts.drive_item_id}"
    owner = desk.person(kit.DIRECTOR)
    owner.put(f"{path}/content", content=b"lot 4, now public").raise_for_status()
    public = {"Sensitivity": "Official"}
    owner.patch(f"{path}/listItem/fields", json=public).raise_for_status()
    document = document_of(await desk.service.place(place.id), row.item_id, "", facts, None)
    await documents.move(desk.service.tenant, place, document, home)
    await desk.settle("working")
    assert list(lying(desk, "working")) == ["Prices.txt"]
    assert (await desk.shadow(lying(desk, "working")["Prices.txt"])).document_id == row.document_id


async def test_a_link_never_says_a_name_that_staff_did_not_give(desk):
    row = await moved(desk, "Prices.txt")
    home = await desk.service.place(await desk.list_id("working"))
    place = await desk.service.place(row.list_id)
    facts = await documents.file_facts(desk.service.tenant, place.row, row.item_id)
    file = document_of(place, row.item_id, row.document_id, facts, None)
    before = {"folder": "", "name": "scan0001.txt"}
    step = await moving.leave_link(desk.service, home, before, file, "https://h/DispForm.aspx?ID=1")
    assert step is not None
    assert b"Prices" not in content(desk, lying(desk, "working")["scan0001.txt.url"]).content
    far = {"folder": "f" * 390, "name": "Prices.txt"}
    assert await moving.leave_link(desk.service, home, far, file, "") is None


async def test_what_is_not_named_has_an_address_that_says_no_name_either(desk):
    row = await moved(desk, "Prices.txt")
    place = await desk.service.place(row.list_id)
    told = findings._told(place, row)  # noqa: SLF001 - what the command prints
    form = f"https://{kit.HOST}/sites/core/Restricted/Forms/DispForm.aspx?ID={row.item_id}"
    assert (told["file"], told["address"]) == ("", form)
    assert "Prices" not in json.dumps(told)


async def journalled(desk, row, kind):
    async with desk.service.state.read() as tx:
        return await entries(tx, Query(document_id=row.document_id, kind=kind))


@pytest.mark.parametrize("area", ["working", "controlled"])
async def test_a_link_goes_with_the_file_it_leads_to_and_comes_back_with_it(desk, area):
    row = await moved(desk, "Prices.txt", area=area)
    place = (await desk.service.place(row.list_id)).row
    facts = await documents.file_facts(desk.service.tenant, place, row.item_id)
    path = f"/v1.0/drives/{facts.drive_id}/items/{facts.drive_item_id}"
    first = content(desk, lying(desk, area)["Prices.txt.url"]).content

    owner = desk.person(kit.DIRECTOR)
    owner.delete(path).raise_for_status()
    await desk.settle("restricted")
    assert lying(desk, area) == {}
    [gone] = await journalled(desk, row, "link withdrawn")
    assert gone.undo == [{"do": "lead_again"}]
    assert "Prices" not in json.dumps(gone.after)

    owner.post(f"{path}/restore").raise_for_status()
    await desk.settle("restricted")
    [back] = lying(desk, area).values()
    assert (back["name"], content(desk, back).content) == ("Prices.txt.url", first)
    [again] = await journalled(desk, row, "link put back")
    assert again.undo[0]["wrote"] == back["id"]
    await desk.settle("restricted")
    assert len(await journalled(desk, row, "link put back")) == 1


async def test_a_link_whose_name_is_taken_meanwhile_does_not_come_back(desk):
    row = await moved(desk, "Prices.txt")
    place = (await desk.service.place(row.list_id)).row
    facts = await documents.file_facts(desk.service.tenant, place, row.item_id)
    path = f"/v1.0/drives/{facts.drive_id}/items/{facts.drive_item_id}"
    owner = desk.person(kit.DIRECTOR)
    owner.delete(path).raise_for_status()
    await desk.settle("restricted")
    desk.upload("Prices.txt.url", b"my own", "working")
    owner.post(f"{path}/restore").raise_for_status()
    await desk.settle("restricted")
    assert content(desk, lying(desk, "working")["Prices.txt.url"]).content == b"my own"
    assert await journalled(desk, row, "link put back") == []
