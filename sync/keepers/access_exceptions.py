"""The list "Access exceptions": who else may open restricted files, for how long, agreed by whom.

One asks, a second person who may agrees; who set which field the version history tells. What was
asked for must not have changed after the answer. The permission check honours what is recorded here
until its last day is over.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from sharepoint_schema.dates import show_date
from sync.callers import Role, in_list
from sync.keepers import Kept, show
from sync.model import SITE_TIME, parse_number
from sync.restricted.exceptions import ended
from sync.state import checks, exceptions, items, journal, lists
from sync.state.exceptions import AccessException
from sync.tenant.row_history import history, setter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sync.callers import Caller
    from sync.cases import Case
    from sync.tenant.row_history import RowVersion
    from sync.tenant.shapes import ChangedItem

FILE, PERSON, REASON, UNTIL = (
    "ExceptionFile",
    "ExceptionPerson",
    "ExceptionReason",
    "ExceptionUntil",
)
TERMS = (FILE, PERSON, REASON, UNTIL)
"""What is agreed to; who set any of these is one who asks."""
ANSWER, STATUS, NOTE = "ExceptionAnswer", "ExceptionStatus", "ExceptionNote"
AGREED = "Agreed"
MAY = (Role.IG_OFFICER, Role.NETWORK_DIRECTOR)
AREA = "restricted"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row does not count: its status, and a sentence for staff."""

    status: str
    says: str


@dataclass(frozen=True, slots=True)
class Look:
    """A row with its history, the newest version first."""

    case: Case
    row: ChangedItem
    versions: Sequence[RowVersion]

    def text(self, column: str) -> str:
        value = self.row.fields.get(column)
        return "" if value is None else str(value).strip()

    def caller(self, column: str) -> Caller:
        return in_list(self.case.service, setter(self.versions, column).last_modified_by)


async def keep(case: Case, row: ChangedItem) -> Kept:
    """Record an exception that is whole, agreed and running; say beside it what came of it."""
    async with case.service.state.read() as tx:
        known = await exceptions.exception_of(tx, case.row.list_id, row.id)
    if row.deleted:
        return await _withdrawn(case, known)
    look = Look(case, row, await history(case.service.tenant, case.place.row, row.id))
    found = await _found(look)
    if isinstance(found, Refusal):
        return await _refused(look, known, found)
    now = case.service.now()
    running = found.until > now
    says = f"{found.person} may open {_what(found)} until {_day(found)}, that day included."
    told = {STATUS: "In force", NOTE: says} if running else {STATUS: "Ended", NOTE: ""}
    etag = await show(case, row, told)
    same = known is not None and _terms(known) == _terms(found) and known.ended_at is None
    if same or (known is not None and not running):
        return Kept(etag)
    return Kept(etag, (_entry(case, row, found),), partial(_write, case, found))


async def _found(look: Look) -> AccessException | Refusal:
    """Return the exception that a row asks for and was agreed to, or why it is none."""
    service, row = look.case.service, look.case.row
    person, until = look.text(PERSON).lower(), _last_day(look.row.fields.get(UNTIL))
    lacking = _lacking(look, person, until)
    if lacking or until is None:
        return Refusal("Needs you", f"Still missing: {', '.join(lacking)}.")
    longest = service.standard.access.exception_days
    if until > service.today() + timedelta(days=longest):
        return Refusal("Needs you", f"An exception lasts {longest} days at most.")
    library = await _library(look.case)
    file_id = await _file(look, library)
    if file_id is None:
        return Refusal("Needs you", "File: there is no such file in the restricted library.")
    if (refusal := _answer(look, person)) is not None:
        return refusal
    over = datetime.combine(until + timedelta(days=1), time(), SITE_TIME)
    return AccessException(
        list_id=row.list_id,
        item_id=look.row.id,
        library_id=library,
        file_id=file_id,
        person=person,
        until=over.astimezone(service.now().tzinfo),
        asked_by=look.caller(PERSON).oid,
        agreed_by=look.caller(ANSWER).oid,
        at=service.now(),
    )


