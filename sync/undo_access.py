"""Undoing what a check of permissions took away: only where an exception lets it stand.

Without one the next check would take the same away again; then the undo says what to ask for.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sync.callers import Caller, Role
from sync.restricted import mending
from sync.sig_records import OutOfTurn
from sync.state import exceptions, journal, journal_reading

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sync.service import Service
    from sync.state.exceptions import AccessException
    from sync.state.journal import Recorded

KIND = mending.CORRECTED
MAY = (Role.ADMIN, Role.IG_OFFICER)
ASK = "ask for an access exception first; without one the next check takes it away again"


async def undo(service: Service, caller: Caller, name: str, entry: Recorded) -> None:
    """Give back what a check took away, and journal it.

    Raises NotEntitled, and OutOfTurn while it would only be taken away again.
    """
    caller.need(*MAY, to="give access to restricted files back")
    async with service.state.read() as tx:
        beside = await journal_reading.personal_of(tx, entry.site_id, entry.seq)
        agreed = await exceptions.in_force(tx, entry.list_id or "", service.now())
    if beside.get("people", "") is None:
        raise OutOfTurn("who could open it was erased; share it anew")
    if why := refusal(entry.undo, json.loads(beside.get("people") or "[]"), agreed):
        raise OutOfTurn(why)
    place = await service.place(entry.list_id or "")
    await mending.give_back(service, place, entry.undo)
    async with service.state.begin() as tx:
        await journal.append(tx, entry.site_id, _undone(service, caller, name, entry))


def refusal(
    recipe: Mapping[str, Any], people: Collection[str], agreed: Sequence[AccessException]
) -> str:
    """Return why a correction can't be undone now, "" when every person of it has an exception.

    `people` are mail addresses in lower case; `agreed` the library's exceptions in force.
    """
    if recipe["inherits"]:
        return "a restricted library never inherits the site's access; its groups say who reads it"
    if recipe["links"]:
        return "links for everybody are not given back; share it with people by name"
    here = {one.person for one in agreed if one.file_id in {"", recipe["item_id"]}}
    if not people or not here.issuperset(people):
        return ASK
    return ""


def _undone(service: Service, caller: Caller, name: str, entry: Recorded) -> journal.Entry:
    return journal.Entry(
        at=service.now(),
        kind="undone",
        actor=caller.oid,
        correlation_id=f"entry:{entry.site_id}:{entry.seq}",
        document_id=entry.document_id,
        list_id=entry.list_id,
        item_id=entry.item_id,
        policy=entry.policy,
        schema_hash=service.schema_hash,
        after={"undoes": name, "done": ["access"], "policies": [entry.policy]},
        idempotency_key=f"undone:entry:{entry.site_id}:{entry.seq}",
    )
