"""How a document comes to be adopted: which bodies must have said what, and where it stands.

The route is the document type's (the ratification matrix of the standard). A decision counts for
the very content the body saw and for nothing else (decision 2): change a word and it is void, while
a new name, label or column leaves it good. Pure: no clock, no state, no SharePoint.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sharepoint_schema.dates import show_date

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sharepoint_schema.standard import DocumentType, Standard
    from sync.model import Decision


class Kind(StrEnum):
    """What a body can decide about a document."""

    RECOMMENDED = "recommended"
    ENDORSED = "endorsed"
    APPROVED = "approved"
    NOTED = "for information"
    ESCALATED = "escalated"  # no consensus, or the body asks the board above it
    DECLINED = "declined"


class State(StrEnum):
    """*Document status* as staff read it: the life of a document, in order."""

    DRAFT = "Draft"
    AWAITING_RECOMMENDATION = "Awaiting recommendation"
    AWAITING_APPROVAL = "Awaiting approval"
    CURRENT = "Current"
    UNDER_REVIEW = "Under review"
    OVERDUE = "Overdue"
    SUPERSEDED = "Superseded"
    ARCHIVED = "Archived"
    DISPOSED = "Disposed"


IN_FORCE = frozenset({State.CURRENT, State.UNDER_REVIEW, State.OVERDUE})
"""What a reader may go by."""
_NOUNS = {
    Kind.RECOMMENDED: "recommendation",
    Kind.ENDORSED: "endorsement",
    Kind.APPROVED: "approval",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One decision that a document needs: what, and the code of the body it is for."""

    kind: Kind
    body: str

    def words(self, standard: Standard) -> str:
        """Return it for staff: "the approval of the Network Executive Board"."""
        return f"the {_NOUNS[self.kind]} of the {standard.body(self.body).name}"


@dataclass(frozen=True, slots=True)
class Route:
    """The way a document must go; bodies by code, "" where the type asks for none."""

    approved_by: str
    recommended_by: str = ""
    endorsed_by: str = ""
    information_to: str = ""
    escalates_to: str = ""

    @property
    def before(self) -> tuple[Step, ...]:
        """What must come before the approval."""
        wanted = ((Kind.ENDORSED, self.endorsed_by), (Kind.RECOMMENDED, self.recommended_by))
        return tuple(Step(kind, body) for kind, body in wanted if body)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a content stands on its route.

    `missing` are the steps still to be taken, in order; `void` the decisions about other content;
    `approval` the one that completes the chain, None while anything is missing.
    """

    state: State
    missing: tuple[Step, ...] = ()
    void: tuple[Decision, ...] = ()
    approval: Decision | None = None
    begun: bool = False

    @property
    def complete(self) -> bool:
        return self.approval is not None


def route_of(standard: Standard, kind: DocumentType | None, title: str = "") -> Route | None:
    """Return a type's route; None where nobody is known to approve it (ToR of a strange body).

    A document of no type that we know goes the way of all else.
    """
    kind = kind or standard.all_else
    approver = standard.approver_of(kind, title) if kind else None
    if kind is None or approver is None:
        return None
    return Route(
        approved_by=approver.code,
        recommended_by=kind.recommended_by or "",
        endorsed_by=kind.endorsed_by or "",
        information_to=kind.information_to or "",
        escalates_to=kind.escalates_to or "",
    )


def stand(
    route: Route, decisions: Sequence[Decision], content_id: str, *, submitted: bool = False
) -> Standing:
    """Return where a content stands. `decisions` are all of the document's, as recorded.

    `submitted` says that its author has put it forward (a major version waiting for approval). A
    meeting without a quorum decides nothing; of a body's decisions the latest meeting's counts, and
    an approval counts only if nothing it builds on was decided after it.
    """
    counted = [one for one in decisions if one.quorate and binds(one, content_id)]
    void = tuple(one for one in decisions if not binds(one, content_id))
    taken = {step: _latest(counted, step) for step in route.before}
    last = Step(Kind.APPROVED, _approver(route, counted))
    approval = _latest(counted, last)
    built_on = [one for one in taken.values() if one is not None]
    if approval is not None and any(one.on > approval.on for one in built_on):
        approval = None
    missing = tuple(step for step, one in taken.items() if one is None)
    if missing:
        approval = None
    elif approval is not None:
        return Standing(State.CURRENT, (), void, approval, begun=True)
    begun = bool(built_on) or last.body != route.approved_by
    state = _waiting(counted, missing, begun=begun or submitted)
    return Standing(state, (*missing, last), void, begun=begun)


def binds(decision: Decision, content_id: str) -> bool:
    """Whether a decision is about this very content (decision 2)."""
    return bool(content_id) and decision.content_id == content_id


def told(decision: Decision, standard: Standard) -> str:
    """Return a decision for staff: "approved by the Network Executive Board on 14/10/2026"."""
    body = standard.body(decision.body).name
    when = show_date(decision.on)
    if decision.kind == Kind.NOTED:
        return f"taken for information by the {body} on {when}"
    return f"{decision.kind} by the {body} on {when}"


def _approver(route: Route, counted: Sequence[Decision]) -> str:
    """Return whose approval is needed: the board above, once the route's own has passed it on."""
    own = _last(counted, route.approved_by, {Kind.APPROVED, Kind.DECLINED, Kind.ESCALATED})
    passed_on = own is not None and own.kind == Kind.ESCALATED
    return route.escalates_to if passed_on and route.escalates_to else route.approved_by


def _latest(counted: Sequence[Decision], step: Step) -> Decision | None:
    """Return the decision that takes a step, None when the body has not, or has since declined."""
    found = _last(counted, step.body, {step.kind, Kind.DECLINED, Kind.ESCALATED})
    return found if found is not None and found.kind == step.kind else None


def _last(counted: Sequence[Decision], body: str, kinds: Collection[str]) -> Decision | None:
    """Return a body's decision of the latest meeting; of one meeting, the one recorded last."""
    own = [one for one in counted if one.body == body and one.kind in kinds]
    return max(enumerate(own), key=lambda entry: (entry[1].on, entry[0]))[1] if own else None


def _waiting(counted: Sequence[Decision], missing: Sequence[Step], *, begun: bool) -> State:
    declined = any(
        _last(counted, one.body, frozenset(Kind) - {Kind.NOTED}) is one
        for one in counted
        if one.kind == Kind.DECLINED
    )
    if declined or not begun:
        return State.DRAFT
    return State.AWAITING_RECOMMENDATION if missing else State.AWAITING_APPROVAL
