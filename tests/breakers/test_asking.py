"""One click beside the file accepts the proposed name, also while the rule only warns."""

from sync.asking import USE_NAME, WAIVER
from sync.state.journal_reading import Query, entries
from tests.breakers import kit
from tests.tenant_kit import HELEN, HOST, SAM


async def journalled(desk, item):
    row = await desk.shadow(item)
    async with desk.service.state.read() as tx:
        return await entries(tx, Query(document_id=row.document_id, kind="asked"))


def versions(desk, item):
    return len(desk.person().get(f"{kit.path_of(item)}/versions").json()["value"])


async def test_a_warning_proposes_the_name_says_how_and_by_when(warned):
    item = kit.misnamed(warned, 50)
    await warned.settle()

    shown = kit.fields(warned, item)
    assert shown["ControlStatus"] == "Needs you"
    assert f"The agreed name is “{kit.plan(50)[0]}”." in shown["ControlReason"]
    assert "Choose “Use the proposed name” beside the file" in shown["ControlReason"]
    (mail,) = [one for one in kit.mails(warned) if "scanner plan 50" in str(one)]
    words = mail["message"]["body"]["content"]
    assert "Choose “Use the proposed name”" in words
    assert "Please put this right by " in words


async def test_the_click_of_a_person_renames_at_once_and_empties_the_request(warned):
    item = kit.misnamed(warned, 51)
    await warned.settle()

    kit.ask(warned, item, USE_NAME, SAM)
    left = versions(warned, item)
    await warned.settle()

    shown = kit.fields(warned, item)
    assert shown["FileLeafRef"] == kit.plan(51)[0]
    assert shown["ControlStatus"] == "Corrected"
    assert not shown.get("ControlRequest")
    (entry,) = await journalled(warned, item)
    assert entry.after == {"asks": USE_NAME}
    assert versions(warned, item) == left
    assert await warned.drain() == 0


async def test_the_click_of_an_app_is_no_persons_word(warned):
    item = kit.misnamed(warned, 52)
    await warned.settle()

    kit.ask(warned, item, USE_NAME, "provisioner")
    await warned.settle()

    shown = kit.fields(warned, item)
    assert shown["FileLeafRef"] == "scanner plan 52.docx"
    assert not shown.get("ControlRequest")
    assert await journalled(warned, item) == []


async def test_a_request_without_a_proposal_is_emptied_and_nothing_else(warned):
    name, data = kit.plan(53)
    item = warned.upload(name, data)
    kit.ask(warned, item, USE_NAME, HELEN)

    await warned.settle()

    shown = kit.fields(warned, item)
    assert (shown["FileLeafRef"], shown.get("ControlRequest")) == (name, None)


async def waivers(desk, item):
    site = desk.person().get(f"/v1.0/sites/{HOST}:/sites/core").json()["id"]
    path = f"/v1.0/sites/{site}/lists/{await desk.list_id('waivers')}/items?$expand=fields"
    told = [one["fields"] for one in desk.person().get(path).json()["value"]]
    link = kit.fields(desk, item)["FileLeafRef"].replace(" ", "%20")
    return [one for one in told if one["WaiverDocument"].endswith(link)]


async def test_a_waiver_asked_for_is_a_row_that_waits_for_a_reason_and_a_decision(warned):
    item = kit.misnamed(warned, 54)
    await warned.settle()
    assert "choose “Ask for a waiver” beside the file" in kit.fields(warned, item)["ControlReason"]

    for _ in range(2):
        kit.ask(warned, item, WAIVER, SAM)
        await warned.settle()

    (row,) = await waivers(warned, item)
    assert (row["Title"], row["WaiverPolicy"]) == ("Asked for by Sam Price", "File name")
    assert not kit.fields(warned, item).get("ControlRequest")
    await warned.settle("waivers")
    (row,) = await waivers(warned, item)
    assert row["WaiverStatus"] == "Needs you"
