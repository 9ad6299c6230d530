"""What stands in the way of tightening a column that already holds values.

SharePoint would refuse half-way, or refuse staff's rows from then on; so the values are read first
and the plan says which rows have to change. Nothing is changed here.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sync.tenant import holdings
from sync.tenant.site_reader import site_url

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from sharepoint_schema.expand import SiteSpec
    from sync.plan import Plan
    from sync.site_state import SiteState
    from sync.tenant.client import Tenant

SHOWN = 5
"""Sets of rows named in one reason; the rest are counted."""


async def obstacles(
    tenant: Tenant, spec: SiteSpec, site: SiteState, plan: Plan
) -> AsyncIterator[str]:
    """Yield why a column can't be made unique on a list that holds rows: which share a value."""
    for step in plan.of("list column"):
        area = spec.list(step.key[0])
        there = site.lists.get(area.url)
        if there is None or not there.items or not (step.after or {}).get("unique"):
            continue
        column = next(one for one in spec.columns_of(area) if one.name == step.key[1])
        url = site_url(tenant, spec)
        held = await holdings.values(tenant, url, there.id, column.name, column.kind)
        if twice := _shared(held):
            named = "; ".join(f"rows {', '.join(rows)}" for rows in twice[:SHOWN])
            more = f" and {len(twice) - SHOWN} more sets" if len(twice) > SHOWN else ""
            yield (
                f"{column.title} of {area.title} can't be unique: {named}{more} hold the same"
                " value; correct them in SharePoint, then plan again"
            )


def _shared(held: Mapping[str, Any]) -> list[list[str]]:
    """Return the sets of rows that hold the same value; case does not tell values apart."""
    rows = defaultdict(list)
    for row, value in held.items():
        rows[str(value).strip().casefold()].append(row)
    return [found for found in rows.values() if len(found) > 1]
