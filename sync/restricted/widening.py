"""Groups that open a restricted library may be added to by their owners; that is told, not undone.

Who was in a group at the last check is remembered by the site's numbers alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sync import letters
from sync.model import Recipient
from sync.state import notices

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sync.restricted.mending import Round


async def tell(
    here: Round, before: Mapping[str, Any], taken: Collection[int]
) -> dict[str, list[int]]:
    """Mail who came into a group since the last check; returns who is in them now.

    `taken` are those who were just taken out of a group. The first check has nothing to compare
    with; nobody is told of what is only observed.
    """
    if here.place.area.is_open:
        return {}
    groups = {title: here.library.groups.get(title) for title in here.circle.levels}
    now = {
        title: sorted(one.principal for one in group.members)
        for title, group in groups.items()
        if group
    }
    news = [
        f"{member.title or member.address} is now in {title}."
        for title, group in groups.items()
        for member in (group.members if group else ())
        if title in before and member.principal not in {*before[title], *taken}
    ]
    if news and here.acts:
        await _queue(here, news)
    return now


async def _queue(here: Round, news: list[str]) -> None:
    place, service = here.place, here.service
    told = {"list": place.list.title, "site": place.spec.title}
    letter = letters.write(service.standard.letters, "access_widened", told, news)
    addresses = (*place.address_of(Recipient.OWNER), *place.address_of(Recipient.IG_OFFICERS))
    async with service.state.begin() as tx:
        for address in dict.fromkeys(addresses):
            key = f"widened:{here.list_id}:{here.began.isoformat()}:{address}"
            notice = letters.notice(service, letter, key, address)
            await notices.queue_notice(tx, notice, service.now())
