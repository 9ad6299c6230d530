"""A verdict that rests on another document follows it: into force, out of it, changed, and back."""

from dataclasses import replace
from datetime import UTC, datetime

from local.demo.writing import Control, to_docx
from sync import enforcement, ties
from sync.cases import Case
from sync.state import ties as kept
from sync.state.engine import State
from sync.state.items import ItemRow, put_item
from sync.state.lists import ListRow, register_list
from sync.state.registry import get_registry_row, put_registry_row
from sync.state.ties import Standing, Tie

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
NUMBER = "Op-22"
FILE = f"{NUMBER} Reading Plan V0.1.docx"


def written(number, title, text):
    return to_docx(title, (text,), Control(title, "V0.1", number, "", "all staff"))


def in_force(text):
    title = "Reading Plan"
    return to_docx(title, (text,), Control(title, "V1", NUMBER, "", "all staff"))


def act(desk, item, way, method="POST", **body):
    path = f"/v1.0/drives/{item['parentReference']['driveId']}/items/{item['id']}{way}"
    desk.person().request(method, path, **body).raise_for_status()


async def says(desk, item, policy):
    """Return what one rule says in the document's verdict, "" when nothing."""
    told = (await desk.shadow(item)).verdict["findings"]
    return " ".join(one["says"] for one in told if one["policy"] == policy)


async def test_a_citing_document_is_judged_anew_when_the_cited_one_comes_goes_and_returns(desk):
    text = f"It follows [{NUMBER}]."
    item = desk.upload("Op-21 Sharing Plan V0.1.docx", written("Op-21", "Sharing Plan", text))
    await desk.settle()
    assert f"{NUMBER} (never issued)" in await says(desk, item, "dead_reference")

    cited = desk.upload(FILE, written(NUMBER, "Reading Plan", "It says how."))
    await desk.settle()
    assert await says(desk, item, "dead_reference") == ""

    act(desk, cited, "", "DELETE")
    await desk.settle()
    assert f"{NUMBER} (no longer there)" in await says(desk, item, "dead_reference")

    act(desk, cited, "/restore", json={})
    await desk.settle()
    assert await says(desk, item, "dead_reference") == ""
    assert await desk.open_rows() == []


async def test_a_citing_document_is_judged_anew_when_the_cited_one_is_superseded(desk):
    text = f"It follows [{NUMBER}]."
    item = desk.upload("Op-21 Sharing Plan V0.1.docx", written("Op-21", "Sharing Plan", text))
    cited = desk.upload(FILE, written(NUMBER, "Reading Plan", "It says how."))
    await desk.settle()
    assert await says(desk, item, "dead_reference") == ""
    row = await desk.shadow(cited)
    place = await desk.service.place(row.list_id)
    case = Case(desk.service, place, None, None)
    async with desk.service.state.begin() as tx:
        entry = await get_registry_row(tx, row.document_id)
        columns = {**entry.columns, "DocumentStatus": "Superseded"}
        await put_registry_row(tx, replace(entry, columns=columns))
        assert await ties.look_again(tx, case, NUMBER) == 1
        assert await ties.look_again(tx, case, "Op-21") == 0
    await desk.work_off()

    assert f"{NUMBER} (superseded)" in await says(desk, item, "dead_reference")


async def test_a_copy_is_judged_anew_when_its_original_goes_on(desk):
    item = desk.upload(FILE, written(NUMBER, "Reading Plan", "It says how."))
    await desk.settle()  # the number is the first one's
    copy = desk.upload("My copy.docx", written(NUMBER, "Reading Plan", "It says how."))
    await desk.settle()
    assert f"uncontrolled copy of {NUMBER}" in await says(desk, copy, "uncontrolled_copy")

    act(desk, item, "/content", "PUT", content=written(NUMBER, "Reading Plan", "It says more."))
    await desk.settle()
    assert f"claims {NUMBER}, which is another" in await says(desk, copy, "uncontrolled_copy")
    assert await desk.open_rows() == []


