"""Reviews of documents: who is reminded when, each step once, and when a date changes the status.

The ladder is the standard's. A new review date starts it afresh; a document that is no longer in
force has none. Lines go into the daily digests of its author and the quality managers and, once it
is long overdue, of the board that approved it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sharepoint_schema.dates import show_date
from sharepoint_schema.registers import Clock, Rung
from sync import clocks
from sync.accounts import has_left
from sync.notices import readers
from sync.publication import secretaries
from sync.state import digests

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from sharepoint_schema.standard import Standard
    from sync.acting import Acted
    from sync.cases import Case

POLICY = "review_date"
MANAGERS = "registrars"


def clock_of(standard: Standard) -> Clock:
    """Return the standard's ladder; from the rung of `escalate_days` on the board is told."""
    review = standard.review
    after = [
        Rung(days=-days, to=("board",) if days >= review.escalate_days else ())
        for days in review.overdue_days
    ]
    before = [Rung(days=days) for days in (*review.ladder_days, 0)]
    return Clock(
        key="review",
        column="ReviewDate",
        what="the review",
        to=("author", MANAGERS),
        ladder=(*before, *after),
    )


def looks(case: Case, acted: Acted) -> Mapping[str, datetime]:
    """Return when the document is to be looked at again for its review date; {} for never."""
    review, today = acted.review, case.service.today()
    if review is None or not _speaks(case):
        return {}
    opens = review - timedelta(days=case.service.standard.review.opens_days)
    coming = clocks.following(clock_of(case.service.standard), review, today)
    moment = clocks.earliest([coming, opens if opens > today else None])
    return {"review": moment} if moment else {}


def lines(case: Case, acted: Acted) -> Iterator[digests.Line]:
    """Yield what stands in whose digest about the rung that the review date has come to.

    On the first late day the document's own mail says the same: whoever gets it has no line.
    """
    service, review = case.service, acted.review
    if review is None or not _speaks(case):
        return
    clock = clock_of(service.standard)
    rung = clocks.reached(clock, review, service.today())
    if rung is None:
        return
    document = acted.document
    late = review < service.today()
    told = {"name": document.name, "day": show_date(review)}
    says = service.standard.letters.passage("review_was_due" if late else "review_is_due", told)
    mailed = _mailed(case, acted) if rung.days == clocks.OVERDUE else frozenset()
    addresses = dict.fromkeys(_addresses(case, acted, (*clock.to, *rung.to)))
    for address in (one for one in addresses if one not in mailed):
        yield digests.Line(
            key=f"{document.document_id}:review:{review.isoformat()}:{rung.days}:{address}",
            recipient=address,
            section=f"{case.place.list.title}, {case.place.spec.title}",
            says=says,
            link=document.web_url,
            queued_at=service.now(),
            about=document.document_id,
        )


def _mailed(case: Case, acted: Acted) -> frozenset[str]:
    """Return who is mailed that the review is late, whoever stands in for the author among them."""
    if not any(one.policy == POLICY and one.counts for one in acted.settlement.standing):
        return frozenset()
    told = frozenset(readers(case.place, acted))
    return told | {acted.author} if acted.document.created_by.mail in told else told


async def answering(case: Case, acted: Acted) -> str:
    """Return who is reminded as the author: the site's owner once the author has left.

    "" while nobody is to be reminded: the directory is asked only when a rung has been reached.
    """
    service, review = case.service, acted.review
    if review is None or not _speaks(case):
        return ""
    if clocks.reached(clock_of(service.standard), review, service.today()) is None:
        return ""
    author = acted.document.created_by.mail
    left = author and await has_left(service, author)
    return case.place.spec.owner if left or not author else author


def _speaks(case: Case) -> bool:
    mode = case.place.modes.get(POLICY, "observe")
    return POLICY in case.place.area.policies and mode != "observe"


def _addresses(case: Case, acted: Acted, names: tuple[str, ...]) -> Iterator[str]:
    owner = case.place.spec.owner
    groups = {group.key: group.members for group in case.place.spec.groups}
    for name in names:
        if name == "board":
            yield from secretaries(case, _board(case, acted)) or (owner,)
        elif name == MANAGERS:
            yield from groups.get(MANAGERS) or (owner,)
        else:
            yield acted.author or acted.document.created_by.mail or owner


def _board(case: Case, acted: Acted) -> str:
    """Return the code of the body that approves documents of this type, "" where it is open."""
    chosen = acted.document.column("DocumentType")
    types = case.service.standard.types
    return next((one.approved_by or "" for one in types if one.name == chosen), "")
