"""What is published is what the boards approved, word for word, and only Verger publishes it.

A document is put forward by checking it in as a major version; it stays hidden from readers until
every decision it needs is recorded. A decision counts for the very text the board saw: change a
word, and the document is a draft again and goes back to the board. Before the meeting, the control
block already has to carry the version and the date that the approval will give it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sharepoint_schema.dates import show_date
from sharepoint_schema.labels import Label
from sharepoint_schema.wording import says
from sync.model import Finding, Recipient, Severity, Status, Tell, Unpublish
from sync.policies._truth import is_own, published, review_of, title_of, type_of
from sync.ratification import Route, Standing, State, route_of, stand, told

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sync.model import Context, Decision, Document

NEEDS = frozenset({"content", "columns", "versions"})
PERMISSIONS = ("Sites.Selected: fullcontrol",)
PARAMETERS = frozenset({"bodies", "naming", "review", "series", "types"})
VERSION = "4"
MODERATION = "_ModerationStatus"
APPROVED, PENDING = "0", "2"
PUT_AWAY = frozenset({State.SUPERSEDED, State.ARCHIVED, State.DISPOSED})
"""What the column may go on saying of a version that was in force: others than this rule decide."""


def check(document: Document, context: Context) -> Iterator[Finding]:
    """Yield what stands between a document and its publication, and what went past the boards."""
    if not _is_ours(document, context):
        return
    standing = standing_of(document, context)
    if _went_past(document, context, standing):
        yield _bypassed(context, standing)
        return
    if _was_undone(document, context, standing):
        yield replace(_bypassed(context, standing), remedies=())
    yield from _broken(document, context, standing)
    if standing.begun and not _is_published(document, context):
        yield from _block_disagrees(document, context, standing)


def route_for(document: Document, context: Context) -> Route | None:
    """Return the way a controlled document of this type goes; None for what has none."""
    if not _is_ours(document, context):
        return None
    return route_of(context.standard, type_of(document, context), title_of(document, context))


def _is_ours(document: Document, context: Context) -> bool:
    return context.area.controlled and is_own(document, context)


def standing_of(document: Document, context: Context) -> Standing:
    """Return where the document's present content stands on its route."""
    route = route_for(document, context)
    if route is None:
        return Standing(State.DRAFT)
    waits = is_major(document) and document.column(MODERATION) in {"", PENDING}
    return stand(route, _counting(document, context), document.content_id, submitted=waits)


def _counting(document: Document, context: Context) -> Sequence[Decision]:
    """Return the decisions that count for the present text.

    Those that published it once are used up when another version has followed: who puts the text
    of V1 back takes it to the boards again.
    """
    used = {one.content_id for one in context.publications}
    if document.content_id not in used or _is_published(document, context):
        return context.decisions
    last = context.publications[-1].adopted
    return [one for one in context.decisions if one.on > last]


def status_of(document: Document, context: Context) -> State | None:
    """Return the Document status to be shown; None for a file that has no life of its own."""
    if not (_is_ours(document, context) and document.content_id):
        return None
    standing = standing_of(document, context)
    if _is_in_force(document, context, standing):
        shown = document.column("DocumentStatus")
        return State(shown) if shown in PUT_AWAY else _by_review(document, context)
    if standing.complete:  # decided, and waiting for what still stands in the way
        return State.AWAITING_APPROVAL
    return standing.state


def _by_review(document: Document, context: Context) -> State:
    """Return what a version in force is by its review date."""
    review = review_of(document, context)
    if review is None:
        return State.CURRENT
    if review < context.today:
        return State.OVERDUE
    opens = timedelta(days=context.standard.review.opens_days)
    return State.UNDER_REVIEW if review - opens <= context.today else State.CURRENT


def _is_in_force(document: Document, context: Context, standing: Standing) -> bool:
    """Whether readers go by a version the boards approved: this one, or the one it would follow.

    A column edited beside a published file makes a draft of the very same text, and a version that
    went past the boards does not take the place of the one before.
    """
    if is_approved(document) and _is_published(document, context):
        return True
    state = published(document)
    follows = state and state.major and (state.minor or is_approved(document))
    if not (follows and context.publications):
        return False
    return standing.state is State.DRAFT or _is_published(document, context)


