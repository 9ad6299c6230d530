"""Everything that this register asks for is filled in.

What is asked for may depend on the entry: an extreme risk needs a mitigation, a low one does not.
An entry that is closed is asked for nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.model import Finding, Notify
from sync.model.rows import is_closed, says

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sync.model import Item
    from sync.model.rows import RowContext


def check(row: Item, context: RowContext) -> Iterator[Finding]:
    """Yield at most one finding, which names every column that is still empty."""
    over = is_closed(row, context.register)
    lacking = [
        need
        for need in context.register.needs
        if (need.even_closed or not over) and says(row, need.when) and not row.column(need.column)
    ]
    if not lacking:
        return
    columns = ",".join(one.column for one in lacking)
    names = ", ".join(dict.fromkeys(context.title(one.column) for one in lacking))
    reasons = dict.fromkeys(one.because for one in lacking if one.because)
    yield Finding(
        says=f"Still to be filled in: {names}.",
        expected=" ".join(reasons) or "An entry of this register says all that is asked for.",
        how="Open the entry and fill these columns in.",
        remedies=(Notify(("author",), once=f"complete:{columns}"),),
    )
