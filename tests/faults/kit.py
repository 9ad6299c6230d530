"""What the fault matrix shares: files to lose, a day that goes on regardless, and how it ends.

A cell of the matrix uploads a file of its own, lets one call of the way it takes go wrong, and then
does what host, queue and timers do until there is nothing left to do. How it ends is compared with
a file of the same kind to which nothing happened.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from sqlalchemy import select

from local.demo.writing import Control, to_docx
from sync import enforcement, sweep
from sync.errors import NotReady, VergerError
from sync.state import backlog, leases, lists, notices, remembered
from sync.state.journal_reading import Query, entries, verify
from sync.state.sent import handle_of
from sync.tenant import rows
from sync.tenant.pace import Gate
from sync.tenant.retry import Retry
from tests import tenant_kit as kit

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from tests.flow_kit import Desk

TURNS = 40
A_TURN = 300.0
"""Seconds of the tenant's clock between two looks at what is left: longer than any lease."""
UNITS = 6_000
_numbers = [21]
"""What the next file is told apart by; also its number."""
COLUMNS = ("ControlStatus", "VersionLabel", "DocumentType", "TargetAudience", "Sensitivity")


def begin_anew() -> None:
    """Count from the start, in a tenant that knows no number yet: far ones wait for a registrar."""
    _numbers[:] = [21]


def _next() -> int:
    _numbers.append(_numbers[-1] + 1)
    return _numbers[-1]


class Trouble(NamedTuple):
    """One way in which a call goes wrong: the tenant's effect, and how often it strikes."""

    effect: dict[str, Any]
    count: int = 1


class File(NamedTuple):
    """A file that staff upload: what its name and text say, where it lies, its number if any."""

    name: str
    data: bytes
    area: str
    number: str = ""


def draft() -> File:
    """Make a wrongly named draft: it is renamed, tagged, listed in the registry and told of."""
    tag = _next()
    title = f"Reading Room Rota {_word(tag)}"
    control = Control(title, "V0.1", f"Op-{tag}", "", "all staff of the network")
    text = (f"Who reads in which room in week {tag}.", f"Asked for by {_word(tag * 7)}.")
    name = f"op-{tag} rota (final) v0.1.docx"
    return File(name, to_docx(title, text, control), "controlled", f"Op-{tag}")


def tender() -> File:
    """Make a marked file in the open: it is contained, tagged, moved, and its uploader told."""
    tag = _next()
    text = (
        "OFFICIAL-SENSITIVE: COMMERCIAL",
        f"Tender evaluation of {tag} bids for {_word(tag)}.",
        f"The preferred bidder, {_word(tag * 7)}, has the lowest price.",
    )
    return File(f"Bids {tag}.docx", to_docx(f"Bids {tag}", text), "working")


def plain() -> File:
    """Make a working paper with nothing to find in it."""
    tag = _next()
    text = f"Notes of week {tag}, taken by {_word(tag * 7)}.\n"
    return File(f"notes {tag}.txt", text.encode(), "working")


def _word(number: int) -> str:
    """Return a word of its own for a number, so that no two files resemble one another."""
    letters = "bcdfghklmnprstvz"
    return "".join(letters[int(one, 16)] + "ao"[int(one, 16) % 2] for one in f"{number:x}").title()


def paced(desk: Desk) -> Desk:
    """Let the service wait by the tenant's clock, before it makes its first call: a wait is over
    when the clock has been moved by so much, and costs no time of ours.
    """

    async def sleep(seconds: float) -> None:
        desk.tenant.advance(seconds)

    service = desk.service
    gate = Gate(UNITS, clock=lambda: service.now().timestamp(), sleep=sleep)
    service.tenant.retry = Retry(gate)
    return desk


async def go_on(desk: Desk, *areas: str) -> None:
    """Do what hints, queue and timers do until nothing of these areas is left to do."""
    ids = [await desk.list_id(area) for area in areas]
    for _ in range(TURNS):
        quiet = True
        for area in areas:
            quiet &= await _drained(desk, area)
            await desk.work_off(area)
        await _swept(desk)
        if quiet and not await _open(desk, ids):
            return
        desk.tenant.advance(A_TURN)
    raise NotReady(f"{areas} do not come to rest: {await _open(desk, ids)}")


async def _drained(desk: Desk, area: str) -> bool:
    """Drain once, as for a hint; whether there was nothing. One that fails is left in the queue."""
    with suppress(VergerError):
        return await desk.drain(area) == 0
    return False


async def _swept(desk: Desk) -> None:
    with suppress(VergerError):  # the timer comes again
        await sweep.sweep(desk.service)


async def _open(desk: Desk, ids: list[str]) -> list[str]:
    async with desk.service.state.read() as tx:
        waiting = [one for one in await notices.all_notices(tx) if one.state == "queued"]
        late = set(await lists.undrained(tx)) & set(ids)
        work = [row for one in ids for row in await backlog.open_rows(tx, one)]
    told = [f"{row.item_id} {row.state}: {row.reason}" for row in work if row.state != "parked"]
    return [*told, *(f"mail {one.state} {one.reason}" for one in waiting), *late]


