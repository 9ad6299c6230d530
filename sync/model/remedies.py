"""Remedies: what can be done to a file, as values; their order is written once, here."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sync.model.text import Value


class Keep(StrEnum):
    """Who keeps access to a contained file (decision 8); the last one is the tightest."""

    CIRCLE = "circle"  # uploader, site owners, the restricted area's readers
    IG_OFFICERS = "ig_officers"  # quarantine


class Recipient(StrEnum):
    """Whom a notice is for; a recipient without a mailbox means the library's owner."""

    AUTHOR = "author"  # who last changed the file
    UPLOADER = "uploader"
    OWNER = "owner"
    IG_OFFICERS = "ig_officers"
    HOLDER = "holder"  # who has the file checked out


@dataclass(frozen=True, slots=True)
class Contain:
    """Take the file's open audience away, before anything else happens to it."""

    keep: Keep = Keep.CIRCLE


@dataclass(frozen=True, slots=True)
class Revoke:
    """Take single accesses away: sharing links by their ids, people and groups by their numbers."""

    links: tuple[str, ...] = ()
    people: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Take lists too, as a note of what was begun brings them back."""
        object.__setattr__(self, "links", tuple(self.links))
        object.__setattr__(self, "people", tuple(self.people))


@dataclass(frozen=True, slots=True)
class Unpublish:
    """Make the published version a draft again; readers see the one published before it."""


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
    """Move the file to another area of its own site; `stub` leaves a link where it stood.

    `keep` says who can open it there.
    """

    area: str
    stub: bool = True
    keep: Keep = Keep.CIRCLE


@dataclass(frozen=True, slots=True)
class Tell:
    """Mail someone, once per change of verdict."""

    to: Recipient = Recipient.AUTHOR


@dataclass(frozen=True, slots=True)
class Notify:
    """Tell people about an entry of a register, once for each `once`.

    `to` are person columns of the entry, parts of the roles file ("neb_secretaries"), or "owner".
    What is not `at_once` waits for the daily digest, and is withdrawn from it once the finding is
    gone; `news` of what happened stays to be told.
    """

    to: tuple[str, ...]
    once: str
    at_once: bool = False
    news: bool = False


@dataclass(frozen=True, slots=True)
class Enter:
    """Make an entry in another register of the same site (or of the core site), once.

    `area` is that list's key, `once` what tells the entry from every other one: it stands in the
    list's column EntryKey. `values` are columns by internal name. What somebody deletes stays away,
    unless it is to be there `always`.
    """

    area: str
    once: str
    values: Mapping[str, Value] = field(hash=False)
    always: bool = False


Remedy = Contain | Revoke | Unpublish | Rename | SetColumns | Move | Tell | Notify | Enter
ORDER: tuple[type[Remedy], ...] = (
    *(Contain, Revoke, Unpublish, Rename, SetColumns, Move),
    *(Tell, Notify, Enter),
)
"""The order in which remedies run (decision 17); quarantine is Contain, then Move."""


def in_order(remedies: Iterable[Remedy]) -> tuple[Remedy, ...]:
    """Return the same remedies as they shall run, each once; equal ranks keep their order.

    A file is contained once and goes to one place: what leaves the fewest people access wins (a
    tender with an NHS number goes to quarantine), and a link stays only if every rule allows it.
    """
    once = list(dict.fromkeys(remedies))
    closing = [remedy for remedy in once if isinstance(remedy, Contain | Move)]
    tightest = max((remedy.keep for remedy in closing), key=tuple(Keep).index, default=None)
    stub = all(remedy.stub for remedy in closing if isinstance(remedy, Move))
    kept = [
        replace(remedy, stub=stub) if isinstance(remedy, Move) else remedy
        for remedy in once
        if not isinstance(remedy, Contain | Move) or remedy.keep is tightest
    ]
    return tuple(sorted(dict.fromkeys(kept), key=lambda remedy: ORDER.index(type(remedy))))
