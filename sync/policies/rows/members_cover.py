"""Every organisation that sends a voting member to this board has one.

Which organisations those are, the network's rules say for each board.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.model import Finding, Notify
from sync.policies.rows._boards import ORGANISATION, voting_on

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sync.model import Item
    from sync.model.rows import RowContext


def check_all(rows: Sequence[Item], context: RowContext) -> Iterator[Finding]:
    """Yield at most one finding, which names every organisation without a voting member."""
    standard = context.standard
    kinds = {one.code: one.members_from for one in standard.bodies}.get(context.body, ())
    there = {row.column(ORGANISATION) for row in voting_on(rows, context.today)}
    lacking = [
        one.name for one in standard.organisations if one.kind in kinds and one.name not in there
    ]
    if lacking:
        month = context.today.strftime("%Y-%m")
        yield Finding(
            says=f"No voting member from: {', '.join(lacking)}.",
            expected="Each of these organisations sends one voting member to this board.",
            how="Add who it is, or ask the organisation to name somebody.",
            remedies=(Notify(("{body}_secretaries",), once=f"cover:{month}"),),
        )