def next_label(document: Document) -> Label:
    """Return the label the next publication gives: V*n* for major *n* (decision 1)."""
    state = published(document)
    if state is None:
        return Label(1)
    return Label(state.major if state.major and not state.minor else state.major + 1)


def is_major(document: Document) -> bool:
    """Whether the newest version is a whole one, put forward or published."""
    state = published(document)
    return bool(state and state.label)


def is_approved(document: Document) -> bool:
    """Whether readers see the newest version."""
    return is_major(document) and document.column(MODERATION) == APPROVED


def is_due(document: Document, context: Context) -> bool:
    """Whether every decision is there and Verger has not published this version yet."""
    return (
        route_for(document, context) is not None
        and standing_of(document, context).complete
        and not _is_published(document, context)
    )


def _is_published(document: Document, context: Context) -> bool:
    """Whether the text is the one in force: an earlier publication's was superseded."""
    newest = context.publications[-1:]
    return any(one.content_id == document.content_id for one in newest)


def _went_past(document: Document, context: Context, standing: Standing) -> bool:
    return (
        is_approved(document)
        and not standing.complete
        and not _is_published(document, context)
        and bool(document.content_id)
    )


def _was_undone(document: Document, context: Context, standing: Standing) -> bool:
    """Whether this very text went past the boards and still waits for them, as a draft again."""
    open_ = not standing.complete and not _is_published(document, context)
    return open_ and document.content_id in context.past.unpublished


def _bypassed(context: Context, standing: Standing) -> Finding:
    lacking = " and ".join(step.words(context.standard) for step in standing.missing)
    lacking = lacking or "an approval, and no body is known that gives it"
    return Finding(
        says="This version was published before it had been approved.",
        expected=f"It still needs {lacking}; readers go by what is published.",
        how="Nothing is lost: it is a draft again, and is published once that is recorded.",
        waits="Have that recorded; until then this version should be a draft.",
        severity=Severity.STOP,
        status=Status.HELD,
        remedies=(Unpublish(), Tell(Recipient.AUTHOR), Tell(Recipient.OWNER)),
    )


def _broken(document: Document, context: Context, standing: Standing) -> Iterator[Finding]:
    """Say that a board saw another text, until the present one goes its own way."""
    used = {one.content_id for one in context.publications}
    open_ = [one for one in standing.void if one.content_id not in used]
    if not open_ or standing.begun or document.content_id in used:
        return
    last = max(open_, key=lambda one: one.on)
    yield Finding(
        says=f"The text was changed after it was {told(last, context.standard)}.",
        expected="What a board decides about is what is published, word for word.",
        how="Take the new text to the board, or restore the version that the board saw.",
        severity=Severity.STOP,
        remedies=(Tell(Recipient.AUTHOR),),
    )


def _wrong_rows(document: Document, context: Context, approval: Decision | None) -> Iterator[str]:
    """Say which rows of the control block do not fit; an empty one is another rule's business."""
    block, label = document.block, next_label(document)
    if block is None:
        return
    if block.label != label:
        yield f"Version Number should be {label}"
    if approval is None:
        return
    if block.adopted_on and block.adopted_on != approval.on:
        yield f"Date Adopted should be {show_date(approval.on)}"
    body = context.standard.body(approval.body)
    if block.approved_by and not any(says(block.approved_by, one) for one in body.spellings):
        yield f"Approved By should name the {body.name}"


def _block_disagrees(document: Document, context: Context, standing: Standing) -> Iterator[Finding]:
    """Ask for what the approval will give, while there is still time."""
    approval = standing.approval
    if wrong := list(_wrong_rows(document, context, approval)):
        before = "Correct it before the meeting: a text changed after its approval goes back there."
        after = "Correct it and take the document back to the board: its text has changed then."
        yield Finding(
            says=f"The control block does not fit the approval: {'; '.join(wrong)}.",
            expected="The text a board approves already says which version it is, and from when.",
            how=after if approval else before,
            severity=Severity.STOP,
            remedies=(Tell(Recipient.AUTHOR),),
        )
