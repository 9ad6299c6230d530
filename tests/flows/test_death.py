"""A worker dies right after a write: the next one finishes the same thing, and loses none of it."""

from datetime import date

import pytest

from local.demo.documents import samples
from sync import enforcement
from sync.state import notices
from sync.state.journal_reading import Query, entries, verify
from sync.tenant import access, documents, grant_writes, rows, stubs
from tests import tenant_kit as kit

DAY = samples(date(2026, 11, 24))
RIGHT = "ToR-03 Network Operational Board Terms of Reference V1.docx"
WRITES = {
    "contain": (access, "contain"),
    "rename": (documents, "rename"),
    "columns": (documents, "set_columns"),
    "move": (documents, "move"),
    "registry": (rows, "create"),
    "uploader": (grant_writes, "admit"),
    "link": (stubs, "leave"),
}
"""Every write of a remedy, by the function that makes it."""
SIDE = {"restore_audience", "set_columns", "move"}
ENDS = {
    "tender": ("Corrected", DAY["tender"].name, "restricted", SIDE | {"admit"}, [kit.HELEN]),
    "with_nhs_number": (
        *("Held", DAY["with_nhs_number"].name, "quarantine", SIDE | {"stub"}),
        [kit.HELEN, kit.IG_OFFICER],
    ),
    "tor_03_wrong_name": ("Corrected", RIGHT, "controlled", {"rename", "set_columns"}, [kit.HELEN]),
    "draft_v03": ("Corrected", DAY["draft_v03"].name, "controlled", {"set_columns"}, [kit.HELEN]),
}
"""Status, name, area, steps and mail of each file, whoever came to finish it."""


class PowerCut(BaseException):
    """The process is gone: nothing after this line ran."""


@pytest.fixture
def die_after(monkeypatch):
    """Return a way to let one write happen and the worker die before it hears of it."""

    def arrange(write):
        module, name = WRITES[write]
        whole = getattr(module, name)

        async def dying(*given, **named):
            monkeypatch.setattr(module, name, whole)
            await whole(*given, **named)
            raise PowerCut

        monkeypatch.setattr(module, name, dying)

    return arrange


def upload(desk, sample):
    item = desk.upload(sample.name, sample.data, sample.area)
    if sample.columns:
        drive, path = desk.drives[sample.area], f"items/{item['id']}/listItem"
        row = desk.person().get(f"/v1.0/drives/{drive}/{path}").json()["id"]
        fields = f"/v1.0/drives/{drive}/list/items/{row}/fields"
        desk.person().patch(fields, json=dict(sample.columns)).raise_for_status()
    if sample.publish:
        desk.publish(item)
    return item


async def die(desk, area):
    nudge = enforcement.Nudge(await desk.list_id(area), desk.service.now().isoformat())
    with pytest.raises(BaseExceptionGroup) as died:
        await enforcement.work_off(desk.service, nudge)
    assert died.value.subgroup(PowerCut)
    desk.tenant.advance(enforcement.LEASE_SECONDS + 1)


async def end_of(desk, item):
    """Return how a file stands, what the journal says was done, how it is undone, who got mail."""
    row = await desk.shadow(item)
    area = (await desk.service.place(row.list_id)).area.key
    async with desk.service.state.read() as tx:
        told = await entries(tx, Query(document_id=row.document_id, kind="verdict"))
        mail = await notices.all_notices(tx, document_id=row.document_id)
        assert await verify(tx, told[0].site_id) is None
    (entry,) = told
    assert {step["do"] for step in entry.undo} == set(entry.after["done"])
    done, sent = set(entry.after["done"]), sorted(one.recipient for one in mail)
    return (row.control_status, row.name, area, done, sent), entry, mail


@pytest.mark.parametrize(
    ("key", "write"),
    [
        *(("tender", write) for write in ("contain", "columns", "move", "uploader")),
        *(("with_nhs_number", write) for write in ("contain", "columns", "move", "link")),
        *(("tor_03_wrong_name", write) for write in ("rename", "columns", "registry")),
        *(("draft_v03", write) for write in ("columns", "registry")),
    ],
)
async def test_the_next_worker_finishes_what_a_dead_one_began(desk, die_after, key, write):
    item = upload(desk, DAY[key])
    area = DAY[key].area
    await desk.drain(area)
    die_after(write)
    await die(desk, area)

    await desk.settle(area)

    end, entry, mail = await end_of(desk, item)
    assert end == ENDS[key]
    assert await desk.open_rows() == []
    if "move" in end[3]:
        audience = next(step for step in entry.undo if step["do"] == "restore_audience")["audience"]
        assert not audience["unique"], "the audience that staff had given it is what comes back"
        assert "name" not in entry.after
        assert "name" not in entry.before
    if key == "with_nhs_number":
        assert "taken aside" in mail[0].body["text"]
        children = f"/v1.0/drives/{desk.drives[area]}/root/children"
        lying = [one["name"] for one in desk.person().get(children).json()["value"]]
        assert lying == [f"{end[1]}.url"], "one link, made once"
        assert "http" not in mail[0].body["text"]


async def test_a_moved_file_is_finished_by_whichever_feed_comes_first(desk, die_after):
    item = upload(desk, DAY["tender"])
    await desk.drain("working")
    die_after("move")
    await die(desk, "working")

    await desk.settle("restricted")
    await desk.settle("working")

    end, _, mail = await end_of(desk, item)
    assert end == ENDS["tender"]
    assert "restricted library" in mail[0].body["text"]


async def test_a_file_deleted_after_its_worker_died_is_gone(desk, die_after):
    item = upload(desk, DAY["tender"])
    await desk.drain("working")
    die_after("columns")
    await die(desk, "working")
    path = f"/v1.0/drives/{desk.drives['working']}/items/{item['id']}"
    desk.person().delete(path).raise_for_status()

    await desk.settle("working")

    assert (await desk.shadow(item)).deleted_at is not None
    assert await desk.open_rows() == []


async def test_what_staff_change_between_our_look_and_our_write_is_looked_at(desk, monkeypatch):
    sample = DAY["tor_03_wrong_name"]
    item = desk.upload(sample.name, sample.data, sample.area)
    await desk.drain()
    write = documents.set_columns

    async def set_columns(*given, **named):
        monkeypatch.setattr(documents, "set_columns", write)
        desk.publish(item)
        await write(*given, **named)

    monkeypatch.setattr(documents, "set_columns", set_columns)
    await desk.settle()

    row = await desk.shadow(item)
    place = await desk.service.place(row.list_id)
    now = await documents.file_facts(desk.service.tenant, place.row, row.item_id)
    assert row.etag == now.etag
    assert now.fields["VersionLabel"] == "V1"
    assert await desk.drain() == 0
