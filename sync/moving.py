"""What follows a move: the uploader can still open the file, and a link stays where it lay.

Decision 8. A move keeps no permissions of the file's own (gk), so the uploader is let in anew where
the file now lies; of a quarantined one only IG officers learn more. The link is left unless a rule
forbids it, under the name staff knew and that the rules judged, and it says no other name. It goes
when its file goes from where it leads, and comes back with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sharepoint_schema.naming import fits
from sync.accounts import has_left
from sync.model import Keep, Move, in_order
from sync.state import items, journal, lists, remembered
from sync.tenant import grant_writes, publishing, stubs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sync.cases import Case
    from sync.intents import Step
    from sync.model import Document, Remedy
    from sync.places import Place
    from sync.service import Service
    from sync.state.items import ItemRow

SUFFIX = ".url"
WHY = "A link to a file that was moved"


def move_of(remedies: Iterable[Remedy]) -> Move | None:
    """Return the one move that remedies come to, by all that ask for one; None without it."""
    return next((one for one in in_order(remedies) if isinstance(one, Move)), None)


async def admit(service: Service, place: Place, document: Document, move: Move) -> Step | None:
    """Let the uploader in to a file at its new `place` (5 units); returns the way back.

    None where that is not for the uploader, where a group of the place lets them in, and for an
    account that is disabled or gone. May be repeated.
    """
    address = document.created_by.mail
    if move.keep is not Keep.CIRCLE or not address or address.casefold() in _admitted(place):
        return None
    if await has_left(service, address):
        return None
    permission = await grant_writes.admit(service.tenant, place.row, document, address)
    step = {"do": "admit", "list_id": place.row.id, "wrote": permission}
    return step if permission else None


def _admitted(place: Place) -> frozenset[str]:
    """Return the mailboxes that the schema has in the groups to which a library is open."""
    groups = (place.spec.group(one.group) for one in place.list.access or ())
    return frozenset(one.casefold() for group in groups for one in group.members)


async def leave_link(
    service: Service, home: Place, before: Mapping[str, Any], document: Document, link: str
) -> Step | None:
    """Leave a link to a moved file in its old folder (2 units, 6 under approval); the way back.

    `home` is its old library, `before` the name and folder it had there, `link` the address of its
    entry, which says no name. None where the name is taken or too long. May be repeated.
    """
    folder, name = before["folder"], before["name"]
    where = "x" * home.area.path_length + f"/{folder}"
    if not fits(where, name + SUFFIX):
        return None
    address = document.web_url if document.name == name else link
    path = f"{folder}/{name}{SUFFIX}" if folder else f"{name}{SUFFIX}"
    made = await _leave(service, home, path, address)
    if made is None:
        return None
    step = {"do": "stub", "list_id": home.row.id, "wrote": made}
    leads = {"path": path, "address": address, "to": document.list_id}
    async with service.state.begin() as tx:
        await remembered.remember(tx, _key(document.document_id), {**step, **leads})
    return step


async def _leave(service: Service, home: Place, path: str, address: str) -> str | None:
    """Put a link where everybody sees it; returns its id, None where another file has its name."""
    made = await stubs.leave(service.tenant, home.row, path, address)
    if made is None:
        return None
    if home.list.approval:  # else nobody but the approvers would see it
        await publishing.approve(
            service.tenant,
            home.row,
            stubs.unique_id(made),
            WHY,
            draft=home.list.versions.minor,
        )
    return made.id


async def left(case: Case) -> None:
    """Take the link away whose file is gone from where it leads (2 units); journalled.

    It comes back with the file (`lead_again`). May be repeated.
    """
    service = case.service
    async with service.state.read() as tx:
        known = await items.get_item(tx, case.row.list_id, case.row.item_id)
        step = await remembered.recall(tx, _key(known.document_id)) if known else None
        home = await lists.get_list(tx, step["list_id"]) if step else None
    if known is None or step is None or home is None:
        return
    if step.get("to") != known.list_id or step.get("away"):
        return
    await stubs.remove(service.tenant, home, step["wrote"])
    entry = _entry(service, known, step, "link withdrawn", undo=[{"do": "lead_again"}])
    async with service.state.begin() as tx:
        await journal.append(tx, home.site_id, entry)
        await remembered.remember(tx, _key(known.document_id), {**step, "away": True})


async def lead_again(service: Service, document: Document) -> None:
    """Put the link back to a file that is back where it led (2 units, 6 under approval).

    Not where its name is taken meanwhile. Costs a lookup in our own records where nothing is due.
    """
    async with service.state.read() as tx:
        step = await remembered.recall(tx, _key(document.document_id))
        known = await items.item_of(tx, document.document_id)
    if step is None or known is None or not step.get("away") or step["to"] != document.list_id:
        return
    home = await service.place(step["list_id"])
    made = await _leave(service, home, step["path"], step["address"])
    now = {name: value for name, value in step.items() if name != "away"} | {"wrote": made}
    async with service.state.begin() as tx:
        if made is None:
            await remembered.forget(tx, _key(document.document_id))
            return
        undo = [{name: now[name] for name in ("do", "list_id", "wrote")}]
        entry = _entry(service, known, now, "link put back", undo=undo)
        await journal.append(tx, home.row.site_id, entry)
        await remembered.remember(tx, _key(document.document_id), now)


def _entry(
    service: Service, known: ItemRow, step: Step, kind: str, *, undo: Sequence[Step]
) -> journal.Entry:
    """Return the entry of what became of a link, which names no file."""
    return journal.Entry(
        at=service.now(),
        kind=kind,
        actor=service.settings.client_id,
        correlation_id=_key(known.document_id),
        document_id=known.document_id,
        list_id=known.list_id,
        item_id=known.item_id,
        after={"link": step["wrote"], "library": step["list_id"]},
        undo=undo,
        idempotency_key=f"{kind}:{known.document_id}:{step['wrote']}",
    )


async def tidy(service: Service, document: Document, but: str = "") -> None:
    """Take the link away that stood for a file which is back in the open, whoever brought it.

    `but` is the library whose link stays: the one that this file's last move left.
    """
    async with service.state.read() as tx:
        step = await remembered.recall(tx, _key(document.document_id))
    if step is not None and step["list_id"] != but:
        await take_away(service, document, step)


async def take_away(service: Service, document: Document, step: Step) -> None:
    """Remove the link that a move left; one that is gone, or whose library is, needs nothing."""
    async with service.state.read() as tx:
        home = await lists.get_list(tx, step["list_id"])
    if home is not None:
        await stubs.remove(service.tenant, home, step["wrote"])
    async with service.state.begin() as tx:
        await remembered.forget(tx, _key(document.document_id))


def _key(document_id: str) -> str:
    return f"stub:{document_id}"
