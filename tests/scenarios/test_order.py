"""What must not depend on which of two notifications comes first."""

import shutil

import pytest

from tests import flow_kit
from tests import tenant_kit as kit
from tests.ratification.kit import NOB, NOB_NAME, Boardroom

pytestmark = [pytest.mark.thorough, pytest.mark.xdist_group("scenarios")]


async def test_a_text_changed_before_its_decision_was_read_is_not_what_the_board_decided(
    prepared, tmp_path
):
    shutil.copytree(prepared, tmp_path / "site")
    with kit.running(tmp_path / "site" / "tenant") as tenant:
        async with flow_kit.desk(tenant, tmp_path / "site" / "state") as desk:
            boards = Boardroom(desk)
            item = boards.draft("Gov-40")
            await desk.settle()
            await boards.row(
                Title="Recommended",
                DecisionDocument="Gov-40",
                DecisionVersion="V1",
                DecisionBody=NOB_NAME,
                DecisionKind="Recommended",
                MeetingDate=f"{NOB.isoformat()}T00:00:00Z",
                MinuteReference="NOB item 4",
                Quorate=True,
            )
            boards.draft("Gov-40", text="Words that the board never saw.")
            await desk.settle()
            await desk.settle("decisions")
            await desk.settle()

            assert boards.fields(item)["DocumentStatus"] == "Draft"
