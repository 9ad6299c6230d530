"""The tables as acts of people: what is entered on the first day, and what is done on which day."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from local.demo.writing import Control, to_docx
from tests.governance_year import boards, rounds, tasks
from tests.governance_year.facts import ENTERED, WEEK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from tests.governance_year.facts import Paper, Risk, Year
    from tests.governance_year.staff import Staff

type Act = tuple[date, Callable[[Staff], None]]
type Turns = tuple[list[Callable[[Staff], None]], ...]
"""What is done first on a day, and what is done once that has been seen to."""

CORE = "core"
CONTROLLED, RISKS, DECISIONS, REVIEWS = (
    (CORE, area) for area in ("controlled", "risks", "decisions", "reviews")
)
NEB, NOB, NCT = "Network Executive Board", "Network Operational Board", "Network Core Team"
PARENTS = {"Core": NEB, "Operational": NEB, "Digital": NEB, "Clinical": NOB, "Special": NOB}


def approver_of(paper: Paper) -> str:
    """Return the body that approves a document of this kind (domain: ratification)."""
    if paper.kind == "Strategy":
        return NEB
    if paper.kind == "Position statement":
        return NOB
    if paper.kind == "Terms of reference":
        return PARENTS[paper.title.partition(" ")[0]]
    return NCT


def write(paper: Paper) -> bytes:
    """Return the document's file: its control block says what the approval will say."""
    adopted = f"{paper.adopted:%d/%m/%Y}"
    block = Control(
        paper.title,
        "V1",
        paper.number,
        f"{approver_of(paper)} {adopted}"
        + (f", recommended by the {NOB}" if paper.kind == "Strategy" else ""),
        "all staff of the network",
    ).adopted(paper.adopted)
    review = paper.adopted.replace(year=paper.adopted.year + 1)
    return to_docx(
        paper.title,
        [f"This is about {paper.title}, and no other."],
        replace(block, review_on=f"{review:%d/%m/%Y}"),
    )


def decisions(paper: Paper) -> Iterator[dict[str, Any]]:
    """Yield the rows by which a document was adopted, oldest first."""
    approver = approver_of(paper)
    if paper.kind == "Strategy":
        yield _decision(paper, "Recommended", NOB)
    yield _decision(paper, "Approved", approver)


def _decision(paper: Paper, kind: str, body: str) -> dict[str, Any]:
    on = paper.adopted - WEEK if kind == "Recommended" else paper.adopted
    return {
        "Title": f"{kind} {paper.number}",
        "DecisionDocument": paper.number,
        "DecisionVersion": "V1",
        "DecisionBody": body,
        "DecisionKind": kind,
        "MeetingDate": f"{on.isoformat()}T12:00:00Z",
        "MinuteReference": f"{body} {on:%Y/%m} item 4",
        "Quorate": True,
    }


def risk_row(staff: Staff, risk: Risk) -> dict[str, Any]:
    """Return a risk with everything its band asks for."""
    row = {
        "Title": risk.title,
        "RiskDescription": f"What it would mean: {risk.title}",
        "RiskCategory": "Operational",
        "RiskScope": "The network's business",
        "RiskOwnerLookupId": staff.number(CORE, risk.owner),
        "RiskEffect": "Lists are cancelled",
        "Controls": "A contract",
        "DateRaised": risk.reviewed.isoformat(),
        "Likelihood": risk.likelihood,
        "Impact": risk.impact,
        "TargetScore": 4,
        "Mitigations": "A second supplier",
        "AgendaReference": "NEB 2031/03 item 4",
    }
    if risk.mitigation:
        row |= {
            "MitigationOwnerLookupId": staff.number(CORE, "sam.price"),
            "MitigationDue": risk.mitigation.isoformat(),
        }
    return row


def enter_everything(staff: Staff, year: Year) -> Iterator[None]:
    """Do what is done on the first day; after each step the hints are passed on."""
    staff.enter(RISKS, [risk_row(staff, one) for one in year.risks])
    for paper in year.papers:
        staff.upload(CONTROLLED, paper.name, write(paper), paper.author)
    for board in boards.BOARDS:
        boards.enter_members(staff, board)
    yield
    for board in boards.BOARDS:
        boards.enter_meetings(staff, board)
    tasks.enter(staff, ENTERED)
    staff.enter(DECISIONS, [row for one in year.papers for row in decisions(one)])
    staff.touched |= {CONTROLLED: None, (CORE, "registry"): None}
    yield


def acts_of(year: Year) -> dict[date, Turns]:
    """Return what is done after the first day, by day: entries first, then what they speak of."""
    found: dict[date, Turns] = defaultdict(lambda: ([], []))
    first = (*_review_rows(year), *_risk_acts(year), *boards.acts(), *tasks.acts(), *rounds.acts())
    for turn, made in enumerate((first, _review_dates(year))):
        for on, act in made:
            if ENTERED < on <= year.last:
                found[on][turn].append(act)
    return found


def _review_rows(year: Year) -> Iterator[Act]:
    for paper in year.papers:
        for on, what, new in paper.course:
            yield on, partial(_enter_review, _review_row(paper, on, what, new))


def _enter_review(row: dict[str, Any], staff: Staff) -> None:
    staff.enter(REVIEWS, [row])


def _review_row(paper: Paper, on: date, what: str, new: date) -> dict[str, Any]:
    told = {"ReviewOutcome": "No change", "ReviewEffect": "Sites follow it."}
    if what == "put off":
        told = {"ReviewOutcome": "Put off", "ReviewReason": "The guidance is being rewritten."}
    return told | {
        "Title": f"{paper.number} {what} {on:%d/%m/%Y}",
        "ReviewNumber": paper.number,
        "ReviewedOn": on.isoformat(),
        "ReviewNewDate": new.isoformat(),
    }


def _review_dates(year: Year) -> Iterator[Act]:
    for paper in year.papers:
        for on, _what, new in paper.course:
            yield on, partial(_set_review, paper, new)


def _set_review(paper: Paper, new: date, staff: Staff) -> None:
    told = {"ReviewDate": f"{new.isoformat()}T12:00:00Z"}
    staff.set_columns(CONTROLLED, paper.name, "helen.ward", **told)


def _risk_acts(year: Year) -> Iterator[Act]:
    for risk in year.risks:
        for on, what in risk.course:
            yield on, partial(_change_risk, risk, on, what)


def _change_risk(risk: Risk, on: date, what: str, staff: Staff) -> None:
    if what == "reviewed":
        fields: dict[str, Any] = {"RiskReviewed": on.isoformat()}
    elif what == "closed":
        fields = {"RiskStatus": "Closed"}
    else:
        likelihood, impact = (int(one) for one in what.split("x"))
        fields = {"Likelihood": likelihood, "Impact": impact}
    staff.change(RISKS, risk.title, **fields)
