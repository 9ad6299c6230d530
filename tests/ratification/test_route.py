"""The route of a document and where it stands: the chain of decisions, bound to bytes."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharepoint_schema.standard import load_standard
from sync.model import Decision
from sync.ratification import Kind, Route, State, Step, route_of, stand, told

STANDARD = load_standard()
POLICY = route_of(STANDARD, STANDARD.type("policy"))
GUIDELINE = route_of(STANDARD, STANDARD.type("clinical_guideline"))
DAY = date(2026, 11, 2)
SEEN, OTHER = "seen", "other"


def said(kind, body, day=0, content=SEEN, **more):
    return Decision(kind, body, DAY + timedelta(days=day), "V1", content, "minute", **more)


RECOMMENDED = said(Kind.RECOMMENDED, "NOB")
APPROVED = said(Kind.APPROVED, "NEB", 7)


@pytest.mark.parametrize(
    ("code", "title", "wanted"),
    [
        ("policy", "", Route("NEB", recommended_by="NOB")),
        ("strategy", "", Route("NEB", recommended_by="NOB")),
        (
            "clinical_guideline",
            "",
            Route("NOB", endorsed_by="CDF", information_to="NEB", escalates_to="NEB"),
        ),
        ("procedure", "", Route("NOB", information_to="NEB", escalates_to="NEB")),
        ("position_statement", "", Route("NOB", escalates_to="NEB")),
        ("terms_of_reference", "Network Operational Board terms of reference", Route("NEB")),
        ("terms_of_reference", "Network Executive Board terms of reference", Route("NEB")),
        ("terms_of_reference", "Somebody's terms of reference", None),
        (None, "Escalation Matrix", Route("NCT")),
        ("plan", "", Route("NCT")),
    ],
)
def test_a_type_goes_the_way_of_the_ratification_matrix(code, title, wanted):
    assert route_of(STANDARD, STANDARD.type(code) if code else None, title) == wanted


@pytest.mark.parametrize(
    ("decisions", "state"),
    [
        ([], State.DRAFT),
        ([RECOMMENDED], State.AWAITING_APPROVAL),
        ([APPROVED], State.DRAFT),
        ([RECOMMENDED, APPROVED], State.CURRENT),
        ([APPROVED, RECOMMENDED], State.CURRENT),
        ([said(Kind.APPROVED, "NOB"), APPROVED], State.DRAFT),
        ([said(Kind.NOTED, "NEB")], State.DRAFT),
        ([said(Kind.RECOMMENDED, "NOB", 9), APPROVED], State.AWAITING_APPROVAL),
        ([RECOMMENDED, said(Kind.APPROVED, "NEB", 7, quorate=False)], State.AWAITING_APPROVAL),
        ([RECOMMENDED, said(Kind.APPROVED, "NEB", 7, content=OTHER)], State.AWAITING_APPROVAL),
        ([RECOMMENDED, APPROVED, said(Kind.DECLINED, "NEB", 8)], State.DRAFT),
        ([RECOMMENDED, said(Kind.DECLINED, "NEB", 3), APPROVED], State.CURRENT),
    ],
)
def test_a_policy_is_adopted_by_recommendation_then_approval_of_one_text(decisions, state):
    assert stand(POLICY, decisions, SEEN).state is state


@pytest.mark.parametrize(
    ("decisions", "missing"),
    [
        ([], [Step(Kind.ENDORSED, "CDF"), Step(Kind.APPROVED, "NOB")]),
        ([said(Kind.ENDORSED, "CDF")], [Step(Kind.APPROVED, "NOB")]),
        (
            [said(Kind.ENDORSED, "CDF"), said(Kind.APPROVED, "NEB", 2)],
            [Step(Kind.APPROVED, "NOB")],
        ),
        (
            [said(Kind.ENDORSED, "CDF"), said(Kind.ESCALATED, "NOB", 1)],
            [Step(Kind.APPROVED, "NEB")],
        ),
        (
            [
                said(Kind.ENDORSED, "CDF"),
                said(Kind.ESCALATED, "NOB", 1),
                said(Kind.APPROVED, "NEB", 2),
            ],
            [],
        ),
    ],
)
def test_the_executive_board_approves_only_what_was_passed_on_to_it(decisions, missing):
    assert list(stand(GUIDELINE, decisions, SEEN).missing) == missing


def test_what_was_put_forward_waits_for_the_first_body_of_its_way():
    assert stand(POLICY, [], SEEN, submitted=True).state is State.AWAITING_RECOMMENDATION
    plan = Route("NCT")
    assert stand(plan, [], SEEN, submitted=True).state is State.AWAITING_APPROVAL


def test_a_changed_text_is_a_draft_again_and_keeps_its_decisions_as_void():
    standing = stand(POLICY, [RECOMMENDED, APPROVED], OTHER)
    assert (standing.state, standing.approval) == (State.DRAFT, None)
    assert standing.void == (RECOMMENDED, APPROVED)


def test_a_text_nobody_could_read_has_no_decisions():
    assert not stand(POLICY, [said(Kind.APPROVED, "NEB", content="")], "").complete


def test_steps_and_decisions_are_told_in_words():
    words = Step(Kind.RECOMMENDED, "NOB").words(STANDARD)
    assert words == "the recommendation of the Network Operational Board"
    assert told(APPROVED, STANDARD) == "approved by the Network Executive Board on 09/11/2026"
    noted = told(said(Kind.NOTED, "NEB"), STANDARD)
    assert noted == "taken for information by the Network Executive Board on 02/11/2026"


ANYTHING = st.builds(
    said,
    st.sampled_from(Kind),
    st.sampled_from([body.code for body in STANDARD.bodies]),
    st.integers(0, 20),
    st.sampled_from([SEEN, OTHER]),
    quorate=st.booleans(),
)
ROUTES = st.sampled_from(
    [found for kind in STANDARD.types if (found := route_of(STANDARD, kind)) is not None]
)


@given(ROUTES, st.lists(ANYTHING, max_size=12), st.booleans())
def test_no_order_of_events_publishes_without_the_full_chain(route, decisions, submitted):
    standing = stand(route, decisions, SEEN, submitted=submitted)
    counted = [one for one in decisions if one.quorate and one.content_id == SEEN]
    if not standing.complete:
        assert standing.state is not State.CURRENT
        assert standing.missing[-1].kind == Kind.APPROVED
        return
    approval = standing.approval
    assert approval in counted
    passed_on = any((one.kind, one.body) == (Kind.ESCALATED, route.approved_by) for one in counted)
    assert approval.body == route.approved_by or (approval.body == route.escalates_to and passed_on)
    for step in route.before:
        assert any(
            (one.kind, one.body) == (step.kind, step.body) and one.on <= approval.on
            for one in counted
        )


@given(ROUTES, st.lists(ANYTHING, max_size=5, unique_by=lambda one: (one.body, one.on)))
def test_the_order_in_which_minutes_are_written_up_changes_nothing(route, decisions):
    ends = {
        (standing.state, standing.missing, standing.approval)
        for order in permutations(decisions)
        for standing in [stand(route, order, SEEN)]
    }
    assert len(ends) == 1


@given(ROUTES, st.lists(ANYTHING, max_size=12))
def test_decisions_about_another_text_weigh_nothing(route, decisions):
    about = [one for one in decisions if one.content_id == SEEN]
    mixed, pure = stand(route, decisions, SEEN), stand(route, about, SEEN)
    assert (mixed.state, mixed.missing, mixed.approval) == (pure.state, pure.missing, pure.approval)