@dataclass(frozen=True)
class End:
    """How a file ended, without what is its own: two files of one kind compare."""

    status: str | None
    policies: tuple[str, ...]
    put_right: tuple[str, ...]
    """What stands beside it as corrected until its content changes, by policy."""
    area: str
    columns: dict[str, Any]
    versions: tuple[str, ...]
    journal: Counter[str]
    done: frozenset[str]
    mails: Counter[str]
    """How often each mail about it lies in the mailbox, by recipient and subject."""
    rows: int
    """Rows of the registry with its number."""


async def end_of(desk: Desk, file: File, item: dict[str, Any]) -> End:
    """Look at a file whose way is over, and at all that it left behind."""
    row = await desk.shadow(item)
    place = await desk.service.place(row.list_id)
    client, at = desk.person(kit.DIRECTOR), f"/v1.0/sites/{place.row.site_id}/lists/{row.list_id}"
    told = client.get(f"{at}/items/{row.item_id}?$expand=fields").json()
    versions = client.get(f"{at}/items/{row.item_id}/versions").json()["value"]
    async with desk.service.state.read() as tx:
        journal = await entries(tx, Query(document_id=row.document_id))
        sent = await notices.all_notices(tx, document_id=row.document_id)
    assert told["fields"]["FileLeafRef"] == row.name
    return End(
        status=row.control_status,
        policies=tuple(desk.policies(row)),
        put_right=tuple(sorted(one["policy"] for one in row.verdict.get("put_right", ()))),
        area=place.area.key,
        columns={name: told["fields"].get(name) for name in COLUMNS},
        versions=tuple(one["id"] for one in versions),
        journal=Counter(one.kind for one in journal),
        done=frozenset(do for one in journal for do in (one.after or {}).get("done", ())),
        mails=mails(desk, {one.idempotency_key for one in sent}),
        rows=await _listed(desk, file.number),
    )


def mails(desk: Desk, keys: set[str]) -> Counter[str]:
    """Return how often the mails of these keys lie in the mailbox, by recipient and subject."""
    handles = {handle_of(key) for key in keys}
    every = [(key, told) for key, told in _mailbox(desk) if key in handles]
    return Counter(told for _, told in every)


def mails_by_key(desk: Desk) -> Counter[str]:
    """Return how often each mail lies in the mailbox."""
    return Counter(key for key, _ in _mailbox(desk))


def _mailbox(desk: Desk) -> Iterator[tuple[str, str]]:
    for mail in desk.tenant.local("GET", "/mailbox")["value"]:
        headers = {one["name"]: one["value"] for one in mail["message"]["internetMessageHeaders"]}
        yield headers["x-verger-key"], f"{mail['to'][0]}: {mail['message']['subject']}"


async def _listed(desk: Desk, number: str) -> int:
    if not number:
        return 0
    async with desk.service.state.read() as tx:
        home = next(row for row in await lists.all_lists(tx) if row.area == "registry")
    found = [row async for row in rows.every(desk.service.tenant, home)]
    return sum(row.fields.get("DocumentNumber") == number for row in found)


async def left_over(desk: Desk) -> list[str]:
    """Return what an undisturbed end does not leave behind: rows, leases, notes, broken chains."""
    now = desk.service.now()
    async with desk.service.state.read() as tx:
        held = [row.name for row in await tx.execute(select(leases.leases)) if row.until > now]
        notes = [row.key for row in await tx.execute(select(remembered.remembered))]
        work = [f"{row.item_id} {row.state}: {row.reason}" for row in await backlog.open_rows(tx)]
        broken = {row.site_id: await verify(tx, row.site_id) for row in await lists.all_lists(tx)}
    return [
        *(f"row {one}" for one in work),
        *(f"lease {one}" for one in held),
        *(f"note {one}" for one in notes if one.startswith("intent:")),
        *(f"chain {site} breaks at {at}" for site, at in broken.items() if at is not None),
    ]


async def judged(desk: Desk, item: dict[str, Any], data: bytes) -> bool:
    """Whether a plain file was last judged with this content, and is there."""
    row = await desk.shadow(item)
    return row.deleted_at is None and row.content_id == hashlib.sha256(data).hexdigest()


class PowerCut(BaseException):
    """The process is gone: nothing after this line ran."""


def dies_after(
    monkeypatch: pytest.MonkeyPatch, module: Any, name: str
) -> Callable[[Desk, str], Awaitable[None]]:
    """Let the next call of `module.name` happen, and its worker die before it hears of it.

    Returns a way to have the rows of an area worked on by that worker; its leases then lapse.
    """
    whole = getattr(module, name)

    async def dying(*given: Any, **named: Any) -> None:
        monkeypatch.setattr(module, name, whole)
        await whole(*given, **named)
        raise PowerCut

    async def die(desk: Desk, area: str) -> None:
        nudge = enforcement.Nudge(await desk.list_id(area), desk.service.now().isoformat())
        with pytest.raises(BaseExceptionGroup) as died:
            await enforcement.work_off(desk.service, nudge)
        assert died.value.subgroup(PowerCut)
        desk.tenant.advance(A_TURN)

    monkeypatch.setattr(module, name, dying)
    return die
