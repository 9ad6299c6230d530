"""Whoever owns an entry, or has something to do in it, is still there to see to it.

Somebody whose account is disabled or gone no longer reads reminders: those go to the site's owner
and the quality manager at once, and after the agreed days the site's owner stands in the column
until somebody else is chosen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.model import Finding, Notify, SetColumns, Status
from sync.model.rows import is_closed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sync.model import Item
    from sync.model.rows import RowContext

VERSION = "2"


def check(row: Item, context: RowContext) -> Iterator[Finding]:
    """Yield a finding for each column of an open entry in which somebody who has left is named."""
    if is_closed(row, context.register):
        return
    for column in context.register.answering:
        named = [one for one in row.column(column).split(";") if one]
        gone = [one for one in named if one in context.left]
        if gone:
            yield _left(column, gone, context, alone=len(named) == 1)


def _left(column: str, gone: list[str], context: RowContext, *, alone: bool) -> Finding:
    """Return the finding; the site's owner stands in where nobody else is named beside."""
    stands_in = alone and context.stand_in and context.stand_in not in context.left
    title = context.title(column)
    return Finding(
        says=f"{title}: somebody who is named here no longer has an account in use.",
        expected="Every open entry has an owner who can see to it.",
        how=f"Choose somebody else under {title}.",
        status=Status.CORRECTED if stands_in else Status.NEEDS_YOU,
        waits=f"Choose somebody else under {title}; otherwise it will be the site's owner.",
        remedies=(
            *((SetColumns({column: context.stand_in}),) if stands_in else ()),
            Notify(("owner", "registrars"), once=f"left:{column}:{','.join(gone)}"),
        ),
    )
