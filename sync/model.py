"""What the network's documents, and Verger's judgement of them, look like as plain values.

Pure data: nothing here reads a clock, a file or the network, and nothing can be changed in place.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sharepoint_schema.dates import read_date
from sharepoint_schema.labels import Label
from sharepoint_schema.numbers import Number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sharepoint_schema.standard import Standard

Value = str | date | None
"""A column's value: a date for date columns, text for all others, None or "" for an empty one."""

SITE_TIME = ZoneInfo("Europe/London")
"""SharePoint keeps a date-only column as midnight in the site's own time zone, told in UTC."""


class Severity(StrEnum):
    """How much a finding weighs (decision 5)."""

    NOTE = "note"  # shown, never counted against the file
    FIX = "fix"  # corrected, or asked for
    STOP = "stop"  # also blocks publication


class Status(StrEnum):
    """*Control status* as staff read it beside the file; `rank` says which of two is told."""

    IN_ORDER = "In order"
    CORRECTED = "Corrected"
    NEEDS_YOU = "Needs you"
    NOT_CHECKED = "Not checked"
    HELD = "Held"

    @property
    def rank(self) -> int:
        """0 for *In order* upwards; the higher one is shown."""
        return tuple(Status).index(self)


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
class Audience:
    """Who can open an item: `unique` when it no longer inherits from its library."""

    unique: bool = False
    principals: tuple[str, ...] = ()
    links: int = 0


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
    `properties` holds the document's own properties (title, subject, keywords …) as text.
    """

    state: ReadState
    why: str = ""
    kind: str = ""
    text: str = ""
    properties: str = ""
    block: ControlBlock | None = None
    content_id: str = ""
    raw_hash: str = ""

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


class Keep(StrEnum):
    """Who keeps access to a contained file (decision 8)."""

    CIRCLE = "circle"  # uploader, site owners, the restricted area's readers
    IG_OFFICERS = "ig_officers"  # quarantine


class Recipient(StrEnum):
    """Whom a notice is for; a recipient without a mailbox means the library's owner."""

    AUTHOR = "author"  # who last changed the file
    UPLOADER = "uploader"
    OWNER = "owner"
    IG_OFFICERS = "ig_officers"


@dataclass(frozen=True, slots=True)
class Contain:
    """Take the file's open audience away, before anything else happens to it."""

    keep: Keep = Keep.CIRCLE


@dataclass(frozen=True, slots=True)
class Rename:
    """Give the file the one free name that follows from what it says of itself."""

    name: str


@dataclass(frozen=True, slots=True)
class SetColumns:
    """Write these columns beside the file, in one write and without a new version."""

    values: Mapping[str, Value] = field(hash=False)

    def __post_init__(self) -> None:
        """Keep a copy of our own, so that nobody changes the value from outside."""
        object.__setattr__(self, "values", dict(self.values))


@dataclass(frozen=True, slots=True)
class Move:
    """Move the file to another area of its own site; `stub` leaves a link where it stood."""

    area: str
    stub: bool = True


@dataclass(frozen=True, slots=True)
class Tell:
    """Mail someone, once per change of verdict."""

    to: Recipient = Recipient.AUTHOR


Remedy = Contain | Rename | SetColumns | Move | Tell
ORDER: tuple[type[Remedy], ...] = (Contain, Rename, SetColumns, Move, Tell)
"""The order in which remedies run (decision 17); quarantine is Contain, then Move."""


def in_order(remedies: Iterable[Remedy]) -> tuple[Remedy, ...]:
    """Return the same remedies as they shall run, each once; equal ranks keep their order."""
    once: list[Remedy] = []
    for remedy in remedies:
        if remedy not in once:
            once.append(remedy)
    return tuple(sorted(once, key=lambda remedy: ORDER.index(type(remedy))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is not as the network's rules ask, told to staff.

    `says` is what was found, `expected` what the rule asks, `how` the way to put it right.
    `status` is the Control status once its remedies have run. `policy` and `version` are filled in
    by `sync.policies.judge`. Never quotes an identifier of a person.
    """

    says: str
    expected: str = ""
    how: str = ""
    severity: Severity = Severity.FIX
    status: Status = Status.NEEDS_YOU
    remedies: tuple[Remedy, ...] = ()
    policy: str = ""
    version: str = ""

    @property
    def counts(self) -> bool:
        """False for a mere note (such as empty columns filled in from the control block)."""
        return self.severity is not Severity.NOTE

    @property
    def held(self) -> bool:
        return self.status is Status.HELD


def standing(findings: Iterable[Finding]) -> Status:
    """Return the Control status of a file with these findings: the heaviest that counts."""
    told = (finding.status for finding in findings if finding.counts)
    return max(told, key=lambda status: status.rank, default=Status.IN_ORDER)


@dataclass(frozen=True, slots=True)
class Area:
    """A place of a site: `kind` is controlled, working, restricted or quarantine.

    `policies` names the rules that apply here; `path_length` counts the characters of the
    library's decoded address, for SharePoint's limit of 400 on a whole path.
    """

    key: str
    kind: str
    title: str = ""
    policies: frozenset[str] = frozenset()
    path_length: int = 0
    restricted: str = "restricted"
    quarantine: str = "quarantine"

    @property
    def controlled(self) -> bool:
        return self.kind == "controlled"

    @property
    def is_open(self) -> bool:
        """True where more people read than a sensitive file allows."""
        return self.kind not in {"restricted", "quarantine"}


@dataclass(frozen=True, slots=True)
class Holder:
    """The registered document behind a number: its identity, content and whereabouts."""

    document_id: str
    number: str
    content_id: str = ""
    name: str = ""
    site: str = ""
    area: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """A body's recorded decision: `kind` is recommended, endorsed or approved; `body` its code."""

    kind: str
    body: str
    on: date
    label: str = ""
    content_id: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """All a policy may know besides the document itself.

    `today` is the date in the network's time zone. `number` is the one allocated to this document
    ("" if none). `taken` holds the lower-case names of the *other* files of its folder. `holders`
    maps a number ("Gov-04") to its registered document; `copies` are registered documents with the
    same content_id. `modes` and waivers are not a policy's business.
    """

    today: date
    standard: Standard
    area: Area
    number: str = ""
    taken: frozenset[str] = frozenset()
    holders: Mapping[str, Holder] = field(default_factory=dict, hash=False)
    copies: tuple[Holder, ...] = ()
    decisions: tuple[Decision, ...] = ()


def parse_label(text: str) -> Label | None:
    """Read a label as people type it ("V0.3", "v1.0", "1"), else None."""
    return Label.read(text)


def parse_number(text: str) -> Number | None:
    """Read the document number in a text such as "Gov-04", else None."""
    try:
        return Number.parse(text.strip())
    except ValueError:
        return None


def as_date(value: Value) -> date | None:
    """Read a column or a row of the block: a date, ISO (with or without time), a date as typed."""
    if isinstance(value, datetime):
        return value.astimezone(SITE_TIME).date()
    if value is None or isinstance(value, date):
        return value
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:  # not ISO: then as people type it
        return read_date(value)
    return moment.date() if moment.tzinfo is None else moment.astimezone(SITE_TIME).date()
