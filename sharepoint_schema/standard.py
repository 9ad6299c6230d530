"""The network's own rules as data: what `data/standard.yaml` may say, and how to ask it.

The rules come from the network's governance strategy (Gov-04); what it leaves open is a choice made
in the YAML, never in code.
"""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import cache
from typing import Annotated, Literal

from pydantic import Field, field_validator

from sharepoint_schema.bounds import Access, Breakers, Limits, RulesChange, Waivers
from sharepoint_schema.letters import Letters
from sharepoint_schema.loading import DATA, read_record
from sharepoint_schema.members import Body, Domain, Organisation, Series
from sharepoint_schema.naming import NameFormat
from sharepoint_schema.personal import Staff
from sharepoint_schema.record import Code, Line, Record
from sharepoint_schema.rules import Choices, Reference, Rule, Unique
from sharepoint_schema.sig_kinds import SigKind
from sharepoint_schema.wording import last_of, says

type Mode = Literal["observe", "warn", "enforce"]
"""How a policy acts (decision 6): journal only; tell, and act after the grace; act at once."""

type Ending = Annotated[str, Field(pattern=r"^[a-z0-9]{1,10}$")]
"""The end of a file's name after its last dot, in lower case."""

type Months = Annotated[int, Field(ge=1, le=120)]


type ColumnName = Annotated[str, Field(pattern=r"^[A-Z][A-Za-z0-9]{0,31}$")]


class DocumentType(Record):
    """A kind of document and its way to being adopted (the ratification matrix).

    `approved_by` is a body's code; None together with `approved_by_parent` means the board that the
    document's own body reports to, and with `top_approves_own` the body itself where it reports to
    none. A document that shows no type goes the way of the one that is `all_else`. `words` are what
    shows the type in a title; `requires` names the columns that a document of the type has besides
    those of every document. `series` is the type's own (each ToR is one); `numbered_in` says only
    where a new one gets its number.
    """

    code: Code
    name: Line
    words: tuple[Line, ...] = ()
    series: Code | None = None
    recommended_by: Code | None = None
    endorsed_by: Code | None = None
    approved_by: Code | None = None
    approved_by_parent: bool = False
    top_approves_own: bool = False
    all_else: bool = False
    information_to: Code | None = None
    escalates_to: Code | None = None
    review_months: Months = 12
    allowed_months: tuple[Months, ...] = (12,)
    needs_eia: bool = False
    numbered_in: Code | None = None
    requires: tuple[ColumnName, ...] = ()


class Review(Record):
    """When a review is announced: days before its date, longest first.

    `opens_days` before its date a document is *Under review*. After it, reminders follow at each of
    `overdue_days`; from `escalate_days` on they go to the board that approved it as well.
    """

    ladder_days: tuple[Annotated[int, Field(ge=1)], ...]
    opens_days: Annotated[int, Field(ge=0, le=366)]
    overdue_days: tuple[Annotated[int, Field(ge=1)], ...]
    escalate_days: Annotated[int, Field(ge=1)]
    default_months: Months
    grace_days: Annotated[int, Field(ge=0)]


class Numbering(Record):
    """How numbers are given out (decision 7).

    `default_series` is for types that name no series; a reservation lapses after `reserved_days`;
    a number found on a document counts only up to `furthest` above the highest one of its series.
    """

    default_series: Code
    reserved_days: Annotated[int, Field(ge=1, le=3650)]
    furthest: Annotated[int, Field(ge=1, le=9999)]


class Marking(Record):
    """What the Sensitivity column says (`column`) for any of the `markings` in a file.

    `open_too`: a file without any marking may say so beside it.
    """

    column: Line
    markings: tuple[Line, ...]
    open_too: bool = False


class Sensitivity(Record):
    """What shows that a document is commercially sensitive.

    One of `markings` is enough; of `phrases`, `phrases_needed` different ones. A title that holds
    one of `title_words` is sensitive itself, so that no link stub may stay behind (decision 8).
    `columns` are the markings as the Sensitivity column says them, the weightiest first. Sensitive
    is also what lies below a folder of `folders` or is of a content type of `content_types`.
    """

    markings: tuple[Line, ...]
    phrases: tuple[Line, ...]
    phrases_needed: Annotated[int, Field(ge=1)]
    title_words: tuple[Line, ...]
    folders: tuple[Line, ...]
    content_types: tuple[Line, ...]
    columns: tuple[Marking, ...]


