"""What a body's own registers say of one of its decisions: its meeting's quorum, its interests.

They lie on the body's site. Beside a decision stands who has declared an interest that bears on it,
so that ratification sees it; what the interest is stays where it was declared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync import interests, recipients
from sync.interests import BY, Matter
from sync.policies.rows._decided import doubt
from sync.registers import entry_of
from sync.state import lists, register_rows, registry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sync.model import Item
    from sync.places import Place
    from sync.service import Service
    from sync.state.decisions import DecisionRow

MEETINGS, DECLARATIONS = "meetings", "declarations"
TITLE = "Title"


async def about(service: Service, decision: DecisionRow) -> list[str]:
    """Return sentences for staff; [] where the body keeps no such registers, or nothing to say.

    2 resource units for each member whose name is not known yet or was not asked for a week.
    """
    return [*await _meeting(service, decision), *await _interests(service, decision)]


async def _meeting(service: Service, decision: DecisionRow) -> list[str]:
    place, rows = await _register(service, decision.body, MEETINGS)
    against = doubt(rows, decision.on) if place and decision.quorate else ""
    return [f"It says there was a quorum, but {against}."] if against else []


async def _interests(service: Service, decision: DecisionRow) -> list[str]:
    place, rows = await _register(service, decision.body, DECLARATIONS)
    declared = interests.standing(rows, decision.on)
    if place is None or not declared:
        return []
    people = await _names(service, place, declared)
    matter = Matter(decision.number, await _title(service, decision))
    found = interests.members(declared, people, matter, decision.people, service.standard)
    if not found:
        return []
    told = "; ".join(f"{name} ({why})" for name, why in found)
    body = service.standard.body(decision.body).name
    says = f"Interests declared to the {body} by: {told}."
    return [f"{says} What they are stands in its register only: see there who withdraws."]


async def _register(service: Service, body: str, area: str) -> tuple[Place | None, list[Item]]:
    """Return a body's own register and its rows; (None, []) where it keeps none."""
    async with service.state.read() as tx:
        known = [row for row in await lists.all_lists(tx) if row.area == area]
    for row in known:
        place = await service.place(row.id)
        if recipients.body_of(service, place) == body:
            async with service.state.read() as tx:
                rows = await register_rows.rows_of(tx, {area}, {row.site_id})
            return place, [entry_of(one) for one in rows]
    return None, []


async def _names(service: Service, place: Place, rows: Sequence[Item]) -> Mapping[str, str]:
    return await recipients.names(service, place, {row.column(BY) for row in rows} - {""})


async def _title(service: Service, decision: DecisionRow) -> str:
    async with service.state.read() as tx:
        row = await registry.get_registry_row(tx, decision.document_id)
    return str(row.columns.get(TITLE) or "") if row else ""
