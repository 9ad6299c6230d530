"""What a document says of itself, and which of its sources is believed (decision 4).

| fact | highest first |
|---|---|
| number | allocation, control block, column, name |
| label | published state, block, column, name |
| title | block, column, name |
| approved by, adopted | recorded decisions, block, column |
| review date | column, then block |

A column that the present content came without still counts with its last value (`column_of`).

A policy asks here, so that two policies never believe two different things.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from sharepoint_schema.labels import Label
from sharepoint_schema.naming import guess_name, parse_name, tidy_title
from sync.model import as_date, parse_label, parse_number

if TYPE_CHECKING:
    from datetime import date

    from sharepoint_schema.numbers import Number
    from sharepoint_schema.standard import DocumentType
    from sync.model import Context, Document, Holder


class Identity(Enum):
    """Whose number a file carries (decision 3)."""

    OWN = "own"
    COPY = "copy"  # same content as a registered document
    CLAIM = "claim"  # another document's number with other content
    OTHER = "other"  # a new version that is another document by its block, content or text


@dataclass(frozen=True, slots=True)
class Published:
    """SharePoint's own version of a file, "1.0" or "0.3"."""

    major: int
    minor: int

    @property
    def label(self) -> Label | None:
        """The label that follows from it alone: only a published version has one."""
        return Label(self.major) if self.major and not self.minor else None

    def allows(self, label: Label) -> bool:
        """Whether a draft may carry a label: V*n*.*m*, or V*n+1* while it awaits publication."""
        return label.major == self.major + 1 if label.published else label.major == self.major


def published(document: Document) -> Published | None:
    """Read SharePoint's version of a document; None when it is not known."""
    return published_as(document.sharepoint_version)


def published_as(version: str) -> Published | None:
    """Read a version as SharePoint writes it ("1.0"); None when it is not one."""
    major, dot, minor = version.partition(".")
    if not (dot and major.isdecimal() and minor.isdecimal()):
        return None
    return Published(int(major), int(minor))


def column_of(document: Document, context: Context, name: str) -> str:
    """Return a column, or what it said before the present content came without it."""
    return document.column(name) or context.past.emptied.get(name, "")


def number_of(document: Document, context: Context) -> Number | None:
    """Return the document's number by the highest source that has one in a known series."""
    series = context.standard.series_codes

    def known(number: Number | None) -> Number | None:
        return number if number and number.series in series else None

    return (
        known(parse_number(context.number))
        or known(document.block.number if document.block else None)
        or known(parse_number(document.column("DocumentNumber")))
        or _named_number(document, context)
    )


def has_odd_number(document: Document) -> bool:
    """Whether the block has what was meant as a number, even one we cannot read: "Gov 4"."""
    said = document.block.document_number if document.block else ""
    return any(letter.isdigit() for letter in said)


def _named_number(document: Document, context: Context) -> Number | None:
    """Read a number from the name; outside controlled areas only from a name in the agreed format.

    "Comments on Gov-04.docx" among the working papers is not Gov-04.
    """
    standard = context.standard
    if context.area.controlled:
        return guess_name(document.name, standard.series_codes).number
    exact = parse_name(document.name, standard.series_codes, standard.name_format)
    return exact.number if exact else None


def claimed_label(document: Document, context: Context) -> Label | None:
    """Return the label the authors claim: block, column, name."""
    return (
        (document.block.label if document.block else None)
        or parse_label(document.column("VersionLabel"))
        or guess_name(document.name, context.standard.series_codes).label
    )


def label_of(document: Document, context: Context) -> Label | None:
    """Return the label in force; None when unknown, or when the state contradicts the claim."""
    state = published(document)
    claimed = claimed_label(document, context)
    if state is None:
        return claimed
    if state.label:
        return state.label
    if claimed and (state.allows(claimed) or _is_still(document, context, claimed)):
        return claimed
    return None


def _is_still(document: Document, context: Context, claimed: Label) -> bool:
    """Whether a draft holds the very content of the published version: a column was edited.

    A draft after V2 that holds the text of V1 is no V1: somebody put an old text back.
    """
    state = published(document)
    if not (claimed.published and state and state.major == claimed.major):
        return False
    return context.past.published.get(str(claimed)) == document.content_id


