"""Equality impact assessments: what a row leaves open is said beside it, the document judged anew.

A row counts for the number it names. Its completeness is what the strategy (Gov-04) asks: who,
when, new or existing, who is responsible, how it is watched, and nine answers, each yes explained.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sync.keepers import Kept, show
from sync.model import as_date, parse_number
from sync.state import assessments, items, journal
from sync.state.assessments import Assessment
from sync.state.work import NewWork, put

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sync.cases import Case
    from sync.tenant.shapes import ChangedItem

SUBJECT, DOCUMENT = "EiaSubject", "Document"
NUMBER, DATE, STATUS, REASON = "EiaNumber", "EiaDate", "EiaStatus", "EiaReason"
COMPLETE, INCOMPLETE = "Complete", "Needs you"
ASKED = {
    "EiaAssessors": "assessed by",
    "EiaKind": "new or existing",
    "EiaResponsible": "person responsible",
    "EiaMonitoring": "monitoring",
    "EiaHostPolicy": "host policy considered",
}
CHARACTERISTICS = {
    "EiaAge": "age",
    "EiaDisability": "disability",
    "EiaGender": "gender",
    "EiaGenderReassignment": "gender reassignment",
    "EiaPartnership": "marriage or civil partnership",
    "EiaMaternity": "maternity or pregnancy",
    "EiaRace": "race",
    "EiaBelief": "religious belief",
    "EiaOrientation": "sexual orientation",
}
"""The nine protected characteristics (Equality Act 2010; Gov-04) by their column."""


async def keep(case: Case, row: ChangedItem) -> Kept:
    """Keep one assessment; 2 resource units when something is written beside it."""
    key = (case.row.list_id, case.row.item_id)
    async with case.service.state.read() as tx:
        known = await assessments.get_assessment(tx, *key)
    if row.deleted:
        return Kept(effect=_Effect(case, None, known))
    found = _assessment(case, row)
    etag = await show(case, row, _words(found, row.fields, case.service.today()))
    return Kept(
        etag=etag,
        entries=() if _same(found, known) else (_entry(case, row, found),),
        effect=_Effect(case, found, known),
    )


def missing(fields: dict[str, Any]) -> list[str]:
    """Return what a row does not say yet, in words for staff, in the order of the form."""
    said = {name: str(value or "").strip() for name, value in fields.items()}
    lacking = [word for name, word in ASKED.items() if not said.get(name)]
    if as_date(said.get(DATE)) is None:
        lacking.append("the day of the assessment")
    for name, word in CHARACTERISTICS.items():
        if not said.get(name):
            lacking.append(word)
        elif said[name] == "Yes" and not said.get(f"{name}Effect"):
            lacking.append(f"effect and action for {word}")
    return lacking


class _Effect:
    """What a row's closing does: keep or drop it, and have its documents looked at."""

    def __init__(self, case: Case, found: Assessment | None, known: Assessment | None) -> None:
        self._case = case
        self._found = found
        self._known = known

    async def __call__(self, tx: AsyncConnection) -> None:
        key = (self._case.row.list_id, self._case.row.item_id)
        if self._found is not None and self._found.number:
            await assessments.put_assessment(tx, self._found)
        else:
            await assessments.drop_assessment(tx, *key)
        if _same(self._found, self._known):
            return
        numbers = {one.number for one in (self._found, self._known) if one and one.number}
        for number in sorted(numbers):
            there = await items.find_by_number(tx, number)
            rows = [
                NewWork(list_id=one.list_id, item_id=one.item_id, kind="audit") for one in there
            ]
            await put(tx, rows, self._case.service.now())


def _assessment(case: Case, row: ChangedItem) -> Assessment:
    number = parse_number(str(row.fields.get(NUMBER) or ""))
    known = number is not None and number.series in case.service.standard.series_codes
    return Assessment(
        list_id=case.row.list_id,
        item_id=case.row.item_id,
        number=str(number) if known else "",
        assessed_on=as_date(row.fields.get(DATE)),
        missing=missing(row.fields),
        seen_at=case.service.now(),
    )


def _words(found: Assessment, fields: Mapping[str, Any], today: date) -> dict[str, str]:
    """Return status and reason as they shall stand beside the row."""
    told = list(found.missing)
    if not found.number and (fields.get(SUBJECT) or DOCUMENT) == DOCUMENT:
        told.insert(0, "a document number such as Gov-12")
    reason = f"Still missing: {', '.join(told)}." if told else ""
    if found.assessed_on and found.assessed_on > today:
        reason = f"{reason} The day of the assessment has not come yet.".strip()
    return {STATUS: INCOMPLETE if reason else COMPLETE, REASON: reason}


def _same(one: Assessment | None, other: Assessment | None) -> bool:
    """Whether two readings of a row say the same; the moment does not count."""
    return _said(one) == _said(other)


def _said(one: Assessment | None) -> tuple[object, ...]:
    return (one.number, one.assessed_on, tuple(one.missing)) if one and one.number else ()


def _entry(case: Case, row: ChangedItem, found: Assessment) -> journal.Entry:
    return journal.Entry(
        at=case.service.now(),
        kind="assessed",
        actor=row.last_modified_by.person.id,
        correlation_id=f"{case.row.list_id}/{case.row.item_id}/{case.row.generation}",
        list_id=case.row.list_id,
        item_id=case.row.item_id,
        after={
            "number": found.number,
            "on": found.assessed_on.isoformat() if found.assessed_on else "",
            "missing": found.missing,
        },
        idempotency_key=f"assessed:{case.row.list_id}:{case.row.item_id}:{row.etag}",
    )
