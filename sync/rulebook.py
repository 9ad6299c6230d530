"""The rules of a list as they are in force, and what of them has changed.

A rule is its policy's version, its mode in that list, and the parts of the standard it judges by.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync.kept import NotKept
from sync.parameters import hash_of, parameters_of, with_parts
from sync.policies import policies
from sync.state.rulesets import Rule
from sync.trials import Outcome, ask, outcome, recorded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from sharepoint_schema.standard import Standard
    from sync.model import Context, Document
    from sync.places import Place
    from sync.service import Service
    from sync.trials import Found


@dataclass(frozen=True, slots=True)
class Turn:
    """One policy before and after: None where it did not apply, or no longer does."""

    policy: str
    before: Rule | None
    after: Rule | None

    @property
    def same_code(self) -> bool:
        """Whether the policy as it is can tell what it said before."""
        if self.before is None or self.after is None:
            return False
        return self.before.version == self.after.version

    @property
    def judges_alike(self) -> bool:
        """Whether only the mode changed, so that what was found stays found."""
        if self.before is None or self.after is None:
            return False
        return self.same_code and self.before.parameters_hash == self.after.parameters_hash


def rules_now(service: Service, place: Place) -> dict[str, Rule]:
    """Return the rules of a list as this installation has them, by policy.

    A register's are none of these: its rows are few, and all looked at again (`sync.standing`).
    """
    told: dict[str, Rule] = {}
    if place.list.entries is not None:
        return told
    for name in sorted(place.area.policies):
        values = parameters_of(name, service.standard)
        told[name] = Rule(
            list_id=place.row.id,
            policy=name,
            version=policies()[name].version,
            mode=place.modes[name],
            parameters=values,
            parameters_hash=hash_of(values),
            schema_hash=service.schema_hash,
            since=service.now(),
        )
    return told


def turns(before: Mapping[str, Rule], now: Mapping[str, Rule]) -> list[Turn]:
    """Return the policies that changed, in the order of the alphabet."""
    names = sorted({*before, *now})
    pairs = [Turn(name, before.get(name), now.get(name)) for name in names]
    return [one for one in pairs if _mark(one.before) != _mark(one.after)]


def mark_of(changed: Sequence[Turn]) -> str:
    """Return what tells this change from another one."""
    return hash_of({one.policy: _mark(one.after) for one in changed})


def _mark(rule: Rule | None) -> tuple[str, str, str] | None:
    return None if rule is None else rule.mark


@dataclass(frozen=True, slots=True)
class Subject:
    """A document to be asked about: `under` gives its context by a standard.

    `verdict` is the last one recorded.
    """

    document: Document
    under: Callable[[Standard], Context]
    standard: Standard
    verdict: Mapping[str, Any] | None


def weigh(turn: Turn, subject: Subject) -> tuple[Outcome | None, Outcome | None]:
    """Return what a rule leads to for one document, before and after its change.

    Raises NotKept where the document or its context can't tell.
    """
    try:
        before, after = _found(turn, subject)
    except NotKept:
        if not turn.judges_alike:
            raise
        before = after = recorded(turn.policy, subject.verdict)
    modes = [rule.mode if rule else "observe" for rule in (turn.before, turn.after)]
    return outcome(before, modes[0]), outcome(after, modes[1])


def _found(turn: Turn, subject: Subject) -> tuple[list[Found], list[Found]]:
    """Ask the rule as it is and as it was; what its code no longer knows is told by the verdict."""
    document, standard = subject.document, subject.standard
    after = ask(turn.policy, document, subject.under(standard)) if turn.after else []
    if turn.before is None:
        return [], after
    if turn.judges_alike:
        return after, after
    old = with_parts(standard, turn.before.parameters) if turn.same_code else None
    if old is None:
        return recorded(turn.policy, subject.verdict), after
    return ask(turn.policy, document, subject.under(old)), after