class Metadata(Record):
    """The columns that every controlled document has, and those of a published one besides."""

    always: tuple[ColumnName, ...]
    published: tuple[ColumnName, ...]


class References(Record):
    """How a document cites another one, and what of the other's life cycle makes that dead.

    Each of `patterns` holds {number} once: "[{number}]" finds [ToR-02].
    """

    patterns: tuple[Annotated[str, Field(pattern=r"\{number\}")], ...]
    dead: tuple[Line, ...]


class Period(Record):
    """How many years the documents of a type are kept."""

    type: Code
    years: Annotated[int, Field(ge=1, le=100)]


class Retention(Record):
    """Years after its adoption that a document is kept, by type; None where none is set yet.

    Until a period is set nothing is disposed of (decision 25).
    """

    default_years: Annotated[int, Field(ge=1, le=100)] | None
    periods: tuple[Period, ...]

    def years_of(self, kind: str) -> int | None:
        """Return the years for a type's code, the default for one that is not listed."""
        listed = (one.years for one in self.periods if one.type == kind)
        return next(listed, self.default_years)


class Patient(Record):
    """When a valid ten-digit number counts as a patient's (decision 9): it needs context beside it.

    `window` is in characters to either side of the number. Right after one of `other_words` ("Tel.
    no.") ten digits are another kind of number.
    """

    window: Annotated[int, Field(ge=0, le=500)]
    grouping: bool
    words: tuple[Line, ...]
    birth_words: tuple[Line, ...]
    name_words: tuple[Line, ...]
    other_words: tuple[Line, ...]


class FileTypes(Record):
    """Which files may lie where, by the end of their names.

    `allowed` by kind of place, all where a kind is not listed; `macros` may carry programs of
    Office, `never` are programs and scripts themselves.
    """

    allowed: Mapping[Literal["controlled", "open", "restricted"], tuple[Ending, ...]]
    macros: tuple[Ending, ...]
    never: tuple[Ending, ...]


class CheckedOut(Record):
    """How many days a file may stay checked out before its holder is asked."""

    days: Annotated[int, Field(ge=1, le=90)]


class Copies(Record):
    """When a file's text is derived from another's: the share of word sequences in both.

    `words` is the least that a text needs to be compared at all. A new version without a control
    block that has less than `carried` in common with the one before is taken for another document.
    """

    likeness: Annotated[float, Field(ge=0.5, le=1)]
    carried: Annotated[float, Field(gt=0, le=0.5)]
    words: Annotated[int, Field(ge=20)]


class Band(Record):
    """A band of risk scores (likelihood times impact), both ends included."""

    name: Line
    colour: Literal["green", "yellow", "amber", "red"]
    lowest: Annotated[int, Field(ge=1, le=25)]
    highest: Annotated[int, Field(ge=1, le=25)]


class Naming(Record):
    """How the current file of a controlled document is named, in the words of `NameFormat`."""

    file_name: Line

    @field_validator("file_name")
    @classmethod
    def _readable(cls, pattern: str) -> str:
        return NameFormat(pattern).pattern


