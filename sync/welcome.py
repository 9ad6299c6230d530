"""The letter that greets a new group's chair and facilitator: where their site is, what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync import letters

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sharepoint_schema.expand import SiteSpec
    from sync.service import Service
    from sync.state.notices import NewNotice
    from sync.state.requests import Request


def welcomes(
    service: Service, request: Request, spec: SiteSpec, address: str
) -> Iterator[NewNotice]:
    """Yield one mail for each of chair and facilitator; the same person gets one."""
    wish = request.wish
    told = {one: str(wish[one]) for one in ("name", "chair", "facilitator")}
    areas = [f"{area.title}: {area.description}." for area in spec.lists if area.description]
    letter = letters.write(service.standard.letters, "group_opened", told, areas, address)
    for recipient in dict.fromkeys((told["chair"], told["facilitator"])):
        yield letters.notice(service, letter, f"sig-opened:{request.id}:{recipient}", recipient)
