"""Every policy, and whatever else needs one, has a complete equality impact assessment.

One that was published before it was asked for is found here; a new one is not published without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.model import Finding, Notify
from sync.policies.rows._documents import in_force, number_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sync.model import Item
    from sync.model.rows import RowContext

READS = ("registry", "equality_assessments")


def check_all(rows: Sequence[Item], context: RowContext) -> Iterator[Finding]:  # noqa: ARG001 - the rule reads documents and assessments, whatever reviews there are
    """Yield a finding for each document in force that needs an assessment and has none whole."""
    kinds = [one for one in context.standard.types if one.needs_eia]
    told = context.others.get("equality_assessments", ())
    begun = {row.column("EiaNumber") for row in told}
    whole = {row.column("EiaNumber") for row in told if not row.column("EiaMissing")}
    for document in in_force(context, kinds):
        number = number_of(document)
        if number in whole:
            continue
        lacks = "is not complete" if number in begun else "is missing"
        yield Finding(
            says=f"The equality impact assessment of {number} {lacks}.",
            expected="A document of this type is in force with a complete assessment only.",
            how="Fill it in under Equality impact assessments.",
            remedies=(Notify(("registrars",), once=f"{number}:assess"),),
        )
