"""A document through its boards: recorded, bound to its bytes, published by Verger alone."""

from __future__ import annotations

from tests import flow_kit
from tests.ratification.kit import NEB, NEB_NAME, NOB, NOB_NAME, Boardroom


async def test_the_whole_chain_publishes_the_draft_as_its_next_whole_version(boards):
    item = boards.draft("Gov-40")
    await boards.desk.settle()
    assert boards.fields(item)["DocumentStatus"] == "Draft"

    first = await boards.decide("Gov-40", "Recommended", NOB_NAME, NOB)
    assert boards.fields(item)["DocumentStatus"] == "Awaiting approval"
    status, reason = await boards.shown(first)
    assert status == "Recorded"
    assert "still needs the approval of the Network Executive Board" in reason

    await boards.decide("Gov-40", "Approved", NEB_NAME, NEB)
    fields = boards.fields(item)
    told = [fields[name] for name in ("VersionLabel", "DocumentStatus", "_UIVersionString")]
    assert told == ["V1", "Current", "1.0"]
    assert fields["_ModerationStatus"] == 0
    assert fields["DateAdopted"].startswith("2026-11-19")
    assert fields["ReviewDate"].startswith("2027-11-19")
    assert fields["ApprovedBy"] == f"{NEB_NAME} 19/11/2026"
    assert boards.versions(item) == ["1.0"]
    assert [one.label for one in await boards.publications(item)] == ["V1"]
    mark = boards.desk.mark()
    await boards.desk.settle()
    assert boards.desk.writes(mark) == {}


async def test_a_version_put_forward_waits_for_the_boards_and_is_approved_in_place(boards):
    item = boards.draft("Gov-41")
    boards.desk.publish(item)
    await boards.desk.settle()
    assert boards.fields(item)["DocumentStatus"] == "Awaiting recommendation"

    await boards.adopt("Gov-41")
    fields = boards.fields(item)
    assert (fields["_UIVersionString"], fields["_ModerationStatus"]) == ("1.0", 0)
    assert fields["DocumentStatus"] == "Current"


async def test_a_changed_text_breaks_the_seal_and_goes_back_to_the_board(boards):
    item = boards.draft("Gov-42")
    await boards.desk.settle()
    await boards.decide("Gov-42", "Recommended", NOB_NAME, NOB)
    boards.draft("Gov-42", text="It says something else.")
    await boards.desk.settle()
    fields = boards.fields(item)
    assert fields["DocumentStatus"] == "Draft"
    assert "changed after it was recommended" in fields["ControlReason"]

    await boards.decide("Gov-42", "Approved", NEB_NAME, NEB)
    assert await boards.publications(item) == []

    await boards.decide("Gov-42", "Recommended", NOB_NAME, NOB)
    assert [one.label for one in await boards.publications(item)] == ["V1"]


async def test_neither_a_column_nor_a_new_name_breaks_the_seal(boards):
    item = boards.draft("Gov-43")
    await boards.desk.settle()
    await boards.decide("Gov-43", "Recommended", NOB_NAME, NOB)
    drive = f"/v1.0/drives/{item['parentReference']['driveId']}/items/{item['id']}"
    helen = boards.desk.person()
    helen.patch(f"{drive}/listItem/fields", json={"Sensitivity": "Official"}).raise_for_status()
    helen.patch(drive, json={"name": "image sharing.docx"}).raise_for_status()
    await boards.desk.settle()
    await boards.decide("Gov-43", "Approved", NEB_NAME, NEB)
    assert boards.fields(item)["FileLeafRef"] == "Gov-43 Image Sharing Strategy V1.docx"
    assert [one.label for one in await boards.publications(item)] == ["V1"]


async def test_a_stop_of_any_rule_keeps_an_approved_document_from_being_published(boards):
    item = boards.draft("Gov-44", version="V0.3", adopted_on="", history=())
    await boards.desk.settle()
    row = boards.decide("Gov-44", "Recommended", NOB_NAME, NOB, DecisionVersion="V0.3")
    status, _ = await boards.shown(await row)
    assert status == "Recorded"
    assert "Version Number should be V1" in boards.fields(item)["ControlReason"]

    await boards.decide("Gov-44", "Approved", NEB_NAME, NEB, DecisionVersion="V0.3")
    fields = boards.fields(item)
    assert (fields["DocumentStatus"], fields["ControlStatus"]) == ("Awaiting approval", "Needs you")
    assert "can't be published yet" in fields["ControlReason"]
    assert await boards.publications(item) == []


