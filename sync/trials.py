"""One rule asked about one look: what it finds there, and what that leads to in a mode.

Pure; the same for a simulation of the past and for a change of the rules that is about to act.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from sync.explaining import AUTOMATIC
from sync.model import Severity, Tell
from sync.policies import judge

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sharepoint_schema.standard import Mode
    from sync.model import Context, Document, Finding


class Effect(IntEnum):
    """What a finding leads to, the weightiest last."""

    NOTED = 1  # written down; nobody is told
    ASKED = 2  # staff are asked
    DUE = 3  # staff are asked, and after the grace Verger acts
    DONE = 4  # Verger acts at once

    @property
    def says(self) -> str:
        """The effect in words, for a report."""
        return _SAYS[self]


_SAYS = {
    Effect.NOTED: "only noted",
    Effect.ASKED: "asked of staff",
    Effect.DUE: "asked, done after the grace",
    Effect.DONE: "done at once",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule says of one look: the weightiest effect, and the words of its findings."""

    effect: Effect
    says: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A finding as far as its effect goes, fresh or recorded."""

    says: str
    counts: bool
    automatic: bool

    def effect(self, mode: Mode) -> Effect:
        """Return what it leads to: a note that mends nothing at once stays a note (decision 5)."""
        if mode == "observe":
            return Effect.NOTED
        if self.automatic and mode == "enforce":
            return Effect.DONE
        if not self.counts:
            return Effect.NOTED
        return Effect.DUE if self.automatic else Effect.ASKED


def ask(policy: str, document: Document, context: Context) -> list[Found]:
    """Return what one rule finds. Raises NotKept where the facts do not hold what it asks for."""
    found = judge(document, context, [policy])
    return [_fresh(finding) for finding in found if finding.policy == policy]


def recorded(policy: str, verdict: Mapping[str, Any] | None) -> list[Found]:
    """Return what a verdict on record says of one rule; nothing where none was given."""
    told = verdict or {}
    return [
        Found(one["says"], one["severity"] != Severity.NOTE, one["status"] in AUTOMATIC)
        for one in (*told.get("findings", ()), *told.get("observed", ()))
        if one["policy"] == policy
    ]


def outcome(found: Iterable[Found], mode: Mode) -> Outcome | None:
    """Return what the findings lead to together; None where nothing was found."""
    told = list(found)
    if not told:
        return None
    return Outcome(max(one.effect(mode) for one in told), tuple(one.says for one in told))


def _fresh(finding: Finding) -> Found:
    automatic = any(not isinstance(remedy, Tell) for remedy in finding.remedies)
    return Found(finding.says, finding.counts, automatic)
