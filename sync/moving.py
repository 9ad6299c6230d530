"""What follows a move: the uploader can still open the file, and a link stays where it lay.

Decision 8. A move keeps no permissions of the file's own (gk), so the uploader is let in anew where
the file now lies; of a quarantined one only IG officers learn more. The link is left unless a rule
forbids it, under the name staff knew and that the rules judged, and it says no other name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sharepoint_schema.naming import fits
from sync.accounts import has_left
from sync.model import Keep, Move, in_order
from sync.state import lists, remembered
from sync.tenant import grant_writes, publishing, stubs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sync.intents import Step
    from sync.model import Document, Remedy
    from sync.places import Place
    from sync.service import Service

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
    step = {"do": "stub", "list_id": home.row.id, "wrote": made.id}
    async with service.state.begin() as tx:
        await remembered.remember(tx, _key(document), step)
    return step


async def tidy(service: Service, document: Document) -> None:
    """Take the link away that stood for a file which is back in the open, whoever brought it."""
    async with service.state.read() as tx:
        step = await remembered.recall(tx, _key(document))
    if step is not None:
        await take_away(service, document, step)


async def take_away(service: Service, document: Document, step: Step) -> None:
    """Remove the link that a move left; one that is gone, or whose library is, needs nothing."""
    async with service.state.read() as tx:
        home = await lists.get_list(tx, step["list_id"])
    if home is not None:
        await stubs.remove(service.tenant, home, step["wrote"])
    async with service.state.begin() as tx:
        await remembered.forget(tx, _key(document))


def _key(document: Document) -> str:
    return f"stub:{document.document_id}"
