"""Handlers of the API for the quarantine: read the body, call one flow, show what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from functions import startup
from functions.answers import Answer, body_of
from sync import quarantine
from sync.callers import Caller, Role
from sync.hints import Nudge
from sync.sig_records import Invalid

if TYPE_CHECKING:
    import azure.functions as func

    from sync.quarantine import Held
    from sync.service import Service

MEMBERS = ("as", "reason")


async def listed(service: Service, caller: Caller, req: func.HttpRequest) -> Answer:
    """Show what lies in quarantine."""
    caller.need(Role.IG_OFFICER, to="see what lies in quarantine")
    return Answer({"value": [shown(one) for one in await quarantine.held(service)]})


async def ordered(service: Service, caller: Caller, req: func.HttpRequest) -> Answer:
    """Take a decision down; the file goes back within moments, and 409 says why it may not."""
    told = body_of(req)
    faults = [(name, "is not known here") for name in sorted(told.keys() - set(MEMBERS))]
    texts = {name: told.get(name, "") for name in MEMBERS}
    faults += [(name, "is not a text") for name, one in texts.items() if not isinstance(one, str)]
    if faults:
        raise Invalid(faults)
    order = quarantine.order_of(caller, texts["as"], texts["reason"])
    document_id = req.route_params.get("document_id", "")
    list_id = await quarantine.order(service, document_id, order)
    await startup.nudges().send([Nudge(list_id, service.now().isoformat())])
    return Answer({"id": document_id, "as": order.how, "state": "ordered"}, 202)


def shown(one: Held) -> dict[str, Any]:
    """Return a quarantined file as the API shows it."""
    return {
        "id": one.document_id,
        "site": one.site,
        "cameFrom": one.came_from,
        "since": one.since,
        "says": one.says,
        "link": one.link,
        "ordered": one.ordered,
        "answer": one.answer,
    }
