"""Decisions through the API as it is served: who may record one, what is refused, what is shown."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from sharepoint_schema.numbers import Number
from sync.state import State, facts, items, lists, numbers
from tests import tenant_kit as kit
from tests.sig import kit as sig

if TYPE_CHECKING:
    import httpx

    from tests.api.api_kit import Stage

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
NUMBER = Number("Gov", 91)
TOLD = {
    "document": str(NUMBER),
    "version": "V1",
    "kind": "Recommended",
    "body": "NOB",
    "date": "05/11/2026",
    "reference": "NOB 2026/11 item 4",
    "quorate": True,
    "movedBy": "A. Chair",
    "conflicts": "none",
}


async def _document(url: str) -> None:
    """Put a draft into the state as a look at it would have; its list is paused: nobody looks."""
    site = f"https://{kit.HOST}/sites/core"
    home = lists.ListRow(id="L91", site_id="s", site_url=site, area="controlled",
                         template="core_team", title="Controlled documents")  # fmt: skip
    item = items.ItemRow(list_id="L91", item_id="1", document_id="d91", number=str(NUMBER),
                         name=f"{NUMBER} Image Sharing Strategy V1.docx", label="V1",
                         content_id="c91", seen_at=NOW)  # fmt: skip
    seen = facts.Facts(document_id="d91", list_id="L91", item_id="1", valid_from=NOW, source="test",
                       facts={"columns": {}, "label": "V1", "content_id": "c91",
                              "sharepoint_version": "0.1"})  # fmt: skip
    state = State.open(url)
    async with state.begin() as tx:
        await lists.register_list(tx, home)
        await lists.pause(tx, paused=True, site_id="s")
        await items.put_item(tx, item)
        await numbers.claim_existing(tx, NUMBER, "d91", NOW)
        await facts.add_facts(tx, seen)
    await state.close()


@pytest.fixture(scope="module", autouse=True)
def _there(stage: Stage) -> None:
    asyncio.run(_document(stage.database))


def call(
    stage: Stage, who: str | None, method: str, body: Any = None, **asked: str
) -> httpx.Response:
    bearer = {"authorization": f"Bearer {stage.token(who)}"} if who else {}
    return stage.host.http.request(
        method, "/api/decisions", json=body, params=asked, headers=bearer
    )


def test_a_secretary_records_a_decision_once_and_everybody_of_the_app_may_see_it(
    stage: Stage,
) -> None:
    answer = call(stage, sig.BEA, "POST", TOLD)
    again = call(stage, sig.BEA, "POST", TOLD)

    assert (answer.status_code, again.status_code) == (201, 201)
    told = answer.json()
    assert told["id"] == again.json()["id"]
    assert told["missing"] == ["the approval of the Network Executive Board"]
    shown = call(stage, kit.ENFORCER, "GET", document=str(NUMBER)).json()["value"]
    assert [(one["id"], one["kind"]) for one in shown] == [(told["id"], "recommended")]
    assert "A. Chair" not in str(shown)


@pytest.mark.parametrize(
    ("who", "status"), [(None, 401), (kit.SAM, 403), (sig.ADA, 403), (kit.ENFORCER, 403)]
)
def test_nobody_but_the_boards_secretary_and_the_registrar_records(
    stage: Stage, who: str | None, status: int
) -> None:
    answer = call(stage, who, "POST", {**TOLD, "reference": "somebody else's"})

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"kind": "wished", "body": "XYZ"}, ["kind", "body"]),
        ({"quorate": "yes"}, ["quorate"]),
        ({"document": "Gov-92"}, ["document"]),
        ({"version": "V7"}, ["version"]),
        ({"surplus": 1}, ["surplus"]),
    ],
)
def test_what_is_wrong_with_a_decision_is_told_by_field(
    stage: Stage, change: dict[str, Any], fields: list[str]
) -> None:
    answer = call(stage, sig.BEA, "POST", {**TOLD, **change})

    assert answer.status_code == 422, answer.text
    assert sorted(one["field"] for one in answer.json()["errors"]) == sorted(fields)


def test_decisions_of_a_number_nobody_has_are_a_404_and_strangers_see_none(stage: Stage) -> None:
    assert call(stage, sig.BEA, "GET", document="Gov-92").status_code == 404
    assert call(stage, sig.BEA, "GET", document="nonsense").status_code == 404
    assert call(stage, None, "GET", document=str(NUMBER)).status_code == 401
    assert call(stage, kit.SAM, "GET", document=str(NUMBER)).status_code == 403
