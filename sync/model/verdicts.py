"""Findings and their weight, and all that a policy may know besides the document itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from sharepoint_schema.labels import Label
    from sharepoint_schema.standard import Standard
    from sync.model.remedies import Remedy


class Severity(StrEnum):
    """How much a finding weighs (decision 5)."""

    NOTE = "note"  # shown, never counted against the file
    FIX = "fix"  # corrected, or asked for
    STOP = "stop"  # also blocks publication


class Status(StrEnum):
    """*Control status* as staff read it beside the file; `rank` says which of two is told."""

    IN_ORDER = "In order"
    CORRECTED = "Corrected"
    WAIVED = "Waived"  # the column says until when
    NEEDS_YOU = "Needs you"
    NOT_CHECKED = "Not checked"
    HELD = "Held"

    @property
    def rank(self) -> int:
        """0 for *In order* upwards; the higher one is shown."""
        return tuple(Status).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is not as the network's rules ask, told to staff.

    `says` is what was found, `expected` what the rule asks, `how` the way to put it right, and
    `waits` the same while Verger's own remedies still wait ("" where `how` fits both).
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
    waits: str = ""

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
    """The registered document behind a number: its identity, content and whereabouts.

    `fate` is "" while it is in force or coming to be, else a word for staff such as "superseded".
    """

    document_id: str
    number: str
    content_id: str = ""
    name: str = ""
    site: str = ""
    area: str = ""
    label: Label | None = None
    fate: str = ""


@dataclass(frozen=True, slots=True)
class Alike:
    """The registered document that a text is most like; `share` of what they say, 1 for all.

    `instead`: the document said something else before, and the text does not carry that on.
    """

    holder: Holder
    share: float
    instead: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """A body's recorded decision: `kind` as in `sync.ratification.Kind`; `body` its code.

    `on` is the day of the meeting, `reference` its minute; `content_id` is what the body saw.
    """

    kind: str
    body: str
    on: date
    label: str = ""
    content_id: str = ""
    reference: str = ""
    quorate: bool = True


@dataclass(frozen=True, slots=True)
class Publication:
    """A version that Verger published: its label, its content, the day it was adopted.

    `review` is the review date it was published with.
    """

    label: str
    content_id: str
    adopted: date
    approved_by: str = ""
    review: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What earlier looks saw of a document (decision 15); empty for one never seen.

    `published` maps each label once published under its number to the content that bore it;
    `highest` is the highest label a look with other content found in force; `contents` is its
    lineage, the content_ids it had; `emptied` holds the last values, dates in ISO form, of columns
    that the present content came without; `unpublished` are the content_ids that were published
    past the boards and made drafts again; `had_block` says whether the last look with other content
    found a control block.
    """

    published: Mapping[str, str] = field(default_factory=dict, hash=False)
    highest: Label | None = None
    contents: frozenset[str] = frozenset()
    emptied: Mapping[str, str] = field(default_factory=dict, hash=False)
    unpublished: frozenset[str] = frozenset()
    had_block: bool = False


@dataclass(frozen=True, slots=True)
class Unclaimed:
    """A number that a document names and that the registry does not let it have.

    `why` is "far" (far above the highest one given out), "lapsed" or "void"; `highest` is the
    highest of its series ("Gov-12"), "" while there is none.
    """

    number: str
    why: Literal["far", "lapsed", "void"]
    highest: str = ""


@dataclass(frozen=True, slots=True)
class Impact:
    """The last equality impact assessment of a document: its day, and what it leaves open."""

    on: date | None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """All a policy may know besides the document itself.

    `today` is the date in the network's time zone. `number` is the one allocated to this document
    ("" if none), `unclaimed` one it names and may not have. `taken` holds the lower-case names of
    the *other* files of its folder. `holders`
    maps a number ("Gov-04") to its registered document; `copies` are registered documents with the
    same content_id. `past` is what earlier looks saw, `impact` the last equality impact assessment.
    `agreed_reviews` are review dates that a recorded review gave it.
    `alike` is the registered document with the most similar text, if any has one. `strays` says
    that the text is mostly another one than the document's before.
    `checked_out_since` is the day a file was first seen checked out, while it is.
    `cited` maps each number the text cites to what became of it, "" when it is in force. `modes`
    and waivers are not a policy's business.
    """

    today: date
    standard: Standard
    area: Area
    number: str = ""
    unclaimed: Unclaimed | None = None
    taken: frozenset[str] = frozenset()
    holders: Mapping[str, Holder] = field(default_factory=dict, hash=False)
    copies: tuple[Holder, ...] = ()
    decisions: tuple[Decision, ...] = ()
    publications: tuple[Publication, ...] = ()
    past: Past = Past()
    impact: Impact | None = None
    cited: Mapping[str, str] = field(default_factory=dict, hash=False)
    checked_out_since: date | None = None
    alike: Alike | None = None
    agreed_reviews: frozenset[date] = frozenset()
    strays: bool = False