async def test_an_owners_approval_past_the_boards_is_undone_and_the_earlier_version_stays(boards):
    item = boards.draft("Gov-45")
    await boards.desk.settle()
    await boards.adopt("Gov-45")
    two = {"version": "V2", "adopted_on": "", "review_on": "19/11/2027"}
    again = boards.desk.upload(boards.fields(item)["FileLeafRef"], boards.write("Gov-45", **two))
    boards.desk.publish(again)
    await boards.desk.settle()
    boards.approve_by_hand(again)
    await boards.desk.settle()

    fields = boards.fields(item)
    assert boards.versions(item)[0] == fields["_UIVersionString"] == "1.2"
    assert "2.0" not in boards.versions(item)
    assert fields["ControlStatus"] == "Held"
    assert "published before it had been approved" in fields["ControlReason"]
    assert [one.label for one in await boards.publications(item)] == ["V1"]
    mark = boards.desk.mark()
    await boards.desk.settle()
    assert boards.desk.writes(mark) == {}


async def test_the_next_version_supersedes_the_one_in_force(boards):
    item = boards.draft("Gov-46")
    await boards.desk.settle()
    await boards.adopt("Gov-46")
    two = boards.write("Gov-46", "It says more.", version="V2")
    boards.desk.upload(boards.fields(item)["FileLeafRef"], two)
    await boards.desk.settle()
    assert boards.fields(item)["DocumentStatus"] == "Current"
    for kind, body, on in (("Recommended", NOB_NAME, NOB), ("Approved", NEB_NAME, NEB)):
        await boards.decide("Gov-46", kind, body, on, DecisionVersion="V2")
    fields = boards.fields(item)
    assert (fields["VersionLabel"], fields["_UIVersionString"]) == ("V2", "2.0")
    first, second = await boards.publications(item)
    assert (first.label, second.label) == ("V1", "V2")
    assert first.superseded_at is not None
    assert second.superseded_at is None


async def two_versions(boards, number):
    """Return a document of which V1 and V2 were adopted, V2 with a review date of its own."""
    item = boards.draft(number)
    await boards.desk.settle()
    await boards.adopt(number)
    two = boards.write(number, "It says more.", version="V2", review_on="01/06/2028")
    boards.desk.upload(boards.fields(item)["FileLeafRef"], two)
    await boards.desk.settle()
    for kind, body, on in (("Recommended", NOB_NAME, NOB), ("Approved", NEB_NAME, NEB)):
        await boards.decide(number, kind, body, on, DecisionVersion="V2")
    assert boards.fields(item)["_UIVersionString"] == "2.0"
    return item


async def test_a_new_version_has_its_own_review_date_not_the_one_before_left_in_the_column(boards):
    item = await two_versions(boards, "Gov-38")
    fields = boards.fields(item)
    assert fields["ReviewDate"].startswith("2028-06-01")
    assert "Review date" not in fields["ControlReason"]


async def test_an_old_text_put_back_is_no_version_in_force_and_goes_to_the_boards_again(boards):
    item = await two_versions(boards, "Gov-39")
    path = f"/v1.0/drives/{item['parentReference']['driveId']}/items/{item['id']}"
    boards.desk.person().post(f"{path}/versions/1.0/restoreVersion").raise_for_status()
    await boards.desk.settle()
    fields = boards.fields(item)
    assert fields["_UIVersionString"] == "2.1"
    assert fields["FileLeafRef"] == "Gov-39 Image Sharing Strategy V2.docx"
    assert fields["ControlStatus"] == "Needs you"

    boards.desk.publish(item)
    await boards.desk.settle()
    boards.approve_by_hand(item)
    await boards.desk.settle()
    fields = boards.fields(item)
    assert boards.versions(item)[0] == fields["_UIVersionString"] == "2.2"
    assert "published before it had been approved" in fields["ControlReason"]
    assert [one.label for one in await boards.publications(item)] == ["V1", "V2"]


async def test_in_warn_mode_an_owners_approval_is_only_explained_until_its_date(place):
    tenant, folder = place
    async with flow_kit.desk(tenant, folder, 'modes: {"*": enforce, publication: warn}\n') as desk:
        boards = Boardroom(desk)
        item = boards.draft("Gov-47")
        boards.desk.publish(item)
        await boards.desk.settle()
        boards.approve_by_hand(item)
        await boards.desk.settle()
        fields = boards.fields(item)
        assert (fields["_UIVersionString"], fields["ControlStatus"]) == ("1.0", "Needs you")
        assert "after that Verger will" in fields["ControlReason"]


async def test_in_observe_mode_nothing_is_published_and_no_status_is_shown(place):
    tenant, folder = place
    modes = 'modes: {"*": enforce, publication: observe}\n'
    async with flow_kit.desk(tenant, folder, modes) as desk:
        boards = Boardroom(desk)
        item = boards.draft("Gov-48")
        await boards.desk.settle()
        await boards.adopt("Gov-48")
        assert await boards.publications(item) == []
        assert "DocumentStatus" not in boards.fields(item)