async def test_a_file_becomes_a_copy_when_its_content_is_registered_after_it(desk):
    text = written("", "Reading Plan", "It says how.")
    copy = desk.upload("My notes.docx", text, "working")
    await desk.settle("working")
    assert await says(desk, copy, "uncontrolled_copy") == ""

    desk.upload("Reading Plan.docx", text)
    await desk.drain()
    nudge = enforcement.Nudge(await desk.list_id("controlled"), desk.service.now().isoformat())
    woken = {one.list_id for one in await enforcement.work_off(desk.service, nudge)}
    assert await desk.list_id("working") in woken, "nobody waits for the sweep"
    await desk.settle()
    await desk.settle("working")
    assert "uncontrolled copy of Gov-01" in await says(desk, copy, "uncontrolled_copy")


async def test_a_claim_to_a_number_that_is_nobodys_yet_is_judged_anew_once_it_is_given_out(desk):
    claim = desk.upload("My notes.docx", written("Op-21", "Notes", "Mine alone."), "working")
    await desk.settle("working")
    assert await says(desk, claim, "uncontrolled_copy") == ""

    data = written("Op-21", "Sharing Plan", "It says what is shared.")
    desk.upload("Op-21 Sharing Plan V0.1.docx", data)
    await desk.settle()
    await desk.settle("working")
    assert "claims Op-21, which is another" in await says(desk, claim, "uncontrolled_copy")
    assert await desk.open_rows() == []


async def test_a_claim_is_told_anew_when_another_file_takes_or_leaves_its_agreed_name(desk):
    desk.upload(FILE, written(NUMBER, "Reading Plan", "It says how."))
    await desk.settle()
    claim = desk.upload("Other.docx", written(NUMBER, "Rota Plan", "It is mine."))
    await desk.settle()
    assert "belongs to another document" in await says(desk, claim, "file_name")

    squatter = desk.upload(f"{NUMBER} Rota Plan V0.1.docx", to_docx("Rota", ("Winter.",), None))
    await desk.settle()
    assert "already has that name" in await says(desk, claim, "file_name")

    act(desk, squatter, "", "DELETE")
    await desk.settle()
    assert "belongs to another document" in await says(desk, claim, "file_name")
    assert await desk.open_rows() == []


async def test_an_heir_is_judged_anew_when_the_dead_bearer_of_its_number_comes_back(desk):
    name = f"{NUMBER} Reading Plan V1.docx"
    first = desk.upload(f"shelf/{name}", in_force("It says how."))
    desk.publish(first)
    await desk.settle()
    act(desk, first, "", "DELETE")
    await desk.settle()
    heir = desk.upload(name, in_force("It says more."))
    desk.publish(heir)
    await desk.settle()
    assert "V1, which was published before" in await says(desk, heir, "version_label")

    act(desk, first, "/restore", json={})
    await desk.settle()
    assert (await desk.shadow(first)).number != NUMBER
    assert "published before" not in await says(desk, heir, "version_label")
    assert await desk.open_rows() == []


async def test_one_change_of_a_number_concerns_so_many_documents_at_most(tmp_path):
    state = State.open(f"sqlite:///{tmp_path / 'state.db'}")
    await state.migrate()
    site = "https://wmin.sharepoint.com/sites/core"
    now = Standing(NUMBER, "", "m", "d9", "c")
    async with state.begin() as tx:
        for area in ("working", "quarantine"):
            home = ListRow(id=area, site_id="s", site_url=site, area=area, template="t", title=area)
            await register_list(tx, home)
        for n in range(5):
            place = "working" if n < 4 else "quarantine"
            row = ItemRow(
                list_id=place, item_id=str(n), document_id=f"d{n}", name=f"{n}", seen_at=NOW
            )
            await put_item(tx, row)
            fate = "lapsed" if n else ""
            await kept.put_ties(tx, f"d{n}", [Tie(f"d{n}", "cited", NUMBER, fate)])

        assert await kept.out_of_date(tx, now, "quarantine", 2) == [
            ("working", "1"),
            ("working", "2"),
        ]
        await kept.put_ties(tx, "d1", [])
        found = await kept.out_of_date(tx, now, "quarantine", 9)
        assert [item_id for _, item_id in found] == ["2", "3"]
    await state.close()