class Standard(Record):
    """Everything the network has settled about documents, once."""

    name: Line
    naming: Naming
    series: tuple[Series, ...]
    bodies: tuple[Body, ...]
    sig_kinds: tuple[SigKind, ...]
    types: tuple[DocumentType, ...]
    review: Review
    numbering: Numbering
    sensitivity: Sensitivity
    metadata: Metadata
    references: References
    retention: Retention
    patient: Patient
    staff: Staff
    file_types: FileTypes
    checked_out: CheckedOut
    copies: Copies
    waivers: Waivers
    breakers: Breakers
    access: Access
    rules_change: RulesChange
    ignored: tuple[Line, ...]
    limits: Limits
    letters: Letters
    bands: tuple[Band, ...]
    modes: Mapping[Code, Mode]
    contains_first: tuple[Code, ...]
    drift: Mode = "warn"
    organisations: tuple[Organisation, ...]
    internal_domains: tuple[Domain, ...]

    def sig_kind(self, code: str) -> SigKind:
        """Return the kind of group with this code; KeyError when there is none."""
        for one in self.sig_kinds:
            if one.code == code:
                return one
        raise KeyError(code)

    @property
    def series_codes(self) -> frozenset[str]:
        """The series in use, such as "Gov", "ToR" and "Op"."""
        return frozenset(one.code for one in self.series)

    @property
    def name_format(self) -> NameFormat:
        """The agreed format of file names."""
        return NameFormat(self.naming.file_name)

    def body(self, code: str) -> Body:
        """Return the body with this code; KeyError when there is none."""
        return _by_code(self.bodies, code)

    def type(self, code: str) -> DocumentType:
        """Return the document type with this code; KeyError when there is none."""
        return _by_code(self.types, code)

    def body_in(self, text: str) -> Body | None:
        """Return the body a text names ("Core Team meeting 31/10/23"), by its longest spelling."""
        hits = [
            (len(spelling), body)
            for body in self.bodies
            for spelling in body.spellings
            if says(text, spelling)
        ]
        return max(hits, key=lambda hit: hit[0])[1] if hits else None

    def type_of(self, title: str, series: str | None = None) -> DocumentType | None:
        """Return the type a title shows, the last word winning; a series of its own decides alone.

        "Strategy procedure" is a procedure: in English the last noun says what the thing is.
        """
        for one in self.types:
            if one.series is not None and one.series == series:
                return one
        hits = [(last_of(title, word), one) for one in self.types for word in one.words]
        found = max(hits, key=lambda hit: hit[0], default=((-1, 0), None))
        return found[1] if found[0][0] >= 0 else None

    @property
    def all_else(self) -> DocumentType | None:
        """The type of what shows none; None where such a document has to be given one."""
        return next((one for one in self.types if one.all_else), None)

    def series_for(self, kind: DocumentType | None) -> str:
        """Return the series in which a new document of a type gets its number."""
        own = None if kind is None else kind.series or kind.numbered_in
        return own or self.numbering.default_series

    def approver_of(self, kind: DocumentType, title: str = "") -> Body | None:
        """Return the body that approves a type; for terms of reference the named body's parent."""
        if not kind.approved_by_parent:
            return self.body(kind.approved_by) if kind.approved_by else None
        own = self.body_in(title)
        if own is None or own.reports_to is None:
            return own if kind.top_approves_own else None
        return self.body(own.reports_to)

    def ignores(self, name: str) -> bool:
        """Whether a file of this name is no document (decision 11), such as a lock file."""
        return any(fnmatchcase(name.lower(), pattern.lower()) for pattern in self.ignored)

    def is_internal(self, address: str) -> bool:
        """Whether a mail address or user name belongs to a member organisation (decision 10)."""
        domain = address.rpartition("@")[2].lower()
        return any(domain == one or domain.endswith(f".{one}") for one in self.internal_domains)


RULES: tuple[Rule, ...] = (
    Unique("series[*].code"),
    Unique("bodies[*].code"),
    Unique("types[*].code"),
    Unique("sig_kinds[*].code"),
    Unique("staff.signs[*].code"),
    Reference("bodies[*].reports_to", "bodies[*].code"),
    Reference("types[*].series", "series[*].code"),
    Reference("types[*].numbered_in", "series[*].code"),
    Reference("numbering.default_series", "series[*].code"),
    Unique("retention.periods[*].type"),
    Reference("retention.periods[*].type", "types[*].code"),
    Reference("types[*].recommended_by", "bodies[*].code"),
    Reference("types[*].endorsed_by", "bodies[*].code"),
    Reference("types[*].approved_by", "bodies[*].code"),
    Reference("types[*].information_to", "bodies[*].code"),
    Reference("types[*].escalates_to", "bodies[*].code"),
    Choices(
        "modes.{contains_first[*]}",
        ("observe", "enforce"),
        "containment and quarantine know only observe and enforce (decision 6)",
    ),
)
"""What must hold between the entries of a standard, beyond the shape of each."""


@cache
def load_standard() -> Standard:
    """Return the standard shipped in `data/standard.yaml`; SchemaProblems lists all faults."""
    return read_record(DATA / "standard.yaml", Standard, RULES)


def _by_code[T: (Body, DocumentType)](entries: tuple[T, ...], code: str) -> T:
    for entry in entries:
        if entry.code == code:
            return entry
    raise KeyError(code)