def _lacking(look: Look, person: str, until: date | None) -> list[str]:
    words = []
    if "@" not in person:
        words.append("the mail address of the person")
    if not look.text(REASON):
        words.append("the reason")
    if until is None:
        words.append("the last day")
    return words


def _answer(look: Look, person: str) -> Refusal | None:
    """Say why the answer does not count, None when it does: a second, entitled person agreed."""
    answer = look.text(ANSWER)
    if answer != AGREED:
        waiting = Refusal("Waiting", "An IG officer or the Network Director has to agree.")
        return Refusal("Declined", "") if answer else waiting
    who, version = look.caller(ANSWER), setter(look.versions, ANSWER)
    if not who.roles.intersection(MAY) or not who.person:
        says = "Only an IG officer or the Network Director can agree to it, in person."
        return Refusal("Needs you", says)
    if who.oid in {look.caller(name).oid for name in TERMS}:
        return Refusal("Needs you", "Who asks can't agree: a second person has to.")
    if version.last_modified_by.person.mail.lower() == person:
        return Refusal("Needs you", "Whom it is for can't agree: a second person has to.")
    changed = max(setter(look.versions, name).last_modified_date_time for name in TERMS)
    if changed > version.last_modified_date_time:
        return Refusal(
            "Waiting", "It was changed after it was agreed to; it has to be agreed anew."
        )
    return None


async def _library(case: Case) -> str:
    async with case.service.state.read() as tx:
        found = await lists.find_area(tx, case.place.row.site_id, case.place.area.restricted)
    return found.id if found else ""


async def _file(look: Look, library: str) -> str | None:
    """Return the item that is meant by a number, an ID or an address; "" for every file."""
    text = look.text(FILE)
    if not text:
        return ""
    async with look.case.service.state.read() as tx:
        here = [one for one in await items.items_of(tx, library) if one.deleted_at is None]
    number = str(parse_number(text) or "")
    name = unquote(urlsplit(text).path).rpartition("/")[2].casefold()
    for one in here:
        if text == one.item_id or number == one.number or one.name.casefold() == name:
            return one.item_id
    return None


async def _write(case: Case, found: AccessException, tx: AsyncConnection) -> None:
    await exceptions.put_exception(tx, found)
    await checks.ask(tx, found.library_id, case.service.now())


async def _withdrawn(case: Case, known: AccessException | None) -> Kept:
    if known is None or known.ended_at is not None:
        return Kept()
    return Kept("", (ended(case.service, known),), partial(_end, case, known))


async def _end(case: Case, known: AccessException, tx: AsyncConnection) -> None:
    now = case.service.now()
    await exceptions.end(tx, known, now)
    await checks.ask(tx, known.library_id, now)


async def _refused(look: Look, known: AccessException | None, refusal: Refusal) -> Kept:
    """Say what is missing; an exception that counted before counts no more."""
    etag = await show(look.case, look.row, {STATUS: refusal.status, NOTE: refusal.says})
    return replace(await _withdrawn(look.case, known), etag=etag)


def _entry(case: Case, row: ChangedItem, found: AccessException) -> journal.Entry:
    """Return the entry of an agreement; whom it is for stands beside it, erasable."""
    return journal.Entry(
        at=case.service.now(),
        kind="access exception agreed",
        actor=found.agreed_by,
        correlation_id=f"{case.row.list_id}/{row.id}",
        list_id=case.row.list_id,
        item_id=row.id,
        after={
            "library": found.library_id,
            "file": found.file_id,
            "until": found.until.isoformat(),
            "asked_by": found.asked_by,
        },
        idempotency_key=f"exception:{case.row.list_id}:{row.id}:{row.etag}",
        personal={"person": found.person},
    )


def _terms(one: AccessException) -> tuple[object, ...]:
    return one.library_id, one.file_id, one.person, one.until


def _what(found: AccessException) -> str:
    return f"item {found.file_id} of the restricted library" if found.file_id else "all files there"


def _day(found: AccessException) -> str:
    return show_date((found.until - timedelta(hours=12)).astimezone(SITE_TIME).date())


def _last_day(value: Any) -> date | None:
    """Read a date column: SharePoint stores the site's midnight, in UTC."""
    return datetime.fromisoformat(str(value)).astimezone(SITE_TIME).date() if value else None
