"""What the bodies decided about documents, and what was published on the strength of it.

A decision is written once and never changed; it names the content it is about, so that it counts
for nothing else (decision 2). A publication is one label of one document, published once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, Column, Date, Index, Integer, String, Table, delete, select, update

from sync.model import Decision, Publication
from sync.model.identifiers import all_masked
from sync.state.sql import Json, UtcTime, insert_into, load, load_all, metadata, values_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

WAITING, MADE, IMPOSSIBLE, WITHDRAWN = "waiting", "made", "impossible", "withdrawn"
"""What became of a publication's PDF; one withdrawn is drawn anew when its document is back."""

decisions = Table(
    "decisions",
    metadata,
    Column("id", String, primary_key=True),
    Column("document_id", String, nullable=False, index=True),
    Column("number", String, nullable=False),
    Column("label", String, nullable=False),
    Column("content_id", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("body", String, nullable=False),
    Column("on", Date, nullable=False),
    Column("reference", String, nullable=False),
    Column("quorate", Boolean, nullable=False),
    Column("present", Integer),
    Column("people", Json, nullable=False),
    Column("decided_by", String, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("source", String, nullable=False),
    Column("list_id", String),
    Column("item_id", String),
    Index(None, "list_id", "item_id"),
)
publications = Table(
    "publications",
    metadata,
    Column("document_id", String, primary_key=True),
    Column("label", String, primary_key=True),
    Column("number", String, nullable=False),
    Column("content_id", String, nullable=False),
    Column("adopted", Date, nullable=False),
    Column("review", Date),
    Column("approved_by", String, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("superseded_at", UtcTime),
    Column("pdf", String, nullable=False),
    Column("pdf_tries", Integer, nullable=False),
    Column("pdf_not_before", UtcTime),
    Column("pdf_says", String),
    Index(None, "pdf", "pdf_not_before"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRow:
    """One decision: `kind` of `sync.ratification.Kind`, `body` its code, `on` the meeting's day.

    `quorate` with `present` people counted; `people` holds the names told (movers, conflicts of
    interest and who withdrew), by what they are. `list_id` and `item_id` name the row it came from.
    """

    id: str
    document_id: str
    number: str
    label: str
    content_id: str
    kind: str
    body: str
    on: date
    reference: str
    decided_by: str
    at: datetime
    source: str
    quorate: bool = True
    present: int | None = None
    people: Mapping[str, str] = field(default_factory=dict)
    list_id: str | None = None
    item_id: str | None = None

    @property
    def decision(self) -> Decision:
        """The decision as policies judge by it: without people."""
        what = (self.kind, self.body, self.on, self.label, self.content_id, self.reference)
        return Decision(*what, self.quorate)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationRow:
    """One published version; `superseded_at` is None while it is the one in force.

    `pdf` is waiting, made, impossible or withdrawn; `pdf_says` what last stood in its way, and
    `pdf_tries` how often it was begun: at 0 no PDF of it can lie anywhere.
    """

    document_id: str
    label: str
    number: str
    content_id: str
    adopted: date
    review: date | None
    approved_by: str
    at: datetime
    superseded_at: datetime | None = None
    pdf: str = WAITING
    pdf_tries: int = 0
    pdf_not_before: datetime | None = None
    pdf_says: str | None = None

    @property
    def publication(self) -> Publication:
        what = (self.label, self.content_id, self.adopted, self.approved_by)
        return Publication(*what, self.review)


async def put_decision(tx: AsyncConnection, row: DecisionRow) -> bool:
    """Write a decision down once; False when one with its id is there already."""
    insert = insert_into(tx, decisions).values(all_masked(values_of(row)))
    fresh = insert.on_conflict_do_nothing(index_elements=[decisions.c.id])
    return await tx.scalar(fresh.returning(decisions.c.id)) is not None


async def get_decision(tx: AsyncConnection, decision_id: str) -> DecisionRow | None:
    query = select(decisions).where(decisions.c.id == decision_id)
    return load(DecisionRow, (await tx.execute(query)).first())


async def decision_of_row(tx: AsyncConnection, list_id: str, item_id: str) -> DecisionRow | None:
    """Find the decision that a row of the Decisions list recorded."""
    here = (decisions.c.list_id == list_id) & (decisions.c.item_id == item_id)
    return load(DecisionRow, (await tx.execute(select(decisions).where(here))).first())


async def decisions_of(tx: AsyncConnection, document_id: str) -> list[DecisionRow]:
    """Give every decision about a document, in the order they were recorded."""
    query = select(decisions).where(decisions.c.document_id == document_id)
    rows = await tx.execute(query.order_by(decisions.c.at, decisions.c.id))
    return load_all(DecisionRow, rows)


async def all_decisions(tx: AsyncConnection) -> list[DecisionRow]:
    """Give every decision about any document, in the order they were recorded."""
    query = select(decisions).order_by(decisions.c.at, decisions.c.id)
    return load_all(DecisionRow, await tx.execute(query))


async def put_publication(tx: AsyncConnection, row: PublicationRow) -> bool:
    """Record a publication and supersede the document's earlier ones; False when it is known."""
    insert = insert_into(tx, publications).values(values_of(row))
    fresh = insert.on_conflict_do_nothing(index_elements=list(publications.primary_key))
    if await tx.scalar(fresh.returning(publications.c.label)) is None:
        return False
    older = (publications.c.document_id == row.document_id) & (publications.c.label != row.label)
    older &= publications.c.superseded_at.is_(None)
    await tx.execute(update(publications).where(older).values(superseded_at=row.at))
    return True


async def withdraw_publication(tx: AsyncConnection, document_id: str, label: str) -> bool:
    """Forget a publication that was undone; the one before it is in force again.

    The journal keeps both. False when there is no such publication.
    """
    here = publications.c.document_id == document_id
    gone = await tx.execute(delete(publications).where(here, publications.c.label == label))
    left = await publications_of(tx, document_id)
    if left:
        last = here & (publications.c.label == left[-1].label)
        await tx.execute(update(publications).where(last).values(superseded_at=None))
    return gone.rowcount == 1


async def publications_of(tx: AsyncConnection, document_id: str) -> list[PublicationRow]:
    """Give what was published of a document, oldest first."""
    query = select(publications).where(publications.c.document_id == document_id)
    return load_all(PublicationRow, await tx.execute(query.order_by(publications.c.at)))


async def all_publications(tx: AsyncConnection) -> list[PublicationRow]:
    """Give everything that was ever published, oldest first."""
    query = select(publications).order_by(publications.c.at, publications.c.document_id)
    return load_all(PublicationRow, await tx.execute(query))


async def renditions_in_trouble(tx: AsyncConnection) -> list[PublicationRow]:
    """Give what is in force and has no PDF because something stood in its way, oldest first."""
    stuck = publications.c.pdf_says.is_not(None) & (publications.c.pdf != MADE)
    query = select(publications).where(stuck, publications.c.superseded_at.is_(None))
    return load_all(PublicationRow, await tx.execute(query.order_by(publications.c.at)))


async def renditions_due(
    tx: AsyncConnection, now: datetime, limit: int = 20
) -> list[PublicationRow]:
    """Give publications whose PDF is still to be made or taken away, the longest waiting first."""
    free = publications.c.pdf_not_before.is_(None) | (publications.c.pdf_not_before <= now)
    waits = (publications.c.pdf == WAITING) & publications.c.superseded_at.is_(None) & free
    goes = (publications.c.pdf == WITHDRAWN) & (publications.c.pdf_tries > 0)
    query = select(publications).where(waits | goes).order_by(publications.c.at).limit(limit)
    return load_all(PublicationRow, await tx.execute(query))


async def begin_rendition(tx: AsyncConnection, row: PublicationRow) -> bool:
    """Count one more try, before anything is put; False when it is not to be made any more."""
    return await note_rendition(tx, row, pdf_tries=row.pdf_tries + 1)


async def note_rendition(tx: AsyncConnection, row: PublicationRow, **changes: Any) -> bool:
    """Write what became of a waiting PDF: `pdf`, `pdf_says`, `pdf_not_before`.

    One made stands in the place of the document's earlier ones. False when it was withdrawn, or
    its publication undone, meanwhile.
    """
    mine = publications.c.document_id == row.document_id
    here = mine & (publications.c.label == row.label) & (publications.c.pdf == WAITING)
    noted = await tx.execute(update(publications).where(here).values(**changes))
    if noted.rowcount == 1 and changes.get("pdf") == MADE:
        earlier = mine & (publications.c.label != row.label)
        await tx.execute(update(publications).where(earlier).values(pdf=WITHDRAWN, pdf_tries=0))
    return noted.rowcount == 1


async def withhold_renditions(tx: AsyncConnection, document_id: str) -> list[PublicationRow]:
    """Have no PDF of a document drawn or noted from now on; give those that may lie there."""
    rows = await publications_of(tx, document_id)
    here = publications.c.document_id == document_id
    if any(row.pdf != WITHDRAWN for row in rows):
        none = {"pdf": WITHDRAWN, "pdf_not_before": None, "pdf_says": None}
        await tx.execute(update(publications).where(here).values(none))
    return [row for row in rows if row.pdf_tries]


async def note_overtaken(tx: AsyncConnection, row: PublicationRow) -> None:
    """Write down that a PDF withdrawn while it was being made may lie there after all."""
    here = (publications.c.document_id == row.document_id) & (publications.c.label == row.label)
    withdrawn = here & (publications.c.pdf == WITHDRAWN)
    await tx.execute(update(publications).where(withdrawn).values(pdf_tries=row.pdf_tries + 1))


async def note_renditions_away(tx: AsyncConnection, document_id: str) -> None:
    """Write down that what was withdrawn does not lie there any more."""
    away = (publications.c.document_id == document_id) & (publications.c.pdf == WITHDRAWN)
    await tx.execute(update(publications).where(away).values(pdf_tries=0))


async def want_rendition(tx: AsyncConnection, row: PublicationRow) -> None:
    """Have a PDF that was withdrawn drawn anew."""
    here = (publications.c.document_id == row.document_id) & (publications.c.label == row.label)
    away = here & (publications.c.pdf == WITHDRAWN)
    await tx.execute(update(publications).where(away).values(pdf=WAITING, pdf_tries=0))
