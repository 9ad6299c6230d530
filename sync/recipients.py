"""From the names a register uses for people to mailboxes.

A name is a person column of the row, a part of the roles file, a group of the site by its key,
"author" for who changed the row last, "person:12" for somebody by the site's number, or "owner" for
the site's. "{body}" in a name stands for the body's code, as in "{body}_secretaries". Somebody
without a mailbox is stood in for by the site's owner, so that a reminder never goes nowhere. Where
each sees their own rows only, "author" is whoever reads them all: no author is ever written to.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sync import accounts
from sync.state import site_people as known
from sync.tenant import site_people

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sync.model import Item
    from sync.places import Place
    from sync.service import Service

SEES_ALL = frozenset({"full", "design"})
"""Levels that show all rows of a list in which others see their own (SharePoint's own rule)."""
OWNER, AUTHOR, BODY, PERSON = "owner", "author", "{body}", "person:"
FRESH = timedelta(days=7)
"""How long a person's mailbox is taken from state before SharePoint is asked again."""


async def addresses(
    service: Service, place: Place, row: Item, names: Iterable[str]
) -> tuple[str, ...]:
    """Return the mailboxes of these names, each once; the owner's when there is none."""
    columns = {one.name for one in place.spec.columns_of(place.list) if one.kind == "user"}
    found: list[str] = []
    for name in names:
        if name in columns:
            numbers = [one for one in row.column(name).split(";") if one]
            found += [await mailbox(service, place, number) for number in numbers]
        elif name.startswith(PERSON):
            found.append(await mailbox(service, place, name.removeprefix(PERSON)))
        elif name == AUTHOR and place.list.own_only:
            found += _keepers(place)
        elif name == AUTHOR:
            found.append(row.modified_by.mail or row.created_by.mail)
        elif name == OWNER:
            found.append(place.spec.owner)
        else:
            name = name.replace(BODY, body_of(service, place).lower())  # noqa: PLW2901 - filled in
            found += service.roles.people.get(name) or _members(place, name)
    told = dict.fromkeys(one for one in found if one)
    return await accounts.present(service, place, told) or (place.spec.owner,)


def _members(place: Place, name: str) -> tuple[str, ...]:
    """Return the declared members of a site group by its key, nobody where there is none."""
    return next((one.members for one in place.spec.groups if one.key == name), ())


def _keepers(place: Place) -> Iterator[str]:
    """Yield who reads every entry of a list in which others see their own: nobody's own mailbox.

    A mailbox that Verger writes down beside such an entry would say who made it.
    """
    for grant in place.list.access or ():
        if grant.level in SEES_ALL:
            yield from _members(place, grant.group)


def body_of(service: Service, place: Place) -> str:
    """Return the code of the body a register belongs to; "" where the standard has none for it."""
    entries, key = place.list.entries, place.spec.key
    if entries is not None and entries.body:
        return entries.body
    code = "SIG" if key.startswith("sig-") else key.upper()
    return code if code in {one.code for one in service.standard.bodies} else ""


async def mailbox(service: Service, place: Place, number: str) -> str:
    """Return the mailbox behind a site's number for somebody, "" when there is none."""
    return (await _person(service, place, number)).mail


async def owners_number(service: Service, place: Place) -> str:
    """Return a site's number for its owner, "" for one it does not know (2 units)."""
    return await site_people.number(service.tenant, place.row.site_url, place.spec.owner)


async def name(service: Service, place: Place, number: str) -> str:
    """Return the name behind a site's number for somebody, "" for one who is gone."""
    return (await _person(service, place, number)).name


async def names(service: Service, place: Place, numbers: Iterable[str]) -> dict[str, str]:
    """Return the names behind several of a site's numbers; state is read once for all."""
    async with service.state.read() as tx:
        kept = await known.people_of(tx, place.row.site_id)
    since = service.now() - FRESH
    fresh = {one: person.name for one, person in kept.items() if person.seen_at > since}
    return {
        one: fresh[one] if one in fresh else await name(service, place, one)
        for one in sorted(set(numbers))
    }


async def _person(service: Service, place: Place, number: str) -> known.SitePerson:
    """Return somebody as state knows them, or as the site does (2 units)."""
    site_id, now = place.row.site_id, service.now()
    async with service.state.read() as tx:
        kept = await known.get_person(tx, site_id, number)
    if kept is not None and now - kept.seen_at < FRESH:
        return kept
    person = await site_people.person(service.tenant, place.row.site_url, number)
    row = known.SitePerson(
        site_id=site_id, number=number, name=person.name, mail=person.mail, seen_at=now
    )
    async with service.state.begin() as tx:
        await known.put_person(tx, row)
    return row
