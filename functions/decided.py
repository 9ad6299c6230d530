"""Handlers of the API for decisions: read the body, call one flow, show what was recorded."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from functions import startup
from functions.answers import Answer, body_of
from sharepoint_schema.dates import parse_date
from sync.callers import Caller, Role
from sync.deciding import Told, record, standing
from sync.errors import Missing
from sync.hints import Nudge
from sync.model import parse_number
from sync.sig_records import Invalid
from sync.state import decisions as kept
from sync.state import numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

    import azure.functions as func

    from sync.service import Service
    from sync.state.decisions import DecisionRow

TEXTS = ("document", "version", "kind", "body", "date", "reference")
PEOPLE = {
    "movedBy": "moved by",
    "conflicts": "conflicts of interest",
    "withdrew": "withdrew",
}


async def recorded(service: Service, caller: Caller, req: func.HttpRequest) -> Answer:
    """Record a decision and have the document looked at."""
    row, list_id = await record(service, caller, _told(body_of(req)))
    await startup.nudges().send([Nudge(list_id, service.now().isoformat())] if list_id else [])
    stands = await standing(service, row)
    lacking = [step.words(service.standard) for step in stands.missing]
    return Answer({**shown(row), "missing": lacking}, 201)


async def listed(service: Service, caller: Caller, req: func.HttpRequest) -> Answer:
    """Show every decision about the document with this number, in the order recorded."""
    caller.need(*Role, to="see decisions")
    number = parse_number(req.params.get("document", ""))
    async with service.state.read() as tx:
        row = await numbers.get_number(tx, number) if number else None
        if row is None or row.document_id is None:
            raise Missing("there is no document of that number")
        found = await kept.decisions_of(tx, row.document_id)
    return Answer({"value": [shown(one) for one in found]})


def shown(row: DecisionRow) -> dict[str, Any]:
    """Return a decision as the API shows it: without the people."""
    return {
        "id": row.id,
        "document": row.number,
        "version": row.label,
        "contentId": row.content_id,
        "kind": row.kind,
        "body": row.body,
        "date": row.on.isoformat(),
        "reference": row.reference,
        "quorate": row.quorate,
        "recordedAt": row.at.isoformat(),
    }


def _told(body: Mapping[str, Any]) -> Told:
    """Read a decision from the body. Raises Invalid naming each member that can't be read."""
    known = {*TEXTS, *PEOPLE, "quorate", "present"}
    faults = [(name, "is not known here") for name in sorted(body.keys() - known)]
    texts = {name: body.get(name, "") for name in (*TEXTS, *PEOPLE)}
    faults += [(name, "is not a text") for name, one in texts.items() if not isinstance(one, str)]
    quorate, present = body.get("quorate"), body.get("present")
    if not isinstance(quorate, bool):
        faults.append(("quorate", "says true or false: whether the meeting had its quorum"))
    if present is not None and (not isinstance(present, int) or isinstance(present, bool)):
        faults.append(("present", "is a whole number"))
    if faults:
        raise Invalid(faults)
    return Told(
        number=texts["document"].strip(),
        label=texts["version"].strip(),
        kind=texts["kind"].strip().casefold(),
        body=texts["body"].strip(),
        on=_day(texts["date"].strip()),
        reference=texts["reference"].strip(),
        quorate=quorate is True,
        present=present,
        people={what: texts[name].strip() for name, what in PEOPLE.items()},
    )


def _day(text: str) -> date | None:
    """Read 14/10/2026 or 2026-10-14; "" is no day."""
    if not text:
        return None
    try:
        return parse_date(text) if "/" in text else date.fromisoformat(text)
    except ValueError:
        raise Invalid([("date", f"{text!r} is not a day such as 14/10/2026")]) from None
