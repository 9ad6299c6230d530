"""What of an access is too much: pure, from who holds what to what shall be taken away.

A restricted library is opened by the groups that the site's schema names, at their level; a file
kept apart in it by these, by who uploaded it, and by those with an exception. Sharing links open it
to nobody, unless all they are for have an exception.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from sync.tenant.site_roles import LEVELS, level_name

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from sync.tenant.grants import Holder, Link, SiteGroup, Spot

LADDER = ("read", "contribute", "edit", "design", "full")
"""SharePoint's own levels, the narrowest first; a level that it does not know counts as full."""
EVERYONE_BUT_GUESTS = "spo-grid-all-users"
"""The login of "Everyone except external users" (gk)."""
EVERYONE = (EVERYONE_BUT_GUESTS, "c:0(.s|true", "c:0!.s|windows")
"""Logins of all that mean everyone: these, and those that let guests in too (gk)."""
SYSTEM = "app@sharepoint"
"""What SharePoint leaves where an app breaks inheritance (gk)."""
GROUP_OF_ENTRA = "c:0"


class Kind(StrEnum):
    """What is too much, in plain words for the journal."""

    INHERITS = "inherits"
    LINK = "link"
    PERSON = "person"
    GROUP = "group"
    APP = "app"
    LEVEL = "level"
    MEMBER = "member"


@dataclass(frozen=True, slots=True)
class Extra:
    """One access too much. `group` is the site group somebody is a member of, `wanted` a level."""

    kind: Kind
    holder: Holder | None = None
    link: Link | None = None
    group: str = ""
    number: int = 0
    wanted: str = ""


@dataclass(frozen=True, slots=True)
class Circle:
    """Who may open what: levels by a group's title, apps by id, excepted addresses by item.

    `""` stands for the whole library. `closed` groups have no members but those `declared`.
    """

    levels: Mapping[str, str]
    apps: Collection[str] = ()
    excepted: Mapping[str, frozenset[str]] = field(default_factory=dict)
    declared: Mapping[str, frozenset[str]] = field(default_factory=dict)
    closed: Collection[str] = ()

    def lets_in(self, address: str, item_id: str) -> bool:
        """Whether somebody has an exception for this item, or for the whole library."""
        return any(address in self.excepted.get(key, ()) for key in {item_id, ""})


def extras(spot: Spot, circle: Circle) -> list[Extra]:
    """Return what is too much at a place of a restricted library, in a fixed order."""
    if not spot.item_id and not spot.unique:
        return [Extra(Kind.INHERITS)]
    links = [one for one in spot.links if not _is_excepted(one, spot, circle)]
    found = [Extra(Kind.LINK, link=one) for one in links]
    for holder in spot.holders:
        if holder.is_link and spot.links:  # told by its link
            continue
        if (extra := _of(holder, spot, circle)) is not None:
            found.append(extra)
    return found


def _is_excepted(link: Link, spot: Spot, circle: Circle) -> bool:
    return bool(link.people) and all(circle.lets_in(one, spot.item_id) for one in link.people)


def _of(holder: Holder, spot: Spot, circle: Circle) -> Extra | None:
    if holder.is_app:
        login = holder.login.lower()
        known = SYSTEM in login or any(one.lower() in login for one in circle.apps)
        return None if known else Extra(Kind.APP, holder)
    if holder.title in circle.levels and "|" not in holder.login:
        return _level(holder, circle.levels[holder.title])
    if "|" not in holder.login or holder.login.lower().startswith(GROUP_OF_ENTRA):
        return Extra(Kind.GROUP, holder)
    mine = bool(spot.item_id) and holder.principal == spot.author
    return None if mine or circle.lets_in(holder.address, spot.item_id) else _person(holder)


def _person(holder: Holder) -> Extra:
    return Extra(Kind.PERSON, holder)


def _level(holder: Holder, wanted: str) -> Extra | None:
    """Return an extra where a group holds more than its level; less is drift's business."""
    held = [level_name(role) for role in holder.roles]
    most = max(_rank(level) for level in held)
    return None if most <= _rank(wanted) else Extra(Kind.LEVEL, holder, wanted=wanted)


def _rank(level: str) -> int:
    return LADDER.index(level) if level in LEVELS else len(LADDER) - 1


def strangers(
    groups: Mapping[str, SiteGroup], circle: Circle, is_internal: Callable[[str], bool]
) -> Iterator[Extra]:
    """Yield members who widen a group that opens the library.

    That are everyone, groups of the directory, people outside the member organisations, and in a
    closed group all that the schema does not name. Whoever the schema names is left alone.
    """
    for title in circle.levels:
        group = groups.get(title)
        for member in group.members if group else ():
            if member.address in circle.declared.get(title, frozenset()):
                continue
            if title in circle.closed or _widens(member, is_internal):
                number = group.number if group else 0
                yield Extra(Kind.MEMBER, member, group=title, number=number)


def _widens(member: Holder, is_internal: Callable[[str], bool]) -> bool:
    login = member.login.lower()
    if any(one in login for one in EVERYONE) or login.startswith(GROUP_OF_ENTRA):
        return True
    return is_outside(member, is_internal)


def is_outside(holder: Holder, is_internal: Callable[[str], bool]) -> bool:
    """Whether a person is a guest from outside the member organisations (decision 10)."""
    return holder.is_person and not is_internal(holder.address) and not holder.is_own_account
