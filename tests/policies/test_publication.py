"""The publication rule: what a document is, what breaks its seal, what went past the boards."""

from dataclasses import replace
from datetime import date

import pytest

from sync.model import Decision, Past, Publication, Severity, Status, Unpublish
from sync.policies import publication as rule
from sync.policies.publication import check
from sync.ratification import State
from tests.policies import kit
from tests.policies.kit import BLOCK, context, document, reading

ADOPTED = date(2026, 3, 2)
RECOMMENDED = Decision("recommended", "NOB", date(2026, 2, 5), "V1", "c1", "NOB 4")
APPROVED = Decision("approved", "NEB", ADOPTED, "V1", "c1", "NEB 7")
CHAIN = (RECOMMENDED, APPROVED)
OUT = (Publication("V1", "c1", ADOPTED),)


def paper(version="0.3", moderation="3", content="c1", **more):
    block = more.pop("block", BLOCK)
    fields = kit.IN_ORDER | {"_ModerationStatus": moderation} | more.pop("fields", {})
    read_as = reading(block=block, content_id=content)
    return document(fields=fields, read_as=read_as, version=version, **more)


@pytest.mark.parametrize(
    ("subject", "around", "status"),
    [
        (paper(), {}, State.DRAFT),
        (paper("1.0", "2"), {}, State.AWAITING_RECOMMENDATION),
        (paper(), {"decisions": (RECOMMENDED,)}, State.AWAITING_APPROVAL),
        (paper("1.0", "1"), {}, State.DRAFT),
        (paper(), {"decisions": CHAIN}, State.AWAITING_APPROVAL),
        (paper("1.0", "0"), {"decisions": CHAIN, "publications": OUT}, State.CURRENT),
        (paper("1.1", content="c2"), {"decisions": CHAIN, "publications": OUT}, State.CURRENT),
        (paper("2.0", "2", "c2"), {"publications": OUT}, State.AWAITING_RECOMMENDATION),
        (paper("1.1"), {"decisions": CHAIN, "publications": OUT}, State.CURRENT),
        (paper("2.0", "0", "c2"), {"decisions": CHAIN, "publications": OUT}, State.CURRENT),
    ],
)
def test_a_document_says_where_it_stands(subject, around, status):
    assert rule.status_of(subject, context(**around)) is status


@pytest.mark.parametrize(
    ("review", "status"),
    [("2026-11-23", "Overdue"), ("2026-11-24", "Under review"), ("2026-11-25", "Current")],
)
def test_a_version_in_force_is_under_review_on_its_date_and_overdue_after_it(review, status):
    subject = paper("1.0", "0", fields={"DocumentStatus": "Current", "ReviewDate": review})
    around = context(decisions=CHAIN, publications=OUT)
    assert context().today == date(2026, 11, 24)
    assert rule.status_of(subject, around) == status


@pytest.mark.parametrize("shown", ["Superseded", "Archived"])
def test_what_others_decided_of_a_version_in_force_stays(shown):
    subject = paper("1.0", "0", fields={"DocumentStatus": shown})
    around = context(decisions=CHAIN, publications=OUT)
    assert rule.status_of(subject, around) == shown


def test_files_outside_the_controlled_library_have_no_life_of_their_own():
    assert rule.status_of(paper(), context("working", decisions=CHAIN)) is None
    assert list(check(paper("1.0", "0"), context("working"))) == []


def test_a_version_published_past_the_boards_is_taken_back():
    [found] = check(paper("1.0", "0"), context(decisions=(RECOMMENDED,)))
    assert (found.severity, found.status) == (Severity.STOP, Status.HELD)
    assert found.remedies[0] == Unpublish()
    assert "still needs the approval of the Network Executive Board" in found.expected


def titled(title, number, moderation="0", version="1.0"):
    block = replace(BLOCK, name=title, document_number=number)
    fields = {"DocumentType": "", "DocumentNumber": number, "Title": title}
    return paper(version, moderation, block=block, fields=fields, name=f"{number} {title} V1.docx")


