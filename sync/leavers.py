"""Mail for somebody who has left goes to whoever looks after what it is about, never to them alone.

It is looked at when a mail leaves, since days may lie between its reason and that. An information
governance officer is stood in for by the others, anybody else by the site's owner.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sync.accounts import has_left
from sync.state import items, lists
from sync.state import notices as outbox

if TYPE_CHECKING:
    from sync.places import Place
    from sync.service import Service

REGISTRY = "registry"
OFFICERS = "ig_officers"


async def pass_on(service: Service, notice: outbox.Notice) -> bool:
    """Queue a claimed mail for others where its reader's account is gone. Returns whether it was.

    Nothing is passed on where nobody else is there. Raises what the directory raises.
    """
    if not await has_left(service, notice.recipient):
        return False
    place = await _place(service, notice)
    told = _stand_ins(place, notice.recipient) if place else ()
    there = [one for one in told if not await has_left(service, one)]
    if not there:
        return False
    async with service.state.begin() as tx:
        for one in there:
            key = f"{notice.idempotency_key}:for:{one}"
            await outbox.queue_notice(
                tx, replace(_new(notice), idempotency_key=key, recipient=one), service.now()
            )
        await outbox.mark_passed_on(tx, notice, f"{notice.recipient} has no account in use")
    return True


def _new(notice: outbox.Notice) -> outbox.NewNotice:
    return outbox.NewNotice(
        idempotency_key=notice.idempotency_key,
        recipient=notice.recipient,
        subject=notice.subject,
        body=notice.body,
        document_id=notice.document_id,
    )


def _stand_ins(place: Place, who: str) -> tuple[str, ...]:
    officers = next((one.members for one in place.spec.groups if one.key == OFFICERS), ())
    others = officers if who in officers else (place.spec.owner,)
    return tuple(one for one in others if one != who)


async def _place(service: Service, notice: outbox.Notice) -> Place | None:
    """Return where the document lies that a mail is about, the core site's registry for others."""
    async with service.state.read() as tx:
        item = await items.item_of(tx, notice.document_id) if notice.document_id else None
        followed = [] if item else await lists.all_lists(tx)
    homes = [item.list_id] if item else [one.id for one in followed if one.area == REGISTRY]
    return await service.place(homes[0]) if homes else None
