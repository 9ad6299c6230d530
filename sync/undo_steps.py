"""The inverse steps of a journal entry: is it still as Verger left it, and putting it back.

Each step is repeatable: what already stands as it did before counts as put back, so an undo that
died half-way is simply asked for again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sharepoint_schema.dates import show_date
from sync import moving, sharing
from sync.errors import Missing, Rejected
from sync.model import SITE_TIME, Value, as_date
from sync.sig_records import OutOfTurn
from sync.state import lists, writes
from sync.tenant import access, documents, grant_writes, publishing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sync.intents import Step
    from sync.model import Document
    from sync.places import Place
    from sync.service import Service

CLOSING = frozenset({"restore_audience", "share_again"})
"""Steps that open a file to more people."""
BOUND = CLOSING | {"approve", "unpublish"}
"""Steps that hold for the content they were about, and for no other."""
VERDICT = frozenset({"ControlStatus", "ControlReason", "DocumentStatus"})
"""Columns that say how a file stands: the next look writes what is then true."""


class Overtaken(OutOfTurn):
    """Somebody changed the document since; the sentence says who and what. Nothing was done."""


def is_back(step: Step, document: Document) -> bool:
    """Whether a step needs nothing any more. Raises Overtaken when neither Verger's state stands.

    An audience is judged by `audience_is_back`, which asks the tenant.
    """
    match step["do"]:
        case "rename":
            return _back(document, "its name", document.name, (step["name"], step.get("wrote")))
        case "set_columns":
            wrote = step.get("wrote", {})
            return all(
                _back(document, name, _column(document, name), (old, wrote.get(name)))
                for name, old in columns_of(step).items()
            )
        case "move":
            ways = (step["list_id"], step.get("wrote"))
            return _back(document, "its library", document.list_id, ways)
        case "approve":
            return _is_major(document)
        case "unpublish":
            return not _is_major(document) or _same_version(step, document)
        case "restore_audience" | "share_again" | "stub" | "admit":  # let in where it lay only
            return step["do"] == "admit" and bool(document.list_id != step["list_id"])
    raise TypeError(f"{step['do']} is not a step that can be undone")


def columns_of(step: Step) -> dict[str, str]:
    """Return the columns a step puts back: not those that only say how the file stands."""
    return {name: old for name, old in step["values"].items() if name not in VERDICT}


async def audience_is_back(
    service: Service, place: Place, document: Document, step: Step, *, moved: bool
) -> bool:
    """Whether a file has its old audience. Raises Overtaken when somebody else opened it.

    What was `moved` inherits from where it lies: that was Verger's own doing (gk).
    """
    now = await access.audience(service.tenant, place.row, document)
    if now.unique:
        return False
    if step["audience"]["unique"] and not moved:
        raise Overtaken(_says(document, "its permissions were changed: it inherits them now"))
    return not step["audience"]["unique"]


async def put_back(service: Service, place: Place, document: Document, step: Step) -> Document:
    """Carry one inverse step out; returns the document, at its new place after a move.

    Raises what the tenant raises; Overtaken when the old name is taken by now.
    """
    where = place.row
    match step["do"]:
        case "rename":
            await _rename(service, place, document, step["name"])
        case "set_columns":
            values = _values(place, columns_of(step))
            await documents.set_columns(
                service.tenant, where, document.item_id, values, left_by=document
            )
        case "move":
            return await _move(service, place, document, step)
        case "approve":
            why = "An administrator undid that this version was taken back"
            await publishing.approve(
                service.tenant, where, document.unique_id, why, draft=not _is_major(document)
            )
        case "unpublish":
            why = "An administrator undid the publication"
            await publishing.unpublish(service.tenant, where, document.unique_id, why)
        case _:
            await _open_or_close(service, place, document, step)
    return document


async def _open_or_close(service: Service, place: Place, document: Document, step: Step) -> None:
    where = place.row
    match step["do"]:
        case "restore_audience":
            await access.restore(service.tenant, where, document.item_id, step["audience"])
        case "share_again":
            await sharing.share_again(service, place, document.item_id, step)
        case "admit":
            await grant_writes.revoke(service.tenant, where, document.item_id, [step["wrote"]])
        case "stub":
            await moving.take_away(service, document, step)


async def _rename(service: Service, place: Place, document: Document, name: str) -> None:
    try:
        await documents.rename(service.tenant, place.row, document, name)
    except Rejected as error:
        if not error.name_taken:
            raise
        raise Overtaken("another file has its old name by now; rename that one first") from error


async def _move(service: Service, place: Place, document: Document, step: Step) -> Document:
    async with service.state.read() as tx:
        target = await lists.get_list(tx, step["list_id"])
    if target is None:
        raise Missing("the library it came from is no longer followed")
    folder = step.get("folder", "")
    item_id = await documents.move(service.tenant, place.row, document, target, folder=folder)
    old, new = (document.list_id, document.item_id), (target.id, item_id)
    async with service.state.begin() as tx:
        await writes.rebind(tx, old, new)
    return replace(document, list_id=target.id, item_id=item_id, folder=folder)


def _back(document: Document, what: str, now: str, ways: tuple[str, str | None]) -> bool:
    """Compare what stands there with what stood before and what Verger wrote."""
    old, wrote = ways
    if now == old:
        return True
    if wrote is None or now == wrote:
        return False
    raise Overtaken(_says(document, f"{what} is now “{now}”"))


def _says(document: Document, what: str) -> str:
    who = document.modified_by.name or document.modified_by.mail or "somebody"
    day = document.modified_at.astimezone(SITE_TIME).date() if document.modified_at else None
    when = f" on {show_date(day)}" if day else ""
    return f"it was changed since, last by {who}{when}: {what}"


def changed_content(document: Document) -> Overtaken:
    """Return the refusal of a step that is bound to content which is no longer there."""
    return Overtaken(_says(document, "its content is another one"))


def _column(document: Document, name: str) -> str:
    return document.column(name).replace("\r\n", "\n")


def _values(place: Place, old: Mapping[str, str]) -> dict[str, Value]:
    return {name: as_date(text) if name in place.dates else text for name, text in old.items()}


def _is_major(document: Document) -> bool:
    return document.sharepoint_version.endswith(".0")


def _same_version(step: Mapping[str, Any], document: Document) -> bool:
    """Never true for the version that is to be taken back; a later one is somebody else's."""
    if document.sharepoint_version == step["version"]:
        return False
    raise Overtaken(_says(document, f"its version is now {document.sharepoint_version}"))
