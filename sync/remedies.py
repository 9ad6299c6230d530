"""From findings to what shall be done now: pure, in one order, by each policy's mode.

observe: nothing is written and nobody is told. warn: the file says what is wrong and by when, and
the same remedy runs at that time if it is still so. enforce: at once (decision 6).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from sharepoint_schema.dates import show_date
from sharepoint_schema.working_days import next_working_day
from sync.model import (
    SITE_TIME,
    Finding,
    Recipient,
    Remedy,
    SetColumns,
    Status,
    Tell,
    Value,
    in_order,
    standing,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime

    from sharepoint_schema.standard import Mode
    from sync.model import Document

STATUS, REASON = "ControlStatus", "ControlReason"
AUTOMATIC = (Status.CORRECTED, Status.HELD)
"""What a finding's status says when its remedies put things right or take the file aside."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How findings are treated in one place.

    `modes` by policy; `grace_days` is how long a warning stands; `promised` are the moments (aware,
    UTC) already told to staff, which later looks keep to; `closing` names the policies that take a
    file out of the open: what they find is all that is then said of it. `put_right` says that this
    very content was corrected at an earlier look, which the file goes on telling.
    """

    modes: Mapping[str, Mode]
    grace_days: int
    promised: Mapping[str, datetime] = field(default_factory=dict)
    closing: Collection[str] = frozenset()
    put_right: bool = False

    def acts(self, policy: str, now: datetime) -> bool:
        mode = self.modes.get(policy, "warn")
        return mode == "enforce" or (mode == "warn" and self.deadline(policy, now) <= now)

    def deadline(self, policy: str, now: datetime) -> datetime:
        """Return the moment promised, or a new one: after the grace, on an English working day."""
        if (promised := self.promised.get(policy)) is not None:
            return promised
        moment = now + timedelta(days=self.grace_days)
        day = moment.astimezone(SITE_TIME).date()
        return moment + (next_working_day(day) - day)

    def speaks(self, policy: str) -> bool:
        return self.modes.get(policy, "warn") != "observe"


@dataclass(frozen=True, slots=True)
class Settlement:
    """What one judgement leads to. `status` None: nothing is shown (every policy only observes).

    `remedies` are in the order they run and hold no Tell; `due` maps a warned policy to the moment
    its remedy runs (aware, UTC); `observed` findings are journalled and nothing else; `closed` when
    the file is taken out of the open, so that nothing may name it.
    """

    status: Status | None
    reason: str
    remedies: tuple[Remedy, ...]
    tell: tuple[Recipient, ...]
    told: tuple[Finding, ...]
    observed: tuple[Finding, ...] = ()
    closed: bool = False
    due: Mapping[str, datetime] = field(default_factory=dict, hash=False)


def settle(
    document: Document, findings: Sequence[Finding], rules: Rules, now: datetime
) -> Settlement:
    """Decide what is done, shown and told about `document`. `now` is aware, in UTC."""
    told = tuple(finding for finding in findings if rules.speaks(finding.policy))
    closing = tuple(one for one in told if one.counts and one.policy in rules.closing)
    shown = closing or told
    due = _deadlines(told, rules, now)
    silent = all(mode == "observe" for mode in rules.modes.values())
    status = None if silent else _status(told, due, rules)
    reason = _reason(document, shown, due, status)
    acting = [finding for finding in told if rules.acts(finding.policy, now)]
    remedies = [remedy for finding in acting for remedy in finding.remedies]
    return Settlement(
        status=status,
        reason=reason,
        remedies=in_order([*_others(remedies), *_columns(document, remedies, status, reason)]),
        tell=_recipients(shown),
        told=told,
        observed=tuple(finding for finding in findings if not rules.speaks(finding.policy)),
        due=due,
        closed=bool(closing),
    )


def by_when(policy: str, due: Mapping[str, datetime]) -> date | None:
    """Return the day a warned policy's remedy runs, in UK eyes the date of that moment."""
    moment = due.get(policy)
    return None if moment is None else moment.astimezone(SITE_TIME).date()


def _deadlines(told: Sequence[Finding], rules: Rules, now: datetime) -> dict[str, datetime]:
    return {
        finding.policy: rules.deadline(finding.policy, now)
        for finding in told
        if finding.counts and _automatic(finding) and not rules.acts(finding.policy, now)
    }


def _automatic(finding: Finding) -> bool:
    return any(not isinstance(remedy, Tell) for remedy in finding.remedies)


def _status(told: Sequence[Finding], due: Mapping[str, datetime], rules: Rules) -> Status | None:
    """Return the heaviest status; a file put right keeps saying so until its content changes."""
    shown = [
        Status.NEEDS_YOU
        if finding.policy in due and finding.status in AUTOMATIC
        else finding.status
        for finding in told
        if finding.counts
    ]
    if shown:
        return max(shown, key=lambda status: status.rank)
    return Status.CORRECTED if rules.put_right else standing(())


def _reason(
    document: Document,
    told: Sequence[Finding],
    due: Mapping[str, datetime],
    status: Status | None,
) -> str:
    """Return what staff read beside the file: one paragraph a finding, "" when all is well."""
    counted = [finding for finding in told if finding.counts]
    if not counted and status is Status.CORRECTED:
        return document.column(REASON)
    return "\n".join(_paragraph(finding, due) for finding in counted)


def _paragraph(finding: Finding, due: Mapping[str, datetime]) -> str:
    parts = [finding.says, finding.expected, finding.how]
    if (day := by_when(finding.policy, due)) is not None:
        parts.append(f"Please put this right by {show_date(day)}; after that Verger will.")
    return " ".join(part for part in parts if part)


def _others(remedies: Sequence[Remedy]) -> list[Remedy]:
    return [remedy for remedy in remedies if not isinstance(remedy, SetColumns | Tell)]


def _columns(
    document: Document, remedies: Sequence[Remedy], status: Status | None, reason: str
) -> list[Remedy]:
    """Fold all column changes into one write, leaving out what already stands there."""
    wanted: dict[str, Value] = {}
    for remedy in remedies:
        if isinstance(remedy, SetColumns):
            wanted |= remedy.values
    if status is not None:
        wanted |= {STATUS: str(status), REASON: reason}
    changed = {name: value for name, value in wanted.items() if not same(document, name, value)}
    return [SetColumns(changed)] if changed else []


def same(document: Document, name: str, value: Value) -> bool:
    """Whether the column already says this: dates by day, text without outer space."""
    if value is None or isinstance(value, str):
        return document.column(name).replace("\r\n", "\n") == (value or "").strip()
    return document.date_column(name) == value


def _recipients(told: Sequence[Finding]) -> tuple[Recipient, ...]:
    """Whom to tell: those the findings name, else the author of a file with a counted finding."""
    counted = [finding for finding in told if finding.counts]
    named = [
        remedy.to for finding in counted for remedy in finding.remedies if isinstance(remedy, Tell)
    ]
    return tuple(dict.fromkeys(named or ([Recipient.AUTHOR] if counted else [])))
