"""Findings and their weight, and all that a policy may know besides the document itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

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
