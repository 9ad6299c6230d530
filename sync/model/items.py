"""Items, documents and what was read from them, as Verger last saw them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from sync.model.text import Value, as_date, parse_label, parse_number

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sharepoint_schema.labels import Label
    from sharepoint_schema.numbers import Number


class ReadState(StrEnum):
    """What became of the attempt to read a file's content."""

    READ = "read"
    EMPTY = "empty"  # 0 bytes: often still uploading
    UNREADABLE = "unreadable"  # damaged, or not what its name says
    ENCRYPTED = "encrypted"
    NO_TEXT = "no_text"  # a scan without a text layer
    TOO_LARGE = "too_large"  # over a limit of size, unpacking, pages or seconds
    UNSUPPORTED = "unsupported"  # a kind of file whose text is not read


@dataclass(frozen=True, slots=True)
class Person:
    """Someone of the directory: object id, display name, mail address ("" when unknown)."""

    id: str = ""
    name: str = ""
    mail: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    """One SharePoint version of an item: "1.0" is published, "1.2" a draft; size in bytes."""

    label: str
    at: datetime | None = None
    by: Person | None = None
    size: int | None = None


@dataclass(frozen=True, slots=True)
class SharingLink:
    """A link to an item: `scope` is anonymous, organization or users, `people` their addresses."""

    id: str
    scope: str
    type: str = "view"
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Admitted:
    """A person let in by name: the site's number of them, and their address (lower case)."""

    principal: int
    address: str


@dataclass(frozen=True, slots=True)
class Crowd:
    """More people let in at once than the file shows: the site's number of them, and who they are.

    `scope` is "everyone" (guests too), "organization" (everyone but guests) or "group" (one of the
    directory's, which Verger may not look into).
    """

    principal: int
    scope: str


@dataclass(frozen=True, slots=True)
class Audience:
    """Who can open an item besides its library's readers; `unique` when it no longer inherits."""

    unique: bool = False
    people: tuple[Admitted, ...] = ()
    links: tuple[SharingLink, ...] = ()
    crowds: tuple[Crowd, ...] = ()

    @property
    def principals(self) -> frozenset[int]:
        """The site's numbers of all that are let in directly."""
        people = (one.principal for one in self.people)
        return frozenset((*people, *(one.principal for one in self.crowds)))


@dataclass(frozen=True, slots=True)
class Amendment:
    """One row of the version history table, as written in the file."""

    version: str
    adopted: str = ""
    summary: str = ""
    name: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class ControlBlock:
    """The seven rows of the control block as written ("" when a row is missing or empty).

    The properties give the same rows parsed; None where the text is not a label, number or date.
    """

    name: str = ""
    version: str = ""
    date_adopted: str = ""
    review_date: str = ""
    document_number: str = ""
    approved_by: str = ""
    target_audience: str = ""
    history: tuple[Amendment, ...] = ()

    @property
    def label(self) -> Label | None:
        return parse_label(self.version)

    @property
    def number(self) -> Number | None:
        return parse_number(self.document_number)

    @property
    def adopted_on(self) -> date | None:
        return as_date(self.date_adopted)

    @property
    def review_on(self) -> date | None:
        return as_date(self.review_date)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read from a file: `why` is a sentence for staff whenever `state` is not READ.

    `kind` is the real type by content ("docx", "xlsx", "pdf", "text", …), not by extension;
    `properties` holds the document's own properties (title, subject, keywords …) as text; `holds`
    are the kinds of the files inside an archive or a mail. Of one of these, text that could be read
    is kept even when another part could not. `words` counts the text's own, `text_id` is their
    SHA-256, `likeness` the 64 numbers by which texts are compared (`sync.reading.likeness`).
    `etag` is the file's eTag as its bytes were fetched with, at `fetched_at` (POSIX seconds); ""
    when the answer bore none.
    """

    state: ReadState
    why: str = ""
    kind: str = ""
    text: str = ""
    properties: str = ""
    block: ControlBlock | None = None
    content_id: str = ""
    raw_hash: str = ""
    holds: tuple[str, ...] = ()
    words: int = 0
    text_id: str = ""
    likeness: tuple[int, ...] = ()
    etag: str = ""
    fetched_at: float = 0.0

    @property
    def readable(self) -> bool:
        return self.state is ReadState.READ


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A row of a SharePoint list or library as Verger last saw it.

    `document_id` is our own identity (UUID text, decision 3); times are aware and in UTC.
    """

    site: str
    list_id: str
    item_id: str
    document_id: str = ""
    unique_id: str = ""
    fields: Mapping[str, Value] = field(default_factory=dict, hash=False)
    etag: str = ""
    web_url: str = ""
    created_by: Person = Person()
    modified_by: Person = Person()
    modified_at: datetime | None = None
    versions: tuple[Version, ...] = ()
    audience: Audience | None = None

    def column(self, name: str) -> str:
        """Return a column as text, "" when it is empty; a date in ISO form."""
        value = self.fields.get(name)
        return "" if value is None else str(value).strip()

    def date_column(self, name: str) -> date | None:
        """Return a column's date, or None when it is empty or not a date."""
        return as_date(self.fields.get(name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Document(Item):
    """A file in a library: size in bytes, `folder` the path inside the library ("" at its root).

    `sharepoint_version` is SharePoint's own ("1.0" published, "0.3" draft).
    """

    name: str
    area: str = ""
    folder: str = ""
    size: int = 0
    ctag: str = ""
    drive_item_id: str = ""
    sharepoint_version: str = ""
    checked_out_by: Person | None = None
    reading: Reading | None = None

    @property
    def text(self) -> str:
        """The text read from the content, "" when there is none."""
        return self.reading.text if self.reading else ""

    @property
    def block(self) -> ControlBlock | None:
        return self.reading.block if self.reading else None

    @property
    def content_id(self) -> str:
        return self.reading.content_id if self.reading else ""
