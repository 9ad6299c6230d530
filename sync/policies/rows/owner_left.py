"""Whoever owns an entry is still there to see to it.

Somebody whose account is disabled or gone no longer reads reminders: those go to the site's owner
and the quality manager at once, and after the agreed days the site's owner stands in the column
until somebody else is chosen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.model import Finding, Notify, SetColumns
from sync.model.rows import is_closed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sync.model import Item
    from sync.model.rows import RowContext


def check(row: Item, context: RowContext) -> Iterator[Finding]:
    """Yield a finding for an open entry whose owner, or one of several, has left."""
    column = context.register.owner
    if column is None or is_closed(row, context.register):
        return
    owners = [one for one in row.column(column).split(";") if one]
    gone = [one for one in owners if one in context.left]
    if not gone:
        return
    alone = len(owners) == 1 and context.stand_in and context.stand_in not in context.left
    title = context.title(column)
    yield Finding(
        says=f"{title}: somebody who is named here no longer has an account in use.",
        expected="Every open entry has an owner who can see to it.",
        how=f"Choose somebody else under {title}.",
        waits=f"Choose somebody else under {title}; otherwise it will be the site's owner.",
        remedies=(
            *((SetColumns({column: context.stand_in}),) if alone else ()),
            Notify(("owner", "registrars"), once=f"left:{','.join(gone)}"),
        ),
    )
