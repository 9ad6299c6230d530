"""A plan: what would be done to a site, as data a person can read, approve by its seal, and repeat.

The order of the kinds is written once, here. Nothing is written to a tenant that was not first a
step of a plan (promise 1).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from sync.errors import Terminal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

type Kind = Literal[
    "site",
    "group",
    "column",
    "content type",
    "list",
    "binding",
    "lookup",
    "list column",
    "view",
    "settings",
    "approval",
    "level",
    "access",
    "app",
    "file",
    "template",
    "hub",
    "navigation",
    "webhook",
]

ORDER: tuple[Kind, ...] = get_args(Kind.__value__)
"""Kinds of step in the order they are taken: what others refer to comes first, approval and access
are settled before any content is, and webhooks come last, when there is something to watch."""

type Change = Literal["create", "set", "remove"]
_ALL_OF = "/*"
_SIGNS: Mapping[str, str] = {"create": "+", "set": "~", "remove": "-"}


@dataclass(frozen=True, slots=True)
class Step:
    """One repeatable step.

    `id` names it for ever ("view/controlled/Needs you"); `target` is what a person calls it;
    `before` and `after` hold the properties that change (None when there was nothing); `within`
    are the ids of the steps that make what this one is a part of.
    """

    id: str
    kind: Kind
    target: str
    change: Change
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    reason: str
    within: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, ...]:
        """What the id names below its kind: ("controlled", "Needs you")."""
        return tuple(self.id.split("/", 2)[1:])

    def says(self) -> str:
        """Return in one line what changes and why."""
        return f"{_changes(self)} ({self.reason})" if self.change == "set" else self.reason

    def covered(self, coverage: Collection[str]) -> bool:
        """Whether approving a plan of this coverage approved this step too.

        It did when the plan names the step, or makes something that the step is a part of: what a
        new list or site brings by itself shows only when it is there.
        """
        return self.id in coverage or any(f"{owner}{_ALL_OF}" in coverage for owner in self.within)


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps in order, for one site; `blocked` are differences that no step can mend.

    `later` are those that wait for something outside the site: told, but no part of the seal.
    """

    site: str
    path: str
    steps: tuple[Step, ...]
    blocked: tuple[str, ...] = ()
    later: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do and nothing in the way."""
        return not self.steps and not self.blocked

    @property
    def seal(self) -> str:
        """The SHA-256 of the plan's canonical JSON: who approves the seal approves these steps."""
        text = json.dumps(self._body(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def coverage(self) -> frozenset[str]:
        """What approving this plan allows: its steps, and everything inside what they make."""
        made = {f"{step.id}{_ALL_OF}" for step in self.steps if step.change == "create"}
        return frozenset({step.id for step in self.steps} | made)

    def of(self, kind: Kind) -> tuple[Step, ...]:
        """Return the steps of one kind."""
        return tuple(step for step in self.steps if step.kind == kind)

    def as_json(self) -> Mapping[str, Any]:
        """Return the plan with its seal, in the form JSON knows."""
        return {**self._body(), "later": list(self.later), "seal": self.seal}

    def as_text(self) -> str:
        """Return the plan as lines a person reads before approving it."""
        return "\n".join(self._lines())

    def as_markdown(self) -> str:
        """Return the plan as Markdown, a table for each kind of step, to be put before a board."""
        return "\n".join(self._page()) + "\n"

    def _page(self) -> Iterator[str]:
        yield f"# {self.site} ({self.path})"
        yield ""
        yield "Nothing to do." if self.empty else f"{len(self.steps)} steps. Seal: `{self.seal}`"
        for kind in ORDER:
            steps = self.of(kind)
            if steps:
                yield from (
                    "",
                    f"## {kind} ({len(steps)})",
                    "",
                    "| | what | change |",
                    "|---|---|---|",
                )
                yield from (
                    f"| {_SIGNS[one.change]} | {one.target} | {_cell(one)} |" for one in steps
                )
        if self.blocked:
            yield from ("", "## In the way", "", *(f"- {reason}" for reason in self.blocked))
        if self.later:
            yield from ("", "## Later", "", *(f"- {reason}" for reason in self.later))

    def _body(self) -> Mapping[str, Any]:
        return {
            "site": self.site,
            "path": self.path,
            "steps": [asdict(step) for step in self.steps],
            "blocked": list(self.blocked),
        }

    def _lines(self) -> Iterator[str]:
        if self.empty:
            yield f"{self.site} ({self.path}): nothing to do"
        else:
            yield f"{self.site} ({self.path}): {len(self.steps)} steps, seal {self.seal}"
        for step in self.steps:
            yield f"  {_SIGNS[step.change]} {step.kind:<12} {step.target}: {step.says()}"
        for reason in self.blocked:
            yield f"  ! {reason}"
        for reason in self.later:
            yield f"  … {reason}"


class SealMismatch(Terminal):
    """The plan that was approved is not the plan there is now; show the new one and ask again."""

    def __init__(self, approved: str, plan: Plan) -> None:
        super().__init__(
            f"the plan for {plan.path} has changed since it was approved: approved was seal"
            f" {approved[:12]}…, now it is {plan.seal[:12]}…; plan again and approve the new seal"
        )
        self.plan = plan


class PlanBlocked(Terminal):
    """Something stands in the way that no step can mend; `reasons` say what."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(f"{plan.path} can't be put right: " + "; ".join(plan.blocked))
        self.reasons = plan.blocked


def in_order(steps: Iterator[Step]) -> tuple[Step, ...]:
    """Return steps in the order of their kinds, each kind in the order given."""
    return tuple(sorted(steps, key=lambda step: ORDER.index(step.kind)))


def _cell(step: Step) -> str:
    return step.says().replace("|", "\\|").replace("\n", " ")


def _changes(step: Step) -> str:
    before = step.before or {}
    shown = []
    for name, value in (step.after or {}).items():
        was = "" if before.get(name) is None else f"{_brief(before[name])} → "
        shown.append(f"{name} {was}{_brief(value)}")
    return ", ".join(shown)


def _brief(value: Any) -> str:
    """Return a value short enough for one line of a plan; the JSON form holds it whole."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}…"  # noqa: PLR2004 - a line of a terminal
