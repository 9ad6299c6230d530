"""Who has left: an account that is disabled or gone, looked up at most once a day for each person.

Only addresses of the network's own organisations are judged; of other people the directory need not
know anything. Where the app may not read accounts, everybody counts as there, and the log says so:
`verger doctor` names the permission that is missing.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sync.errors import Refused
from sync.state import remembered
from sync.tenant import accounts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sync.places import Place
    from sync.service import Service

MANAGERS = "registrars"
"""The group of a site that looks after its registers and documents (the quality manager)."""

log = logging.getLogger("verger.accounts")


async def has_left(service: Service, address: str) -> bool:
    """Return whether the account behind an address is disabled or gone; asked once a day.

    Raises what the directory raises, but for its refusal to tell.
    """
    person = address.strip().casefold()
    if person.rpartition("@")[2] not in service.standard.internal_domains:
        return False
    key, today = f"account:{person}", service.today().isoformat()
    async with service.state.read() as tx:
        known = await remembered.recall(tx, key)
    if known is not None and known["day"] == today:
        return bool(known["left"])
    left = not await _is_there(service, person)
    async with service.state.begin() as tx:
        await remembered.remember(tx, key, {"day": today, "left": left})
    return left


async def _is_there(service: Service, person: str) -> bool:
    try:
        return await accounts.can_sign_in(service.tenant, person)
    except Refused:
        log.warning("the app may not see whether accounts are in use: User.Read.All is missing")
        return True


def in_charge(place: Place) -> tuple[str, ...]:
    """Return the role that stands in for somebody who left: the site's owner, the managers."""
    groups = {group.key: group.members for group in place.spec.groups}
    return tuple(dict.fromkeys((place.spec.owner, *groups.get(MANAGERS, ()))))


async def present(service: Service, place: Place, told: Iterable[str]) -> tuple[str, ...]:
    """Return these mailboxes with those in charge in place of each one whose account is gone."""
    found: list[str] = []
    for address in told:
        stand_ins = in_charge(place) if await has_left(service, address) else (address,)
        found += stand_ins
    return tuple(dict.fromkeys(found))