def title_of(document: Document, context: Context) -> str:
    """Return the title, fit for a file name: block, column, name; "" when there is none."""
    return (
        tidy_title(document.block.name if document.block else "")
        or tidy_title(document.column("Title"))
        or _named_title(document, context)
    )


def _named_title(document: Document, context: Context) -> str:
    standard = context.standard
    exact = parse_name(document.name, standard.series_codes, standard.name_format)
    named = exact.title if exact else guess_name(document.name, standard.series_codes).title
    return tidy_title(named or "")


def type_of(document: Document, context: Context) -> DocumentType | None:
    """Return the document type: the column as staff chose it, else what title and series show."""
    return chosen_type(document, context) or shown_type(document, context)


def chosen_type(document: Document, context: Context) -> DocumentType | None:
    """Return the document type that the column names; None when it names none."""
    chosen = column_of(document, context, "DocumentType").casefold()
    for kind in context.standard.types:
        if chosen in {kind.name.casefold(), kind.code.casefold()}:
            return kind
    return None


def shown_type(document: Document, context: Context) -> DocumentType | None:
    """Return the document type that title and series show; None when they show none."""
    number = number_of(document, context)
    return context.standard.type_of(title_of(document, context), number.series if number else None)


def review_of(document: Document, context: Context) -> date | None:
    """Return the review date: the column, else the control block."""
    return _date_of(document, context, "ReviewDate") or (
        document.block.review_on if document.block else None
    )


def adopted_of(document: Document, context: Context) -> date | None:
    """Return the date of adoption: the control block, else the column."""
    own = document.block.adopted_on if document.block else None
    return own or _date_of(document, context, "DateAdopted")


def _date_of(document: Document, context: Context, name: str) -> date | None:
    return document.date_column(name) or as_date(context.past.emptied.get(name))


def names_another(document: Document, context: Context) -> bool:
    """Whether the control block of a numbered document carries another number (decision 3)."""
    theirs = document.block.number if document.block else None
    known = theirs is not None and theirs.series in context.standard.series_codes
    return bool(context.number) and known and str(theirs) != context.number


def is_another_text(document: Document, context: Context) -> bool:
    """Whether a new version has neither the control block nor most of the text of the one before.

    Nothing but its place then says that it is the document its number stands for. A text that was
    rewritten under the document's own block is its next version.
    """
    past, reading = context.past, document.reading
    new = document.content_id and document.content_id not in past.contents
    bare = reading is not None and reading.readable and reading.block is None
    return bool(context.number and new and bare and past.had_block and context.strays)


def identity_of(document: Document, context: Context) -> tuple[Identity, Holder | None]:
    """Tell whose number or content a file carries, and the registered document if not its own."""
    if names_another(document, context) or is_another_text(document, context):
        return Identity.OTHER, None
    if context.number and (other := _overwritten_with(document, context)):
        return Identity.OTHER, other
    number = number_of(document, context)
    holder = context.holders.get(str(number)) if number else None
    if context.number or (holder and holder.document_id == document.document_id):
        return Identity.OWN, None
    for other in context.copies:
        if other.document_id != document.document_id:
            return Identity.COPY, other
    if holder is None:
        return Identity.OWN, None
    same = bool(document.content_id) and holder.content_id == document.content_id
    return (Identity.COPY if same else Identity.CLAIM), holder


def _overwritten_with(document: Document, context: Context) -> Holder | None:
    """Return the other document whose content a new version brought, the very same or nearly.

    Its own lineage is no other's, and a text that carries on its own may take over another's words.

    A document that is seen for the first time has no lineage that could be broken.
    """
    past = context.past.contents
    if not past or document.content_id in past:
        return None
    others = [*context.copies]
    if context.alike and context.alike.instead:
        others.append(context.alike.holder)
    return next((one for one in others if one.number != context.number), None)


def is_own(document: Document, context: Context) -> bool:
    """Whether the file is the document its number stands for, or has no number of another's."""
    return identity_of(document, context)[0] is Identity.OWN


def in_force_until(document: Document, context: Context) -> date | None:
    """Return the review date of a document that was published; None for a first draft.

    A revision on its way, or a column changed beside it, leaves the published version in force.
    """
    state, label = published(document), label_of(document, context)
    in_force = bool(state and state.major) or bool(label and label.published)
    return review_of(document, context) if in_force and is_own(document, context) else None
