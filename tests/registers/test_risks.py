"""The risk register (Gov-09): scored natively, kept to its rules, red ones told at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sharepoint_schema.months import add_months
from sharepoint_schema.site import load_template
from sharepoint_schema.standard import load_standard
from sync.model import as_date
from sync.state import facts
from tests import tenant_kit as kit
from tests.registers.kit import add, edit, fields_of, mails_to, number_of, remembered

RISKS = "risks"


def whole(desk, likelihood: int, impact: int, **more: object) -> dict[str, object]:
    """Return a risk with everything a low one needs."""
    return {
        "Title": "Scanner breaks down",
        "RiskDescription": "The only scanner is old",
        "RiskCategory": "Operational",
        "RiskScope": "The network's business",
        "RiskOwnerLookupId": number_of(desk, kit.SAM),
        "RiskEffect": "Lists are cancelled",
        "Controls": "A service contract",
        "DateRaised": desk.service.today().isoformat(),
        "Likelihood": likelihood,
        "Impact": impact,
        **more,
    }


def test_the_native_band_is_the_standards_for_every_score():
    template = load_template("core_team")
    risks = next(one for one in template.lists if one.key == RISKS)
    formula = next(one.formula for one in risks.columns if one.name == "RiskBand")
    for band in load_standard().bands:
        assert f'>={band.lowest},"{band.name}"' in formula


async def test_score_and_band_are_worked_out_by_sharepoint_and_dates_by_band(desk):
    row = await add(desk, RISKS, **whole(desk, 2, 3))
    seen = await fields_of(desk, RISKS, row)
    assert (seen["CurrentScore"], seen["RiskBand"], seen["InitialScore"]) == (6, "Moderate", 6)
    in_six_months = add_months(desk.service.today(), 6)
    assert as_date(seen["RiskReviewDate"]) == in_six_months, "Moderate: by the standard's rhythm"
    assert seen["ControlStatus"] == "In order", seen.get("ControlReason")


@pytest.mark.parametrize("score", [7, 11, 13, 14, 17, 26])
async def test_a_score_that_cannot_be_is_refused_by_the_list(desk, score):
    home_fields = whole(desk, 2, 3, TargetScore=score)
    with pytest.raises(AssertionError, match=r"validation failed|26"):
        await add(desk, RISKS, **home_fields)


async def test_crossing_into_red_tells_the_executive_boards_secretariat_once_each_time(desk):
    told = len(mails_to(desk, kit.DIRECTOR))
    row = await add(desk, RISKS, **whole(desk, 2, 3))
    assert len(mails_to(desk, kit.DIRECTOR)) == told
    await edit(desk, RISKS, row, Likelihood=5)
    seen = await fields_of(desk, RISKS, row)
    assert seen["ControlStatus"] == "Needs you"
    assert "Mitigations" in seen["ControlReason"]
    assert len(mails_to(desk, kit.DIRECTOR)) == told + 1
    await edit(desk, RISKS, row, Controls="Two service contracts")
    assert len(mails_to(desk, kit.DIRECTOR)) == told + 1
    await edit(desk, RISKS, row, Likelihood=1)
    await edit(desk, RISKS, row, Likelihood=5)
    mails = mails_to(desk, kit.DIRECTOR)[told:]
    assert len(mails) == 2
    assert all("Scanner" not in one["subject"] for one in mails)
    kept = await remembered(desk, RISKS, row)
    async with desk.service.state.read() as tx:
        course = [one.facts["CurrentScore"] for one in await facts.history(tx, kept.document_id)]
    assert course == ["6", "15", "3", "15"]


async def test_a_red_risk_that_is_closed_and_opened_again_is_told_again(desk):
    row = await add(desk, RISKS, **whole(desk, 4, 5))
    told = len(mails_to(desk, kit.DIRECTOR))
    await edit(desk, RISKS, row, RiskStatus="Closed")
    await edit(desk, RISKS, row, Controls="None")
    assert len(mails_to(desk, kit.DIRECTOR)) == told
    await edit(desk, RISKS, row, RiskStatus="Open")
    assert len(mails_to(desk, kit.DIRECTOR)) == told + 1


@pytest.mark.parametrize(("likelihood", "impact"), [(2.5, 3), (4, 4.5)])
async def test_a_likelihood_or_impact_between_two_numbers_is_refused(desk, likelihood, impact):
    with pytest.raises(AssertionError, match="validation failed"):
        await add(desk, RISKS, **whole(desk, likelihood, impact))


async def test_a_providers_own_risk_is_an_exception_report_only(desk):
    row = await add(desk, RISKS, **whole(desk, 2, 2, RiskScope="One provider's own"))
    assert "one provider's own risk" in (await fields_of(desk, RISKS, row))["ControlReason"]
    await edit(desk, RISKS, row, RiskStatus="Exception report")
    assert (await fields_of(desk, RISKS, row))["ControlStatus"] == "In order"


async def test_a_review_date_later_than_the_band_allows_is_put_right_and_an_earlier_one_left(desk):
    today = desk.service.today()
    row = await add(desk, RISKS, **whole(desk, 2, 3, RiskReviewDate=f"{today.year + 3}-01-01"))
    seen = await fields_of(desk, RISKS, row)
    assert seen["ControlStatus"] == "Corrected"
    assert as_date(seen["RiskReviewDate"]) == add_months(today, 6)
    soon = (today + timedelta(days=20)).isoformat()
    await edit(desk, RISKS, row, RiskReviewDate=soon)
    assert (await fields_of(desk, RISKS, row))["RiskReviewDate"].startswith(soon)
