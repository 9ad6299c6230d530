"""Reports through the API as it is served."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests import tenant_kit as kit
from tests.sig import kit as sig

if TYPE_CHECKING:
    import httpx

    from tests.api.api_kit import Stage


def heat_map(stage: Stage, who: str | None, **asked: str) -> httpx.Response:
    bearer = {"authorization": f"Bearer {stage.token(who)}"} if who else {}
    return stage.host.http.get("/api/heat-map", params=asked, headers=bearer)


def test_whoever_has_a_role_sees_the_heat_map(stage: Stage) -> None:
    answer = heat_map(stage, sig.BEA, since="01/11/2026")

    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["since"] == "2026-11-01"
    scores = {(one["likelihood"], one["impact"]): one["score"] for one in told["cells"]}
    assert scores == {(a, b): a * b for a in range(1, 6) for b in range(1, 6)}


@pytest.mark.parametrize(("who", "status"), [(None, 401), (kit.SAM, 403)])
def test_others_do_not(stage: Stage, who: str | None, status: int) -> None:
    answer = heat_map(stage, who)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_day_that_is_none_is_told_by_its_field(stage: Stage) -> None:
    answer = heat_map(stage, sig.BEA, since="soon")

    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == ["since"]
