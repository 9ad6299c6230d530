"""A file that arrives in quarantine before its move is recorded: nothing of its verdict is lost."""

from __future__ import annotations

from sync import recording
from tests import tenant_kit as kit
from tests.quarantine.kit import Ward, page
from tests.registers.kit import mails_to

TEXT = "Patient Mary Jones, NHS number 943 476 5919, born 02/03/1961"


async def test_a_move_met_by_the_quarantines_own_feed_is_still_recorded(desk, monkeypatch):
    ward, record, met = Ward(desk), recording.record, []

    async def record_late(case, acted, entry):
        """Record only after another worker has taken what the quarantine's feed told."""
        if acted.moved_from is not None:
            await desk.drain("quarantine")
            met.append(await desk.work_off("quarantine"))
        return await record(case, acted, entry)

    monkeypatch.setattr(recording, "record", record_late)
    told = len(mails_to(desk, kit.IG_OFFICER))
    item = desk.upload("Clinic letter.docx", page(TEXT), "working")
    await desk.settle("working")
    desk.tenant.advance(5)
    await ward.follow()

    assert met, "the quarantine's worker came first"
    row = await desk.shadow(item)
    assert row.list_id == await desk.list_id("quarantine")
    assert row.control_status == "Held"
    (verdict,) = [one for one in await ward.journal(row) if one.kind == "verdict"]
    assert {step["do"] for step in verdict.undo} >= {"move", "restore_audience"}
    assert len(mails_to(desk, kit.IG_OFFICER)) == told + 1
    assert await desk.open_rows() == []
