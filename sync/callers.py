"""Who asks Verger for something, and as what: the roles of the API (decision 24).

Roles come from a validated token, or from the roles file for somebody who acted in SharePoint;
nothing else gives one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from sync.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sync.service import Service
    from sync.tenant.shapes import By


class Role(StrEnum):
    """The app roles, as people call them. Entra's values hold no spaces: "NetworkDirector"."""

    ADMIN = "Admin"
    REGISTRAR = "Registrar"
    READER = "Reader"
    IG_OFFICER = "IG officer"
    NETWORK_DIRECTOR = "Network Director"
    CLINICAL_DIRECTOR = "Clinical Director"
    BOARD_SECRETARY = "Board secretary"

    @classmethod
    def of(cls, names: Iterable[object]) -> frozenset[Role]:
        """Return the roles that a token's claim names; words that are none of ours give nothing."""
        return frozenset(_BY_NAME[_plain(one)] for one in names if _plain(one) in _BY_NAME)


def _plain(name: object) -> str:
    return str(name).replace(" ", "").replace("_", "").casefold()


_BY_NAME = {_plain(role): role for role in Role}


class NotEntitled(Refused):
    """The caller may not do this; the sentence names who may."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who asks: `oid` is the object id in Entra, `name` for records that people read.

    `person` is false for an app, which may run errands but never decides. `source` says by which
    way the word came: the API, or a row of a list in SharePoint.
    """

    oid: str
    name: str
    roles: frozenset[Role]
    person: bool = True
    source: Literal["api", "list"] = "api"

    def need(self, *roles: Role, to: str) -> None:
        """Raise NotEntitled unless the caller has one of the roles; `to` completes "may …"."""
        if not self.roles.intersection(roles):
            raise NotEntitled(f"only {_either(roles)} may {to}")

    def decide(self, role: Role, to: str) -> None:
        """Raise NotEntitled unless the caller is a person in exactly this role."""
        self.need(role, to=to)
        if not self.person:
            raise NotEntitled(f"an app can't {to}; the {role} does it in person")


def _either(roles: Iterable[Role]) -> str:
    *first, last = (f"{_article(role)} {role}" for role in roles)
    return f"{', '.join(first)} or {last}" if first else last


def _article(role: Role) -> str:
    if role in {Role.NETWORK_DIRECTOR, Role.CLINICAL_DIRECTOR}:
        return "the"
    return "an" if role[0] in "AI" else "a"


PEOPLE: dict[str, Role] = {
    "admins": Role.ADMIN,
    "registrars": Role.REGISTRAR,
    "ig_officers": Role.IG_OFFICER,
    "network_directors": Role.NETWORK_DIRECTOR,
    "clinical_directors": Role.CLINICAL_DIRECTOR,
    "board_secretaries": Role.BOARD_SECRETARY,
}
"""Who is what, for somebody who acts in SharePoint: names under `people` in the roles file."""


def in_list(service: Service, by: By, body: str = "") -> Caller:
    """Return who set a field of a native list's row, in the roles the roles file gives them.

    `body` is the code of the body concerned, whose own secretaries (`neb_secretaries`) count too.
    """
    someone = by.person
    mail = someone.mail.casefold()
    held = {
        role
        for name, role in (PEOPLE | {f"{body.lower()}_secretaries": Role.BOARD_SECRETARY}).items()
        if mail and mail in map(str.casefold, service.roles.people.get(name, ()))
    }
    name = someone.name or someone.mail or someone.id
    return Caller(someone.id, name, frozenset(held), by.user is not None, "list")
