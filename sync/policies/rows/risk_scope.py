"""A provider's own risk stays with that trust; here it is an exception report, and only that.

The register holds risks to the network's business and programmes, and those that working together
influences.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.model import Finding, Notify
from sync.model.rows import is_closed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sync.model import Item
    from sync.model.rows import RowContext

SCOPE, STATUS = "RiskScope", "RiskStatus"
PROVIDERS, EXCEPTION = "One provider's own", "Exception report"


def check(row: Item, context: RowContext) -> Iterator[Finding]:
    """Yield at most one finding: a provider's own risk that is entered as the network's."""
    if is_closed(row, context.register) or row.column(SCOPE) != PROVIDERS:
        return
    if row.column(STATUS) != EXCEPTION:
        yield Finding(
            says="This is one provider's own risk.",
            expected="Such a risk stays with the trust; here it is an exception report only.",
            how="Set Status to Exception report, or change Whose risk if it concerns the network.",
            remedies=(Notify(("author",), once="scope"),),
        )
