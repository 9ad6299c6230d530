"""One property at a time: does what is there fall short, and what is to be written.

owned: anything else is put back. floor: more is fine, less is not. free: never looked at again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sharepoint_schema.care import CARE, care_of
from sync.plan import Step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sharepoint_schema.care import Care
    from sync.plan import Kind
    from sync.site_state import Values

type Difference = tuple[Mapping[str, Any], Mapping[str, Any]]
"""Before and after, of the properties that differ."""


def differing(
    kind: str, apart: Mapping[str, Care], wanted: Values, found: Values
) -> Difference | None:
    """Return before and after of what falls short; None when nothing does."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for name in wanted.keys() & CARE[kind].keys():
        care = care_of(kind, name, apart)
        if falls_short(care, wanted[name], found.get(name)):
            before[name] = found.get(name)
            after[name] = to_write(care, wanted[name], found.get(name))
    return (_sorted(before), _sorted(after)) if after else None


def falls_short(care: Care, wanted: Any, found: Any) -> bool:
    """Whether a property is to be put right."""
    if care == "free":
        return False
    if care == "owned":
        return bool(_plain(wanted) != _plain(found))
    if isinstance(wanted, list):
        return bool(set(wanted) - set(found or ()))
    if isinstance(wanted, int):  # a flag too: what is wanted on may not be off
        return int(found or 0) < wanted
    return wanted is not None and bool(wanted != found)


def to_write(care: Care, wanted: Any, found: Any) -> Any:
    """Return what is to be written: with a floor, what staff added stays beside what is wanted."""
    if care == "floor" and isinstance(wanted, list):
        kept = [one for one in found or () if one not in wanted]
        return [*wanted, *kept]
    return wanted


@dataclass(frozen=True, slots=True)
class Mark:
    """Everything about a step but what changes: see `Step` for the fields."""

    kind: Kind
    id: str
    target: str
    reason: str
    within: tuple[str, ...] = ()


def created(mark: Mark, after: Values) -> Step:
    """Return the step that makes something."""
    return Step(
        mark.id, mark.kind, mark.target, "create", None, _sorted(after), mark.reason, mark.within
    )


def changed(mark: Mark, difference: Difference) -> Step:
    """Return the step that changes something."""
    before, after = difference
    return Step(mark.id, mark.kind, mark.target, "set", before, after, mark.reason, mark.within)


def _plain(value: Any) -> Any:
    """Return a value so that an unset property and an empty one are the same."""
    return value or None


def _sorted(values: Values) -> Mapping[str, Any]:
    return {name: values[name] for name in sorted(values)}
