"""Once a day each register as a whole: what nobody entered shows in no row.

A group that did not report, a member who declared nothing: rules with a `check_all` say so. What
they find is kept with the list, told in the digest of those concerned, and journalled when it
changes.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sync import entering, telling
from sync.errors import VergerError
from sync.model import Enter, Item, as_date
from sync.policies.rows import judge_all, policies
from sync.registers import context_of, entry_of
from sync.state import journal, lists, register_rows, remembered
from sync.state.work import Lane, NewWork, put

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sync.model import Finding
    from sync.places import Place
    from sync.service import Service
    from sync.state.lists import ListRow


async def look(service: Service) -> list[Finding]:
    """Judge every register that was not looked at today; doing it twice a day does nothing.

    Returns what was found at this look. Entries that a rule makes in another register are the only
    thing written to SharePoint. A register whose rules changed has all its rows looked at again.
    Raises, as a group, what kept registers from being looked at, after the others have been.
    """
    found: list[Finding] = []
    failed: list[VergerError] = []
    async with service.state.read() as tx:
        followed = await lists.all_lists(tx)
        keys = [key for row in followed for key in (_rules_key(row), key_of(row))]
        known = await remembered.recall_all(tx, keys)
    for row in followed:
        try:
            found += await _look_once(service, await service.place(row.id), known)
        except VergerError as error:
            error.add_note(f"register {row.title} of {row.site_url}")
            failed.append(error)
    if failed:
        raise ExceptionGroup(f"{len(failed)} registers could not be looked at", failed)
    return found


async def _look_once(service: Service, place: Place, known: Mapping[str, Any]) -> list[Finding]:
    """Look at one register unless that was done today; `known` is what was remembered, by key."""
    row = place.row
    if place.list.entries is None or row.paused:
        return []
    if known.get(_rules_key(row)) != _mark(service, place):
        await _follow_rules(service, place)
    done = (known.get(key_of(row)) or {}).get("day") == service.today().isoformat()
    return await _look(service, place) if _rules(place) and not done else []


def _rules_key(row: ListRow) -> str:
    """Return under which key the mark of a register's rules is remembered."""
    return f"rules:{row.id}"


async def _follow_rules(service: Service, place: Place) -> None:
    """Have every row judged anew, behind the day's changes, when the register's rules changed.

    What stood there before Verger followed the rules is no change.
    """
    key, mark = _rules_key(place.row), _mark(service, place)
    async with service.state.begin() as tx:
        before = await remembered.recall(tx, key)
        if before == mark:
            return
        await remembered.remember(tx, key, mark)
        known = await register_rows.rows_of(tx, {place.area.key}, {place.row.site_id})
        again = [
            NewWork(list_id=one.list_id, item_id=one.item_id, kind="audit", lane=Lane.BACKGROUND)
            for one in known
        ]
        await put(tx, again if before else (), service.now())


def _mark(service: Service, place: Place) -> str:
    """Return what tells a register's rules from others: the standard, its entries, its rules."""
    entries = place.list.entries
    versions = {name: policies()[name].version for name in sorted(place.area.policies)}
    said = [service.schema_hash, entries.model_dump_json() if entries else "", versions]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def _rules(place: Place) -> frozenset[str]:
    wanted = place.area.policies
    return frozenset(name for name in wanted if policies()[name].check_all is not None)


async def _look(service: Service, place: Place) -> list[Finding]:
    """Judge one register whole, and keep, tell and journal what is new, in one transaction."""
    today, key = service.today().isoformat(), key_of(place.row)
    async with service.state.read() as tx:
        before: dict[str, Any] = await remembered.recall(tx, key) or {}
        rows = await register_rows.rows_of(tx, {place.area.key}, {place.row.site_id})
        opened = await remembered.recall(tx, lists.opened_key(place.row.id))
    if before.get("day") == today:
        return []
    whole = _as_item(place)
    context = replace(await context_of(service, place, whole, None), opened=as_date(opened))
    found = judge_all([entry_of(one) for one in rows], context, _rules(place))
    told = [one for one in found if place.modes.get(one.policy) != "observe"]
    entries = [one for finding in told for one in finding.remedies if isinstance(one, Enter)]
    await entering.enter(service, place, entries)
    asked = telling.asked(told, before.get("asked") if before else {}, service.now())
    letters = await telling.tellings(service, place, whole, told, asked)
    findings = [{"policy": one.policy, "says": one.says} for one in found]
    async with service.state.begin() as tx:
        kept = {"day": today, "findings": findings, "asked": asked}
        await remembered.remember(tx, key, kept)
        await telling.queue(tx, service, whole.document_id, letters)
        if findings != before.get("findings", []):
            await journal.append(tx, place.row.site_id, _entry(service, place, findings, today))
    return found


def key_of(row: ListRow) -> str:
    """Return under which key what a register lacks is remembered: {"day", "findings", "asked"}."""
    return f"standing:{row.id}"


async def lacking(service: Service, row: ListRow) -> list[dict[str, str]]:
    """Return what a register was last found to lack: {"policy", "says"} each; [] for nothing."""
    async with service.state.read() as tx:
        known: dict[str, Any] = await remembered.recall(tx, key_of(row)) or {}
    return list(known.get("findings", []))


def _as_item(place: Place) -> Item:
    """Return the register itself as what its findings are about."""
    address = f"https://{place.row.site_url.split('/')[2]}{place.spec.address_of(place.list)}"
    return Item(
        site=place.row.site_url,
        list_id=place.row.id,
        item_id="",
        document_id=place.row.id,
        fields={"Title": place.list.title},
        web_url=address,
    )


def _entry(service: Service, place: Place, findings: list[dict[str, str]], today: str) -> Any:
    return journal.Entry(
        at=service.now(),
        kind="register",
        actor=service.settings.client_id,
        correlation_id=f"{place.row.id}/{today}",
        list_id=place.row.id,
        schema_hash=service.schema_hash,
        after={"findings": findings},
        idempotency_key=f"standing:{place.row.id}:{today}",
    )
