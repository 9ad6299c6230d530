"""`verger status`: what is followed, what waits, what is stuck or stopped."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Table

from cli.common import Json, SettingsFile, console, with_service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sync.service import Service
    from sync.state.decisions import PublicationRow
    from sync.state.lists import ListRow
    from sync.state.notices import Notice


def command(settings: SettingsFile = None, *, as_json: Json = False) -> None:
    """Show the lists Verger follows, their subscriptions, the work that waits and what is stuck.

    Of registers it shows how many entries need somebody, and how much whole registers lack.
    Stuck is what a person may have to see to: parked files, mail not sent, PDFs not drawn.

    Example: verger status --settings enforcer.env
    """
    told = with_service(settings, look)
    if as_json:
        console.print_json(json.dumps(told, default=str))
        return
    table = Table(title="Followed lists", title_justify="left")
    for heading in (
        "Site",
        "List",
        "Area",
        "Subscribed until",
        "Drained",
        "Judged after",
        "Waiting",
        "Parked",
        "Access checked",
    ):
        table.add_column(heading)
    for row in told["lists"]:
        table.add_row(*(escape(str(value)) for value in row.values()))
    console.print(table)
    for row in told["parked"]:
        console.print(f"parked: {escape(row['list'])} item {row['item']}: {escape(row['reason'])}")
    for line in (
        *trouble(told),
        *map(_gone, told["gone"]),
        *map(_breaker, told["breakers"]),
        *map(_rules, told["rules"]),
        *map(_register, told["registers"]),
        *_mail(told["mail"]),
    ):
        console.print(escape(line), soft_wrap=True)
    for row in told["pdf"]:
        console.print(f"no PDF of {row['number']} {row['label']}: {escape(row['reason'])}")


def trouble(told: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    """Yield the lines on the app's pace, and on subscriptions that fail or are never heard of."""
    yield from _pace(told["pace"])
    yield from map(_subscription, told["subscriptions"])


