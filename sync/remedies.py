"""From findings to what shall be done now: pure, in one order, by each policy's mode.

observe: nothing is written and nobody is told. warn: the file says what is wrong and by when, and
the same remedy runs at that time if it is still so. enforce: at once (decision 6). An excused
finding (`sync.excuses`) is shown with its excuse; nothing is done and nobody is mailed about it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sharepoint_schema.dates import show_date
from sharepoint_schema.working_days import next_working_day
from sync.explaining import AUTOMATIC, WAIVABLE, paragraph, title_of
from sync.model import (
    SITE_TIME,
    Enter,
    ExcuseKind,
    Finding,
    Notify,
    Recipient,
    Remedy,
    SetColumns,
    Severity,
    Status,
    Tell,
    Value,
    in_order,
)
from sync.model.identifiers import masked

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime

    from sharepoint_schema.standard import Mode
    from sync.model import Excuse, Item

STATUS, REASON = "ControlStatus", "ControlReason"


@dataclass(frozen=True, slots=True)
class Rules:
    """How findings are treated in one place.

    `modes` by policy; `grace_days` is how long a warning stands; `promised` are the moments (aware,
    UTC) already told to staff, which later looks keep to; `closing` names the policies that take a
    file out of the open: what they find is all that is then said of it. `put_right` are the
    findings that an earlier look at this very content corrected, which the file goes on telling.
    `excused` holds, by policy, what is not acted on; `waivers` says whether the site has a list in
    which staff ask for one.
    """

    modes: Mapping[str, Mode]
    grace_days: int
    promised: Mapping[str, datetime] = field(default_factory=dict)
    closing: Collection[str] = frozenset()
    put_right: tuple[Finding, ...] = ()
    excused: Mapping[str, Excuse] = field(default_factory=dict)
    waivers: bool = False

    def excuse_of(self, finding: Finding) -> Excuse | None:
        """Return what excuses a finding; no waiver lifts a stop, containment or quarantine."""
        excuse = self.excused.get(finding.policy)
        if excuse is None or excuse.kind is not ExcuseKind.WAIVED:
            return excuse
        stops = finding.severity is Severity.STOP or finding.policy in self.closing
        return None if stops else excuse

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
    the file is taken out of the open, so that nothing may name it; `entries` are made in other
    registers. `shown` is what the Control status column says ("Waived until 01/02/2027"), "" when
    nothing is shown. `excused` are the excuses among `told` by policy, `acting` the policies whose
    remedies run, `looks` when the file is to be looked at anew because an excuse ends. `put_right`
    are the findings that this look and earlier ones at the same content correct.
    """

    status: Status | None
    reason: str
    remedies: tuple[Remedy, ...]
    tell: tuple[Recipient, ...]
    told: tuple[Finding, ...]
    observed: tuple[Finding, ...] = ()
    closed: bool = False
    entries: tuple[Enter, ...] = ()
    due: Mapping[str, datetime] = field(default_factory=dict, hash=False)
    shown: str = ""
    excused: Mapping[str, Excuse] = field(default_factory=dict, hash=False)
    acting: frozenset[str] = frozenset()
    looks: Mapping[str, datetime] = field(default_factory=dict, hash=False)
    put_right: tuple[Finding, ...] = ()

    @property
    def standing(self) -> tuple[Finding, ...]:
        """What was told and nobody excused: what mail is about."""
        return tuple(one for one in self.told if one.policy not in self.excused)

    def also(self, values: Mapping[str, Value]) -> Settlement:
        """Return the same with more columns in its one write; these win."""
        others = [one for one in self.remedies if not isinstance(one, SetColumns)]
        written = [one.values for one in self.remedies if isinstance(one, SetColumns)]
        joined = {name: value for one in [*written, values] for name, value in one.items()}
        return replace(self, remedies=in_order([*others, SetColumns(joined)]))

    def silent(self, until: datetime) -> Settlement:
        """Return the same without a word beside the file, to be looked at again at `until`."""
        kept: list[Remedy] = []
        for one in self.remedies:
            if isinstance(one, SetColumns):
                left = {name: v for name, v in one.values.items() if name not in {STATUS, REASON}}
                kept += [SetColumns(left)] if left else []
            else:
                kept.append(one)
        looks = {**self.looks, f"{STATUS} until {until.isoformat()}": until}
        return replace(self, remedies=tuple(kept), looks=looks)


