"""Handlers of the API for SIG requests: read the body, call one flow, show the record."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from functions import startup
from functions.answers import Answer, Problem, body_of
from sharepoint_schema.dates import parse_date
from sync import dormancy, requests
from sync.callers import Caller, Role
from sync.errors import Missing
from sync.sig_records import Invalid, Record, every, find

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

    import azure.functions as func

    from sync.service import Service
    from sync.sig_records import Errand

    type Step = Callable[[Service, Caller, str, Mapping[str, Any]], Awaitable[Answer]]

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


async def listed(service: Service, caller: Caller, _req: func.HttpRequest) -> Answer:
    """Show every request, oldest first, without its plan."""
    _may_read(caller)
    return Answer({"value": [summary(one) for one in await every(service)]})


async def asked(service: Service, caller: Caller, req: func.HttpRequest) -> Answer:
    record = await requests.ask(service, caller, body_of(req))
    return Answer(summary(record), 201, f"/api/sig-requests/{record.request.id}")


async def shown(service: Service, caller: Caller, req: func.HttpRequest) -> Answer:
    """Show one request with its sealed plan."""
    _may_read(caller)
    record = await find(service, _id(req))
    return Answer({**summary(record), "plan": record.request.plan})


async def withdrawn(service: Service, caller: Caller, req: func.HttpRequest) -> Answer:
    return Answer(summary(await requests.withdraw(service, caller, _id(req))))


async def stepped(service: Service, caller: Caller, req: func.HttpRequest) -> Answer:
    """Take one step of a request."""
    step = STEPS.get(req.route_params.get("step", ""))
    if step is None:
        raise Problem(404, f"The steps are {', '.join(STEPS)}.")
    return await step(service, caller, _id(req), body_of(req))


async def _agreement(
    service: Service, caller: Caller, request_id: str, body: Mapping[str, Any]
) -> Answer:
    told = _texts(body, optional=("as",))
    role = None
    if (named := told.get("as")) is not None:
        role = next(iter(Role.of([named])), None)
        if role is None:
            raise Invalid([("as", f"{named!r} is no role")])
    return Answer(summary(await requests.agree(service, caller, request_id, role)))


async def _approval(
    service: Service, caller: Caller, request_id: str, body: Mapping[str, Any]
) -> Answer:
    told = _texts(body, "reference", "date")
    minute = (told["reference"], _day(told["date"]))
    record, errands = await requests.approve(service, caller, request_id, *minute)
    return await _sent(record, errands)


async def _plan(
    service: Service, caller: Caller, request_id: str, body: Mapping[str, Any]
) -> Answer:
    _texts(body)
    return await _sent(*await requests.plan_again(service, caller, request_id))


async def _opening(
    service: Service, caller: Caller, request_id: str, body: Mapping[str, Any]
) -> Answer:
    told = _texts(body, "seal")
    return await _sent(*await requests.open_site(service, caller, request_id, told["seal"]))


async def _sleep(
    service: Service, caller: Caller, request_id: str, body: Mapping[str, Any]
) -> Answer:
    """Put a site to sleep: it stops being listened to here, in the enforcer's identity."""
    _texts(body)
    record, errands = await requests.turn(service, caller, request_id, sleep=True)
    await dormancy.silence(service, record.request.site_id or "")
    return await _sent(record, errands)


async def _waking(
    service: Service, caller: Caller, request_id: str, body: Mapping[str, Any]
) -> Answer:
    _texts(body)
    return await _sent(*await requests.turn(service, caller, request_id, sleep=False))


STEPS: Mapping[str, Step] = {
    "agreement": _agreement,
    "approval": _approval,
    "plan": _plan,
    "opening": _opening,
    "sleep": _sleep,
    "waking": _waking,
}


async def _sent(record: Record, errands: Iterable[Errand]) -> Answer:
    """Nudge the provisioner; without the nudge its timer finds the request a little later."""
    await startup.others().send(errands)
    return Answer(summary(record), 202)


def summary(record: Record) -> dict[str, Any]:
    """Return a request as the API shows it."""
    row = record.request
    return {
        "id": row.id,
        **row.wish,
        "state": row.state,
        "requestedAt": row.requested_at.isoformat(),
        "changedAt": row.changed_at.isoformat(),
        "missing": list(record.missing),
        "decisions": [
            {
                "step": one.step,
                "who": one.who,
                "date": one.on.isoformat(),
                "reference": one.reference,
            }
            for one in record.decisions.values()
        ],
        "seal": row.seal,
        "trouble": row.trouble,
        "site": row.site_id,
    }


def _may_read(caller: Caller) -> None:
    caller.need(*Role, to="see the requests for SIG sites")


def _id(req: func.HttpRequest) -> str:
    request_id = str(req.route_params.get("request_id", "")).lower()
    if not UUID.fullmatch(request_id):
        raise Missing("that is no request's id")
    return request_id


def _texts(body: Mapping[str, Any], *wanted: str, optional: Sequence[str] = ()) -> dict[str, str]:
    """Return the body if it holds what is wanted and nothing unknown, all of it texts."""
    known = {*wanted, *optional}
    faults = [(name, "is not known here") for name in sorted(body.keys() - known)]
    faults += [(name, "is missing") for name in wanted if name not in body]
    given = {name: body[name] for name in sorted(known & body.keys())}
    texts = {name: text.strip() for name, text in given.items() if isinstance(text, str)}
    faults += [(name, "is not a text") for name in given if not texts.get(name)]
    if faults:
        raise Invalid(faults)
    return texts


def _day(text: str) -> date:
    """Read 14/10/2026 or 2026-10-14."""
    try:
        return parse_date(text) if "/" in text else date.fromisoformat(text)
    except ValueError:
        raise Invalid([("date", f"{text!r} is not a day such as 14/10/2026")]) from None
