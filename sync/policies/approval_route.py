"""A published document was approved by the right body, on the right recommendation.

Policies and strategies are approved by the Network Executive Board on the Operational Board's
recommendation; procedures, guidelines and position statements by the Operational Board; terms of
reference by the body's parent board, a top board's by itself; all else by the core team (Gov-04,
ratification). The Document type column chooses no other board than the title does.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sharepoint_schema.wording import says
from sync.model import Finding, Recipient, Severity, Tell
from sync.policies._truth import chosen_type, is_own, label_of, shown_type, title_of, type_of
from sync.ratification import binds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sharepoint_schema.members import Body
    from sharepoint_schema.standard import DocumentType, Standard
    from sync.model import Context, Document

NEEDS = frozenset({"content", "columns"})
PERMISSIONS = ("Sites.Selected: read",)
PARAMETERS = frozenset({"bodies", "naming", "series", "types"})
VERSION = "3"

LONGEST_QUOTE = 200
"""Characters of the recorded approval that are quoted back."""

_PIECES = re.compile(
    r"[;,()\n]|(?=\b(?:on|upon|after|following)\b[^;,()\n]*\b(?:recommend|endors))"
    r"|(?=\brecommended\b)|(?=\bendorsed\b)",
    re.IGNORECASE,
)
_NOT_APPROVAL = re.compile(r"\bfor information\b|\bnoted\b", re.IGNORECASE)
_STEPS = {"recommend": "recommended", "endors": "endorsed"}


def check(document: Document, context: Context) -> Iterator[Finding]:
    """Yield one finding when a published document's recorded way is not the one it must go.

    That nobody is known to approve it, or which type it is, is told of a draft, too: there is time
    to settle it then.
    """
    if not is_own(document, context):
        return
    chosen, shown = chosen_type(document, context), shown_type(document, context)
    if chosen and shown and _goes_another_way(chosen, shown):
        yield _two_types(chosen, shown)
        return
    kind = type_of(document, context) or context.standard.all_else
    title = title_of(document, context)
    approver = context.standard.approver_of(kind, title) if kind else None
    if kind is None or approver is None:
        yield _nobody(kind)
        return
    label = label_of(document, context)
    if not (label and label.published):
        return
    steps = _steps(document, context)
    if not _followed(steps, kind, approver):
        yield _finding(_approval(document), kind, approver, context.standard)


def _goes_another_way(chosen: DocumentType, shown: DocumentType) -> bool:
    """Whether the column's type has another way to adoption than the title's.

    A clinical procedure is a procedure: where the column only says it more closely, it is believed.
    """
    closer = any(says(chosen.name, word) for word in shown.words)
    return not closer and _way(chosen) != _way(shown)


def _way(kind: DocumentType) -> tuple[object, ...]:
    boards = (kind.recommended_by, kind.endorsed_by, kind.approved_by, kind.escalates_to)
    return *boards, kind.approved_by_parent, kind.top_approves_own, kind.needs_eia


def _approval(document: Document) -> str:
    """Return what is recorded beside or in the document: block, column."""
    own = document.block.approved_by if document.block else ""
    return own or document.column("ApprovedBy")


def _steps(document: Document, context: Context) -> set[tuple[str, str]]:
    """Gather (step, body) from recorded decisions; what they do not say comes from the text."""
    decided = {
        (decision.kind, decision.body)
        for decision in context.decisions
        if decision.quorate and binds(decision, document.content_id)
    }
    known = {step for step, _ in decided}
    written = set(_written(_approval(document), context.standard))
    return decided | {(step, body) for step, body in written if step not in known}


def _written(text: str, standard: Standard) -> Iterator[tuple[str, str]]:
    for piece in _PIECES.split(text):
        body = standard.body_in(piece)
        if body and not _NOT_APPROVAL.search(piece):
            found = (step for word, step in _STEPS.items() if word in piece.lower())
            yield next(found, "approved"), body.code


def _followed(steps: set[tuple[str, str]], kind: DocumentType, approver: Body) -> bool:
    approvers = {approver.code, kind.escalates_to}
    approved = {body for step, body in steps if step == "approved"}
    return (
        bool(approved & approvers)
        and (not kind.recommended_by or ("recommended", kind.recommended_by) in steps)
        and (not kind.endorsed_by or ("endorsed", kind.endorsed_by) in steps)
    )


def _two_types(chosen: DocumentType, shown: DocumentType) -> Finding:
    return Finding(
        says=(
            f"The Document type column says {chosen.name}, but title and number show"
            f" {shown.name}. The two are adopted in different ways."
        ),
        expected="The column says what title and number show: it chooses no other board.",
        how=(
            f"Choose {shown.name} in the Document type column or, if the column is right, have the"
            " author change the title in the control block."
        ),
        severity=Severity.STOP,
        remedies=(Tell(Recipient.AUTHOR),),
    )


def _nobody(kind: DocumentType | None) -> Finding:
    if kind is None:
        says = "It is not known what type of document this is, so nobody is known to approve it."
        expected = "The type of a document says which body approves it."
        how = "Fill in the Document type column."
    else:
        says = (
            "The title names no body of the network, so nobody is known to approve this document."
        )
        expected = f"{kind.name} are approved by the board that the body reports to."
        how = (
            "Write the body's name into the title, as the network writes it. If the body is new,"
            " ask the quality manager to add it to the network's, with the board it reports to."
        )
    return Finding(
        says=says,
        expected=expected,
        how=how,
        severity=Severity.STOP,
        remedies=(Tell(Recipient.AUTHOR),),
    )


def _finding(recorded: str, kind: DocumentType, approver: Body, standard: Standard) -> Finding:
    way = f"approved by the {approver.name}"
    if kind.recommended_by:
        way += f" on the recommendation of the {standard.body(kind.recommended_by).name}"
    if kind.endorsed_by:
        way += f", endorsed by the {standard.body(kind.endorsed_by).name}"
    shown = recorded if len(recorded) <= LONGEST_QUOTE else f"{recorded[:LONGEST_QUOTE]}…"
    name = "document" if kind.all_else else kind.name.lower()
    one = "document of no listed type" if kind.all_else else name
    said = f"is recorded as approved by: {shown}" if recorded else "has no recorded approval"
    return Finding(
        says=f"This {name} {said}.",
        expected=f"A {one} is {way}.",
        how="Take it to the right body, then record the approval in the control block.",
        severity=Severity.STOP,
        remedies=(Tell(Recipient.AUTHOR),),
    )
