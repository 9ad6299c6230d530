"""The story's files as the policies see them, read from their real bytes."""

import pytest

from local.demo.documents import samples
from sync.model import Contain, Impact, Keep, Move, Rename, SetColumns, Status, standing
from sync.policies import judge
from tests.policies.kit import (
    TODAY,
    area,
    context,
    corrections,
    holder,
    put_right,
    uploaded,
)

SAMPLES = samples(TODAY)
GOV_04 = uploaded(SAMPLES["gov_04"], document_id="gov-04")
HOLDER = holder(document_id="gov-04", content_id=GOV_04.content_id, name=GOV_04.name)


def around(key, **more):
    return context(SAMPLES[key].area, impact=Impact(TODAY), **more)


def counted(findings):
    return [finding.policy for finding in findings if finding.counts]


def test_gov_04_has_exactly_two_governance_findings():
    findings = judge(GOV_04, around("gov_04", holders={"Gov-04": HOLDER}))
    assert counted(findings) == ["approval_route", "review_date"]
    assert standing(findings) is Status.NEEDS_YOU
    assert all(isinstance(remedy, SetColumns) for remedy in corrections(findings))


def test_gov_04_has_two_findings_before_it_is_registered_and_after_its_columns_are_set():
    before = judge(GOV_04, around("gov_04"))
    right, same = put_right(GOV_04, around("gov_04"), before)
    after = judge(right, same)
    assert counted(before) == counted(after) == ["approval_route", "review_date"]
    assert corrections(after) == []


def test_the_wrongly_named_terms_of_reference_are_renamed_and_nothing_else_is_found():
    findings = judge(uploaded(SAMPLES["tor_03_wrong_name"]), around("tor_03_wrong_name"))
    assert counted(findings) == ["file_name"]
    assert (
        Rename("ToR-03 Network Operational Board Terms of Reference V1.docx")
        in findings[1].remedies
    )
    assert standing(findings) is Status.CORRECTED


def test_the_twin_is_held_and_not_renamed_because_the_name_is_taken():
    taken = frozenset({GOV_04.name.lower()})
    findings = judge(
        uploaded(SAMPLES["gov_04_twin"]),
        around("gov_04_twin", taken=taken, holders={"Gov-04": HOLDER}),
    )
    assert counted(findings) == ["file_name", "uncontrolled_copy"]
    assert "another file here already has that name" in findings[0].says
    assert "claims Gov-04" in findings[1].says
    assert corrections(findings) == []
    assert standing(findings) is Status.HELD


def test_a_copy_in_another_library_is_marked_and_not_renamed():
    findings = judge(
        uploaded(SAMPLES["gov_04_copy"]),
        around("gov_04_copy", holders={"Gov-04": HOLDER}, copies=(HOLDER,)),
    )
    assert counted(findings) == ["uncontrolled_copy"]
    assert findings[0].says == "This is an uncontrolled copy of Gov-04."
    assert corrections(findings) == []


def test_the_drafts_column_is_corrected_to_the_label_of_its_block():
    findings = judge(uploaded(SAMPLES["draft_v03"]), around("draft_v03"))
    assert counted(findings) == ["version_label"]
    assert SetColumns({"VersionLabel": "V0.3"}) in corrections(findings)
    assert standing(findings) is Status.CORRECTED


def test_a_policy_without_control_block_needs_its_author():
    findings = judge(uploaded(SAMPLES["policy_without_block"]), around("policy_without_block"))
    assert counted(findings) == ["control_block"]
    assert standing(findings) is Status.NEEDS_YOU


def test_the_tender_is_contained_then_moved_without_a_stub():
    findings = judge(uploaded(SAMPLES["tender"]), around("tender"))
    assert counted(findings) == ["sensitive_in_open_place"]
    labelled = SetColumns({"Sensitivity": "Official-Sensitive: Commercial"})
    assert corrections(findings) == [Contain(Keep.CIRCLE), labelled, Move("restricted", stub=False)]


def test_the_nhs_number_goes_to_quarantine_and_is_never_repeated():
    findings = judge(uploaded(SAMPLES["with_nhs_number"]), around("with_nhs_number"))
    assert counted(findings) == ["patient_identifier"]
    assert corrections(findings) == [
        Contain(Keep.IG_OFFICERS),
        Move("quarantine", keep=Keep.IG_OFFICERS),
    ]
    assert "999" not in f"{findings}"


@pytest.mark.parametrize(
    "key", ["with_ten_digits", "growing", "correctly_named", "terms_as_pdf", "risk_workbook"]
)
def test_nothing_is_found_in_a_file_that_is_in_order(key):
    findings = judge(uploaded(SAMPLES[key]), around(key))
    assert counted(findings) == []
    assert standing(findings) is Status.IN_ORDER


def test_the_locked_file_only_needs_its_name():
    findings = judge(uploaded(SAMPLES["locked"]), around("locked"))
    assert counted(findings) == ["file_name"]
    assert "ToR-09 Clinical Directors' Forum Terms of Reference V1.docx" in findings[1].expected


@pytest.mark.parametrize("key", sorted(SAMPLES))
def test_a_story_file_put_right_is_left_alone(key):
    document, place = uploaded(SAMPLES[key]), around(key)
    right, after = put_right(document, place, judge(document, place))
    assert corrections(judge(right, after)) == []


def test_the_same_day_makes_the_same_bytes():
    assert samples(TODAY) == SAMPLES


def test_a_moved_file_is_judged_by_its_new_place():
    assert area("quarantine").is_open is False
