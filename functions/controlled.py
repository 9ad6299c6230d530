"""Handlers of the API for undo and waivers: read the body, call one flow, show what it did."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from functions import startup
from functions.answers import Answer, body_of
from sharepoint_schema.dates import parse_date
from sync import subjects, undoing, waiving
from sync import undoable as undoable_acts
from sync.callers import Caller, Role
from sync.hints import Nudge
from sync.sig_records import Invalid

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import azure.functions as func

    from sync.service import Service
    from sync.undoable import Act
    from sync.undoing import Undone
    from sync.waiving import Waiver

WAIVER = ("document", "policy", "until", "reason")
READERS = (Role.READER, Role.REGISTRAR, Role.ADMIN, *waiving.MAY)


async def undone(service: Service, caller: Caller, req: func.HttpRequest) -> Answer:
    """Undo an entry, or the last act on a document."""
    told = _texts(body_of(req), ("entry", "document", "reason"))
    entry, document = told["entry"], told["document"]
    if bool(entry) == bool(document):
        raise Invalid([("entry", "say either an entry or a document")])
    if entry:
        found = await undoing.undo_entry(service, caller, entry, told["reason"])
    else:
        caller.need(*undoing.MAY, *undoing.MAY_OPEN, to="undo what Verger did")
        item = await subjects.find(service, document)
        found = await undoing.undo_document(service, caller, item.document_id, told["reason"])
    await _look(service, found.list_id)
    return Answer(told_of(found))


async def undoable(service: Service, caller: Caller, req: func.HttpRequest) -> Answer:
    """Show what can be undone: of one document, or of all."""
    caller.need(*undoing.MAY, *undoing.MAY_OPEN, to="see what can be undone")
    text = req.params.get("document", "")
    document_id = (await subjects.find(service, text)).document_id if text else None
    return Answer({"value": [act(one) for one in await undoable_acts.acts(service, document_id)]})


def act(one: Act) -> dict[str, Any]:
    """Return one act as the API and the command show it."""
    return {
        "entry": one.entry,
        "at": one.at.isoformat(),
        "document": one.document,
        "name": one.name,
        "done": list(one.done),
        "policies": list(one.policies),
    }


async def waived(service: Service, caller: Caller, req: func.HttpRequest) -> Answer:
    """Let a rule rest for a document until a day."""
    waiving.entitled(caller)
    told = _texts(body_of(req), WAIVER)
    asked = waiving.Asked(
        told["document"], told["policy"], day_of(told["until"]), told["reason"], "api"
    )
    row, list_id = await waiving.grant(service, caller, asked)
    await _look(service, list_id)
    return Answer({"id": row.id, "policy": row.policy, "until": _last(row.excuse.last_day)}, 201)


async def listed(service: Service, caller: Caller, req: func.HttpRequest) -> Answer:
    """Show every waiver that holds; a file in a closed place goes without its name."""
    caller.need(*READERS, to="see waivers")
    return Answer({"value": [await shown(service, one) for one in await waiving.listed(service)]})


async def withdrawn(service: Service, caller: Caller, req: func.HttpRequest) -> Answer:
    """End a waiver before its day."""
    row, list_id = await waiving.withdraw(service, caller, req.route_params.get("waiver_id", ""))
    await _look(service, list_id)
    return Answer({"id": row.id, "policy": row.policy, "ended": True})


async def shown(service: Service, waiver: Waiver) -> dict[str, Any]:
    """Return a waiver as the API shows it."""
    row, item = waiver.row, waiver.item
    closed = await waiving.closed(service, waiver)
    return {
        "id": row.id,
        "document": (item.number if item else None) or row.document_id,
        "name": "" if closed or item is None else item.name,
        "policy": row.policy,
        "until": _last(row.excuse.last_day),
        "reason": row.reason,
        "by": row.by,
        "at": row.at.isoformat(),
    }


def told_of(found: Undone) -> dict[str, Any]:
    """Return what an undo did, as the API and the command show it."""
    return {
        "entry": found.entry,
        "done": list(found.done),
        "policies": list(found.policies),
        "linksGone": found.links_gone,
        "actsAgain": found.again,
    }


def day_of(text: str) -> date | None:
    """Read 14/10/2026 or 2026-10-14; "" is no day. Raises Invalid."""
    if not text:
        return None
    try:
        return parse_date(text) if "/" in text else date.fromisoformat(text)
    except ValueError:
        raise Invalid([("until", f"{text!r} is not a day such as 14/10/2026")]) from None


async def _look(service: Service, list_id: str) -> None:
    """Have the document looked at now; a lost nudge is made up by the sweep."""
    if list_id:
        await startup.nudges().send([Nudge(list_id, service.now().isoformat())])


def _texts(body: Mapping[str, Any], names: Collection[str]) -> dict[str, str]:
    """Read texts from the body, "" where there is none. Raises Invalid for anything else."""
    faults = [(name, "is not known here") for name in sorted(body.keys() - set(names))]
    wrong = [name for name in names if not isinstance(body.get(name, ""), str)]
    faults += [(name, "is not a text") for name in wrong]
    if faults:
        raise Invalid(faults)
    return {name: str(body.get(name, "")).strip() for name in names}


def _last(day: date | None) -> str:
    return day.isoformat() if day else ""
