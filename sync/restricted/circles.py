"""Who may open a restricted library, by the site's schema, and by the exceptions in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sync.places import EVERY
from sync.restricted.rules import Circle
from sync.state import exceptions

if TYPE_CHECKING:
    from sync.places import Place
    from sync.service import Service

POLICY = "restricted_access"
"""The name under which an installation's modes file may set how the check acts."""
SHARING = "external_sharing"


async def circle_of(service: Service, place: Place) -> Circle:
    """Return who may open what in a library; exceptions count until their time is over."""
    async with service.state.read() as tx:
        agreed = await exceptions.in_force(tx, place.row.id, service.now())
    excepted: dict[str, set[str]] = {}
    for one in agreed:
        excepted.setdefault(one.file_id, set()).add(one.person)
    granted = [(place.spec.group(one.group), one.level) for one in place.list.access or ()]
    return Circle(
        levels={group.title: level for group, level in granted},
        apps=(service.settings.client_id, *(one.app for one in place.spec.apps)),
        excepted={key: frozenset(people) for key, people in excepted.items()},
        declared={
            group.title: frozenset(one.lower() for one in group.members) for group, _ in granted
        },
        closed=[group.title for group, _ in granted if group.care.get("members") == "owned"],
    )


def mode_of(service: Service, place: Place) -> Literal["observe", "enforce"]:
    """Return how the check acts here.

    Like containment it knows only observe and enforce (decision 6): a warning counts as enforce.
    """
    told = service.overrides.get(POLICY) or service.overrides.get(EVERY)
    if place.area.is_open:
        return "enforce" if place.modes.get(SHARING) == "enforce" else "observe"
    if told is None:
        return service.standard.access.mode
    return "observe" if told == "observe" else "enforce"


def checked_here(place: Place) -> bool:
    """Whether a library's access is checked: it is kept apart, or a rule minds its sharing."""
    return not place.area.is_open or SHARING in place.area.policies