def settle(item: Item, findings: Sequence[Finding], rules: Rules, now: datetime) -> Settlement:
    """Decide what is done, shown and told about `item`. `now` is aware, in UTC."""
    told = tuple(finding for finding in findings if rules.speaks(finding.policy))
    excused = {one.policy: excuse for one in told if (excuse := rules.excuse_of(one))}
    open_ = tuple(one for one in told if one.policy not in excused)
    closing = tuple(one for one in open_ if one.counts and one.policy in rules.closing)
    due = _deadlines(open_, rules, now)
    words = Words(rules, due, excused)
    silent = all(mode == "observe" for mode in rules.modes.values())
    acting = [finding for finding in open_ if rules.acts(finding.policy, now)]
    earlier = () if closing else _put_right(open_, rules, due)
    said = [*(closing or told), *earlier]
    status = None if silent else _status(said, words)
    shown, reason = words.status(status), masked(words.reason(said))
    remedies = [remedy for finding in acting for remedy in finding.remedies]
    return Settlement(
        status=status,
        reason=reason,
        remedies=in_order([*_others(remedies), *_columns(item, remedies, shown, reason)]),
        tell=_recipients(closing or open_),
        told=told,
        observed=tuple(finding for finding in findings if not rules.speaks(finding.policy)),
        due=due,
        closed=bool(closing),
        entries=tuple(one for one in remedies if isinstance(one, Enter)),
        shown=shown,
        excused=excused,
        acting=frozenset(finding.policy for finding in acting if _automatic(finding)),
        looks=_ends(excused),
        put_right=(*(one for one in closing or acting if _corrected(one)), *earlier),
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
    return any(not isinstance(remedy, Tell | Notify) for remedy in finding.remedies)


def _ends(excused: Mapping[str, Excuse]) -> dict[str, datetime]:
    """Return when excuses end, each moment under a name of its own: a due row stands once made."""
    return {
        f"{policy} until {excuse.until.isoformat()}": excuse.until
        for policy, excuse in excused.items()
        if excuse.until is not None
    }


def _put_right(
    told: Sequence[Finding], rules: Rules, due: Mapping[str, datetime]
) -> tuple[Finding, ...]:
    """Return what earlier looks corrected and no fresh finding speaks of.

    A file put right keeps saying so until its content changes, else a second look at it would have
    something to write.
    """
    anew = {one.policy for one in told if _corrected(one)} | set(due) | set(rules.excused)
    return tuple(one for one in rules.put_right if one.policy not in anew)


def _corrected(finding: Finding) -> bool:
    return finding.counts and finding.status is Status.CORRECTED


def _status(told: Sequence[Finding], words: Words) -> Status:
    """Return the heaviest status."""
    shown = [words.weight(finding) for finding in told if finding.counts]
    return max(shown, key=lambda status: status.rank, default=Status.IN_ORDER)


@dataclass(frozen=True, slots=True)
class Words:
    """What staff read beside the file: by when Verger acts, what it leaves alone, who can waive."""

    rules: Rules
    due: Mapping[str, datetime]
    excused: Mapping[str, Excuse]

    def weight(self, finding: Finding) -> Status:
        """Return the status one finding asks for."""
        if (excuse := self.excused.get(finding.policy)) is not None:
            return excuse.status
        waits = finding.policy in self.due and finding.status in AUTOMATIC
        return Status.NEEDS_YOU if waits else finding.status

    def status(self, status: Status | None) -> str:
        """Return what the column says: a waiver with the first day on which one ends."""
        if status is not Status.WAIVED:
            return str(status) if status else ""
        waivers = (one for one in self.excused.values() if one.kind is ExcuseKind.WAIVED)
        days = [one.last_day for one in waivers if one.last_day]
        return f"{status} until {show_date(min(days))}"

    def reason(self, told: Sequence[Finding]) -> str:
        """Return one paragraph a finding, always in the same order; "" when all is well."""
        counted = sorted(
            (finding for finding in told if finding.counts), key=lambda one: (one.policy, one.says)
        )
        said = [self._paragraph(finding) for finding in counted]
        may_rest = self.rules.waivers and any(self._may_rest(finding) for finding in counted)
        return "\n".join([*said, WAIVABLE] if may_rest else said)

    def _may_rest(self, finding: Finding) -> bool:
        """Whether a waiver could be given for what waits for somebody."""
        waits = self.weight(finding) is Status.NEEDS_YOU and finding.severity is Severity.FIX
        return waits and finding.policy not in {*self.excused, *self.rules.closing}

    def _paragraph(self, finding: Finding) -> str:
        if (excuse := self.excused.get(finding.policy)) is not None:
            return f"{title_of(finding.policy)}: {finding.says} {excuse.says}"
        return paragraph(finding, by_when(finding.policy, self.due))


def _others(remedies: Sequence[Remedy]) -> list[Remedy]:
    apart = (SetColumns, Tell, Notify, Enter)
    return [remedy for remedy in remedies if not isinstance(remedy, apart)]


def _columns(item: Item, remedies: Sequence[Remedy], shown: str, reason: str) -> list[Remedy]:
    """Fold all column changes into one write, leaving out what already stands there."""
    wanted: dict[str, Value] = {}
    for remedy in remedies:
        if isinstance(remedy, SetColumns):
            wanted |= remedy.values
    if shown:
        wanted |= {STATUS: shown, REASON: reason}
    changed = {name: value for name, value in wanted.items() if not same(item, name, value)}
    return [SetColumns(changed)] if changed else []


def same(item: Item, name: str, value: Value) -> bool:
    """Whether the column already says this: dates by day, text without outer space."""
    if value is None or isinstance(value, str):
        return item.column(name).replace("\r\n", "\n") == (value or "").strip()
    return item.date_column(name) == value


def _recipients(told: Sequence[Finding]) -> tuple[Recipient, ...]:
    """Whom to tell: those the findings name, else the author of a file with a counted finding."""
    counted = [finding for finding in told if finding.counts]
    named = [
        remedy.to for finding in counted for remedy in finding.remedies if isinstance(remedy, Tell)
    ]
    return tuple(dict.fromkeys(named or ([Recipient.AUTHOR] if counted else [])))