@pytest.mark.parametrize(
    ("title", "number", "lacks"),
    [
        ("NEB Terms of Reference", "ToR-02", "the approval of the Network Executive Board"),
        ("Clinical Governance Group ToR", "ToR-30", "an approval, and no body is known"),
        ("Escalation Matrix", "Gov-25", "the approval of the Network Core Team"),
    ],
)
def test_no_document_is_published_past_the_boards_for_want_of_a_known_way(title, number, lacks):
    [found] = check(titled(title, number), context())
    assert found.remedies[0] == Unpublish()
    assert f"still needs {lacks}" in found.expected
    assert list(check(titled(title, number, "2"), context())) == []


@pytest.mark.parametrize(
    ("title", "number", "status"),
    [
        ("NEB Terms of Reference", "ToR-02", State.AWAITING_APPROVAL),
        ("Clinical Governance Group ToR", "ToR-30", State.DRAFT),
        ("Escalation Matrix", "Gov-25", State.AWAITING_APPROVAL),
    ],
)
def test_every_controlled_document_says_where_it_stands(title, number, status):
    assert rule.status_of(titled(title, number, "2"), context()) is status


def test_the_top_boards_own_approval_publishes_its_terms_of_reference():
    approved = replace(APPROVED, body="NEB")
    assert rule.is_due(titled("NEB ToR", "ToR-02", "2"), context(decisions=(approved,)))


def test_what_was_taken_back_goes_on_saying_what_it_still_needs():
    undone = {"past": Past(unpublished=frozenset({"c1"}))}
    [found] = check(paper(), context(decisions=(RECOMMENDED,), **undone))
    assert (found.status, found.remedies) == (Status.HELD, ())
    assert found.expected.startswith("It still needs the approval of")
    assert list(check(paper(content="c2"), context(**undone))) == []
    assert list(check(paper(), context(decisions=CHAIN, **undone))) == []


@pytest.mark.parametrize(
    ("subject", "around"),
    [
        (paper("1.0", "2"), {}),
        (paper("1.0", "0"), {"decisions": CHAIN}),
        (paper("1.0", "0"), {"publications": OUT}),
        (paper(), {"decisions": CHAIN}),
        (paper("1.0", "0", content=""), {}),
    ],
)
def test_what_waits_or_has_its_decisions_is_left_alone(subject, around):
    assert list(check(subject, context(**around))) == []


def test_a_text_changed_after_a_decision_goes_back_to_the_body():
    [found] = check(paper(content="c2"), context(decisions=CHAIN))
    assert "changed after it was approved by the Network Executive Board" in found.says
    assert found.severity is Severity.STOP


def test_the_revision_of_a_published_text_breaks_no_seal():
    around = context(decisions=CHAIN, publications=OUT)
    assert list(check(paper("1.1", content="c2"), around)) == []


@pytest.mark.parametrize(
    ("block", "decisions", "says"),
    [
        (replace(BLOCK, version="V0.3"), (RECOMMENDED,), "Version Number should be V1"),
        (replace(BLOCK, date_adopted="01/03/2026"), CHAIN, "Date Adopted should be 02/03/2026"),
        (
            replace(BLOCK, approved_by="Core Team"),
            CHAIN,
            "Approved By should name the Network Executive Board",
        ),
    ],
)
def test_the_block_must_say_what_the_approval_gives_it(block, decisions, says):
    [found] = check(paper(block=block), context(decisions=decisions))
    assert says in found.says
    assert ("before the meeting" in found.how) is (len(decisions) == 1)


def test_nothing_is_due_before_the_chain_is_whole_or_after_it_was_published():
    assert not rule.is_due(paper(), context(decisions=(RECOMMENDED,)))
    assert rule.is_due(paper(), context(decisions=CHAIN))
    assert not rule.is_due(paper(), context(decisions=CHAIN, publications=OUT))


@pytest.mark.parametrize(
    ("version", "label"), [("0.3", "V1"), ("1.0", "V1"), ("1.2", "V2"), ("2.0", "V2"), ("", "V1")]
)
def test_the_next_label_is_sharepoints_next_whole_version(version, label):
    assert str(rule.next_label(paper(version))) == label
