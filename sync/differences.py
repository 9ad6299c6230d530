"""One property at a time: does what is there fall short of what is wanted, and what is to be written.

owned: anything else is put back. floor: more is fine, less is not. free: never looked at again.
"""

from __future__ import annotations

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
        return _plain(wanted) != _plain(found)
    if isinstance(wanted, bool):
        return wanted and not found
    if isinstance(wanted, list):
        return bool(set(wanted) - set(found or ()))
    if isinstance(wanted, int):
        return (found or 0) < wanted
    return wanted is not None and wanted != found


def to_write(care: Care, wanted: Any, found: Any) -> Any:
    """Return what is to be written: with a floor, what staff added stays beside what is wanted."""
    if care == "floor" and isinstance(wanted, list):
        kept = [one for one in found or () if one not in wanted]
        return [*wanted, *kept]
    return wanted


def created(  # noqa: PLR0913 - the step's own fields
    kind: Kind,
    step_id: str,
    target: str,
    after: Values,
    reason: str,
    within: tuple[str, ...] = (),
) -> Step:
    """Return the step that makes something."""
    return Step(step_id, kind, target, "create", None, _sorted(after), reason, within)


def changed(  # noqa: PLR0913 - the step's own fields
    kind: Kind,
    step_id: str,
    target: str,
    difference: Difference,
    reason: str,
    within: tuple[str, ...] = (),
) -> Step:
    """Return the step that changes something."""
    before, after = difference
    return Step(step_id, kind, target, "set", before, after, reason, within)


def _plain(value: Any) -> Any:
    """Return a value so that an unset property and an empty one are the same."""
    return value or None


def _sorted(values: Values) -> Mapping[str, Any]:
    return {name: values[name] for name in sorted(values)}
