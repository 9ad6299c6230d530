"""Groups that open a restricted library may be added to by their owners; that is told, not undone.

Who was in a group at the last check is remembered by the site's numbers alone.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from sync.model import Recipient
from sync.state import notices

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sync.restricted.mending import Round

SUBJECT = "More people can open restricted files"


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
    opening = f"The library {place.list.title} of {place.spec.title} can be opened by more people."
    closing = "If that is not meant, take them out of the group."
    points = "".join(f"<li>{html.escape(one)}</li>" for one in news)
    body = {
        "text": "\n".join([opening, "", *(f"- {one}" for one in news), "", closing]),
        "html": f"<p>{html.escape(opening)}</p><ul>{points}</ul><p>{html.escape(closing)}</p>",
    }
    addresses = (*place.address_of(Recipient.OWNER), *place.address_of(Recipient.IG_OFFICERS))
    async with service.state.begin() as tx:
        for address in dict.fromkeys(addresses):
            key = f"widened:{here.list_id}:{here.began.isoformat()}:{address}"
            letter = notices.NewNotice(
                idempotency_key=key, recipient=address, subject=SUBJECT, body=body
            )
            await notices.queue_notice(tx, letter, service.now())
