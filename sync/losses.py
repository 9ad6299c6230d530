"""A published document that goes before its retention has ended: told to the quality manager.

Nothing is brought back by itself: a person restores it from the recycle bin, or has its disposal
decided (decision 25). A file that was only moved inside its site is no loss.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync import letters as mail
from sync.errors import Missing
from sync.model import as_date, parse_label
from sync.policies.retention import Term, term_of
from sync.state import facts, items, notices
from sync.tenant.moves import locate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sync.cases import Case
    from sync.state.facts import Facts
    from sync.state.items import ItemRow

POLICY = "retention"
QUALITY_MANAGERS = "registrars"
"""The group of the site that keeps the registry; without it the site's owner is told."""


@dataclass(frozen=True, slots=True)
class Loss:
    """A document gone before its time: `term` says how long it is to be kept."""

    item: ItemRow
    term: Term

    @property
    def says(self) -> str:
        """Say what happened, for the journal and the mail; without a title."""
        return f"{self.item.number} was deleted; it is kept {self.term}."


async def weigh(case: Case) -> Loss | None:
    """Return what was lost with the row's item; None for a draft, a moved file, a term over.

    4 resource units for a published document, else none. Raises what looking for the file raises.
    """
    if case.place.modes.get(POLICY, "observe") == "observe":
        return None
    async with case.service.state.read() as tx:
        item = await items.get_item(tx, case.row.list_id, case.row.item_id)
        rows = await facts.history(tx, item.document_id) if item else []
    if item is None or item.deleted_at or not (item.number and _was_published(rows)):
        return None
    term = _term(case, rows[-1])
    if term.over(case.service.today()) or await _still_there(case, item):
        return None
    return Loss(item, term)


def letters(case: Case, loss: Loss) -> Iterator[notices.NewNotice]:
    """Yield the mails a loss asks for, one for each quality manager."""
    told = {"number": loss.item.number or "", "term": str(loss.term)}
    letter = mail.write(case.service.standard.letters, "lost", told)
    document = loss.item.document_id
    for address in _managers(case):
        key = f"{document}:lost:{loss.item.etag}:{address}"
        yield mail.notice(case.service, letter, key, address, document)


def _managers(case: Case) -> tuple[str, ...]:
    groups = {group.key: group for group in case.place.spec.groups}
    found = groups[QUALITY_MANAGERS].members if QUALITY_MANAGERS in groups else ()
    return found or (case.place.spec.owner,)


def _was_published(rows: list[Facts]) -> bool:
    labels = (parse_label(row.facts["columns"].get("VersionLabel", "")) for row in rows)
    return any(label is not None and label.published for label in labels)


def _term(case: Case, last: Facts) -> Term:
    columns, standard = last.facts["columns"], case.service.standard
    chosen = columns.get("DocumentType", "")
    kind = next((one.code for one in standard.types if one.name == chosen), "")
    return term_of(standard, kind, as_date(columns.get("DateAdopted")))


async def _still_there(case: Case, item: ItemRow) -> bool:
    """Whether the file lies elsewhere on its site; a recycled one does not."""
    if not item.unique_id:
        return False
    try:
        await locate(case.service.tenant, case.place.row.site_url, item.unique_id)
    except Missing:
        return False
    return True