def _pace(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Yield what of the day's resource units is used, and what waits until when."""
    for row in rows:
        yield f"resource units today: {row['spent']:,} of {row['budget']:,}"
        if row["waits"]:
            yield f"waiting until {row['until']}: {row['waits']}"


def _subscription(row: dict[str, Any]) -> str:
    """Return one line about a list whose changes may not be told of."""
    return f"subscription of {row['list']}: {row['says']}"


def _gone(row: dict[str, Any]) -> str:
    """Return one line about a list that was deleted."""
    return f"gone: {row['list']}, since {row['since']}; restore it from the site's recycle bin"


def _register(row: dict[str, Any]) -> str:
    """Return one line about a register: its entries, those that need somebody, what it lacks."""
    line = f"register: {row['list']} on {row['site']}: {row['open']} open"
    return f"{line}, {row['needs']} to be seen to, {row['lacks']} lacking as a whole"


def _mail(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Yield how much mail did not leave, since when, and why; then each with what comes of it."""
    if not rows:
        return
    yield f"mail not sent: {len(rows)}, the oldest of {rows[0]['since']}: {rows[0]['reason']}"
    for row in rows:
        again = f"tried again {row['again']}" if row["again"] else "not tried again by itself"
        yield f"not sent to {row['to']} after {row['tries']} tries ({again}): {row['reason']}"
    if not all(row["again"] for row in rows):
        yield "to send again what failed: verger parked replay --mail"


def _breaker(row: dict[str, Any]) -> str:
    """Return one line about a rule that stopped by itself, or was let go on."""
    says = "only watches" if row["stops"] else "goes on"
    line = f"breaker: {row['policy']} {says} in {row['list']}, {row['files']} files corrected"
    return f"{line}; opened {row['opened']}"


def _rules(row: dict[str, Any]) -> str:
    """Return one line about a change of rules and what it waits for."""
    policies = ", ".join(row["policies"])
    found = f"{row['would_change']} of {row['files']} files would get another verdict"
    waits = f"; to go on: verger simulate {row['policies'][0]} --go"
    says = {"looking": " so far", "waiting": waits, "acting": f"; {row['put']} are put up for it"}
    return f"rules changed: {policies} in {row['site']} {row['list']}: {found}{says[row['state']]}"


async def look(service: Service) -> dict[str, list[dict[str, Any]]]:
    """Return all that is shown, by heading."""
    from sync import absent  # noqa: PLC0415 - as above
    from sync.rejudging import report  # noqa: PLC0415 - as above
    from sync.restricted.circles import checked_here  # noqa: PLC0415 - as above
    from sync.state import backlog, breakers, decisions, lists, notices  # noqa: PLC0415 - as above

    registers = await _registers(service)
    pace = await _standing(service)
    subscriptions = await _unheard(service)

    async with service.state.read() as tx:
        rows = await lists.all_lists(tx)
    checked = {row.id: checked_here(await service.place(row.id)) for row in rows}
    rules = [asdict(one) for one in await report(service)]
    async with service.state.read() as tx:
        titles = {row.id: f"{row.site_url} {row.title}" for row in rows}
        return {
            "lists": [await _told(tx, row, checked=checked[row.id]) for row in rows],
            "gone": [
                {"list": titles[key], "since": _moment(since)}
                for key, since in (await absent.gone(tx)).items()
                if key in titles
            ],
            "parked": [
                {"list": titles[one.list_id], "item": one.item_id, "reason": one.reason or ""}
                for one in await backlog.parked(tx)
            ],
            "breakers": [
                {
                    "list": titles[one.list_id],
                    "policy": one.policy,
                    "files": one.acted,
                    "stops": one.stops,
                    "opened": _moment(one.tripped_at),
                }
                for one in await breakers.open_breakers(tx)
            ],
            "rules": rules,
            "pace": pace,
            "subscriptions": subscriptions,
            "registers": registers,
            "mail": [_letter(one) for one in await notices.unsent(tx)],
            "pdf": [_pdf(one) for one in await decisions.renditions_in_trouble(tx)],
        }


def _letter(row: Notice) -> dict[str, Any]:
    """Say of a mail that did not leave since when, how often it was tried, and if it is again."""
    again = row.not_before if row.state == "queued" else None
    return {
        "to": row.recipient,
        "reason": row.reason or "",
        "since": _moment(row.queued_at),
        "tries": row.attempts,
        "again": _moment(again) if again else "",
    }


async def _standing(service: Service) -> list[dict[str, Any]]:
    """Return how the app stands against its budget, as a list of one."""
    from sync.pacing import standing  # noqa: PLC0415 - after --help

    told = await standing(service.state, service.settings)
    until = _moment(told.until) if told.until else ""
    return [{"spent": told.spent, "budget": told.budget, "waits": told.waits, "until": until}]


async def _unheard(service: Service) -> list[dict[str, Any]]:
    """Return the lists whose subscription keeps failing, or brings no notifications."""
    from sync.state import lists  # noqa: PLC0415 - after --help
    from sync.subscriptions import failing  # noqa: PLC0415 - as above

    async with service.state.read() as tx:
        rows = {row.id: row for row in await lists.all_lists(tx, policed=True)}
    titles = {key: f"{row.site_url} {row.title}" for key, row in rows.items()}
    told = [
        (one.list_id, f"failed {one.times} times in a row: {one.says}")
        for one in await failing(service)
    ]
    for key, row in rows.items():
        if row.unheard:
            told.append((key, f"{row.unheard} silent looks found changes nobody had told of"))
    return [{"list": titles[key], "says": says} for key, says in told]


async def _registers(service: Service) -> list[dict[str, Any]]:
    """Return each register with how many of its entries are open and how many need somebody."""
    from sync import standing  # noqa: PLC0415 - after --help
    from sync.state import items, lists, register_rows  # noqa: PLC0415 - as above

    async with service.state.read() as tx:
        followed = await lists.all_lists(tx, policed=True)
    told = []
    for row in followed:
        if (await service.place(row.id)).list.entries is None:
            continue
        async with service.state.read() as tx:
            entries = await register_rows.rows_of(tx, {row.area}, {row.site_id})
            shadows = await items.items_of(tx, row.id)
        needs = sum(one.control_status in {"Needs you", "Held"} for one in shadows)
        told.append(
            {
                "site": row.site_url,
                "list": row.title,
                "open": sum(one.open for one in entries),
                "needs": needs,
                "lacks": len(await standing.lacking(service, row)),
            }
        )
    return told


def _pdf(row: PublicationRow) -> dict[str, Any]:
    """Say why a version in force has no PDF, and whether it is tried again."""
    again = row.pdf_not_before if row.pdf == "waiting" else None
    until = f" It is tried again {_moment(again)}." if again else " It is not tried again."
    return {
        "number": row.number,
        "label": row.label,
        "reason": f"{(row.pdf_says or '').rstrip('.')}.{until}",
    }


async def _told(tx: AsyncConnection, row: ListRow, *, checked: bool) -> dict[str, Any]:
    from sync.state import backlog, subscriptions  # noqa: PLC0415 - after --help

    counts = await backlog.counts(tx, row.id)
    kept = await subscriptions.all_subscriptions(tx, list_id=row.id)
    until = max((one.expires_at for one in kept), default=None)
    return {
        "site": row.site_url,
        "list": row.title,
        "area": row.area,
        "subscribed_until": _moment(until) if row.policed else "not policed",
        "drained": _moment(row.last_drained_at),
        "judged_after": _latency(row),
        "waiting": counts.open,
        "parked": counts.parked,
        "access_checked": await _access(tx, row, checked=checked),
    }


def _latency(row: ListRow) -> str:
    """Return how long after its hint the last change was judged, and when that was."""
    if row.latency is None or row.judged_at is None:
        return ""
    return f"{row.latency:,.0f} s, {_moment(row.judged_at)}"


async def _access(tx: AsyncConnection, row: ListRow, *, checked: bool) -> str:
    """Return when who can open a library was last checked whole, and what was found then."""
    from sync.state import checks  # noqa: PLC0415 - after --help

    if not checked:
        return ""
    check = await checks.get_check(tx, row.id)
    told = _moment(check.finished_at)
    return f"{told}, {check.found} found" if check.found and check.finished_at else told


def _moment(when: Any) -> str:
    return "never" if when is None else f"{when:%d/%m/%Y %H:%M} UTC"
